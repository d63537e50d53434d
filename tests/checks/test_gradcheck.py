"""gradcheck: correct derivatives pass, wrong ones are found, and the one to blame is named."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_programs import programs, run

from autograd_lite import (
    AutogradError,
    DomainError,
    GradcheckError,
    Operation,
    ShapeError,
    Value,
    gradcheck,
    gradients,
    no_grad,
    op,
    ops,
)
from autograd_lite.checks.differences import Line, differ, steps
from autograd_lite.nn import MLP, Module
from autograd_lite.operation import TABLE

ROWS = [row for name, row in TABLE.items() if getattr(ops, name, ops.dot_row) is row]


def refusal(f: Callable[..., Any], inputs: Any, order: int = 2) -> str:
    with pytest.raises(GradcheckError) as raised:
        gradcheck(f, inputs, order)
    return str(raised.value)


# --- correct derivatives pass ---------------------------------------------------------------------

POINTS = [
    (0.3, 1.2, 2.7, 0.8, 1.9),
    (1.7, 0.4, 0.9, 3.2, -1.1),
    (-0.7, 2.3, 2.6, -0.2, 0.1),
    (-3.4, -1.3, 5.2, 0.6, -40.3),
    (37.1, 2.9, 55.5, -6.4, 8.7),
    (0.52, -11.3, 0.7, 1e-3, 4.5),
    (1e-9, 0.7, 1.5, 1e4, -2e4),
    (24000000.3, 3.1, 9e8, 0.5, 1.4e5),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_passes_at_smooth_points(row: Operation) -> None:
    checked = 0
    for point in POINTS:
        operands: tuple[float, ...] = point[: 5 if row.arity is None else row.arity]
        if row is ops.polygamma:  # of a whole order, which does not move
            operands = point[1:2]
        f = (lambda x: ops.polygamma(2.0, x)) if row is ops.polygamma else _applied(row)
        try:
            f(*operands)
        except AutogradError:
            continue
        assert gradcheck(f, operands)
        checked += 1
    assert checked


def _applied(row: Operation) -> Callable[..., Any]:
    return lambda *xs: row.apply(xs)


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(programs())
def test_random_graphs_pass(program: tuple[list[float], list[Any]]) -> None:
    assert gradcheck(lambda *leaves: run(list(leaves), program[1]), program[0])


HARD: list[tuple[str, Callable[[Any], Any], float]] = [
    ("cancellation", lambda x: (1e10 + x) - 1e10, 1.5),
    ("lost in rounding", lambda x: 1e16 + x, 2.0),
    ("a flat minimum", lambda x: (x - 0.3) ** 4, 0.3),
    ("a narrow peak", lambda x: x * ops.exp(-((x / 1e-3) ** 2)), 0.0),
    ("fast waves", lambda x: ops.sin(1e9 * x), 0.3),
    ("a distant wave", ops.sin, 1e6),
    ("a pole nearby", ops.log, 1e-10),
    ("an input of no weight", ops.exp, 1e-300),
    ("an edge nearby", ops.asin, 1 - 1e-7),
    ("small values", lambda x: 1e-30 * x**0.5, 2.0),
    ("large values", lambda x: 1e300 * x, 2.0),
    ("a large input", lambda x: x, 1e300),
    ("a kink nearby", lambda x: abs(x - 1), 1 + 1e-6),
    ("saturation", ops.tanh, 40.0),
    ("a constant", lambda x: 3.0, 2.0),
    ("an unused input", lambda x: Value(3.0) * 2, 2.0),
    ("the input itself", lambda x: x, 2.0),
]


@pytest.mark.parametrize(("f", "x"), [hard[1:] for hard in HARD], ids=[hard[0] for hard in HARD])
def test_hard_but_correct_derivatives_pass(f: Callable[[Any], Any], x: float) -> None:
    assert gradcheck(f, x)


def test_arguments_and_results_may_be_nested() -> None:
    assert gradcheck(lambda d, c: {"y": [d["a"][0] * c, c.sin()]}, ({"a": [2.0], "b": -1.0}, 3.0))
    assert gradcheck(lambda v: (v * v[::-1]).sum(), (np.array([1.0, 2.0, 3.0]),))
    assert gradcheck(lambda v: np.exp(v), np.array([[0.1, 0.2], [0.3, 0.4]]))
    assert gradcheck(lambda x, y: x * y, [Value(2.0), np.float64(3.0)])


@dataclasses.dataclass
class Straight:
    slope: float
    offset: float


def test_a_dataclass_is_checked_by_its_fields() -> None:
    assert gradcheck(lambda line, x: line.slope * x + line.offset, (Straight(2.0, 1.0), 3.0))
    message = refusal(lambda line: abs(line.slope) + line.offset, (Straight(0.0, 1.0),))
    assert "inputs[0].slope = 0.0" in message


def test_a_module_is_checked_by_its_parameters_and_left_as_it_was() -> None:
    net = MLP(2, [3, 1], seed=0)
    before = [(x.data, x.grad) for x in net.parameters()]
    loss = net([0.5, -0.3]) ** 2
    assert gradcheck(lambda net, x, y: net([x, y]), (net, 0.5, -0.3))
    assert [(x.data, x.grad) for x in net.parameters()] == before
    loss.backward()  # nothing is stale


class Wave(Module):
    def __init__(self) -> None:
        self.rates = [Value(1.5), Value(-0.7)]
        self.again = self.rates[0]

    def __call__(self, x: Value) -> Value:
        a, b = self.rates
        return ops.sin(a * x) * ops.exp(b * self.again * x)


def test_a_module_with_a_parameter_held_twice() -> None:
    assert gradcheck(lambda wave, x: wave(x), (Wave(), 0.8))


def test_many_inputs_are_checked_along_directions() -> None:
    calls = 0

    def f(*xs: Value) -> Value:
        nonlocal calls
        calls += 1
        return ops.sum([x * x.sin() for x in xs])

    xs = [0.1 * i for i in range(200)]
    assert gradcheck(f, xs, order=1)
    assert calls < 500


def test_values_passed_in_are_left_alone() -> None:
    x = Value(2.0, name="x")
    assert gradcheck(lambda x: x**3, x, order=3)
    assert (x.data, x.grad) == (2.0, 0.0)


def test_it_checks_inside_no_grad_and_functions_that_differentiate() -> None:
    with no_grad():
        assert gradcheck(lambda x: x**3, 2.0)
    assert gradcheck(lambda x: gradients(x**4, [x], create_graph=True)[0], 1.5)


# --- wrong derivatives are found and named --------------------------------------------------------

cube = op("gradcheck_cube", lambda x: x**3, vjp=lambda g, y, x: g * 3.1 * x * x)
area = op("gradcheck_area", lambda a, b: a * b,
          vjp=(lambda g, y, a, b: g * b, lambda g, y, a, b: g * a * 1.00001))  # fmt: skip
total = op("gradcheck_total", lambda *xs: math.fsum(xs), variadic=True,
           vjp=lambda g, y, *xs: [g] * (len(xs) - 1) + [2.0 * g])  # fmt: skip
wave = op("gradcheck_wave", math.sin, vjp=lambda g, y, x: g * math.cos(x))
bowl = op("gradcheck_bowl", lambda x: x**4, vjp=lambda g, y, x: g * 4.0 * cube(x))


def test_a_wrong_derivative_is_named_with_both_numbers_and_the_step() -> None:
    text = refusal(lambda x, y: ops.tanh(cube(x)) + y, (Value(0.5, name="x"), 3.0))
    assert text.startswith("gradcheck: d f/d x is 0.763015")
    assert "by the derivative and 0.738402" in text
    assert "by central differences (step " in text
    assert "the rule of 'gradcheck_cube' is off for operand 0: 0.775 by the derivative and " in text
    assert "in gradcheck_cube(0.5)" in text


def test_an_operand_is_named_where_there_are_several() -> None:
    text = refusal(lambda x, y: area(x, ops.exp(y)) * y, (2.0, 0.5))
    assert "d f/d inputs[1]" in text
    assert "the rule of 'gradcheck_area' is off for operand 1" in text
    text = refusal(lambda xs: {"loss": total([1.0, *xs, 0.5 * xs[0]])}, ([2.0, 3.0],))
    assert "d f['loss']/d inputs[0][0]" in text
    assert "the rule of 'gradcheck_total' is off for operand 3: 2 by the derivative and 1" in text


def test_a_rule_that_records_nothing_is_found_at_the_second_order() -> None:
    assert gradcheck(lambda x: wave(x) * x, 0.7, order=1)
    text = refusal(lambda x: wave(x) * x, 0.7)
    assert "d(d f/d inputs[0])/d inputs[0]" in text
    assert "the rule of 'gradcheck_wave' is off when differentiated again" in text
    assert "write it with autograd_lite's operations" in text


def test_a_wrong_operation_inside_a_correct_rule_is_the_one_named() -> None:
    assert gradcheck(bowl, 0.7, order=1)
    assert "the rule of 'gradcheck_cube' is off for operand 0" in refusal(bowl, 0.7)


def test_one_wrong_among_many_inputs_is_found() -> None:
    xs = [0.1 * i + 0.05 for i in range(30)]
    text = refusal(lambda *xs: ops.sum([area(x, xs[17]) for x in xs[::3]]), xs)
    assert "d f/d inputs[17] is" in text


def test_the_first_of_several_in_order_of_computation_is_named() -> None:
    assert "of 'gradcheck_cube'" in refusal(lambda x: area(1.5, cube(x)), 2.0)


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(programs(), st.integers(0, 99))
def test_a_wrong_derivative_in_a_random_graph_is_named(
    program: tuple[list[float], list[Any]], place: int
) -> None:
    def f(*leaves: Value) -> Value:
        loss: Value = run(list(leaves), program[1]) + cube(leaves[place % len(leaves)])
        return loss

    assert "the rule of 'gradcheck_cube' is off for operand 0" in refusal(f, program[0])


def test_what_the_graph_misses_is_no_rules_fault() -> None:
    for f in (lambda x: x * math.sin(x), lambda x: x * x.detach(), lambda x: float(x) ** 2):
        assert "no operation's rule is off by itself, so the graph misses" in refusal(f, 2.0)


@pytest.mark.parametrize("error", [1e-2, 1e-5, 1e-7, 1e-8])
@pytest.mark.parametrize(
    "name", ["mul", "sin", "exp", "log", "tanh", "hypot", "norm", "softplus", "pow"]
)
def test_a_small_error_in_a_rule_of_the_table_is_found_and_named(name: str, error: float) -> None:
    row = TABLE[name]
    point, vjps = (0.3, 1.2, 2.7)[: row.arity], row.vjps

    def wrong(*arguments: Any) -> Any:
        found = vjps[0](*arguments)
        return [x * (1 + error) for x in found] if row.arity is None else found * (1 + error)

    assert gradcheck(_applied(row), point, order=1)
    try:
        row.vjps = (wrong, *vjps[1:])
        text = refusal(_applied(row), point, order=1)
    finally:
        row.vjps = vjps
    assert f"the rule of {name!r} is off for operand 0" in text


def test_the_error_that_is_allowed_can_be_set() -> None:
    flawed = op("gradcheck_flawed", lambda x: 2.0 * x, vjp=lambda g, y, x: g * (2.0 + 3e-8))
    assert gradcheck(flawed, 1.0, order=1, rtol=1e-7)
    assert "the rule of 'gradcheck_flawed' is off" in refusal(flawed, 1.0)


# --- kinks and edges ------------------------------------------------------------------------------

KINKS = [
    (abs, 0.0, "left slope -1, right slope 1", "abs(0.0) is at its kink"),
    (ops.relu, 0.0, "left slope 0, right slope 1", "relu(0.0) is at its kink"),
    (lambda x: 3 * ops.relu(2 * x) - 1, 0.0, "left slope 0, right slope 6", "relu(0.0) is at its"),
    (lambda x: ops.maximum(x, 2.0), 2.0, "left slope 0, right slope 1", "maximum(2.0, 2.0) is at"),
    (lambda x: ops.max([x, 2.0, 1.0]), 2.0, "left slope 0, right", "max(2.0, 2.0, 1.0) is at its"),
    (lambda x: x if x > 1 else 2 * x, 1.0, "left slope 2, right slope ", "away from it"),
    (ops.floor, 1.0, "right slope 0, for inputs[0] = 1.0", "floor(1.0) is at its kink"),
    (ops.cbrt, 0.0, "derivative says inf", "rule of 'cbrt' gives inf for operand 0 in cbrt(0.0)"),
    (ops.sqrt, 0.0, "left slope none (no value there)", "rule of 'sqrt' gives inf"),
]


@pytest.mark.parametrize(("f", "x", "slopes", "blame"), KINKS)
def test_a_kink_is_not_differentiable(
    f: Callable[[Any], Any], x: float, slopes: str, blame: str
) -> None:
    text = refusal(f, x)
    assert text.startswith("gradcheck: f is not differentiable here: left slope ")
    assert slopes in text
    assert blame in text
    assert f"for inputs[0] = {x!r}" in text
    assert text.endswith("; choose inputs away from it")


def test_a_kink_of_the_gradient_is_found_at_the_second_order() -> None:
    assert gradcheck(lambda x: ops.relu(x) ** 2, 0.0, order=1)
    text = refusal(lambda x: ops.relu(x) ** 2, 0.0)
    assert "d f/d inputs[0] is not differentiable here: left slope 0, right slope 2" in text


def test_a_slope_that_is_a_convention_is_reported_where_it_is_differentiated_again() -> None:
    assert gradcheck(lambda a, b: ops.norm([a, b]) ** 2, (0.0, 0.0), order=1)
    message = refusal(lambda a, b: ops.norm([a, b]) ** 2, (0.0, 0.0))
    assert "the derivative says nan; a slope that is a convention" in message


def test_the_edge_of_a_domain() -> None:
    text = refusal(lambda x: x**1.5, 0.0)
    assert "f has no value just below this point, for inputs[0] = 0.0" in text
    assert "pow(0.0, 1.5) is at the edge of its domain; choose inputs inside the domain" in text


def test_a_function_of_one_point() -> None:
    def f(x: Value) -> Value:
        if x != 2:
            raise ValueError("only 2 will do")
        return x * x

    assert "f has no value next to its inputs" in refusal(f, 2.0)
    assert "(only 2 will do)" in refusal(f, 2.0)


def test_a_jagged_function() -> None:
    text = refusal(lambda x: 0.3044047295691873 // x, -3.4221464566670984e-06)
    assert "is too jagged here: its difference quotients settle at no step" in text
    assert "jumps nearby" in text


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "error", "text"),
    [
        (lambda x: None, TypeError, "f returned None; did it forget to return its result?"),
        (lambda x: "4", TypeError, "the result of f should be numbers, or lists, tuples, dicts"),
        (lambda x: [x, None], TypeError, "the result of f[1] should be numbers"),
        (lambda x: 1j, TypeError, "got complex: 1j"),
        (lambda x: [], ValueError, "f returned no numbers; it should return at least one"),
        (lambda x: np.zeros((2, 0)), ValueError, "f returned no numbers"),
        (lambda x: [x] * (2 if x > 2 else 3), ShapeError, "f returned 3 numbers, then 2"),
        (lambda x: x * math.inf, GradcheckError, "f is inf at the inputs"),
        (lambda x: [x, x * math.nan], GradcheckError, "f[1] is nan at the inputs"),
        (lambda x: ops.log(-x), DomainError, "log(-2.0) is undefined"),
        (3.0, TypeError, "gradcheck expects a function first, got float"),
    ],
)
def test_functions_that_return_no_numbers(f: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        gradcheck(f, 2.0)
    assert text in str(raised.value)


def test_a_function_that_is_not_deterministic() -> None:
    draw = random.Random(0)
    text = refusal(lambda x: x * draw.random(), 2.0)
    assert "f is not deterministic: called twice with the same inputs, f is 1.6" in text


@pytest.mark.parametrize(
    ("inputs", "error", "text"),
    [
        ((), ValueError, "expects at least one number in inputs, got none"),
        (([],), ValueError, "expects at least one number in inputs, got none"),
        ("3", TypeError, "inputs[0] should be numbers"),
        ((1.0, [None]), TypeError, "inputs[1][0] should be numbers"),
        (math.nan, ValueError, "expects finite inputs, got inputs[0] = nan"),
        (({"w": math.inf},), ValueError, "expects finite inputs, got inputs[0]['w'] = inf"),
    ],
)
def test_inputs_that_are_no_numbers(inputs: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        gradcheck(lambda *xs: 1.0, inputs)
    assert text in str(raised.value)


@pytest.mark.parametrize("order", [0, -1, 1.5, True, "2"])
def test_orders_that_are_none(order: Any) -> None:
    with pytest.raises(ValueError, match=r"gradcheck expects an order of 1, 2, \.\.\., got"):
        gradcheck(lambda x: x, 1.0, order)


def test_a_gradcheck_error_is_an_arithmetic_error_of_the_package() -> None:
    assert issubclass(GradcheckError, AutogradError)
    assert issubclass(GradcheckError, ArithmeticError)


# --- the references themselves --------------------------------------------------------------------


@given(st.floats(-3, 3), st.floats(-2, 2), st.floats(0.1, 30))
def test_measured_slopes_are_within_their_error(x: float, a: float, b: float) -> None:
    def f(t: float) -> list[float]:
        return [a * (x + t) ** 3 + math.sin(b * (x + t))]

    line = Line(f, [max(1.0, abs(x))])
    size = abs(a) * abs(x) ** 3 + 1 + b * abs(x)
    wanted = 3 * a * x * x + b * math.cos(b * x)
    slope, left, right = (
        line.central(0, 1e-15 * size),
        line.one_sided(0, -1, 1e-15 * size),
        line.one_sided(0, 1, 1e-15 * size),
    )
    assert slope is not None
    assert left is not None
    assert right is not None
    assert slope.settled
    assert slope.agrees_with(wanted, 0.0)
    assert slope.error < 1e-8 * (1 + abs(wanted))
    assert not differ(left, right)


def test_steps_are_powers_of_two_from_large_to_small() -> None:
    found = steps([3.0, 1e-9])
    assert found == sorted(found, reverse=True)
    assert all(math.frexp(h)[0] == 0.5 for h in found)
    assert found[-1] < 1e-18
