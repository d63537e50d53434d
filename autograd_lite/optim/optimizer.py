"""Optimizer applies an update rule, a pure function of parameter and gradient, to parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..value import Value


class Optimizer:
    """The base of all optimisers: holds the parameters that `step` updates.

    Raises ValueError where the learning rate is not a positive number or there are no parameters,
    TypeError where a parameter is not a leaf Value.
    """

    def __init__(self, parameters: Iterable[Value], lr: float) -> None:
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("an optimiser expects parameters, got none; pass model.parameters()")
        for p in self.parameters:
            if not isinstance(p, Value) or p.op is not None:
                raise TypeError(f"a parameter is a leaf Value, got {p!r}")
        if not 0 < lr < math.inf:
            raise ValueError(f"a learning rate is a number > 0, got {lr!r}; try 0.1")
        self.lr = lr

    def updated(self, parameter: float, gradient: float) -> float:
        """Return what the update rule makes of one parameter."""
        raise TypeError("Optimizer has no update rule; use SGD")

    def step(self) -> None:
        """Update every parameter by its `.grad`."""
        for p in self.parameters:
            p.data = self.updated(p.data, p.grad)

    def zero_grad(self) -> None:
        """Set the `.grad` of every parameter to 0."""
        for p in self.parameters:
            p.grad = 0.0


class SGD(Optimizer):
    r"""Gradient descent: :math:`p \leftarrow p - \mathrm{lr} \cdot \partial L / \partial p`.

    >>> x = Value(1.0)
    >>> optimizer = SGD([x], lr=0.3)
    >>> (x**2).backward()
    >>> optimizer.step()
    >>> x.data
    0.4
    """

    def updated(self, parameter: float, gradient: float) -> float:
        """Return the parameter moved against its gradient."""
        return parameter - self.lr * gradient
