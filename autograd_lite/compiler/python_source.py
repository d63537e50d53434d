"""The backend that needs nothing: a tape as Python source, compiled by Python.

The functions called are the rows' own forward rules, so that results have the bits of eager ones
and errors are raised where those raise. One function holds up to 20,000 statements; longer tapes
are cut in pieces of that size, since Python's compiler takes much memory: what one piece computes
for a later one stands in a list, whose slots are used again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..operation import BUILT_IN, Operation
from .tape import Operand, Tape
from .writing import Language, Statement, literal, statements

PIECE = 20_000
Uses = dict[int, int]  # the last piece that reads a place
Kernel = Callable[..., Any]  # numbers to the outputs, or the number of the guard that did not hold

TEMPLATES = {
    "add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "div": "({0} / {1})",
    "floordiv": "({0} // {1})", "mod": "({0} % {1})", "neg": "(-{0})", "pos": "{0}",
    "pow:whole": "({0} ** {1})", "square": "({0} * {0})",
    "reciprocal": "(1.0 / {0})", "detach": "{0}",
    "one_minus_square": "((1.0 - {0}) * (1.0 + {0}))",
    "relu": "(0.0 if {0} <= 0.0 else {0})",
    "quotient": "({0} / {1} if {1} else quotient({0}, {1}))",
    "maximum": "({0} if {0} >= {1} or {0} != {0} else {1})",
    "minimum": "({0} if {0} <= {1} or {0} != {0} else {1})",
    "less": "({0} < {1})", "less_equal": "({0} <= {1})", "equal": "({0} == {1})",
    "both": "({0} and {1})", "either": "({0} or {1})", "negation": "(not {0})",
    "select": "({1} if {0} else {2})",
}  # fmt: skip
LAZY = {"select": (1, 2), "both": (1,), "either": (1,)}


def _constant(x: float) -> str:
    return literal(x, "inf", "nan")


class Source:
    """A tape as Python source, and the names that it uses."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.names: dict[str, Any] = {"inf": math.inf, "nan": math.nan}
        self.language = Language(TEMPLATES, _constant, self._called, LAZY)
        self._calls: dict[Operation, str] = {}
        self.names["quotient"] = lambda a, b: a / b if b else a * math.copysign(math.inf, b)

    def _called(self, op: Operation) -> str:
        if op not in self._calls:
            built_in = op.name in BUILT_IN
            name = op.name if built_in else f"op{len(self._calls)}"
            self.names[name] = op.forward if built_in else lambda *xs: op.evaluate(xs)
            self._calls[op] = name
        return self._calls[op]

    def statements(self, piece: int = 0) -> Iterator[Statement]:
        """Yield the statements; powers with a whole exponent are written as operators."""
        yield from statements(self.tape, self.language, piece)

    def single(self, parameters: str, prologue: Sequence[str], result: str) -> str:
        """Return one function: a prologue, the statements, and a result."""
        lines = [f"def kernel({parameters}):", *[f"    {line}" for line in prologue]]
        lines += _body(self.statements(), guards=0)
        return "\n".join([*lines, f"    return {result}", ""])


def _body(some: Iterator[Statement] | Sequence[Statement], guards: int) -> Iterator[str]:
    for place, text, _, _ in some:
        if place is None:
            yield f"    if not {text}: return {guards}"
            guards += 1
        else:
            yield f"    v{place} = {text}"


def named(operands: Sequence[Operand]) -> list[str]:
    """Write operands as they are called in the source."""
    return [f"v{x}" if x.__class__ is int else _constant(x) for x in operands]


def source(tape: Tape) -> str:
    """Return a tape as the source of one function."""
    parameters = ", ".join(f"v{i}" for i in range(len(tape.inputs)))
    results = "".join(f"{x}, " for x in named(tape.outputs))
    return Source(tape).single(parameters, (), f"({results})")


def compiled(tape: Tape) -> Kernel:
    """Return a tape as a function."""
    if len(tape.instructions) > PIECE:
        return _Pieces(tape)
    names = Source(tape)
    parameters = ", ".join(f"v{i}" for i in range(len(tape.inputs)))
    results = "".join(f"{x}, " for x in named(tape.outputs))
    return compiled_text(names.single(parameters, (), f"({results})"), names.names)


def compiled_text(text: str, names: dict[str, Any]) -> Kernel:
    """Return the function that a source defines."""
    scope = dict(names)
    exec(compile(text, "<tape>", "exec"), scope)  # noqa: S102  of names and numbers alone
    kernel: Kernel = scope["kernel"]
    return kernel


class _Pieces:
    """A tape as several functions, which hand numbers on in a list."""

    def __init__(self, tape: Tape) -> None:
        writer = Source(tape)
        self.inputs = len(tape.inputs)
        self.pieces: list[Kernel] = []
        uses = _last_uses(tape, writer)
        slots = _Slots(len(tape.inputs))
        some: list[Statement] = []
        guards = 0
        for statement in writer.statements(PIECE):
            some.append(statement)
            if len(some) == PIECE:
                guards = self._piece(some, slots, uses, guards, writer)
                some = []
        if some:
            self._piece(some, slots, uses, guards, writer)
        self.outputs = [slots.of.get(x) if x.__class__ is int else x for x in tape.outputs]
        self.size = slots.size

    def _piece(
        self,
        some: list[Statement],
        slots: _Slots,
        uses: dict[int, int],
        guards: int,
        writer: Source,
    ) -> int:
        here = len(self.pieces)
        read = _read_first(some)
        lines = ["def kernel(s):", *[f"    v{x} = s[{slots.of[x]}]" for x in read]]
        lines += _body(some, guards)
        for x in read:
            if uses[x] == here:
                slots.free(x)
        handed = [x for x in dict.fromkeys(s.place for s in some) if x is not None]
        lines += [f"    s[{slots.take(x)}] = v{x}" for x in handed if uses[x] > here]
        self.pieces.append(compiled_text("\n".join([*lines, ""]), writer.names))
        return guards + sum(s.place is None for s in some)

    def __call__(self, *numbers: float) -> Any:
        s: list[Any] = [*numbers, *[0.0] * (self.size - self.inputs)]
        for piece in self.pieces:
            failed = piece(s)
            if failed is not None:
                return failed
        return tuple([s[x] if x.__class__ is int else x for x in self.outputs])


def _read_first(some: list[Statement]) -> dict[int, None]:
    """Return the places that statements read before they give them a value, in order."""
    made, read = set[int](), dict[int, None]()
    for place, _, reads, _ in some:
        read.update({x: None for x in reads if x not in made})
        if place is not None:
            made.add(place)
    return read


class _Slots:
    """Where the numbers that pieces hand on stand in their list."""

    def __init__(self, inputs: int) -> None:
        self.of = {i: i for i in range(inputs)}
        self.size = inputs
        self._unused: list[int] = []

    def take(self, place: int) -> int:
        if place in self.of:  # a long sum goes on in the next piece
            return self.of[place]
        if self._unused:
            self.of[place] = self._unused.pop()
        else:
            self.of[place] = self.size
            self.size += 1
        return self.of[place]

    def free(self, place: int) -> None:
        self._unused.append(self.of.pop(place))


def _last_uses(tape: Tape, writer: Source) -> dict[int, int]:
    """Map each place to the last piece that reads it; outputs are read after all pieces."""
    last: dict[int, int] = dict.fromkeys(range(len(tape.inputs)), 0)
    for i, statement in enumerate(writer.statements(PIECE)):
        if statement.place is not None:
            last.setdefault(statement.place, i // PIECE)
        for x in statement.reads:
            last[x] = i // PIECE
    end = len(tape.instructions)  # beyond any piece
    last.update({x: end for x in tape.outputs if x.__class__ is int})
    return last
