"""Formulas: small expressions of names and numbers, made of the table's operations.

A formula is read off a recorded graph. The local derivatives come from the table itself in this
way: a row's rule, applied to Values that record, gives the expression of the derivative. Two are
written as every book has them instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .. import backprop, ops
from .._support.wording import legible
from ..modes import Mode, ModeBlock
from ..operation import ATOM, POWER, PRODUCT, SIGN, Operation
from ..value import Value
from .numbers import counted, number

T = TypeVar("T")

LARGEST = 40  # operations: a derivative of more is not written out
WIDEST = 1_000  # operands: nor is one of an operation of more
SHOWN_OPERANDS = 6  # of an operation of any number of them
LABEL = 24  # characters of an expression in a picture; of a name in it 18

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
Bound = tuple[str, int]  # what is written, and how tightly it holds together


def simplified(op: Operation, operands: Iterable[Formula]) -> Formula:
    """Apply an operation to formulas, without the ones that a product does not need.

    >>> text(simplified(ops.mul, (-1.0, "x"))), text(simplified(ops.pow, ("x", 1.0)))
    ('-x', 'x')
    """
    applied = Applied(op, tuple(operands))
    match applied:
        case Applied(ops.convention_row, (slope, *_)):  # a number, and what it does not depend on
            return slope
        case Applied(ops.power_log_row, (0.0, a, b)):  # a power, as slopes have it
            return simplified(ops.pow, (a, b))
        case Applied(ops.mul, (a, float() as b)) if a != 1.0:  # numbers first
            return simplified(op, (b, a)) if not isinstance(a, float) else applied
        case (
            Applied(ops.mul, (1.0, x))
            | Applied(ops.div | ops.pow, (x, 1.0))
            | Applied(ops.add, (x, 0.0))
            | Applied(ops.neg, (Applied(ops.neg, (x,)),))
        ):
            return x
        case Applied(ops.mul, (-1.0, x)):
            return simplified(ops.neg, (x,))
        case Applied(ops.neg, (float() as x,)):
            return -x
        case Applied(ops.neg, (Applied(ops.mul, (float() as a, x)),)):
            return Applied(ops.mul, (-a, x))
    return applied


def symbols(formula: Formula | None) -> list[str]:
    """List the names in a formula, in the order in which they are read.

    >>> symbols(Applied(ops.add, ("a", Applied(ops.mul, (2.0, "b")))))
    ['a', 'b']
    """
    if isinstance(formula, Applied):
        operands = shortened(formula.operands, SHOWN_OPERANDS)
        return list(dict.fromkeys(name for x in operands for name in symbols(x)))
    return [formula] if isinstance(formula, str) else []


def shortened(items: Sequence[Any], most: int) -> list[Any]:
    """Return the items, or the first and last of them with None where others are left out.

    >>> shortened(range(10), 4)
    [0, 1, None, 8, 9]
    """
    if len(items) <= most + 1:
        return list(items)
    return [*items[: most - most // 2], None, *items[len(items) - most // 2 :]]


def _ends(write: Callable[[Any], T], operands: Sequence[Any], unread: T) -> list[T]:
    """Write each operand but those in the middle of so many that nobody reads them."""
    first, last = SHOWN_OPERANDS, len(operands) - SHOWN_OPERANDS
    return [unread if first <= i < last else write(x) for i, x in enumerate(operands)]


# --- written ------------------------------------------------------------------------------------


def is_loose(op: Operation, place: int, binding: int) -> bool:
    """Tell whether an operand, which holds together so tightly, needs parentheses at its place."""
    if op.precedence == ATOM:
        least = ATOM
    elif op.arity == 1:
        least = SIGN + 1
    elif place == 0:
        least = op.precedence + (op.precedence == POWER)  # powers group from the right
    elif op.symbol in ("/", "//", "%"):
        least = PRODUCT + 1
    else:
        least = op.precedence + (op.symbol == "-")
    return binding < least or (place > 0 and binding == SIGN)


class Notation:
    """A way of writing formulas: this one as Python would read them, `latex.Latex` another."""

    times = " · "  # between the factors of a product
    digits = 6
    enclosed = "({})".format  # what is in parentheses
    derivative = "∂{}/∂{}".format  # of what, by what
    more = "… {:,} more".format  # how many operands
    left_out = "… {:,} more {} …".format  # how many of what, in a sum, a product or a list

    def __call__(self, formula: Formula) -> str:
        """Write a formula.

        >>> text(Applied(ops.mul, (Applied(ops.add, ("a", "b")), -2.0)))
        '(a + b) * (-2)'
        """
        return self.bound(formula)[0]

    def bound(self, formula: Formula) -> Bound:
        """Return what is written for a formula, and how tightly it holds together."""
        if isinstance(formula, str):
            return self.name(formula), ATOM
        if isinstance(formula, Applied):
            return self.applied(formula.op, _ends(self.bound, formula.operands, ("", ATOM)))
        written = self.number(formula)
        if "^" in written:  # LaTeX writes 2e+9 as a product with a power of ten
            return written, PRODUCT
        return written, SIGN if formula < 0 else ATOM

    def factor(self, formula: Formula) -> str:
        """Write a formula as a factor: a sum or a product in parentheses."""
        written, binding = self.bound(formula)
        return written if binding >= POWER else self.enclosed(written)

    def name(self, label: str) -> str:
        """Write a name inside a formula, in parentheses where it could be misread.

        >>> text.name("w1"), text.name("a + b")
        ('w1', '(a + b)')
        """
        return label if re.fullmatch(r"[^\W\d][\w.\[\]']*", label) else f"({label})"

    def number(self, x: float) -> str:
        """Write a number."""
        return number(x, self.digits)

    def applied(self, op: Operation, operands: list[Bound]) -> Bound:
        """Write an operation whose operands are written."""
        if op.precedence == ATOM:
            title = op.symbol if op.arity is None or op.symbol.isidentifier() else op.name
            return f"{title}({self.listed(operands)})", ATOM
        parts = [
            self.enclosed(part) if is_loose(op, i, binding) else part
            for i, (part, binding) in enumerate(operands)
        ]
        space = " " if op.precedence < SIGN else ""
        sign = f"{space}{op.symbol}{space}"
        return sign.join(["", *parts] if op.arity == 1 else parts), op.precedence

    def listed(self, operands: list[Bound]) -> str:
        """Write operands with commas between, the first and last of many."""
        more = self.more(len(operands) - SHOWN_OPERANDS)
        few = shortened(operands, SHOWN_OPERANDS)
        return ", ".join([more if x is None else x[0] for x in few])

    def partial(self, of: str, by: str) -> str:
        """Write the derivative of one name by another."""
        return self.derivative(self.name(of), self.name(by))


text = Notation()


class _Label(Notation):
    """Writes what a picture has room for."""

    digits = 4

    def name(self, label: str) -> str:
        return legible(label, 18)

    def listed(self, operands: list[Bound]) -> str:
        if len(operands) > 3:
            return counted(len(operands), "operand")
        return super().listed(operands)


_label = _Label()

# --- read off recorded graphs -------------------------------------------------------------------


def expression(node: Any) -> str:
    """Write how a node was computed, from names and constants; what is deep in it as an ellipsis.

    >>> a, b = Value(2.0, name="a"), Value(3.0, name="b")
    >>> expression((a + b) * a - 1)
    '(a + b) * a - 1'
    """
    for depth in (3, 2, 1):
        written = _label(Applied(node.op, _operands(node, depth, Applied)))
        if len(written) <= LABEL:
            return written
    return legible(node.op.symbol)


Apply = Callable[[Operation, tuple["Formula", ...]], "Formula"]


def _operands(node: Any, depth: int, apply: Apply) -> tuple[Formula, ...]:
    return tuple(_ends(lambda x: _recorded(x, depth - 1, apply), node.operands, "…"))


def _recorded(x: Any, depth: int, apply: Apply) -> Formula:
    """Read a recorded number as a formula, so many operations deep: what has a name is a name."""
    if not isinstance(x, Value):
        return float(x)
    if x.name is not None or x.op is None:
        return x.data if x.name is None else x.name
    return apply(x.op, _operands(x, depth, apply)) if depth else "…"


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
    y, *xs = [
        Value(n, name=x) if isinstance(x, str) else x
        for x, n in zip((result[0], *operands), (result[1], *numbers), strict=True)
    ]
    with _recording():
        try:
            wanted = [i == place for i in range(len(xs))]
            textbook = TEXTBOOK.get(op)
            slope = textbook(y) if textbook else op.cotangents(1.0, y, xs, wanted)[place]
        except (ArithmeticError, ValueError):
            return None
    sizes: dict[Any, int] = {}  # of the formula: what is used twice is written twice
    for node in backprop.topological_order(slope) if isinstance(slope, Value) else ():
        sizes[node] = 1 + sum([sizes.get(x, 0) for x in node.operands])
    return None if sizes.get(slope, 0) > LARGEST else _recorded(slope, LARGEST, simplified)
