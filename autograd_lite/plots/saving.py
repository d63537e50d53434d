"""Saving a plot: the picture whole or none, and the same bytes for the same plot."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._support.files import write_whole
from ..errors import RenderError
from .extra import imported

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}


def save_plot(ax: Axes, path: str | os.PathLike[str]) -> Path:
    """Write the figure of some axes as svg, pdf or png, as the path's ending says; return the path.

    The figure is closed then, as far as pyplot holds it.

    Raises TypeError for what is not on a figure, RenderError for another ending, OSError where the
    file cannot be written; what was there is left.

    >>> import tempfile
    >>> from autograd_lite.plots import plot_curves
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_plot(plot_curves({"loss": [2.0, 1.0]}), Path(folder, "loss.svg")).name
    'loss.svg'
    """
    path = Path(path)
    figure: Any = getattr(getattr(ax, "figure", None), "figure", None)  # a SubFigure's is its root
    if figure is None:
        raise TypeError(
            f"expected the axes that a plot returned, got {type(ax).__name__}; write "
            f"save_plot(history.plot(), {path.name!r}), for example"
        )
    check_plot_path(path)
    format = path.suffix.lower().removeprefix(".")

    def content() -> bytes:
        file = io.BytesIO()
        with imported("matplotlib").rc_context({"svg.hashsalt": "autograd_lite"}):
            figure.savefig(file, format=format, metadata=_UNDATED[format], dpi=150)
        return file.getvalue()

    try:
        write_whole(path, content)
    finally:
        imported("matplotlib.pyplot").close(figure)
    return path


def check_plot_path(path: str | os.PathLike[str]) -> None:
    """Raise RenderError where no plot can be saved under a name, or without matplotlib at all.

    >>> check_plot_path("loss.txt")
    Traceback (most recent call last):
    autograd_lite.errors.RenderError: cannot tell a plot's format from 'loss.txt'; expected a \
name ending in .svg, .pdf or .png
    """
    imported("matplotlib")
    if Path(path).suffix.lower().removeprefix(".") not in _UNDATED:
        raise RenderError(
            f"cannot tell a plot's format from {os.fspath(path)!r}; expected a name ending in "
            ".svg, .pdf or .png"
        )
