"""Recording a function's graph: what all transforms begin with.

A function is called on fresh Values in place of the numbers it is differentiated by. Inside another
transform such a number may be a Value already: then the fresh one is a node upon it, so that what
is found here remains part of the graph out there. As the variables of each transform are nodes of
its own, nested transforms cannot be confused with each other.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .. import modes, ops
from .._support.validation import as_whole
from ..value import Value, recorded
from .pytree import NUMBER, Structure, flatten, is_array

Argnums = int | Sequence[int]


class Trace:
    """A function's recorded graph: its variables, by argument, and its outputs."""

    def __init__(
        self, variables: list[list[Value]], structures: list[Structure], several: bool
    ) -> None:
        self.variables = variables
        self.inputs = [x for each in variables for x in each]  # all variables, in order
        self.structures, self.several = structures, several
        self.outputs: list[Value] = []
        self.output_structure = NUMBER
        self.aux: Any = None
        self.differentiable = False  # whether what is found is to be recorded, too
        self.given_values: list[Value] | None = None  # in a compiler's trace: of the arguments
        self.arrays = False  # whether one of the arguments is an array

    def own(self) -> list[Value]:
        """List the variables that were made for this trace, a Module's parameters left out."""
        return [
            x
            for variables, structure in zip(self.variables, self.structures, strict=True)
            for x, is_parameter in zip(variables, structure.parameters, strict=True)
            if not is_parameter
        ]

    def weighted(self, weights: list[Any]) -> Value:
        """Return the sum of the outputs, each times a weight, recorded."""
        with modes.recording():
            total: Any = ops.dot(self.outputs, weights)
        return recorded(total)

    def given(self, numbers: list[Any]) -> Trace:
        """Return this trace for a call with `numbers`: Values among them make Values of results."""
        values = [x for x in numbers if isinstance(x, Value)]
        if not values:
            return self
        other = copy.copy(self)  # a call with floats may follow
        other.differentiable = True
        if self.given_values is not None:
            other.given_values = [*self.given_values, *values]
        return other

    def number(self, x: Any) -> Any:
        """Return a result as the caller is to have it: a float, or a Value inside a transform."""
        if self.given_values is not None and (recorder := modes.recorder()):
            return recorder.returned(recorded(x), self.given_values)
        if self.differentiable:
            return recorded(x)
        return x._data if isinstance(x, Value) else float(x)

    def output(self) -> Any:
        """Return what the function returned, its numbers as the caller is to have them."""
        return self.output_structure.rebuild([self.number(x) for x in self.outputs])

    def nested(self, numbers: Iterable[Any]) -> Any:
        """Nest one number a variable as the argument is nested; for several a tuple of such."""
        rest = iter(numbers)
        by_argument = [structure.rebuild(rest) for structure in self.structures]
        return tuple(by_argument) if self.several else by_argument[0]


def trace(
    name: str,
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums,
    has_aux: bool = False,
) -> Trace:
    """Call `f` with fresh variables for the numbers in the arguments `argnums`.

    Raises IndexError for an argument that was not given, ValueError for one named twice, TypeError
    where `f` takes or returns anything but (nested) numbers; `name` is that of the transform, for
    the message.
    """
    called = list(args)
    arrays, given_values = False, list[Value]()
    variables, structures, nested = [], [], []
    for i in _places(name, argnums, args):
        arrays |= is_array(args[i])
        if args[i].__class__ is float:  # mostly, and so the shortest way
            fresh, structure = [Value(args[i])], NUMBER
            called[i] = fresh[0]
        else:
            numbers, structure = flatten(args[i], f"{name}: argument {i}")
            fresh = []
            for x, is_parameter in zip(numbers, structure.parameters, strict=True):
                if is_parameter:  # a Module's parameters are themselves the variables
                    fresh.append(x)
                    continue
                if isinstance(x, Value):
                    given_values.append(x)
                fresh.append(ops.pos(x) if isinstance(x, Value) else Value(x))
            nested.append((i, structure, fresh))
        variables.append(fresh)
        structures.append(structure)
    traced = Trace(variables, structures, isinstance(argnums, list | tuple))
    traced.arrays = arrays
    mode = modes.current()
    traced.differentiable = bool(given_values or mode.variables)
    if mode.recorder is not None and len(mode.variables) == 1:  # it runs in no other transform
        traced.given_values = given_values
    with modes.no_gc(), modes.tracing(traced):
        for i, structure, fresh in nested:  # here, since a dataclass's __init__ computes, too
            called[i] = structure.rebuild(fresh, keep_modules=True)
        result = f(*called, **kwargs)
    if has_aux:
        result, traced.aux = _split(name, result)
    _take_outputs(name, traced, result)
    return traced


def _split(name: str, result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(
            f"{name}: with has_aux=True the function should return (result, aux), "
            f"got {type(result).__name__}: {result!r:.60}"
        )
    return result


def _take_outputs(name: str, traced: Trace, result: Any) -> None:
    if result.__class__ is Value:
        traced.outputs = [result]
        return
    if result is None:
        raise TypeError(f"{name}: the function returned None; did it forget to return its result?")
    numbers, traced.output_structure = flatten(result, f"{name}: what the function returned")
    traced.outputs = [recorded(x) for x in numbers]


def _places(name: str, argnums: Argnums, args: tuple[Any, ...]) -> tuple[int, ...]:
    """Return argnums as a tuple of places among the arguments."""
    places = []
    for i in argnums if isinstance(argnums, list | tuple) else (argnums,):
        place = as_whole(i)
        if place is None:
            raise TypeError(f"{name}: argnums are whole numbers, got {i!r}")
        if not -len(args) <= place < len(args):
            raise IndexError(
                f"{name}: there is no argument {i} to differentiate by: {len(args)} were given by "
                "position"
            )
        places.append(place % len(args))
    if len(set(places)) < len(places):
        raise ValueError(f"{name}: argnums name an argument twice: {argnums!r}")
    return tuple(places)
