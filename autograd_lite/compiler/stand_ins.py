"""Stand-ins: arrays, and what `vmap` gave, inside of a function that is traced.

While they are handed on, an array is one input, and what was computed in lanes stays so. Asked for
anything that takes their numbers one by one, they are what they are eagerly: an array or a list of
numbers that record.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from .. import modes, ops, trace_rows
from ..operation import Operation
from ..transforms.mapping import Batch
from ..transforms.pytree import NUMBER, Structure, flatten
from ..value import Value
from .tape import Input

Leaves = Sequence[Any]  # what a call hands over: numbers and arrays
Load = Callable[[Leaves], Any]


def leaf(i: int, leaves: Leaves) -> Any:
    """Return what a call hands over, a number or an array."""
    return leaves[i]


def element(i: int, k: int, leaves: Leaves) -> float:
    """Return a number of an array."""
    return float(leaves[i].reshape(-1)[k])


def objects(numbers: Sequence[Any], shape: Sequence[int]) -> Any:
    """Return an array of objects: looked at by NumPy, some would be taken for sequences."""
    array = sys.modules["numpy"].empty(len(numbers), dtype=object)
    for i, x in enumerate(numbers):
        array[i] = x
    return array.reshape(shape)


def values(y: Any) -> Any:
    """Return a number, or the list or array of those in lanes, as Values."""
    if y.__class__ is float:
        return Value(y)
    return [*map(Value, y)] if isinstance(y, list) else objects([*map(Value, y.tolist())], y.shape)


class _Stand(ABC):
    """Does what its numbers do, an array or list of them, which it has where they are needed."""

    @abstractmethod
    def _numbers(self) -> Any:
        """Return the numbers one by one."""

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return sys.modules["numpy"].asarray(self._numbers(), *args)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, method)(*map(_plain, inputs), **kwargs)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._numbers())

    def __bool__(self) -> bool:
        return bool(self._numbers())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # whoever asks for what arrays have not needs no numbers
            raise AttributeError(name)
        return getattr(self._numbers(), name)


def _plain(x: Any) -> Any:
    return x._numbers() if isinstance(x, _Stand) else x


def _delegated(name: str) -> Any:
    def method(self: _Stand, *others: Any) -> Any:
        operation = getattr(self._numbers(), name, None)  # lists have few
        return NotImplemented if operation is None else operation(*map(_plain, others))

    return method


_BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"]
_OTHERS = ["neg", "abs", "getitem", "contains", "eq", "ne", "lt", "le", "gt", "ge"]
for _name in [f"{r}{name}" for name in _BINARY for r in ("", "r")] + _OTHERS:
    setattr(_Stand, f"__{_name}__", _delegated(f"__{_name}__"))


class ArrayStand(_Stand):
    """Stands for an array that a traced function is called with."""

    as_list = False

    def __init__(self, tracer: Any, index: int, array: Any, name: str) -> None:
        self.tracer, self.index, self.array, self.name = tracer, index, array, name
        self.shape, self.ndim, self.size = array.shape, array.ndim, array.size
        self._objects: Any = None

    def _numbers(self) -> Any:
        """Return an array of Values: the numbers one by one, as inputs of their own."""
        if self._objects is None:
            flat = [
                self.tracer.entered(x, Input(f"{self.name}[{k}]"), partial(element, self.index, k))
                for k, x in enumerate(self.array.ravel().tolist())
            ]
            self._objects = objects(flat, self.shape)
        return self._objects

    def column(self) -> Value:
        """Return the array as one input in lanes."""
        name = Input(self.name, len(self.array))
        made: Value = self.tracer.entered(float(self.array[0]), name, partial(leaf, self.index))
        return made

    def __len__(self) -> int:
        return len(self.array)


class Loop:
    """The same mapping done sample by sample, where what came of it is used so."""

    def __init__(
        self, tracer: Any, f: Callable[..., Any], size: int, batch: Callable[[], Batch]
    ) -> None:
        self.tracer, self.f, self.size, self.batch = tracer, f, size, batch
        self.recording = modes.current().recording
        self.draws = False  # whether it draws random numbers, which it would draw again
        self._results: list[Any] | None = None

    def results(self) -> list[Any]:
        """Return what the function returns, lane by lane.

        Raises ValueError where that is for eager code.
        """
        if self._results is not None:
            return self._results
        if self.size > self.tracer.longest_loop:
            raise ValueError(f"it goes one by one through {self.size} samples in lanes")
        if self.draws:
            raise ValueError("it goes one by one through samples that draw random numbers")
        with modes.recording() if self.recording else modes.no_grad():
            batch, results = self.batch(), []
            for i in range(self.size):
                positional, named = batch.lane(i)
                results.append(self.f(*positional, **named))
        if not self.tracer.mapping:  # else they belong to one lane of another mapping
            self._results = results
        return results


class LanesShape(NamedTuple):
    """What an output in lanes is returned as: an array or a list, of so many numbers."""

    size: int
    as_list: bool

    def nested(self, numbers: Any) -> Any:
        """Return the numbers so; of lanes that are all the same, there may be one alone."""
        if not getattr(numbers, "shape", ()):
            numbers = sys.modules["numpy"].full(self.size, float(numbers))
        return numbers.tolist() if self.as_list else numbers


class Lanes(_Stand):
    """Numbers in lanes, as `vmap` returns them inside of a trace: a sequence of samples.

    A sample is nested by `structure`, mostly one number. It is what the mapped function returned,
    or its numbers at some `places`.
    """

    def __init__(
        self, loop: Loop, nodes: list[Any], structure: Structure, places: list[int], as_list: bool
    ) -> None:
        self.loop, self.nodes, self.structure = loop, nodes, structure
        self.places, self.as_list = places, as_list

    @property
    def _returned(self) -> LanesShape:
        """What a column of lanes is returned as."""
        return LanesShape(self.loop.size, self.as_list)

    def __len__(self) -> int:
        size: int = self.loop.size
        return size

    def _numbers(self) -> Any:
        flat = [flatten(result, static=True)[0] for result in self.loop.results()]
        rows = [self.structure.rebuild([row[i] for i in self.places]) for row in flat]
        if self.as_list:
            return rows
        if self.structure is NUMBER:
            return objects(rows, (len(rows),))
        return sys.modules["numpy"].array(rows, dtype=object)

    def __getattr__(self, name: str) -> Any:
        if name in ("sum", "mean") and self.structure is NUMBER and not self.as_list:
            return partial(self._over_all, name)
        if name in ("shape", "ndim") and not self.as_list:
            own = () if self.structure is NUMBER else self.structure.rebuild(self.nodes).shape
            return (len(self), *own) if name == "shape" else 1 + len(own)
        return super().__getattr__(name)

    def _over_all(self, name: str, axis: Any = None, **options: Any) -> Any:
        if axis is None and not any(options.values()):
            return self._reduced(ops.sum if name == "sum" else ops.mean)
        return getattr(self._numbers(), name)(axis=axis, **options)

    def _reduced(self, op: Operation) -> Any:
        """Apply a row of a sequence: a sum or mean over lanes, or number by number."""
        if op in (ops.sum, ops.mean) and self.structure is NUMBER:
            total = trace_rows.lane_sum.apply((self.nodes[0], float(len(self))))
            return total / float(len(self)) if op is ops.mean else total
        return op.apply(tuple(self))

    def _each(self, f: Callable[..., Any], *others: Any) -> Any:
        """Map a function over the samples, and those of other sequences."""
        return self.loop.tracer.lanes(f, 0, (self, *others), {})

    def _of_lanes(self) -> tuple[list[Lanes], Callable[[list[Any]], Any]] | None:
        """Return the columns of arrays in lanes, and what makes one array of their numbers."""
        if self.structure is NUMBER:
            return None
        pairs = zip(self.nodes, self.places, strict=True)
        lanes = [Lanes(self.loop, [y], NUMBER, [i], self.as_list) for y, i in pairs]
        shape = self.shape[1:]
        return lanes, lambda numbers: sys.modules["numpy"].array(numbers).T.reshape(-1, *shape)

    def _together(self, lanes: list[Lanes]) -> Lanes:
        """Return what stands for the arrays that these are the entries of."""
        entries = [x.structure.rebuild(x.nodes) for x in lanes]
        array = sys.modules["numpy"].array(entries, dtype=object)
        nodes, structure = flatten(array, static=True)
        return Lanes(self.loop, nodes, structure, [i for x in lanes for i in x.places], False)
