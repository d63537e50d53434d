"""The slope of a recorded result by a complex step: exact but for rounding, with no step to choose.

For an analytic f, f(x + ih) = f(x) + ih f'(x) + O(h^2): the imaginary part over h is the slope, and
no difference of nearby numbers is taken (Squire and Trapp, SIAM Review 40, 1998). Here h = 1e-30.
Real parts are those recorded, so that rounding does not add up.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping
from typing import Any

from .. import special
from ..backprop import topological_order
from ..value import Value

STEP = 1e-30


def _power(a: complex, b: complex) -> complex:
    if a.real > 0:
        return complex(a**b)
    if b.imag or a.real == 0 or b.real != math.floor(b.real):
        raise ValueError
    return complex((-a) ** b.real * (-1.0) ** b.real)  # polar form would lose the imaginary part


def _sech2(z: complex) -> complex:
    return 1 / cmath.cosh(z) ** 2


def _sigmoid(z: complex) -> complex:
    e = cmath.exp(-z if z.real >= 0 else z)
    return 1 / (1 + e) if z.real >= 0 else e / (1 + e)


def _softplus(z: complex) -> complex:
    e = cmath.exp(-z if z.real >= 0 else z)
    imaginary = cmath.log(1 + e).imag + (z.imag if z.real >= 0 else 0.0)
    return complex(special.softplus(z.real), imaginary)


def _logsumexp(*zs: complex) -> complex:
    top = max(z.real for z in zs)
    return top + cmath.log(sum(cmath.exp(z - top) for z in zs))


def _dot(*zs: complex) -> complex:
    n = len(zs) // 2
    return sum(map(complex.__mul__, zs[:n], zs[n : 2 * n]), zs[-1] if len(zs) % 2 else 0j)


def _hypot(*zs: complex) -> complex:
    size = max(abs(z.real) for z in zs)
    return size * cmath.sqrt(sum((z / size) ** 2 for z in zs))


# The rows that are analytic, on complex numbers. Logarithms and exponentials are right in their
# imaginary parts, which is all that is read of them, also where expm1 and log1p would be called.
ANALYTIC: dict[str, Callable[..., complex]] = {
    "add": complex.__add__,
    "sub": complex.__sub__,
    "mul": complex.__mul__,
    "div": complex.__truediv__,
    "quotient": complex.__truediv__,
    "neg": complex.__neg__,
    "pos": complex.__pos__,
    "fma": lambda a, b, c: a * b + c,
    "square": lambda z: z * z,
    "one_minus_square": lambda z: 1 - z * z,
    "reciprocal": lambda z: 1 / z,
    "pow": _power,
    "sqrt": cmath.sqrt,
    "hypot": _hypot,
    "exp": cmath.exp,
    "expm1": cmath.exp,
    "exp2": lambda z: cmath.exp(z * math.log(2)),
    "log": cmath.log,
    "log1p": lambda z: cmath.log(1 + z),
    "log2": lambda z: cmath.log(z) / math.log(2),
    "log10": cmath.log10,
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "asin": cmath.asin,
    "acos": cmath.acos,
    "atan": cmath.atan,
    "sinh": cmath.sinh,
    "cosh": cmath.cosh,
    "tanh": cmath.tanh,
    "sech2": _sech2,
    "asinh": cmath.asinh,
    "acosh": cmath.acosh,
    "atanh": cmath.atanh,
    "sigmoid": _sigmoid,
    "logsigmoid": lambda z: -_softplus(-z),
    "softplus": _softplus,
    "silu": lambda z: z * _sigmoid(z),
    "mish": lambda z: z * cmath.tanh(_softplus(z)),
    "sum": lambda *zs: sum(zs, 0j),
    "mean": lambda *zs: sum(zs, 0j) / len(zs),
    "prod": lambda *zs: math.prod(zs, start=1 + 0j),
    "dot": _dot,
    "norm": _hypot,
    "logsumexp": _logsumexp,
}


def tangents(result: Value, direction: Mapping[Value, float]) -> dict[Value, float] | None:
    """Map each node below `result` to its slope along a direction of the leaves.

    None where an operation on the way is not analytic, or not at its operands.
    """
    slopes: dict[Value, float] = dict(direction)
    for node in topological_order(result):
        rule = ANALYTIC.get(node.op.name if node.op else "")
        if rule is None:
            return None
        operands = [_complex(x, slopes) for x in node.operands]
        try:
            slopes[node] = rule(*operands).imag / STEP if any(z.imag for z in operands) else 0.0
        except (ArithmeticError, ValueError):
            return None
    return slopes


def _complex(x: Any, slopes: Mapping[Value, float]) -> complex:
    if isinstance(x, Value):
        return complex(x.data, STEP * slopes.get(x, 0.0))
    return complex(x)
