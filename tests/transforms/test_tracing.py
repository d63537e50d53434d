"""Inside a transform nothing loses its derivative without a word."""

from __future__ import annotations

import cmath
import math
import statistics
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from autograd_lite import (
    AnomalyWarning,
    AutogradError,
    DomainError,
    TracingError,
    Value,
    detect_anomaly,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    modes,
    no_gc,
    op,
    ops,
    taylor,
    value_and_grad,
    vjp,
)
from autograd_lite.nn import Neuron, binary_cross_entropy, hinge


def _right_hand_side(y: Any) -> Any:
    """Return the derivative of an oscillator's state as everybody's ODE program does."""
    d = np.zeros(2)
    d[0] = y[1]
    d[1] = -y[0]
    return d


CASTS: dict[str, Callable[[Any], Any]] = {
    "float": lambda x: float(x) * x,
    "math.sin": math.sin,
    "math.exp inside": lambda x: x * math.exp(x),
    "of a result": lambda x: x * math.sqrt(x * x + 1),
    "math.isnan": lambda x: 0.0 if math.isnan(x) else x,
    "complex": lambda x: x * complex(x).real,
    "cmath": lambda x: x * cmath.exp(x).real,
    "statistics.fmean": lambda x: statistics.fmean([x, 2 * x]),
    "statistics.mean": lambda x: statistics.mean([x, 2 * x]),
    "as_integer_ratio": lambda x: x * x.as_integer_ratio()[0],
    "hex": lambda x: x * float.fromhex(x.hex()),
    "a percent format": lambda x: x * float("%.17g" % x),  # noqa: UP031
    "sum of a float array": lambda x: np.sum(np.asarray([x, x], dtype=np.float64)),
    "fsum": lambda x: math.fsum([x, x]),
    "numpy.float64": lambda x: np.float64(x) * 2,
    "a float array": lambda x: np.array([x, x], dtype=float).sum(),
}


@pytest.mark.parametrize("case", CASTS)
def test_a_cast_inside_a_transform_is_an_error_that_names_the_line(case: str) -> None:
    f = CASTS[case]
    calls: list[Callable[[], Any]] = [
        lambda: grad(f)(1.0),
        lambda: value_and_grad(f)(1.0),
        lambda: grad(grad(f))(1.0),
        lambda: jvp(f, (1.0,), (1.0,)),
        lambda: vjp(f, 1.0),
        lambda: linearize(f, 1.0),
        lambda: jacobian(f)(1.0),
        lambda: hessian(f)(1.0),
        lambda: hvp(f, (1.0,), (1.0,)),
        lambda: taylor(f, 1.0, 2),
    ]
    for call in calls:
        with pytest.raises(TracingError, match=r"test_tracing\.py:\d+.*detach\(\)"):
            call()


def test_an_array_of_floats_is_no_place_for_what_is_differentiated() -> None:
    with pytest.raises(TracingError, match="dtype=object"):
        jacobian(_right_hand_side)([1.0, 2.0])
    with pytest.raises(TracingError):
        grad(lambda w: float(w[1]) * w[0])([1.0, 2.0])


def test_a_module_s_parameters_are_variables_too() -> None:
    neuron = Neuron(1, seed=0)
    with pytest.raises(TracingError):
        grad(lambda n: float(n.weights[0]) * n.bias)(neuron)


def test_the_outer_variable_of_nested_transforms_counts_inside_the_inner_one() -> None:
    def outer(x: Any) -> Any:
        return grad(lambda y: y * float(x))(1.0)

    with pytest.raises(TracingError):
        grad(outer)(2.0)


def test_a_rule_written_with_math_is_found_where_it_is_differentiated_again() -> None:
    wave = op("tracing_wave", math.sin, vjp=lambda g, y, x: g * math.cos(x))
    assert grad(wave)(0.5) == math.cos(0.5)
    calls: list[Callable[[], Any]] = [
        lambda: grad(grad(wave))(0.5),
        lambda: hessian(lambda x: wave(x) * x)(0.5),
    ]
    for call in calls:
        with pytest.raises(TracingError):
            call()
    with pytest.raises(TracingError, match="the rule with autograd_lite's operations"):
        taylor(wave, 0.5, 2)


def _formatted(x: Any) -> Any:
    assert f"{x:.2f} {x} {x!r}".startswith("2.50")
    return x * x


# What has no derivative to lose, or says that none is meant.
HARMLESS: dict[str, tuple[Callable[[Any], Any], float]] = {
    "detach": (lambda x: x * math.sin(x.detach()), math.sin(2.5)),
    "detach a result": (lambda x: x * float((x * 2).detach()), 5.0),
    "formatting": (_formatted, 5.0),
    "comparing": (lambda x: x if 1 < x <= 3 and x != 2 else -x, 1.0),
    "int": (lambda x: x * int(x), 2.0),
    "round as an index": (lambda x: x * [1.0, 2.0, 4.0][round(x)], 4.0),
    "floor": (lambda x: x * math.floor(x), 2.0),
    "bool": (lambda x: x if x else -x, 1.0),
    "sorted": (lambda x: sorted([x, 1.0, x * 3])[1], 1.0),
    "a number of its own": (lambda x: x * float(Value(3.0)), 3.0),
    "a float": (lambda x: x * math.sin(1.0), math.sin(1.0)),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_loses_nothing_is_let_through(case: str) -> None:
    f, wanted = HARMLESS[case]
    assert grad(f)(2.5) == wanted


def test_a_value_from_outside_that_is_not_differentiated_by_is_a_number() -> None:
    w = Value(3.0)
    scale = w * 2
    assert grad(lambda x: x * float(scale) + float(w))(1.0) == 6.0


def test_after_an_error_in_a_transform_floats_are_floats_again() -> None:
    x = Value(2.0)
    with pytest.raises(ZeroDivisionError):
        grad(lambda y: y / 0)(1.0)
    with pytest.raises(TracingError):
        grad(math.sin)(x)
    assert math.sqrt(x * x) == 2.0


def test_outside_transforms_a_value_is_a_float_as_in_pytorch() -> None:
    x = Value(2.0)
    y = x * 3
    assert (float(y), math.sqrt(y + 3), Decimal(float(y))) == (6.0, 3.0, Decimal(6))
    assert issubclass(TracingError, AutogradError | RuntimeError)


def test_detect_anomaly_reports_a_cast_of_a_result() -> None:
    x = Value(2.0, name="x")
    with detect_anomaly():
        assert float(x) == 2.0  # a leaf's own number: nothing was computed that could be lost
        with pytest.warns(AnomalyWarning, match=r"mul\(x=2.0, 3.0\) = 6.0 .*test_tracing\.py:\d+"):
            math.sqrt(x * 3)


def test_library_functions_take_values_inside_transforms() -> None:
    def f(v: Any) -> Any:
        return ops.softmax(v)[0] + ops.log_softmax(v)[1] + ops.norm(v) ** 2

    assert grad(f)([1.0, 2.0]) == pytest.approx(gradients_of(f, [1.0, 2.0]))


def gradients_of(f: Callable[[Any], Any], point: list[float]) -> list[float]:
    leaves = [Value(x) for x in point]
    return gradients(f(leaves), leaves)


def test_the_library_s_own_messages_are_not_taken_for_casts() -> None:
    with pytest.raises(DomainError, match=r"to be a probability, got 1\.5"):
        grad(lambda x: binary_cross_entropy([x], [1.0]))(1.5)
    with pytest.raises(DomainError, match=r"targets of -1 or 1, got 0\.5"):
        grad(lambda x: hinge([1.0], [x]))(0.5)


def test_a_cast_in_a_thread_that_a_transform_hands_its_work_to_is_an_error() -> None:
    def f(v: Any) -> Any:
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(lambda x: x * math.sin(x), v))

    with pytest.raises(TracingError):
        grad(f)([1.0, 2.0])
    assert not modes.traces


def test_a_transform_in_another_thread_is_no_matter_to_numbers_of_one_s_own() -> None:
    neuron, inside, done = Neuron(1, seed=0), threading.Event(), threading.Event()

    def f(n: Any) -> Any:
        inside.set()
        assert done.wait(10)
        return n([2.0])

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(grad(f), neuron)
        assert inside.wait(10)
        try:
            assert float(neuron.weights[0]) == neuron.weights[0].data
            assert float(neuron([1.0]) * 2) == neuron([1.0]).data * 2
        finally:
            done.set()
        assert answer.result(10)["bias"] == 1.0


def test_a_transform_leaves_no_reference_cycle() -> None:
    graphs: list[weakref.ref[Value]] = []

    def f(x: Any) -> Any:
        y = x * x
        graphs.append(weakref.ref(y))
        return y * x

    with no_gc():
        for call in (grad(f), grad(grad(f)), hessian(f), jacobian(f), lambda x: taylor(f, x, 3)):
            call(2.0)
        assert [graph() for graph in graphs] == [None] * len(graphs)
