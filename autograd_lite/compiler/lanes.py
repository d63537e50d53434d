"""Lanes: `vmap` inside of a trace, as operations on arrays.

The mapped function runs on Values as ever, with the numbers of one lane; what it records then
stands for all. Where it decides by an `if`, its guards are asked on all lanes, and it runs again on
the first lane that is not covered, until all are. The paths are joined by selects, and a last guard
says that every lane was covered.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from typing import Any

from .. import backprop, modes, ops, trace_rows
from ..transforms import mapping
from ..transforms.pytree import NUMBER, Structure, flatten, is_array
from ..value import Value, recorded
from . import python_source
from .columns import Columns, Draws, NotLanes
from .passes import simplified
from .recording import Guard, Recorder, lower
from .stand_ins import ArrayStand, Lanes, Leaves, Load, Loop, leaf
from .tape import Input, Tape

Way = tuple[list[bool], list[float]]  # through a mapped function: what it decides, and an example
MOST = 64  # ways through one function


def has_arrays() -> bool:
    """Tell whether NumPy is installed, on whose arrays lanes run."""
    return importlib.util.find_spec("numpy") is not None


class Tracer(Recorder):
    """A recorder that knows arrays: as numbers where they are used so, else as lanes.

    `explored` are the ways through each mapped function, in rounds: with a guard after each that
    says whether all lanes took one of them so far. It begins with those of an earlier trace.
    """

    def __init__(
        self,
        leaves: Leaves,
        names: Sequence[Input],
        backend: Callable[[Tape], Any],
        explored: Iterable[list[list[Way]]] = (),
    ) -> None:
        super().__init__([])
        self.leaves, self.backend = leaves, backend
        self.loads: list[Load] = []
        self.stands: list[Any] = []
        self.raw: dict[int, int] = {}  # the leaf that a stand-in stands for
        self.longest_loop = 10_000  # over the samples one by one, where what is in lanes is used so
        self.sources: dict[random.Random, random.Random] = {}  # what is drawn from, and copies
        self.earlier, self.explored = iter(explored), list[list[list[Way]]]()
        self.mapping: _Mapping | None = None  # while a function is mapped
        self._sums = False  # whether a number so far is a sum over lanes, known when it is computed
        self._in_lanes = set[int]()  # ids of what has been recorded in lanes
        self._broadcasts: dict[tuple[int, int], Value] = {}
        for i, (x, name) in enumerate(zip(leaves, names, strict=True)):
            if getattr(x, "ndim", 0):
                array = x if is_array(x) else importlib.import_module("numpy").asarray(x)
                self.stands.append(ArrayStand(self, i, array, name.name))
            else:
                self.stands.append(self.entered(x, name, partial(leaf, i)))
                self.raw[id(self.stands[-1])] = i

    def entered(self, number: float, name: Input, load: Load) -> Value:
        """Make the stand-in of a new input."""
        stand = Value(float(number))
        self.inputs.append(stand)
        self.names.append(name)
        self.loads.append(load)
        return stand

    @property
    def plain(self) -> bool:
        """Whether the inputs are just the numbers that a call hands over."""
        return len(self.loads) == len(self.raw) == len(self.leaves)  # draws are loads, too

    def result(self, node: Value, recording: bool) -> Value:
        """Take in a result."""
        if node.op is trace_rows.lane_sum:  # what one lane holds does not tell it
            self._sums, node._data = True, math.nan
        return super().result(node, recording)

    def drawn(self, source: random.Random) -> Value:
        """Return a stand-in for a number between 0 and 1, which each call draws from a source.

        While tracing nothing is drawn from the source itself, for the call is yet to come.
        """
        if source not in self.sources:
            self.sources[source] = random.Random()  # noqa: S311  no secrets
            self.sources[source].setstate(source.getstate())
        number = self.sources[source].uniform(0, 1)
        if self.mapping is None:
            return self.entered(number, Input("random"), partial(_drawn, source))
        return self.mapping.draws.drawn(self, source, number)

    def decide(self, node: Value) -> bool:
        """Return the outcome of a condition; inside of a mapped function it is that of one lane."""
        return super().decide(node) if self.mapping is None else self.mapping.decide(node)

    def resolve(self, node: Value, lane: int = 0) -> float:
        """Return the number of a node; one that sums over lanes lead to has to be computed."""
        if not self._sums:
            return node._data
        number = self.computed([node])[0]
        return float(number[lane] if getattr(number, "ndim", 0) else number)

    def computed(self, nodes: Sequence[Any]) -> list[Any]:
        """Compute nodes from what this call has handed over.

        Raises ValueError where an outcome so far depends on how its numbers are rounded.
        """
        lowered = lower(self, nodes)
        kernel = self.backend(simplified(lowered.tape))
        states = [source.getstate() for source in self.sources]
        numbers = [load(self.leaves) for load in self.loads]
        for source, state in zip(self.sources, states, strict=True):
            source.setstate(state)  # the call itself is yet to draw
        results = kernel(*numbers, *[x._data for x in lowered.outside])
        if results.__class__ is int:
            raise ValueError("a condition has another outcome where it is computed")
        return list(results)

    # --- vmap -----------------------------------------------------------------------------------

    def lanes(
        self, f: Any, axes: Any, args: Any, kwargs: dict[str, Any], together: bool = False
    ) -> Any:
        """Map a function over arrays in lanes; NotImplemented where it is to be a loop.

        What it returns comes as numbers in lanes, or `together` as one sequence of samples.
        """
        if self.backend is python_source.compiled or not has_arrays():
            return NotImplemented
        importlib.import_module("numpy")  # which the call may be the first to need
        columns = Columns(self)
        try:
            batch = mapping.lanes(args, kwargs, axes, columns.rows)
        except NotLanes:
            return NotImplemented
        if self.mapping or batch.size < 2:
            return NotImplemented
        loop = Loop(self, f, batch.size, partial(mapping.lanes, args, kwargs, axes))
        self.mapping = _Mapping(self, f, batch, columns)
        try:
            nodes, structure = self.mapping.run(next(self.earlier, []))
            loop.draws = bool(self.mapping.draws.columns)
        finally:
            self.mapping = None
        self._in_lanes.update(map(id, nodes))
        if together:
            return Lanes(loop, nodes, structure, [*range(len(nodes))], as_list=True)
        return structure.rebuild(
            [Lanes(loop, [y], NUMBER, [i], not columns.arrays) for i, y in enumerate(nodes)]
        )

    def widen(self, before: int, began: int, size: int) -> None:
        """Broadcast each number from outside that was used inside, once.

        A leaf made outside is one, though it be a constant: a derivative may be for it.
        """
        steps, lines = self.steps[before:], self.lines[before:]
        del self.steps[before:], self.lines[before:]
        self._in_lanes.update(id(x) for x in (*steps, *[again for again, _ in self.same]))
        own, shared = self._in_lanes, set[int]()
        for x, name in zip(self.inputs, self.names, strict=True):
            (own if name.lanes else shared).add(id(x))

        def widened(x: Any) -> Any:
            constant = x.__class__ is float or (x.op is None and x._b >= began)
            if id(x) in own or (constant and id(x) not in shared):
                return x
            return self._broadcast(x, size)

        for step in steps:
            operands = step.operands
            wide = tuple(map(widened, operands))
            if any(a is not b for a, b in zip(operands, wide, strict=True)):
                step._restore(step._data, step.grad, None, step.op, wide)
        self.steps += steps
        self.lines += lines

    def _broadcast(self, x: Any, size: int) -> Value:
        key = id(x), size
        if key not in self._broadcasts:
            with modes.recording():
                self._broadcasts[key] = trace_rows.broadcast.apply((recorded(x), float(size)))
        return self._broadcasts[key]


def _drawn(source: random.Random, leaves: Leaves) -> float:
    return source.uniform(0, 1)


class _Mapping:
    """A function that is being mapped: the paths through it, with the lanes that take them."""

    def __init__(self, tracer: Tracer, f: Any, batch: mapping.Batch, columns: Columns) -> None:
        self.tracer, self.f, self.batch, self.columns = tracer, f, batch, columns
        self.size, self.draws = batch.size, Draws(batch.size)
        self.structure = NUMBER
        self.paths: list[tuple[Any, list[Any]]] = []  # a condition, and the outputs where it holds
        self.covered = sys.modules["numpy"].zeros(batch.size, dtype=bool)
        self.guards: dict[int, Guard] = {}  # those of one lane, while the function runs on it
        self.forced: list[bool] = []  # what it is to decide
        self.lane = 0

    def run(self, earlier: list[list[Way]]) -> tuple[list[Any], Structure]:
        """Return the outputs in lanes, and how they are nested.

        Raises ValueError where there are too many paths, TypeError for results nested differently.
        """
        rounds: list[list[Way]] = []
        self.tracer.explored.append(rounds)
        for ways in [*earlier, []]:
            rounds.append(ways or self._explored())
            for outcomes, numbers in ways:
                self._take(numbers, outcomes)
            conditions = [here for here, _ in self.paths if here is not None]
            if conditions:
                self._guard(conditions)
            if self.covered.all():
                break
        outputs = self.paths[-1][1]
        for here, others in reversed(self.paths[:-1]):
            outputs = [trace_rows.select(here, a, b) for a, b in zip(others, outputs, strict=True)]
        return outputs, self.structure

    def _explored(self) -> list[Way]:
        """Run on lanes that are not covered until all are."""
        ways = []
        while not self.covered.all():
            if len(self.paths) >= MOST:
                raise ValueError(f"vmap: the function takes more than {MOST} paths on these lanes")
            self.lane = int(sys.modules["numpy"].argmin(self.covered))
            numbers = self.columns.numbers(self.lane)
            ways.append((self._take(numbers), numbers))
            if not self.covered[self.lane]:
                raise ValueError("a condition has another outcome where it is computed")
        return ways

    def _take(self, numbers: list[float], forced: Sequence[bool] = ()) -> list[bool]:
        """Run on the numbers of one lane, and return what was decided; add the path."""
        tracer = self.tracer
        before, began = len(tracer.steps), backprop.clock.tick()
        self.guards, self.forced = {}, [*reversed(forced)]
        self.draws.next_lane()
        positional, named = self.batch.lane(numbers)
        result = self.f(*positional, **named)
        self.draws.next_lane()
        if result is None:
            raise TypeError("vmap: the function returned None; did it forget to return its result?")
        outputs, structure = flatten(result, "vmap: what the function returned", static=True)
        guards = [*self.guards.values()]
        if any(isinstance(x, bool) for x in structure.key):
            raise ValueError("vmap: the function returns bools, of which there is one a lane")
        if self.paths and structure.key != self.structure.key:
            raise TypeError("vmap: the function returns results nested in different ways")
        outputs = [ops.pos(recorded(x)) for x in outputs]
        tracer.widen(before, began, self.size)
        conditions = [c if outcome else trace_rows.negation(c) for c, outcome in guards]
        here = reduce(trace_rows.both, conditions) if conditions else None
        self.covered |= tracer.computed([here])[0] != 0 if conditions else True
        self.paths.append((here, outputs))
        self.structure = structure
        return [outcome for _, outcome in guards]

    def decide(self, node: Value) -> bool:
        """Return the outcome of a condition in the lane on which the function runs."""
        if id(node) not in self.guards:
            outcome = (
                self.forced.pop() if self.forced else bool(self.tracer.resolve(node, self.lane))
            )
            self.guards[id(node)] = Guard(node, outcome)
        return self.guards[id(node)].outcome

    def _guard(self, conditions: list[Any]) -> None:
        """Write down whether every lane takes one of the paths so far."""
        holds = reduce(trace_rows.either, conditions)
        count = trace_rows.lane_sum.apply((holds, float(self.size)))
        node = trace_rows.equal(count, float(self.size))
        self.tracer.steps.append(Guard(node, bool(self.covered.all())))
        self.tracer.lines.append(-1)
