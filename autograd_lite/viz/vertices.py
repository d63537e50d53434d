"""What of a graph is shown: each node, or the box it belongs to, and only the nearest ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..backprop import walk
from .collapse import Box, boxes

LARGE = 2_000  # nodes: over these modules are boxes, and then only the nearest to the root drawn
KEPT = 100  # nodes of a picture that is cut: as many as can still be read


class Constant(NamedTuple):
    """One use of a constant: drawn where it is used, since constants have no identity."""

    data: float
    user: int  # the id of the node
    place: int  # among its operands


Vertex = Any  # a recording number, a Constant, or a Box


class Vertices:
    """The vertices to draw for the graph of a root, operands before results.

    `shown` lists them in order, `hidden` counts those that were cut away.
    """

    def __init__(
        self, root: Any, constants: bool, collapse: bool | None, limit: int | None
    ) -> None:
        self.graph = walk(root)
        self._constants = constants
        self._belongs: dict[Any, Box] = {}
        if collapse or (collapse is None and self._count(constants=True) > LARGE):
            self._belongs = boxes(self.graph)
        count = self._count(constants)
        near = self._nearest(root, limit or KEPT) if count > (limit or LARGE) else None
        vertices = dict.fromkeys(self._computed(root, near))
        self.shown: list[Vertex] = [x for x in vertices if near is None or x in near]
        self.hidden = count - len(self.shown)

    def _count(self, constants: bool) -> int:
        order, belongs = self.graph.order, self._belongs
        count = len(order) + len(self.graph.leaves) - len(belongs) + len(set(belongs.values()))
        outside = (node for node in order if node not in belongs) if constants else ()
        return count + sum(x.__class__ is float for node in outside for x in node.operands)

    def _computed(self, root: Any, near: set[Vertex] | None) -> Iterator[Vertex]:
        """Yield the vertices, operands before results: at least those that are near."""
        stands_for = self._belongs.get
        for node in (*self.graph.order, root):
            xs = (node, *node.operands)  # all but a hundred of a million are passed over quickly
            if near is None or not near.isdisjoint(map(stands_for, xs, xs)):
                yield from (operand for operand, _, _ in self._operands(node))
                yield stands_for(node, node)

    def _nearest(self, root: Any, keep: int) -> set[Vertex]:
        """Return the vertices with the fewest edges to the root: only looked up, never listed."""
        start = self._belongs.get(root, root)
        near, queue = {start}, deque([start])
        while queue:
            for operand, _, _ in self.uses(queue.popleft()):
                if operand not in near:
                    if len(near) >= keep:
                        return near
                    near.add(operand)
                    queue.append(operand)
        return near

    def nodes(self) -> list[Any]:
        """List the nodes that are shown or in a box that is."""
        return [node for vertex in self.shown for node in _nodes_of(vertex)]

    def uses(self, vertex: Vertex) -> Iterator[tuple[Vertex, Any, int]]:
        """Yield each operand of a vertex that is outside it, with the node and place it has."""
        for node in _nodes_of(vertex):
            for use in self._operands(node):
                if use[0] is not vertex:
                    yield use

    def _operands(self, node: Any) -> Iterator[tuple[Vertex, Any, int]]:
        """Yield the vertices of a node's operands, without constants that are not to be seen."""
        belongs = self._belongs
        for place, x in enumerate(node.operands):
            if x.__class__ is not float:
                yield belongs.get(x, x), node, place
            elif self._constants and node not in belongs:
                yield Constant(x, id(node), place), node, place


def _nodes_of(vertex: Vertex) -> list[Any]:
    if isinstance(vertex, Constant):
        return []
    return vertex.operations if isinstance(vertex, Box) else [vertex]
