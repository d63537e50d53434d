"""Explaining a gradient: the chain rule for one graph and its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._support.remedies import helpful
from .._support.wording import legible
from ..modes import no_gc
from ..notation.formula import text
from ..notation.numbers import counted
from ..operation import whole
from ..value import Value
from . import text as writing
from .graph import Graph, Node


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
    """One way from the result to the input; `value` is the product of its factors.

    It is multiplied up from the result, by the rules of the table, as the backward pass would.
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
    """The gradient of `result` for `wrt`, taken apart.

    `count` is the number of paths between them, exactly. Where it is at most `max_paths`, they are
    in `paths`, and `terms` are their products. Where it is more, `paths` is empty, `terms` are what
    the uses of `wrt` add, and the formulas are those of `sums`: node by node, each gradient a sum
    over the node's uses. Either way the terms add up to `total`, which is the gradient.
    """

    result: str
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
        if self.factored:
            return tuple(term.value for term in self.sums[-1].terms)
        return tuple(path.value for path in self.paths)

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
        return f"<explanation of ∂{self.result}/∂{self.wrt} = {self.total!r}: {paths}>"


@helpful
def explain(loss: Value, w: Value, *, max_paths: int = 20) -> Explanation:
    """Explain d(loss)/d(w) by the chain rule: every path from w to loss, and their sum.

    Numbers of paths grow exponentially. Where there are more than `max_paths`, the factored form
    is given instead, node by node as the backward pass computes it. Nodes without a name are called
    v1, v2, ... in the order of computing. No `.grad` is touched.

    Raises TypeError where anything but Values is passed, ValueError where `max_paths` is negative,
    StaleError where a leaf's data was set since `loss` was computed.

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
    for x in (loss, w):
        if not isinstance(x, Value):
            raise TypeError(f"explain() expects two Values, got {type(x).__name__}: {x!r}")
    most = whole(max_paths)
    if most is None:
        raise TypeError(f"max_paths is a whole number, got {type(max_paths).__name__}")
    if most < 0:
        raise ValueError(f"max_paths is 0 or more, got {max_paths}")
    with no_gc():
        return _explained(loss, w, most)


def _explained(loss: Value, w: Value, max_paths: int) -> Explanation:
    graph = Graph(loss)
    reaching = _Reaching(graph, w)
    sums = tuple(reaching.sums())
    count = reaching.count()
    name = graph.names.get(w) or legible(w.name or "w")
    return Explanation(
        result=graph.names[loss],
        wrt=name,
        total=1.0 if w is loss else sums[-1].total if sums else 0.0,
        count=count,
        max_paths=max_paths,
        paths=tuple(reaching.paths()) if count <= max_paths or w is loss else (),
        sums=sums,
        nodes={node.name: node for node in graph.nodes.values()},
        numbers={graph.names[x]: x.data for x in graph.names},
    )


class _Reaching:
    """The part of a graph that lies between its root and one of its nodes."""

    def __init__(self, graph: Graph, w: Value) -> None:
        self.graph = graph
        self.root = graph.root
        self.w = w
        self.edges: dict[Value, list[tuple[Value, Factor]]] = {}  # of the results on a path
        inside = {w}
        for node in graph.order if w is not graph.root else ():
            if node is not w and any(x in inside for x in node.operands if isinstance(x, Value)):
                inside.add(node)
                self.edges[node] = list(self._factors(node, inside))

    def _factors(self, node: Value, inside: set[Value]) -> Iterator[tuple[Value, Factor]]:
        known = self.graph.nodes[node]
        slopes = known.contributions(1.0)
        for place, x in enumerate(node.operands):
            if isinstance(x, Value) and x in inside:
                yield x, Factor(known.name, self.graph.names[x], slopes[place], known, place)

    def count(self) -> int:
        """Count the paths from the root down, without walking them."""
        waiting: dict[Value, int] = {self.root: 1}
        for node in reversed(self.edges):
            n = waiting.pop(node)
            for x, _ in self.edges[node]:
                waiting[x] = waiting.get(x, 0) + n
        return waiting.get(self.w, 0)

    def paths(self) -> Iterator[Path]:
        """Walk each path, depth first, operands in order."""
        if self.w is self.root:
            yield Path((), 1.0)
            return
        factors: list[Factor] = []
        gradients = [1.0]
        branches = [iter(self.edges.get(self.root, ()))]
        while branches:
            x, factor = next(branches[-1], (None, None))
            if x is None or factor is None:
                branches.pop()
                gradients.pop()
                if factors:
                    factors.pop()
                continue
            carried = factor.node.contributions(gradients[-1])[factor.place]
            if x is self.w:
                yield Path((*factors, factor), carried)
                continue
            factors.append(factor)
            gradients.append(carried)
            branches.append(iter(self.edges[x]))

    def sums(self) -> Iterator[Sum]:
        """Run the backward pass and keep the part that reaches w, each node's uses together."""
        uses: dict[Value, list[Term]] = {}
        totals: dict[Value, float] = {}
        for node, gradient, parts in self.graph.backward():
            if node in uses:
                yield self._sum(node, uses.pop(node), gradient)
            for x, factor in self.edges.get(node, ()):
                value = parts[factor.place]
                totals[x] = totals[x] + value if x in totals else value
                uses.setdefault(x, []).append(Term(gradient, factor, value))
        if self.w in uses:
            yield self._sum(self.w, uses[self.w], totals[self.w])

    def _sum(self, node: Any, terms: list[Term], total: float) -> Sum:
        return Sum(self.graph.names[node], tuple(terms), total)
