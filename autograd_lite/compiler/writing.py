"""Writing a tape as statements of a language: what all backends that write text share.

A result that is used once is written where it is used, inside its user: that saves a name, and most
of the time of a statement. Others get a name, `v` and their place. A language is a table that says
how each row is written; rows that it leaves out are composed, and unfolded before, or called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .. import ops, trace_rows
from ..operation import Operation
from .tape import Operand, Tape

_DEPTH = 40  # of what is written inside of each other, well below what Python's parser bears
_LONG = 40  # terms of a sum written in one statement


class Writing(NamedTuple):
    """How a row is written: `named` operands come more than once, `lazy` ones not always."""

    write: Callable[..., str]
    named: tuple[int, ...]
    lazy: tuple[int, ...]


class Statement(NamedTuple):
    """`place` is what it gives a value, None for a guard; `again` where it adds to it."""

    place: int | None
    text: str
    reads: tuple[int, ...]
    again: bool = False


class Language:
    """How constants and rows are written.

    A template has the operands' places in braces. `lazy` says which operands of a row are only
    computed where they are needed: nothing that may raise is written there.
    """

    def __init__(
        self,
        templates: Mapping[str, str],
        constant: Callable[[float], str],
        call: Callable[[Operation], str] | None = None,
        lazy: Mapping[str, tuple[int, ...]] | None = None,
    ) -> None:
        self.templates, self.constant, self.call = templates, constant, call
        self.lazy = lazy or {}
        self._writings: dict[Any, Writing] = {}
        self._texts: dict[float, str] = {}

    def knows(self, op: Operation) -> bool:
        """Tell whether a row can be written as it is."""
        return op.name in self.templates or op in (ops.sum, ops.dot_row) or self.call is not None

    def text(self, x: float) -> str:
        """Write a constant, as it was written before where it is none of the two zeros."""
        text = self._texts.get(x) if x else self.constant(x)
        if text is None:
            text = self._texts[x] = self.constant(x)
        return text

    def operand(self, x: Operand) -> str:
        """Write a constant, or the name of a result."""
        return self.text(x) if x.__class__ is float else f"v{x}"

    def write(self, op: Operation, operands: Sequence[Operand]) -> Writing:
        """Return how a row is written."""
        key: Any = op
        if op.arity is None:
            key = op, len(operands)
        elif op is ops.pow and operands[1].__class__ is float and operands[1] % 1 == 0:
            key = op, "whole"
        known = self._writings.get(key)
        if known is None:
            known = self._writings[key] = self._writing(op, len(operands), key != op)
        return known

    def _writing(self, op: Operation, count: int, special: bool) -> Writing:
        template = self.templates.get("pow:whole") if special and op is ops.pow else None
        template = template or self.templates.get(op.name)
        if template is None:
            assert self.call is not None  # noqa: S101  unfolded or refused before
            places = ", ".join(f"{{{i}}}" for i in range(count))
            template = f"{self.call(op)}({places})"
        order = [int(i) for i in re.findall(r"\{(\d+)\}", template)]
        lazy = self.lazy.get(op.name, ())
        if order == list(range(count)):  # the quickest way
            text = re.sub(r"\{\d+\}", "%s", template.replace("%", "%%"))
            return Writing(lambda *xs: text % xs, (), lazy)
        named = tuple(sorted({i for i in order if order.count(i) > 1}))
        return Writing(template.format, named, lazy)


# An expression that waits to be written inside of its only user: its text, how deep it is, the
# places that it reads and whether it may raise. A plain tuple, for one is made for each operand.
_Waiting = tuple[str, int, tuple[int, ...], bool]


def statements(tape: Tape, language: Language, piece: int = 0) -> Iterator[Statement]:
    """Yield the statements that compute a tape, the outputs' included.

    With `piece`, nothing waits across the end of so many statements.
    """
    writer = Writer(tape, language)
    count = 0
    for place, (op, operands, _) in tape.numbered():
        for statement in writer.step(place, op, operands):
            yield statement
            count += 1
            if piece and count % piece == 0:
                yield from writer.flush()
    yield from writer.flush()


class Writer:
    """Turns instructions into statements, in the order in which it is given them."""

    def __init__(self, tape: Tape, language: Language) -> None:
        self.language = language
        self.uses = tape.uses()
        for x in tape.outputs:
            if x.__class__ is int:
                self.uses[x] = 2  # it needs a name
        self.pending: dict[int, _Waiting] = {}

    def flush(self) -> list[Statement]:
        """Write all that waits."""
        return self.named([*self.pending])

    def named(self, operands: Sequence[Operand]) -> list[Statement]:
        """Write what waits of some operands, so that they have names."""
        written = []
        for x in operands:
            if x.__class__ is int and x in self.pending:  # a constant 5.0 is no place 5
                text, _, reads, _ = self.pending.pop(x)
                written.append(Statement(x, text, reads))
        return written

    def step(self, place: int, op: Operation, operands: Sequence[Operand]) -> list[Statement]:
        """Write an instruction, or let it wait."""
        if op is trace_rows.guard:
            text, _, reads, _ = self.operand(operands[0])
            written = self.flush()
            written.append(Statement(None, text if operands[1] else self._negated(text), reads))
            return written
        if op is ops.sum or op is ops.dot_row:
            return self._long_sum(place, op, operands)
        write, named, lazy = self.language.write(op, operands)
        written = self.named([operands[i] for i in named]) if named else []
        for i in lazy:
            x = operands[i]
            if x.__class__ is int and x in self.pending and self.pending[x][3]:
                written += self.named([x])
        parts = [self.operand(x) for x in operands]
        return written + self._placed(place, write(*[p[0] for p in parts]), parts, not op.total)

    def _placed(
        self, place: int, text: str, parts: Sequence[_Waiting], raises: bool
    ) -> list[Statement]:
        depth, reads = 0, list[int]()
        for _, below, read, may_raise in parts:
            depth, raises = max(depth, below), raises or may_raise
            reads += read
        if self.uses[place] == 1 and depth < _DEPTH - 1:
            self.pending[place] = text, depth + 1, tuple(reads), raises
            return []
        return [Statement(place, text, tuple(reads))]

    def operand(self, x: Operand) -> _Waiting:
        """Return what is written for an operand; what waits there is written then."""
        if x.__class__ is float:
            return self.language.text(x), 0, (), False
        return self.pending.pop(x, None) or (f"v{x}", 0, (x,), False)

    def _negated(self, text: str) -> str:
        return self.language.write(trace_rows.negation, (0,))[0](text)

    def _long_sum(self, place: int, op: Operation, operands: Sequence[Operand]) -> list[Statement]:
        """Add terms up from the left, as the rows do; a long sum in several statements."""
        terms: list[_Waiting] = [self.operand(x) for x in operands]
        first: _Waiting = (self.language.text(0.0), 0, (), False)
        if op is ops.dot_row:
            n, times = len(terms) // 2, self.language.write(ops.mul, (0, 0))[0]
            first = terms[-1] if len(terms) % 2 else first
            terms = [
                (times(a[0], b[0]), 1 + max(a[1], b[1]), (*a[2], *b[2]), a[3] or b[3])
                for a, b in zip(terms[:n], terms[n : 2 * n], strict=True)
            ]
        written: list[Statement] = []
        for i in range(0, max(len(terms), 1), _LONG):
            some = [first, *terms[i : i + _LONG]]
            text = "(" + " + ".join([term[0] for term in some]) + ")"
            if len(terms) <= _LONG:
                return self._placed(place, text, some, False)
            reads = tuple([x for term in some for x in term[2]])
            written.append(Statement(place, text, reads, again=i > 0))
            first = f"v{place}", 0, (place,), False
        return written


def literal(x: float, inf: str, nan: str) -> str:
    """Write a float with all its digits, in brackets where it has a sign."""
    text = nan if x != x else repr(x).replace("inf", inf)
    return f"({text})" if text[0] == "-" else text
