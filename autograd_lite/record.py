"""One backward pass, written down: what explanations and pictures read.

It changes nothing, and it keeps what the passes that compute gradients throw away: which visit a
node has, and what each of its uses adds to its gradient.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from itertools import chain
from typing import Any, NamedTuple

from .backprop import Walk, dependents, propagate, walk
from .operation import primal

Known = float | None
_LOST = float("nan")  # stands for a contribution that is not known; told by identity


class Use(NamedTuple):
    """What a node adds to the gradient of its operand at `place`; None where it is not known."""

    node: Any
    place: int
    contribution: Known


class Record:
    """The backward pass from `root`: cotangents, local derivatives, contributions and their sums.

    `order` is that of computing; `step` numbers the visits of backward, the root's 1; `received`
    has the uses of each node in the order in which backward adds up what they contribute. With
    `wanted`, these are of those nodes alone, and only what their cotangents rest on is visited.
    Without a `seed` there is no pass, only local derivatives.

    Raises StaleError where the data of a leaf was set since the graph was recorded, and what the
    rules raise. A `lenient` record goes on: what can then no longer be known is None.
    """

    def __init__(
        self,
        root: Any,
        seed: float | None = 1.0,
        *,
        graph: Walk[Any] | None = None,
        wanted: Collection[Any] | None = None,
        lenient: bool = False,
    ) -> None:
        graph = walk(root) if graph is None else graph
        if not lenient:
            graph.raise_if_stale()
        self.root, self.lenient = root, lenient
        self.order: list[Any] = graph.order
        self.leaves: list[Any] = graph.leaves
        self.set_since: list[Any] = list(dict.fromkeys(leaf for leaf, _, _ in graph.stale))
        last = len(self.order)
        self.step = {x: last - i for i, x in enumerate(self.order) if wanted is None or x in wanted}
        self.received: dict[Any, list[Use]] = {}
        # the node and place of the operand where backward first makes nan or inf of a finite number
        self.first_bad_contribution: tuple[Any, int] | None = None
        self._cotangents: dict[Any, float] = {} if seed is None else {root: seed}
        self._unknown: set[Any] = set()  # nodes that receive a contribution that is not known
        self._stale = {node for _, node, _ in graph.stale}
        if seed is not None:
            self._run(self.order if wanted is None else dependents(self.order, wanted), wanted)

    def _run(self, order: list[Any], wanted: Collection[Any] | None) -> None:
        for node, operands, pulled in propagate(self._cotangents, order, self._pull):
            for place, (x, part) in enumerate(zip(operands, pulled, strict=True)):
                if part is None:
                    continue
                if part is _LOST:
                    self._unknown.add(x)
                elif not math.isfinite(part):
                    self._note_bad(node, place)
                if wanted is None or x in wanted:
                    use = Use(node, place, None if part is _LOST else part)
                    self.received.setdefault(x, []).append(use)

    def _note_bad(self, node: Any, place: int) -> None:
        if self.first_bad_contribution is None and math.isfinite(self._cotangents[node]):
            self.first_bad_contribution = node, place

    def _pull(self, node: Any, operands: tuple[Any, ...], g: float) -> list[Any]:
        if node not in self._unknown and (parts := self._applied(node, operands, g)):
            return parts
        return [None if x.__class__ is float else _LOST for x in operands]

    def _applied(self, node: Any, operands: tuple[Any, ...], g: float) -> list[Known]:
        """Apply the rules of a node's row; none are known where they cannot be asked."""
        if node in self._stale:
            return []
        wanted = [x.__class__ is not float for x in operands]
        xs = [x if x.__class__ is float else x.data for x in operands]
        try:
            parts = node.op.cotangents(g, node.data, xs, wanted)
            return [None if part is None else primal(part) for part in parts]
        except (ArithmeticError, ValueError):
            if not self.lenient:
                raise
            return []

    def cotangent(self, x: Any) -> Known:
        """Return d(root)/d(x) times the seed; None where it is not known, or not visited."""
        return None if x in self._unknown else self._cotangents.get(x)

    def local(self, node: Any) -> list[Known]:
        """Return d(node)/d(operand) for each operand; None for constants and what is not known."""
        return self._known(node, 1.0)

    def contributions(self, node: Any) -> list[Known]:
        """Return what backward adds from a node to the gradient of each operand."""
        return self._known(node, self.cotangent(node))

    def _known(self, node: Any, g: Known) -> list[Known]:
        operands = node.operands
        return ([] if g is None else self._applied(node, operands, g)) or [None] * len(operands)

    def first_bad_value(self) -> Any:
        """Return the first leaf or result, in the order of computing, that is nan or inf."""
        if all(math.isfinite(x.data) for x in chain(self.leaves, self.order)):
            return None
        bad = (x for x in self._computed() if not math.isfinite(x.data))
        return next(bad, self.root)

    def _computed(self) -> Iterator[Any]:
        for node in self.order:
            yield from (x for x in node.operands if x.__class__ is not float)
            yield node
