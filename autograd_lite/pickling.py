"""Pickling and deep-copying of graphs of any depth, with what is shared kept shared.

Pickle follows references by recursion, which a deep graph overflows. So a node is pickled as a
place in a `Segment`, which holds the nodes of a graph as flat columns. A node's home is the segment
that it was first met in, for as long as that lives: until the dump ends. Values pickled together
thus refer to the same segments, and to the same nodes when they are read back.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from pickle import PicklingError
from threading import RLock
from typing import Any
from weakref import ref

from .backprop import is_stale, make_stale
from .operation import TABLE, Operation

_lock = RLock()
_homes: dict[int, tuple[ref[Segment], int]] = {}  # a node's id: its segment, its place there


class _Row:
    """The operation of a result, pickled by its name while that is still its own."""

    __slots__ = ("op",)

    def __init__(self, op: Operation) -> None:
        self.op = op

    def __deepcopy__(self, memo: dict[int, Any]) -> _Row:
        return self

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Operation]]:
        by_name = type(self.op).__reduce__ is Operation.__reduce__
        if by_name and TABLE.get(self.op.name) is not self.op:
            raise PicklingError(
                f"the operation {self.op.name!r} has been replaced since, and is pickled by its "
                "name; compute the result again, or give the new one another name"
            )
        return _Row, (self.op,)


class Segment:
    """Some nodes of a graph, operands before what uses them."""

    __slots__ = ("__weakref__", "nodes", "settled")

    def __init__(self, nodes: list[Any]) -> None:
        self.nodes = nodes
        self.settled = False

    def settle(self) -> Segment:
        """Become the home of the nodes, which have none, until this segment is gone."""
        here = ref(self)
        _homes.update({id(node): (here, i) for i, node in enumerate(self.nodes)})
        self.settled = True
        return self

    def __del__(self) -> None:
        if self.settled:
            for node in self.nodes:
                _homes.pop(id(node), None)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...], Any]:
        places = {id(node): i for i, node in enumerate(self.nodes)}
        operations: dict[Any, int] = {}
        kinds, counts, operands = array("l"), array("l"), array("q")
        others: list[Any] = []  # constants, and nodes at home elsewhere
        for node in self.nodes:
            xs = node.operands
            kinds.append(-1 if node.op is None else operations.setdefault(node.op, len(operations)))
            counts.append(len(xs))
            for x in xs:
                place = places.get(id(x))
                if place is None:
                    others.append(x)
                    place = -len(others)
                operands.append(place)
        data = array("d", [node._data for node in self.nodes])
        names = {i: node.name for i, node in enumerate(self.nodes) if node.name is not None}
        columns = (type(self.nodes[-1]), data, kinds, counts, operands)
        stale = [i for i, node in enumerate(self.nodes) if is_stale(node)]
        return (
            _rebuilt,
            (*columns, list(map(_Row, operations)), others, names, stale),
            self._grads(),
        )

    def _grads(self) -> dict[int, Any]:
        return {i: node.grad for i, node in enumerate(self.nodes) if _is_set(node.grad)}

    def __setstate__(self, grads: dict[int, Any]) -> None:
        for i, grad in grads.items():
            self.nodes[i].grad = grad


def _is_set(grad: Any) -> bool:
    return grad.__class__ is not float or grad != 0.0  # None is, and what was recorded, also of 0


def reduced(node: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return what `node.__reduce__` does: how to rebuild the node and its graph."""
    with _lock:
        home, place = _homes.get(id(node), (None, 0))
        segment = None if home is None else home()
        if segment is None:
            nodes = _homeless(node)
            segment, place = Segment(nodes).settle(), len(nodes) - 1
    return _picked, (segment, place)


def _homeless(root: Any) -> list[Any]:
    """List the nodes below `root` that have no home yet, operands first."""
    order: list[Any] = []
    seen: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in seen and id(node) not in _homes:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((x, False) for x in reversed(node.operands) if x.__class__ is not float)
    return order


def _picked(segment: Segment, place: int) -> Any:
    return segment.nodes[place]


def _rebuilt(
    cls: Any, data: Any, kinds: Any, counts: Any, operands: Any, operations: Any, others: Any,
    names: dict[int, str], stale: list[int],
) -> Segment:  # fmt: skip
    ops = [getattr(row, "op", row) for row in operations]  # the bare operation in older pickles
    nodes: list[Any] = []
    end = 0
    for i, (number, kind, count) in enumerate(zip(data, kinds, counts, strict=True)):
        start, end = end, end + count
        node = cls.__new__(cls)
        node._restore(
            number,
            0.0,
            names.get(i),
            ops[kind] if kind >= 0 else None,
            tuple([nodes[p] if p >= 0 else others[-p - 1] for p in operands[start:end]]),
        )
        nodes.append(node)
    for i in stale:
        make_stale(nodes[i])
    return Segment(nodes)
