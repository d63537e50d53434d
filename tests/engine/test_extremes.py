"""At nan, at infinity and beyond: nan is not lost, and limits are what they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

from autograd_lite import Value, derivative, grad, gradients, ops, taylor
from autograd_lite.operation import TABLE

inf, nan = math.inf, math.nan

# What IEEE 754 says is a number though an operand is none: operation, operands, value.
NUMBERS_IN_SPITE_OF_NAN = {
    ("pow", (nan, 0.0)): 1.0,
    ("pow", (1.0, nan)): 1.0,
    ("hypot", (inf, nan)): inf,
    ("hypot", (nan, -inf)): inf,
    ("norm", (1.0, inf, nan)): inf,
    ("copysign", (2.0, nan)): 2.0,
}
SMOOTH = (0.3, 0.6, 0.9)
ROWS = [name for name, row in TABLE.items() if getattr(ops, name, ops.dot_row) is row]


def places() -> list[tuple[str, int]]:
    return [(name, i) for name in ROWS for i in range(TABLE[name].arity or 3)]


@pytest.mark.parametrize(("name", "place"), places())
def test_nan_in_nan_out(name: str, place: int) -> None:
    if (name, place) in {("copysign", 1), ("polygamma", 0)}:
        return  # the sign of nan is a sign; an order that is none is refused
    row = TABLE[name]
    n = row.arity or (4 if name == "dot" else 3)
    for x in (0.3, -0.3, 2.5, 0.0):
        point = [1.0, *SMOOTH][:n] if name == "polygamma" else [x, *SMOOTH][:n]
        point[place] = nan
        number, result = row.apply(tuple(point)), row.apply(tuple(map(Value, point)))
        if (name, tuple(point)) not in NUMBERS_IN_SPITE_OF_NAN:
            assert math.isnan(number), point
            assert math.isnan(result.data), point


@pytest.mark.parametrize("case", NUMBERS_IN_SPITE_OF_NAN, ids=str)
def test_numbers_in_spite_of_nan(case: tuple[str, tuple[float, ...]]) -> None:
    name, point = case
    assert TABLE[name].apply(point) == NUMBERS_IN_SPITE_OF_NAN[case]
    assert TABLE[name].apply(tuple(map(Value, point))).data == NUMBERS_IN_SPITE_OF_NAN[case]


# operation, value and slope at -inf, value and slope at inf: the limits.
LIMITS: list[tuple[str, float, float, float, float]] = [
    ("gelu", 0.0, 0.0, inf, 1.0),
    ("silu", 0.0, 0.0, inf, 1.0),
    ("mish", 0.0, 0.0, inf, 1.0),
    ("normal_cdf", 0.0, 0.0, 1.0, 0.0),
    ("erf", -1.0, 0.0, 1.0, 0.0),
    ("erfc", 2.0, 0.0, 0.0, 0.0),
    ("sigmoid", 0.0, 0.0, 1.0, 0.0),
    ("softplus", 0.0, 0.0, inf, 1.0),
    ("logsigmoid", -inf, 1.0, 0.0, 0.0),
    ("tanh", -1.0, 0.0, 1.0, 0.0),
    ("atan", -math.pi / 2, 0.0, math.pi / 2, 0.0),
    ("elu", -1.0, 0.0, inf, 1.0),
    ("relu", 0.0, 0.0, inf, 1.0),
    ("hardtanh", -1.0, 0.0, 1.0, 0.0),
    ("sign", -1.0, 0.0, 1.0, 0.0),
    ("sinc", 0.0, 0.0, 0.0, 0.0),
]


@pytest.mark.parametrize(("name", "low", "low_slope", "high", "high_slope"), LIMITS)
def test_values_and_slopes_at_infinity(
    name: str, low: float, low_slope: float, high: float, high_slope: float
) -> None:
    row = TABLE[name]
    for x, value, slope in ((-inf, low, low_slope), (inf, high, high_slope)):
        leaf = Value(x)
        result = row(leaf)
        assert row(x) == result.data == value
        result.backward()
        (recorded,) = gradients(result, [leaf], create_graph=True)
        assert leaf.grad == recorded.data == slope


@pytest.mark.parametrize("name", ["gelu", "silu", "mish", "erf", "erfc", "normal_cdf"])
@pytest.mark.parametrize("x", [1e103, 1e104, 1e160, 1e300, inf])
def test_bells_are_flat_far_away(name: str, x: float) -> None:
    for at in (x, -x):
        f: Callable[[Any], Any] = TABLE[name]
        for order in range(1, 5):
            f = grad(f)
            assert f(at) == (at > 0 and order == 1 and name in ("gelu", "silu", "mish"))
        assert taylor(TABLE[name], at, 4)[2:] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("x", [-38.0, -36.0, -20.1, -8.3, -3.3, -1.4, -1.0, -0.2, 0.7, 9.0])
def test_the_normal_distribution_in_its_tails(x: float) -> None:
    with mp.workdps(60):
        wanted = mp.erfc(-mpf(x) / mp.sqrt(2)) / 2
        assert abs(mpf(ops.normal_cdf(x)) / wanted - 1) < (4e-16 if x > -37.5 else 1e-7)
        assert abs(mpf(ops.gelu(x)) / (x * wanted) - 1) < (5e-16 if x > -37.5 else 1e-7)


@pytest.mark.parametrize("order", range(9))
@pytest.mark.parametrize("x", [0.0, 1e-8, 1e-3, -0.3, 0.9, 1.0, 1.3, 2.6, 3.7, -10.25, 1e5])
def test_derivatives_of_sinc(order: int, x: float) -> None:
    with mp.workdps(80):
        scale = mp.pi**order  # what the largest of the derivative is near
        wanted = mp.diff(lambda t: mp.sinpi(t) / (mp.pi * t) if t else mpf(1), mpf(x), order)
        got = derivative(ops.sinc, order)(x)
        assert abs(got - wanted) < 1e-13 * max(abs(wanted), scale / max(1, abs(x)))


def test_sinc_of_whole_numbers() -> None:
    assert [ops.sinc(float(n)) for n in (-3, -1, 0, 1, 2, 10**15)] == [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]


# --- softmax and its kin --------------------------------------------------------------------------

# As PyTorch 2 has it: softmax and log_softmax of a row, and logsumexp.
ROWS_WITH_INFINITIES = [
    ([-inf, -inf], [nan, nan], [nan, nan], -inf),
    ([-inf], [nan], [nan], -inf),
    ([inf, 1000.0], [nan, nan], [nan, nan], inf),
    ([nan, 1.0], [nan, nan], [nan, nan], nan),
    ([1.0, nan], [nan, nan], [nan, nan], nan),
    ([-inf, 0.0], [0.0, 1.0], [-inf, 0.0], 0.0),
    ([1000.0, -inf], [1.0, 0.0], [0.0, -inf], 1000.0),
    ([], [], [], -inf),
]


@pytest.mark.parametrize(("row", "soft", "log_soft", "total"), ROWS_WITH_INFINITIES)
def test_softmax_of_infinities(
    row: list[float], soft: list[float], log_soft: list[float], total: float
) -> None:
    values = [Value(x) for x in row]
    for xs in (row, values):
        assert [float(p) for p in ops.softmax(xs)] == pytest.approx(soft, nan_ok=True)
        assert [float(p) for p in ops.log_softmax(xs)] == pytest.approx(log_soft, nan_ok=True)
        assert float(ops.logsumexp(xs)) == pytest.approx(total, nan_ok=True)
    if row:
        slopes = gradients(ops.logsumexp(values), values)  # raises nothing
        assert slopes == pytest.approx(soft, nan_ok=True)


LOGADDEXP = [
    (0.0, 0.0), (1.0, -2.0), (1000.0, 1000.0), (-1000.0, -1001.0), (inf, 1.0), (-inf, 1.0),
    (-inf, -inf), (inf, inf), (nan, 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), LOGADDEXP)
def test_logaddexp_is_numpy_s(a: float, b: float) -> None:
    with np.errstate(invalid="ignore"):
        wanted = float(np.logaddexp(a, b))
    assert ops.logaddexp(a, b) == pytest.approx(wanted, rel=1e-15, nan_ok=True)
    assert ops.logaddexp(b, a) == pytest.approx(wanted, rel=1e-15, nan_ok=True)


# --- fma, fmod ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("point", "wanted"),
    [
        ((1e308, 10.0, -inf), -inf),
        ((1e308, -10.0, inf), inf),
        ((1e308, 10.0, nan), nan),
        ((inf, 0.0, 1.0), nan),
        ((inf, 1.0, -inf), nan),
        ((0.1, 10.0, -1.0), 5.551115123125783e-17),  # 0.1 is a little more than a tenth
        ((-0.0, 1.0, -0.0), -0.0),
    ],
)
def test_fma(point: tuple[float, float, float], wanted: float) -> None:
    got = ops.fma(*point)
    assert got == pytest.approx(wanted, rel=0, abs=0, nan_ok=True)
    assert math.isnan(wanted) or math.copysign(1, got) == math.copysign(1, wanted)


def test_the_backward_pass_of_fmod_raises_nothing() -> None:
    a, b = Value(nan), Value(0.0)
    ops.fmod(a, b).backward()
    assert a.grad == 1.0
    assert math.isnan(b.grad)
