"""Penalties: terms to add to a loss that keep parameters small."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ...errors import DomainError, ShapeError
from ...ops import abs as absolute
from ...ops import dot
from ...ops import sum as total
from ...value import Value
from ..module import Module


def l1_penalty(parameters: Module | Iterable[Value], strength: float = 1.0) -> Any:
    """Return strength times the sum of the absolute values: it makes many of them 0.

    `parameters` are Values, or a Module for those of its own that are not frozen. Raises ShapeError
    where there are none, DomainError where the strength is negative (Tibshirani 1996).

    >>> l1_penalty([Value(3.0), Value(-4.0)], 0.1).data
    0.7000000000000001
    """
    return _checked(strength) * total([absolute(p) for p in _listed(parameters)])


def l2_penalty(parameters: Module | Iterable[Value], strength: float = 1.0) -> Any:
    """Return strength times the sum of the squares, of which the slope is 2 * strength * p.

    `parameters` are Values, or a Module for those of its own that are not frozen. Raises ShapeError
    where there are none, DomainError where the strength is negative (Hoerl and Kennard 1970).

    >>> l2_penalty([Value(3.0), Value(-4.0)], 0.5).data
    12.5
    """
    numbers = _listed(parameters)
    return _checked(strength) * dot(numbers, numbers)


def _listed(parameters: Module | Iterable[Value]) -> list[Any]:
    listed = parameters.parameters() if isinstance(parameters, Module) else list(parameters)
    if not listed:
        raise ShapeError("a penalty expects at least one parameter, got none")
    return listed


def _checked(strength: float) -> float:
    if not 0 <= strength < math.inf:
        raise DomainError(f"a penalty expects a strength >= 0, got {strength!r}; try 1e-4")
    return strength
