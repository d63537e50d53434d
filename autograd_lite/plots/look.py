"""What all plots look like: their colours and markers, and the axes they are drawn on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .extra import imported

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Of Okabe and Ito, "Color universal design" (2008): told apart with any colour vision. Their yellow
# is left out, which is hard to see on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # so that classes differ in print, too
INK = "#333333"  # what is said: lines of reference, numbers beside points
FAINT = "#999999"
SIZE = (6.4, 4.2)  # inches
HUGE = 1e200  # what is further away overflows in matplotlib, as do differences of such numbers


def axes_or_new(ax: Axes | None) -> Axes:
    """Return the axes given, or those of a new figure, which a notebook shows by itself.

    Raises RenderError where matplotlib is not installed.
    """
    if ax is not None:
        return ax
    new: Axes = imported("matplotlib.pyplot").subplots(figsize=SIZE, layout="constrained")[1]
    return new


def dress(ax: Axes, title: str, xlabel: str, ylabel: str, grid: str | None = "both") -> None:
    """Label the axes and leave out what carries no data; an empty text keeps what is there."""
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
        ax.grid(axis=grid, color="#e6e6e6", linewidth=0.8)  # type: ignore[arg-type]
        ax.set_axisbelow(True)


def plain(text: Any) -> str:
    r"""Return a text as matplotlib takes it to show all of it: two `$` would begin a formula.

    >>> print(plain("$5 to $9"))
    \$5 to \$9
    """
    return str(text).replace("$", r"\$")


def bounded(number: float) -> float:
    """Return a number, or the last that can be drawn in its direction; nan remains."""
    return number if math.isnan(number) else max(-HUGE, min(number, HUGE))


def drawable(number: float) -> float:
    """Return a number as far as it can be drawn, nan (which leaves a gap) for nan and inf.

    >>> drawable(0.5), drawable(-1e308), drawable(math.inf)
    (0.5, -1e+200, nan)
    """
    return bounded(number) if math.isfinite(number) else math.nan


def legend_beside(ax: Axes, **options: Any) -> None:
    """Put the legend to the right of the data, or where the figure makes no room for it, inside."""
    if ax.figure.get_layout_engine() is not None:
        options |= {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
    ax.legend(**{"frameon": "loc" not in options, "framealpha": 0.9, **options})


def color(i: int) -> str:
    """Return the colour of the i-th line or class; after the last comes the first again.

    >>> color(0) == color(7)
    True
    """
    return COLORS[i % len(COLORS)]


def sequential(count: int) -> list[Any]:
    """Return colours in an order that is seen: from dark blue to light green, none too pale."""
    viridis = imported("matplotlib").colormaps["viridis"]
    return [viridis(0.88 * i / max(1, count - 1)) for i in range(count)]
