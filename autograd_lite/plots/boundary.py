"""The decision boundary of a classifier of two features, over the data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .extra import imported
from .look import (
    COLORS,
    INK,
    MARKERS,
    axes_or_new,
    bounded,
    color,
    drawable,
    dress,
    legend_beside,
    plain,
)
from .samples import samples_of
from .scores import Grid, Model, rows_of_two, scores_on_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADES = 12  # of the score, an even number: the boundary is between the two in the middle
RESOLUTION = 60  # points a side


def plot_decision_boundary(
    model: Model,
    inputs: Any,
    targets: Sequence[Any] | None = None,
    *,
    ax: Axes | None = None,
    resolution: int = RESOLUTION,
    classes: Sequence[str] = (),
    threshold: float = 0.0,
    title: str = "",
    xlabel: str | None = None,
    ylabel: str | None = None,
) -> Axes:
    """Draw what a model says over the plane of its two inputs, and the data on top.

    Where the model gives one number, shades show how far the score is from `threshold`, and a line
    where it is equal; where it gives a list of scores, each class has the region where its score is
    the largest, and a target is a place in that list. A target may also be one-hot. `classes` names
    the classes, in the order of the targets; where these are whole numbers from 0 on, by their
    place. The model is called `resolution`² times.

    A Dataset may stand for inputs and targets; its names are then the labels where none are given,
    else these are x₁ and x₂. Where there is no score, as it is nan, the plane is blank, and a note
    says so.

    Raises ShapeError where the inputs have not 2 features, or are not as many as the targets;
    ValueError for a target or names that do not fit, or one score for three classes; TypeError
    where there are no targets, RenderError without matplotlib.

    >>> ax = plot_decision_boundary(lambda row: row[0] - row[1], [(1, 0), (0, 1)], [1, -1])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['class -1', 'class 1', 'score = 0']
    """
    data = samples_of(inputs, targets)
    rows = rows_of_two(data.inputs, data.targets)
    grid = scores_on_grid(model, rows, resolution)
    ax = axes_or_new(ax)
    draw_boundary(
        ax, grid, rows, data.targets, classes=classes or data.classes, threshold=threshold
    )
    x, y = data.features or ("x₁", "x₂")
    dress(ax, title, x if xlabel is None else xlabel, y if ylabel is None else ylabel, grid=None)
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
    kinds = list(range(outputs)) if outputs > 1 else _kinds(labels, classes)
    names = _names(kinds, labels, classes)
    for i, (kind, name) in enumerate(zip(kinds, names, strict=True)):
        points = [row for row, label in zip(rows, labels, strict=True) if label == kind]
        ax.scatter([x for x, _ in points], [y for _, y in points], s=38, color=color(i),
                   label=plain(name), marker=MARKERS[i % len(MARKERS)], edgecolors="white",
                   linewidths=0.8, zorder=3)  # fmt: skip
    if outputs > 1:
        _draw_regions(ax, grid)
    else:
        _draw_score(ax, grid, threshold, reach or furthest(grid, threshold))
    ax.set(xlim=(grid.xs[0], grid.xs[-1]), ylim=(grid.ys[0], grid.ys[-1]))
    legend_beside(ax)


def furthest(grid: Grid, threshold: float) -> float:
    """Return the largest distance of a score from the threshold; 1 where none can be told from it.

    >>> furthest(Grid([0.0, 1.0], [0.0], [[[0.5, -2.0]]]), 0.0)
    2.0
    """
    scores = [drawable(score) for row in grid.scores[0] for score in row if math.isfinite(score)]
    reach = max((abs(score - threshold) for score in scores), default=0.0)
    return reach if reach > 1e-9 * abs(threshold) + 1e-200 else 1.0


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


def _kinds(labels: list[Any], classes: Sequence[str]) -> list[Any]:
    """Return the classes that one score tells apart: those named, as far as they are places."""
    places = list(range(len(classes)))
    found = sorted(set(labels))
    if len(found) > 2:
        raise ValueError(
            "the model gives one score, which tells 2 classes apart, and the targets are of "
            f"{len(found)}: {', '.join(map(repr, found[:4]))}{' ...' if len(found) > 4 else ''}; "
            "use a model of as many scores as classes"
        )
    return places if set(found) <= set(places) else found


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
    scores = [[drawable(score) for score in row] for row in grid.scores[0]]
    ax.plot([], [], color=INK, linewidth=1.6, label=f"score = {threshold:g}")  # for the legend
    known = [score for row in scores for score in row if not math.isnan(score)]
    if not known:
        _note(ax, "the score is nowhere a finite number")
        return
    colors = imported("matplotlib.colors").LinearSegmentedColormap.from_list(
        "score", [_tint(COLORS[0], 0.55), "white", _tint(COLORS[1], 0.55)]
    )
    levels = [threshold + reach * (2 * i / SHADES - 1) for i in range(SHADES + 1)]
    ax.contourf(grid.xs, grid.ys, scores, levels=levels, cmap=colors, extend="both", zorder=0)
    lost = len(grid.xs) * len(grid.ys) - len(known)
    if min(known) < threshold < max(known):
        ax.contour(grid.xs, grid.ys, scores, levels=[threshold], colors=INK, linewidths=1.6)
        _note(ax, _blank(lost))
    else:
        where = _where(min(known), max(known), threshold, "finite score" if lost else "score")
        _note(ax, f"{where}: no boundary here", _blank(lost))


def _where(low: float, high: float, threshold: float, score: str) -> str:
    """Say on which side of the threshold scores from `low` to `high` are.

    >>> _where(0.5, 0.5, 0.5, "score"), _where(-2.0, 0.0, 0.0, "finite score")
    ('every score is 0.5', 'no finite score is above 0')
    """
    if low == high == threshold:
        return f"every {score} is {threshold:g}"
    if low >= threshold:
        side = f"every {score} is above" if low > threshold else f"no {score} is below"
    else:
        side = f"every {score} is below" if high < threshold else f"no {score} is above"
    return f"{side} {threshold:g}"


def _draw_regions(ax: Axes, grid: Grid) -> None:
    """Fill where each class wins: where its score, less the best of the others, is above 0."""
    leads = [[[_lead(cell, k) for cell in zip(*rows, strict=True)]
              for rows in zip(*grid.scores, strict=True)]
             for k in range(len(grid.scores))]  # fmt: skip
    known = [[x for row in lead for x in row if not math.isnan(x)] for lead in leads]
    for k, lead in enumerate(leads):
        if max(known[k], default=0.0) > 0:
            ax.contourf(grid.xs, grid.ys, lead, levels=[0, math.inf], colors=[_tint(color(k), 0.3)])
        if min(known[k], default=0.0) < 0 < max(known[k], default=0.0):
            ax.contour(grid.xs, grid.ys, lead, levels=[0], colors="white", linewidths=1.5)
    if not known[0]:
        _note(ax, "at every grid point a score is nan")
        return
    tied = all(x <= 0 for lead in known for x in lead)
    lost = len(grid.xs) * len(grid.ys) - len(known[0])
    _note(ax, "no class has the largest score: it is shared everywhere" if tied else "",
          _blank(lost, "nan"))  # fmt: skip


def _lead(scores: Sequence[float], k: int) -> float:
    """Return how far the k-th score is above the best of the others; nan where one is unknown."""
    if any(map(math.isnan, scores)):
        return math.nan
    return bounded(scores[k]) - max(bounded(x) for i, x in enumerate(scores) if i != k)


def _blank(lost: int, what: str = "nan or inf") -> str:
    return f"blank: {what} at {lost} grid point{'' if lost == 1 else 's'}" if lost else ""


def _tint(pure: str, strength: float) -> Any:
    """Mix a colour with white."""
    return [1 - strength * (1 - part) for part in imported("matplotlib.colors").to_rgb(pure)]


def _note(ax: Axes, *lines: str) -> None:
    text = "\n".join(filter(None, lines))
    if text:
        ax.text(0.02, 0.02, text, transform=ax.transAxes, color=INK, fontsize=9,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8})  # fmt: skip
