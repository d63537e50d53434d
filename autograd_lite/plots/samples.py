"""What a plot of a model shows: the samples, and what the model says between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ..errors import ShapeError
from ..modes import no_grad
from .look import extent

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
    samples = Samples(inputs, targets or ())
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
    modules = [m for _, m in model.named_modules()] if hasattr(model, "named_modules") else []
    before = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        with no_grad():
            return [model(row) for row in rows]
    finally:
        for module, training in zip(modules, before, strict=True):
            module.training = training
