"""On random graphs the passes agree with each other, exactly, and with finite differences."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_programs import programs, run

from autograd_lite import Value, gradients, ops
from autograd_lite.backprop import cotangents
from autograd_lite.operation import TABLE


@given(programs())
def test_the_three_passes_agree_bit_for_bit(program: tuple[list[float], list[Any]]) -> None:
    leaves = [Value(x) for x in program[0]]
    loss = run(leaves, program[1])
    loss.backward()
    found = cotangents(loss, 1.0)
    recorded = cotangents(loss, 1.0, create_graph=True)
    for node, cotangent in found.items():
        assert node.grad == cotangent
        assert float(recorded[node]) == pytest.approx(cotangent, rel=1e-12, abs=1e-15)
    assert loss.data == run(program[0], program[1])


@given(programs())
def test_a_second_pass_doubles_every_grad(program: tuple[list[float], list[Any]]) -> None:
    leaves = [Value(x) for x in program[0]]
    loss = run(leaves, program[1])
    loss.backward()
    once = {node: node.grad for node in cotangents(loss, 1.0)}
    loss.backward()
    assert all(node.grad == 2 * grad for node, grad in once.items())


@given(programs())
def test_gradients_agree_with_finite_differences(program: tuple[list[float], list[Any]]) -> None:
    xs, steps = program
    leaves = [Value(x) for x in xs]
    grads = gradients(run(leaves, steps), leaves)
    h = 1e-6
    for i, grad in enumerate(grads):
        up, down = ([x + s * h * (k == i) for k, x in enumerate(xs)] for s in (1, -1))
        difference = (run(up, steps) - run(down, steps)) / (2 * h)
        assert grad == pytest.approx(difference, rel=1e-4, abs=1e-4)


@given(programs())
def test_the_hessian_is_symmetric(program: tuple[list[float], list[Any]]) -> None:
    leaves = [Value(x) for x in program[0]]
    slopes = gradients(run(leaves, program[1]), leaves, create_graph=True)
    hessian = [gradients(slope, leaves) for slope in slopes]
    for i in range(len(leaves)):
        for j in range(i):
            assert hessian[i][j] == pytest.approx(hessian[j][i], rel=1e-8, abs=1e-8)


@given(st.floats(), st.floats())
def test_the_operators_written_out_are_twins_of_their_rows(a: float, b: float) -> None:
    x, y = Value(a), Value(b)
    pairs = [(x + y, ops.add(x, y)), (x * y, ops.mul(x, y)), (x + b, ops.add(x, b)),
             (x * b, ops.mul(x, b))]  # fmt: skip
    for ours, row in pairs:
        assert ours.data.hex() == row.data.hex()
        assert (ours.op, ours.operands[0]) == (row.op, row.operands[0])
        assert ours.operands[1] is row.operands[1]


POINTS = [-2.5, -1.0, -0.3, 0.0, 0.2, 0.7, 1.0, 1.5, 3.0]


@pytest.mark.parametrize("name", list(TABLE))
def test_rules_on_floats_are_twins_of_the_rules_on_values(name: str) -> None:
    row = TABLE[name]
    arity = 4 if row.arity is None else row.arity
    for start in range(len(POINTS)):
        point = tuple((POINTS + POINTS)[start : start + arity])
        leaves = tuple(map(Value, point))
        try:
            node = row.apply(leaves)
        except (ValueError, ArithmeticError):
            continue
        for x in leaves:
            x.grad = 0.0
        node.backward()
        wanted = [float(g) for g in gradients(node, leaves, create_graph=True)]
        assert [x.grad for x in leaves] == pytest.approx(wanted, rel=1e-15, nan_ok=True)
        assert node.data == row.apply(point) or math.isnan(node.data)


@given(programs())
def test_gradients_are_those_of_backward_and_touch_none(
    program: tuple[list[float], list[Any]],
) -> None:
    leaves = [Value(x) for x in program[0]]
    loss = run(leaves, program[1])
    found = gradients(loss, [*leaves, loss])
    assert all(node.grad == 0.0 for node in cotangents(loss, 1.0))
    loss.backward()
    assert found == [x.grad for x in (*leaves, loss)]
