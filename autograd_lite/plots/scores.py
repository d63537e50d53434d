"""What a model says at each point of a grid over two features."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..errors import ShapeError
from ..modes import no_grad
from .look import drawable

Model = Callable[[list[float]], Any]  # a row of two numbers to a score, or to a list of scores
MARGIN = 0.15  # how far the grid goes beyond the points, in terms of their extent


class Grid(NamedTuple):
    """The scores of a model on a grid: `scores[k][row][column]` is output k at (x, y)."""

    xs: list[float]
    ys: list[float]
    scores: list[list[list[float]]]


def rows_of_two(inputs: Sequence[Sequence[Any]], targets: Sequence[Any]) -> list[list[float]]:
    """Return the inputs as rows of two floats; there is one for each target.

    Raises ShapeError where a row has not 2 features, or where there are not as many targets.

    >>> rows_of_two([(0, 1)], [1])
    [[0.0, 1.0]]
    """
    rows = [[drawable(float(x)) for x in row] for row in inputs]
    if not rows:
        raise ShapeError("there are no inputs; expected one or more rows of 2 features")
    for i, row in enumerate(rows):
        if len(row) != 2:
            raise ShapeError(
                f"a decision boundary is drawn over 2 features, and row {i} of the inputs has "
                f"{len(row)}; choose two columns, and a model of them"
            )
    if len(rows) != len(targets):
        raise ShapeError(f"got {len(rows)} inputs and {len(targets)} targets; expected as many")
    return rows


def scores_on_grid(model: Model, rows: Sequence[Sequence[float]], resolution: int) -> Grid:
    """Call the model, in evaluation and without recording, on a grid around the rows.

    Raises ValueError where there would be no grid, ShapeError where the model gives no scores.

    >>> scores_on_grid(lambda row: row[0] - row[1], [(0, 0), (1, 1)], 2).scores[0][0][1]
    1.3
    """
    if resolution < 2:
        raise ValueError(f"resolution is the number of points a side, 2 or more, got {resolution}")
    xs, ys = (ticks(column, resolution) for column in zip(*rows, strict=True))
    with evaluating(model), no_grad():
        found = [[_numbers(model([x, y])) for x in xs] for y in ys]
    outputs = len(found[0][0])
    return Grid(xs, ys, [[[cell[k] for cell in row] for row in found] for k in range(outputs)])


def ticks(column: Sequence[float], count: int) -> list[float]:
    """Return so many numbers, evenly from below the least to above the largest of a column.

    >>> ticks([0.0, 10.0, math.nan], 3)
    [-1.5, 5.0, 11.5]
    """
    known = [x for x in column if not math.isnan(x)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    spread, size = high - low, max(abs(low), abs(high))
    margin = MARGIN * spread if spread > 1e-9 * size + 1e-200 else max(1.0, MARGIN * size)
    step = (high - low + 2 * margin) / (count - 1)
    return [low - margin + i * step for i in range(count)]


def _numbers(scores: Any) -> list[float]:
    if not hasattr(scores, "__len__"):
        return [float(scores)]
    if not len(scores):
        raise ShapeError("the model gives an empty list; expected a score, or one for each class")
    return [float(score) for score in scores]


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Take a Module out of training, in which Dropout would blur the picture.

    A Module is known by what it has, as pictures do not import networks.
    """
    modules = [m for _, m in model.named_modules()] if hasattr(model, "named_modules") else []
    before = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        yield
    finally:
        for module, training in zip(modules, before, strict=True):
            module.training = training
