"""What modules say where a size does not fit."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from ..errors import ShapeError


def check_size(size: Any, of: str) -> None:
    """Raise ShapeError where a size is not a whole number of 1 or more.

    >>> check_size(3, "inputs")
    """
    if not isinstance(size, int) or size < 1:
        raise ShapeError(f"expected a whole number of {of}, 1 or more, got {size!r}")


def check_length(inputs: Sized, expected: int, kind: str, arguments: str = "{}") -> None:
    """Raise ShapeError where the inputs are not as many as a module was built for.

    `arguments` says how to build one for `{}` inputs.

    >>> check_length([1.0, 2.0], 2, "Neuron")
    """
    if len(inputs) != expected:
        raise ShapeError(
            f"{kind} expects {count(expected, 'input')}, got {len(inputs)}; build it with "
            f"{kind}({arguments.format(len(inputs))}) or pass {count(expected, 'number')}"
        )


def count(n: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "input"), count(2, "input")
    ('1 input', '2 inputs')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
