"""The backend that needs nothing: a tape as Python source, compiled by Python.

The functions called are the rows' own forward rules, so that results have the bits of eager ones
and errors are raised where those raise. One function holds up to 20,000 statements; longer tapes
are cut in pieces of that size, since Python's compiler takes much memory: what one piece computes
for a later one stands in a list, whose slots are used again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .. import ops
from ..operation import BUILT_IN, Operation
from .pieces import Pieces
from .tape import Operand, Tape
from .writing import Language, Statement, literal, statements

PIECE = 20_000  # statements
FEW = 200  # statements: in a short function a number is called by its place
WHOLE = 50_000  # instructions: fewer are one piece, as most are written inside of another one
Kernel = Callable[..., Any]  # numbers to the outputs, or the number of the guard that did not hold

TEMPLATES = {
    "add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "div": "({0} / {1})",
    "floordiv": "({0} // {1})", "mod": "({0} % {1})", "neg": "(-{0})", "pos": "{0}",
    "pow:whole": "({0} ** {1})", "square": "({0} * {0})",
    "reciprocal": "(1.0 / {0})", "detach": "{0}",
    "one_minus_square": "((1.0 - {0}) * (1.0 + {0}))",
    "relu": "(0.0 if {0} <= 0.0 else {0})",
    "sech2": "(1.0 / ((c := cosh({0})) * c) if -700.0 < {0} < 700.0 else sech2({0}))",
    "sigmoid": "(1.0 / (1.0 + exp(-{0})) if {0} >= 0.0 else (c := exp({0})) / (1.0 + c))",
    "softplus": "(({0} if {0} > 0.0 else 0.0) + log1p(exp(-abs({0}))))",
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
        self.names: dict[str, Any] = {
            "inf": math.inf, "nan": math.nan, "exp": math.exp, "log1p": math.log1p,
            "cosh": math.cosh, "sech2": ops.sech2.forward, "quotient": ops.quotient_row.forward,
        }  # fmt: skip
        self.language = Language(TEMPLATES, _constant, self._called, LAZY)
        self._calls: dict[Operation, str] = {}

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
        some = list(self.statements())
        if len(some) > FEW:
            some, result = _with_names_used_again(some, len(self.tape.inputs), result)
        lines += _body(some, guards=0)
        return "\n".join([*lines, f"    return {result}", ""])


_NAME = re.compile(r"\bv(\d+)\b")


def _with_names_used_again(
    some: list[Statement], inputs: int, result: str
) -> tuple[list[Statement], str]:
    """Give a name to the next number once its own is read no more.

    A function of few names keeps them in the processor's cache: a seventh of the time.
    """
    last = {x: i for i, statement in enumerate(some) for x in statement.reads}
    last.update({int(x): len(some) for x in _NAME.findall(result)})
    name_of = {x: x for x in range(inputs)}
    unused: list[int] = []

    def renamed(text: str) -> str:
        return _NAME.sub(lambda match: f"v{name_of[int(match[1])]}", text)

    written = []
    for i, (place, text, reads, again) in enumerate(some):
        text = renamed(text)
        unused += [name_of[x] for x in dict.fromkeys(reads) if last[x] == i and x != place]
        if place is not None and place not in name_of:
            name_of[place] = unused.pop() if unused else inputs + i
        name = None if place is None else name_of[place]
        written.append(Statement(name, text, (), again))
    return written, renamed(result)


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
    if len(tape.instructions) > WHOLE:
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
        pieces = Pieces(tape, lambda: writer.statements(PIECE), PIECE)
        self.kernels: list[Kernel] = []
        guards = 0
        for read, some, handed in pieces:
            lines = ["def kernel(s):", *[f"    v{x} = s[{slot}]" for x, slot in read]]
            lines += [*_body(some, guards), *[f"    s[{slot}] = v{x}" for x, slot in handed], ""]
            self.kernels.append(compiled_text("\n".join(lines), writer.names))
            guards += sum(s.place is None for s in some)
        self.more = pieces.size - pieces.inputs
        self.outputs = pieces.outputs

    def __call__(self, *numbers: float) -> Any:
        s: list[Any] = [*numbers, *[0.0] * self.more]
        for kernel in self.kernels:
            failed = kernel(s)
            if failed is not None:
                return failed
        return tuple([s[x] if x.__class__ is int else x for x in self.outputs])
