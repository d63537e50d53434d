"""How the numbers of a picture are written: with four significant digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from ..notation import numbers
from ..operation import primal

_TERMS = 4  # a sum shows at most so many terms

plain = partial(numbers.number, digits=4)
signed = partial(numbers.signed, digits=4)


def number(x: Any) -> float:
    """Return the float in a gradient: a float, a recording number of `create_graph`, or None for 0.

    >>> number(2), number(None)
    (2.0, 0.0)
    """
    try:
        return 0.0 if x is None else primal(x)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def summed(total: float, terms: Sequence[float]) -> str:
    """Write a gradient as the sum of what the paths add to it.

    >>> summed(4.0, [3.0, 1.0])
    '+4 = 3 + 1'
    >>> summed(6.0, [1.0] * 6)
    '+6 = 1 + 1 + 1 + … (6 terms)'
    """
    if len(terms) < 2:
        return signed(total)
    few = len(terms) <= _TERMS
    shown = [plain(x) for x in (terms if few else terms[: _TERMS - 1])]
    rest = [] if few else [f"… ({numbers.counted(len(terms), 'term')})"]
    return f"{signed(total)} = {numbers.added(shown + rest)}"
