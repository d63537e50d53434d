"""A recorded graph as it was when it was explained: every node with a name, and its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any, NamedTuple

from .._support.wording import legible
from ..notation.formula import Applied, Formula
from ..operation import Operation
from ..record import Record
from ..value import Value


class Node(NamedTuple):
    """One operation of the graph, in names and numbers: what is set or renamed later is not seen.

    `operands` are the names of Values and the constants; `numbers` is what all of them were.
    """

    name: str
    value: float
    op: Operation
    operands: tuple[str | float, ...]
    numbers: tuple[float, ...]

    def formula(self) -> Formula:
        """Return how the node was computed from its operands."""
        return Applied(self.op, self.operands)


class Graph:
    """The graph below an output: the record of its backward pass, and each node with its name.

    Raises StaleError where a leaf's data was set since the output was computed.
    """

    def __init__(self, output: Value) -> None:
        self.record: Any = Record(output)  # where all is known
        values = dict.fromkeys(
            x for node in self.record.order for x in (*node.operands, node) if isinstance(x, Value)
        )
        self.names = _names([*values] or [output])
        self.nodes = {node: self._node(node) for node in self.record.order}

    def _node(self, node: Any) -> Node:
        names = tuple([self.names[x] if isinstance(x, Value) else x for x in node.operands])
        numbers = tuple([x.data if isinstance(x, Value) else x for x in node.operands])
        return Node(self.names[node], node.data, node.op, names, numbers)


def _names(values: Iterable[Value]) -> dict[Value, str]:
    """Name each Value; those that have no name v1, v2, ... in the order of computing.

    No two have the same: of several called h the second is h_2.
    """
    taken: dict[str, int] = {}

    def untaken(name: str) -> str:
        while name in taken:
            taken[name] += 1
            name = f"{name}_{taken[name]}"
        taken[name] = 1
        return name

    names = {x: untaken(legible(x.name)) for x in values if x.name is not None}
    free = (name for n in count(1) if (name := f"v{n}") not in taken)
    return {x: names[x] if x in names else next(free) for x in values}
