"""What modules say where a size does not fit."""

from __future__ import annotations

from typing import Any

from .._support.validation import is_sequence as is_sequence
from .._support.validation import whole
from .._support.wording import count as count
from ..errors import ShapeError


def check_size(size: Any, of: str) -> None:
    """Raise ShapeError where a size is not a whole number of 1 or more.

    >>> check_size(3, "inputs")
    """
    saying = f"expected a whole number of {of}, 1 or more"
    whole(of, size, at_least=1, error=ShapeError, saying=saying)


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
