"""What all plots look like: their colors and markers, and the axes they are drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import RenderError

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
else:
    Axes = Any

# Of Okabe and Ito, "Color universal design" (2008): told apart with any color vision. Their yellow
# is left out, which is hard to see on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # so that classes differ in print, too
INK = "#333333"  # what is said: lines of reference, numbers beside points
FAINT = "#999999"
SIZE = (6.4, 4.2)  # inches
HUGE = 1e200  # what is further away overflows in matplotlib, as do differences of such numbers


def imported(module: str) -> Any:
    """Import and return a module of the extra `plot`: matplotlib's, or one that it brings.

    Raises RenderError, with the command that installs them, where there is no such module.

    >>> imported("matplotlib.colors").to_hex("white")
    '#ffffff'
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise RenderError(
            f'plots need matplotlib ({error}): pip install "autograd-lite[plot]"'
        ) from error


# --- numbers, texts and colors ------------------------------------------------------------------


def drawable(numbers: Any) -> Any:
    """Return numbers as an array that can be drawn: nan, which leaves a gap, for nan and inf.

    >>> drawable([0.5, -1e308, float("inf")]).tolist()
    [0.5, -1e+200, nan]
    """
    np = imported("numpy")
    numbers = np.asarray(numbers, dtype=float)
    return np.where(np.isfinite(numbers), numbers.clip(-HUGE, HUGE), np.nan)


def extent(numbers: Sequence[float], share: float) -> tuple[float, float]:
    """Return the least and the largest of some numbers, each further out by a share of their range.

    >>> extent([0.0, 10.0], 0.1), extent([3.0], 0.1)
    ((-1.0, 11.0), (2.0, 4.0))
    """
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    size = max(abs(low), abs(high))
    flat = high - low <= 1e-9 * size + 1e-200  # what is less cannot be drawn
    margin = max(1.0, share * size) if flat else share * (high - low)
    return low - margin, high + margin


def plain(text: Any) -> str:
    r"""Return a text as matplotlib takes it to show all of it: two `$` would begin a formula.

    >>> print(plain("$5 to $9"))
    \$5 to \$9
    """
    return str(text).replace("$", r"\$")


def color(i: int) -> str:
    """Return the color of the i-th line or class; after the last comes the first again.

    >>> color(0) == color(7)
    True
    """
    return COLORS[i % len(COLORS)]


def sequential(count: int) -> list[Any]:
    """Return colors in an order that is seen: from dark blue to light green, none too pale."""
    viridis = imported("matplotlib").colormaps["viridis"]
    return [viridis(0.88 * i / max(1, count - 1)) for i in range(count)]


# --- axes ---------------------------------------------------------------------------------------


def axes_or_new(ax: Axes | None) -> Axes:
    """Return the axes given, or those of a new figure, which a notebook shows by itself.

    Raises RenderError where matplotlib is not installed.
    """
    if ax is None:
        _, ax = imported("matplotlib.pyplot").subplots(figsize=SIZE, layout="constrained")
    return ax


def dress(ax: Axes, title: str, xlabel: str, ylabel: str, grid: Any = "both") -> Axes:
    """Label the axes, leave out what carries no data, and return them.

    An empty text keeps what is there.
    """
    if title:
        ax.set_title(plain(title), loc="left", fontsize=12)
    if xlabel:
        ax.set_xlabel(plain(xlabel))
    if ylabel:
        ax.set_ylabel(plain(ylabel))
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.tick_params(which="both", color=FAINT)
    if grid:
        ax.grid(axis=grid, color="#e6e6e6", linewidth=0.8)
        ax.set_axisbelow(True)
    return ax


def legend_beside(ax: Axes, **options: Any) -> None:
    """Put the legend to the right of the data, or where the figure makes no room for it, inside."""
    beside = ax.figure.get_layout_engine() is not None
    if beside:
        options |= {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
    ax.legend(frameon=not beside, framealpha=0.9, **options)
