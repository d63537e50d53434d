"""What an optimiser's options may be, and the errors for what they may not be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ..operation import as_float

_Range = tuple[Callable[[float], bool], str, str]

_FRACTION: Callable[[float], bool] = lambda x: 0 <= x < 1  # noqa: E731  cells of a table
_NOT_NEGATIVE: Callable[[float], bool] = lambda x: 0 <= x < math.inf  # noqa: E731
_POSITIVE: Callable[[float], bool] = lambda x: 0 < x < math.inf  # noqa: E731

# option: what holds of it, what it is in words, what to try
_RANGES: dict[str, _Range] = {
    "lr": (_POSITIVE, "a learning rate is a number > 0", "0.1"),
    "scheduled lr": (_NOT_NEGATIVE, "a scheduled learning rate is a number >= 0", "0.1"),
    "momentum": (_FRACTION, "a momentum is a number in [0, 1)", "0.9"),
    "alpha": (_FRACTION, "alpha is a number in [0, 1)", "0.99"),
    "eps": (_POSITIVE, "eps is a number > 0", "1e-8"),
    "weight_decay": (_NOT_NEGATIVE, "a weight decay is a number >= 0", "0.01"),
    "lr_decay": (_NOT_NEGATIVE, "lr_decay is a number >= 0", "0.01"),
    "initial_accumulator_value": (
        _NOT_NEGATIVE, "initial_accumulator_value is a number >= 0", "0.1"),
}  # fmt: skip
_FLAGS = ("nesterov", "centered")


def checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as plain floats, tuples and flags.

    An option of an optimiser of one's own, which no table here knows, is returned as it is.

    Raises TypeError where one has the wrong type, ValueError where one is out of range.

    >>> checked({"lr": 1, "betas": [0.9, 0.99]})
    {'lr': 1.0, 'betas': (0.9, 0.99)}
    """
    found = {name: checked_option(name, value) for name, value in options.items()}
    if found.get("nesterov") and not found.get("momentum"):
        raise ValueError("nesterov is a kind of momentum, got none; pass momentum=0.9 too")
    return found


def checked_option(name: str, value: Any) -> Any:
    """Return one option as a plain float, tuple or flag; raise as `checked` does."""
    if name == "betas":
        return _pair(value)
    if name in _FLAGS:
        if not isinstance(value, bool):
            raise TypeError(f"{name} is True or False, got {value!r}")
        return value
    return _in_range(value, *_RANGES[name]) if name in _RANGES else value


def _pair(value: Any) -> tuple[float, float]:
    words = "betas are two numbers in [0, 1)"
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{words}, got {value!r}; try (0.9, 0.99)")
    first, second = (_in_range(x, _FRACTION, words, "(0.9, 0.99)") for x in value)
    return first, second


def _in_range(value: Any, holds: Callable[[float], bool], words: str, example: str) -> float:
    try:
        if isinstance(value, bool):
            raise TypeError  # noqa: TRY301  True is no learning rate
        number = as_float(value)
    except TypeError:
        raise TypeError(f"{words}, got {value!r}; try {example}") from None
    if not holds(number):
        raise ValueError(f"{words}, got {value!r}; try {example}")
    return number
