"""Nested structures of numbers, taken apart and put together again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .operation import as_float
from .value import Value

Rebuild = Callable[[Iterator[Any]], Any]


class Structure:
    """How numbers were nested: rebuilds the same nesting around as many others.

    >>> numbers, structure = flatten({"w": [1.0, 2.0], "b": 3.0})
    >>> numbers
    [1.0, 2.0, 3.0]
    >>> structure.rebuild([10, 20, 30])
    {'w': [10, 20], 'b': 30}
    """

    def __init__(self, rebuild: Rebuild, size: int) -> None:
        self._rebuild = rebuild
        self.size = size

    def rebuild(self, numbers: list[Any]) -> Any:
        """Nest `numbers` as the flattened ones were."""
        return self._rebuild(iter(numbers))


def flatten(nested: Any, what: str = "an argument") -> tuple[list[Any], Structure]:
    """List the numbers in a nested structure, and tell how they were nested.

    Lists, tuples (named ones too), dicts, NumPy arrays and Modules may nest. A Module counts as the
    dict of its named parameters. Raises TypeError where anything else is found; `what` names the
    structure in the message.
    """
    numbers: list[Any] = []
    rebuild = _flatten(nested, numbers, what)
    return numbers, Structure(rebuild, len(numbers))


def _flatten(x: Any, numbers: list[Any], what: str) -> Rebuild:
    if isinstance(x, Value):
        numbers.append(x)
        return next
    if isinstance(x, Mapping):
        parts = {key: _flatten(part, numbers, f"{what}[{key!r}]") for key, part in x.items()}
        return lambda rest: {key: part(rest) for key, part in parts.items()}
    if isinstance(x, list | tuple):
        return _sequence(x, [_flatten(part, numbers, f"{what}[{i}]") for i, part in enumerate(x)])
    if hasattr(x, "named_parameters"):
        return _flatten(dict(x.named_parameters()), numbers, what)
    if _is_array(x):
        if x.ndim == 0:
            return _flatten(x.item(), numbers, what)
        return _array(x, [_flatten(part, numbers, what) for part in x.ravel().tolist()])
    try:
        numbers.append(as_float(x))
    except TypeError:
        raise TypeError(
            f"{what} should be numbers, or lists, tuples, dicts, arrays or Modules of them, "
            f"got {type(x).__name__}: {x!r:.60}"
        ) from None
    return next


def _sequence(x: Any, parts: list[Rebuild]) -> Rebuild:
    if isinstance(x, list):
        return lambda rest: [part(rest) for part in parts]
    make = getattr(type(x), "_make", tuple)  # a named tuple has _make
    return lambda rest: make([part(rest) for part in parts])


def _is_array(x: Any) -> bool:
    numpy = sys.modules.get("numpy")  # nobody has an array who has not imported it
    return numpy is not None and isinstance(x, numpy.ndarray)


def _array(x: Any, parts: list[Rebuild]) -> Rebuild:
    numpy = sys.modules["numpy"]

    def rebuild(rest: Iterator[Any]) -> Any:
        numbers = [part(rest) for part in parts]
        if numbers and isinstance(numbers[0], numpy.ndarray):  # the rows of a Jacobian
            return numpy.stack(numbers).reshape(x.shape + numbers[0].shape)
        plain = all(number.__class__ is float for number in numbers)
        array = numpy.empty(len(numbers), dtype=float if plain else object)
        array[:] = numbers
        return array.reshape(x.shape)

    return rebuild
