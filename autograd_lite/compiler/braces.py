"""Tapes as functions of a language with braces: what is the same in C and in JavaScript.

What a language's library has not, helper functions beside that of the tape do; only those that are
needed are written. In templates and in their text @ stands before their names, for the name of the
tape's function and an underscore.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .passes import without_dead_code
from .pieces import Pieces
from .tape import Tape
from .unfolding import unfolded
from .writing import Language, Statement, literal, statements

PIECE = 300  # statements of one function, about as many as compilers take best


class Dialect(NamedTuple):
    """What is not the same: patterns of lines, templates of rows, helpers before their callers."""

    backend: str
    templates: Mapping[str, str]
    helpers: Mapping[str, str]
    constants: tuple[str, str]  # inf and nan
    function: str  # {name} of inputs x
    piece: str  # {name}, a function of the list s that returns the number of a guard, or 0
    number: str  # what is written before the name of a new number
    whole: str  # and of a new whole number
    slots: str  # a new list s of {size} numbers
    table: str  # a new list of the functions {pieces}
    end: Callable[[Sequence[str]], Sequence[str]]  # lines that hand back results


def written(tape: Tape, name: str, dialect: Dialect) -> str:
    """Return a tape as the source of a function.

    Raises BackendError for what the language is not told how to compute, ValueError for what is no
    name.
    """
    if not (name.isascii() and name.isidentifier()):
        raise ValueError(f"expected a name of letters, digits and _ for a function, got {name!r}")
    language = Language(dialect.templates, lambda x: literal(x, *dialect.constants))
    tape = without_dead_code(unfolded(tape, language, dialect.backend), raising=False)
    lines = _in_pieces if len(tape.instructions) > PIECE else _whole
    text = "\n".join([*lines(tape, language, dialect, dialect.function.format(name=name)), ""])
    for helper, helper_text in reversed([*dialect.helpers.items()]):
        if f"@{helper}(" in text:
            text = f"{helper_text}\n\n{text}"
    return text.replace("@", f"{name}_")


def _whole(tape: Tape, language: Language, dialect: Dialect, head: str) -> Iterator[str]:
    yield head
    uses = tape.uses()
    for i, each in enumerate(tape.inputs):
        if uses[i]:
            comment = re.sub(r"[^ -?A-\[\]-~]", "?", each.name)
            yield f"    {dialect.number} v{i} = x[{i}];  // {comment}"
    yield from _body(statements(tape, language), 0, dialect)
    yield from dialect.end([*map(language.operand, tape.outputs)])


def _in_pieces(tape: Tape, language: Language, dialect: Dialect, head: str) -> Iterator[str]:
    pieces = Pieces(tape, lambda: statements(tape, language), PIECE)
    names: list[str] = []
    guards = 0
    for read, some, handed in pieces:
        names.append(f"@piece{len(names) + 1}")
        yield dialect.piece.format(name=names[-1])
        yield from (f"    {dialect.number} v{x} = s[{slot}];" for x, slot in read)
        yield from _body(some, guards, dialect)
        yield from (f"    s[{slot}] = v{x};" for x, slot in handed)
        yield from ("    return 0;", "}", "")
        guards += sum(s.place is None for s in some)
    yield head
    yield "    " + dialect.table.format(pieces=", ".join(names))
    yield "    " + dialect.slots.format(size=pieces.size)
    yield f"    for ({dialect.whole} i = 0; i < {pieces.inputs}; i++) s[i] = x[i];"
    yield f"    for ({dialect.whole} i = 0; i < {len(names)}; i++) {{"
    yield f"        {dialect.whole} failed = pieces[i](s);"
    yield "        if (failed) return failed;"
    yield "    }"
    results = [f"s[{x}]" if x.__class__ is int else language.operand(x) for x in pieces.outputs]
    yield from dialect.end(results)


def _body(some: Iterable[Statement], guards: int, dialect: Dialect) -> Iterator[str]:
    for place, text, _, again in some:
        if place is None:
            guards += 1
            yield f"    if (!{text}) return {guards};"
        else:
            yield f"    {'' if again else f'{dialect.number} '}v{place} = {text};"
