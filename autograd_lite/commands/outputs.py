"""The files that a command writes, looked at before it does any work."""

from __future__ import annotations

import argparse
import errno
import os
from pathlib import Path

from .._support.wording import printable, shortened
from ..plots.saving import plot_format
from ..train.checkpoints import is_checkpoint
from ..viz.drawing import picture_format
from .usage import UsageError


def check_outputs(
    options: argparse.Namespace,
    *,
    save: str | None = None,
    plot: str | None = None,
    history: str | None = None,
    output: str | None = None,
    picture: str | None = None,
) -> None:
    """Raise UsageError where a file to write is one to read, or two are the same.

    Raises OSError where a file is a folder, or its folder is not there or cannot be written to,
    RenderError where no plot or picture can be saved by that name, and UsageError too where a model
    would take the place of what is no model.
    """
    inputs = [getattr(options, name, None) for name in ("data", "model")]
    if getattr(options, "target", "") is None:  # the data is a small set's name, and no file
        inputs = inputs[1:]
    taken = {Path(name).resolve(): "is read by this command" for name in inputs if name}
    for name in filter(None, (save, plot, history, output, picture)):
        if not _is_name(name):
            raise OSError(errno.EINVAL, "is not the name of a file", printable(name))
        path = Path(name)
        if (use := taken.get(path.resolve())) is not None:
            raise UsageError(f"{shortened(name)} {use}, and cannot be written too; name another")
        taken[path.resolve()] = "is written already"
        if not path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "its folder is not there", name)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder; name a file in it", name)
        to_change = path if path.exists() and not path.is_file() else path.parent  # or a device
        if not os.access(to_change, os.W_OK):
            raise PermissionError(errno.EACCES, "no permission; name another folder", name)
        if name != save and is_checkpoint(path):
            raise UsageError(f"{shortened(name)} is a model, and would be lost; name another")
    if picture is not None:
        picture_format(picture)
    if plot:
        plot_format(plot)
    if save and Path(save).is_file() and not is_checkpoint(save):
        raise UsageError(f"{shortened(save)} is there and is no model; name another for --save")


def _is_name(name: str) -> bool:
    try:
        return b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:  # half a character
        return False
