"""A tape: what a function computes, as a list of operations in the order of computing.

It is the recorded graph laid flat. A number is known by its place: inputs come first, then the
result of each instruction. It holds along one path through the function's branches; its guards say
which: `guard` rows, each a condition with the outcome that it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from .. import trace_rows
from ..operation import Operation

Operand = Any  # an int, which is a place, or a float, a constant: told by their class


class Input(NamedTuple):
    """A number that a tape is run with; `lanes` are how many it stands for, 0 for one alone."""

    name: str
    lanes: int = 0


class Instruction(NamedTuple):
    """An operation and what it is applied to; `line` is the number of its source line, or -1."""

    op: Operation
    operands: tuple[Operand, ...]
    line: int = -1

    @property
    def is_guard(self) -> bool:
        """Tell whether it is no operation but a condition on which the tape holds."""
        return self.op is trace_rows.guard


class Tape(NamedTuple):
    """The operations of one path through a function; `print` writes them one a line.

    `lines` are the source lines that instructions came from, `names` those of results by their
    places, `forward` how many operations were recorded without any derivative, `recorded` how many
    with them; `size` is what the passes left of these. `point` has the numbers that it was recorded
    with, as an example.

    >>> from autograd_lite import jit
    >>> print(jit(lambda x, y: x * y + 1.0).tape(2.0, 3.0))  # doctest: +ELLIPSIS
    tape of 2 operations (recorded 2: forward 2)
    inputs x, y
    v2 = mul(x, y)   # ...
    v3 = add(v2, 1.0)   # ...
    return v3
    """

    inputs: tuple[Input, ...]
    instructions: tuple[Instruction, ...]
    outputs: tuple[Operand, ...]
    lines: tuple[str, ...] = ()
    names: dict[int, str] = {}  # noqa: RUF012  never written to
    forward: int = 0
    recorded: int = 0
    point: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        """The number of operations, guards left out."""
        return sum(not each.is_guard for each in self.instructions)

    def numbered(self) -> Iterator[tuple[int, Instruction]]:
        """Yield each instruction with the place of its result."""
        return enumerate(self.instructions, len(self.inputs))

    def guards(self) -> list[tuple[str, bool]]:
        """List the source line and the outcome of each guard."""
        lines = (*self.lines, "")  # of none: -1
        return [(lines[x.line], x.operands[1] == 1.0) for x in self.instructions if x.is_guard]

    def uses(self) -> list[int]:
        """Count for each place how often it is used, as an output too."""
        counts = [0] * (len(self.inputs) + len(self.instructions))
        for operands in chain(map(itemgetter(1), self.instructions), [self.outputs]):
            for x in operands:
                if x.__class__ is int:
                    counts[x] += 1
        return counts

    def lanes(self) -> list[int]:
        """Return for each place how many lanes it has, 0 for one number alone."""
        widths = [x.lanes for x in self.inputs]
        if not any(widths) and all(x.op is not trace_rows.broadcast for x in self.instructions):
            return [0] * (len(widths) + len(self.instructions))
        for op, operands, _ in self.instructions:
            if op is trace_rows.broadcast:
                widths.append(int(operands[1]))
            elif op is trace_rows.lane_sum:
                widths.append(0)
            else:
                widths.append(max([widths[x] for x in operands if x.__class__ is int], default=0))
        return widths

    def evaluate(self, numbers: Sequence[Any]) -> list[Any]:
        """Apply the operations one by one to numbers of any kind that records, or floats.

        Guards are passed by: it is for who calls to know that they hold.
        """
        results = list(numbers)
        for op, operands, _ in self.instructions:
            if op is trace_rows.guard:
                results.append(None)
                continue
            xs = tuple([results[x] if x.__class__ is int else x for x in operands])
            results.append(op.apply(xs))
        return [results[x] if x.__class__ is int else x for x in self.outputs]

    def text(self) -> Iterator[str]:
        """Yield the lines that it is printed as."""
        forward = f"forward {self.forward:,}"
        yield f"tape of {self.size:,} operations (recorded {self.recorded:,}: {forward})"
        yield "inputs " + ", ".join(x.name + f"[{x.lanes}]" * (x.lanes > 0) for x in self.inputs)
        for place, (op, operands, line) in self.numbered():
            where = f"   # {self.lines[line]}" if line >= 0 else ""
            if op is trace_rows.guard:
                yield f"guard {self._name(operands[0])} is {operands[1] == 1.0}{where}"
                continue
            name = f" {self.names[place]!r}" if place in self.names else ""
            yield f"v{place}{name} = {op.name}({self._listed(operands)}){where}"
        yield f"return {self._listed(self.outputs)}"

    def _listed(self, operands: Iterable[Operand]) -> str:
        return ", ".join(map(self._name, operands))

    def _name(self, x: Operand) -> str:
        if isinstance(x, float):
            return repr(x)
        return self.inputs[x].name if x < len(self.inputs) else f"v{x}"

    def __str__(self) -> str:
        return "\n".join(self.text())

    def __repr__(self) -> str:
        return f"<{next(self.text())}>"


class Builder:
    """Makes a tape of another one: says where each place has gone.

    What comes to the same as before is `moved` there, what is needed is added.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.instructions: list[Instruction] = []
        self.moved: list[Operand] = list(range(len(tape.inputs)))
        self._inputs = len(tape.inputs)
        self._same = True  # whether each place is still where it was: mostly the quickest way

    def _unmoved(self) -> bool:
        self._same &= len(self.moved) - len(self.instructions) == self._inputs
        return self._same

    def operands(self, instruction: Instruction) -> tuple[Operand, ...]:
        """Return the operands of an instruction of the old tape, where they are in the new one."""
        operands = instruction[1]
        if self._same and self._unmoved():
            return operands
        moved = self.moved
        if len(operands) == 2:  # mostly, and quicker than a loop
            a, b = operands
            return moved[a] if a.__class__ is int else a, moved[b] if b.__class__ is int else b
        return tuple([moved[x] if x.__class__ is int else x for x in operands])

    def add(self, op: Operation, operands: tuple[Operand, ...], line: int = -1) -> int:
        """Add an instruction and return the place of its result."""
        self._same = False
        self.instructions.append(Instruction(op, operands, line))
        return self._inputs + len(self.instructions) - 1

    def keep(self, instruction: Instruction, operands: tuple[Operand, ...]) -> int:
        """Add the next instruction of the old tape, with operands of the new one."""
        if operands is not instruction[1]:  # by identity: 5 == 5.0, a place and a constant
            instruction = Instruction(instruction[0], operands, instruction[2])
        place = self._inputs + len(self.instructions)
        self.instructions.append(instruction)
        self.moved.append(place)
        return place

    def built(self) -> Tape:
        """Return the new tape."""
        if self._unmoved():
            return self.tape
        names = {}
        for old, name in self.tape.names.items():
            place = self.moved[old]
            if place.__class__ is int and place >= len(self.tape.inputs):
                names[place] = name
        outputs = tuple([self.moved[x] if x.__class__ is int else x for x in self.tape.outputs])
        return self.tape._replace(
            instructions=tuple(self.instructions), outputs=outputs, names=names
        )
