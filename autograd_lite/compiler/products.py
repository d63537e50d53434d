"""Products of lanes and numbers: where a tape has them in groups, a library multiplies matrices.

A neuron is a dot of weights, one number each, and inputs in lanes; a layer is a group of them with
the same inputs, and so one product of a matrix and the stacked inputs. The derivative for an input
is a sum of products, the same thing once it is written as a dot; those for the weights are sums
over lanes of products, and again one product of two matrices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .. import ops, trace_rows
from .tape import Builder, Operand, Tape


def widths(tape: Tape) -> list[bool]:
    """Tell of each place whether its lanes may differ: those of a broadcast number do not."""
    wide = [x.lanes > 0 for x in tape.inputs]
    for op, operands, _ in tape.instructions:
        different = any(wide[x] for x in operands if x.__class__ is int)
        wide.append(different and op is not trace_rows.lane_sum)
    return wide


class Dot(NamedTuple):
    """A sum of numbers times lanes, and what it starts from."""

    numbers: tuple[Operand, ...]
    lanes: tuple[Operand, ...]
    start: Operand


def as_dot(operands: Sequence[Operand], wide: Sequence[bool]) -> Dot | None:
    """Return the operands of a dot as numbers and lanes, None where they are not apart."""
    n = len(operands) // 2
    start = operands[-1] if len(operands) % 2 else 0.0
    halves = tuple(operands[:n]), tuple(operands[n : 2 * n])
    kinds = [{x.__class__ is int and wide[x] for x in half} for half in halves]
    if kinds == [{False}, {True}]:
        return Dot(halves[0], halves[1], start)
    return Dot(halves[1], halves[0], start) if kinds == [{True}, {False}] else None


def with_dots(tape: Tape) -> Tape:
    """Write sums of numbers times lanes as dots: their terms are added in the same order."""
    wide, uses = widths(tape), tape.uses()
    builder = Builder(tape)
    terms: dict[int, list[tuple[Operand, Operand]]] = {}  # of sums so far, in the old places
    for place, instruction in tape.numbered():
        op, operands, line = instruction
        if op is ops.mul and wide[place]:
            a, b = operands
            if not all(x.__class__ is int and wide[x] for x in operands):
                terms[place] = [(b, a) if a.__class__ is int and wide[a] else (a, b)]
        elif op is ops.add and all(
            x.__class__ is int and x in terms and uses[x] == 1 for x in operands
        ):
            terms[place] = [pair for x in operands for pair in terms[x]]
            if len(terms[operands[1]]) > 1:  # not added from the left
                del terms[place]
        made = operands[0] if operands and operands[0].__class__ is int else -1
        below = tape.instructions[made - len(tape.inputs)] if made >= len(tape.inputs) else None
        if op is trace_rows.lane_sum and below is not None and below.op is ops.neg:
            inner = builder.operands(below)[0], operands[1]
            builder.moved.append(builder.add(ops.neg, (builder.add(op, inner, line),), line))
        elif len(terms.get(place, ())) > 1:
            numbers, lanes = zip(*terms[place], strict=True)
            moved = [builder.moved[x] if x.__class__ is int else x for x in (*numbers, *lanes)]
            builder.moved.append(builder.add(ops.dot_row, tuple(moved), line))
        else:
            builder.keep(instruction, builder.operands(instruction))
    return builder.built()


class Sums(NamedTuple):
    """Sums over lanes that are made together: `places[i][j]` of `left[i]` times `right[j]`.

    Without a right side they are of the left ones alone.
    """

    places: list[list[int]]
    left: tuple[Operand, ...]
    right: tuple[Operand, ...]


def grouped(sums: dict[int, tuple[Operand, ...]]) -> Iterator[Sums]:
    """Group sums over lanes, of one operand or of the product of two, as matrices have them."""
    rows: dict[Operand, dict[Operand | None, int]] = {}
    for place, operands in sums.items():
        other = operands[1] if len(operands) == 2 else None
        rows.setdefault(operands[0], {})[other] = place
    alone = [(a, row.pop(None)) for a, row in rows.items() if None in row]
    if alone:
        yield Sums([[place] for _, place in alone], tuple([a for a, _ in alone]), ())
    by_right: dict[tuple[Operand, ...], list[Operand]] = {}
    for a, row in rows.items():
        if row:
            by_right.setdefault(tuple(row), []).append(a)
    for right, left in by_right.items():
        yield Sums([[rows[a][b] for b in right] for a in left], tuple(left), right)
