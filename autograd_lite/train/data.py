"""Small data sets."""

from __future__ import annotations


def xor() -> tuple[list[list[float]], list[float]]:
    """Return the inputs and targets of exclusive or: 1 where exactly one input is 1.

    >>> inputs, targets = xor()
    >>> inputs[1], targets[1]
    ([0.0, 1.0], 1.0)
    """
    return [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
