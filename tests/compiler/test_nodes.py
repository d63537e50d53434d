"""The node of a jitted call is a result as any other: pickled, copied, computed again."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from autograd_lite import DomainError, Value, exp, grad, gradients, jit, sin, where


def f(x: Any, y: Any) -> Any:
    return [sin(x) * y + exp(x * y), where(x > y, x, x * y)] if x > 0 else [x, y]


ROUND_TRIPS = {
    "pickle": lambda nodes: pickle.loads(pickle.dumps(nodes)),
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("how", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
def test_a_graph_with_a_jitted_call_goes_through(how: Any) -> None:
    w = Value(3.0)
    jitted = jit(lambda x, y: [z * w for z in f(x, y)])
    x, y = Value(0.3, name="x"), Value(0.7)
    first, second = jitted(x, y)
    loss = first * second + w
    loss, x2, y2, w2 = how((loss, x, y, w))
    assert loss.data == (first * second + w).data
    expected = gradients(first * second + w, [x, y, w])
    for _ in range(2):
        assert gradients(loss, [x2, y2, w2]) == pytest.approx(expected, rel=1e-14)
    (once,) = gradients(loss, [x2], create_graph=True)
    (other,) = gradients(first * second + w, [x], create_graph=True)
    assert gradients(once, [y2]) == pytest.approx(gradients(other, [y]), rel=1e-13)


def test_pickled_calls_share_what_is_compiled() -> None:
    jitted: Any = jit(f)
    nodes = [jitted(Value(0.5), Value(float(i)))[0] for i in range(40)]
    again = pickle.loads(pickle.dumps(nodes))
    assert len({id(node.op.path) for node in again}) == 1
    assert len(pickle.dumps(nodes)) < 40 * 400


def test_a_node_computed_again_with_other_numbers() -> None:
    jitted: Any = jit(lambda x: x * x if x > 1 else -x)
    node = jitted(Value(3.0))
    assert node.op(*[[2.0]]) == 4.0
    line = r"test_nodes.py:\d+ is True, got numbers for which it is False; call the function itself"
    with pytest.raises(DomainError, match=f"a jitted function was recorded where {line}"):
        node.op([0.5])
    assert jitted(0.5) == -0.5


def test_forward_on_a_value_records() -> None:
    node: Any = jit(lambda x: x * x)(Value(3.0))
    assert grad(lambda x: node.op([x]))(2.0) == 4.0
