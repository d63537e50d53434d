"""What of a graph is shown: each node, or the box it belongs to, and only the nearest ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..backprop import Walk
from .collapse import Box


class Constant:
    """One use of a constant: drawn where it is used, since constants have no identity."""

    __slots__ = ("data",)

    def __init__(self, data: float) -> None:
        self.data = data


Vertex = Any  # a recording number, a Constant, or a Box


def count_constants(order: Iterable[Any]) -> int:
    """Count the constants among the operands of nodes."""
    return sum(x.__class__ is float for node in order for x in node.operands)


class Vertices:
    """The vertices to draw for a graph, operands before results.

    `shown` lists them in order, `hidden` counts those that were cut away, and `uses` yields each
    edge between them as it was recorded: (operand, result, node, position of the operand).
    """

    def __init__(
        self,
        root: Any,
        graph: Walk[Any],
        belongs: Mapping[Any, Box],
        *,
        constants: bool,
        limit: int,
        keep: int,
    ) -> None:
        self._belongs = belongs
        self._constants: dict[tuple[Any, int], Constant] | None = {} if constants else None
        boxes = len(set(belongs.values()))
        count = len(graph.order) + len(graph.leaves) - len(belongs) + boxes
        if constants:
            count += count_constants(node for node in graph.order if node not in belongs)
        near = self._nearest(root, keep) if count > limit else None
        self.shown: list[Vertex] = list(dict.fromkeys(self._listed(graph.order, root, near)))
        self.hidden = count - len(self.shown)

    def of(self, x: Any) -> Vertex:
        """Return the vertex that stands for a node."""
        return self._belongs.get(x, x)

    def _listed(
        self, order: Sequence[Any], root: Any, near: Container[Vertex] | None
    ) -> Iterator[Vertex]:
        """Yield all vertices, or those near the root, in the order in which they are computed."""
        stands_for = self._belongs.get
        for node in order:
            vertex = stands_for(node, node)
            visible = near is None or vertex in near
            for i, x in enumerate(node.operands):
                if x.__class__ is not float:
                    operand = stands_for(x, x)
                elif visible:
                    operand = self._operand(node, i, x)
                else:
                    continue
                if operand is not None and (near is None or operand in near):
                    yield operand
            if visible:
                yield vertex
        yield self.of(root)

    def nodes(self) -> list[Any]:
        """List the nodes that are shown or in a box that is."""
        return [
            node
            for vertex in self.shown
            if not isinstance(vertex, Constant)
            for node in (vertex.operations if isinstance(vertex, Box) else (vertex,))
        ]

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
        """Return the vertices with the fewest edges to the root: only looked up, never listed."""
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
