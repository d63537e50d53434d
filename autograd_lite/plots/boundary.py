"""The decision boundary of a classifier of two features, over the data."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ShapeError
from . import look
from .histograms import Snapshot
from .samples import Samples, answers, between, samples_of
from .saving import animate

Model = Callable[[list[float]], Any]  # a row of two numbers to a score, or to a list of scores

SHADES = 12  # of the score, an even number: the boundary is between the two in the middle


class Plane(NamedTuple):
    """The samples, the classes that they are of, and what the model says around them."""

    rows: Any  # an array: sample, feature
    labels: list[Any]
    names: dict[Any, str]  # of each class
    xs: list[float]
    ys: list[float]
    scores: Any  # an array: output, y, x


def plot_decision_boundary(
    model: Model,
    inputs: Any,
    targets: Sequence[Any] | None = None,
    *,
    ax: look.Axes | None = None,
    resolution: int = 60,
    classes: Sequence[str] = (),
    threshold: float = 0.0,
    title: str = "",
    xlabel: str | None = None,
    ylabel: str | None = None,
) -> look.Axes:
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
    samples = samples_of(inputs, targets)
    plane = _plane(model, samples, resolution, classes)
    ax = look.axes_or_new(ax)
    _draw(ax, plane, threshold, _reach(plane, threshold))
    x, y = samples.features or ("x₁", "x₂")
    labels = x if xlabel is None else xlabel, y if ylabel is None else ylabel
    return look.dress(ax, title, *labels, grid=None)


def animate_boundary(
    model: Any,
    snapshots: Sequence[Snapshot],
    inputs: Any,
    targets: Sequence[Any] | None,
    path: str | os.PathLike[str],
    *,
    resolution: int = 40,
    classes: Sequence[str] = (),
    threshold: float = 0.0,
    fps: float = 4.0,
    title: str = "",
    xlabel: str = "x₁",
    ylabel: str = "x₂",
) -> Path:
    """Write an animation of the decision boundary, a frame for each snapshot; return the path.

    A snapshot is (epoch, state), a state what `model.state_dict()` returned. All frames have the
    same shades. The model has its own parameters again in the end. With a Dataset for inputs, the
    targets may be None. The rest is as it is for `plot_decision_boundary` and `animate`.

    Raises ShapeError where the inputs have not 2 features, or are not as many as the targets;
    StateError for the state of another model; ValueError for no snapshots, a target or names that
    do not fit; RenderError for a path that does not end in .gif or .svg and without matplotlib.

    >>> import tempfile
    >>> from autograd_lite.nn import MLP
    >>> model = MLP(2, [2, 1], seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = animate_boundary(
    ...         model, [(0, model.state_dict())], [(0, 1), (1, 0)], [1, -1],
    ...         f"{folder}/training.gif", resolution=10,
    ...     )
    >>> path.name
    'training.gif'
    """
    if not len(snapshots):
        raise ValueError("no snapshots to animate; train with fit(..., snapshots=5)")
    samples = samples_of(inputs, targets)
    own = model.state_dict()
    planes = []
    try:
        for epoch, state in snapshots:
            model.load_state_dict(state)
            planes.append((epoch, _plane(model, samples, resolution, classes)))
    finally:
        model.load_state_dict(own)
    reach = max(_reach(plane, threshold) for _, plane in planes)

    def frame(ax: look.Axes, shown: tuple[int, Plane]) -> None:
        epoch, plane = shown
        _draw(ax, plane, threshold, reach)
        look.dress(ax, f"epoch {epoch}", xlabel, ylabel, grid=None)

    return animate(frame, planes, path, fps=fps, title=title)


# --- what is computed ---------------------------------------------------------------------------


def _plane(model: Model, samples: Samples, resolution: int, classes: Sequence[str]) -> Plane:
    np = look.imported("numpy")
    rows = [[float(x) for x in row] for row in samples.inputs]
    for i, row in enumerate(rows):
        if len(row) != 2:
            raise ShapeError(
                f"a decision boundary is drawn over 2 features, and row {i} of the inputs has "
                f"{len(row)}; choose two columns, and a model of them"
            )
    if resolution < 2:
        raise ValueError(f"resolution is the number of points a side, 2 or more, got {resolution}")
    points = look.drawable(rows)
    xs, ys = (between(column, resolution) for column in points.T)
    said = answers(model, ([x, y] for y in ys for x in xs))
    scores = np.array([_numbers(scores) for scores in said]).T.reshape(-1, resolution, resolution)
    labels = [_label(target) for target in samples.targets]
    names = _names(labels, classes or samples.classes, len(scores))
    return Plane(points, labels, names, xs, ys, scores)


def _numbers(scores: Any) -> list[float]:
    numbers = [float(x) for x in scores] if hasattr(scores, "__len__") else [float(scores)]
    if not numbers:
        raise ShapeError("the model gives an empty list; expected a score, or one for each class")
    return numbers


def _label(target: Any) -> Any:
    """Return what a target says its class is: itself, or the place of the largest if one-hot."""
    if isinstance(target, str):
        return target
    numbers = _numbers(target)
    number = numbers[0] if len(numbers) == 1 else float(numbers.index(max(numbers)))
    return int(number) if number.is_integer() else number


def _names(labels: list[Any], classes: Sequence[str], outputs: int) -> dict[Any, str]:
    """Return the classes and their names: places in the scores, or what one score tells apart."""
    kinds = sorted(set(labels)) if outputs == 1 else list(range(outputs))
    if outputs == 1 and len(kinds) > 2:
        raise ValueError(
            "the model gives one score, which tells 2 classes apart, and the targets are of "
            f"{len(kinds)}: {', '.join(map(repr, kinds[:4]))}{' ...' if len(kinds) > 4 else ''}; "
            "use a model of as many scores as classes"
        )
    if outputs == 1 and set(kinds) <= set(range(len(classes))):
        kinds = list(range(len(classes)))
    if unknown := [label for label in labels if label not in kinds]:
        raise ValueError(f"the model gives {len(kinds)} scores, and a target is {unknown[0]!r}; "
                         f"expected a place in that list, 0 to {len(kinds) - 1}")  # fmt: skip
    if classes and len(classes) != len(kinds):
        each = ", ".join(map(repr, kinds))
        raise ValueError(
            f"classes has {len(classes)} names, expected {len(kinds)}: one for each of {each}"
        )
    names = classes or [k if isinstance(k, str) else f"class {k}" for k in kinds]
    return dict(zip(kinds, names, strict=True))


def _reach(plane: Plane, threshold: float) -> float:
    """Return the largest distance of a score from the threshold; 1 where none can be told from it.

    There the shades are full.
    """
    distances = abs(look.drawable(plane.scores[0]) - threshold)
    reach: float = look.imported("numpy").nanmax(distances, initial=0.0)
    return reach if reach > 1e-9 * abs(threshold) + 1e-200 else 1.0


# --- how it is drawn ----------------------------------------------------------------------------


def _draw(ax: look.Axes, plane: Plane, threshold: float, reach: float) -> None:
    for i, (kind, name) in enumerate(plane.names.items()):
        xs, ys = plane.rows[[label == kind for label in plane.labels]].T
        marker = look.MARKERS[i % len(look.MARKERS)]
        ax.scatter(xs, ys, s=38, color=look.color(i), label=look.plain(name), marker=marker,
                   edgecolors="white", linewidths=0.8, zorder=3)  # fmt: skip
    notes = (_draw_regions if len(plane.scores) > 1 else _draw_score)(ax, plane, threshold, reach)
    if any(notes):
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8}
        ax.text(0.02, 0.02, "\n".join(filter(None, notes)), transform=ax.transAxes, bbox=box,
                color=look.INK, fontsize=9)  # fmt: skip
    ax.set(xlim=(plane.xs[0], plane.xs[-1]), ylim=(plane.ys[0], plane.ys[-1]))
    look.legend_beside(ax)


def _draw_score(ax: look.Axes, plane: Plane, threshold: float, reach: float) -> list[str]:
    """Shade the plane by the score, with a line at the threshold; return what is to be noted."""
    ax.plot([], [], color=look.INK, linewidth=1.6, label=f"score = {threshold:g}")  # for the legend
    scores = look.drawable(plane.scores[0])
    known = scores[scores == scores]  # not nan
    if not known.size:
        return ["the score is nowhere a finite number"]
    colors = look.imported("matplotlib.colors").LinearSegmentedColormap.from_list(
        "score", [_tint(look.COLORS[0], 0.55), "white", _tint(look.COLORS[1], 0.55)]
    )
    levels = [threshold + reach * (2 * i / SHADES - 1) for i in range(SHADES + 1)]
    ax.contourf(plane.xs, plane.ys, scores, levels=levels, cmap=colors, extend="both", zorder=0)
    low, high, lost = known.min(), known.max(), scores.size - known.size
    if low < threshold < high:
        ax.contour(plane.xs, plane.ys, scores, levels=[threshold], colors=look.INK, linewidths=1.6)
        return [_blank(lost)]
    where = _where(low, high, threshold, "finite score" if lost else "score")
    return [f"{where}: no boundary here", _blank(lost)]


def _where(low: float, high: float, threshold: float, score: str) -> str:
    """Say on which side of the threshold scores from `low` to `high` are.

    >>> _where(0.5, 0.5, 0.5, "score"), _where(-2.0, 0.0, 0.0, "finite score")
    ('every score is 0.5', 'no finite score is above 0')
    """
    if low == high == threshold:
        return f"every {score} is {threshold:g}"
    here, there = ("above", "below") if low >= threshold else ("below", "above")
    touching = threshold in (low, high)
    side = f"no {score} is {there}" if touching else f"every {score} is {here}"
    return f"{side} {threshold:g}"


def _draw_regions(ax: look.Axes, plane: Plane, *_: float) -> list[str]:
    """Fill where each class wins: where its score, less the best of the others, is above 0."""
    np = look.imported("numpy")
    scores = plane.scores.clip(-look.HUGE, look.HUGE)
    leads = [each - np.delete(scores, k, axis=0).max(axis=0) for k, each in enumerate(scores)]
    for k, lead in enumerate(leads):
        if (lead > 0).any():
            tint = [_tint(look.color(k), 0.3)]
            ax.contourf(plane.xs, plane.ys, lead, levels=[0, math.inf], colors=tint)
            if (lead < 0).any():
                ax.contour(plane.xs, plane.ys, lead, levels=[0], colors="white", linewidths=1.5)
    lost = int(np.isnan(leads[0]).sum())
    if lost == leads[0].size:
        return ["at every grid point a score is nan"]
    tied = not any((lead > 0).any() for lead in leads)
    shared = "no class has the largest score: it is shared everywhere"
    return [shared if tied else "", _blank(lost, "nan")]


def _blank(lost: int, what: str = "nan or inf") -> str:
    return f"blank: {what} at {lost} grid point{'' if lost == 1 else 's'}" if lost else ""


def _tint(pure: str, strength: float) -> Any:
    """Mix a color with white."""
    return [1 - strength * (1 - part) for part in look.imported("matplotlib.colors").to_rgb(pure)]
