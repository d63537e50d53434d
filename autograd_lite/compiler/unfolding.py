"""Unfolding: rows that a language does not know become the rows of their formula.

A composed row says what it does in terms of others, for numbers of any kind. Here its operands are
symbols, which stand for places of a tape: the operations made with them are its instructions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops, trace_rows
from .._support.validation import as_float
from ..errors import BackendError
from ..operation import TRACED, Arithmetic, Operation
from .recording import COMPARISONS, Condition
from .tape import Builder, Operand, Tape
from .writing import Language

FIRST = {ops.pos, ops.convention_row, trace_rows.detach}  # in value they are their first operand


def unfolded(
    tape: Tape, language: Language, backend: str, chosen: Sequence[bool] | None = None
) -> Tape:
    """Return a tape of rows that a language knows, or only those at `chosen` places.

    Raises BackendError where a row is neither known nor composed, before anything is written.
    """
    builder = Builder(tape)
    if any(x.lanes for x in tape.inputs) and not language.knows(trace_rows.broadcast):
        raise BackendError(
            f"the {backend} backend writes single numbers, got a tape of lanes; write the function "
            "without vmap, or choose another backend, as array"
        )
    formula = _Formula(builder, language, backend)
    for place, instruction in tape.numbered():
        formula.line = instruction.line
        operands = builder.operands(instruction)
        if chosen and not chosen[place]:
            builder.keep(instruction, operands)
            continue
        builder.moved.append(formula.applied(instruction.op, operands))
    return builder.built()


class _Formula:
    """Adds the instructions of rows and their formulas to a tape; `line` is theirs."""

    def __init__(self, builder: Builder, language: Language, backend: str) -> None:
        self.builder, self.language, self.backend = builder, language, backend
        self.line, self.row = -1, ""

    def applied(self, op: Operation, operands: tuple[Operand, ...]) -> Operand:
        """Add what a row does to operands, and return where its result is."""
        if op is trace_rows.guard or self.language.knows(op):
            return self.builder.add(op, operands, self.line)
        if op in FIRST:
            return operands[0]
        self.row = op.name
        if op.formula is None:
            raise self.refusal("which has no formula, is not known to")
        return self.operand(op.formula(*[_Symbol(self, x) for x in operands]))

    def operand(self, x: Any) -> Operand:
        """Return where a number of a formula is, a constant itself."""
        if isinstance(x, Condition):
            x = x._select(1.0, 0.0)
        return x.place if isinstance(x, _Symbol) else as_float(x)

    def decide(self, node: Any) -> bool:
        """Refuse to say whether a condition holds: a formula is for all numbers."""
        raise self.refusal("whose formula branches where it should choose by where, is not for")

    def refusal(self, why: str) -> BackendError:
        """Build the error for a row that cannot be written."""
        place = f" at {self.builder.tape.lines[self.line]}" if self.line >= 0 else ""
        return BackendError(
            f"the operation {self.row!r}{place}, {why} the {self.backend} backend; choose another "
            "backend: python knows all operations"
        )


class _Symbol(Arithmetic):
    """A number of a formula: the result of an instruction, or a constant."""

    __slots__ = ("formula", "place")

    def __init__(self, formula: _Formula, place: Operand) -> None:
        self.formula, self.place = formula, place

    @staticmethod
    def _record(op: Operation, operands: tuple[Any, ...]) -> Any:
        formula = next(x.formula for x in operands if isinstance(x, _Symbol))
        return _Symbol(formula, formula.applied(op, tuple(map(formula.operand, operands))))

    def _primal(self) -> _Symbol:
        return self

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return self.formula.decide(self)


def _comparison(row: str, swapped: bool, holds: bool) -> Any:
    def method(self: _Symbol, other: Any) -> Condition:
        formula: Any = self.formula
        node: Any = self._record(TRACED[row], (other, self) if swapped else (self, other))
        return Condition(formula, node, holds)

    return method


for _name, _how in COMPARISONS.items():
    setattr(_Symbol, f"__{_name}__", _comparison(*_how))
