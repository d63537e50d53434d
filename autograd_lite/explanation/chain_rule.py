"""The chain rule for one graph and its numbers: paths, their factors, and sums over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..backprop import dependents
from ..notation.formula import Formula, local_derivative, text
from ..value import Value
from .nodes import Graph, Node


@dataclass(frozen=True)
class Factor:
    """The derivative of a result for one of its operands; or of the output, for any node."""

    result: str
    operand: str
    value: float
    node: Node | None = field(default=None, repr=False, compare=False)
    place: int = field(default=0, repr=False, compare=False)

    def formula(self) -> Formula | None:
        """Return the derivative as the table of operations has it, or None where that is long."""
        node = self.node
        if node is None:
            return None
        result = node.name, node.value
        return local_derivative(node.op, self.place, result, node.operands, node.numbers)

    @property
    def symbolic(self) -> str | None:
        """The text of the formula."""
        formula = self.formula()
        return None if formula is None else text(formula)


@dataclass(frozen=True)
class Path:
    """One way from the output to a node; `value` is the product of its factors.

    It is multiplied up from the output, by the rules of the table, as the backward pass would. In
    a `Sum` the way to the last operation is one factor.
    """

    factors: tuple[Factor, ...] = field(repr=False)  # there may be very many
    value: float


@dataclass(frozen=True)
class Sum:
    """The gradient of one node as the backward pass computes it: a sum over the node's uses."""

    name: str
    terms: tuple[Path, ...] = field(repr=False)
    total: float


class Between(Graph):
    """The part of a graph that lies between its output and one of its nodes."""

    def __init__(self, output: Value, wrt: Value) -> None:
        super().__init__(output)
        self.output, self.wrt = output, wrt
        inside = dependents(self.record.order, [wrt])
        on_paths = {wrt, *inside}  # only asked what it contains
        self.factors = {node: dict(self._factors(node, on_paths)) for node in inside}

    def _factors(self, node: Value, on_paths: set[Value]) -> Iterator[tuple[int, Factor]]:
        known, local = self.nodes[node], self.record.local(node)
        for place, x in enumerate(node.operands):
            if isinstance(x, Value) and x in on_paths:
                yield place, Factor(known.name, self.names[x], local[place], known, place)

    def count(self) -> int:
        """Count the paths from the output down, without walking them."""
        ways = Counter[Any]([self.output])
        for node in reversed(self.factors):
            n = ways.pop(node)
            for place in self.factors[node]:
                ways[node.operands[place]] += n
        return ways[self.wrt]

    def paths(self) -> Iterator[Path]:
        """Walk each path, depth first, operands in order."""
        way: list[Any] = []  # the factors down to where the walk is
        waiting: list[tuple[Any, Factor | None, float, int]] = [(self.output, None, 1.0, 0)]
        while waiting:
            x, factor, gradient, depth = waiting.pop()
            way[depth:] = [factor]
            if x is self.wrt:
                yield Path(tuple(way[1:]), gradient)
            elif x in self.factors:
                pulled = x.op.cotangents(gradient, x.data, self.nodes[x].numbers)
                waiting += [
                    (x.operands[place], factor, float(pulled[place]), depth + 1)
                    for place, factor in reversed(self.factors[x].items())
                ]

    def sums(self) -> Iterator[Sum]:
        """Read the backward pass as far as it leads to `wrt`: each node's uses together."""
        names = self.names
        for x in [*reversed(self.factors), self.wrt][1:]:
            terms = []
            for node, place, value in self.record.received[x]:
                last = self.factors[node][place]
                gradient = Factor(names[self.output], names[node], self.record.cotangent(node))
                factors = (last,) if node is self.output else (gradient, last)
                terms.append(Path(factors, value))
            yield Sum(names[x], tuple(terms), self.record.cotangent(x))
