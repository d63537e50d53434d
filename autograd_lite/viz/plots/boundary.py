"""The decision boundary of a classifier of two features, over the data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .extra import imported
from .look import COLORS, INK, MARKERS, axes_or_new, color, dress, legend_beside
from .scores import Grid, Model, rows_of_two, scores_on_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADES = 12  # of the score, an even number: the boundary is between the two in the middle
RESOLUTION = 60  # points a side


def plot_decision_boundary(
    model: Model,
    inputs: Sequence[Sequence[Any]],
    targets: Sequence[Any],
    *,
    ax: Axes | None = None,
    resolution: int = RESOLUTION,
    classes: Sequence[str] = (),
    threshold: float = 0.0,
    title: str = "",
    xlabel: str = "x₁",
    ylabel: str = "x₂",
) -> Axes:
    """Draw what a model says over the plane of its two inputs, and the data on top.

    Where the model gives one number, shades show how far the score is from `threshold`, and a line
    where it is equal; where it gives a list of scores, each class has the region where its score is
    the largest, and a target is a place in that list. A target may also be one-hot. `classes` names
    the classes, in the order of the targets. The model is called `resolution`² times.

    Raises ShapeError where the inputs have not 2 features, or are not as many as the targets;
    ValueError for a target or names that do not fit, RenderError without matplotlib.

    >>> ax = plot_decision_boundary(lambda row: row[0] - row[1], [(1, 0), (0, 1)], [1, -1])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['class -1', 'class 1', 'score = 0']
    """
    rows = rows_of_two(inputs, targets)
    grid = scores_on_grid(model, rows, resolution)
    ax = axes_or_new(ax)
    draw_boundary(ax, grid, rows, targets, classes=classes, threshold=threshold)
    dress(ax, title, xlabel, ylabel, grid=None)
    return ax


def draw_boundary(
    ax: Axes,
    grid: Grid,
    rows: Sequence[Sequence[float]],
    targets: Sequence[Any],
    *,
    classes: Sequence[str],
    threshold: float,
    reach: float | None = None,
) -> None:
    """Draw scores that were computed before, and the data.

    The shades are full where a score is `reach` from the threshold (None: the most on the grid).
    """
    outputs = len(grid.scores)
    labels = [_label(target) for target in targets]
    kinds = list(range(outputs)) if outputs > 1 else sorted(set(labels))
    names = _names(kinds, labels, classes)
    for i, (kind, name) in enumerate(zip(kinds, names, strict=True)):
        points = [row for row, label in zip(rows, labels, strict=True) if label == kind]
        ax.scatter([x for x, _ in points], [y for _, y in points], s=38, color=color(i), label=name,
                   marker=MARKERS[i % len(MARKERS)], edgecolors="white", linewidths=0.8,
                   zorder=3)  # fmt: skip
    if outputs > 1:
        _draw_regions(ax, grid)
    else:
        _draw_score(ax, grid, threshold, reach or furthest(grid, threshold))
    ax.set(xlim=(grid.xs[0], grid.xs[-1]), ylim=(grid.ys[0], grid.ys[-1]))
    legend_beside(ax)


def furthest(grid: Grid, threshold: float) -> float:
    """Return the largest distance of a finite score from the threshold; 1 where there is none.

    >>> furthest(Grid([0.0, 1.0], [0.0], [[[0.5, -2.0]]]), 0.0)
    2.0
    """
    scores = [score for row in grid.scores[0] for score in row if math.isfinite(score)]
    return max((abs(score - threshold) for score in scores), default=0.0) or 1.0


# --- classes ------------------------------------------------------------------------------------


def _label(target: Any) -> Any:
    """Return what a target says its class is: itself, or the place of the largest if one-hot."""
    if isinstance(target, str):
        return target
    numbers = [float(x) for x in target] if hasattr(target, "__len__") else [float(target)]
    if len(numbers) > 1:
        return numbers.index(max(numbers))
    (number,) = numbers
    return int(number) if number.is_integer() else number


def _names(kinds: list[Any], labels: list[Any], classes: Sequence[str]) -> list[str]:
    for label in labels:
        if label not in kinds:
            raise ValueError(
                f"the model gives {len(kinds)} scores, and a target is {label!r}; "
                f"expected a place in that list, 0 to {len(kinds) - 1}"
            )
    if classes and len(classes) != len(kinds):
        raise ValueError(
            f"classes has {len(classes)} names, expected {len(kinds)}: one for each of "
            f"{', '.join(map(repr, kinds))}"
        )
    return list(classes) or [k if isinstance(k, str) else f"class {k}" for k in kinds]


# --- regions ------------------------------------------------------------------------------------


def _draw_score(ax: Axes, grid: Grid, threshold: float, reach: float) -> None:
    (scores,) = grid.scores
    ax.plot([], [], color=INK, linewidth=1.6, label=f"score = {threshold:g}")  # for the legend
    finite = [score for row in scores for score in row if math.isfinite(score)]
    if not finite:
        _note(ax, "the score is nowhere a finite number")
        return
    colors = imported("matplotlib.colors").LinearSegmentedColormap.from_list(
        "score", [_tint(COLORS[0], 0.55), "white", _tint(COLORS[1], 0.55)]
    )
    levels = [threshold + reach * (2 * i / SHADES - 1) for i in range(SHADES + 1)]
    ax.contourf(grid.xs, grid.ys, scores, levels=levels, cmap=colors, extend="both", zorder=0)
    if min(finite) < threshold < max(finite):
        ax.contour(grid.xs, grid.ys, scores, levels=[threshold], colors=INK, linewidths=1.6)
    else:
        side = "above" if min(finite) >= threshold else "below"
        _note(ax, f"every score is {side} {threshold:g}: no boundary here")


def _draw_regions(ax: Axes, grid: Grid) -> None:
    """Fill where each class wins: where its score, less the best of the others, is above 0."""
    for k, own in enumerate(grid.scores):
        others = grid.scores[:k] + grid.scores[k + 1 :]
        lead = [[mine - max(cells) for mine, *cells in zip(*rows, strict=True)]
                for rows in zip(own, *others, strict=True)]  # fmt: skip
        if any(x > 0 for row in lead for x in row):
            ax.contourf(grid.xs, grid.ys, lead, levels=[0, math.inf], colors=[_tint(color(k), 0.3)])
            ax.contour(grid.xs, grid.ys, lead, levels=[0], colors="white", linewidths=1.5)


def _tint(pure: str, strength: float) -> Any:
    """Mix a colour with white."""
    return [1 - strength * (1 - part) for part in imported("matplotlib.colors").to_rgb(pure)]


def _note(ax: Axes, text: str) -> None:
    ax.text(0.02, 0.02, text, transform=ax.transAxes, color=INK, fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8})  # fmt: skip
