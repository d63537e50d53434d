"""Pickling and deep-copying of graphs of any depth, sharing kept.

Pickle visits what an object refers to by recursion, which a deep graph overflows. So a node is
pickled as the list of all nodes it was computed from, operands first: when pickle comes to a node,
it has met its operands already. In that list each node is stood in for by a `Record`, which pickles
as the node itself. While a dump runs a node has one record, so nodes shared by several pickled
values stay shared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from .backprop import topological_order

_records: WeakValueDictionary[int, Record] = WeakValueDictionary()


class Record:
    """Stands in for one node while it is pickled; unpickles as the node."""

    __slots__ = ("__weakref__", "node")

    def __init__(self, node: Any) -> None:
        self.node = node

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        node = self.node
        operands = tuple(x if x.__class__ is float else _record(x) for x in node.operands)
        return _restored, (node.__class__, node._data, node.grad, node.name, node.op, operands)


def reduced(node: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return what `node.__reduce__` does: how to rebuild the node and its graph."""
    known = _records.get(id(node))
    if known is not None:
        return _last, ((known,),)
    return _last, (tuple(_record(x) for x in topological_order(node)) or (_record(node),),)


def _record(node: Any) -> Record:
    record = _records.get(id(node))
    if record is None:
        _records[id(node)] = record = Record(node)
    return record


def _last(nodes: tuple[Any, ...]) -> Any:
    return nodes[-1]


def _restored(
    cls: Any, data: float, grad: Any, name: str | None, op: Any, operands: tuple[Any, ...]
) -> Any:
    node: Any = cls.__new__(cls)
    node._restore(data, grad, name, op, operands)
    return node
