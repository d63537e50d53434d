"""Explanations: every path, the factored form, the backward pass as a table, and how they read."""

from __future__ import annotations

import gc
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from random_programs import programs, run
from worked_graphs import named, two_paths

from autograd_lite import StaleError, Value, gradients, no_grad, ops
from autograd_lite.explanation import explain, trace_backward
from autograd_lite.nn import MLP, mse
from autograd_lite.notation.formula import TEXTBOOK, local_derivative, text
from autograd_lite.operation import Operation
from autograd_lite.optim import SGD

# --- the worked examples ------------------------------------------------------------------------


def test_two_paths_are_added_in_symbols_formulas_and_numbers() -> None:
    d, a = two_paths()
    explanation = explain(d, a)
    assert [[f.symbolic for f in path.factors] for path in explanation.paths] == [
        ["c", "2 * a"],
        ["b", "-7"],
    ]
    assert explanation.terms == (-126.0, -63.0)
    assert explanation.total == -189.0
    assert str(explanation).splitlines()[:4] == [
        "∂d/∂a = ∂d/∂b · ∂b/∂a",
        "      + ∂d/∂c · ∂c/∂a",
        "      = c · (2 * a)",
        "      + b · (-7)",
    ]


def test_the_factored_form_goes_node_by_node() -> None:
    d, a = two_paths()
    explanation = explain(d, a, max_paths=1)
    assert str(explanation).splitlines()[2:5] == [
        "∂d/∂c = 9",
        "∂d/∂b = -21",
        "∂d/∂a = ∂d/∂c · ∂c/∂a + ∂d/∂b · ∂b/∂a = 9 · (-7) - 21 · 6 = -189",
    ]


def test_neighbours_are_multiplied() -> None:
    a = Value(0.5, name="a")
    b = named("b", 3 * a**4)
    explanation = explain(named("c", ops.sin(b)), a)
    assert "= cos(b) · 3 · (4 * a**3)\n" in str(explanation)
    assert explanation.total == pytest.approx(math.cos(b.data) * 12 * a.data**3, rel=1e-15)


def two_layers() -> tuple[Value, list[Value]]:
    numbers = [0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55]
    w = [Value(x, name=f"w{n}") for n, x in enumerate(numbers, 1)]
    inputs = [Value(0.05, name="i1"), Value(0.1, name="i2")]
    hidden = [named(f"h{n}", ops.dot(w[2 * n - 2 : 2 * n], inputs)) for n in (1, 2)]
    active = [named(f"a_h{n}", ops.sigmoid(h)) for n, h in enumerate(hidden, 1)]
    outputs = [named(f"o{n}", ops.dot(w[2 * n + 2 : 2 * n + 4], active)) for n in (1, 2)]
    final = [named(f"a_o{n}", ops.sigmoid(o)) for n, o in enumerate(outputs, 1)]
    errors = [
        named(f"E{n}", 0.5 * (Value(t, name=f"t{n}") - a) ** 2)
        for n, (t, a) in enumerate(zip([0.01, 0.99], final, strict=True), 1)
    ]
    return named("E_total", errors[0] + errors[1]), w


@pytest.mark.parametrize("n", range(1, 9))
def test_each_weight_of_two_layers_has_the_paths_of_the_derivation(n: int) -> None:
    loss, w = two_layers()
    assert loss.data == 0.24251985734837728
    explanation = explain(loss, w[n - 1])
    h = 1 if n in (1, 2, 5, 7) else 2
    if n <= 4:
        rests = {o: f"∂o{o}/∂a_h{h} · ∂a_h{h}/∂h{h} · ∂h{h}/∂w{n}" for o in (1, 2)}
    else:
        o = (n - 3) // 2
        rests = {o: f"∂o{o}/∂w{n}"}
    for line, (o, rest) in zip(str(explanation).splitlines(), rests.items(), strict=False):
        assert f"∂E_total/∂E{o} · ∂E{o}/∂" in line
        assert line.endswith(f"/∂a_o{o} · ∂a_o{o}/∂o{o} · {rest}")
    assert len(explanation.paths) == len(rests)
    assert explanation.total == gradients(loss, [w[n - 1]])[0]


def test_the_published_gradients_of_two_layers() -> None:
    loss, w = two_layers()
    found = [round(explain(loss, x).total, 9) for x in w]
    assert found == [0.000188256, 0.000376511, 0.000224813, 0.000449627, 0.072157073, 0.072690745,
                     -0.04245525, -0.042769248]  # fmt: skip


def test_a_network_is_traced_step_by_step() -> None:
    weights = [Value(x) for x in (0.5, 1.0, -0.5)]
    w0, w1 = Value(-1.0), Value(1.0)
    bias, bias0, bias1 = Value(0.0), Value(0.0), Value(0.0)
    a0 = named("a0", ops.dot(weights, [1.0, 0.5, 1.0], bias))
    b0 = named("b0", ops.relu(a0))
    c0, c1 = named("c0", w0 * b0 + bias0), named("c1", w1 * b0 + bias1)
    error = mse([named("o0", ops.relu(c0)), named("o1", ops.relu(c1))], [0.5, 1.0])
    assert error.data == 0.25
    trace = trace_backward(error)
    gradient = {step.name: step.gradient for step in trace}
    assert {x: gradient[x] for x in ("o0", "o1", "c0", "c1", "b0", "a0")} == {
        "o0": -0.5, "o1": -0.5, "c0": 0.0, "c1": -0.5, "b0": -0.5, "a0": -0.5,
    }  # fmt: skip
    at_b0 = [part for step in trace for part in step.operands if part.operand == "b0"]
    assert [(part.before, part.contribution, part.after) for part in at_b0] == [
        (None, 0.0, 0.0),
        (0.0, -0.5, -0.5),
    ]
    error.backward()
    stepped = [x.data - 0.1 * x.grad for x in (w0, w1, bias0, bias1, *weights, bias)]
    assert stepped == pytest.approx([-1, 1.025, 0, 0.05, 0.55, 1.025, -0.45, 0.05], rel=1e-15)


def test_the_derivation_by_hand_has_the_terms_of_the_paths() -> None:
    example = Path(__file__).parents[2] / "examples" / "two_layer_gradients.py"
    done = subprocess.run([sys.executable, str(example)], capture_output=True, encoding="utf-8",
                          env={"PYTHONIOENCODING": "utf-8"}, check=True)  # fmt: skip
    terms = re.findall(r"by (?:hand|path): (.*)", done.stdout)
    assert len(terms) == 16
    assert terms[::2] == terms[1::2]


# --- paths and sums -----------------------------------------------------------------------------


@settings(deadline=None)
@given(programs())
def test_the_paths_add_up_to_the_gradient(program: tuple[list[float], list[Any]]) -> None:
    leaves = [Value(x) for x in program[0]]
    loss = run(leaves, program[1])
    for x, wanted in zip(leaves, gradients(loss, leaves), strict=True):
        explanation = explain(loss, x, max_paths=500)
        assert explanation.total == wanted
        scale = math.fsum(map(abs, explanation.terms))
        assert math.fsum(explanation.terms) == pytest.approx(wanted, abs=1e-12 * scale + 1e-300)
        if not explanation.factored:
            assert len(explanation.paths) == explanation.count
        for path in explanation.paths:
            product = math.prod(factor.value for factor in path.factors)
            assert path.value == pytest.approx(product, rel=1e-12, abs=1e-300)


@given(programs())
def test_the_factored_form_is_the_backward_pass(program: tuple[list[float], list[Any]]) -> None:
    leaves = [Value(x) for x in program[0]]
    loss = run(leaves, program[1])
    explanation = explain(loss, leaves[0], max_paths=0)
    for one in explanation.sums:
        assert math.fsum(term.value for term in one.terms) == pytest.approx(one.total, abs=1e-9)
    loss.backward()
    assert explanation.total == leaves[0].grad
    assert not explanation.paths


@given(programs())
def test_a_trace_ends_at_what_backward_adds(program: tuple[list[float], list[Any]]) -> None:
    leaves = [Value(x, name=f"leaf{i}") for i, x in enumerate(program[0])]
    loss = run(leaves, program[1])
    after: dict[str, float] = {}
    for step in trace_backward(loss):
        assert step.gradient == after.get(step.name, 1.0)
        for part in step.operands:
            assert part.before == after.get(part.operand)
            after[part.operand] = part.after
    loss.backward()
    for x in leaves:
        assert x.name is not None
        assert after.get(x.name, 0.0) == x.grad


def test_an_operand_used_twice_by_one_node_is_two_paths() -> None:
    a = Value(3.0, name="a")
    explanation = explain(a * a, a)
    assert explanation.terms == (3.0, 3.0)
    assert "∂v1/∂a = ∂v1/∂a\n       + ∂v1/∂a\n       = a\n       + a" in str(explanation)


def test_paths_may_start_at_an_intermediate_result() -> None:
    a = Value(2.0, name="a")
    b = named("b", a * a)
    assert explain(named("c", b * 3 + b), b).terms == (3.0, 1.0)


def test_a_result_explained_for_itself() -> None:
    for x in (Value(2.0, name="x"), named("x", Value(1.0) * 2)):
        explanation = explain(x, x, max_paths=0)
        assert (explanation.count, explanation.total, explanation.terms) == (1, 1.0, (1.0,))
        assert "The derivative of x for itself is 1." in str(explanation)


def test_a_result_that_does_not_depend_on_it() -> None:
    d, _ = two_paths()
    explanation = explain(d, Value(1.0, name="z"))
    assert (explanation.paths, explanation.terms, explanation.total) == ((), (), 0.0)
    for written in (str(explanation), explanation.markdown()):
        assert "d does not depend on z" in written
    assert r"\text{ does not depend on } z" in explanation.latex()


def test_no_grad_is_touched_and_later_changes_are_not_seen() -> None:
    d, a = two_paths()
    explanation, trace = explain(d, a), trace_backward(d)
    said = str(explanation), explanation.latex(), str(trace), trace.to_csv()
    assert a.grad == d.grad == 0.0
    a.data = -100.0
    a.name = "other"
    assert said == (str(explanation), explanation.latex(), str(trace), trace.to_csv())
    with no_grad():
        assert said[0] == str(explanation)


# --- graphs with too many paths, or too deep ----------------------------------------------------


def test_doublings_are_counted_exactly_and_factored() -> None:
    x = Value(1.0, name="x")
    y = x
    for _ in range(60):
        y = y + y
    explanation = explain(y, x)
    assert explanation.factored
    assert explanation.count == 2**60
    assert explanation.total == 2.0**60
    assert explanation.terms == (2.0**59, 2.0**59)
    for written in (str(explanation), explanation.latex(), explanation.markdown()):
        assert "1,152,921,504,606,846,976 paths from" in written
        assert "factored, node by node" in written
        assert "48 more nodes" in written
    assert [one.total for one in explanation.sums] == [2.0**k for k in range(1, 61)]


@pytest.mark.slow
def test_a_chain_of_100_000_operations_is_shortened() -> None:
    x = Value(1.0, name="x")
    y = x
    for _ in range(100_000):
        y = ops.sin(y)
    explanation = explain(y, x)
    assert len(explanation.paths[0].factors) == 100_000
    assert explanation.total == gradients(y, [x])[0]
    trace = trace_backward(y)
    assert len(trace) == 100_000
    assert "99,960 more steps" in str(trace)
    for written in (str(explanation), explanation.latex(), explanation.markdown()):
        assert len(written) < 3_000
    assert "99,990 more factors" in str(explanation)
    assert "99,990 more factors" in explanation.latex()
    for written in (str(trace), repr(explanation), repr(trace), repr(explanation.paths)):
        assert len(written) < 6_000


@pytest.mark.slow
def test_a_ladder_of_paths_without_number() -> None:
    x = Value(1.0, name="x")
    y = x
    for _ in range(20_000):
        y = (y + y) * 0.5
    explanation = explain(y, x)
    assert explanation.count == 2**20_000
    assert "about 4.0e+6020 paths" in str(explanation)
    assert "about 4.0e+6020 paths" in repr(explanation)


def test_a_network_is_explained_in_factored_form() -> None:
    model = MLP(8, [16, 16, 16, 16, 16, 1], "tanh", seed=1)
    loss = mse([model([0.1 * i] * 8) for i in range(4)], [0.5] * 4)
    weight = model.parameters()[0]
    explanation = explain(loss, weight)
    assert explanation.count == 4 * 16**4
    assert explanation.factored
    assert explanation.total == gradients(loss, [weight])[0]
    assert math.fsum(explanation.terms) == pytest.approx(explanation.total, rel=1e-12)
    assert len(str(explanation)) < 20_000


def test_a_sum_of_many_terms_is_shortened() -> None:
    x = Value(2.0, name="x")
    explanation = explain(ops.sum([x * i for i in range(1, 1_001)]), x)
    assert explanation.factored
    assert len(explanation.terms) == 1_000
    assert "994 more terms" in str(explanation)
    assert "994 more" in str(trace_backward(ops.sum([x] * 1_006)))


def test_max_paths_is_where_the_listing_ends() -> None:
    d, a = two_paths()
    assert not explain(d, a, max_paths=2).factored
    assert explain(d, a, max_paths=1).factored


# --- names --------------------------------------------------------------------------------------


def test_unnamed_nodes_are_numbered_in_the_order_of_computing_around_given_names() -> None:
    x = Value(1.0, name="v2")
    y = (x * 2 + 1) * 3
    assert [step.name for step in trace_backward(y)] == ["v4", "v3", "v1"]
    assert [one.name for one in explain(y, x).sums] == ["v3", "v1", "v2"]


def test_equal_names_are_told_apart() -> None:
    h = Value(1.0, name="h")
    for _ in range(3):
        h = named("h", h * 2)
    assert [step.name for step in trace_backward(h)] == ["h_4", "h_3", "h_2"]


@pytest.mark.parametrize("label", ["a + b", "-1", "2", "1.", "two words"])
def test_a_name_that_is_not_a_word_stands_in_parentheses(label: str) -> None:
    x = Value(2.0, name=label)
    assert str(explain(named("y", x * x), x)).startswith(f"∂y/∂({label}) = ∂y/∂({label})\n")


# --- formulas -----------------------------------------------------------------------------------

DERIVATIVES = [
    (ops.add, 0, "1"),
    (ops.sub, 1, "-1"),
    (ops.mul, 0, "b"),
    (ops.div, 0, "1 / b"),
    (ops.div, 1, "-y / b"),
    (ops.pow, 1, "y * log(a)"),
    (ops.exp, 0, "y"),
    (ops.sin, 0, "cos(a)"),
    (ops.cos, 0, "-sin(a)"),
    (ops.log, 0, "1 / a"),
    (ops.sqrt, 0, "0.5 / y"),
    (ops.tanh, 0, "1 - y**2"),
    (ops.sigmoid, 0, "y * (1 - y)"),
    (ops.relu, 0, "1"),
]


@pytest.mark.parametrize(("row", "place", "wanted"), DERIVATIVES)
def test_local_derivatives_come_from_the_table(row: Operation, place: int, wanted: str) -> None:
    names, numbers = ("a", "b")[: row.arity], (0.5, 2.0)[: row.arity]
    y = row.evaluate(numbers)
    formula = local_derivative(row, place, ("y", y), names, numbers)
    assert formula is not None
    assert text(formula) == wanted


@pytest.mark.parametrize("x", [-3.0, -0.5, 0.0, 0.5, 3.0])
@pytest.mark.parametrize("row", TEXTBOOK, ids=lambda row: row.name)
def test_what_is_written_as_in_books_is_what_the_table_computes(row: Operation, x: float) -> None:
    y = row.evaluate((x,))
    assert TEXTBOOK[row](y) == pytest.approx(row.vjps[0](1.0, y, x), rel=1e-12)


@pytest.mark.parametrize(
    ("exponent", "wanted"), [(2.0, "2 * a"), (1.0, "1"), (3.0, "3 * a**2"), (-1.0, "-a**(-2)")]
)
def test_powers_with_a_constant_exponent(exponent: float, wanted: str) -> None:
    formula = local_derivative(ops.pow, 0, ("y", 1.0), ("a", exponent), (1.0, exponent))
    assert formula is not None
    assert text(formula) == wanted


def test_long_derivatives_stay_symbols() -> None:
    xs = [Value(1.0, name=f"x{i}") for i in range(100)]
    explanation = explain(named("p", ops.prod(xs)), xs[50])
    assert explanation.paths[0].factors[0].symbolic is None
    assert str(explanation).startswith("∂p/∂x50 = 1\n")


def test_nan_and_inf_are_shown() -> None:
    x = Value(0.0, name="x")
    explanation = explain(named("y", ops.sqrt(x) * 2), x)
    assert "= 2 · inf" in str(explanation)
    assert r"= 2 \cdot \infty" in explanation.latex()
    steps = json.loads(trace_backward(ops.sqrt(x)).to_json())
    assert steps[0]["operands"][0]["local"] == "inf"


def test_a_blocked_path_is_carried_as_backward_carries_it() -> None:
    x = Value(0.0, name="x")
    y = ops.sqrt(ops.relu(x))  # inf from the root, through a slope of 0
    assert explain(y, x).total == explain(y, x).terms[0] == gradients(y, [x])[0] == 0.0


# --- mistakes -----------------------------------------------------------------------------------


def test_wrong_arguments_are_named() -> None:
    d, a = two_paths()
    cases: list[tuple[Any, str]] = [
        (lambda: explain(3.0, a), "got float"),  # type: ignore[arg-type]
        (lambda: explain(d, [a]), "got list"),  # type: ignore[arg-type]
        (lambda: explain(d, a, max_paths=1.5), "got float"),  # type: ignore[arg-type]
        (lambda: trace_backward("d"), "got str"),  # type: ignore[arg-type]
    ]
    for call, message in cases:
        with pytest.raises(TypeError, match=message):
            call()
    with pytest.raises(ValueError, match="max_paths is 0 or more, got -1"):
        explain(d, a, max_paths=-1)


def test_changed_data_is_refused() -> None:
    d, a = two_paths()
    a.data = 4.0
    with pytest.raises(StaleError):
        explain(d, a)
    with pytest.raises(StaleError):
        trace_backward(d)


def test_after_an_optimizer_s_step_a_loss_is_explained_no_more() -> None:
    model = MLP(1, [2, 1], "tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    loss = mse([model([1.0])], [0.5])
    weight = model.parameters()[0]
    loss.backward()
    before = str(explain(loss, weight)), str(trace_backward(loss))
    assert before == (str(explain(loss, weight)), str(trace_backward(loss)))
    optimizer.step()
    for ask in (lambda: explain(loss, weight), lambda: trace_backward(loss)):
        with pytest.raises(StaleError, match=r"an optimizer's step does.*compute the result again"):
            ask()
    loss = mse([model([1.0])], [0.5])
    assert str(explain(loss, weight)) != before[0]
    optimizer.zero_grad()  # no data: nothing is stale
    assert explain(loss, weight).count == 1


def test_an_explanation_leaves_the_garbage_collector_as_it_was() -> None:
    d, a = two_paths()
    for enabled in (True, False):
        (gc.enable if enabled else gc.disable)()
        try:
            explain(d, a)
            trace_backward(d)
            assert gc.isenabled() == enabled
        finally:
            gc.enable()
