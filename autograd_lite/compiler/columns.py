"""What a function is mapped over: columns of numbers, one for each lane.

The samples of an array of rows, of a list of dicts, or of what another `vmap` gave, are nested in
one way; each place in that nesting is a column. The mapped function is called with the numbers of
one lane, which stand for all.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

from .. import ops
from ..transforms.pytree import NUMBER, Structure, flatten, is_array
from ..value import Value
from .stand_ins import ArrayStand, Lanes, Leaves, Load, objects
from .tape import Input


class NotLanes(Exception):  # noqa: N818  no error: it says that a loop over numbers will do
    """Raised where what is mapped over does not come from arrays or plain numbers."""


class Column:
    """One number a lane: what they are at this call, and where they are to be had at the next.

    What has been computed in lanes already is a `node`; its numbers are computed where needed.
    """

    def __init__(self, name: str, numbers: Any, load: Load | None, node: Any = None) -> None:
        self.name, self.numbers, self.load, self.node = name, numbers, load, node
        self.stand: Value | None = None

    def value(self, tracer: Any, number: float, size: int) -> Value:
        """Return what stands for the numbers of all lanes, and holds that of one."""
        if self.load is None:
            made: Value = ops.pos(self.node)
            made._data = number
            return made
        if self.stand is None:
            self.stand = tracer.entered(number, Input(self.name, size), self.load)
            return self.stand
        again = Value(number)
        tracer.same.append((again, self.stand))
        return again


class Columns:
    """The columns of all arguments that a function is mapped over."""

    def __init__(self, tracer: Any) -> None:
        self.tracer, self.every = tracer, list[Column]()
        self.arrays = False  # whether one of the arguments is an array

    def numbers(self, lane: int) -> list[float]:
        """Return the numbers of one lane."""
        for column in self.every:
            if column.numbers is None:
                column.numbers = self.tracer.computed([column.node])[0]
        return [
            float(x.numbers[lane] if getattr(x.numbers, "ndim", 0) else x.numbers)
            for x in self.every
        ]

    def rows(self, x: Any, axis: int, what: str) -> _Samples:
        """Take an argument apart; raise NotLanes where that is for a loop."""
        self.arrays |= is_array(x) or (isinstance(x, ArrayStand | Lanes) and not x.as_list)
        if isinstance(x, Lanes) and axis == 0:
            return self._samples([Column("", None, None, y) for y in x.nodes], x.structure, len(x))
        if isinstance(x, ArrayStand) or (is_array(x) and x.ndim and x.dtype.kind in "fiub"):
            return self._of_array(x, axis)
        if isinstance(x, list | tuple) and x and axis == 0:
            flat = [flatten(one, "vmap: an argument", static=True) for one in x]
            if all(structure.key == flat[0][1].key for _, structure in flat):
                lists = zip(*[numbers for numbers, _ in flat], strict=True)
                return self._samples([self._of_numbers(c) for c in lists], flat[0][1], len(x))
        raise NotLanes

    def _samples(self, columns: list[Column], structure: Structure, size: int) -> _Samples:
        first = len(self.every)
        self.every += columns
        return _Samples(self.tracer, columns, structure, size, first)

    def _of_numbers(self, numbers: Sequence[Any]) -> Column:
        """Return the column of a list of plain numbers, or of numbers that the call hands over."""
        numpy, tracer = sys.modules["numpy"], self.tracer
        if all(x.__class__ is float for x in numbers):
            fixed = numpy.array(numbers)
            return Column("constant", fixed, lambda leaves: fixed)
        places = [tracer.raw.get(id(x), -1) for x in numbers]
        if min(places) < 0:
            raise NotLanes

        def load(leaves: Leaves) -> Any:
            return numpy.array([leaves[i] for i in places], dtype=float)

        return Column(tracer.names[places[0]].name, load(tracer.leaves), load)

    def _of_array(self, x: Any, axis: int) -> _Samples:
        numpy, leaves = sys.modules["numpy"], self.tracer.leaves
        stand = isinstance(x, ArrayStand)
        array, name, index = (x.array, x.name, x.index) if stand else (x, "constant", -1)
        if not -array.ndim <= axis < array.ndim:
            raise NotLanes
        fixed = None if stand else array  # a stand-in would keep its trace alive
        size, *shape = numpy.moveaxis(array, axis, 0).shape

        def load(j: int, leaves: Leaves) -> Any:
            whole = leaves[index] if fixed is None else fixed
            if axis == 0 and not is_array(whole):  # of another library, where it stays
                return whole.reshape(size, count)[:, j]
            whole = numpy.asarray(whole, dtype=float)
            return numpy.moveaxis(whole, axis, 0).reshape(size, count)[:, j]

        count = math.prod(shape)
        loads = [partial(load, j) for j in range(count)]
        names = [f"{name}[:, {j}]" for j in range(len(loads))] if shape else [name]
        columns = [Column(n, get(leaves), get) for n, get in zip(names, loads, strict=True)]
        nested = flatten(objects([0.0] * len(columns), shape))[1] if shape else NUMBER
        return self._samples(columns, nested, size)


class _Samples:
    """One argument: a sequence that is indexed by the numbers of a lane, those of all columns."""

    def __init__(
        self, tracer: Any, columns: list[Column], structure: Structure, size: int, first: int
    ) -> None:
        self.tracer, self.columns, self.structure = tracer, columns, structure
        self.size, self.first = size, first

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, numbers: Any) -> Any:
        own = numbers[self.first : self.first + len(self.columns)]
        pairs = zip(self.columns, own, strict=True)
        return self.structure.rebuild([c.value(self.tracer, x, self.size) for c, x in pairs])


class Draws:
    """What a mapped function draws: lane after lane as a loop does, all of them at each call.

    All lanes draw from the same sources in turn, or ValueError is raised.
    """

    def __init__(self, size: int) -> None:
        self.size, self.count, self.complete = size, 0, False
        self.sources: list[random.Random] = []
        self.columns: list[Column] = []
        self.table: Any = None

    def next_lane(self) -> None:
        """Take in that the function begins to run on a lane, or has run on one."""
        if self.complete and self.count != len(self.columns):
            raise ValueError("lanes draw random numbers differently")
        self.count, self.complete = 0, True

    def drawn(self, tracer: Any, source: random.Random, number: float) -> Value:
        """Return the stand-in of the next number that a lane draws."""
        j, self.count = self.count, self.count + 1
        if j == len(self.columns):
            self.sources.append(source)
            self.columns.append(Column("random", None, partial(self.column, j)))
        if self.sources[j] is not source:
            raise ValueError("lanes draw from several sources of random numbers")
        return self.columns[j].value(tracer, number, self.size)

    def column(self, j: int, leaves: Leaves) -> Any:
        """Return the numbers of one draw; those of a call are drawn when it asks for the first."""
        if j == 0:
            drawn = [source.uniform(0, 1) for _ in range(self.size) for source in self.sources]
            self.table = sys.modules["numpy"].array(drawn).reshape(self.size, -1)
        return self.table[:, j]
