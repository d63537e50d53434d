"""The backward pass: a topological order of the graph, and the chain rule applied along it.

A plain float among the operands of a node is a constant. `propagate` is the pass for reading, eight
lines that keep the cotangents in a dict; what records, explains and draws goes by it. `backward`
and `gradients`, behind `Value.backward()` and the transforms, do the same five times as fast: they
keep the cotangents in the `.grad` of the nodes themselves. Property tests hold the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import RLock
from typing import Any, Generic, Protocol, TypeVar

from . import modes
from .errors import StaleError
from .modes import Watch
from .operation import TABLE
from .regions import FINITE, regions_of, selected

N = TypeVar("N", bound="Node")
Operands = tuple[Any, ...]


def propagate(
    cotangents: dict[N, Any], order: Sequence[N], pull: Callable[[N, Operands, Any], list[Any]]
) -> Iterator[tuple[N, Operands, list[Any]]]:
    """Run the backward pass: yield each node when it is visited, and what its operands receive.

    `cotangents` has that of the root to begin with, and in the end that of every node. The order
    is that of computing, so that a node has received all when its turn comes. `pull` asks the rules
    of a node's row; where it gives None, the operand receives nothing.
    """
    for node in reversed(order):
        if node not in cotangents:  # what only conditions depend on
            continue
        operands = node.operands
        pulled = pull(node, operands, cotangents[node])
        yield node, operands, pulled
        for x, cotangent in zip(operands, pulled, strict=True):
            if cotangent is not None:
                cotangents[x] = cotangents[x] + cotangent if x in cotangents else cotangent


def cotangents(
    root: N,
    seed: Any,
    *,
    wrt: Sequence[N] | None = None,
    create_graph: bool = False,
    watch: Watch | None = None,
) -> dict[N, Any]:
    """Map `root` and every node below it to its cotangent, d(root)/d(node) times `seed`.

    With `wrt`, only nodes that depend on one of them are gone through. With `create_graph` the
    rules see the nodes themselves and so record the gradient's own graph.
    """
    if create_graph and modes.active and not modes.current().recording:
        with modes.recording():
            return cotangents(root, seed, wrt=wrt, create_graph=True, watch=watch)
    with modes.deriving():
        return _cotangents(root, seed, wrt, create_graph, watch)


def _cotangents(
    root: N, seed: Any, wrt: Sequence[N] | None, create_graph: bool, watch: Watch | None
) -> dict[N, Any]:
    graph = walk(root)
    graph.raise_if_stale()
    order, receiving = graph.order, None
    regions = regions_of(order) if create_graph and modes.recorder() else {}
    chosen = regions and regions_of(order, decided=False)
    outside = regions and {**regions, **{x: {} for x in wrt or ()}}  # these receive all there is
    if wrt is not None:
        order = dependents(order, wrt)
        receiving = {*wrt, *order}  # only asked what it contains

    def pull(node: N, operands: Operands, g: Any) -> list[Any]:
        if receiving is None:
            wanted = [x.__class__ is not float for x in operands]
        else:
            wanted = [x.__class__ is not float and x in receiving for x in operands]
        y, xs = _seen(node, operands, create_graph)
        pulled: list[Any] = node.op.cotangents(g, y, xs, wanted)
        inside = (regions if node.op.name in FINITE else chosen).get(node)
        if inside:
            return [selected(part, inside, x, outside) for x, part in zip(xs, pulled, strict=True)]
        return pulled

    result = {root: seed}
    for node, operands, pulled in propagate(result, order, pull):
        if watch is not None:
            for x, cotangent in zip(operands, pulled, strict=True):
                if cotangent is not None:
                    watch.backward(node, x, cotangent)
    return result


def tangents(order: list[N], seeds: dict[N, Any], *, create_graph: bool = False) -> dict[N, Any]:
    """Map the seeded nodes, and those in the order that depend on them, to their tangents.

    One sweep forward: a node's tangent is the sum of its operands', each times its derivative.
    """
    if create_graph and modes.active and not modes.current().recording:
        with modes.recording():
            return tangents(order, seeds, create_graph=True)
    with modes.deriving():
        return _tangents(order, seeds, create_graph)


def _tangents(order: list[N], seeds: dict[N, Any], create_graph: bool) -> dict[N, Any]:
    result = dict(seeds)
    tangent = result.get
    for node in order:
        if node in seeds:
            continue
        op, a, b = node.op, node._a, node._b
        if a.__class__ is tuple:
            moves = [None if x.__class__ is float else tangent(x) for x in a]
            if any(t is not None for t in moves):
                moved = op.tangent(moves, *_seen(node, a, create_graph))
                if moved is not None:
                    result[node] = moved
            continue
        s = None if a.__class__ is float else tangent(a)
        t = None if b.__class__ is float else tangent(b)
        if s is None and t is None:
            continue
        y, xs = _seen(node, node.operands, create_graph)
        if t is None:  # the rules of one and two operands are asked here: a fifth of the time
            moved = op.vjps[0](s, y, *xs)
        elif s is None:
            moved = op.vjps[1](t, y, *xs)
        elif (moved := op.vjps[0](s, y, *xs)) is not None:
            moved = moved + op.vjps[1](t, y, *xs)
        if moved is not None:
            result[node] = moved
    return result


def _seen(node: Node, operands: Operands, recorded: bool) -> tuple[Any, Sequence[Any]]:
    """Return a node and its operands as its rules are to see them: as they are, or as floats."""
    if recorded:
        return node, operands
    return node._data, [x if x.__class__ is float else x._data for x in operands]


def dependents(order: Iterable[N], wrt: Iterable[N]) -> list[N]:
    """Keep the nodes of an order that depend on one of `wrt`."""
    reached = set(wrt)  # only asked what it contains: the order of a set decides nothing
    kept = []
    for node in order:
        if any(x in reached for x in node.operands if x.__class__ is not float):
            reached.add(node)
            kept.append(node)
    return kept


# --- the fast pass ------------------------------------------------------------------------------

# The grad of a node that no pass has reached. It is told by being this very object: a gradient that
# was found may be 0 as well, and one that is recorded counts whatever it is.
ZERO = 0.0

# One pass at a time: passes share the marks on nodes, and Python runs one thread at a time anyway.
_lock = RLock()


class Clock:
    """Counts what must be told apart in time: backward passes, and changes of leaves' data.

    A result's `_mark` is the time it was made, then of the last walk that visited it. A leaf, which
    has no operands, keeps in `_b` the time its data was set. A leaf set after a result was made
    from it is stale; where nothing at all was set since, there is no need to look.
    """

    __slots__ = ("now", "set")

    def __init__(self) -> None:
        self.now = 1000  # beyond Python's shared small integers, so `is` tells times apart
        self.set = 0  # when the data of any leaf was last set

    def tick(self) -> int:
        """Advance the time and return it."""
        self.now += 1
        return self.now


clock = Clock()


class Node(Protocol):
    """What a pass sees of a number that records: a result, or a leaf, whose `op` is None."""

    op: Any
    grad: Any
    _a: Any  # the operands: one, two, or a tuple of any other number of them here
    _b: Any
    _data: float
    _mark: int

    @property
    def operands(self) -> tuple[Any, ...]:
        """The nodes and constants that a result was computed from, in order."""


class Walk(Generic[N]):
    """What a walk over a graph has met."""

    __slots__ = ("graded", "leaves", "order", "reached", "run", "stale")

    def __init__(self) -> None:
        self.run = clock.tick()  # what a node is marked with once met
        self.order: list[N] = []  # results, operands before what uses them
        self.leaves: list[N] = []
        self.reached: list[bool] = []  # which of `wrt` were met
        self.graded: list[N] = []  # results that may have a grad already
        self.stale: list[tuple[N, N, int]] = []  # a leaf, its use, and when that was made

    def raise_if_stale(self) -> None:
        """Raise StaleError for the first changed leaf met."""
        for leaf, node, _ in self.stale:
            raise StaleError(
                f"the data of {leaf!r} was set after it went into {node.op.name!r}, as an "
                "optimizer's step does, so the derivatives recorded there no longer hold; compute "
                "the result again, and use it before the next step"
            )


def topological_order(root: N) -> list[N]:
    """List the results `root` was computed from, operands before what uses them, `root` last.

    Leaves and constants are left out: there is nothing to propagate through them.
    """
    return walk(root).order


def walk(*roots: N) -> Walk[N]:
    """Walk the graph below `roots` depth first, with an explicit stack: any depth will do."""
    with _lock:
        graph: Walk[N] = Walk()
        try:
            for root in roots:
                if root.op is not None:
                    _visit(root, graph)
                elif root._mark is not graph.run:
                    root._mark = graph.run
                    graph.leaves.append(root)
        finally:
            for _, node, made in graph.stale:
                node._mark = made  # still stale for the next walk
        return graph


def _visit(root: N, graph: Walk[N]) -> None:  # noqa: C901  unrolled: the engine's busiest loop
    run, last_set, result_type = graph.run, clock.set, root.__class__
    leaf, graded, finish = graph.leaves.append, graph.graded.append, graph.order.append
    stack: list[Any] = [root]
    push, pop = stack.append, stack.pop
    while stack:
        node = pop()
        if node is None:  # all operands of the n-ary result below it on the stack are finished
            finish(pop())
            continue
        while node._mark is not run:
            a, b = node._a, node._b
            if a.__class__ is result_type and a._mark is not run:
                if a.op is not None:
                    push(node)
                    node = a
                    continue
                a._mark = run
                leaf(a)
            if b.__class__ is result_type and b._mark is not run:
                if b.op is not None:
                    push(node)
                    node = b
                    continue
                b._mark = run
                leaf(b)
            if node._mark < last_set:
                _find_stale(node, graph)
            if node.grad is not ZERO:
                graded(node)
            node._mark = run
            if a.__class__ is not tuple:
                finish(node)
                continue
            push(node)
            push(None)
            for x in [x for x in a if x.__class__ is result_type and x._mark is not run]:
                if x.op is not None:
                    push(x)
                elif x._mark is not run:
                    x._mark = run
                    leaf(x)


def _find_stale(node: N, graph: Walk[N]) -> None:
    for x in _changed(node):
        graph.stale.append((x, node, node._mark))


def _changed(node: Node) -> list[Any]:
    """List the leaves among the operands whose data was set after the node was made."""
    leaves = [x for x in node.operands if x.__class__ is not float and x.op is None]
    return [x for x in leaves if x._b > node._mark]


def is_stale(node: Node) -> bool:
    """Tell whether an operand of the node was changed after the node was made from it."""
    return bool(_changed(node))


def make_stale(node: Node) -> None:
    """Make a node older than all its operands, as one is that was stale when it was pickled."""
    node._mark = 0
    clock.set = clock.now


def backward(root: Node, seed: float) -> None:
    """Add d(root)/d(node), times `seed`, to the `.grad` of `root` and of every node below it.

    A `.grad` of None, PyTorch's word for none yet, is added to as 0 is. A pass that fails leaves
    every `.grad` as it was.
    """
    with _lock:
        _, nodes, before = _pass(root, seed)
        for node, grad in zip(nodes, before, strict=True):
            if grad is not ZERO:
                node.grad = grad + node.grad if grad.__class__ is float else total(grad, node.grad)


def gradients(root: N, seed: float, wrt: Sequence[N]) -> list[float]:
    """Return d(root)/d(x), times `seed`, for each x of `wrt`, and leave every `.grad` as it was."""
    with _lock:
        graph, nodes, before = _pass(root, seed, wrt)
        try:
            return [x.grad if here else 0.0 for x, here in zip(wrt, graph.reached, strict=True)]
        finally:
            _restore(graph, nodes, before)


def total(before: Any, grad: Any) -> Any:
    """Add a gradient to what a node had. None and a plain 0 are nothing; a recorded 0 counts."""
    if before is None or (before.__class__ is float and before == 0.0):
        return grad
    with modes.recording():  # a recorded gradient stays one
        return before + grad


def _pass(root: N, seed: float, wrt: Sequence[N] = ()) -> tuple[Walk[N], list[N], list[Any]]:
    """Put the cotangents of one pass in place of the `.grad` of all nodes below `root`.

    Returns the walk, the nodes that may have had a grad before, and what it was.
    """
    graph = walk(root)
    graph.raise_if_stale()
    # Before any rule runs: one that walks over shared nodes itself marks them anew.
    graph.reached = [x._mark is graph.run for x in wrt]
    nodes = graph.leaves + graph.graded
    before = [node.grad for node in nodes]
    try:
        for node in nodes:
            node.grad = ZERO
        root.grad = seed
        _propagate(graph.order)
    except BaseException:
        _restore(graph, nodes, before)
        raise
    return graph, nodes, before


def _restore(graph: Walk[N], nodes: list[N], before: list[Any]) -> None:
    _clear(graph)
    for node, grad in zip(nodes, before, strict=True):
        node.grad = grad


def clear(root: Node) -> None:
    """Set the `.grad` of `root` and of every node below it to 0."""
    _clear(walk(root))


def _clear(graph: Walk[N]) -> None:
    for node in graph.leaves:
        node.grad = ZERO
    for node in graph.order:
        node.grad = ZERO


def _propagate(order: list[N]) -> None:
    """Apply the chain rule along the order, from the root's grad down."""
    plus, times, dot = TABLE["add"], TABLE["mul"], TABLE["dot"]
    for node in reversed(order):
        op, a, b = node.op, node._a, node._b
        if op is plus and a.__class__ is b.__class__:  # twins of the two commonest rules, inline
            g = node.grad
            a.grad += g
            b.grad += g
        elif op is times and a.__class__ is b.__class__:
            g = node.grad
            a.grad += g * b._data
            b.grad += g * a._data
        elif op.arity == 1:
            a.grad += op.float_vjps[0](node.grad, node._data, a._data)
        elif op.arity == 2:
            if b.__class__ is float:
                a.grad += op.float_vjps[0](node.grad, node._data, a._data, b)
            elif a.__class__ is float:
                b.grad += op.float_vjps[1](node.grad, node._data, a, b._data)
            else:
                x, y = a._data, b._data
                first, second = op.float_vjps
                a.grad += first(node.grad, node._data, x, y)
                b.grad += second(node.grad, node._data, x, y)
        elif op is dot:
            _propagate_dot(node.grad, a)
        else:
            xs = [x if x.__class__ is float else x._data for x in a]
            wanted = [x.__class__ is not float for x in a]
            pulled = op.cotangents(node.grad, node._data, xs, wanted)
            for x, cotangent in zip(a, pulled, strict=True):
                if cotangent is not None:
                    x.grad += cotangent


def _propagate_dot(g: float, operands: tuple[Any, ...]) -> None:
    """Twin of the rule of `dot`, the heart of every neuron."""
    n = len(operands) // 2
    for x, y in zip(operands[:n], operands[n:]):  # noqa: B905  an odd last one is the start
        if y.__class__ is float:
            if x.__class__ is not float:
                x.grad += g * y
        elif x.__class__ is float:
            y.grad += g * x
        else:
            x.grad += g * y._data
            y.grad += g * x._data
    if len(operands) % 2 and operands[-1].__class__ is not float:
        operands[-1].grad += g
