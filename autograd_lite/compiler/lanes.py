"""Lanes: `vmap` inside of a trace, as operations on arrays.

The mapped function runs on Values as ever, with the numbers of one lane; what it records then
stands for all. Where it decides by an `if`, its guards are asked on all lanes, and it runs again on
the first lane that is not covered, until all are. The paths are joined by selects, and a last guard
says that every lane was covered.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from typing import Any, NamedTuple

from .. import backprop, modes, ops, trace_rows
from ..operation import Operation
from ..transforms.pytree import NUMBER, Structure, flatten, is_array
from ..value import Value, recorded
from .passes import simplified
from .recording import Guard, Recorder, lower
from .tape import Input, Tape

Leaves = Sequence[Any]  # what a call hands over: numbers and arrays
Load = Callable[[Leaves], Any]


def leaf(i: int, leaves: Leaves) -> Any:
    """Return what a call hands over, a number or an array."""
    return leaves[i]


def element(i: int, k: int, leaves: Leaves) -> float:
    """Return a number of an array."""
    return float(leaves[i].flat[k])


class NotLanes(Exception):  # noqa: N818  no error: it says that a loop over numbers will do
    """Raised where what is mapped over does not come from arrays or plain numbers."""


class Column(NamedTuple):
    """One number a lane: what they are at this call, and where they are to be had at the next."""

    numbers: Any
    name: str
    load: Load | None
    node: Value | None = None  # what has been computed in lanes already


class Mapped(NamedTuple):
    """An argument that is mapped over: its columns, and what nests one lane's numbers."""

    size: int
    columns: list[Column]
    nest: Callable[[list[Any]], Any]
    axis: int = 0


class Tracer(Recorder):
    """A recorder that knows arrays: as numbers where they are used so, else as lanes."""

    def __init__(
        self, leaves: Leaves, names: Sequence[Input], backend: Callable[[Tape], Any]
    ) -> None:
        super().__init__([])
        self.leaves, self.backend = leaves, backend
        self.loads: list[Load] = []
        self.stands: list[Any] = []
        self._sums = False  # whether a number so far is a sum over lanes, known when it is computed
        self._mapping = False
        self._guards: list[Guard] | None = None  # those of one lane, while a function runs on it
        self._raw: dict[int, int] = {}  # the leaf that a stand-in stands for
        self._in_lanes = set[int]()  # ids of what has been recorded in lanes
        self._broadcasts: dict[tuple[int, int], Value] = {}
        self.longest_loop = 10_000  # over the samples one by one, where what is in lanes is used so
        self.sources: dict[random.Random, random.Random] = {}  # what is drawn from, and copies
        self._draws: _Draws | None = None  # those in lanes, while a function is mapped
        for i, (x, name) in enumerate(zip(leaves, names, strict=True)):
            if is_array(x):
                self.stands.append(ArrayStand(self, i, x, name.name))
            else:
                self.stands.append(self.entered(x, name, partial(leaf, i)))
                self._raw[id(self.stands[-1])] = i

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
        return len(self.loads) == len(self._raw) == len(self.leaves)  # draws are loads, too

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
        if self._draws is None:
            return self.entered(number, Input("random"), partial(_drawn, source))
        return self._draws.drawn(self, source, number)

    def decide(self, node: Value) -> bool:
        """Return the outcome of a condition; inside of a mapped function it is that of one lane."""
        if self._guards is None:
            return super().decide(node)
        outcome = node._data != 0.0
        if all(guard.condition is not node for guard in self._guards[-1:]):
            self._guards.append(Guard(node, outcome))
        return outcome

    def resolve(self, node: Value) -> float:
        """Return the number of a node; one that sums over lanes lead to has to be computed."""
        if not self._sums:
            return node._data
        return float(self.computed([node])[0])

    def computed(self, nodes: Sequence[Any]) -> list[Any]:
        """Compute nodes from what this call has handed over."""
        lowered = lower(self, nodes)
        kernel = self.backend(simplified(lowered.tape))
        states = [source.getstate() for source in self.sources]
        numbers = [load(self.leaves) for load in self.loads]
        for source, state in zip(self.sources, states, strict=True):
            source.setstate(state)  # the call itself is yet to draw
        return list(kernel(*numbers, *[x._data for x in lowered.outside]))

    # --- vmap -----------------------------------------------------------------------------------

    def lanes(
        self, f: Any, axes: Any, args: Any, kwargs: dict[str, Any], together: bool = False
    ) -> Any:
        """Map a function over arrays in lanes; NotImplemented where it is to be a loop.

        What it returns comes as numbers in lanes, or `together` as one sequence of samples.
        """
        if self._mapping:
            return NotImplemented
        try:
            mapped = [self._mapped(x, axis) for x, axis in _with_axes(axes, args, kwargs)]
        except NotLanes:
            return NotImplemented
        (size, *others) = {x.size for x in mapped if isinstance(x, Mapped)} or {0}
        if others or size < 2:  # the loop says what is wrong
            return NotImplemented
        self._mapping, self._draws = True, _Draws(size)
        try:
            return self._run(f, size, mapped, args, kwargs, together)
        finally:
            self._mapping, self._guards, self._draws = False, None, None

    def _run(
        self, f: Any, size: int, mapped: Sequence[Any], args: Any, kwargs: Any, together: bool
    ) -> Any:
        paths: list[tuple[Any, list[Any], Structure]] = []
        inputs: dict[tuple[int, int], Value] = {}
        covered: Any = None
        numpy = sys.modules["numpy"]
        lane = 0
        while True:
            guards, outputs, structure = self._on_lane(f, lane, size, mapped, args, kwargs, inputs)
            if paths and structure.key != paths[0][2].key:
                raise TypeError("vmap: the function returns results nested in different ways")
            conditions = [g.condition if g.outcome else trace_rows.negation(g.condition)
                          for g in guards]  # fmt: skip
            here = reduce(trace_rows.both, conditions) if conditions else None
            paths.append((here, outputs, structure))
            if here is None:
                break
            holds = numpy.broadcast_to(self.computed([here])[0], (size,)) != 0
            covered = holds if covered is None else covered | holds
            if covered.all():
                break
            if len(paths) >= 64:
                raise ValueError("vmap: the function takes more than 64 paths on these lanes")
            lane = int(numpy.argmin(covered))
        if any(here is not None for here, _, _ in paths):
            self._guard_all([here for here, _, _ in paths], size)
        joined = paths[-1][1]
        for here, outputs, _ in reversed(paths[:-1]):
            joined = [trace_rows.select(here, a, b) for a, b in zip(outputs, joined, strict=True)]
        self._in_lanes.update(map(id, joined))
        loop = _Loop(self, f, size, mapped, args, kwargs)
        each = zip((*args, *kwargs.values()), mapped, strict=True)
        as_list = not any(_is_array_like(x) for x, m in each if isinstance(m, Mapped))
        structure = paths[0][2]
        known = len(paths) == 1  # then the nodes hold the numbers of the first lane
        if together:
            return Lanes(self, joined, structure, loop, 0, as_list, known)
        return structure.rebuild(
            [Lanes(self, [y], NUMBER, loop, i, as_list, known) for i, y in enumerate(joined)]
        )

    def _on_lane(
        self, f: Any, lane: int, size: int, mapped: Sequence[Any], args: Any, kwargs: Any,
        inputs: dict[tuple[int, int], Value],
    ) -> tuple[list[Guard], list[Any], Structure]:  # fmt: skip
        """Run the function with the numbers of one lane, and widen what it uses from outside."""
        called: list[Any] = []
        before, began = len(self.steps), backprop.clock.tick()
        for i, x in enumerate(mapped):
            if not isinstance(x, Mapped):
                called.append(x)
                continue
            own = [self._lane_value(c, lane, size, (i, j), inputs) for j, c in enumerate(x.columns)]
            called.append(x.nest(own))
        self._guards = []
        if self._draws is not None:
            self._draws.count = 0
        positional, named = called[: len(args)], called[len(args) :]
        result = f(*positional, **dict(zip(kwargs, named, strict=True)))
        if result is None:
            raise TypeError("vmap: the function returned None; did it forget to return its result?")
        outputs, structure = flatten(result, "vmap: what the function returned", static=True)
        guards, self._guards = self._guards, None
        if any(isinstance(x, bool) for x in structure.key):
            raise ValueError("vmap: the function returns bools, of which there is one a lane")
        outputs = [ops.pos(recorded(x)) for x in outputs]
        self._widen(before, began, size)
        return guards, outputs, structure

    def _lane_value(
        self, column: Column, lane: int, size: int, key: tuple[int, int],
        inputs: dict[tuple[int, int], Value],
    ) -> Value:  # fmt: skip
        if column.node is not None:
            node = ops.pos(column.node)
            if lane or not column.name:  # it holds another lane's number, or none that is one
                node._data = float(self.computed([column.node])[0][lane])
            return node
        number = float(column.numbers[lane])
        if key not in inputs:
            assert column.load is not None  # noqa: S101  it is no node
            inputs[key] = self.entered(number, Input(column.name, size), column.load)
            return inputs[key]
        again = Value(number)
        self.same.append((again, inputs[key]))
        return again

    def _widen(self, before: int, began: float, size: int) -> None:
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
            return self.broadcast(x, size)

        for step in steps:
            operands = step.operands
            wide = tuple(map(widened, operands))
            if any(a is not b for a, b in zip(operands, wide, strict=True)):
                step._restore(step._data, step.grad, None, step.op, wide)
        self.steps += steps
        self.lines += lines

    def broadcast(self, x: Any, size: int) -> Value:
        """Return a number as one for all lanes."""
        key = id(x), size
        if x.__class__ is float or key not in self._broadcasts:
            with modes.recording():
                self._broadcasts[key] = trace_rows.broadcast.apply((recorded(x), float(size)))
        return self._broadcasts[key]

    def _guard_all(self, conditions: list[Any], size: int) -> None:
        any_holds = reduce(trace_rows.either, conditions)
        count = trace_rows.lane_sum.apply((any_holds, float(size)))
        self.steps.append(Guard(trace_rows.equal(count, float(size)), outcome=True))
        self.lines.append(-1)

    # --- what is mapped over --------------------------------------------------------------------

    def _mapped(self, x: Any, axis: Any) -> Any:
        if axis is None:
            return x
        if isinstance(x, Lanes):
            columns = [Column(None, "lanes" if x.known else "", None, y) for y in x.nodes]
            return Mapped(len(x), columns, x.structure.rebuild)
        if isinstance(x, Rows):
            if axis != 0:
                raise NotLanes
            return x.mapped()
        if isinstance(x, ArrayStand) or (is_array(x) and x.dtype.kind in "fiub"):
            return self._of_array(x, axis)
        if isinstance(x, Mapping) and axis == 0:
            return self._of_mapping(x)
        if not isinstance(x, list | tuple) or hasattr(x, "_make") or not x or axis != 0:
            raise NotLanes
        flat = [flatten(one, "vmap: an argument", static=True) for one in x]
        if any(structure.key != flat[0][1].key for _, structure in flat):
            raise NotLanes
        columns = [self._of_numbers(list(c)) for c in zip(*[n for n, _ in flat], strict=True)]
        return Mapped(len(x), columns, flat[0][1].rebuild)

    def _of_mapping(self, x: Mapping[Any, Any]) -> Mapped:
        parts = {key: self._mapped(part, 0) for key, part in x.items()}
        sizes = {part.size for part in parts.values()}
        if len(sizes) != 1:
            raise NotLanes

        def nest(numbers: list[Any]) -> Any:
            rest = iter(numbers)
            return {key: p.nest([next(rest) for _ in p.columns]) for key, p in parts.items()}

        return Mapped(sizes.pop(), [c for p in parts.values() for c in p.columns], nest)

    def _of_numbers(self, numbers: list[Any]) -> Column:
        """Return the column of a list of plain numbers, or of numbers that the call hands over."""
        numpy = sys.modules["numpy"]
        if not any(isinstance(x, Value) for x in numbers):
            fixed = numpy.array(numbers, dtype=float)
            return Column(fixed, "constant", lambda leaves: fixed)
        places = [self._raw.get(id(x), -1) for x in numbers]
        if min(places) < 0:
            raise NotLanes

        def load(leaves: Leaves) -> Any:
            return numpy.array([leaves[i] for i in places], dtype=float)

        return Column(load(self.leaves), self.names[places[0]].name, load)

    def _of_array(self, x: Any, axis: int) -> Mapped:
        numpy = sys.modules["numpy"]
        stand = x if isinstance(x, ArrayStand) else None
        array = x if stand is None else stand.array
        if not -array.ndim <= axis < array.ndim:
            raise NotLanes
        shape = numpy.moveaxis(array, axis, 0).shape
        name, index = ("constant", -1) if stand is None else (stand.name, stand.index)
        constant = array if stand is None else None  # a stand-in would keep its trace alive

        def load(j: int | None, leaves: Leaves) -> Any:
            whole = constant if index < 0 else leaves[index]
            rows = numpy.moveaxis(numpy.asarray(whole, dtype=float), axis, 0)
            return rows if j is None else rows.reshape(len(rows), -1)[:, j]

        if len(shape) == 1:
            column = Column(array, name, partial(load, None))
            return Mapped(shape[0], [column], _first, axis)

        def nest(numbers: list[Any]) -> Any:
            row = numpy.empty(len(numbers), dtype=object)
            row[:] = numbers
            return row.reshape(shape[1:])

        columns = [
            Column(load(j, self.leaves), f"{name}[:, {j}]", partial(load, j))
            for j in range(int(numpy.prod(shape[1:])))
        ]
        return Mapped(shape[0], columns, nest, axis)


def _drawn(source: random.Random, leaves: Leaves) -> float:
    return source.uniform(0, 1)


class _Draws:
    """What a mapped function draws: lane after lane as a loop does, all of them at each call."""

    def __init__(self, size: int) -> None:
        self.size, self.count = size, 0
        self.stands: list[tuple[random.Random, Value]] = []
        self.table: Any = None

    def drawn(self, tracer: Tracer, source: random.Random, number: float) -> Value:
        """Return the stand-in of the next number that a lane draws."""
        j, self.count = self.count, self.count + 1
        if j == len(self.stands):
            stand = tracer.entered(number, Input("random", self.size), partial(self.column, j))
            self.stands.append((source, stand))
            return stand
        if self.stands[j][0] is not source:
            raise NotLanes
        again = Value(number)
        tracer.same.append((again, self.stands[j][1]))
        return again

    def column(self, j: int, leaves: Leaves) -> Any:
        """Return the numbers of one draw; those of a call are drawn when it asks for the first."""
        if j == 0:
            numpy, sources = sys.modules["numpy"], [source for source, _ in self.stands]
            drawn = [source.uniform(0, 1) for _ in range(self.size) for source in sources]
            self.table = numpy.array(drawn).reshape(self.size, -1)
        return self.table[:, j]


def _first(numbers: list[Any]) -> Any:
    return numbers[0]


def _is_array_like(x: Any) -> bool:
    if isinstance(x, Mapping):
        return any(_is_array_like(part) for part in x.values())
    return is_array(x) or isinstance(x, ArrayStand) or (isinstance(x, Lanes) and not x.as_list)


def _with_axes(axes: Any, args: Any, kwargs: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Pair each argument with the axis that it is mapped over, None for none."""
    each = axes if isinstance(axes, list | tuple) else [axes] * len(args)
    if len(each) != len(args) or not all(x is None or isinstance(x, int) for x in each):
        raise NotLanes
    yield from zip(args, each, strict=True)
    yield from ((x, 0) for x in kwargs.values())


def _picked(x: Any, mapped: Any, lane: int) -> Any:
    """Return one lane of an argument, as numbers."""
    if not isinstance(mapped, Mapped):
        return x
    if isinstance(x, Mapping):
        return {key: _picked(part, mapped, lane) for key, part in x.items()}
    if isinstance(x, ArrayStand):
        x = x._numbers()
    if is_array(x):
        x = sys.modules["numpy"].moveaxis(x, mapped.axis, 0)
    return x[lane]


class _Loop(NamedTuple):
    """The same mapping, done number by number, where what came of it is used so."""

    tracer: Tracer
    f: Callable[..., Any]
    size: int
    mapped: Sequence[Any]
    args: Any
    kwargs: Mapping[str, Any]

    @property
    def given(self) -> list[Any]:
        """The arguments, those by name after the others."""
        return [*self.args, *self.kwargs.values()]

    def results(self) -> list[Any]:
        """Return what the function returns, lane by lane."""
        if self.size > self.tracer.longest_loop:
            raise ValueError(f"it goes one by one through {self.size} samples in lanes")
        listed = []
        for i in range(self.size):
            called = [_picked(x, m, i) for x, m in zip(self.given, self.mapped, strict=True)]
            n = len(self.args)
            listed.append(self.f(*called[:n], **dict(zip(self.kwargs, called[n:], strict=True))))
        return listed


class LanesShape(NamedTuple):
    """What an output in lanes is returned as: an array or a list, of so many numbers."""

    size: int
    as_list: bool

    def nested(self, numbers: Any) -> Any:
        """Return the numbers so; of lanes that are all the same, there may be one alone."""
        if not getattr(numbers, "shape", ()):
            numbers = sys.modules["numpy"].full(self.size, float(numbers))
        return numbers.tolist() if self.as_list else numbers


class Lanes:
    """Numbers in lanes, as `vmap` returns them inside of a trace: a sequence of samples.

    A sample is nested by `structure`, mostly one number; it is what the mapped function returned,
    or the number at `place` of that.
    """

    def __init__(
        self, tracer: Tracer, nodes: list[Any], structure: Structure, loop: _Loop, place: int,
        as_list: bool, known: bool,
    ) -> None:  # fmt: skip
        self.tracer, self.nodes, self.structure, self.size = tracer, nodes, structure, loop.size
        self.loop, self.place, self.as_list, self.known = loop, place, as_list, known

    def __len__(self) -> int:
        return self.size

    @property
    def shape(self) -> LanesShape:
        """What it is returned as."""
        return LanesShape(self.size, self.as_list)

    def _reduced(self, op: Operation) -> Any:
        """Apply a row of a sequence: a sum or mean over lanes, or number by number."""
        if op in (ops.sum, ops.mean) and self.structure is NUMBER:
            total = trace_rows.lane_sum.apply((self.nodes[0], float(self.size)))
            return total / float(self.size) if op is ops.mean else total
        return op.apply(tuple(self))

    def _each(self, f: Callable[..., Any], *others: Any) -> Any:
        """Map a function over the samples, and those of other sequences."""
        return self.tracer.lanes(f, 0, (self, *others), {})

    def __iter__(self) -> Iterator[Any]:
        results = self.loop.results()
        if self.structure is not NUMBER:
            return iter(results)
        return iter([flatten(result, static=True)[0][self.place] for result in results])

    def __getitem__(self, i: Any) -> Any:
        return list(self)[i]

    def _together(self, lanes: list[Any]) -> Rows:
        """Return what stands for the arrays that these are the columns of."""
        columns = sys.modules["numpy"].empty(len(lanes), dtype=object)
        for i, lane in enumerate(lanes):
            columns[i] = lane
        return Rows(columns)


class ArrayStand:
    """Stands for an array that a traced function is called with."""

    def __init__(self, tracer: Tracer, index: int, array: Any, name: str) -> None:
        self.tracer, self.index, self.array, self.name = tracer, index, array, name
        self.shape, self.ndim, self.size = array.shape, array.ndim, array.size
        self._objects: Any = None

    def _numbers(self) -> Any:
        """Return an array of Values: the numbers one by one, as inputs of their own."""
        if self._objects is None:
            numpy, i = sys.modules["numpy"], self.index
            flat = [
                self.tracer.entered(x, Input(f"{self.name}[{k}]"), partial(element, i, k))
                for k, x in enumerate(self.array.ravel().tolist())
            ]
            self._objects = _objects(numpy, flat, self.shape)
        return self._objects

    def column(self) -> Value:
        """Return the array as one input in lanes."""
        i = self.index
        name = Input(self.name, len(self.array))
        return self.tracer.entered(float(self.array[0]), name, lambda leaves: leaves[i])

    def __len__(self) -> int:
        return len(self.array)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return self._numbers()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        plain = [x._numbers() if isinstance(x, ArrayStand) else x for x in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # whoever asks for what arrays have not needs no numbers
            raise AttributeError(name)
        return getattr(self._numbers(), name)


class Rows(ArrayStand):
    """Arrays in lanes, as `vmap` returns them inside of a trace: the lanes are the first axis.

    `columns` is an array of lanes, of the shape that one sample has.
    """

    def __init__(self, columns: Any) -> None:
        first: Lanes = columns.flat[0]
        self.columns, self.loop, self.tracer = columns, first.loop, first.tracer
        self.shape = (first.size, *columns.shape)
        self.ndim, self.size = len(self.shape), first.size * columns.size
        self._objects: Any = None

    def _numbers(self) -> Any:
        if self._objects is None:
            numbers = [flatten(result, static=True)[0] for result in self.loop.results()]
            flat = [row[lane.place] for row in numbers for lane in self.columns.flat]
            self._objects = _objects(sys.modules["numpy"], flat, self.shape)
        return self._objects

    def _together(self, rows: list[Any]) -> Rows:
        return Rows(sys.modules["numpy"].stack([row.columns for row in rows]))

    def _of_lanes(self) -> tuple[list[Any], Callable[[list[Any]], Any]]:
        """Return the columns, and what makes one array of their numbers."""
        numpy, shape = sys.modules["numpy"], self.columns.shape
        return [*self.columns.flat], lambda numbers: numpy.array(numbers).T.reshape(-1, *shape)

    def mapped(self) -> Mapped:
        """Return the columns as what is mapped over."""
        numpy, shape = sys.modules["numpy"], self.columns.shape
        columns = [
            Column(None, "lanes" if x.known else "", None, x.nodes[0]) for x in self.columns.flat
        ]
        return Mapped(len(self), columns, lambda own: _objects(numpy, own, shape))

    def __len__(self) -> int:
        return int(self.shape[0])


def _objects(numpy: Any, numbers: list[Any], shape: tuple[int, ...]) -> Any:
    array = numpy.empty(len(numbers), dtype=object)
    array[:] = numbers
    return array.reshape(shape)


def _delegated(name: str) -> Any:
    def method(self: ArrayStand, *others: Any) -> Any:
        plain = [x._numbers() if isinstance(x, ArrayStand) else x for x in others]
        return getattr(self._numbers(), name)(*plain)

    return method


_BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"]
for _name in [f"__{r}{name}__" for name in _BINARY for r in ("", "r")]:
    setattr(ArrayStand, _name, _delegated(_name))
for _name in ["neg", "abs", "getitem", "iter", "lt", "le", "gt", "ge"]:
    setattr(ArrayStand, f"__{_name}__", _delegated(f"__{_name}__"))
