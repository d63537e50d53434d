"""Curves: losses over the epochs, one line for each run or column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .look import COLORS, axes_or_new, color, drawable, dress, legend_beside, plain, sequential

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

Points = tuple[list[float], list[float]]  # the xs and the ys

MOST_COLORS = 10  # more curves than this are told apart by their order alone
NAMED = 7  # of those, the legend names so many
LOG_SPAN = 100.0  # two decades: a linear scale would show the small values as zero
LOG_SPAN_WITH_ZEROS = 1e6  # a 0 falls off a logarithmic scale, so there must be more to gain


def plot_curves(
    curves: Mapping[str, Any],
    *,
    ax: Axes | None = None,
    title: str = "",
    xlabel: str = "epoch",
    ylabel: str = "loss",
    log: bool | None = None,
) -> Axes:
    """Draw one line for each curve: a sequence of y, of pairs (x, y), or a tuple (xs, ys).

    The y of a plain sequence are at x = 0, 1, 2 ... From where a curve is nan or inf to its end it
    diverged: a × marks its last number; in between they leave a gap. `log=None` takes a logarithmic
    scale where all values are above 0 and span two decades, or six where some are 0, which run off
    it. Over 10 curves are coloured by their order. What is beyond ±1e200 is drawn there.

    Raises TypeError where `curves` is no mapping or a curve is not made of numbers, ValueError
    where there is none or xs and ys differ in length, RenderError without matplotlib.

    >>> ax = plot_curves({"train": [0.9, 0.5, 0.3], "validation": [(0, 1.0), (2, 0.6)]})
    >>> [line.get_label() for line in ax.lines]
    ['train', 'validation']
    """
    drawn = _checked(curves)
    ax = axes_or_new(ax)
    looks = _looks(len(drawn))
    lines = [
        _draw_line(ax, label, points, look)
        for (label, points), look in zip(drawn.items(), looks, strict=True)
    ]
    ys = [drawable(y) for _, ys in drawn.values() for y in ys if math.isfinite(y)]
    if _spans_decades(ys) if log is None else log and any(y > 0 for y in ys):
        ax.set_yscale("log", nonpositive="clip")
    if all(x.is_integer() for xs, _ in drawn.values() for x in xs):
        ax.locator_params(axis="x", integer=True)
    dress(ax, title, xlabel, ylabel)
    pairs = zip(lines, drawn.values(), strict=True)
    _say_which(ax, lines, [line for line, points in pairs if _mark_divergence(ax, line, points)])
    return ax


# --- what is drawn ------------------------------------------------------------------------------


def _checked(curves: Any) -> dict[str, Points]:
    if not isinstance(curves, Mapping):
        raise TypeError(
            f"expected curves by their labels, got {type(curves).__name__}; "
            'write plot_curves({"loss": losses})'
        )
    if not curves:
        raise ValueError('no curve to draw; expected one or more, such as {"loss": losses}')
    return {str(label): _points(str(label), curve) for label, curve in curves.items()}


def _points(label: str, curve: Any) -> Points:
    try:
        if isinstance(curve, tuple) and len(curve) == 2 and all(map(_is_sequence, curve)):
            xs, ys = map(list, curve)
        elif any(map(_is_sequence, curve)):
            xs, ys = map(list, zip(*((x, y) for x, y in curve), strict=True))
        else:
            xs, ys = list(range(len(curve))), list(curve)
        points = [float(x) for x in xs], [float(y) for y in ys]
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"the curve {label!r} is not made of numbers ({error}); expected a sequence of y, a "
            "list of pairs (x, y), or a tuple (xs, ys)"
        ) from None
    if len(xs) != len(ys):
        raise ValueError(f"the curve {label!r} has {len(xs)} xs and {len(ys)} ys; expected as many")
    return points


def _is_sequence(x: Any) -> bool:
    return hasattr(x, "__len__")


def _spans_decades(ys: Sequence[float]) -> bool:
    positive = [y for y in ys if y > 0]
    if not positive or min(ys) < 0:
        return False
    return max(positive) / min(positive) > (LOG_SPAN if min(ys) > 0 else LOG_SPAN_WITH_ZEROS)


# --- how it is drawn ----------------------------------------------------------------------------


def _looks(count: int) -> list[dict[str, Any]]:
    if count > MOST_COLORS:
        return [{"color": c, "linewidth": 1.2} for c in sequential(count)]
    dashes = ["-" if i < len(COLORS) else "--" for i in range(count)]
    return [{"color": color(i), "linestyle": dash} for i, dash in enumerate(dashes)]


def _draw_line(ax: Axes, label: str, points: Points, look: dict[str, Any]) -> Line2D:
    xs, ys = points
    finite = [drawable(y) for y in ys]
    alone = _alone(finite)
    (line,) = ax.plot([drawable(x) for x in xs], finite, label=plain(label),
                      marker="." if alone else None, markevery=alone,
                      **({"linewidth": 1.8} | look))  # fmt: skip
    return line


def _alone(ys: Sequence[float]) -> list[int]:
    """Return where a number stands between two gaps: a line would not show it."""
    around = [math.nan, *ys, math.nan]
    known = [not math.isnan(y) for y in around]
    return [i - 1 for i in range(1, len(around) - 1)
            if known[i] and not (known[i - 1] or known[i + 1])]  # fmt: skip


def _mark_divergence(ax: Axes, line: Line2D, points: Points) -> bool:
    """Tell whether a curve is nan or inf from some point to its end, and mark its last number.

    A column with gaps before that was only not measured each time.
    """
    xs, ys = points
    finite = [math.isfinite(y) for y in ys]
    count = sum(finite)
    if count == len(ys) or not all(finite[:count]):
        return False
    if count:
        ax.plot(drawable(xs[count - 1]), drawable(ys[count - 1]), "x", color=line.get_color(),
                markersize=9, markeredgewidth=2.2, clip_on=False, label="_diverged",
                in_layout=False)  # fmt: skip  # a 0 on a logarithmic scale is far below
    return True


def _say_which(ax: Axes, lines: list[Line2D], diverged: list[Line2D]) -> None:
    """Add the legend; of many curves it names the first, the last, and some evenly between."""
    labels = [f"{x.get_label()}{', diverged ×' if x in diverged else ''}" for x in lines]
    last = len(lines) - 1
    if last == 0 and labels[0] == ax.get_ylabel():
        return
    if len(lines) <= MOST_COLORS:
        legend_beside(ax, handles=lines, labels=labels)
        return
    named = [round(i * last / (NAMED - 1)) for i in range(NAMED)]
    legend_beside(ax, handles=[lines[i] for i in named], labels=[labels[i] for i in named],
                  title=f"{NAMED} of {len(lines)} curves", fontsize="small",
                  title_fontsize="small", alignment="left")  # fmt: skip
