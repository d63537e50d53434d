"""LayerNorm and RMSNorm: numbers brought to one scale, then to a learnt one."""

from __future__ import annotations

import math
from typing import Any

from .._support.validation import check_length, check_size, number
from ..errors import DomainError
from ..ops import fma, mean, norm, prod
from ..value import Value
from .module import Inputs, Module


class LayerNorm(Module):
    r"""Shift and scale `size` numbers to mean 0 and variance 1, then by a learnt gain and bias.

    :math:`y_i = g_i (x_i - \mu) / \sqrt{\sigma^2 + \epsilon} + b_i`, with the mean and the (biased)
    variance of the numbers themselves (Ba, Kiros and Hinton 2016, equation 4). Three nodes for
    each output, and three more for all of them.

    Raises ShapeError where it is called with another number of inputs.

    >>> [round(y.data, 4) for y in LayerNorm(2)([Value(1.0), Value(5.0)])]
    [-1.0, 1.0]
    """

    def __init__(self, size: int, *, eps: float = 1e-5) -> None:
        self.eps = _checked(size, eps, "LayerNorm")
        self.gain = [Value(1.0) for _ in range(size)]
        self.bias = [Value(0.0) for _ in range(size)]
        self.name_parameters()

    def __call__(self, inputs: Inputs) -> list[Value]:
        """Return as many numbers as came in."""
        check_length(inputs, len(self.gain), "LayerNorm")
        middle: Any = mean(inputs)
        deviations = [x - middle for x in inputs]
        scale = _inverse_scale(deviations, self.eps)
        learnt = zip(deviations, self.gain, self.bias, strict=True)
        return [fma(d * scale, g, b) for d, g, b in learnt]

    def __repr__(self) -> str:
        return f"LayerNorm({len(self.gain)})"


class RMSNorm(Module):
    r"""Scale `size` numbers to a root mean square of 1, then by a learnt gain.

    :math:`y_i = g_i x_i / \sqrt{\epsilon + \tfrac{1}{n} \sum_j x_j^2}` (Zhang and Sennrich 2019,
    equation 4; the paper has no epsilon). One node for each output, and two more for all of them.

    Raises ShapeError where it is called with another number of inputs.

    >>> [round(y.data, 4) for y in RMSNorm(2)([Value(1.0), Value(7.0)])]
    [0.2, 1.4]
    """

    def __init__(self, size: int, *, eps: float = 1e-5) -> None:
        self.eps = _checked(size, eps, "RMSNorm")
        self.gain = [Value(1.0) for _ in range(size)]
        self.name_parameters()

    def __call__(self, inputs: Inputs) -> list[Value]:
        """Return as many numbers as came in."""
        check_length(inputs, len(self.gain), "RMSNorm")
        scale = _inverse_scale(inputs, self.eps)
        return [prod([x, scale, g]) for x, g in zip(inputs, self.gain, strict=True)]

    def __repr__(self) -> str:
        return f"RMSNorm({len(self.gain)})"


def _checked(size: int, eps: float, kind: str) -> float:
    check_size(size, "inputs")
    saying = f"{kind} expects eps >= 0"
    return number("eps", eps, at_least=0, error=DomainError, saying=saying, hint="; try 1e-5")


def _inverse_scale(xs: Inputs, eps: float) -> Any:
    """Return 1 / sqrt(mean of squares + eps); as the length of a vector it cannot overflow."""
    n = len(xs)
    length: Any = norm([*xs, math.sqrt(n * eps)])
    return math.sqrt(n) / length
