"""The numbers to load into a module, checked before any of them is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._support.wording import did_you_mean, printable, shortened
from ..errors import StateError
from ..operation import as_float


def checked_state(state: Any, names: Sequence[str], kind: str) -> dict[str, float]:
    """Return the numbers of a state, one for each of the names.

    Raises StateError where a name is missing or unknown, TypeError where a number is none.

    >>> checked_state({"bias": 1}, ["bias"], "Neuron")
    {'bias': 1.0}
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"load_state_dict expects a dict of numbers by name, got {state!r:.60}")
    expected = set(names)
    unknown = [name for name in state if name not in expected]
    missing = [name for name in names if name not in state]
    if unknown:
        name = str(unknown[0])
        raise StateError(
            f"{kind} has no parameter named {shortened(name)}{_more(unknown)}"
            f"{did_you_mean(name, missing or names)}"
        )
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
