"""What backward does along each edge of a graph: the numbers that a picture shows.

It is the backward pass once more, for looking at: it keeps the cotangents, it works where data was
set since, leaving out what can no longer be known (None), and it changes nothing. It visits only
what the numbers shown rest on.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from itertools import chain
from typing import Any

from ..backprop import Walk
from .texts import number

Known = float | None


class Derivatives:
    """The cotangents of the `wanted` nodes of a graph, seeded with the root's own `.grad`.

    Where that is 0, backward has not run: there are local derivatives, and no cotangents.
    """

    def __init__(self, root: Any, graph: Walk[Any], wanted: Collection[Any]) -> None:
        self.root = root
        self.order = graph.order
        self.leaves = graph.leaves
        self.set_since: list[Any] = list(dict.fromkeys(leaf for leaf, _, _ in graph.stale))
        self._outdated = {node for _, node, _ in graph.stale}
        self.seed = number(root.grad)
        self.has_run = self.seed != 0
        last = len(self.order)
        self.step = {node: last - i for i, node in enumerate(self.order) if node in wanted}
        self.cotangents: dict[Any, Known] = {}
        # what each of the wanted nodes receives, in the order in which backward adds it up
        self.received: dict[Any, list[Known]] = {}
        # the node and operand where backward first makes nan or inf of a finite number
        self.first_bad_derivative: tuple[Any, int] | None = None
        if self.has_run:
            everything = len(wanted) >= last or not self._is_finite()
            self._propagate(self.order if everything else self._dependents(wanted), wanted)

    def _is_finite(self) -> bool:
        return all(math.isfinite(number(x.grad)) for x in chain(self.leaves, self.order))

    def _dependents(self, wanted: Iterable[Any]) -> list[Any]:
        """List the nodes that use the wanted ones, and all that depend on those, in order."""
        below = set(wanted)  # only asked what it contains
        dependents = []
        for node in self.order:
            if any(x.__class__ is not float and x in below for x in node.operands):
                below.add(node)
                dependents.append(node)
        return dependents

    def _propagate(self, order: list[Any], wanted: Collection[Any]) -> None:
        cotangents = self.cotangents
        cotangents[self.root] = self.seed
        for node in reversed(order):
            for i, (x, part) in enumerate(
                zip(node.operands, self.contributions(node), strict=True)
            ):
                if x.__class__ is float:
                    continue
                if part is not None and not math.isfinite(part):
                    self._note_bad(node, i)
                before = cotangents.get(x, 0.0)
                cotangents[x] = None if before is None or part is None else before + part
                if x in wanted:
                    self.received.setdefault(x, []).append(part)

    def _note_bad(self, node: Any, i: int) -> None:
        g = self.cotangents[node]
        if self.first_bad_derivative is None and g is not None and math.isfinite(g):
            self.first_bad_derivative = node, i

    def local(self, node: Any) -> list[Known]:
        """Return d node / d operand for each operand; None for constants and what is not known."""
        return self._applied(node, 1.0)

    def contributions(self, node: Any) -> list[Known]:
        """Return what backward adds from a node to the gradient of each operand."""
        return self._applied(node, self.cotangents.get(node))

    def _applied(self, node: Any, g: Known) -> list[Known]:
        operands = node.operands
        if g is None or (self._outdated and node in self._outdated):
            return [None] * len(operands)
        op = node.op
        xs = [x if x.__class__ is float else x.data for x in operands]
        try:
            if op.arity is None:
                parts = op.vjps[0](g, node.data, *xs)
                return [None if x.__class__ is float else number(part)
                        for x, part in zip(operands, parts, strict=True)]  # fmt: skip
            return [None if x.__class__ is float else number(rule(g, node.data, *xs))
                    for x, rule in zip(operands, op.vjps, strict=True)]  # fmt: skip
        except (ArithmeticError, ValueError):
            return [None] * len(operands)

    def first_bad_value(self) -> Any:
        """Return the first leaf or result, in the order of computing, that is nan or inf."""
        if all(math.isfinite(x.data) for x in chain(self.leaves, self.order)):
            return None
        seen = (x for node in self.order for x in (*node.operands, node))
        bad = (x for x in seen if x.__class__ is not float and not math.isfinite(x.data))
        return next(bad, self.root)
