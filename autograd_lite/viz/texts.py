"""How numbers, names and expressions are written in a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from .._support.wording import printable
from ..operation import primal

LONGEST_NAME = 36
LONGEST_EXPRESSION = 24
_DEPTH = 3  # expressions name at most so many operations inside each other
_MEMO = 10_000  # parts of expressions: so many are kept, at most, while a graph is drawn
_TERMS = 4  # a sum shows at most so many terms

_BINDING = {"add": 1, "sub": 1, "mul": 2, "div": 2, "quotient": 2, "floordiv": 2, "mod": 2,
            "neg": 3, "pos": 3, "pow": 4}  # fmt: skip
_ATOM = 9


def number(x: Any) -> float:
    """Return the float in a gradient: a float, a recording number of `create_graph`, or None for 0.

    >>> number(2), number(None)
    (2.0, 0.0)
    """
    if x.__class__ is float:
        return x
    if x is None:
        return 0.0
    try:
        return primal(x)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def plain(x: float) -> str:
    """Write a number with four significant digits.

    >>> plain(2.0), plain(-0.123456), plain(1e300)
    ('2', '-0.1235', '1e+300')
    """
    return f"{x + 0.0:.4g}"  # + 0.0: a negative zero is just 0


def signed(x: float) -> str:
    """Write a number with its sign, which 0 and nan do not have.

    >>> signed(2.0), signed(-2.0), signed(0.0)
    ('+2', '-2', '0')
    """
    return plain(x) if x == 0 or math.isnan(x) else f"{x:+.4g}"


def summed(total: float, terms: Sequence[float]) -> str:
    """Write a gradient as the sum of what the paths add to it.

    >>> summed(4.0, [3.0, 1.0])
    '+4 = 3 + 1'
    >>> summed(-1.0, [1.0, -2.0])
    '-1 = 1 - 2'
    >>> summed(6.0, [1.0] * 6)
    '+6 = 1 + 1 + 1 + … (6 terms)'
    """
    if len(terms) < 2:
        return signed(total)
    shown = terms if len(terms) <= _TERMS else terms[: _TERMS - 1]
    text = plain(shown[0])
    for term in shown[1:]:
        text += f" - {plain(-term)}" if term < 0 else f" + {plain(term)}"
    if len(shown) < len(terms):
        text += f" + … ({counted(len(terms), 'term')})"
    return f"{signed(total)} = {text}"


def counted(n: int, noun: str) -> str:
    """Write a number of things.

    >>> counted(1, "edge"), counted(12345, "edge")
    ('1 edge', '12,345 edges')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def legible(text: str, longest: int = LONGEST_NAME) -> str:
    r"""Show any text on one line: what cannot be printed as an escape, what is long cut in half.

    >>> legible("a\nb\x00")
    'a\\nb\\x00'
    >>> legible("x" * 1000, longest=9)
    'xxxx…xxxx'
    """
    if not text:
        return "(empty name)"
    if len(text) > longest:
        half = (longest - 1) // 2
        text = f"{text[:half]}…{text[len(text) - half :]}"
    return printable(text)


Memo = dict[tuple[Any, int], tuple[str, int]]


def expression(node: Any, memo: Memo | None = None) -> str:
    """Write how a node was computed, from names and constants; what is deep in it as an ellipsis.

    `memo` keeps the last parts written, for the other nodes of a graph.

    >>> from autograd_lite import Value
    >>> a, b = Value(2.0, name="a"), Value(3.0, name="b")
    >>> expression((a + b) * a - 1)
    '(a + b) * a - 1'
    """
    memo = {} if memo is None else memo
    if len(memo) > _MEMO:
        memo.clear()
    write = _operand if node.name is None else _write
    for depth in range(_DEPTH, 0, -1):
        text = write(node, depth, memo)[0]
        if len(text) <= LONGEST_EXPRESSION:
            return text
    return legible(node.op.symbol)


def _write(node: Any, depth: int, memo: Memo) -> tuple[str, int]:
    """Return the text of an operation, and how tightly it binds."""
    op, operands = node.op, node.operands
    symbol, binding = _symbol(op)
    if op.arity is None and len(operands) > 3:
        return f"{symbol}({counted(len(operands), 'operand')})", _ATOM
    parts = [_operand(x, depth - 1, memo) for x in operands]
    if binding == _ATOM:
        return f"{symbol}({', '.join([text for text, _ in parts])})", _ATOM
    if op.arity == 1:
        text, inner = parts[0]
        return symbol + (f"({text})" if inner <= binding else text), binding
    (left, at_left), (right, at_right) = parts
    towers = op.name == "pow"  # groups from the right
    if at_left < binding + towers:
        left = f"({left})"
    if at_right < binding + (op.name not in {"add", "mul", "pow"}) or at_right == _BINDING["neg"]:
        right = f"({right})"
    space = "" if towers else " "
    return f"{left}{space}{symbol}{space}{right}", binding


@lru_cache(maxsize=1000)
def _symbol(op: Any) -> tuple[str, int]:
    """Return what is written for an operation, and how tightly it binds."""
    binding = _BINDING.get(op.name, _ATOM)
    called_by_name = binding == _ATOM and op.arity is not None and not op.symbol.isidentifier()
    return (op.name if called_by_name else op.symbol), binding


def _operand(x: Any, depth: int, memo: Memo) -> tuple[str, int]:
    if x.__class__ is float:
        return plain(x), _BINDING["neg"] if x < 0 else _ATOM
    part = memo.get((x, depth))
    if part is None:
        name = x.name
        if name is not None:
            part = legible(name, 18), _ATOM
        elif x.op is None:
            part = plain(x.data), _BINDING["neg"] if x.data < 0 else _ATOM
        else:
            part = ("…", _ATOM) if depth == 0 else _write(x, depth, memo)
        memo[x, depth] = part
    return part
