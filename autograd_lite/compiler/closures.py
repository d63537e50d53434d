"""What a function refers to besides its arguments: Modules and Values, by closures and globals.

Their numbers are read at each call. That they are the same objects is looked at, too: a name may
be given another Value, and a Module another parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache, partial
from types import CodeType, FunctionType, MethodType
from typing import Any

from ..transforms.pytree import contents
from ..value import Value

_PACKAGE = __name__.partition(".")[0]


class Surroundings:
    """The variables outside of a function that it, or a function it refers to, reads.

    >>> from autograd_lite.nn import Neuron
    >>> neuron = Neuron(1)
    >>> around = Surroundings(neuron.weighted_sum)
    >>> before, neuron.bias = around.key(), Value(3.0)
    >>> around.key() == before
    False
    """

    def __init__(self, function: Any) -> None:
        self.function = function

    @cached_property
    def variables(self) -> list[Callable[[], Any]]:
        """Those that there are when it is first called: what it refers to may be defined late."""
        variables: list[Callable[[], Any]] = []
        seen, pending = set[int](), [self.function]
        while pending:
            f = pending.pop()
            if id(f) in seen:
                continue
            seen.add(id(f))
            if isinstance(f, FunctionType):
                for variable in _variables(f):
                    variables.append(variable)
                    pending.append(_held(variable))
            elif isinstance(f, MethodType | partial):
                pending += [f.func, *f.args] if isinstance(f, partial) else [f.__func__]
                given = f.args if isinstance(f, partial) else [f.__self__]
                variables += [partial(lambda x: x, x) for x in given]
            elif hasattr(f, "__wrapped__"):
                pending.append(f.__wrapped__)
        return [x for x in variables if _held(x).__class__ not in _NESTS or _nested(_held(x))]

    def key(self) -> tuple[Any, ...]:
        """Return what tells whether the Modules and Values are the same as before."""
        told = [
            tell(x)
            for x in map(_held, self.variables)
            if (tell := _teller(x.__class__)) is not None
        ]
        return tuple([x for x in told if x is not None])


@lru_cache(1024)
def _teller(kind: type) -> Callable[[Any], Any] | None:
    """Return what tells apart objects of a class that are, or may nest, Modules and Values."""
    if issubclass(kind, Value):
        return id
    if kind in _NESTS:
        return _nested
    return contents if hasattr(kind, "named_parameters") else None


_NESTS = (list, tuple, dict)


def _nested(x: Any, depth: int = 4) -> tuple[Any, ...] | None:
    """Return what tells which Modules and Values are in a list, tuple or dict, None without any.

    A list may hold itself, so `depth` is how far it is looked into.
    """
    parts = x.values() if x.__class__ is dict else x
    kinds = {*map(type, parts)}
    if kinds == {Value}:  # mostly, and quicker
        return tuple(map(id, parts))
    if not depth or not any(map(_teller, kinds)):
        return None
    told = []
    for part in parts:
        tell = _teller(part.__class__)
        if part.__class__ in _NESTS:
            tell = partial(_nested, depth=depth - 1)
        told.append(tell and tell(part))
    return tuple(told) if told.count(None) < len(told) else None


def _held(variable: Callable[[], Any]) -> Any:
    try:
        return variable()
    except (ValueError, KeyError):  # it holds nothing yet, or no longer
        return None


def _variables(f: FunctionType) -> Iterator[Callable[[], Any]]:
    for cell in f.__closure__ or ():
        yield partial(getattr, cell, "cell_contents")
    for x in (*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values()):
        yield partial(lambda x: x, x)
    if str(f.__module__).partition(".")[0] != _PACKAGE:
        for name in sorted(set(_names(f.__code__)) & f.__globals__.keys()):
            yield partial(f.__globals__.__getitem__, name)


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that code refers to, that of functions inside of it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
