"""What an optimizer's options may be, and the errors for what they may not be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from .._support.validation import number


def _betas(value: Any) -> tuple[float, ...]:
    words, hint = "betas are two numbers in [0, 1)", "; try (0.9, 0.99)"
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TypeError(f"{words}, got {value!r}{hint}")
    return tuple(number("", x, at_least=0, below=1, saying=words, hint=hint) for x in value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} is True or False, got {value!r}")
    return value


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "lr": partial(number, "a learning rate", above=0, hint="; try 0.1"),
    "scheduled lr": partial(number, "a scheduled learning rate", at_least=0, hint="; try 0.1"),
    "momentum": partial(number, "a momentum", at_least=0, below=1, hint="; try 0.9"),
    "alpha": partial(number, "alpha", at_least=0, below=1, hint="; try 0.99"),
    "betas": _betas,
    "eps": partial(number, "eps", above=0, hint="; try 1e-8"),
    "weight_decay": partial(number, "a weight decay", at_least=0, hint="; try 0.01"),
    "lr_decay": partial(number, "lr_decay", at_least=0, hint="; try 0.01"),
    "initial_accumulator_value": partial(
        number, "initial_accumulator_value", at_least=0, hint="; try 0.1"
    ),
    "nesterov": partial(_flag, "nesterov"),
    "centered": partial(_flag, "centered"),
}


def checked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as plain floats, tuples and flags.

    An option of an optimizer of one's own, which no table here knows, is returned as it is.

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
    return _CHECKS[name](value) if name in _CHECKS else value
