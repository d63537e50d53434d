"""The whitelist of expressions: from a node of Python's syntax tree to a function, or an error.

Each node that is allowed becomes a function from what the names stand for to a number. Nothing of
the tree is left then but the table's operations, and those work on floats: a text can do no harm,
and no number grows without bound.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from .. import ops
from .._support.wording import did_you_mean, shortened
from ..errors import ExpressionError
from ..operation import TABLE, Operation
from ..value import Value

Values = Mapping[str, Value | float]
Rule = Callable[[Values], Any]

FUNCTIONS_BESIDE_TABLE = ("swish", "where")

_ARITHMETIC: dict[type, Operation] = {
    ast.Add: ops.add, ast.Sub: ops.sub, ast.Mult: ops.mul, ast.Div: ops.div,
    ast.FloorDiv: ops.floordiv, ast.Mod: ops.mod, ast.Pow: ops.pow,
}  # fmt: skip
_SIGNS: dict[type, Operation] = {ast.UAdd: ops.pos, ast.USub: ops.neg}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip

# What else Python's grammar has, in words, with a remedy where one is likely to be wanted.
_IN_WORDS: dict[type, str] = {
    ast.Attribute: "an attribute",
    ast.BitAnd: "a bitwise and; write `and` between conditions",
    ast.BitOr: "a bitwise or; write `or` between conditions",
    ast.BitXor: "an exclusive or; write ** for a power",
    ast.BoolOp: "a condition, not a number; write 1 if ... else 0",
    ast.Call: "a call of something else than an operation's name",
    ast.Compare: "a condition, not a number; write 1 if ... else 0",
    ast.Dict: "a dict",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.JoinedStr: "an f-string",
    ast.Lambda: "a lambda",
    ast.List: "a list, not a number; lists go into sum([x, y]), dot([x, y], [1, 2]) and the like",
    ast.ListComp: "a comprehension",
    ast.NamedExpr: "an assignment",
    ast.Not: "a condition, not a number; write 1 if ... else 0",
    ast.Set: "a set",
    ast.SetComp: "a comprehension",
    ast.Starred: "a starred operand",
    ast.Subscript: "an index",
    ast.Tuple: "several numbers, not one; a decimal point is written 3.5",
    bool: "a truth value; write 1 or 0",
    bytes: "a text",
    complex: "a complex number",
    str: "a text",
}
_ALLOWED = (
    "allowed are numbers, names, + - * / // % **, comparisons, and, or, not, "
    "a if c else b, and operations such as exp(x)"
)


class Reader:
    """Turns the nodes that are allowed into functions, and meets the names on the way."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.names: dict[str, None] = {}

    def number(self, node: ast.expr) -> Rule:
        """Turn a node that stands for a number into a function; ExpressionError for any other."""
        match node:
            case ast.Constant(value=float() | int() as value) if not isinstance(value, bool):
                return self._literal(node, value)
            case ast.Name(id=name):
                self.names[name] = None
                return operator.itemgetter(name)
            case ast.BinOp():
                return self._chain(node)
            case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _SIGNS:
                return _applied(_SIGNS[type(sign)], [self.number(operand)])
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._choice(test, body, orelse)
            case ast.Call(func=ast.Name(id=name), args=operands, keywords=keywords):
                if keywords:
                    raise self._error(node, "is a call with keywords; operands go by place")
                return self._call(node, name, operands)
        raise self._error(node)

    def _literal(self, node: ast.expr, value: float) -> Rule:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isinf(number):
            raise self._error(node, "is too large for a float (the largest is about 1.8e308)")
        return lambda values: number

    def _chain(self, node: ast.expr) -> Rule:
        """Read a + b + c ... as one loop, so that a long sum is no deep one."""
        parts: list[ast.BinOp] = []
        while isinstance(node, ast.BinOp):
            if type(node.op) not in _ARITHMETIC:
                raise self._error(node, _in_words(node.op))
            parts.append(node)
            node = node.left
        first = self.number(node)
        links = [(_ARITHMETIC[type(x.op)], self.number(x.right)) for x in reversed(parts)]

        def rule(values: Values) -> Any:
            result = first(values)
            for operation, operand in links:
                result = operation(result, operand(values))
            return result

        return rule

    def _choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> Rule:
        holds, then, otherwise = self._condition(test), self.number(body), self.number(orelse)
        return lambda values: then(values) if holds(values) else otherwise(values)

    def _call(self, node: ast.expr, name: str, operands: list[ast.expr]) -> Rule:
        row = TABLE.get("silu" if name == "swish" else name)
        if name == "where":  # of both branches only the one taken is evaluated
            self._check_count(node, name, operands, 3, 3)
            return self._choice(*operands)
        if row is None:
            hint = did_you_mean(name, [*TABLE, *FUNCTIONS_BESIDE_TABLE]) or f"; {_ALLOWED}"
            raise self._error(node, f"is not an operation{hint}", shown=name)
        if row is ops.dot_row:
            return self._dot(node, operands)
        if row.arity is None:
            match operands:
                case [ast.List(elts=xs) | ast.Tuple(elts=xs)]:
                    operands = xs
            return _applied(row, self._numbers(operands))
        self._check_count(node, name, operands, row.arity - len(row.defaults), row.arity)
        return _applied(row, self._numbers(operands))

    def _dot(self, node: ast.expr, operands: list[ast.expr]) -> Rule:
        match operands:
            case [
                ast.List(elts=xs) | ast.Tuple(elts=xs),
                ast.List(elts=ys) | ast.Tuple(elts=ys),
                *start,
            ] if len(xs) == len(ys) and len(start) <= 1:
                return _applied(ops.dot_row, self._numbers([*xs, *ys, *start]))
        raise self._error(
            node, "is not what dot expects: two lists of one length, dot([x, y], [1, 2])"
        )

    def _numbers(self, nodes: list[ast.expr]) -> list[Rule]:
        return [self.number(node) for node in nodes]

    def _condition(self, node: ast.expr) -> Callable[[Values], bool]:
        match node:
            case ast.Compare(left=left, ops=signs, comparators=others):
                return self._comparison(node, [left, *others], signs)
            case ast.BoolOp(op=connective, values=parts):
                combine = all if isinstance(connective, ast.And) else any
                conditions = [self._condition(part) for part in parts]
                return lambda values: combine(holds(values) for holds in conditions)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                holds = self._condition(operand)
                return lambda values: not holds(values)
        number = self.number(node)
        return lambda values: bool(number(values))

    def _comparison(
        self, node: ast.expr, operands: list[ast.expr], signs: list[ast.cmpop]
    ) -> Callable[[Values], bool]:
        if not all(type(sign) in _COMPARISONS for sign in signs):
            raise self._error(node, "is not a comparison by < <= > >= == or !=")
        compare = [_COMPARISONS[type(sign)] for sign in signs]
        first, *others = self._numbers(operands)

        def holds(values: Values) -> bool:
            left = first(values)
            for is_so, operand in zip(compare, others, strict=True):
                right = operand(values)
                if not is_so(left, right):
                    return False
                left = right
            return True

        return holds

    def _check_count(
        self, node: ast.expr, name: str, operands: list[ast.expr], least: int, most: int
    ) -> None:
        if not least <= len(operands) <= most:
            wanted = f"{most}" if least == most else f"{least} to {most}"
            operand = "operand" if most == 1 else "operands"
            what = f"expects {wanted} {operand}, got {len(operands)}"
            raise self._error(node, what, shown=name)

    def _error(self, node: ast.expr, what: str = "", shown: str = "") -> ExpressionError:
        column = len(self.source.encode()[: node.col_offset].decode()) + 1
        shown = shortened(shown or ast.get_source_segment(self.source, node) or "")
        return ExpressionError(f"{shown} at column {column} {what or _in_words(node)}")


def _applied(row: Operation, operands: list[Rule]) -> Rule:
    if row.arity is None:
        return lambda values: row.apply(tuple([operand(values) for operand in operands]))
    return lambda values: row(*[operand(values) for operand in operands])


def _in_words(node: ast.AST) -> str:
    key: type = type(node)
    if isinstance(node, ast.Constant):
        key = type(node.value)
    elif isinstance(node, ast.UnaryOp):
        key = type(node.op)
    words = "is " + _IN_WORDS.get(key, "not allowed")
    return words if ";" in words else f"{words}; {_ALLOWED}"
