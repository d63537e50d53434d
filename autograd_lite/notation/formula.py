"""Formulas: small expressions of names and numbers, made of the table's operations, as text.

The local derivatives among them come from the table itself: a row's rule, applied to Values that
record, gives the expression of the derivative. Two are written as every book has them instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import backprop, ops
from ..modes import Mode, ModeBlock
from ..operation import Operation
from ..value import Value

LARGEST = 40  # operations: a derivative of more is not written out
WIDEST = 1_000  # operands: nor is one of an operation of more
SHOWN_OPERANDS = 6  # of an operation of any number of them

SUM, PRODUCT, SIGN, POWER, ATOM = 1, 2, 3, 4, 9  # how tightly a text holds together
_BINDING = {"add": SUM, "sub": SUM, "mul": PRODUCT, "div": PRODUCT, "quotient": PRODUCT,
            "floordiv": PRODUCT, "mod": PRODUCT, "neg": SIGN, "pos": SIGN,
            "pow": POWER}  # fmt: skip

# Slopes as books have them, of the result y: equal to the table's, which keep their digits where
# y rounds to 1. Only what is written comes from here; every number is the table's.
TEXTBOOK: dict[Operation, Callable[[Any], Any]] = {
    ops.sigmoid: lambda y: y * (1 - y),
    ops.tanh: lambda y: 1 - y**2,
}


@dataclass(frozen=True, slots=True)
class Applied:
    """An operation applied to formulas."""

    op: Operation
    operands: tuple[Formula, ...]


Formula = str | float | Applied  # a name, a number, or an operation applied to such


class _recording(ModeBlock):
    """Records, whatever blocks are open around it."""

    def _changed(self, mode: Mode) -> Mode:
        return Mode()


def local_derivative(
    op: Operation,
    place: int,
    result: tuple[str, float],
    operands: Sequence[str | float],
    numbers: Sequence[float],
) -> Formula | None:
    """Return d result / d operand as a formula, or None where it is not a short one.

    `operands` are names and constants, `numbers` what all of them are, `result` a name and number.

    >>> text(local_derivative(ops.pow, 0, ("b", 9.0), ("a", 2.0), (3.0, 2.0)))
    '2 * a'
    >>> text(local_derivative(ops.cos, 0, ("c", 1.0), ("b",), (0.0,)))
    '-sin(b)'
    """
    if len(operands) > WIDEST:
        return None
    names: dict[Value, str] = {}

    def leaf(name: str, number: float) -> Value:
        value = Value(number)
        names[value] = name
        return value

    y = leaf(*result)
    xs = [x if isinstance(x, float) else leaf(x, n) for x, n in zip(operands, numbers, strict=True)]
    with _recording():
        try:
            if op in TEXTBOOK:
                return _formula(TEXTBOOK[op](y), names)
            if op.arity is None:
                return _formula(op.vjps[0](1.0, y, *xs)[place], names)
            return _formula(op.vjps[place](1.0, y, *xs), names)
        except (ArithmeticError, ValueError):
            return None


def _formula(slope: Any, names: Mapping[Value, str]) -> Formula | None:
    if not isinstance(slope, Value):
        return float(slope)
    order: list[Any] = backprop.topological_order(slope)
    if len(order) > LARGEST:
        return None
    written: dict[Value, Formula] = {}
    for node in order:
        written[node] = simplified(node.op, [_operand(x, written, names) for x in node.operands])
    return _operand(slope, written, names)


def _operand(x: Any, written: Mapping[Value, Formula], names: Mapping[Value, str]) -> Formula:
    if not isinstance(x, Value):
        return float(x)
    return written[x] if x in written else names.get(x, x.data)


def simplified(op: Operation, operands: Iterable[Formula]) -> Formula:
    """Apply an operation to formulas, without the ones that a product does not need.

    >>> text(simplified(ops.mul, (-1.0, "x"))), text(simplified(ops.pow, ("x", 1.0)))
    ('-x', 'x')
    """
    operands = tuple(operands)
    if op is ops.convention_row:  # a number, and what it does not depend on
        return operands[0]
    if op is ops.mul:
        a, b = operands
        if b.__class__ is float and a != 1.0:  # numbers first
            a, b = b, a
        if a == 1.0:
            return b
        return simplified(ops.neg, (b,)) if a == -1.0 else Applied(op, operands)
    if op in (ops.div, ops.pow) and operands[1] == 1.0:
        return operands[0]
    if op is ops.add and operands[1] == 0.0:
        return operands[0]
    if op is ops.neg:
        (x,) = operands
        if isinstance(x, float):
            return -x
        if isinstance(x, Applied) and x.op is ops.neg:
            return x.operands[0]
        if isinstance(x, Applied) and x.op is ops.mul and isinstance(x.operands[0], float):
            return Applied(ops.mul, (-x.operands[0], x.operands[1]))
    return Applied(op, operands)


def symbols(formula: Formula | None) -> list[str]:
    """List the names in a formula, in the order in which they are read.

    >>> symbols(Applied(ops.add, ("a", Applied(ops.mul, (2.0, "b")))))
    ['a', 'b']
    """
    if isinstance(formula, str):
        return [formula]
    if not isinstance(formula, Applied):
        return []
    operands = shortened(formula.operands, SHOWN_OPERANDS)
    return list(dict.fromkeys(name for x in operands for name in symbols(x)))


def shortened(items: Sequence[Any], most: int) -> list[Any]:
    """Return the items, or the first and last of them with None where others are left out.

    >>> shortened(range(10), 4)
    [0, 1, None, 8, 9]
    """
    if len(items) <= most + 1:
        return list(items)
    return [*items[: most - most // 2], None, *items[len(items) - most // 2 :]]


def number(x: float) -> str:
    """Write a number with six significant digits.

    >>> number(-63.0), number(1 / 3), number(-0.0)
    ('-63', '0.333333', '0')
    """
    return f"{x + 0.0:.6g}"


def name(label: str) -> str:
    """Write a name inside a formula, in parentheses where it could be misread.

    >>> name("w1"), name("a + b")
    ('w1', '(a + b)')
    """
    return label if re.fullmatch(r"[^\W\d][\w.\[\]']*", label) else f"({label})"


def text(formula: Formula) -> str:
    """Write a formula as Python would read it.

    >>> text(Applied(ops.mul, (Applied(ops.add, ("a", "b")), -2.0)))
    '(a + b) * (-2)'
    """
    return bound_text(formula)[0]


def bound_text(formula: Formula) -> tuple[str, int]:
    """Return the text of a formula, and how tightly it holds together."""
    if isinstance(formula, str):
        return name(formula), ATOM
    if isinstance(formula, float):
        return number(formula), SIGN if formula < 0 else ATOM
    op, operands = formula.op, formula.operands
    binding = _BINDING.get(op.name, ATOM)
    if binding == ATOM:
        title = op.symbol if op.arity is None or op.symbol.isidentifier() else op.name
        omitted = f"… {len(operands) - SHOWN_OPERANDS:,} more"
        parts = [omitted if x is None else text(x) for x in shortened(operands, SHOWN_OPERANDS)]
        return f"{title}({', '.join(parts)})", ATOM
    if op.arity == 1:
        inner, at = bound_text(operands[0])
        return op.symbol + (inner if at > SIGN else f"({inner})"), SIGN
    (left, at_left), (right, at_right) = map(bound_text, operands)
    is_power = op is ops.pow  # groups from the right
    if at_left < binding + is_power:
        left = f"({left})"
    if at_right < binding + (op not in (ops.add, ops.mul, ops.pow)) or at_right == SIGN:
        right = f"({right})"
    space = "" if is_power else " "
    return f"{left}{space}{op.symbol}{space}{right}", binding
