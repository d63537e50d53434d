"""Losses: what training makes small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ShapeError
from ..ops import mean, square
from ..value import Value


def mse(predictions: Sequence[Value], targets: Sequence[float | Value]) -> Value:
    """Return the mean of the squared differences between predictions and targets.

    Raises ShapeError where their numbers differ.

    >>> mse([Value(0.0), Value(0.5)], [-0.5, 1.0]).data
    0.25
    """
    if len(predictions) != len(targets):
        raise ShapeError(
            f"mse expects as many targets as predictions, got {len(predictions)} predictions and "
            f"{len(targets)} targets"
        )
    errors = [square(p - t) for p, t in zip(predictions, targets, strict=True)]
    loss: Any = mean(errors)
    return loss  # type: ignore[no-any-return]
