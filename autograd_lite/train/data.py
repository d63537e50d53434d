"""Small data sets to learn from, the same from the same seed."""

from __future__ import annotations

from .dataset import Dataset


def xor() -> Dataset:
    """Return the inputs and targets of exclusive or: 1 where exactly one input is 1.

    >>> inputs, targets = xor()
    >>> inputs[1], targets[1]
    ([0.0, 1.0], 1.0)
    """
    inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    return Dataset(inputs, [0.0, 1.0, 1.0, 0.0], ("x1", "x2"))
