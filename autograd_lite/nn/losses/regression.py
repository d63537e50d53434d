"""Losses for numbers: how far predictions are from their targets."""

from __future__ import annotations

import math
from typing import Any

from ...errors import DomainError
from ...ops import abs as absolute
from ...ops import square
from .reduction import Numbers, Reduction, loss, pairs, reduced


@loss
def mse(predictions: Numbers, targets: Numbers, *, reduction: Reduction = "mean") -> Any:
    """Return the mean of the squared differences between predictions and targets.

    Raises ShapeError where their numbers differ.

    >>> mse([0.0, 0.5], [-0.5, 1.0])
    0.25
    """
    errors = [square(p - t) for p, t in pairs("mse", predictions, targets)]
    return reduced(errors, reduction)


@loss
def half_squared_error(outputs: Numbers, targets: Numbers, *, reduction: Reduction = "sum") -> Any:
    """Return the sum of 0.5 * (target - output)**2, whose slope is just output - target.

    Raises ShapeError where their numbers differ (Rumelhart, Hinton and Williams 1986, equation 3).

    >>> half_squared_error([1.0, 3.0], [0.0, 1.0])
    2.5
    """
    errors = [0.5 * square(t - o) for o, t in pairs("half_squared_error", outputs, targets)]
    return reduced(errors, reduction)


@loss
def mae(predictions: Numbers, targets: Numbers, *, reduction: Reduction = "mean") -> Any:
    """Return the mean of the absolute differences; its slope is 0 where there is none.

    Raises ShapeError where their numbers differ.

    >>> mae([1.0, 3.0], [0.0, 1.0])
    1.5
    """
    errors = [absolute(p - t) for p, t in pairs("mae", predictions, targets)]
    return reduced(errors, reduction)


@loss
def huber(
    predictions: Numbers, targets: Numbers, *, delta: float = 1.0, reduction: Reduction = "mean"
) -> Any:
    """Return the mean of half the squared differences, made linear beyond `delta`.

    For a difference d it is d**2 / 2 where |d| <= delta, else delta * (|d| - delta / 2) (Huber
    1964). Raises ShapeError where their numbers differ, DomainError where delta is not > 0.

    >>> huber([1.0, 3.0], [0.0, 0.0])
    1.5
    """
    if not 0 < delta < math.inf:
        raise DomainError(f"huber expects delta > 0, got {delta!r}; try 1.0")
    errors = [_huber(p - t, delta) for p, t in pairs("huber", predictions, targets)]
    return reduced(errors, reduction)


def _huber(d: Any, delta: float) -> Any:
    if -delta <= d <= delta:
        return 0.5 * square(d)
    return delta * (absolute(d) - 0.5 * delta)
