"""Pieces: the statements of a long tape as several functions, which hand numbers on in a list.

The compilers of most languages take more than twice as long for a function that is twice as long,
and much memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from .tape import Operand, Tape
from .writing import Statement


class Piece(NamedTuple):
    """One function: places that it reads and hands on, each with its slot in the list."""

    read: list[tuple[int, int]]
    statements: list[Statement]
    handed: list[tuple[int, int]]


class Pieces:
    """Yields pieces of so many statements; afterwards it knows the slots of the outputs.

    The list begins with the inputs and has `size` slots, which are used again. `write` gives the
    statements, as often as it is called: there may be too many to be kept.
    """

    def __init__(self, tape: Tape, write: Callable[[], Iterator[Statement]], length: int) -> None:
        self.write, self.length = write, length
        self.inputs = self.size = len(tape.inputs)
        self.outputs: list[Operand] = []
        self._tape = tape
        self._slots = {i: i for i in range(self.inputs)}
        self._unused: list[int] = []

    def __iter__(self) -> Iterator[Piece]:
        last, slots = self._last_uses(), self._slots
        for here, some in enumerate(self._cut()):
            read = [(x, slots[x]) for x in _read_first(some)]
            for x, slot in read:
                if last[x] == here:
                    del slots[x]
                    self._unused.append(slot)
            made = dict.fromkeys([s.place for s in some if s.place is not None])
            yield Piece(read, some, [(x, self._take(x)) for x in made if last[x] > here])
        self.outputs = [slots[x] if x.__class__ is int else x for x in self._tape.outputs]

    def _cut(self) -> Iterator[list[Statement]]:
        statements = self.write()
        while some := list(islice(statements, self.length)):
            yield some

    def _take(self, place: int) -> int:
        if place not in self._slots:  # a long sum goes on in the next piece
            if not self._unused:
                self._unused.append(self.size)
                self.size += 1
            self._slots[place] = self._unused.pop()
        return self._slots[place]

    def _last_uses(self) -> dict[int, float]:
        """Map each place to the last piece that reads it; outputs are read after all pieces."""
        last: dict[int, float] = dict.fromkeys(range(self.inputs), 0)
        for i, some in enumerate(self._cut()):
            for statement in some:
                if statement.place is not None:
                    last.setdefault(statement.place, i)
                last.update(dict.fromkeys(statement.reads, i))
        last.update({x: math.inf for x in self._tape.outputs if x.__class__ is int})
        return last


def _read_first(some: list[Statement]) -> dict[int, None]:
    """Return the places that statements read before they give them a value, in order."""
    made, read = set[int](), dict[int, None]()
    for place, _, reads, _ in some:
        read.update({x: None for x in reads if x not in made})
        if place is not None:
            made.add(place)
    return read
