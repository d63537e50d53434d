"""Every row of the table against mpmath: values and derivatives, wherever the row is defined."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf
from references import GRID, UNARY, derivatives

from autograd_lite import Value, gradients, ops
from autograd_lite.operation import TABLE, Operation

# Of a value and a first derivative, of higher ones: relative to the derivative, or to how far it
# moves when the operand does by as much, whichever is larger.
FIRST, HIGHER = 1e-14, 1e-12
STEPS = {"floor", "ceil", "round", "trunc", "sign"}
BEYOND_MPMATH = {("gelu", -1e300), ("erfc", 1e300), ("normal_cdf", -1e300)}


def close(got: float, wanted: Any, sensitivity: Any, tolerance: float) -> bool:
    if abs(wanted) > mpf("1.79e308"):
        return math.isinf(got) or math.isnan(got)
    return bool(
        abs(mpf(got) - wanted) <= tolerance * max(abs(wanted), abs(sensitivity)) + mpf(1e-307)
    )


def defined_at(row: Operation, x: float) -> bool:
    try:
        row(x)
    except (ValueError, OverflowError):
        return False
    return True


@pytest.mark.parametrize("name", [name for name in UNARY if name not in STEPS])
def test_value_and_three_derivatives_of_one_operand(name: str) -> None:
    row = TABLE[name]
    kinks = {point[0] for point in row.kinks}
    for x in GRID + UNARY[name][1]:
        if not defined_at(row, x) or x in kinks or (name, x) in BEYOND_MPMATH:
            continue
        wanted = derivatives(name, x, 4)
        leaf = Value(x)
        got = [row(leaf)]
        for _ in range(3):
            got += gradients(got[-1], [leaf], create_graph=True)
        for n in range(4):
            tolerance = FIRST if n < 2 else HIGHER
            sensitivity = mpf(x) * wanted[n + 1]
            assert close(got[n].data, wanted[n], sensitivity, tolerance), (
                f"derivative {n} of {name} at {x!r}: {got[n].data!r}, not {mp.nstr(wanted[n], 17)}"
            )


@pytest.mark.parametrize("name", sorted(STEPS))
def test_steps_have_the_value_of_mpmath_and_no_slope(name: str) -> None:
    for x in [*GRID, 0.5, 1.5, 2.5, -0.5, -1.5]:
        leaf = Value(x)
        result = TABLE[name](leaf)
        assert result.data == UNARY[name][0](mpf(x))
        assert gradients(result, [leaf]) == [0.0]


BINARY: dict[str, tuple[Callable[..., Any], list[tuple[float, ...]]]] = {
    "add": (lambda a, b: a + b, [(1.5, -2.5), (1e300, 1e-300), (0.0, 0.0)]),
    "sub": (lambda a, b: a - b, [(1.5, -2.5), (1e300, 1e-300), (0.0, 0.0)]),
    "mul": (lambda a, b: a * b, [(1.5, -2.5), (1e300, 1e-300), (0.0, 3.0)]),
    "div": (lambda a, b: a / b, [(1.5, -2.5), (1e-300, 1e-10), (0.0, 3.0), (1e300, 7.0)]),
    "pow": (mp.power, [(1.5, -2.5), (1e-300, 0.5), (3.0, 2.0), (1e300, 0.9), (0.3, 0.0)]),
    "mod": (lambda a, b: a - b * mp.floor(a / b), [(7.5, 2.0), (-7.5, 2.0), (7.5, -2.0)]),
    "fmod": (lambda a, b: a - b * mp.sign(a / b) * mp.floor(abs(a / b)),
             [(7.5, 2.0), (-7.5, 2.0), (7.5, -2.0)]),
    "atan2": (mp.atan2, [(1.5, -2.5), (-1.0, 1e-3), (0.0, 2.0), (3.0, 0.0), (-2.0, 0.5)]),
    "hypot": (mp.hypot, [(3.0, -4.0), (1.0, 1e-10), (0.0, 2.0), (-5.0, 1e-3)]),
    "copysign": (lambda a, b: abs(a) * mp.sign(b), [(1.5, -2.5), (-1e300, 1e-300), (-2.0, -3.0)]),
    "logaddexp": (lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
                  [(1.0, 2.0), (1000.0, 1000.0), (-3.0, 0.5), (700.0, 699.0)]),
    "maximum": (max, [(1.0, 2.0), (-1e300, 1e300), (3.0, -3.0)]),
    "minimum": (min, [(1.0, 2.0), (-1e300, 1e300), (3.0, -3.0)]),
    "leaky_relu": (lambda x, s: x if x > 0 else s * x, [(2.0, 0.1), (-2.0, 0.1), (-1e-10, 0.3)]),
    "elu": (lambda x, a: x if x > 0 else a * mp.expm1(x), [(2.0, 0.5), (-2.0, 0.5), (-30.0, 2.0)]),
    "fma": (lambda a, b, c: a * b + c, [(1.5, -2.5, 0.3), (1e10, 1e-10, -0.25)]),
    "clamp": (lambda x, a, b: max(min(x, b), a),
              [(0.5, 0.0, 1.0), (-2.0, 0.0, 1.0), (2.0, 0.0, 1.0)]),
}  # fmt: skip
SEQUENCES: dict[str, tuple[Callable[..., Any], list[tuple[float, ...]]]] = {
    "sum": (lambda *xs: sum(xs), [(1.5,), (1.5, -2.5, 1e-3)]),
    "prod": (lambda *xs: mp.fprod(xs), [(1.5, -2.5, 4.0), (0.0, 2.0, 3.0), (0.0, 0.0, 3.0)]),
    "mean": (lambda *xs: sum(xs) / len(xs), [(1.5,), (1.5, -2.5, 1e-3)]),
    "max": (lambda *xs: max(xs), [(1.0, 3.0, 2.0), (-1.0,)]),
    "min": (lambda *xs: min(xs), [(1.0, 3.0, 2.0), (-1.0,)]),
    "norm": (lambda *xs: mp.sqrt(sum(x * x for x in xs)), [(2.0, -3.0, 6.0), (0.0, 2.0)]),
    "logsumexp": (lambda *xs: mp.log(sum(map(mp.exp, xs))),
                  [(0.5,), (1.0, 2.0, 3.0), (1000.0, 1000.0), (-900.0, 0.1, 0.7), (2.0, -2.0)]),
    "dot": (lambda *xs: sum(a * b for a, b in zip(xs[:2], xs[2:4], strict=True)) + sum(xs[4:]),
            [(1.0, 2.0, -3.0, 4.0), (1.0, 2.0, -3.0, 4.0, 0.5)]),
}  # fmt: skip
SEVERAL = [(name, point) for name, (_, points) in (BINARY | SEQUENCES).items() for point in points]


# Second derivatives are held against the largest of the Hessian: hypot's and logsumexp's smallest
# are differences of numbers near 1, and cancel where one operand outweighs the others.
@pytest.mark.parametrize(("name", "point"), SEVERAL)
def test_value_and_two_derivatives_of_several_operands(name: str, point: tuple[float, ...]) -> None:
    f, _ = (BINARY | SEQUENCES)[name]
    with mp.workdps(700):
        at = tuple(map(mpf, point))
        value = f(*at)
        assert close(TABLE[name].evaluate(point), value, 0, FIRST)
    leaves = [Value(x) for x in point]
    result = TABLE[name].apply(tuple(leaves))
    slopes = gradients(result, leaves, create_graph=True)
    hessian = [gradients(slope, leaves) for slope in slopes]
    n = range(len(point))
    wanted = [_partial(f, point, [int(k == i) for k in n]) for i in n]
    curvatures = [
        [_partial(f, point, [int(k == i) + int(k == j) for k in n]) for j in n] for i in n
    ]
    largest = max(abs(c) for row in curvatures for c in row)
    for i in n:
        moved = max(abs(x * c) for x, c in zip(point, curvatures[i], strict=True))
        assert close(slopes[i].data, wanted[i], moved, FIRST), (i, slopes[i].data, wanted[i])
        for j in n:
            assert close(hessian[i][j], curvatures[i][j], largest, HIGHER), (i, j, hessian[i][j])


def _partial(f: Callable[..., Any], point: tuple[float, ...], orders: list[int]) -> Any:
    """Differentiate with a step that fits the smallest number of the point."""
    with mp.workdps(700):
        scales = [mpf(x) if x and not 0.01 < abs(x) < 100 else mpf(1) for x in point]
        if f is SEQUENCES["logsumexp"][0]:
            scales = [mpf(1)] * len(point)

        def scaled(*ts: Any) -> Any:
            return f(*(mpf(x) + s * t for x, s, t in zip(point, scales, ts, strict=True)))

        slope = mp.diff(scaled, (0,) * len(point), tuple(orders))
        return slope / mp.fprod(s**n for s, n in zip(scales, orders, strict=True))


POSITIVE = [1e-310, 1e-300, 1e-100, 1e-20, 1e-3, 0.3, 0.5, 1.0, 1.5, 4.0, 17.3, 100.0, 1e5, 1e17,
            1e100, 1e300]  # fmt: skip
NEGATIVE = [-1e-310, -1e-20, -1e-3, -0.3, -0.4999, -0.75, -2 + 1e-9, -3.7, -33.3]
HALF_INTEGERS = [-0.5, -1.5, -2.5, -20.5, -100.5]


# (-1)**(n + 1) n! times the Hurwitz zeta function of n + 1 (DLMF 25.11.12); below 0 first moved up.
def _polygamma(n: int, x: float) -> Any:
    with mp.workdps(500):
        at, moved = mpf(x), mpf(0)
        if n == 0:
            return mp.digamma(at)
        while at < 40 + n:
            moved, at = moved + at ** -(n + 1), at + 1
        half, lead = at ** -(n + 1) / 2, at**-n / n
        tail = mp.fsum(
            mp.bernoulli(2 * k) * mp.rf(n + 1, 2 * k - 1) / mp.factorial(2 * k) * at ** -(n + 2 * k)
            for k in range(1, 13)
        )
        return (-1) ** (n + 1) * mp.factorial(n) * (moved + half + lead + tail)


@pytest.mark.slow
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7, 20, 31, 100, 149, 150, 169, 170])
def test_polygamma_of_every_order(n: int) -> None:
    for x in POSITIVE + NEGATIVE + HALF_INTEGERS:
        wanted, got = _polygamma(n, x), ops.polygamma(float(n), x)
        if abs(wanted) > mpf("1.79e308"):
            assert got == math.copysign(math.inf, wanted), (n, x, got)
        elif x in HALF_INTEGERS and n % 2 == 0:  # where the poles on both sides cancel
            assert close(got, wanted, 0, FIRST), (n, x, got, wanted)
        else:
            pole = abs(x - min(round(x), 0))
            assert close(got, wanted, (n + 1) * wanted * x / pole, FIRST), (n, x, got, wanted)


def test_polygamma_s_reference() -> None:
    for n, x in [(1, 0.3), (2, -2.4), (20, 4.0), (150, 5.0)]:
        assert close(float(mp.psi(n, mpf(x))), _polygamma(n, x), 0, 1e-15)


def test_derivatives_of_the_gamma_functions_at_their_poles_sides() -> None:
    for x, wanted in [(1e-310, -math.inf), (-1e-310, math.inf)]:
        leaf = Value(x)
        ops.lgamma(leaf).backward()
        assert leaf.grad == wanted
        leaf = Value(x)
        ops.digamma(leaf).backward()
        assert leaf.grad == math.inf


def test_every_row_is_tested_here() -> None:
    covered = UNARY.keys() | BINARY.keys() | SEQUENCES.keys() | STEPS
    own = {name for name, row in TABLE.items() if getattr(ops, name, None) is row} | {"dot"}
    assert own - covered == {"polygamma", "floordiv", "one_minus_square"}


STABLE = [
    (ops.sigmoid, -1000.0, 0.0),
    (ops.sigmoid, 1000.0, 1.0),
    (ops.softplus, 800.0, 800.0),
    (ops.softplus, -800.0, 0.0),
    (ops.logsigmoid, -800.0, -800.0),
    (ops.log1p, 1e-18, 1e-18),
    (ops.expm1, 1e-18, 1e-18),
    (ops.tanh, 1000.0, 1.0),
    (ops.sech2, 1000.0, 0.0),
    (ops.gelu, math.inf, math.inf),
    (ops.silu, -math.inf, 0.0),
]


@pytest.mark.parametrize(("row", "x", "wanted"), STABLE)
def test_stable_at_the_extremes(row: Operation, x: float, wanted: float) -> None:
    assert row(x) == wanted
    leaf = Value(x)
    row(leaf).backward()
    assert math.isfinite(leaf.grad) or math.isinf(x)


def test_softmax_is_stable_and_sums_to_one() -> None:
    xs = [Value(x) for x in (1000.0, 999.0, -1000.0)]
    ps = ops.softmax(xs)
    assert sum(p.data for p in ps) == pytest.approx(1, abs=1e-15)
    # d p0 / d x = p0 (delta - p)
    wanted = [ps[0].data * ((i == 0) - p.data) for i, p in enumerate(ps)]
    assert gradients(ps[0], xs) == pytest.approx(wanted, rel=1e-14)
    assert [p.data for p in ops.log_softmax(xs)] == pytest.approx(
        [
            float(mp.log(mp.exp(x - 1000) / (1 + mp.exp(-1) + mp.exp(-2000))))
            for x in (1000, 999, -1000)
        ]
    )
