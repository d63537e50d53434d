"""Answers that compiled code could get wrong without a word, each as it is eagerly."""

from __future__ import annotations

import math
import random
import warnings
from typing import Any

import numpy as np
import pytest

from autograd_lite import (
    Value,
    detect_anomaly,
    grad,
    gradients,
    hessian,
    jit,
    jvp,
    nn,
    no_grad,
    ops,
    taylor,
    vmap,
)
from autograd_lite.errors import AnomalyError, AutogradError, DomainError, TracingError
from autograd_lite.ops import where

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize("x", [2.0, -1.0, 0.0])
def test_what_an_except_does_is_done(x: float) -> None:
    def f(x: Any) -> Any:
        try:
            return ops.log(x) * x
        except ValueError:
            return x * 3.0

    compiled = jit(f)
    for _ in range(3):
        assert compiled(x) == f(x)
        assert jit(grad(f))(x) == grad(f)(x)


@pytest.mark.parametrize("x", [-1.0, 0.0])
@pytest.mark.parametrize("first", [None, 2.0])
def test_what_raises_does_though_nothing_depends_on_it(x: float, first: float | None) -> None:
    def dead(x: Any) -> Any:
        ops.log(x)
        return x * 2.0

    for f in (grad(ops.log), dead, grad(dead)):
        compiled = jit(f)
        if first is not None:
            compiled(first)
        with pytest.raises(AutogradError) as eager:
            f(x)
        with pytest.raises(AutogradError) as found:
            compiled(x)
        assert (type(found.value), str(found.value)) == (type(eager.value), str(eager.value))
    assert jit(dead)(1.0) == 2.0


def root(x: Any) -> Any:
    return where(x > 0, ops.sqrt(x * 2.0), x * 2.0)


def nested(x: Any) -> Any:
    inner = where(x > 1, ops.sqrt(ops.maximum(x - 1, 0.0)) * x, ops.cbrt(x) * x)
    return where(x > 0, inner, x * x)


def shared(x: Any) -> Any:
    y = ops.sqrt(ops.maximum(x, 0.0)) * x
    return where(x > 0, y, where(x > -1, y + 2.0 * x, x))


@pytest.mark.parametrize(
    ("f", "x"),
    [(root, x) for x in (4.0, 1.0, 0.0)] + [(nested, x) for x in (4.0, 1.0, 0.5, 0.0, -0.5, -3.0)],
)
def test_nan_stays_in_the_branch_that_is_not_taken(f: Any, x: float) -> None:
    assert jit(f)(x) == f(x)
    assert jit(grad(f))(x) == grad(f)(x)
    assert grad(jit(f))(x) == grad(f)(x)
    assert jit(lambda x: jvp(f, (x,), (1.0,)))(x) == jvp(f, (x,), (1.0,))
    if x != 0:
        assert jit(hessian(f))(x) == pytest.approx(hessian(f)(x), rel=1e-13)


def asked_twice(x: Any) -> Any:
    z, holds = x * 2.0, x > 0
    return where(holds, where(holds, x, ops.sqrt(z)), z * 3.0)


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: where(x <= 0, 3.0, ops.sqrt(x)), 0.0),  # x itself is used on one side alone
        (lambda x: where(x <= 0, x * 2.0, ops.sqrt(x)), 2.0),
        (asked_twice, 6.0),  # one is never taken, the other one is on the side that is
        (lambda x: where(x > 0, ops.sqrt(where(x > 0, x, x * 2.0)), x), 1.0),
        (lambda x: where(x > 0, ops.sqrt(x), 0.0) + where(x > 0, 0.0, x * 7.0), 7.0),
    ],
)
def test_slopes_where_a_side_is_used_alone(f: Any, slope: float) -> None:
    assert grad(f)(0.0) == jit(grad(f))(0.0) == grad(jit(f))(0.0) == slope


def test_only_what_leaves_a_side_is_selected_again() -> None:
    def deep(x: Any, n: int) -> Any:
        y = x
        for _ in range(n):
            y = ops.sin(y)
        return where(x > 0, y, x)

    tapes = [jit(grad(deep), static_argnums=1).tape(1.0, n) for n in (3, 9)]
    short, long = (sum(x.op.name == "select" for x in tape.instructions) for tape in tapes)
    assert 0 < short == long


def of_two(x: Any, y: Any) -> Any:
    root = ops.sqrt(x)  # used where the one holds, or the other one
    return where(x > 0, root, 1.0) + where(y > 0, root, 2.0)


def of_three(x: Any, y: Any) -> Any:
    root = ops.sqrt(x)
    inner = where(y <= 0, where(x > 0, root, 1.0), x * 2.0)
    return inner + where(x > 1, root, 2.0) + where(y > 1, root * x, x)


@pytest.mark.parametrize(
    ("f", "x", "y", "slope"),
    [
        (of_two, 0.0, -1.0, 0.0),
        (of_two, 4.0, -1.0, 0.25),
        (of_two, 4.0, 1.0, 0.5),
        (
            lambda x, y: where(x > 0, ops.sqrt(x), 1.0) + where(y > 0, ops.sqrt(x), 2.0),
            0.0,
            -1.0,
            0,
        ),
        (of_three, 0.0, -1.0, 1.0),
        (of_three, 0.0, 0.5, 3.0),
        (of_three, 4.0, -1.0, 1.5),
        (of_three, 4.0, 2.0, 5.25),
        (lambda x, y: where(y > 0, ops.sqrt(x), 1.0), 0.0, -1.0, 0.0),  # no other use of x
        (lambda x, y: where(y > 0, x, ops.sqrt(x)), 0.0, 1.0, 1.0),
    ],
)
def test_slopes_of_what_several_sides_use(f: Any, x: float, y: float, slope: float) -> None:
    assert grad(f)(x, y) == jit(grad(f))(x, y) == grad(jit(f))(x, y) == slope
    assert jit(vmap(grad(f)))([x], [y]) == [slope]


def radial(x: Any, y: Any) -> Any:
    r = ops.sqrt(x * x + y * y)
    return where(r > 0, r * ops.sin(r), x)


def radial_inside(x: Any, y: Any) -> Any:
    r = ops.sqrt(x * x + y * y)
    return where((r < 1) & (r * 2.0 < 1), 2.0 * x, r)


@pytest.mark.parametrize(
    ("f", "x", "y", "slope"),
    [
        (radial, 0.0, 0.0, 1.0),
        (radial, 3.0, 4.0, 0.6 * (math.sin(5.0) + 5.0 * math.cos(5.0))),
        (radial_inside, 0.0, 0.0, 2.0),
        (radial_inside, 3.0, 4.0, 0.6),
    ],
)
def test_what_a_condition_asks_is_no_use_that_a_slope_goes_through(
    f: Any, x: float, y: float, slope: float
) -> None:
    for found in (grad(f), jit(grad(f)), grad(jit(f))):
        assert found(x, y) == pytest.approx(slope, rel=1e-14)
    assert jit(vmap(grad(f)))([x, x], [y, y]) == pytest.approx([slope, slope], rel=1e-14)


@pytest.mark.parametrize("f", [lambda x: x**x, lambda x: (x * x + 1.0) ** x])
@pytest.mark.parametrize("x", [0.5, 2.0])
def test_every_derivative_of_a_power_goes_through_a_call(f: Any, x: float) -> None:
    second, third = grad(grad(f)), grad(grad(grad(f)))
    assert grad(grad(jit(f)))(x) == pytest.approx(second(x), rel=1e-12)
    assert grad(jit(grad(f)))(x) == pytest.approx(second(x), rel=1e-12)
    assert grad(grad(grad(jit(f))))(x) == pytest.approx(third(x), rel=1e-12)


@pytest.mark.parametrize("x", [4.0, 0.0, -0.5, -2.0])
def test_a_node_on_both_sides_of_selects(x: float) -> None:
    slope = grad(shared)(x)
    assert jit(grad(shared))(x) == pytest.approx(slope, nan_ok=True)
    assert grad(jit(shared))(x) == pytest.approx(slope, nan_ok=True)


def test_random_numbers_are_drawn_at_each_call() -> None:
    plain, compiled = nn.Dropout(0.5, seed=1), jit(nn.Dropout(0.5, seed=1))
    for _ in range(8):
        assert [*map(float, compiled([1.0, 2.0, 3.0]))] == [*map(float, plain([1.0, 2.0, 3.0]))]


def test_the_derivative_is_that_of_the_numbers_drawn() -> None:
    plain, dropout, w = nn.Dropout(0.5, seed=1), nn.Dropout(0.5, seed=1), Value(3.0)
    compiled = jit(lambda xs: sum(dropout([x * w for x in xs]), w))
    for _ in range(8):
        expected = sum(plain([x * w for x in (1.0, 2.0, 4.0)]), w)
        found = compiled([1.0, 2.0, 4.0])
        assert (found.data, gradients(found, [w])) == (expected.data, gradients(expected, [w]))
        x, y = Value(2.0), Value(2.0)
        again = compiled([1.0, x, 4.0]), sum(plain([z * w for z in (1.0, y, 4.0)]), w)
        assert gradients(again[0], [w, x]) == gradients(again[1], [w, y])


@pytest.mark.parametrize("draw", [random.random, lambda: float(np.random.rand())])
def test_random_numbers_of_ones_own_are_warned_of_once(draw: Any) -> None:
    compiled = jit(lambda x: x * draw() if x > 0 else x + draw())
    with pytest.warns(UserWarning, match="drew random numbers while it was traced: they are const"):
        compiled(2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled(4.0) == 2 * compiled(2.0)
        compiled(-1.0)


def test_parameters_and_values_from_outside_are_read_at_each_call() -> None:
    w, model = Value(2.0), nn.Layer(1, 1, seed=0)
    closed, given = jit(lambda x: x * w), jit(lambda model, x: model([x]))
    for number in (2.0, 5.0, -1.0):
        w.data = number
        next(iter(model.parameters())).data = number
        assert float(closed(3.0)) == 3.0 * number
        assert float(given(model, 3.0)) == float(model([3.0]))
        assert float(jit(lambda x: model([x]) * w)(3.0)) == float(model([3.0]) * w)


@pytest.mark.parametrize(
    ("f", "remedy"),
    [
        (lambda x: x * x.data, "use the Value itself"),
        (lambda x: x * float(x), "sin for math.sin"),
        (lambda x: x * math.sin(x), "sin for math.sin"),
        (lambda x: x * int(x), "use autograd_lite.ops.trunc"),
        (lambda x: x * round(x), "use autograd_lite.ops.round"),
        (lambda x: x * math.floor(x), "use autograd_lite.ops.floor"),
        (lambda x: x if math.isnan(x) else x * x, "sin for math.sin"),
        (lambda x: x * np.array([x], dtype=float)[0], "sin for math.sin"),
        (lambda x: (x * x).backward(), "use grad or gradients"),
    ],
)
def test_what_would_leave_the_trace_is_refused(f: Any, remedy: str) -> None:
    with pytest.raises(TracingError, match=remedy):
        jit(f)(2.0)


def test_a_refusal_that_is_caught_runs_eagerly() -> None:
    def f(x: Any) -> Any:
        try:
            return x * 0.0 if math.isnan(x) else x * 2.0
        except TracingError:
            return x * 3.0

    compiled = jit(f)
    assert [compiled(x) for x in (1.0, 2.0)] == [f(1.0), f(2.0)] == [2.0, 4.0]


def test_the_data_of_parameters_is_not_set_in_a_trace() -> None:
    w = Value(1.0)

    def step(x: Any) -> Any:
        w.data = 5.0
        return x * w

    with pytest.raises(TracingError, match="set it outside of the function"):
        jit(step)(2.0)
    assert w.data == 1.0


def test_constants_of_values_that_are_given_or_outside_stay_so() -> None:
    x, w = Value(3.0), Value(5.0)
    assert gradients(jit(lambda x: x.detach() * x)(x), [x]) == [3.0]
    assert gradients(jit(lambda x: w.detach() * w * x)(2.0), [w]) == [10.0]
    slope = jit(lambda x: grad(lambda y: y * y * w)(x) * w)
    for _ in range(2):
        assert gradients(slope(2.0), [w]) == [20.0]
        assert gradients(slope(x), [x, w]) == [50.0, 60.0]


@pytest.mark.parametrize("x", [2.0, -3.0])
def test_constants_to_every_derivative_stay_so(x: float) -> None:
    def detached(x: Any) -> Any:
        return (x.detach() if isinstance(x, Value) else x) * x * x

    def unrecorded(x: Any) -> Any:
        with no_grad():
            y = x * x
        return y * x

    for f in (detached, unrecorded):
        for transform in (grad, lambda f: grad(grad(f))):
            expected = transform(f)(x)
            assert transform(jit(f))(x) == jit(transform(f))(x) == expected


def test_anomalies_are_detected_as_eagerly() -> None:
    def f(x: Any) -> Any:
        with detect_anomaly():
            return Value(1e308) * x if isinstance(x, float) else x * 1e308

    compiled = jit(f)
    assert float(compiled(1.0)) == 1e308
    for _ in range(2):
        with pytest.raises(AnomalyError):
            compiled(100.0)
    plain = jit(lambda x: x * 1e308)
    plain(1.0)
    with detect_anomaly(), pytest.raises(AnomalyError):
        plain(Value(100.0))


@pytest.mark.parametrize("x", [0.0, -0.0, 1.0, 2.0])
def test_constants_are_told_apart_by_their_bits(x: float) -> None:
    def f(x: Any) -> Any:
        numbers = x * 0.0, x * -0.0, x + 0.0, x - 0.0, 0.0 - x, -x, x + -0.0, x * 1.0
        return [ops.copysign(1.0, y) for y in numbers]

    assert jit(f)(x) == f(x)


@pytest.mark.parametrize("x", [NAN, 1.0, -1.0, INF])
def test_the_negation_of_a_comparison_holds_for_nan(x: float) -> None:
    def f(x: Any) -> Any:
        return (1.0 if not x < 0 else 2.0) + (10.0 if x >= 0 else 20.0) + where(x != x, 100.0, 0.0)

    compiled = jit(f)
    for y in (1.0, x, -1.0, x):
        assert compiled(y) == f(y)


@pytest.mark.parametrize("x", [0.0, 1.0, 4.0])
def test_outputs_leave_each_other_alone(x: float) -> None:
    def f(x: Any) -> list[Any]:
        return [x * x, ops.sqrt(x), ops.cbrt(x)]

    assert grad(lambda x: jit(f)(x)[0])(x) == 2 * x
    assert grad(grad(lambda x: jit(f)(x)[0]))(x) == 2.0


@pytest.mark.parametrize("x", [0.5, -1.5, 2.0])
def test_conditions_have_no_slope_in_any_mode(x: float) -> None:
    def f(x: Any) -> Any:
        return (x > 0) * x**3 + where(x > 1, x * x, ops.sin(x))

    assert jit(lambda x: jvp(f, (x,), (1.0,)))(x) == pytest.approx(jvp(f, (x,), (1.0,)), rel=1e-13)
    assert jit(lambda x: taylor(f, x, 4))(x) == pytest.approx(taylor(f, x, 4), rel=1e-13)


@pytest.mark.parametrize("f", [ops.lgamma, ops.digamma, lambda x: ops.polygamma(2.0, x * x)])
def test_series_of_which_a_number_says_how_long_their_formula_is(f: Any) -> None:
    compiled = jit(lambda x: taylor(f, x, 4))
    for x in (0.5, 40.0, 3.3):  # recorded at the first
        assert compiled(x) == pytest.approx(taylor(f, x, 4), rel=1e-13)


def test_eager_errors_keep_their_words() -> None:
    compiled = jit(lambda x: ops.log(x))
    compiled(1.0)
    with pytest.raises(DomainError, match=r"^log\(-1.0\) is undefined; log expects "):
        compiled(-1.0)
