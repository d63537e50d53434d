"""The losses by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._support.validation import named
from . import binary, classification, regression

Loss = Callable[..., Any]

_LOSSES: list[Loss] = [
    regression.mse,
    regression.half_squared_error,
    regression.mae,
    regression.huber,
    binary.binary_cross_entropy,
    binary.binary_cross_entropy_with_logits,
    binary.hinge,
    classification.cross_entropy,
    classification.nll,
    classification.max_margin,
    classification.kl,
]
LOSSES: dict[str, Loss] = {loss.__name__: loss for loss in _LOSSES}


def loss_named(name: str) -> Loss:
    """Return the loss of a name.

    Raises ValueError where none is named so, TypeError where the name is no text.

    >>> loss_named("mse")([1.0], [3.0])
    4.0
    """
    return named("loss", name, LOSSES)
