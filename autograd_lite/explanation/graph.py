"""A recorded graph as it was when it was explained: every node with a name, and its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import backprop
from .._support.wording import legible
from ..notation.formula import Applied, Formula, local_derivative
from ..operation import Operation
from ..value import Value


class Node:
    """One operation of the graph, in names and numbers: what is set or renamed later is not seen.

    `operands` are the names of Values and the constants; `numbers` is what all of them were.
    """

    __slots__ = ("name", "numbers", "op", "operands", "value")

    def __init__(self, node: Any, names: dict[Value, str]) -> None:
        operands = node.operands
        self.op: Operation = node.op
        self.name = names[node]
        self.value = node.data
        self.operands = tuple([names[x] if isinstance(x, Value) else x for x in operands])
        self.numbers = tuple([x.data if isinstance(x, Value) else x for x in operands])

    def contributions(self, g: float) -> list[float]:
        """Return what backward adds to the gradient of each operand; 0 for constants."""
        rules = self.op.vjps
        if self.op.arity == 1:
            return [float(rules[0](g, self.value, *self.numbers))]
        if self.op.arity is None:
            return [float(part) for part in rules[0](g, self.value, *self.numbers)]
        return [
            0.0 if isinstance(x, float) else float(rule(g, self.value, *self.numbers))
            for rule, x in zip(rules, self.operands, strict=True)
        ]

    def formula(self) -> Formula:
        """Return how the node was computed from its operands."""
        return Applied(self.op, self.operands)

    def derivative(self, place: int) -> Formula | None:
        """Return the local derivative for an operand as a formula, None where it is a long one."""
        result = self.name, self.value
        return local_derivative(self.op, place, result, self.operands, self.numbers)


class Graph:
    """The graph below a result.

    Raises StaleError where a leaf's data was set since the result was computed.
    """

    def __init__(self, root: Value) -> None:
        met = backprop.walk(root)
        met.raise_if_stale()
        self.root = root
        self.order: list[Value] = met.order
        self.names = _names(root, met.order)
        self.nodes = {node: Node(node, self.names) for node in self.order}

    def backward(self) -> Iterator[tuple[Value, float, list[float]]]:
        """Run the backward pass; yield each result, its gradient, what it adds to its operands'."""
        found = {self.root: 1.0}
        for node in reversed(self.order):
            gradient = found[node]
            parts = self.nodes[node].contributions(gradient)
            for x, part in zip(node.operands, parts, strict=True):
                if isinstance(x, Value):
                    found[x] = found[x] + part if x in found else part
            yield node, gradient, parts


def _names(root: Value, order: list[Value]) -> dict[Value, str]:
    """Name each node; those that have no name v1, v2, ... in the order of computing.

    No two have the same: of several nodes named h the second is h_2.
    """
    nodes: dict[Value, Any] = dict.fromkeys(
        x for node in order for x in (*node.operands, node) if isinstance(x, Value)
    )
    nodes.setdefault(root)
    taken: dict[str, int] = {}
    for node in nodes:
        if node.name is not None:
            nodes[node] = _untaken(legible(node.name), taken)
    n = 0
    for node in nodes:
        while nodes[node] is None:
            n += 1
            if f"v{n}" not in taken:
                nodes[node] = f"v{n}"
    return nodes


def _untaken(name: str, taken: dict[str, int]) -> str:
    """Return the name, with a number where it was used before."""
    while name in taken:
        taken[name] += 1
        name = f"{name}_{taken[name]}"
    taken[name] = 1
    return name
