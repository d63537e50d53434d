"""How numbers, and sums of them, are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal


def number(x: float, digits: int = 6) -> str:
    """Write a number with so many significant digits.

    >>> number(-63.0), number(1 / 3), number(1e300), number(-0.0)
    ('-63', '0.333333', '1e+300', '0')
    """
    return f"{x + 0.0:.{digits}g}"  # + 0.0: a negative zero is just 0


def signed(x: float, digits: int = 6) -> str:
    """Write a number with its sign, which 0 and nan do not have.

    >>> signed(2.0), signed(-2.0), signed(0.0)
    ('+2', '-2', '0')
    """
    return number(x, digits) if x == 0 or math.isnan(x) else f"{x:+.{digits}g}"


def added(terms: Sequence[str]) -> str:
    """Write a sum, what begins with a minus as a difference.

    >>> added(["-126", "-63", "7"])
    '-126 - 63 + 7'
    """
    return " ".join([*terms[:1], *map(next_term, terms[1:])])


def next_term(term: str) -> str:
    """Write what is added to a sum that stands before it."""
    return f"- {term[1:]}" if term.startswith("-") else f"+ {term}"


def counted(n: int, noun: str) -> str:
    """Write a number of things, however large it is.

    >>> counted(1, "edge"), counted(12345, "edge"), counted(2**5000, "path")
    ('1 edge', '12,345 edges', 'about 1.4e+1505 paths')
    """
    size = f"{n:,}" if n < 10**30 else f"about {Decimal(n):.1e}"
    return f"{size} {noun}" if n == 1 else f"{size} {noun}s"
