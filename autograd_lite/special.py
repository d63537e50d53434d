"""Forward rules that Python's math module does not have, on floats, stable over their whole range.

The polygamma functions follow DLMF 5.15: upward recurrence (5.15.5) into the asymptotic series
(5.15.8, 5.15.9 with Bernoulli numbers), reflection (5.15.6) for negative arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from operator import mul
from typing import Any

from .operation import primal

_HIGHEST_ORDER = 170  # that of a factorial that fits a float
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510,
              43867 / 798, -174611 / 330, 854513 / 138)  # fmt: skip


def power(x: float, y: float) -> float:
    """Return x**y, a float always: where Python would give a complex number, ValueError."""
    result: float = x**y
    if result.__class__ is complex:
        raise ValueError
    return result


def power_log(n: float, a: float, b: float) -> float:
    """Return a**b log(a)**n for whole n >= 0, inf or nan where it is not a finite real number."""
    if not (n >= 0 and n % 1 == 0):
        raise ValueError
    if a < 0 and n:
        return math.nan
    if a == 0 and n:
        return 0.0 if b > 0 else (-math.inf) ** n
    try:
        power = math.pow(a, b)
    except (OverflowError, ValueError):  # math raises ValueError for a power of 0, too
        if a < 0 and b % 1 > 0:
            return math.nan
        power = math.copysign(math.inf, a) if b % 2 == 1 else math.inf
    return power * math.log(a) ** n if n else power


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)) without overflow, to full relative accuracy."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    e = math.exp(x)
    return e / (1 + e)


def softplus(x: float) -> float:
    """Return log(1 + exp(x)) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def sech2(x: float) -> float:
    """Return 1 / cosh(x)**2; beyond the reach of cosh it is 0 to all digits of a float."""
    try:
        c = math.cosh(x)
    except OverflowError:
        return 0.0
    return 1 / (c * c)


# The square root of 1/2 in two parts, the first of 26 bits.
_ROOT, _ROOT_HIGH, _ROOT_LOW = math.sqrt(0.5), 0.7071067839860916, -2.799544089368687e-09


def normal_cdf(x: float) -> float:
    """Return the standard normal distribution function, erfc(-x / sqrt(2)) / 2 (DLMF 7.18.1).

    In the lower tail a rounding of the operand of erfc counts x * x times in the result. So it is
    multiplied out exactly, in halves (Dekker 1971), and what rounding leaves over is made good for.
    """
    if x > -1.0 or x != x:
        return 0.5 * math.erfc(-x * _ROOT)
    if x < -40:
        return 0.0
    return float(normal_tail(x))


def normal_tail(
    x: Any, erfc: Callable[[Any], Any] = math.erfc, exp: Callable[[Any], Any] = math.exp
) -> Any:
    """Return `normal_cdf` of a number of any kind in [-40, 40], as the operation needs it below."""
    high = 134217729.0 * x  # 2**27 + 1, after Veltkamp
    high = high - (high - x)
    rest = high * _ROOT_LOW + (x - high) * _ROOT
    z = high * _ROOT_HIGH + rest
    error = (high * _ROOT_HIGH - z) + rest
    return 0.5 * erfc(-z) + error / math.sqrt(math.pi) * exp(-z * z)


def sinc(n: float, x: float) -> float:
    """Return the n-th derivative of sin(z) / z, z = pi x; ValueError where n is not 0, 1, 2, ...

    With u(n) = pi^-n times it, z u(n) + n u(n-1) = sin(z + n pi / 2), which is stable upwards for
    n <= z and downwards beyond, from any start that is far enough (Miller's algorithm, DLMF 3.6).
    """
    if not (n >= 0 and n == math.floor(n)):
        raise ValueError
    if not math.isfinite(x):
        return x if x != x else 0.0
    order, z, turns = int(n), math.pi * x, round(x)
    angle, sign = math.pi * (x - turns), -1.0 if turns % 2 else 1.0  # exact at whole numbers
    sine, cosine = sign * math.sin(angle), sign * math.cos(angle)
    waves = sine, cosine, -sine, -cosine
    if order <= abs(z) and z:
        u = waves[0] / z
        for k in range(1, order + 1):
            u = (waves[k % 4] - k * u) / z
    else:
        start, error = order + 2, 1.0  # what is left of the error made there
        while error > 1e-18:
            start += 1
            error *= abs(z) / start
        u = 0.0
        for k in range(start, order, -1):
            u = (waves[k % 4] - z * u) / k
    return u * math.pi**order


def logaddexp(x: float, y: float) -> float:
    """Return log(exp(x) + exp(y)) without overflow."""
    apart = x - y if x != y else 0.0  # of infinite ones, too
    return (x if x > y else y) + math.log1p(math.exp(-abs(apart)))


def clamp(x: float, low: float, high: float) -> float:
    """Return x held between low and high, nan if one is; ValueError where low > high."""
    if low > high:
        raise ValueError
    if low != low or high != high:
        return math.nan
    return low if x < low else high if x > high else x


def rounded(rule: Callable[[float], int]) -> Callable[[float], float]:
    """Make a rounding function return a float, and pass inf and nan through."""

    def to_float(x: float) -> float:
        return float(rule(x)) if math.isfinite(x) else x

    return to_float


def fma(x: float, y: float, z: float) -> float:
    """Return x * y + z rounded once."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return x * y + z
    if not math.isfinite(z):  # whatever x * y is, were it too large for a float
        return z
    from fractions import Fraction  # imported where it is needed: that takes longer than the rest

    exact = Fraction(x) * Fraction(y) + Fraction(z)
    return float(exact) if exact else x * y + z  # the sign of a zero is the float sum's


def extreme(choose: Callable[[tuple[float, ...]], float], xs: tuple[float, ...]) -> float:
    """Return the largest or smallest of the numbers, as `choose` has it; nan if any is."""
    return math.nan if any(map(math.isnan, xs)) else choose(xs)


def dot(*xs: float) -> float:
    """Return x1*y1 + ... + xn*yn (+ start) of operands laid out x1..xn, y1..yn[, start]."""
    n = len(xs) // 2
    return sum(map(mul, xs[:n], xs[n : 2 * n]), xs[2 * n] if len(xs) % 2 else 0.0)


def mean(*xs: float) -> float:
    """Return the arithmetic mean; ValueError for none."""
    if not xs:
        raise ValueError
    return sum(xs) / len(xs)


def logsumexp(*xs: float) -> float:
    """Return log(exp(x1) + ... + exp(xn)) without overflow; -inf for none."""
    if not xs:
        return -math.inf
    top = extreme(max, xs)
    if not math.isfinite(top):
        return top
    rest = list(xs)
    rest.remove(top)
    return top + math.log1p(sum(math.exp(x - top) for x in rest))


def polygamma(n: float, x: float) -> float:
    """Return the n-th derivative of digamma; ValueError at the poles 0, -1, -2, ...

    So near a pole that it is too large for a float, it is infinite, as 1 / x is.
    """
    if n != n or x != x:
        return n + x
    pole = x == -math.inf or (x <= 0 and x % 1 == 0)
    if pole or not (0 <= n <= _HIGHEST_ORDER and n % 1 == 0):
        raise ValueError
    if x == math.inf:
        return 0.0 if n else x
    try:
        return float(polygamma_formula(int(n), x))
    except OverflowError:  # the pole at 0, from the right
        return math.inf if n % 2 else -math.inf


def polygamma_formula(
    n: int,
    x: Any,
    order: int = 0,
    *,
    log: Callable[[Any], Any] = math.log,
    tan: Callable[[Any], Any] = math.tan,
    total: Callable[[list[Any]], Any] = math.fsum,
) -> Any:
    """Return polygamma in terms of arithmetic, log and tan, for a number of any kind.

    Its derivatives up to `order` are as accurate as it is itself.
    """
    sign = 1.0 if n % 2 else -1.0
    if x < 0:
        reflected = polygamma_formula(n, 1.0 - x, order, log=log, tan=tan, total=total)
        return -sign * reflected - _cot_derivative(n, x, tan)
    # In units of a power of two near x, so that powers of x stay in range where the result does.
    at = primal(x)
    exponent = max(math.frexp(at)[1], -500) if n else 0
    unit = math.ldexp(1.0, -exponent)
    steps = math.ceil(max(10.0 + 2 * (n + order) - at, 0.0))
    terms = [unit * ((x + float(k)) * unit) ** -(n + 1.0) for k in range(steps)]
    x = x + float(steps)
    w = 1.0 / x
    tail: Any = 0.0
    for b in _asymptotic(n):
        tail = tail * (w * w) + b
    terms.append(unit * (x * unit) ** -(n + 1.0) * (tail * w + 0.5))
    terms.append((x * unit) ** float(-n) / n if n else -log(x))
    fraction, power_of_two = math.frexp(math.factorial(n))
    power_of_two -= exponent * n
    half = power_of_two // 2
    factor = math.ldexp(sign * fraction, half)
    return total(terms) * factor * math.ldexp(1.0, power_of_two - half)


@cache
def _asymptotic(n: int) -> list[float]:
    """List B_2k (2k + n - 1)! / ((2k)! n!), the last first."""
    return [b * math.comb(2 * k + n - 1, n) / (2 * k) for k, b in enumerate(BERNOULLI, 1)][::-1]


def _cot_derivative(n: int, x: Any, tan: Callable[[Any], Any]) -> Any:
    """Return the n-th derivative of pi cot(pi x), which at half-integers is exactly 0 for even n.

    It is a polynomial P(n) in c = cot(pi x), with dP(n)/dx = -pi (1 + c^2) dP(n)/dc.
    """
    near = x - float(round(primal(x)))
    if near > 0.25:
        c = tan(math.pi * (0.5 - near))
    elif near < -0.25:
        c = -tan(math.pi * (0.5 + near))
    else:
        c = 1.0 / tan(math.pi * near)
    total, *rest = _cot_polynomial(n)
    for coefficient in rest:
        total = total * c + coefficient
    return total * math.pi ** (n + 1) * float(math.factorial(n))


@cache
def _cot_polynomial(n: int) -> list[Any]:
    """List the coefficients of P(n) / n!, that of the highest power first."""
    if n == 0:
        return [1.0, 0.0]
    before = _cot_polynomial(n - 1)
    slope = [k * a / -n for k, a in zip(range(n, 0, -1), before, strict=False)]
    return [a + b for a, b in zip([*slope, 0.0, 0.0], [0.0, 0.0, *slope], strict=True)]
