"""The written-down backward pass says what backward does, and what can no longer be known."""

from __future__ import annotations

import math
import operator
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from random_programs import programs, run

from autograd_lite import Value, op, ops
from autograd_lite.errors import DomainError, StaleError
from autograd_lite.operation import TABLE
from autograd_lite.record import Record, Use


@given(programs())
def test_what_is_received_adds_up_to_what_backward_computes(
    program: tuple[list[float], list[Any]],
) -> None:
    leaves = [Value(x) for x in program[0]]
    loss = run(leaves, program[1])
    record = Record(loss)
    loss.backward()
    for x, uses in record.received.items():
        # one after the other, as backward does: sum() compensates from Python 3.12 on
        total = reduce(operator.add, [use.contribution for use in uses])
        assert total == record.cotangent(x) == x.grad
        for use in uses:
            assert use.node.operands[use.place] is x
            assert use.contribution == record.contributions(use.node)[use.place]
    for node in record.order:
        slopes, parts = record.local(node), record.contributions(node)
        for x, slope, part in zip(node.operands, slopes, parts, strict=True):
            assert (slope is None) == (part is None) == isinstance(x, float)
            if slope is not None:
                assert part == pytest.approx(slope * node.grad, rel=1e-12, abs=1e-300)
    assert [record.step[node] for node in record.order] == [*range(len(record.order), 0, -1)]


@given(programs())
def test_of_some_nodes_it_knows_the_same(program: tuple[list[float], list[Any]]) -> None:
    leaves = [Value(x) for x in program[0]]
    loss = run(leaves, program[1])
    whole, part = Record(loss), Record(loss, wanted={leaves[0]})
    assert part.cotangent(leaves[0]) == whole.cotangent(leaves[0])
    assert part.received.get(leaves[0]) == whole.received.get(leaves[0])
    assert set(part.received) <= {leaves[0]}


def test_what_a_changed_leaf_makes_unknown_is_none_and_the_rest_is_known() -> None:
    x, w = Value(2.0), Value(3.0)
    old = x * w
    root = old + w * 5.0
    x.data = 7.0
    with pytest.raises(StaleError):
        Record(root)
    record = Record(root, lenient=True)
    assert record.set_since == [x]
    assert record.local(old) == record.contributions(old) == [None, None]
    assert record.cotangent(old) == 1.0
    assert record.cotangent(x) is None
    assert record.cotangent(w) is None  # known from one use, not from the other
    assert [use.contribution for use in record.received[w]] == [5.0, None]


def test_a_rule_that_raises_makes_unknown_what_is_below_it() -> None:
    bad = op("never_sloped", lambda x: x, lambda g, y, x: ops.log(-g))
    try:
        x = Value(2.0)
        y = x * 3.0
        root = bad(y)
        with pytest.raises(DomainError):
            Record(root)
        record = Record(root, lenient=True)
        assert (record.cotangent(root), record.cotangent(y), record.cotangent(x)) == (1, None, None)
        assert record.contributions(y) == [None, None]
        assert record.local(y) == [3.0, None]  # the rule can be asked, its cotangent is unknown
    finally:
        del TABLE["never_sloped"]


def test_without_a_seed_there_are_local_derivatives_only() -> None:
    x = Value(2.0)
    y = x * x
    record = Record(y, None)
    assert (record.cotangent(y), record.received, record.local(y)) == (None, {}, [2.0, 2.0])
    assert record.contributions(y) == [None, None]


def test_it_changes_nothing_and_names_the_first_bad_numbers() -> None:
    x = Value(0.0)
    root = x.sqrt() * 2.0 + x
    root.backward()
    grads = [x.grad, root.grad]
    record = Record(root)
    assert [x.grad, root.grad] == grads
    node = root.operands[0].operands[0]  # type: ignore[union-attr]
    assert record.first_bad_contribution == (node, 0)
    assert record.received[x][-1] == Use(node, 0, math.inf)
    assert record.first_bad_value() is None
    infinite = Value(math.inf)
    assert Record(infinite + x).first_bad_value() is infinite
