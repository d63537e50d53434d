"""Animations: one picture for each item, as a GIF or as an SVG that moves."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .._support.files import write_whole
from ..errors import RenderError
from .extra import imported
from .flipbook import flipbook
from .look import SIZE, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

T = TypeVar("T")

SLOWEST, FASTEST = 0.1, 50.0  # frames a second: what GIFs and their viewers can do
HOLD = 1.0  # seconds that the last frame stays longer, so that the end can be seen
DPI = 100
NO_FRAME = (
    "nothing to animate: expected one frame or more; the frames of a training are kept by "
    "fit(..., snapshots=5)"
)


def animate(
    frame: Callable[[Axes, T], Any],
    frames: Iterable[T],
    path: str | os.PathLike[str],
    *,
    fps: float = 10.0,
    title: str = "",
) -> Path:
    """Write an animation, a GIF or an SVG as the path's ending says, and return the path.

    `frame(ax, item)` draws one item on empty axes; it is called for each item of `frames`. The
    animation repeats, and the last frame stays a second longer. An SVG needs no script; a viewer
    that cannot animate shows the last frame. The same frames give the same bytes.

    Raises RenderError for another ending and without matplotlib, ValueError where there is no frame
    or fps is not 0.1 to 50, OSError where the file cannot be written, and what `frame`
    raises; a file that was there is then left as it was.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = animate(lambda ax, n: ax.plot(range(n)), [1, 2, 3], f"{folder.name}/line.gif")
    >>> path.read_bytes()[:6]
    b'GIF89a'
    >>> folder.cleanup()
    """
    path = Path(path)
    writers = {".gif": _gif, ".svg": _svg}
    if path.suffix.lower() not in writers:
        raise RenderError(
            f"cannot tell an animation's format from {os.fspath(path)!r}; expected a name ending "
            "in .gif or .svg"
        )
    if not SLOWEST <= fps <= FASTEST:
        raise ValueError(f"fps is {SLOWEST:g} to {FASTEST:g} frames a second, got {fps!r}")
    new_figure = imported("matplotlib.figure").Figure  # not pyplot's: nothing is shown or kept
    write = writers[path.suffix.lower()]
    write_whole(path, lambda: write(_drawn(new_figure, frame, frames, title), fps, title))
    return path


def _drawn(
    new_figure: Callable[..., Figure],
    frame: Callable[[Axes, T], Any],
    frames: Iterable[T],
    title: str,
) -> Iterator[Figure]:
    """Yield a figure for each item: a new one, as a frame may add axes of its own."""
    for item in frames:
        figure = new_figure(figsize=SIZE, dpi=DPI, layout="constrained")
        frame(figure.add_subplot(), item)
        if title:
            figure.suptitle(plain(title), x=0.01, ha="left")
        yield figure


def _gif(figures: Iterator[Figure], fps: float, title: str) -> bytes:
    image = imported("PIL.Image")
    pictures = []
    for figure in figures:
        pixels = io.BytesIO()
        figure.savefig(pixels, format="png", metadata={"Software": None})
        full = image.open(pixels).convert("RGB")
        pictures.append(full.quantize(256, dither=image.Dither.NONE))  # dots would flicker
    if not pictures:
        raise ValueError(NO_FRAME)
    each = round(1000 / fps)  # milliseconds
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], loop=0,
                     duration=[each] * (len(pictures) - 1) + [each + round(1000 * HOLD)],
                     comment=title.encode())  # fmt: skip
    return file.getvalue()


def _svg(figures: Iterator[Figure], fps: float, title: str) -> bytes:
    pictures = []
    with imported("matplotlib").rc_context({"svg.hashsalt": "autograd_lite"}):
        for figure in figures:
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None})
            pictures.append(text.getvalue())
    if not pictures:
        raise ValueError(NO_FRAME)
    return flipbook(pictures, 1 / fps, HOLD, title).encode("utf-8")
