"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import errno
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

from ..errors import RenderError


def write_whole(path: Path, content: Callable[[], bytes]) -> None:
    """Write what `content` returns to a file: under another name, then moved into place.

    The file is opened before `content` is called, so a path that cannot be written fails at once.
    What was written is on the disk before it is moved: after a kill or a loss of power the file is
    the old one or the new one, whole, and who may read and write it is as before. Raises OSError,
    naming the path, and leaves what was there.
    """
    path = place_to_write(path)
    if path.exists() and not path.is_file():  # a device or a pipe, such as /dev/null, stays one
        new = content()
        with _naming(path):
            path.write_bytes(new)
        return
    beside = path.with_name(f".{path.name[:100]}.{os.urandom(8).hex()}.tmp")
    with _naming(path):
        file = beside.open("xb")
    try:
        with file:
            with _naming(path), contextlib.suppress(FileNotFoundError):
                beside.chmod(stat.S_IMODE(path.stat().st_mode))  # who may read it stays the same
            new = content()
            with _naming(path):
                file.write(new)
                file.flush()
                os.fsync(file.fileno())
        with _naming(path):
            beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def place_to_write(path: str | os.PathLike[str]) -> Path:
    """Return where a file of this name is; raise OSError, naming it, where it cannot be written.

    >>> place_to_write("no/such/folder/run.json")
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] its folder is not there: 'no/such/folder/run.json'
    """
    try:
        place = Path(os.path.realpath(path))
    except ValueError:  # a null byte, half a character
        raise OSError(errno.EINVAL, "is not the name of a file", str(path)) from None
    if place.is_dir():
        raise OSError(errno.EISDIR, "it is a folder; name a file in it", str(path))
    if not place.parent.is_dir():
        raise OSError(errno.ENOENT, "its folder is not there", str(path))
    changed = place if place.exists() and not place.is_file() else place.parent  # or a device
    if not os.access(changed, os.W_OK):
        raise OSError(errno.EACCES, "no permission; name another folder", str(path))
    return place


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Make an OSError name the file that is to be written, not the one beside it, or none."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    r"""Return rows as CSV, which reads back as the same cells, those with line breaks too.

    >>> csv_text([["x", "y"], ["a\rb", 0.5]])
    'x,y\n"a\rb",0.5\n'
    """
    lines: list[str] = []
    sink = SimpleNamespace(write=lines.append)
    csv.writer(sink, lineterminator="\r\n").writerows(rows)  # what is in it is quoted
    return "".join([line[:-2] + "\n" for line in lines])


def text_written(content: str, path: str | os.PathLike[str] | None) -> str:
    """Return a text; where a path is given, write it there, whole or not at all.

    Raises OSError, naming the path, and leaves what was there.

    >>> text_written("a,b", None)
    'a,b'
    """
    if path is not None:
        write_whole(Path(path), lambda: content.encode())
    return content


def format_of(path: str | os.PathLike[str], formats: Collection[str], thing: str) -> str:
    """Return the format that the ending of a picture's name says, in small letters.

    Raises RenderError, naming the thing to be written, where it is none of the formats.

    >>> format_of("graph.SVG", ["svg", "png"], "a picture")
    'svg'
    """
    ending = Path(path).suffix[1:].lower()
    if ending not in formats:
        *others, last = [f".{each}" for each in formats]
        raise RenderError(
            f"cannot tell {thing}'s format from {os.fspath(path)!r}; expected a name ending in "
            f"{', '.join(others)} or {last}"
        )
    return ending
