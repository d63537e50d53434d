"""A model over its samples: what it says between them, drawn as a curve over one feature."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ..errors import ShapeError
from ..modes import no_grad
from .look import COLORS, Axes, axes_or_new, drawable, dress, extent, legend_beside

CURVE_POINTS = 200
MARGIN = 0.15  # how far a plot goes beyond the points, in terms of their extent


class Samples(NamedTuple):
    """Inputs and targets; of a Dataset, also the names of its columns and classes."""

    inputs: Sequence[Any]
    targets: Sequence[Any]
    features: Sequence[str] = ()
    target: str = ""
    classes: Sequence[str] = ()


def samples_of(inputs: Any, targets: Sequence[Any] | None) -> Samples:
    """Return a Dataset in parts, or the inputs and targets given; targets given come first.

    A Dataset is known by what it has, as plots do not import training. Raises TypeError where there
    are no targets, ShapeError where there are not as many as inputs, or none.

    >>> samples_of([[0.0]], [1]).targets
    [1]
    """
    samples = Samples(inputs, () if targets is None else targets)
    if hasattr(inputs, "inputs") and hasattr(inputs, "targets"):
        given = {name: getattr(inputs, name, None) for name in Samples._fields}
        samples = Samples(**{name: part for name, part in given.items() if part is not None})
        targets = samples.targets if targets is None else targets
    if targets is None:
        raise TypeError("the targets are missing; expected inputs and targets, or a Dataset")
    if len(samples.inputs) != len(targets) or not len(targets):
        raise ShapeError(
            f"{'' if len(samples.inputs) else 'there are no inputs: '}got {len(samples.inputs)} "
            f"inputs and {len(targets)} targets; expected as many, one or more"
        )
    return samples._replace(targets=targets)


def between(column: Iterable[Any], count: int) -> list[float]:
    """Return so many numbers, evenly from below the least to above the largest of a column.

    >>> between([0.0, 10.0, math.nan], 3)
    [-1.5, 5.0, 11.5]
    """
    low, high = extent([float(x) for x in column if not math.isnan(x)], MARGIN)
    last = count - 1
    return [((last - i) * low + i * high) / last for i in range(count)]  # the middle is exact


def answers(model: Callable[[Any], Any], rows: Iterable[Any]) -> list[Any]:
    """Return what a model says to each row, without recording it.

    A Module, which is known by what it has, is out of training meanwhile: Dropout would blur it.
    """
    modules = model.named_modules() if hasattr(model, "named_modules") else ()
    before = [(module, module.training) for _, module in modules]
    try:
        for module, _ in before:
            module.training = False
        with no_grad():
            return [model(row) for row in rows]
    finally:
        for module, training in before:
            module.training = training


# --- one feature --------------------------------------------------------------------------------


def plot_regression(
    model: Callable[[Any], Any],
    inputs: Any,
    targets: Sequence[Any] | None = None,
    *,
    ax: Axes | None = None,
    title: str = "",
    xlabel: str | None = None,
    ylabel: str | None = None,
) -> Axes:
    """Draw data of one feature as points, and what the model says along it as a curve.

    An input is a number or a row of one, and the model is called with the same, on 200 points. A
    Dataset may stand for inputs and targets; its names are then the labels, else x and y. Where the
    model gives nan or inf, the curve has a gap.

    Raises ShapeError where an input, a target or what the model gives is not one number, or the
    inputs are not as many as the targets; TypeError where there are no targets, RenderError without
    matplotlib.

    >>> ax = plot_regression(lambda x: 2 * x, [0.0, 1.0, 2.0], [0.1, 1.9, 4.2])
    >>> ax.get_legend_handles_labels()[1]
    ['data', 'model']
    """
    data = samples_of(inputs, targets)
    xs = drawable([_one(row, f"input {i}") for i, row in enumerate(data.inputs)])
    ys = drawable([_one(row, f"target {i}") for i, row in enumerate(data.targets)])
    along = between(xs, CURVE_POINTS)
    asked: list[Any] = [[x] for x in along] if hasattr(data.inputs[0], "__len__") else [*along]
    said = drawable([_one(y, "what the model gives") for y in answers(model, asked)])
    ax = axes_or_new(ax)
    ax.scatter(xs, ys, s=30, color=COLORS[0], edgecolors="white", linewidths=0.8, label="data")
    ax.plot(along, said, color=COLORS[1], linewidth=2.0, label="model", zorder=3)
    ax.set_xlim(along[0], along[-1])
    legend_beside(ax)
    x, y = [*data.features, "x"][0], data.target or "y"
    return dress(ax, title, x if xlabel is None else xlabel, y if ylabel is None else ylabel)


def _one(given: Any, what: str) -> float:
    numbers = given if hasattr(given, "__len__") else [given]
    if len(numbers) != 1:
        raise ShapeError(f"{what} has {len(numbers)} numbers; a regression plot shows one over one")
    return float(numbers[0])
