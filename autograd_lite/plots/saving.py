"""Files: a plot as a picture, or one plot after another as an animation; whole or not at all."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any, TypeVar

from .._support.files import format_of, write_whole
from .look import SIZE, Axes, imported, plain

T = TypeVar("T")

SLOWEST, FASTEST = 0.1, 50.0  # frames a second: what GIFs and their viewers can do
HOLD = 1.0  # seconds that the last frame stays longer, so that the end can be seen
DPI = 100
_UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}


def save_plot(ax: Axes, path: str | os.PathLike[str]) -> Path:
    """Write the figure of some axes as svg, pdf or png, as the path's ending says; return the path.

    The file is whole or as it was, and the same plot gives the same bytes. The figure is closed
    then, as far as pyplot holds it.

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
    format = plot_format(path)
    try:
        write_whole(path, lambda: rendered(figure, format, dpi=150))
    finally:
        imported("matplotlib.pyplot").close(figure)
    return path


def plot_format(path: str | os.PathLike[str]) -> str:
    """Return the format of a plot that a file's ending says: svg, pdf or png.

    Raises RenderError where no plot can be saved under that name, or without matplotlib at all.

    >>> plot_format("loss.SVG")
    'svg'
    """
    imported("matplotlib")
    return format_of(path, _UNDATED, "a plot")


def rendered(figure: Any, format: str, **options: Any) -> bytes:  # noqa: A002
    """Return a figure as the bytes of a file, without the date: the same figure, the same bytes."""
    file = io.BytesIO()
    with imported("matplotlib").rc_context({"svg.hashsalt": "autograd_lite"}):
        figure.savefig(file, format=format, metadata=_UNDATED[format], **options)
    return file.getvalue()


# --- animations ---------------------------------------------------------------------------------


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
    moving = format_of(path, ("gif", "svg"), "an animation")
    if not SLOWEST <= fps <= FASTEST:
        raise ValueError(f"fps is {SLOWEST:g} to {FASTEST:g} frames a second, got {fps!r}")
    new_figure = imported("matplotlib.figure").Figure  # not pyplot's: nothing is shown or kept

    def content() -> bytes:
        pictures = []
        for item in frames:  # each on a new figure, as a frame may add axes of its own
            figure = new_figure(figsize=SIZE, dpi=DPI, layout="constrained")
            frame(figure.add_subplot(), item)
            if title:
                figure.suptitle(plain(title), x=0.01, ha="left")
            pictures.append(rendered(figure, "png" if moving == "gif" else "svg"))
        if not pictures:
            raise ValueError("nothing to animate: expected one frame or more; the frames of a "
                             "training are kept by fit(..., snapshots=5)")  # fmt: skip
        return (_gif if moving == "gif" else _svg)(pictures, fps, title)

    write_whole(Path(path), content)
    return Path(path)


def _gif(pictures: list[bytes], fps: float, title: str) -> bytes:
    image = imported("PIL.Image")
    first, *others = (
        image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=image.Dither.NONE)
        for picture in pictures
    )  # dithered, the dots would flicker
    each = round(1000 / fps)  # milliseconds
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=others, loop=0, comment=title.encode(),
               duration=[each] * len(others) + [each + round(1000 * HOLD)])  # fmt: skip
    return file.getvalue()


# --- an SVG that moves --------------------------------------------------------------------------

# Each frame is visible from its own start on, for its share of the whole time; the negative delay
# says how long ago its animation began. Where nothing moves, only the last frame is visible.
_STYLE = """\
<style>
.frame {{ visibility: hidden; animation: frame {total:g}s step-end infinite }}
.frame.last {{ visibility: visible; animation-name: last }}
@keyframes frame {{ 0% {{ visibility: visible }} {each:.6g}% {{ visibility: hidden }} }}
@keyframes last {{ 0% {{ visibility: visible }} {longer:.6g}% {{ visibility: hidden }} }}
@media (prefers-reduced-motion: reduce) {{ .frame {{ animation: none }} }}
</style>"""
_COMMENT = re.compile(r"<!--.*?-->\s*|<metadata>.*?</metadata>\s*", re.DOTALL)
_ID = re.compile(r'(\bid="|href="#|url\(#)')


def _svg(pictures: list[bytes], fps: float, title: str) -> bytes:
    """Put pictures of one size into one, each in a group that is shown in its turn.

    Their ids get the number of their frame, as those of one document must differ.
    """
    seconds = 1 / fps
    total = len(pictures) * seconds + HOLD
    style = _STYLE.format(total=total, each=100 * seconds / total,
                          longer=100 * (seconds + HOLD) / total)  # fmt: skip
    groups = []
    for i, picture in enumerate(pictures):
        svg = _COMMENT.sub("", picture.decode())
        opening, content = re.findall(r"(<svg\b[^>]*>)(.*)</svg>", svg, re.DOTALL)[0]
        last = " last" if i == len(pictures) - 1 else ""
        content = _ID.sub(rf"\g<1>frame{i}-", content.strip())
        groups.append(f'<g class="frame{last}" style="animation-delay: {i * seconds - total:.6g}s">'
                      f"{content}</g>")  # fmt: skip
    name = f"<title>{escape(title)}</title>\n" if title else ""
    return "\n".join([opening, f"{name}{style}", *groups, "</svg>\n"]).encode()
