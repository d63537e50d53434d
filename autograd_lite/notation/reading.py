"""Expressions written as text, such as "x * tanh(y)": read by a whitelist, never executed.

Each node of Python's syntax tree that is allowed becomes a function from what the names stand for
to a number. Nothing of the tree is left then but the table's operations, and those work on floats:
a text can do no harm, and no number grows without bound.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise
from typing import Any

from .. import ops
from .._support.wording import count, did_you_mean, shortened
from ..errors import ExpressionError
from ..operation import TABLE, Operation
from ..value import Value, recorded

Values = Mapping[str, Value | float]
Rule = Callable[[Values], Any]

MAX_LENGTH = 10_000  # characters
MAX_DEPTH = 100  # levels; a few frames each, well below Python's limit of 1000
CONSTANTS = {"e": math.e, "inf": math.inf, "nan": math.nan, "pi": math.pi, "tau": math.tau}
FUNCTIONS_BESIDE_TABLE = ("swish", "where")
_ASSIGNMENT = re.compile(r"[^<>=!]=[^=]")
_LONG_NUMBER = re.compile(r"[0-9_]{1000,}")

_ARITHMETIC: dict[type, Operation] = {
    ast.Add: ops.add, ast.Sub: ops.sub, ast.Mult: ops.mul, ast.Div: ops.div,
    ast.FloorDiv: ops.floordiv, ast.Mod: ops.mod, ast.Pow: ops.pow,
    ast.UAdd: ops.pos, ast.USub: ops.neg,
}  # fmt: skip
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip

# What else Python's grammar has, in words, with a remedy where one is likely to be wanted.
_IN_WORDS: dict[type, str] = {
    ast.Attribute: "an attribute", ast.Dict: "a dict", ast.JoinedStr: "an f-string",
    ast.Lambda: "a lambda", ast.NamedExpr: "an assignment", ast.Set: "a set",
    ast.Starred: "a starred operand", ast.Subscript: "an index", complex: "a complex number",
    ast.BitAnd: "a bitwise and; write `and` between conditions",
    ast.BitOr: "a bitwise or; write `or` between conditions",
    ast.BitXor: "an exclusive or; write ** for a power",
    ast.Call: "a call of something else than an operation's name",
    ast.List: "a list, not a number; lists go into sum([x, y]), dot([x, y], [1, 2]) and the like",
    ast.Tuple: "several numbers, not one; a decimal point is written 3.5",
    bool: "a truth value; write 1 or 0",
    **dict.fromkeys((bytes, str), "a text"),
    **dict.fromkeys((ast.DictComp, ast.GeneratorExp, ast.ListComp, ast.SetComp), "a comprehension"),
    **dict.fromkeys((ast.And, ast.Compare, ast.Not, ast.Or),
                    "a condition, not a number; write 1 if ... else 0"),
}  # fmt: skip
_TOO_LARGE = "is too large for a float (the largest is about 1.8e308)"
_ALLOWED = (
    "allowed are numbers, names, + - * / // % **, comparisons, and, or, not, "
    "a if c else b, and operations such as exp(x)"
)


@dataclass(frozen=True)
class Expression:
    """A text that has been read: what `parse` returns, to evaluate at any values of its names."""

    text: str
    names: tuple[str, ...]
    _rule: Rule = field(repr=False, compare=False)

    def evaluate(self, variables: Values) -> Value:
        """Evaluate, with each name one leaf of that name; numbers become Values, Values stay.

        Raises ExpressionError where a name has no value, DomainError and RangeError as the
        operations do.

        >>> x = Value(3.0, name="x")
        >>> parse("x ** y").evaluate({"x": x, "y": 2.0}).data
        9.0
        """
        # Python reads identifiers in this normal form: the micro sign is the letter mu.
        given = {unicodedata.normalize("NFKC", name): x for name, x in variables.items()}
        missing = [name for name in self.names if name not in given and name not in CONSTANTS]
        if missing:
            raise ExpressionError(_missing(missing, given))
        leaves = {
            name: x if isinstance(x, Value) else Value(x, name=name)
            for name, x in given.items()
            if name in self.names
        }
        return recorded(self._rule({**CONSTANTS, **leaves}))


def parse(text: str) -> Expression:
    """Read an expression made of numbers, names and the table's operations.

    Raises ExpressionError for anything else, TypeError where `text` is no text.

    >>> parse("a * x + b").names
    ('a', 'x', 'b')
    >>> parse("__import__('os')")
    Traceback (most recent call last):
        ...
    autograd_lite.errors.ExpressionError: '__import__' at column 1 is not an operation; ...
    """
    if not isinstance(text, str):
        raise TypeError(f"an expression is a text, got {type(text).__name__}: {text!r}")
    _check_size(text)
    source = text.translate({10: " ", 13: " "}).strip()  # one line, and so columns that tell where
    reader = _Reader(source)
    rule = reader.number(_tree(source))
    return Expression(source, tuple(reader.names), rule)


def evaluate(text: str, variables: Values) -> Value:
    """Evaluate an expression at these values of its names; see `Expression.evaluate`.

    `pi`, `e`, `tau`, `inf` and `nan` have their values unless given others.

    >>> x = Value(2.0, name="x")
    >>> y = evaluate("x ** 2 if 0 < x < 5 else 25", {"x": x})
    >>> y.backward()
    >>> y.data, x.grad
    (4.0, 4.0)
    """
    return parse(text).evaluate(variables)


# --- before anything else: texts that Python's own parser should not be given ---------------------


def _check_size(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise _too_large(f"has {len(text)} characters, the most is {MAX_LENGTH}")
    depth = 0
    for i, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_DEPTH:
            raise _too_deep(f"at column {i + 1}")
    if number := _LONG_NUMBER.search(text):
        raise ExpressionError(
            f"the number at column {number.start() + 1} has {len(number[0])} digits; "
            "a float keeps 17 of them"
        )


def _tree(source: str) -> ast.expr:
    if not source:
        raise ExpressionError("the expression is empty; write one such as x * tanh(y)")
    if "#" in source:
        raise ExpressionError(f"{shortened(source)} has a comment; leave out what follows #")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as of `1if x else 2`, which is fine here
            tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        raise _not_python(source, error) from None
    except (RecursionError, MemoryError):
        raise _too_deep("or chains too many operators") from None
    except ValueError:  # a null character, half a surrogate pair
        raise ExpressionError(f"{shortened(source)} has a character that is no text") from None
    if _depth(tree) > MAX_DEPTH:
        raise _too_deep("in its operators")
    return tree


def _depth(tree: ast.AST) -> int:
    """Count levels of nesting, without recursion; a chain such as a + b + c is one level."""
    deepest, todo = 0, [(tree, 1)]
    while todo:
        node, level = todo.pop()
        deepest = max(deepest, level)
        chained = node.left if isinstance(node, ast.BinOp) else None
        todo += [(x, level + (x is not chained)) for x in ast.iter_child_nodes(node)]
    return deepest


# --- the whitelist ------------------------------------------------------------------------------


@dataclass
class _Reader:
    """Turns the nodes that are allowed into functions, and meets the names on the way."""

    source: str
    names: dict[str, None] = field(default_factory=dict)

    def number(self, node: ast.expr) -> Rule:
        """Turn a node that stands for a number into a function; ExpressionError for any other."""
        match node:
            case ast.Constant(value=float() | int() as value) if not isinstance(value, bool):
                if value > sys.float_info.max:
                    raise self._error(node, _TOO_LARGE)
                number = float(value)
                return lambda values: number
            case ast.Name(id=name):
                self.names[name] = None
                return operator.itemgetter(name)
            case ast.BinOp():
                return self._chain(node)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=operand):
                return _applied(_ARITHMETIC[type(sign)], [self.number(operand)])
            case (
                ast.IfExp(test=test, body=body, orelse=orelse)
                | ast.Call(func=ast.Name(id="where"), args=[test, body, orelse], keywords=[])
            ):
                holds, then, other = self.condition(test), self.number(body), self.number(orelse)
                return lambda values: then(values) if holds(values) else other(values)
            case ast.Call(func=ast.Name(id=name), args=operands, keywords=keywords):
                if keywords:
                    raise self._error(node, "is a call with keywords; operands go by place")
                return self._call(node, name, operands)
        raise self._error(node)

    def condition(self, node: ast.expr) -> Rule:
        """Turn a node whose truth is asked into a function."""
        match node:
            case ast.Compare(left=left, ops=signs, comparators=others):
                if not all(type(sign) in _COMPARISONS for sign in signs):
                    raise self._error(node, "is not a comparison by < <= > >= == or !=")
                operands = [self.number(each) for each in (left, *others)]
                return _compared([_COMPARISONS[type(sign)] for sign in signs], operands)
            case ast.BoolOp(op=connective, values=parts):
                combine = all if isinstance(connective, ast.And) else any
                conditions = [self.condition(part) for part in parts]
                return lambda values: combine(holds(values) for holds in conditions)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                holds = self.condition(operand)
                return lambda values: not holds(values)
        return self.number(node)

    def _chain(self, node: ast.expr) -> Rule:
        """Read a + b + c ... as one loop, so that a long sum is no deep one."""
        links: list[tuple[Operation, ast.expr]] = []
        while isinstance(node, ast.BinOp):
            if type(node.op) not in _ARITHMETIC:
                raise self._error(node, _in_words(node.op))
            links.append((_ARITHMETIC[type(node.op)], node.right))
            node = node.left
        first = self.number(node)
        rules = [(row, self.number(right)) for row, right in reversed(links)]
        return lambda values: reduce(lambda y, x: x[0](y, x[1](values)), rules, first(values))

    def _call(self, node: ast.expr, name: str, operands: list[ast.expr]) -> Rule:
        if name == "where":
            raise self._error(node, f"expects 3 operands, got {len(operands)}", shown=name)
        row = TABLE.get("silu" if name == "swish" else name)
        if row is None:
            hint = did_you_mean(name, [*TABLE, *FUNCTIONS_BESIDE_TABLE]) or f"; {_ALLOWED}"
            raise self._error(node, f"is not an operation{hint}", shown=name)
        if row.arity is None:
            operands = self._listed(node, row, operands)
        elif not row.arity - len(row.defaults) <= len(operands) <= row.arity:
            least = f"{row.arity - len(row.defaults)} to " if row.defaults else ""
            what = f"expects {least}{count(row.arity, 'operand')}, got {len(operands)}"
            raise self._error(node, what, shown=name)
        return _applied(row, [self.number(operand) for operand in operands])

    def _listed(self, node: ast.expr, row: Operation, operands: list[ast.expr]) -> list[ast.expr]:
        """Return the operands of a row of any number of them, written as a list, or two for dot."""
        lists = [x.elts for x in operands[:2] if isinstance(x, ast.List | ast.Tuple)]
        if row is not ops.dot_row:
            return lists[0] if lists and len(operands) == 1 else operands
        if len(lists) == 2 and len(lists[0]) == len(lists[1]) and len(operands) <= 3:
            return [*lists[0], *lists[1], *operands[2:]]
        what = "is not what dot expects: two lists of one length, dot([x, y], [1, 2])"
        raise self._error(node, what)

    def _error(self, node: ast.expr, what: str = "", shown: str = "") -> ExpressionError:
        column = len(self.source.encode()[: node.col_offset].decode()) + 1
        shown = shortened(shown or ast.get_source_segment(self.source, node) or "")
        return ExpressionError(f"{shown} at column {column} {what or _in_words(node)}")


def _applied(row: Operation, operands: list[Rule]) -> Rule:
    if row.arity is None:
        return lambda values: row.apply(tuple([operand(values) for operand in operands]))
    return lambda values: row(*[operand(values) for operand in operands])


def _compared(comparisons: list[Callable[[Any, Any], bool]], operands: list[Rule]) -> Rule:
    def holds(values: Values) -> bool:  # as in Python, no further than to the first that is not so
        pairs = pairwise(operand(values) for operand in operands)
        return all(is_so(*pair) for is_so, pair in zip(comparisons, pairs, strict=True))

    return holds


def _in_words(node: ast.AST) -> str:
    kind = node.value if isinstance(node, ast.Constant) else getattr(node, "op", node)
    words = "is " + _IN_WORDS.get(type(kind), "not allowed")
    return words if ";" in words else f"{words}; {_ALLOWED}"


# --- what to say ----------------------------------------------------------------------------------


def _too_large(what: str) -> ExpressionError:
    return ExpressionError(f"the expression {what}; write it in Python, with Values")


def _too_deep(where: str) -> ExpressionError:
    return _too_large(f"nests too deeply {where}: the most is {MAX_DEPTH} levels")


def _not_python(source: str, error: SyntaxError) -> ExpressionError:
    why = error.msg.partition(". ")[0]
    if "decimal literal" in why:
        why += " (a product is written 2 * x)"
    column = f" at column {error.offset}" if error.offset else ""
    remedy = "; == compares, and values are given apart" if _ASSIGNMENT.search(source) else ""
    return ExpressionError(f"{shortened(source)} is not an expression: {why}{column}{remedy}")


def _missing(names: list[str], given: Iterable[str]) -> str:
    first = names[0]
    if first in TABLE or first in FUNCTIONS_BESIDE_TABLE:
        return f"{first!r} is an operation, not a number; write {first}(...), or add {first}=..."
    listed = ", ".join(shortened(name) for name in names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    verb = "has" if len(names) == 1 else "have"
    values = " ".join(f"{name[:20]}=..." for name in names[:5])
    hint = did_you_mean(first, [*given, *TABLE, *CONSTANTS])
    return f"{listed}{more} {verb} no value; add {values}{hint}"
