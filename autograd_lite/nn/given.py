"""What modules are given: sizes, inputs and states, and what is said of those that do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._support.validation import as_float, is_sequence, unknown, whole
from .._support.wording import count, printable, shortened
from ..errors import ShapeError, StateError


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
    numbers = count(expected, "number")
    if not hasattr(inputs, "__len__"):
        raise TypeError(f"{kind} expects a list of {numbers}, got {inputs!r:.60}")
    n = len(inputs)
    if n and is_sequence(next(iter(inputs))):
        remedy = "write [model(row) for row in rows]"
        raise ShapeError(f"{kind} expects {numbers}, got {n} rows of them; {remedy}")
    if n != expected:
        remedy = f"build it with {kind}({arguments.format(n)}) or pass {numbers}"
        raise ShapeError(f"{kind} expects {count(expected, 'input')}, got {n}; {remedy}")


def checked_state(state: Any, names: Sequence[str], kind: str) -> dict[str, float]:
    """Return the numbers of a state, one for each of the names.

    Raises StateError where a name is missing or unknown, TypeError where a number is none.

    >>> checked_state({"bias": 1}, ["bias"], "Neuron")
    {'bias': 1.0}
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"load_state_dict expects a dict of numbers by name, got {state!r:.60}")
    expected = set(names)
    others = [name for name in state if name not in expected]
    missing = [name for name in names if name not in state]
    if others:
        name = str(others[0])
        complaint = f"{kind} has no parameter named {shortened(name)}{_more(others)}"
        raise unknown(StateError, complaint, name, missing or names, rest="")
    if missing:
        raise StateError(
            f"the state has no number for {missing[0]!r}{_more(missing)} of {kind}; "
            f"it has {len(state)} of {len(names)}"
        )
    return {name: _number(name, state[name]) for name in names}


def _number(name: str, x: Any) -> float:
    try:
        if isinstance(x, bool):
            raise TypeError(f"expected a number, got {x!r}")  # noqa: TRY301
        return as_float(x)
    except TypeError as error:
        raise TypeError(f"{printable(name)}: {error}") from None


def _more(names: Sequence[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
