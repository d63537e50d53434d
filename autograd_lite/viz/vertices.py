"""What of a graph is shown: each node, or the box it belongs to, and only the nearest ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .collapse import Box


class Constant:
    """One use of a constant: drawn where it is used, since constants have no identity."""

    __slots__ = ("data",)

    def __init__(self, data: float) -> None:
        self.data = data


Vertex = Any  # a recording number, a Constant, or a Box


class Vertices:
    """The vertices to draw for a graph, operands before results.

    `shown` lists them in order, `hidden` counts those that were cut away, and `uses` yields each
    edge between them as it was recorded: (operand, result, node, position of the operand).
    """

    def __init__(
        self,
        root: Any,
        order: Sequence[Any],
        belongs: Mapping[Any, Box],
        *,
        constants: bool,
        limit: int,
        keep: int,
    ) -> None:
        self._belongs = belongs
        self._constants: dict[tuple[Any, int], Constant] | None = {} if constants else None
        self.shown: list[Vertex] = list(dict.fromkeys(self._all(order, root)))
        self.hidden = 0
        if len(self.shown) > limit:
            near = self._nearest(root, keep)
            self.hidden = len(self.shown) - len(near)
            self.shown = [vertex for vertex in self.shown if vertex in near]

    def of(self, x: Any) -> Vertex:
        """Return the vertex that stands for a node."""
        return self._belongs.get(x, x)

    def _all(self, order: Sequence[Any], root: Any) -> Iterator[Vertex]:
        for node in order:
            for i, x in enumerate(node.operands):
                operand = self._operand(node, i, x)
                if operand is not None:
                    yield operand
            yield self.of(node)
        yield self.of(root)

    def _operand(self, node: Any, i: int, x: Any) -> Vertex | None:
        """Return the vertex of an operand; None for a constant that is not to be seen."""
        if x.__class__ is not float:
            return self.of(x)
        if self._constants is None or node in self._belongs:
            return None
        return self._constants.setdefault((node, i), Constant(x))

    def uses(self, vertex: Vertex) -> Iterator[tuple[Vertex, Any, int]]:
        """Yield each operand of a vertex that is outside it, with the node and position it has."""
        if isinstance(vertex, Constant):
            return
        for node in vertex.operations if isinstance(vertex, Box) else (vertex,):
            for i, x in enumerate(node.operands):
                operand = self._operand(node, i, x)
                if operand is not None and operand is not vertex:
                    yield operand, node, i

    def _nearest(self, root: Any, keep: int) -> set[Vertex]:
        """Find the vertices with the fewest edges to the root: only looked up, never listed."""
        start = self.of(root)
        near, queue = {start}, deque([start])
        while queue:
            for operand, _, _ in self.uses(queue.popleft()):
                if operand not in near:
                    if len(near) >= keep:
                        return near
                    near.add(operand)
                    queue.append(operand)
        return near
