"""Expressions written as text, such as "x * tanh(y)": read by a whitelist, never executed."""

from __future__ import annotations

import ast
import math
import re
import unicodedata
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

from .._support.wording import did_you_mean, shortened
from ..errors import ExpressionError
from ..operation import TABLE
from ..value import Value
from .whitelist import FUNCTIONS_BESIDE_TABLE, Reader, Rule, Values

MAX_LENGTH = 10_000  # characters
MAX_DEPTH = 100  # levels; a few frames each, well below Python's limit of 1000
_ASSIGNMENT = re.compile(r"[^<>=!]=[^=]")
_LONG_NUMBER = re.compile(r"[0-9_]{1000,}")

CONSTANTS = {"e": math.e, "inf": math.inf, "nan": math.nan, "pi": math.pi, "tau": math.tau}


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
        result = self._rule({**CONSTANTS, **leaves})
        return result if isinstance(result, Value) else Value(result)


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
    reader = Reader(source)
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
        raise ExpressionError(
            f"the expression has {len(text)} characters, the most is {MAX_LENGTH}; "
            "write it in Python, with Values"
        )
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


# --- what to say ----------------------------------------------------------------------------------


def _too_deep(where: str) -> ExpressionError:
    return ExpressionError(
        f"the expression nests too deeply {where}: the most is {MAX_DEPTH} levels; "
        "write it in Python, with Values"
    )


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
