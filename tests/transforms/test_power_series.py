"""Taylor series of every analytic row, wherever its operands are on the scale of floats.

They are taken of f(s (1 + t)) at t = 0, whose coefficients are in range wherever f(s) is, however
large or small s may be. The references are Cauchy's integrals round 0, by the trapezoidal rule at
120 digits (Trefethen and Weideman, The exponentially convergent trapezoidal rule, 2014).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from references import UNARY

import autograd_lite as ag
from autograd_lite import Value, gradients, op, ops
from autograd_lite.operation import TABLE

ORDER, POINTS, DIGITS = 30, 96, 120
LARGEST = mpf("1.797e308")
Function = Callable[..., Any]


def coefficients(f: Function, radius: float) -> list[Any]:
    """Return c_k with f(t) = sum c_k t^k, for f real on the real line and analytic in a disk."""
    half = POINTS // 2
    roots = [mp.expjpi(mpf(j) / half) for j in range(POINTS)]
    values = [f(radius * z) for z in roots[: half + 1]]
    sums = [
        (mp.re(values[0]) + (-1) ** k * mp.re(values[half])) / 2
        + mp.fsum(mp.re(values[j] * mp.conj(roots[j * k % POINTS])) for j in range(1, half))
        for k in range(ORDER + 1)
    ]
    return [2 * total / POINTS / mpf(radius) ** k for k, total in enumerate(sums)]


def check(got: list[float], wanted: list[Any], what: str) -> None:
    """Compare coefficients, each on the scale of those beside it."""
    noise = mpf(1e-306) + mpf(1e-60) * max(map(abs, wanted))
    for k, (a, b) in enumerate(zip(got, wanted, strict=True)):
        if abs(b) > LARGEST:
            assert not math.isfinite(a), f"coefficient {k} of {what}: {a!r}, not {mp.nstr(b, 17)}"
            continue
        scale = max(abs(c) for c in wanted[max(0, k - 2) : k + 3])
        assert abs(mpf(a) - b) <= 1e-12 * scale + noise, (
            f"coefficient {k} of {what}: {a!r}, not {mp.nstr(b, 17)}"
        )


MODERATE = [1e-3, 0.3, 0.9, 1.7, 3.0, 5.5, 40.0]
SMALL, LARGE = [1e-200, 1e-100, 1e-30], [1e30, 1e100, 1e200]
# Rows that neither end in a constant at infinity nor leave the floats: algebraic or logarithmic.
ON_ALL_SCALES = {"neg", "pos", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "square",
                 "reciprocal", "atan", "asinh", "acosh"}  # fmt: skip
COMPLEX: dict[str, Function] = {  # where the reference is for real numbers only
    "cbrt": lambda z: mp.cbrt(z) if mp.re(z) > 0 else -mp.cbrt(-z),
    "softplus": lambda z: mp.log(1 + mp.exp(z)) if mp.re(z) < 0 else z + mp.log(1 + mp.exp(-z)),
    "logsigmoid": lambda z: -mp.log(1 + mp.exp(-z)) if mp.re(z) > 0 else z - mp.log(1 + mp.exp(z)),
    "mish": lambda z: z * mp.tanh(mp.log(1 + mp.exp(z))),
    "lgamma": mp.loggamma,
    "atan": lambda z: _precisely(mp.atan, z),
    "atanh": lambda z: _precisely(mp.atanh, z),
}


def _precisely(f: Function, z: Any) -> Any:
    """Evaluate what mpmath takes from a difference of logarithms of numbers near 1."""
    with mp.workdps(DIGITS + 220):
        return f(z)


SINGULAR = {"asin": 1.0, "acos": 1.0, "atanh": 1.0, "acosh": 1.0, "log1p": -1.0}
# Where a kink is within a domain, there is no series; those of these are at the end of theirs.
ENDING_IN_A_KINK = {"sqrt", "cbrt", "asin", "acos", "acosh"}
ANALYTIC = [name for name in UNARY if not TABLE[name].kinks or name in ENDING_IN_A_KINK]


def radius_of(name: str, s: float) -> float:
    """Return half the distance, in units of s, to the nearest singularity."""
    gaps = [0.8]
    if name in SINGULAR:
        gaps += [abs(s - SINGULAR[name]) / abs(s), abs(s + SINGULAR[name]) / abs(s)]
    if name == "tan":
        gaps.append(abs(s / math.pi - 0.5 - round(s / math.pi - 0.5)) * math.pi / abs(s))
    if name == "digamma" and s < 0:
        gaps.append(abs(s - round(s)) / abs(s))
    if name not in ON_ALL_SCALES | set(SINGULAR):
        gaps.append(1.5 / abs(s))
    return min(gaps) / 2


def scales(name: str) -> list[float]:
    sizes = [*MODERATE, *SMALL, *LARGE] if name in ON_ALL_SCALES else [*MODERATE, *SMALL]
    signed = [s for x in sizes for s in (x, -x)]
    if name in (
        "erf",
        "erfc",
        "gelu",
        "normal_cdf",
    ):  # beyond, what comes to be in range grows from an underflow
        signed = [s for s in signed if abs(s) < 10]
    if name == "lgamma":  # the reference is complex below 0
        signed = sizes
    return [s for s in signed if is_inside(name, s)]


def is_inside(name: str, s: float) -> bool:
    try:
        TABLE[name](s)
    except (ValueError, OverflowError):
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", ANALYTIC)
def test_every_analytic_row_on_every_scale(name: str) -> None:
    row = TABLE[name]
    f: Function = COMPLEX.get(name, UNARY[name][0])

    def check_at(s: float) -> None:
        with mp.workdps(DIGITS):
            wanted = coefficients(lambda t: f(s * (1 + t)), radius_of(name, s))
        got = ag.taylor(lambda t: row(s * (1 + t)), 0.0, ORDER)
        check(got, wanted, f"{name}({s} (1 + t))")

    for s in scales(name):
        check_at(s)


# Of several operands: f in the table's words and in mpmath's, of u = s (1 + t) and v = s (2 - t).
SEVERAL: dict[str, tuple[Function, Function]] = {
    "1 / u": (lambda u, v: 1.0 / u, lambda u, v: 1 / u),
    "u / v": (lambda u, v: u / v, lambda u, v: u / v),
    "u**-1": (lambda u, v: u**-1, lambda u, v: 1 / u),
    "u**-1.5": (lambda u, v: u**-1.5, lambda u, v: u ** mpf(-1.5)),
    "u**1.5": (lambda u, v: u**1.5, lambda u, v: u ** mpf(1.5)),
    "u**0.1": (lambda u, v: u**0.1, lambda u, v: u ** mpf(0.1)),
    "u**(v / u / 64)": (lambda u, v: u ** (v / u / 64), lambda u, v: u ** (v / u / 64)),
    "2**(v / u)": (lambda u, v: 2 ** (v / u), lambda u, v: 2 ** (v / u)),
    "hypot": (lambda u, v: ops.hypot(u, v), lambda u, v: mp.sqrt(u * u + v * v)),
    "hypot(u, 1)": (lambda u, v: ops.hypot(u, 1.0), lambda u, v: mp.sqrt(u * u + 1)),
    "norm": (lambda u, v: ops.norm([u, v, u]), lambda u, v: mp.sqrt(2 * u * u + v * v)),
    "atan2": (lambda u, v: ops.atan2(u, v), lambda u, v: mp.atan(u / v)),
    "prod": (lambda u, v: ops.prod([1 / u, u, v]), lambda u, v: v),
    "dot": (lambda u, v: ops.dot([u, v], [1 / v, 1 / u], v / u),
            lambda u, v: u / v + 2 * v / u),
    "mean": (lambda u, v: ops.mean([u, v, 1.0]), lambda u, v: (u + v + 1) / 3),
    "fma": (lambda u, v: ops.fma(u, 1 / v, u / v), lambda u, v: 2 * u / v),
    "u / v % 0.3": (lambda u, v: (u / v) % 0.3, lambda u, v: u / v - mpf(0.3)),
}  # fmt: skip


@pytest.mark.parametrize("s", [*SMALL, 0.3, 40.0, *LARGE])
@pytest.mark.parametrize("name", SEVERAL)
def test_operations_on_several_numbers_on_every_scale(name: str, s: float) -> None:
    f, reference = SEVERAL[name]
    with mp.workdps(DIGITS):
        wanted = coefficients(lambda t: reference(s * (1 + t), s * (2 - t)), 0.25)
    got = ag.taylor(lambda t: f(s * (1 + t), s * (2 - t)), 0.0, ORDER)
    check(got, wanted, f"{name} at {s}")


@pytest.mark.parametrize(
    ("n", "s"), [(1, 1e-100), (2, 1e-60), (5, 0.3), (20, 3.3), (3, -2.4), (30, 1e6), (1, 1e150)]
)
def test_polygamma_on_every_scale(n: int, s: float) -> None:
    got = ag.taylor(lambda t: ops.polygamma(float(n), s * (1 + t)), 0.0, 8)
    with mp.workdps(DIGITS):
        wanted = [mp.psi(n + k, mpf(s)) * mpf(s) ** k / mp.factorial(k) for k in range(9)]
    check(got, wanted, f"polygamma({n}, {s} (1 + t))")


# What grows out of an operand that is itself out of range: C(2.5, k) 1e-200^(2.5 - k) and so on.
UNEQUAL: list[tuple[Function, float, list[float]]] = [
    (lambda x: x**2.5, 1e-200, [0.0, 2.5e-300, 1.875e-100, 3.125e99, -3.90625e298, math.inf]),
    (lambda x: x**3, 1e-200, [0.0, 0.0, 3e-200, 1.0, 0.0, 0.0]),
    (lambda x: x**3, 2.0, [8.0, 12.0, 6.0, 1.0, 0.0, 0.0]),
    (lambda x: x**3, 0.0, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
    (lambda x: x**-1, 1e150, [1e-150, -1e-300, 0.0, 0.0]),
    (lambda x: 1 / x, 1e-150, [1e150, -1e300, math.inf, -math.inf]),
    (lambda x: ops.log(x), 1e-150, [math.log(1e-150), 1e150, -5e299, math.inf]),
    (lambda x: (x + 0.0) ** 1.0, 5.0, [5.0, 1.0, 0.0]),
    (lambda x: 2.0**x, 0.0, [1.0, math.log(2), math.log(2) ** 2 / 2]),
    (lambda x: x / 4.0 - x * 0.25 + 3.0, 7.0, [3.0, 0.0, 0.0]),
    (lambda x: +(-x), 7.0, [-7.0, -1.0, 0.0]),
    (ops.digamma, 1e-310, [-math.inf, math.inf]),
]


@pytest.mark.parametrize(("f", "x", "wanted"), UNEQUAL)
def test_operands_of_different_scales(f: Function, x: float, wanted: list[float]) -> None:
    assert ag.taylor(f, x, len(wanted) - 1) == pytest.approx(wanted, rel=1e-13, abs=1e-306)


@pytest.mark.parametrize("order", [1, 7, 29, 30])
def test_coefficients_do_not_depend_on_how_many_are_asked_for(order: int) -> None:
    def f(x: Any) -> Any:
        return ops.gelu(x) / (2 + ops.sin(x * x)) + ops.prod([x, ops.exp(x), x + 1]) ** 1.5

    assert ag.taylor(f, 0.7, order) == ag.taylor(f, 0.7, 30)[: order + 1]


# x, n and the n-th derivative of digamma, (-1)**(n + 1) n! zeta(n + 1, x).
@pytest.mark.slow
@pytest.mark.parametrize(("x", "order"), [(3.0, 150), (0.4, 30), (-0.3, 60), (25.0, 169)])
def test_high_derivatives_of_the_gamma_functions(x: float, order: int) -> None:
    with mp.workdps(DIGITS):
        wanted = float(mp.psi(order, mpf(x)))
    assert ag.derivative(ops.digamma, order)(x) == pytest.approx(wanted, rel=1e-12)
    assert ag.derivative(ops.lgamma, order + 1)(x) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.slow
def test_the_highest_order_of_a_deep_graph_does_not_recurse_either() -> None:
    def f(x: Any) -> Any:
        for _ in range(3000):
            x = ops.sin(x)
        return x

    assert ag.taylor(f, 0.0, 1) == [0.0, 1.0]
    assert ag.taylor(f, 0.0, 3)[3] == pytest.approx(-500.0)  # each adds -1 / 6


def test_a_whole_power_of_a_polynomial_is_a_polynomial() -> None:
    assert ag.taylor(lambda x: (x * x + 0.1 * x) ** 3, 0.7, 9)[7:] == [0.0, 0.0, 0.0]


def test_high_orders_do_not_recurse() -> None:
    assert ag.derivative(lambda x: ops.polygamma(100.0, x), 2)(-0.3) == pytest.approx(
        ops.polygamma(102.0, -0.3), rel=1e-12
    )
    assert ag.taylor(lambda x: x**200, 0.0, 200)[200] == 1.0
    assert ag.taylor(lambda x: ops.prod([x + 1.0] * 2000), 0.0, 2)[2] == pytest.approx(1999000.0)
    assert ag.taylor(lambda x: ops.norm([x] * 2000), 4.0, 2)[1] == pytest.approx(2000**0.5)


def coefficient(f: Function, k: int) -> Function:
    return lambda x: ag.taylor(f, x, k)[k]


@pytest.mark.parametrize("x", [0.3, 1.7])
@pytest.mark.parametrize(
    "f",
    [
        ops.digamma, ops.lgamma, ops.gelu, ops.cbrt, ops.mish, ops.asinh,
        lambda x: ops.polygamma(2.0, x), lambda x: ops.digamma(-x), lambda x: x**-1.5 / (x + 1),
        lambda x: x**x, lambda x: ops.prod([x, 2 * x, x - 3]), lambda x: ops.atan2(x, x * x),
        lambda x: 1 / (-x - 1), lambda x: ops.logsumexp([x, -x]), lambda x: x**3,
    ],
)  # fmt: skip
def test_coefficients_can_be_differentiated(f: Function, x: float) -> None:
    c = ag.taylor(f, x, 4)
    for k in range(4):  # d/dx f^(k) / k! = (k + 1) f^(k + 1) / (k + 1)!
        slope = ag.grad(coefficient(f, k))(x)
        assert slope == pytest.approx((k + 1) * c[k + 1], rel=1e-11, abs=1e-11)
    leaf: Any = Value(x)
    recorded = ag.taylor(f, leaf, 2)
    assert gradients(recorded[2], [leaf]) == pytest.approx([3 * c[3]], rel=1e-11, abs=1e-11)


def test_an_order_is_any_whole_number() -> None:
    assert ag.taylor(ops.exp, 0.0, np.int64(2)) == [1.0, 1.0, 0.5]
    assert ag.taylor(ops.exp, 0.0, 0) == [1.0]
    assert ag.derivative(ops.exp, 170)(0.0) == pytest.approx(1.0, rel=1e-13)
    assert ag.derivative(ops.exp, np.uint8(2))(0.0) == ag.derivative(ops.exp, 0)(0.0) == 1.0
    wrong: list[Any] = [True, 2.0, -1, "2", None, np.array([1, 2])]
    for order in wrong:
        with pytest.raises(ValueError, match="an order is a whole number"):
            ag.taylor(ops.exp, 0.0, order)
        with pytest.raises(ValueError, match="an order is a whole number from 0 to 170"):
            ag.derivative(ops.exp, order)


def test_constants_that_differ_in_the_sign_of_zero_are_two() -> None:
    def f(t: Any) -> Any:
        return ops.atan2(t, 0.0) - ops.atan2(t, -0.0)

    assert ag.taylor(f, 0.0, 1)[0] == f(0.0) == -math.pi


def test_rows_that_had_one_name_are_two() -> None:
    first = op("series_renamed", lambda x: ops.sin(x), vjp=lambda g, y, x: g * ops.cos(x))
    second = op("series_renamed", lambda x: ops.exp(x), vjp=lambda g, y, x: g * ops.exp(x))
    found = ag.taylor(lambda x: first(x) + second(x), 0.5, 1)
    assert found == pytest.approx([math.sin(0.5) + math.exp(0.5), math.cos(0.5) + math.exp(0.5)])
