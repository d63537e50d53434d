"""vmap: a function of one example becomes a function of many.

Here it is a loop: `lanes` takes the arguments apart, and `joined` puts the results together. What
compiles may do better, and is asked first.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, NamedTuple

from .. import modes
from .._support.remedies import helpful
from .._support.validation import as_float, as_whole
from ..errors import ShapeError
from ..value import Value
from .pytree import is_array, with_fields

Axes = Any  # an int, None, or dicts, lists and tuples of them


@helpful
def vmap(f: Callable[..., Any], in_axes: Axes = 0) -> Callable[..., Any]:
    """Return a function that maps `f` over the leading axis of its arguments.

    `in_axes` is 0, or None for an argument that is the same for all; a tuple has one entry for each
    argument, which may be nested as that is. Arguments by name are mapped over axis 0. What is
    mapped over is a list or tuple with an entry for each call, an array, whose axes may be any, or
    a dict, a named tuple or a dataclass of such. A tuple of lists is mapped over as a list is,
    unless its entry in `in_axes` is a tuple, too.

    What `f` returns is returned once, each number replaced by the list of all; by an array where
    one was mapped over (float64, or of objects where Values are in it). Arrays are stacked. Over
    nothing, `f` is not called, and the result is an empty list or array.

    Raises TypeError for what cannot be mapped over, or where results are nested in different ways,
    ShapeError for lengths that differ, ValueError where no argument is mapped over.

    >>> vmap(lambda x, y: {"product": x * y, "both": (x, y)})([1.0, 2.0], [3.0, 4.0])
    {'product': [3.0, 8.0], 'both': ([1.0, 2.0], [3.0, 4.0])}
    >>> vmap(lambda w, x: w * x, in_axes=(None, 0))(10.0, [1.0, 2.0])
    [10.0, 20.0]
    >>> from autograd_lite import grad
    >>> vmap(grad(lambda x: x**3))([1.0, 2.0])
    [3.0, 12.0]
    """
    if not callable(f):
        raise TypeError(f"vmap expects a function, got {type(f).__name__}; write vmap(f)(xs)")
    _check_axes(in_axes)

    @wraps(f)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        compiled = getattr(modes.recorder(), "lanes", None)
        if compiled is not None:
            result = compiled(f, in_axes, args, kwargs)
            if result is not NotImplemented:
                return result
        batch = lanes(args, kwargs, in_axes)
        results = []
        for i in range(batch.size):
            positional, named = batch.lane(i)
            results.append(f(*positional, **named))
            if results[-1] is None:
                raise TypeError(
                    "vmap: the function returned None; did it forget to return its result?"
                )
        return joined(results, batch.arrays)

    return mapped


def _check_axes(axes: Axes) -> None:
    if isinstance(axes, Mapping | list | tuple):
        for part in axes.values() if isinstance(axes, Mapping) else axes:
            _check_axes(part)
    elif axes is not None and as_whole(axes) is None:
        raise TypeError(
            f"vmap: in_axes are whole numbers, None, or tuples, lists and dicts of them, got "
            f"{type(axes).__name__}: {axes!r:.60}"
        )


# --- what is nested -------------------------------------------------------------------------------


class _Nested(NamedTuple):
    """What a dict, a list, a tuple or a dataclass holds, and what makes one of other parts."""

    keys: list[Any]
    parts: list[Any]
    make: Callable[[list[Any]], Any]


def _nested(x: Any, several: bool) -> _Nested | None:
    """Take one level apart; a list or tuple without names only where it is one of `several`."""
    if isinstance(x, Mapping):
        return _Nested([*x], [*x.values()], lambda parts: dict(zip(x, parts, strict=True)))
    if isinstance(x, list | tuple) and (several or hasattr(x, "_make")):
        make = list if isinstance(x, list) else getattr(type(x), "_make", tuple)
        return _Nested([*range(len(x))], [*x], make)
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        fields = {field.name: getattr(x, field.name, None) for field in dataclasses.fields(x)}
        mapped = [k for k, v in fields.items() if not (v is None or isinstance(v, str | bool))]
        return _Nested(
            mapped,
            [fields[name] for name in mapped],
            lambda parts: with_fields(x, {**fields, **dict(zip(mapped, parts, strict=True))}),
        )
    return None


def _kind(x: Any) -> Any:
    """Return what is equal for what is nested alike, at the first level."""
    if is_array(x) and x.ndim:
        return x.shape
    if x is None or isinstance(x, str):
        return x
    nested = _nested(x, several=True)
    return "number" if nested is None else (type(x), *nested.keys)


def _axes_of(nested: _Nested, axes: Axes, what: str) -> list[Axes]:
    """List the axes of parts, which in_axes gives one by one."""
    by_key = dict(axes if isinstance(axes, Mapping) else enumerate(axes))
    if {*by_key} != {*nested.keys}:
        raise ShapeError(
            f"vmap: in_axes has {axes!r:.60} for {what}, whose parts are {nested.keys!r:.60}; "
            "nest it as the argument is, or give one number for all of it"
        )
    return [by_key[key] for key in nested.keys]


# --- the arguments --------------------------------------------------------------------------------


class Batch(NamedTuple):
    """How many lanes there are, what gives the arguments of one, and whether there are arrays."""

    size: int
    lane: Callable[[Any], tuple[tuple[Any, ...], dict[str, Any]]]
    arrays: bool


def lanes(
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    in_axes: Axes,
    rows: Callable[[Any, int, str], Any] | None = None,
) -> Batch:
    """Take the arguments of a mapped function apart, with `rows` into sequences of one's own.

    Raises as `vmap` does.
    """
    taken = _Taken(rows)
    if not isinstance(in_axes, list | tuple):
        in_axes = [in_axes] * len(args)
    if len(in_axes) != len(args):
        raise ShapeError(
            f"vmap: in_axes has {len(in_axes)} entries for {len(args)} arguments by position; give "
            "one for each, or one number for all"
        )
    positional = [
        taken.picker(x, axes, f"argument {i}")
        for i, (x, axes) in enumerate(zip(args, in_axes, strict=True))
    ]
    named = {name: taken.picker(x, 0, f"argument {name!r}") for name, x in kwargs.items()}

    def lane(i: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return tuple([pick(i) for pick in positional]), {k: pick(i) for k, pick in named.items()}

    return Batch(taken.size(), lane, taken.arrays)


class _Taken:
    """What has been taken apart so far: the lengths, each with the place it is from."""

    def __init__(self, rows: Callable[[Any, int, str], Any] | None) -> None:
        self.rows = rows or self._rows
        self.lengths: dict[str, int] = {}
        self.arrays = False

    def picker(self, x: Any, axes: Axes, what: str) -> Callable[[int], Any]:
        """Return what gives the part of `x` that belongs to one lane."""
        if axes is None or x is None:
            return lambda i: x
        several = isinstance(axes, Mapping | list | tuple)
        nested = _nested(x, several)
        if nested is not None:
            each = _axes_of(nested, axes, what) if several else [axes] * len(nested.parts)
            picks = [
                self.picker(part, a, f"{what}[{key!r}]")
                for key, part, a in zip(nested.keys, nested.parts, each, strict=True)
            ]
            return lambda i: nested.make([pick(i) for pick in picks])
        if several:
            raise TypeError(
                f"vmap: in_axes has {axes!r:.60} for {what}, which is not nested, got "
                f"{type(x).__name__}: {x!r:.60}; give a whole number or None"
            )
        rows = self.rows(x, axes, what)
        self.lengths[what] = len(rows)
        return rows.__getitem__  # type: ignore[no-any-return]

    def _rows(self, x: Any, axis: int, what: str) -> Any:
        """Return a sequence with an entry for each lane."""
        x = x._numbers() if hasattr(x, "_numbers") else x  # of an array in a trace
        if is_array(x) and x.ndim:
            self.arrays = True
            if not -x.ndim <= axis < x.ndim:
                raise ShapeError(
                    f"vmap: {what} is an array of shape {x.shape}, which has no axis {axis}; "
                    f"in_axes counts from 0 to {x.ndim - 1}"
                )
            return x.tolist() if x.ndim == 1 else sys.modules["numpy"].moveaxis(x, axis, 0)
        if hasattr(x, "_reduced"):  # lanes in a trace
            self.arrays |= not x.as_list
            return list(x)
        if not isinstance(x, Sequence) or isinstance(x, str | bytes):
            raise TypeError(
                f"vmap: {what} is mapped over, and should be a list, tuple or array, got "
                f"{type(x).__name__}: {x!r:.60}; where it is the same for all, its entry in "
                "in_axes is None"
            )
        if axis != 0:
            raise TypeError(
                f"vmap: {what} is a {type(x).__name__}, which is mapped over axis 0 alone, got "
                f"axis {axis}; pass numpy.array() of it"
            )
        return x

    def size(self) -> int:
        """Return the one length that everything has."""
        if not self.lengths:
            raise ValueError(
                "vmap: no argument is mapped over; give one that is, or call the function itself"
            )
        (first, size), *others = self.lengths.items()
        for what, length in others:
            if length != size:
                raise ShapeError(
                    f"vmap: what is mapped over should be of one length, got {size} of {first} and "
                    f"{length} of {what}; where one is the same for all, its entry in in_axes is "
                    "None"
                )
        return size


# --- the results ----------------------------------------------------------------------------------


def joined(results: list[Any], arrays: bool) -> Any:
    """Put together what a function returned in each lane.

    Raises TypeError where that is not numbers, or nested in different ways.
    """
    numpy: Any = sys.modules.get("numpy")
    if not results:
        return numpy.empty(0) if arrays else []
    first = results[0]
    alike = {_kind(x): x for x in reversed(results)}
    if len(alike) > 1:
        one, other, *_ = [f"{x!r:.60}" for x in reversed(alike.values())]
        raise TypeError(
            f"vmap: the function should return numbers nested in one way, got {one} and {other}; "
            "where what it returns depends on a number, use where(condition, a, b)"
        )
    if is_array(first) and first.ndim:
        return numpy.stack(results)
    if (nested := _nested(first, several=True)) is not None:
        each = [_nested(x, several=True) or nested for x in results]
        columns = zip(*[one.parts for one in each], strict=True)
        return nested.make([joined(list(column), arrays) for column in columns])
    if first is None or isinstance(first, str):
        return first
    numbers = [_number(x) for x in results]
    if not arrays:
        return numbers
    kinds = {x.__class__ for x in numbers}
    array = numpy.empty(len(numbers), kinds.pop() if kinds in ({bool}, {float}) else object)
    for i, x in enumerate(numbers):  # one by one: lanes in a trace look like sequences
        array[i] = x
    return array


def _number(x: Any) -> Any:
    if isinstance(x, Value | bool) or hasattr(x, "_record") or hasattr(x, "_reduced"):
        return x
    return as_float(x, "vmap: what the function returned")
