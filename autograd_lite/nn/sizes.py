"""What modules say where a size does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ShapeError


def check_size(size: Any, of: str) -> None:
    """Raise ShapeError where a size is not a whole number of 1 or more.

    >>> check_size(3, "inputs")
    """
    if not isinstance(size, int) or size < 1:
        raise ShapeError(f"expected a whole number of {of}, 1 or more, got {size!r}")


def check_length(inputs: Any, expected: int, kind: str, arguments: str = "{}") -> None:
    """Raise ShapeError where the inputs are not as many as a module was built for.

    `arguments` says how to build one for `{}` inputs. Raises TypeError for what has no length.

    >>> check_length([1.0, 2.0], 2, "Neuron")
    """
    if not hasattr(inputs, "__len__"):
        raise TypeError(f"{kind} expects a list of {count(expected, 'number')}, got {inputs!r:.60}")
    if len(inputs) and is_sequence(inputs[0]):
        raise ShapeError(
            f"{kind} expects {count(expected, 'number')}, got {len(inputs)} rows of them; write "
            "[model(row) for row in rows]"
        )
    if len(inputs) != expected:
        raise ShapeError(
            f"{kind} expects {count(expected, 'input')}, got {len(inputs)}; build it with "
            f"{kind}({arguments.format(len(inputs))}) or pass {count(expected, 'number')}"
        )


def is_sequence(x: Any) -> bool:
    """Tell whether this is a list, a tuple or an array with a length.

    >>> is_sequence([1.0]), is_sequence(1.0)
    (True, False)
    """
    listed = isinstance(x, Sequence) and not isinstance(x, str)
    return listed or bool(getattr(x, "ndim", 0))


def count(n: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "input"), count(2, "input")
    ('1 input', '2 inputs')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
