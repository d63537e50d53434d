"""Explaining a gradient: the chain rule for one graph and its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._support.remedies import helpful
from .._support.validation import as_whole
from .._support.wording import legible
from ..backprop import dependents
from ..modes import no_gc
from ..notation.formula import text
from ..notation.numbers import counted
from ..value import Value
from . import text as writing
from .nodes import Graph, Node


@dataclass(frozen=True, repr=False)
class Factor:
    """The local derivative of an operation's result for one of its operands."""

    result: str
    operand: str
    value: float
    node: Node = field(compare=False)
    place: int = field(compare=False)

    @property
    def symbolic(self) -> str | None:
        """The derivative as the table of operations has it, or None where that is long."""
        formula = self.node.derivative(self.place)
        return None if formula is None else text(formula)

    def __repr__(self) -> str:
        return f"Factor(∂{self.result}/∂{self.operand} = {self.value!r})"


@dataclass(frozen=True, repr=False)
class Path:
    """One way from the output to the input; `value` is the product of its factors.

    It is multiplied up from the output, by the rules of the table, as the backward pass would.
    """

    factors: tuple[Factor, ...]
    value: float

    def __repr__(self) -> str:
        return f"Path({len(self.factors):,} factors, value={self.value!r})"


@dataclass(frozen=True)
class Term:
    """What one use of a node adds to its gradient: that of the result, carried through a factor."""

    gradient: float
    factor: Factor
    value: float


@dataclass(frozen=True, repr=False)
class Sum:
    """The gradient of one node as the backward pass computes it: a sum over the node's uses."""

    name: str
    terms: tuple[Term, ...]
    total: float

    def __repr__(self) -> str:
        return f"Sum({self.name!r}, {len(self.terms):,} terms, total={self.total!r})"


@dataclass(frozen=True, repr=False)
class Explanation:
    """The gradient of `output` for `wrt`, taken apart.

    `count` is the number of paths between them, exactly. Where it is at most `max_paths`, they are
    in `paths`, and `terms` are their products. Where it is more, `paths` is empty, `terms` are what
    the uses of `wrt` add, and the formulas are those of `sums`: node by node, each gradient a sum
    over the node's uses. Either way the terms add up to `total`, which is the gradient.
    """

    output: str
    wrt: str
    total: float
    count: int
    max_paths: int
    paths: tuple[Path, ...]
    sums: tuple[Sum, ...]
    nodes: Mapping[str, Node] = field(compare=False)
    numbers: Mapping[str, float] = field(compare=False)

    @property
    def factored(self) -> bool:
        """Whether there are too many paths to list, so that the factored form stands for them."""
        return self.count > self.max_paths and bool(self.sums)

    @property
    def terms(self) -> tuple[float, ...]:
        """The numbers whose sum is `total`."""
        parts = self.sums[-1].terms if self.factored else self.paths
        return tuple(part.value for part in parts)

    def __str__(self) -> str:
        return writing.as_text(self)

    def markdown(self) -> str:
        """Return the explanation as Markdown: a sentence, a table, and what the names mean."""
        return writing.as_markdown(self)

    def latex(self) -> str:
        r"""Return the explanation as an `align*` environment, for a document that uses amsmath."""
        return writing.as_latex(self)

    _repr_markdown_ = markdown
    _repr_latex_ = latex

    def __repr__(self) -> str:
        paths = counted(self.count, "path")
        return f"<explanation of ∂{self.output}/∂{self.wrt} = {self.total!r}: {paths}>"


@helpful
def explain(output: Value, wrt: Value, *, max_paths: int = 20) -> Explanation:
    """Explain d(output)/d(wrt) by the chain rule: every path from wrt to output, and their sum.

    Numbers of paths grow exponentially. Where there are more than `max_paths`, the factored form
    is given instead, node by node as the backward pass computes it. Nodes without a name are called
    v1, v2, ... in the order of computing. No `.grad` is touched.

    Raises TypeError where anything but Values is passed, ValueError where `max_paths` is negative,
    StaleError where a leaf's data was set since `output` was computed.

    >>> a = Value(3.0, name="a")
    >>> b, c = a**2, -7 * a
    >>> d = b * c
    >>> b.name, c.name, d.name = "b", "c", "d"
    >>> print(explain(d, a))
    ∂d/∂a = ∂d/∂b · ∂b/∂a
          + ∂d/∂c · ∂c/∂a
          = c · (2 * a)
          + b · (-7)
          = -21 · 6
          + 9 · (-7)
          = -126 - 63
          = -189
    <BLANKLINE>
    where a = 3
          b = a**2 = 9
          c = -7 * a = -21
          d = b * c = -189
    >>> explain(d, a).terms
    (-126.0, -63.0)
    """
    for x in (output, wrt):
        if not isinstance(x, Value):
            raise TypeError(f"explain() expects two Values, got {type(x).__name__}: {x!r}")
    most = as_whole(max_paths)
    if most is None:
        raise TypeError(f"max_paths is a whole number, got {type(max_paths).__name__}")
    if most < 0:
        raise ValueError(f"max_paths is 0 or more, got {max_paths}")
    with no_gc():
        return _Between(output, wrt).explanation(most)


class _Between:
    """The part of a graph that lies between its output and one of its nodes."""

    def __init__(self, output: Value, wrt: Value) -> None:
        self.output, self.wrt = output, wrt
        self.graph = Graph(output)
        self.record: Any = self.graph.record  # where all is known
        inside = dependents(self.record.order, [wrt])
        on_paths = {wrt, *inside}  # only asked what it contains
        self.factors = {node: dict(self._factors(node, on_paths)) for node in inside}

    def _factors(self, node: Value, on_paths: set[Value]) -> Iterator[tuple[int, Factor]]:
        known = self.graph.nodes[node]
        for place, (x, slope) in enumerate(
            zip(node.operands, self.record.local(node), strict=True)
        ):
            if isinstance(x, Value) and x in on_paths:
                yield place, Factor(known.name, self.graph.names[x], slope, known, place)

    def explanation(self, max_paths: int) -> Explanation:
        names, n = self.graph.names, self._count()
        return Explanation(
            output=names[self.output],
            wrt=names.get(self.wrt) or legible(self.wrt.name or "w"),
            total=self.record.cotangent(self.wrt) if n else 0.0,
            count=n,
            max_paths=max_paths,
            paths=tuple(self._paths()) if n <= max_paths or self.wrt is self.output else (),
            sums=tuple(self._sums()),
            nodes={node.name: node for node in self.graph.nodes.values()},
            numbers={names[x]: x.data for x in names},
        )

    def _count(self) -> int:
        """Count the paths from the output down, without walking them."""
        waiting = {self.output: 1}
        for node in reversed(self.factors):
            n = waiting.pop(node)
            for place in self.factors[node]:
                x: Any = node.operands[place]
                waiting[x] = waiting.get(x, 0) + n
        return waiting.get(self.wrt, 0)

    def _paths(self) -> Iterator[Path]:
        """Walk each path, depth first, operands in order."""
        way: list[Any] = []  # the factors down to where the walk is
        waiting: list[tuple[Any, Factor | None, float, int]] = [(self.output, None, 1.0, 0)]
        while waiting:
            x, factor, gradient, depth = waiting.pop()
            way[depth:] = [factor]
            if x is self.wrt:
                yield Path(tuple(way[1:]), gradient)
            elif x in self.factors:
                pulled = x.op.cotangents(gradient, x.data, self.graph.nodes[x].numbers)
                waiting += [
                    (x.operands[place], factor, float(pulled[place]), depth + 1)
                    for place, factor in reversed(self.factors[x].items())
                ]

    def _sums(self) -> Iterator[Sum]:
        """Write down the backward pass as far as it leads to `wrt`: each node's uses together."""
        for x in [*reversed(self.factors), self.wrt][1:]:
            terms = [
                Term(self.record.cotangent(node), self.factors[node][place], contribution)
                for node, place, contribution in self.record.received[x]
            ]
            yield Sum(self.graph.names[x], tuple(terms), self.record.cotangent(x))
