"""Writing a tape as statements of a language: what all backends that write text share.

A result that is used once is written where it is used, inside its user: that saves a name, and most
of the time of a statement. Others get a name, `v` and their place. A language is a table that says
how each row is written; rows that it leaves out are composed, and unfolded before, or called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .. import ops, trace_rows
from ..operation import Operation
from .tape import Operand, Tape

_DEPTH = 40  # of what is written inside of each other, well below what Python's parser bears
_LONG = 40  # terms of a sum written in one statement

Write = Callable[..., str]


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
        self._writes: dict[tuple[Operation, str], tuple[Write, frozenset[int]]] = {}

    def knows(self, op: Operation) -> bool:
        """Tell whether a row can be written as it is."""
        return op.name in self.templates or op in (ops.sum, ops.dot_row) or self.call is not None

    def operand(self, x: Operand) -> str:
        """Write a constant, or the name of a result."""
        return self.constant(x) if x.__class__ is float else f"v{x}"

    def write(self, op: Operation, operands: Sequence[Operand]) -> tuple[Write, frozenset[int]]:
        """Return what writes a row, and the operands that it writes more than once."""
        key, count = op.name, len(operands)
        if op is ops.pow and operands[1].__class__ is float and operands[1] % 1 == 0:
            key = "pow:whole" if "pow:whole" in self.templates else key
        elif op.arity is None:
            key = f"{op.name}/{count}"
        known = self._writes.get((op, key))  # an operation of one's own may share its name
        if known is None:
            template = self.templates.get(key, self.templates.get(op.name))
            if template is None:
                assert self.call is not None  # noqa: S101  unfolded or refused before
                places = ", ".join(f"{{{i}}}" for i in range(count))
                template = f"{self.call(op)}({places})"
            known = self._writes[op, key] = _compiled(template, count)
        return known


def _compiled(template: str, count: int) -> tuple[Write, frozenset[int]]:
    order = [int(i) for i in re.findall(r"\{(\d+)\}", template)]
    if order == list(range(count)):  # the quickest way
        text = re.sub(r"\{\d+\}", "%s", template.replace("%", "%%"))
        return lambda *xs: text % xs, frozenset()
    return template.format, frozenset(i for i in order if order.count(i) > 1)


class _Pending(NamedTuple):
    """An expression that waits to be written inside of its only user."""

    text: str
    depth: int
    reads: tuple[int, ...]
    raises: bool


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
        self.pending: dict[int, _Pending] = {}

    def flush(self) -> Iterator[Statement]:
        """Write all that waits."""
        for place, waiting in self.pending.items():
            yield Statement(place, waiting.text, waiting.reads)
        self.pending.clear()

    def named(self, operands: Sequence[Operand]) -> Iterator[Statement]:
        """Write what waits of some operands, so that they have names."""
        for x in operands:
            if x.__class__ is int and x in self.pending:  # a constant 5.0 is no place 5
                waiting = self.pending.pop(x)
                yield Statement(x, waiting.text, waiting.reads)

    def step(self, place: int, op: Operation, operands: Sequence[Operand]) -> Iterator[Statement]:
        """Write an instruction, or let it wait."""
        if op is trace_rows.guard:
            waiting = self.operand(operands[0])
            yield from self.flush()
            holds = waiting.text if operands[1] else self._negated(waiting.text)
            yield Statement(None, holds, waiting.reads)
            return
        if op in (ops.sum, ops.dot_row):
            yield from self._long_sum(place, op, operands)
            return
        write, repeated = self.language.write(op, operands)
        lazy = self.language.lazy.get(op.name, ())
        parts = []
        for i, x in enumerate(operands):
            if x.__class__ is int and x in self.pending:
                unfit = i in repeated or (i in lazy and self.pending[x].raises)
                if unfit:
                    yield from self.named([x])
            parts.append(self.operand(x))
        yield from self._placed(place, write(*[p.text for p in parts]), parts, not op.total)

    def _placed(
        self, place: int, text: str, parts: Sequence[_Pending], raises: bool
    ) -> Iterator[Statement]:
        reads = tuple([x for p in parts for x in p.reads])
        depth = 1 + max([p.depth for p in parts], default=0)
        if self.uses[place] == 1 and depth < _DEPTH:
            raises = raises or any(p.raises for p in parts)
            self.pending[place] = _Pending(text, depth, reads, raises)
        else:
            yield Statement(place, text, reads)

    def operand(self, x: Operand) -> _Pending:
        """Return what is written for an operand; what waits there is written then."""
        if x.__class__ is float:
            return _Pending(self.language.constant(x), 0, (), False)
        waiting = self.pending.pop(x, None)
        return waiting or _Pending(f"v{x}", 0, (x,), False)

    def _negated(self, text: str) -> str:
        return self.language.write(trace_rows.negation, (0,))[0](text)

    def _long_sum(
        self, place: int, op: Operation, operands: Sequence[Operand]
    ) -> Iterator[Statement]:
        """Add terms up from the left, as the rows do; a long sum in several statements."""
        parts = [self.operand(x) for x in operands]
        terms, start = parts, _Pending(self.language.constant(0.0), 0, (), False)
        if op is ops.dot_row:
            n = len(parts) // 2
            times = self.language.write(ops.mul, (0, 0))[0]
            start = parts[-1] if len(parts) % 2 else start
            terms = [
                _Pending(times(a.text, b.text), 1 + max(a.depth, b.depth), (*a.reads, *b.reads),
                         a.raises or b.raises)
                for a, b in zip(parts[:n], parts[n : 2 * n], strict=True)
            ]  # fmt: skip
        for i in range(0, max(len(terms), 1), _LONG):
            some = terms[i : i + _LONG]
            first = start if i == 0 else _Pending(f"v{place}", 0, (place,), False)
            text = "(" + " + ".join([first.text, *[term.text for term in some]]) + ")"
            if len(terms) <= _LONG:
                yield from self._placed(place, text, [first, *some], False)
                return
            reads = tuple([x for p in [first, *some] for x in p.reads])
            yield Statement(place, text, reads, again=i > 0)


def literal(x: float, inf: str, nan: str) -> str:
    """Write a float with all its digits, in brackets where it has a sign."""
    text = nan if x != x else repr(x).replace("inf", inf)
    return f"({text})" if text[0] == "-" else text
