"""Curves: losses over the epochs, one line for each run or column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._support.validation import is_sequence
from . import look

MOST_COLORS = 10  # more curves than this are told apart by their order alone
NAMED = 7  # of those, the legend names so many
LOG_SPAN = 100.0  # two decades: a linear scale would show the small values as zero
LOG_SPAN_WITH_ZEROS = 1e6  # a 0 falls off a logarithmic scale, so there must be more to gain


def plot_curves(
    curves: Mapping[str, Any],
    *,
    ax: look.Axes | None = None,
    title: str = "",
    xlabel: str = "epoch",
    ylabel: str = "loss",
    log: bool | None = None,
) -> look.Axes:
    """Draw one line for each curve: a sequence of y, of pairs (x, y), or a tuple (xs, ys).

    The y of a plain sequence are at x = 0, 1, 2 ... From where a curve is nan or inf to its end it
    diverged: a × marks its last number; in between they leave a gap. `log=None` takes a logarithmic
    scale where all values are above 0 and span two decades, or six where some are 0, which run off
    it. Over 10 curves are colored by their order. What is beyond ±1e200 is drawn there.

    Raises TypeError where `curves` is no mapping or a curve is not made of numbers, ValueError
    where there is none or xs and ys differ in length, RenderError without matplotlib.

    >>> ax = plot_curves({"train": [0.9, 0.5, 0.3], "validation": [(0, 1.0), (2, 0.6)]})
    >>> [line.get_label() for line in ax.lines]
    ['train', 'validation']
    """
    if not isinstance(curves, Mapping):
        raise TypeError(
            f"expected curves by their labels, got {type(curves).__name__}; "
            'write plot_curves({"loss": losses})'
        )
    if not curves:
        raise ValueError('no curve to draw; expected one or more, such as {"loss": losses}')
    points = {str(label): _points(str(label), curve) for label, curve in curves.items()}
    ax = look.axes_or_new(ax)
    styles = _styles(len(points))
    lines = [_draw_line(ax, label, *points[label], style)
             for label, style in zip(points, styles, strict=True)]  # fmt: skip
    ys = look.imported("numpy").concatenate([ys for _, ys in points.values()])
    if _spans_decades(ys) if log is None else log and (ys > 0).any():
        ax.set_yscale("log", nonpositive="clip")
    if all((xs % 1 == 0).all() for xs, _ in points.values()):
        ax.locator_params(axis="x", integer=True)
    look.dress(ax, title, xlabel, ylabel)
    _add_legend(ax, lines, [_mark_divergence(ax, line) for line in lines])
    return ax


# --- what is drawn ------------------------------------------------------------------------------


def _points(label: str, curve: Any) -> tuple[Any, Any]:
    """Return the xs and the ys of a curve, as arrays that can be drawn."""
    try:
        if isinstance(curve, tuple) and len(curve) == 2 and all(map(is_sequence, curve)):
            xs, ys = map(list, curve)
        elif any(map(is_sequence, curve)):
            xs, ys = map(list, zip(*((x, y) for x, y in curve), strict=True))
        else:
            xs, ys = list(range(len(curve))), list(curve)
        points = look.drawable([float(x) for x in xs]), look.drawable([float(y) for y in ys])
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"the curve {label!r} is not made of numbers ({error}); expected a sequence of y, a "
            "list of pairs (x, y), or a tuple (xs, ys)"
        ) from None
    if len(xs) != len(ys):
        raise ValueError(f"the curve {label!r} has {len(xs)} xs and {len(ys)} ys; expected as many")
    return points


def _spans_decades(ys: Any) -> bool:
    positive = ys[ys > 0]
    if not positive.size or (ys < 0).any():
        return False
    span = LOG_SPAN_WITH_ZEROS if (ys == 0).any() else LOG_SPAN
    return bool(positive.max() > span * positive.min())


# --- how it is drawn ----------------------------------------------------------------------------


def _styles(count: int) -> list[dict[str, Any]]:
    if count > MOST_COLORS:
        return [{"color": color, "linewidth": 1.2} for color in look.sequential(count)]
    return [{"color": color, "linewidth": 1.8, "linestyle": dash}
            for dash in ("-", "--") for color in look.COLORS][:count]  # fmt: skip


def _draw_line(ax: look.Axes, label: str, xs: Any, ys: Any, style: dict[str, Any]) -> Any:
    """Draw a curve; a number between two gaps, which a line would not show, gets a dot."""
    known = [False, *(ys == ys), False]
    alone = [i for i in range(len(ys)) if known[i : i + 3] == [False, True, False]]
    (line,) = ax.plot(xs, ys, label=look.plain(label), marker="." if alone else None,
                      markevery=alone, **style)  # fmt: skip
    return line


def _mark_divergence(ax: look.Axes, line: Any) -> bool:
    """Tell whether a curve is nan or inf from some point to its end, and mark its last number.

    A column with gaps before that was only not measured each time.
    """
    xs, ys = line.get_data()
    known = [y == y for y in ys]  # not nan
    count = sum(known)
    if count == len(known) or not all(known[:count]):
        return False
    if count:
        ax.plot(xs[count - 1], ys[count - 1], "x", color=line.get_color(), markersize=9,
                markeredgewidth=2.2, clip_on=False, label="_diverged",
                in_layout=False)  # fmt: skip  # a 0 on a logarithmic scale is far below
    return True


def _add_legend(ax: look.Axes, lines: list[Any], diverged: list[bool]) -> None:
    """Add the legend; of many curves it names the first, the last, and some evenly between."""
    labels = [f"{line.get_label()}{', diverged ×' if ended else ''}"
              for line, ended in zip(lines, diverged, strict=True)]  # fmt: skip
    if labels == [ax.get_ylabel()]:
        return
    named, options = list(range(len(lines))), {}
    if len(lines) > MOST_COLORS:
        named = [round(i * (len(lines) - 1) / (NAMED - 1)) for i in range(NAMED)]
        options = {"title": f"{NAMED} of {len(lines)} curves", "fontsize": "small",
                   "title_fontsize": "small", "alignment": "left"}  # fmt: skip
    handles, labels = [lines[i] for i in named], [labels[i] for i in named]
    look.legend_beside(ax, handles=handles, labels=labels, **options)
