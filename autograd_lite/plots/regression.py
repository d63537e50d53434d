"""A model of one feature: its curve over the data that it was fitted to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ShapeError
from .look import COLORS, Axes, axes_or_new, drawable, dress, legend_beside
from .samples import answers, between, samples_of

CURVE_POINTS = 200


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
