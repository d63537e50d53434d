"""Independent references: each operation of one operand in mpmath, and where it is tested."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

mp.dps = 50

MAGNITUDES = [1e-300, 1e-10, 1e-3, 0.3, 0.9, 1.0, 1.7, 3.0, 5.5, 12.0, 40.0, 700.0, 1e6, 1e300]
GRID = [-x for x in reversed(MAGNITUDES)] + [0.0] + MAGNITUDES
NEAR_ONE = [1 - 1e-6, 1 - 1e-12, 1 + 1e-6, 1 + 1e-12]


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(-abs(x))) + max(x, 0)


def _normal(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _branches(low: Callable[[Any], Any], high: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: low(x) if x < 0 else high(x)


SELU_SCALE = mpf("1.0507009873554804934193349852946")
SELU_ALPHA = mpf("1.6732632423543772848170429916717")

# name -> (the function in mpmath, points beyond the grid)
UNARY: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "neg": (lambda x: -x, []),
    "pos": (lambda x: +x, []),
    "abs": (_branches(lambda x: -x, lambda x: x), []),
    "exp": (mp.exp, [-745.0, 709.7]),
    "exp2": (lambda x: mp.power(2, x), [1023.9]),
    "expm1": (mp.expm1, [709.7]),
    "log": (mp.log, NEAR_ONE),
    "log2": (lambda x: mp.log(x) / mp.log(2), NEAR_ONE),
    "log10": (lambda x: mp.log(x) / mp.log(10), NEAR_ONE),
    "log1p": (mp.log1p, [-1 + 1e-6, -1 + 1e-12]),
    "sqrt": (mp.sqrt, []),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), []),
    "square": (lambda x: x * x, []),
    "reciprocal": (lambda x: 1 / x, []),
    "sin": (mp.sin, [3.141592653589793, 1.5707963267948966]),
    "cos": (mp.cos, [3.141592653589793, 1.5707963267948966]),
    "tan": (mp.tan, [1.5707963, 1.57079632679]),
    "asin": (mp.asin, [x for z in NEAR_ONE for x in (z, -z)]),
    "acos": (mp.acos, [x for z in NEAR_ONE for x in (z, -z)]),
    "atan": (mp.atan, []),
    "sinh": (mp.sinh, [710.0, -710.0]),
    "cosh": (mp.cosh, [710.0, -710.0]),
    "tanh": (mp.tanh, [19.0, 300.0]),
    "sech2": (lambda x: mp.sech(x) ** 2, [19.0, 300.0]),
    "asinh": (mp.asinh, []),
    "acosh": (mp.acosh, NEAR_ONE),
    "atanh": (mp.atanh, [x for z in NEAR_ONE for x in (z, -z)]),
    "sigmoid": (_sigmoid, [-745.0]),
    "logsigmoid": (lambda x: -_softplus(-x), []),
    "softplus": (_softplus, []),
    "relu": (_branches(lambda x: x * 0, lambda x: x), []),
    "leaky_relu": (_branches(lambda x: mpf(0.01) * x, lambda x: x), []),
    "elu": (_branches(mp.expm1, lambda x: x), []),
    "selu": (
        _branches(lambda x: SELU_SCALE * SELU_ALPHA * mp.expm1(x), lambda x: SELU_SCALE * x),
        [],
    ),
    "gelu": (lambda x: x * _normal(x), [-38.0]),
    "silu": (lambda x: x * _sigmoid(x), []),
    "mish": (lambda x: x * mp.tanh(_softplus(x)), []),
    "hardtanh": (lambda x: max(min(x, mpf(1)), mpf(-1)), NEAR_ONE),
    "erf": (mp.erf, []),
    "erfc": (mp.erfc, [26.0]),
    "normal_cdf": (_normal, [-37.0, -5.0, -1.5]),
    "radians": (lambda x: x * mp.pi / 180, []),
    "degrees": (lambda x: x * 180 / mp.pi, []),
    "sinc": (lambda x: mp.sinpi(x) / (mp.pi * x) if x else mpf(1), [0.5, -1.25, 2.5]),
    "lgamma": (lambda x: mp.log(abs(mp.gamma(x))), [-0.5, -2.5, -2 + 1e-9, -20.3, 2 + 1e-9]),
    "digamma": (mp.digamma, [-0.5, -2.5, -2 + 1e-9, -20.3, 1.4616321449683622]),
    "sign": (mp.sign, []),
    "floor": (mp.floor, []),
    "ceil": (mp.ceil, []),
    "round": (mp.nint, []),
    "trunc": (lambda x: mp.sign(x) * mp.floor(abs(x)), []),
}


# Where the step of a numeric derivative must shrink with x, and where it may grow with x.
SINGULAR_AT_ZERO = {"log", "log2", "log10", "sqrt", "cbrt", "reciprocal", "abs", "relu",
                    "leaky_relu", "elu", "selu"}  # fmt: skip
ALGEBRAIC_AT_INFINITY = {"neg", "pos", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "square",
                         "reciprocal", "atan", "asinh", "acosh", "abs", "relu", "leaky_relu",
                         "hardtanh", "radians", "degrees"}  # fmt: skip


def derivatives(name: str, x: float, order: int) -> list[Any]:
    """Evaluate an operation and its first derivatives at x, far beyond double precision.

    They are taken by t of f(x + scale t), with a scale on which f varies.
    """
    f, _ = UNARY[name]
    if name in ("lgamma", "digamma"):  # their derivatives have a name in mpmath
        first = 0 if name == "lgamma" else 1
        return [f(mpf(x))] + [mp.psi(first + n, mpf(x)) for n in range(order)]
    tiny, huge = 0 < abs(x) < 0.1, abs(x) > 10
    fitted = (tiny and name in SINGULAR_AT_ZERO) or (huge and name in ALGEBRAIC_AT_INFINITY)
    with mp.workdps(120 if 1e-50 < abs(x) < 1e50 or fitted else 700):
        at, scale = mpf(x), mpf(x) if fitted else mpf(1)
        coefficients = mp.taylor(lambda t: f(at + scale * t), 0, order, chop=False)
        return [mp.factorial(n) * c / scale**n for n, c in enumerate(coefficients)]
