"""Passes: from a tape to one that computes the same numbers, to the last bit, in fewer operations.

Nothing is reassociated, and nothing rewritten that is not exact: x * 1 is x, x - 0 is x, but x + 0
is not, for x may be -0.
"""

from __future__ import annotations

import struct
from typing import Any

from .. import ops, trace_rows
from ..operation import Operation
from .tape import Builder, Instruction, Operand, Tape

_bits = struct.Struct("d").pack


def simplified(tape: Tape) -> Tape:
    """Run all passes."""
    exact = with_exact_algebra(with_constants_folded(tape))
    return without_dead_code(with_common_results(with_signs_outward(exact)))


def with_exact_algebra(tape: Tape) -> Tape:
    """Leave out what gives one of its operands: x * 1, x / 1, x**1, x - 0, +x, a known choice."""
    builder = Builder(tape)
    for instruction in tape.instructions:
        operands = builder.operands(instruction)
        same = _operand_given(instruction[0], operands)
        if same is None:
            builder.keep(instruction, operands)
        else:
            builder.moved.append(same)
    return builder.built()


def _operand_given(op: Operation, operands: tuple[Operand, ...]) -> Operand | None:
    if len(operands) == 2:
        a, b = operands
        if b.__class__ is float:
            if (b == 1.0 and op in _UNCHANGED_BY_1) or (op is ops.sub and _bits(b) == _bits(0.0)):
                return a
        elif a.__class__ is float and a == 1.0 and op is ops.mul:
            return b
        return _decided(op is trace_rows.both, a, b) if op in _JOINED else None
    if op is ops.pos:
        return operands[0]
    if op is trace_rows.select and operands[0].__class__ is float:
        return operands[1] if operands[0] else operands[2]
    return None


_UNCHANGED_BY_1 = {ops.mul, ops.div, ops.quotient_row, ops.pow}
_JOINED = {trace_rows.both, trace_rows.either}


def _decided(both: bool, a: Operand, b: Operand) -> Operand | None:
    """Return what two conditions come to where one is a constant, or they are the same."""
    for x, other in ((a, b), (b, a)):
        if x.__class__ is float:
            return other if bool(x) is both else float(not both)
    return a if a == b else None


def with_constants_folded(tape: Tape) -> Tape:
    """Work out what has constant operands only, and leave out the guards on constants.

    What raises there is left as it is, to raise when it is run. In lanes a constant is one for
    each, so what makes lanes, or takes them together, stays.
    """
    builder = Builder(tape)
    for instruction in tape.instructions:
        operands = builder.operands(instruction)
        op = instruction.op
        if op.linear or int in map(type, operands):
            builder.keep(instruction, operands)
            continue
        try:
            builder.moved.append(op.evaluate(operands))
        except (ArithmeticError, ValueError):
            builder.keep(instruction, operands)
    return builder.built()


def with_signs_outward(tape: Tape) -> Tape:
    """Let sums take up the signs of their terms: (-x) * y is -(x * y), and z + -x is z - x.

    A difference has the derivative -g for what it takes away, so there are many.
    """
    builder = Builder(tape)
    negated: dict[int, Operand] = {}  # what the result at a place is the negative of
    for instruction in tape.instructions:
        op, operands = instruction[0], builder.operands(instruction)
        place = None
        if negated and op in _TAKE_SIGNS:
            inner = [negated.get(x) if x.__class__ is int else None for x in operands]
            place = _without_signs(instruction, operands, inner, builder, negated)
        if place is not None:
            builder.moved.append(place)
            continue
        place = builder.keep(instruction, operands)
        if op is ops.neg:
            negated[place] = operands[0]
    return builder.built()


_TAKE_SIGNS = {ops.add, ops.sub, ops.mul, ops.div, ops.neg}


def _without_signs(
    instruction: Instruction, operands: tuple[Operand, ...], inner: list[Operand | None],
    builder: Builder, negated: dict[int, Operand],
) -> Operand | None:  # fmt: skip
    """Add what an instruction comes to without the signs of its operands, if it has any."""
    op, _, line = instruction
    if op in (ops.mul, ops.div) and inner != [None, None]:
        pairs = zip(operands, inner, strict=True)
        place = builder.add(op, tuple([x if y is None else y for x, y in pairs]), line)
        if None in inner:
            unsigned, place = place, builder.add(ops.neg, (place,), line)
            negated[place] = unsigned
        return place
    if op is ops.neg:
        return inner[0]
    if op in (ops.add, ops.sub) and inner[1] is not None:
        other = ops.sub if op is ops.add else ops.add
        return builder.add(other, (operands[0], inner[1]), line)
    if op is ops.add and inner[0] is not None:
        return builder.add(ops.sub, (operands[1], inner[0]), line)
    return None


def with_common_results(tape: Tape) -> Tape:
    """Compute what is computed twice once, and ask each guard once.

    Constants are told apart by their bits: 0.0 and -0.0 are equal, but not the same.
    """
    builder = Builder(tape)
    known: dict[Any, int] = {}
    for instruction in tape.instructions:
        operands = builder.operands(instruction)
        if len(operands) == 2:  # mostly, and quicker than a loop
            a, b = operands
            key: Any = (
                instruction[0],
                a if a.__class__ is int else _bits(a),
                b if b.__class__ is int else _bits(b),
            )
        else:
            bits = [x if x.__class__ is int else _bits(x) for x in operands]
            key = (instruction[0], *bits)
        place = known.get(key)
        if place is None:
            known[key] = builder.keep(instruction, operands)
        else:
            builder.moved.append(place)
    return builder.built()


def without_dead_code(tape: Tape, raising: bool = True) -> Tape:
    """Leave out total operations that nothing depends on; in lanes all of them.

    One number that makes its operation raise is an error to report, though nobody asked for the
    result. Lanes follow IEEE 754 and never raise, nor does a language where nothing is `raising`.
    """
    inputs, lanes = len(tape.inputs), tape.lanes()
    live = [False] * (inputs + len(tape.instructions))
    for x in tape.outputs:
        if x.__class__ is int:
            live[x] = True
    for i in range(len(tape.instructions) - 1, -1, -1):
        op, operands, _ = tape.instructions[i]
        needed = live[inputs + i] or op is trace_rows.guard
        if needed or (raising and not (op.total or lanes[inputs + i])):
            live[inputs + i] = True
            for x in operands:
                if x.__class__ is int:
                    live[x] = True
    if all(live[inputs:]):
        return tape
    builder = Builder(tape)
    for place, instruction in tape.numbered():
        if live[place]:
            builder.keep(instruction, builder.operands(instruction))
        else:
            builder.moved.append(0.0)
    return builder.built()
