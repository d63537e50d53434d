"""Passes and tapes: each pass keeps every bit of what a tape computes."""

from __future__ import annotations

import math
import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, grad, jit, ops, to_dot, trace_rows, value_and_grad
from autograd_lite.compiler import Tape, passes, python_source
from autograd_lite.compiler.tape import Input, Instruction
from autograd_lite.operation import TABLE, TRACED
from autograd_lite.ops import where

PASSES = [passes.with_exact_algebra, passes.with_constants_folded, passes.with_common_results,
          passes.without_dead_code, passes.with_signs_outward, passes.simplified]  # fmt: skip
CONDITIONS = [trace_rows.less, trace_rows.less_equal, trace_rows.equal]
UNARY = [ops.neg, ops.pos, ops.abs, ops.square, ops.tanh, ops.relu, trace_rows.detach, ops.exp]
BINARY = [ops.add, ops.sub, ops.mul, ops.div, ops.pow, ops.maximum, ops.copysign]
CONSTANTS = [0.0, -0.0, 1.0, -1.0, 2.0, math.inf, math.nan, 1e308]
numbers = st.sampled_from([*CONSTANTS, -math.inf, 0.5, -1e308, 5e-324]) | st.floats()


@st.composite
def tapes(draw: st.DrawFn) -> Tape:
    """Draw tapes of any rows; few places and constants, so that much is equal, or simple."""
    inputs = draw(st.integers(1, 3))
    instructions: list[Instruction] = []
    conditions: list[int] = []
    places = list(range(inputs))

    def operand() -> Any:
        return draw(st.sampled_from(places) | st.sampled_from(CONSTANTS))

    for i in range(draw(st.integers(1, 14))):
        kinds = ["unary", "binary", "binary", "condition", "sum"]
        kind = draw(st.sampled_from([*kinds, "select", "joined", "not"] if conditions else kinds))
        some = st.sampled_from([*conditions, 0.0, 1.0]) if conditions else st.just(0.0)
        here = inputs + i
        if kind == "unary":
            new = Instruction(draw(st.sampled_from(UNARY)), (operand(),))
        elif kind == "binary":
            new = Instruction(draw(st.sampled_from(BINARY)), (operand(), operand()))
        elif kind == "sum":
            new = Instruction(ops.sum, (operand(), operand(), operand()))
        elif kind == "select":
            new = Instruction(trace_rows.select, (draw(some), operand(), operand()))
        elif kind == "condition":
            new = Instruction(draw(st.sampled_from(CONDITIONS)), (operand(), operand()))
        elif kind == "not":
            new = Instruction(trace_rows.negation, (draw(some),))
        else:
            row = draw(st.sampled_from([trace_rows.both, trace_rows.either]))
            new = Instruction(row, (draw(some), draw(some)))
        instructions.append(new)
        (conditions if kind in ("condition", "joined", "not") else places).append(here)
    outputs = draw(st.lists(st.sampled_from([*places, *conditions]), min_size=1, max_size=4))
    return Tape(tuple(Input(f"x{i}") for i in range(inputs)), tuple(instructions), tuple(outputs))


def evaluated(tape: Tape, xs: list[float]) -> Any:
    """Return the bits of the outputs, all nans alike, or that an operation raised."""
    try:
        results = tape.evaluate(xs)
    except (ArithmeticError, ValueError) as error:
        return type(error)
    return [struct.pack("d", math.nan if x != x else x) for x in results]


@pytest.mark.parametrize("simplify", PASSES)
@given(tapes(), st.data())
@settings(max_examples=150, deadline=None)
def test_a_pass_keeps_every_bit(simplify: Any, tape: Tape, data: st.DataObject) -> None:
    simpler = simplify(tape)
    if simplify not in (passes.with_signs_outward, passes.simplified):  # a sign may be added
        assert simpler.size <= tape.size
    for _ in range(3):
        xs = [data.draw(numbers) for _ in tape.inputs]
        assert evaluated(simpler, xs) == evaluated(tape, xs)


@given(tapes(), st.data())
@settings(max_examples=150, deadline=None)
def test_source_computes_what_the_tape_does(tape: Tape, data: st.DataObject) -> None:
    kernel = python_source.compiled(passes.simplified(tape))
    xs = [data.draw(numbers) for _ in tape.inputs]
    expected = evaluated(tape, xs)
    try:
        found = [struct.pack("d", math.nan if x != x else float(x)) for x in kernel(*xs)]
    except (ArithmeticError, ValueError):
        assert not isinstance(expected, list)
    else:
        assert found == expected


def written(f: Any, *args: Any) -> list[str]:
    """Write a tape without its first lines, and where its lines came from."""
    return [line.split("   #")[0] for line in str(jit(f).tape(*args)).splitlines()[2:]]


SIMPLER = {
    "x * 1": (lambda x: x * 1.0, ["return x"]),
    "1 * x": (lambda x: 1.0 * x, ["return x"]),
    "x / 1": (lambda x: x / 1.0, ["return x"]),
    "x ** 1": (lambda x: x**1.0, ["return x"]),
    "x - 0": (lambda x: x - 0.0, ["return x"]),
    "+x": (lambda x: +x, ["return x"]),
    "-(-x)": (lambda x: ops.neg(-x), ["return x"]),
    "x + 0 is not x": (lambda x: x + 0.0, ["v1 = add(x, 0.0)", "return v1"]),
    "x - -0 is not x": (lambda x: x - -0.0, ["v1 = sub(x, -0.0)", "return v1"]),
    "x * 0 is not 0": (lambda x: x * 0.0, ["v1 = mul(x, 0.0)", "return v1"]),
    "common results": (lambda x: [x * x, x * x], ["v1 = mul(x, x)", "return v1, v1"]),
    "bits of constants": (
        lambda x: [x * 0.0, x * -0.0],
        ["v1 = mul(x, 0.0)", "v2 = mul(x, -0.0)", "return v1, v2"],
    ),
    "constants": (lambda x: (Value(2.0) * 3.0 + 1.0) * x, ["v1 = mul(7.0, x)", "return v1"]),
    "constant guards": (lambda x: x if Value(2.0) > 1 else -x, ["return x"]),
    "guards once": (
        lambda x: x if x > 0 and x > 0 and not x <= 0 else -x,
        ["v1 = less(0.0, x)", "guard v1 is True", "v3 = less_equal(x, 0.0)", "guard v3 is False",
         "return x"],
    ),
    "dead code": (lambda x: (ops.tanh(x), x)[1], ["return x"]),
    "what raises lives": (lambda x: (ops.log(x), x)[1], ["v1 = log(x)", "return x"]),
    "constant conditions": (lambda x: where(Value(1.0) > 0, x, -x), ["return x"]),
    "joined conditions": (lambda x: where((x > 0) & (Value(1.0) > 0), x, 2.0),
                          ["v1 = less(0.0, x)", "v2 = select(v1, x, 2.0)", "return v2"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SIMPLER)
def test_what_is_simplified(name: str) -> None:
    f, lines = SIMPLER[name]
    assert written(f, 2.0) == lines


EXTREMES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    -2.5,
    1e308,
    -1e308,
    5e-324,
    math.inf,
    -math.inf,
    math.nan,
]


@pytest.mark.parametrize("name", sorted(n for n, op in {**TABLE, **TRACED}.items() if op.total))
def test_a_total_row_never_raises(name: str) -> None:
    op = {**TABLE, **TRACED}[name]
    for x in EXTREMES:
        for y in EXTREMES:
            for z in EXTREMES if op.arity == 3 else [1.0]:
                xs = (x, y, z)[: 2 if op.linear else op.arity]
                assert isinstance(op.evaluate(xs), float)


def curve(x: Any, p: dict[str, Any]) -> Any:
    y = ops.tanh(p["w"] * x + p["b"][0])
    if isinstance(y, Value):
        y.name = "hidden"
    return y * y if y > 0 else -y


def tape() -> Tape:
    def both(x: Any, p: Any) -> Any:
        return value_and_grad(curve, argnums=1)(x, p)

    return jit(both).tape(0.5, {"w": 2.0, "b": [1.0]})


def test_a_tape_says_its_size_names_and_lines() -> None:
    first, second, *lines = str(tape()).splitlines()
    assert first == f"tape of {tape().size} operations (recorded {tape().recorded}: forward 5)"
    assert second == "inputs x, p['w'], p['b'][0]"
    assert all("# test_passes.py:" in line for line in lines if "hidden" in line or "guard" in line)
    assert sum("'hidden' = tanh(" in line for line in lines) == 1
    assert len(lines) == tape().size + 1 + len(tape().guards())
    assert repr(tape()) == f"<{first}>"


def test_a_tape_is_pickled_and_never_changes() -> None:
    one = tape()
    again = pickle.loads(pickle.dumps(one))
    assert again == one
    assert str(again) == str(one)
    with pytest.raises(AttributeError):
        one.outputs = ()  # type: ignore[misc]
    kernel = python_source.compiled(again)
    assert kernel(0.5, 2.0, 1.0) == python_source.compiled(one)(0.5, 2.0, 1.0)


def test_equal_programs_have_equal_tapes_in_every_process() -> None:
    program = "from test_passes import tape; print(tape(), hash('x'))"
    texts = []
    for seed in ("1", "2"):
        path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        run = subprocess.run([sys.executable, "-c", program], env=environment, check=True,
                             capture_output=True, text=True)  # fmt: skip
        texts.append(run.stdout.rpartition(" ")[0])
    assert texts[0] == texts[1] == str(tape())


def test_two_paths_have_their_first_guards_alike() -> None:
    def f(x: Any) -> Any:
        y = x * 1.0
        if y > 0 and Value(1.0) > 0 and x > 0:
            x = x * 2.0
        return x if x * x > 2 else grad(lambda x: x**3)(x)

    guards = [jit(f).tape(x).guards() for x in (0.5, 3.0)]
    assert guards[0][0] == guards[1][0]
    assert [line for line, _ in guards[0]] == [line for line, _ in guards[1]]
    assert [outcome for _, outcome in guards[0]] == [True, False]
    assert [outcome for _, outcome in guards[1]] == [True, True]


def test_a_tape_is_drawn_as_the_graph_of_its_operations() -> None:
    one = jit(lambda x, y: where(x > y, x * y, 2.0)).tape(3.0, 2.0)
    a, b = Value(3.0, name="x"), Value(2.0, name="y")
    graph = trace_rows.select.apply((trace_rows.less.apply((b, a)), a * b, 2.0))
    assert to_dot(one) == to_dot(graph)
    assert "x" in to_dot(jit(lambda x: [x, x * x]).tape(3.0))
