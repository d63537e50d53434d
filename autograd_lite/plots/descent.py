"""Gradient descent on a function of one variable: the curve, the steps, and their tangents."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..errors import DomainError
from ..modes import no_grad
from ..transforms.functional import value_and_grad
from ..value import Value
from . import look

CURVE_POINTS = 400
HUGE = 1e100  # what is further away cannot be drawn: its square is no float
DIVERGED = "diverged"
GROWTH = 100.0  # of a divergence, points within so many times the first step are in view
TANGENT = 0.16  # half the length of a tangent, in terms of the axes
APART = 0.045  # points closer than that, in terms of the axes, do not all get their number


class Point(NamedTuple):
    """One step of the descent: where it was, how high, and how steep."""

    x: float
    y: float
    slope: float


def plot_descent(
    f: Callable[[Any], Any],
    start: float,
    lr: float,
    steps: int,
    *,
    ax: look.Axes | None = None,
    tangents: bool = True,
    domain: tuple[float, float] | None = None,
    title: str = "",
    xlabel: str = "x",
    ylabel: str = "f(x)",
) -> look.Axes:
    """Draw `steps` steps of gradient descent, x ← x - lr f'(x), on the curve of `f`.

    The points are numbered from 0, the start, as far as there is room; at each is its tangent, the
    later the fainter. Where a step leaves what can be computed, those before it are drawn, and the
    title says so. `domain=(a, b)` sets the range of x; where `f` is undefined the curve has a gap.

    Raises ValueError for a negative number of steps, an empty domain or a start that is not finite,
    DomainError where `f` is undefined there, RenderError without matplotlib.

    >>> ax = plot_descent(lambda x: x**2, start=1.0, lr=0.25, steps=2)
    >>> ax.get_title(loc="left")
    '2 steps at lr = 0.25: x = 0.25, f(x) = 0.0625'
    """
    if steps < 0:
        raise ValueError(f"expected 0 steps or more, got {steps}")
    if domain is not None and not -math.inf < domain[0] < domain[1] < math.inf:
        raise ValueError(f"a domain is (a, b) with a < b, both finite, got {domain!r}")
    points, left = descend(f, float(start), lr, steps)
    low, high = domain or look.extent(_xs_to_see(points, left), 0.25)
    xs = [low + (high - low) * i / (CURVE_POINTS - 1) for i in range(CURVE_POINTS)]
    ys = [_height(f, x) for x in xs]
    ax = look.axes_or_new(ax)
    ax.plot(xs, ys, color=look.FAINT, linewidth=2.2, label="f")
    shown = [point for point in points if low <= point.x <= high]
    heights = [y for y in ys if math.isfinite(y)] + [point.y for point in shown]
    ax.set(xlim=(low, high), ylim=look.extent(heights, 0.08))
    _draw_steps(ax, shown, tangents)
    hidden = f", {len(shown)} of {len(points)} points in view" if len(shown) < len(points) else ""
    return look.dress(ax, _headline(title, points, lr, left) + hidden, xlabel, ylabel)


# --- what is computed ---------------------------------------------------------------------------


def descend(
    f: Callable[[Any], Any], start: float, lr: float, steps: int
) -> tuple[list[Point], str]:
    """Return the points that gradient descent visits, and why it ended early, or "".

    >>> points, left = descend(lambda x: x * x, 1.0, 0.25, 2)
    >>> [point.x for point in points], left
    ([1.0, 0.5, 0.25], '')
    """
    points: list[Point] = []
    x = start
    while len(points) <= steps:
        try:
            point = Point(x, *value_and_grad(f)(x))
        except (DomainError, OverflowError) as error:
            if not points:
                raise
            undefined = isinstance(error, DomainError)
            return points, f"f is undefined at x = {x:.4g}" if undefined else DIVERGED
        if not all(abs(number) < HUGE for number in point):  # nan is not
            if not points:
                raise ValueError(
                    f"expected a start where x, f(x) and f'(x) are finite, got {point}"
                )
            return points, DIVERGED
        points.append(point)
        x = point.x - lr * point.slope
    return points, ""


def _height(f: Callable[[Any], Any], x: float) -> float:
    """Return f(x), nan where there is none: a gap in the curve."""
    try:
        with no_grad():
            y = float(f(Value(x)))  # a Value has the methods that f may use
    except (DomainError, OverflowError):
        return math.nan
    return y if abs(y) < HUGE else math.nan


def _xs_to_see(points: Sequence[Point], left: str) -> list[float]:
    """Return the xs that the picture is to show: of a divergence, as far as it can still be seen.

    The later points of one would shrink all that came before them to a dot.
    """
    xs = [point.x for point in points]
    if left != DIVERGED or len(xs) < 2:
        return xs
    reach = GROWTH * abs(xs[1] - xs[0])
    return [x for x in xs if abs(x - xs[0]) <= reach]


def _headline(title: str, points: Sequence[Point], lr: float, left: str) -> str:
    count = len(points) - 1
    if left:
        return f"{title or f'lr = {lr:g}'} ({left} at step {count + 1})"
    x, y, _ = points[-1]
    steps = f"{count} step{'' if count == 1 else 's'}"
    return title or f"{steps} at lr = {lr:g}: x = {x:.4g}, f(x) = {y:.4g}"


# --- how it is drawn ----------------------------------------------------------------------------


def _draw_steps(ax: look.Axes, points: Sequence[Point], tangents: bool) -> None:
    """Draw the points, arrows from each to the next, their tangents, and numbers that have room.

    Tangents look equally long, however steep: the first strong, the last faint.
    """
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    blue, orange, *_ = look.COLORS
    numbered: list[Any] = []
    ax.plot([point.x for point in points], [point.y for point in points], "o", color=orange,
            markersize=6.5, markeredgecolor="white", label="steps", zorder=4)  # fmt: skip
    for i, (x, y, slope) in enumerate(points):
        if tangents:
            dx = TANGENT / math.hypot(1 / (right - left), slope / (top - bottom))
            ax.plot([x - dx, x + dx], [y - slope * dx, y + slope * dx], color=blue, linewidth=1.3,
                    alpha=max(0.3, 0.8**i), label=f"_tangent {i}", zorder=2.5)  # fmt: skip
        if i > 0:
            before = points[i - 1][:2]
            bend = 0.3 if x < before[0] else -0.3  # arrows arch over the points
            arrow = {"arrowstyle": "-|>", "color": orange, "shrinkA": 4, "shrinkB": 4,
                     "connectionstyle": f"arc3,rad={bend}", "linewidth": 1.1}  # fmt: skip
            ax.annotate("", (x, y), before, arrowprops=arrow, zorder=3)
        place = ax.transLimits.transform((x, y))
        if all(math.dist(place, other) > APART for other in numbered):
            numbered.append(place)
            ax.annotate(str(i), (x, y), (0, -13), textcoords="offset points", ha="center",
                        va="center", color=look.INK, fontsize=9, zorder=5)  # fmt: skip
