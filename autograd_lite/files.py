"""Writing files whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, content: Callable[[], bytes]) -> None:
    """Write what `content` returns to a file: under another name, then moved into place.

    The file is opened before `content` is called, so a path that cannot be written fails at once.
    What was written is on the disk before it is moved: after a kill or a loss of power the file is
    the old one or the new one, whole. Raises OSError, naming the path, and leaves what was there.
    """
    try:
        path = Path(os.path.realpath(path))
        is_folder = path.is_dir()
    except ValueError:  # a null byte
        raise OSError(errno.EINVAL, "is not the name of a file", str(path)) from None
    if is_folder:
        raise IsADirectoryError(errno.EISDIR, "is a folder, expected the name of a file", str(path))
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.tmp")
    try:
        file = beside.open("xb")
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None
    try:
        with file:
            file.write(content())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def text_written(content: str, path: str | os.PathLike[str] | None) -> str:
    """Return a text; where a path is given, write it there, whole or not at all.

    Raises OSError, naming the path, and leaves what was there.

    >>> text_written("a,b", None)
    'a,b'
    """
    if path is not None:
        write_whole(Path(path), lambda: content.encode())
    return content
