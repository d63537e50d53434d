"""Clipping: gradients made smaller before a step, where they are too large."""

from __future__ import annotations

import math
from collections.abc import Iterable

from .._support.validation import number
from ..operation import primal
from ..value import Value


def clip_grad_value(parameters: Iterable[Value], clip_value: float) -> None:
    """Bring every `.grad` into [-clip_value, clip_value].

    Raises ValueError where `clip_value` is not a number > 0.

    >>> x = Value(1.0)
    >>> x.grad = -7.0
    >>> clip_grad_value([x], 5.0)
    >>> x.grad
    -5.0
    """
    number("clip_value", clip_value, above=0, hint="; try 1.0")
    for p in parameters:
        if p.grad is not None and abs(p.grad) > clip_value:  # false for nan, which stays
            p.grad = math.copysign(clip_value, p.grad)


def clip_grad_norm(parameters: Iterable[Value], max_norm: float, norm_type: float = 2.0) -> float:
    r"""Scale all gradients by one factor where their norm is above `max_norm`; return the norm.

    The norm is taken over all gradients as one vector; the factor is
    :math:`\min(1, \mathrm{max\_norm} / (\mathrm{norm} + 10^{-6}))`, as in PyTorch. Source: Pascanu,
    Mikolov, Bengio, "On the difficulty of training recurrent neural networks", 2013.

    Raises ValueError where `max_norm` or `norm_type` is not > 0, or a gradient is not finite.

    >>> x, y = Value(1.0), Value(1.0)
    >>> x.grad, y.grad = 3.0, 4.0
    >>> clip_grad_norm([x, y], max_norm=1.0)
    5.0
    >>> round(x.grad, 6), round(y.grad, 6)
    (0.6, 0.8)
    """
    number("max_norm", max_norm, above=0, hint="; try 1.0")
    if not norm_type > 0:
        raise ValueError(f"norm_type is a number > 0 or math.inf, got {norm_type!r}; try 2.0")
    listed = [p for p in parameters if p.grad is not None]
    total = _norm([abs(primal(p.grad)) for p in listed], norm_type)
    if not math.isfinite(total):
        raise ValueError(f"gradients to clip are finite, got a norm of {total}; try a smaller lr")
    factor = max_norm / (total + 1e-6)
    if factor < 1:
        for p in listed:
            p.grad = p.grad * factor
    return total


def _norm(sizes: list[float], p: float) -> float:
    largest = max(sizes, default=0.0)
    if not all(map(math.isfinite, sizes)):
        return sum(sizes)
    if p == 2:
        return math.hypot(*sizes)
    if p == math.inf or largest == 0:
        return largest
    scaled = math.fsum((size / largest) ** p for size in sizes)  # no power overflows so
    return float(largest * scaled ** (1 / p))
