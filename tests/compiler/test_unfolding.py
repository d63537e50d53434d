"""Composed rows become the rows of their formula, which a language knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tape_cases import ROWS, of_row

from autograd_lite import BackendError, jit, op, ops, trace_rows, where
from autograd_lite.compiler import Tape
from autograd_lite.compiler.tape import Input, Instruction
from autograd_lite.compiler.unfolding import unfolded
from autograd_lite.compiler.writing import Language
from autograd_lite.operation import TABLE, Operation

NOTHING = Language({}, repr)
PRIMITIVE = Language({row.name: "" for row in ROWS if row.formula is None}, repr)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_remains_is_known_and_gives_the_same(row: Operation) -> None:
    case = of_row(row)
    tape = unfolded(case.tape, PRIMITIVE, "c")
    assert all(PRIMITIVE.knows(each.op) for each in tape.instructions)
    for inputs, expected in case.runs:
        try:
            found = tape.evaluate(inputs)
        except (ArithmeticError, ValueError):
            continue  # as C would have inf or nan there
        if expected is not None:
            assert found == pytest.approx(expected, rel=1e-13, nan_ok=True), inputs


def test_a_formula_s_instructions_have_the_line_and_its_result_the_name() -> None:
    tape = Tape(
        (Input("x"),), (Instruction(ops.softplus, (0,), 0), Instruction(ops.neg, (1,), -1)), (2, 1),
        lines=("moons.py:7",), names={1: "loss"},
    )  # fmt: skip
    text = str(unfolded(tape, PRIMITIVE, "c"))
    assert text.count("# moons.py:7") == 6
    assert "v6 'loss' = add(v1, v5)   # moons.py:7\nv7 = neg(v6)\nreturn v7, v6" in text


@pytest.mark.parametrize("row", [ops.pos, trace_rows.detach, ops.convention_row])
def test_what_is_its_operand_in_value_goes(row: Operation) -> None:
    tape = Tape((Input("x"),), (Instruction(row, (0, 2.0)[: row.arity or 2]),), (1,))
    left = unfolded(tape, NOTHING, "c")
    assert (left.instructions, left.outputs) == ((), (0,))


def hinge(name: str, formula: Callable[..., Any] | None) -> Operation:
    return op(name, lambda x: max(x, 0.0), lambda g, y, x: g, formula=formula)


def branching(x: Any) -> Any:
    return x if x > 0 else 0.0


def chained(x: Any) -> Any:
    """Combine conditions in all the ways that rules do."""
    a, b = (x >= 1) | (x != x), (x < 4) & (x == x) & True
    return where(a & b, a + 1.0, b * x)


REFUSED = [
    (None, r"'unfolding_hinge' at test_unfolding.py:\d+, which has no formula, .* the c backend"),
    (branching, "whose formula branches where it should choose by where"),
    (lambda x: x and 1.0, "whose formula branches"),
    (lambda x: ops.polygamma(0.0, x), r"'polygamma' at .*py:\d+, which .* python knows all"),
]


@pytest.mark.parametrize(("formula", "message"), REFUSED)
def test_what_a_language_does_not_know_is_refused(formula: Any, message: str) -> None:
    row: Any = hinge("unfolding_hinge", formula)
    language = Language({"less": ""}, repr)
    try:
        tape = jit(lambda x: row(x)).tape(2.0)
        with pytest.raises(BackendError, match=message):
            unfolded(tape, language, "c")
        language.call = repr  # one that calls what it does not know
        assert unfolded(tape, language, "c") == tape
    finally:
        del TABLE["unfolding_hinge"]


@pytest.mark.parametrize("x", [-1.0, 0.0, 1.0, 2.0, 4.0, 5.0])
def test_conditions_of_formulas_combine(x: float) -> None:
    row: Any = hinge("unfolding_hinge", chained)
    try:
        tape = unfolded(jit(lambda x: row(x)).tape(2.0), PRIMITIVE, "c")
    finally:
        del TABLE["unfolding_hinge"]
    assert tape.evaluate([x]) == [float(chained(x))]


def test_lanes_are_refused_where_they_are_not_known() -> None:
    lanes = Tape((Input("x", 3),), (Instruction(ops.neg, (0,)),), (1,))
    made = Tape((Input("x"),), (Instruction(trace_rows.broadcast, (0, 3.0)),), (1,))
    for tape, message in ((lanes, "single numbers, got a tape of lanes"), (made, "'broadcast'")):
        with pytest.raises(BackendError, match=message):
            unfolded(tape, PRIMITIVE, "js")
    known = Language({"neg": "", "broadcast": ""}, repr)
    assert unfolded(lanes, known, "array") == lanes
