"""What a function refers to besides its arguments: Modules and Values, by closures and globals.

Their numbers are read at each call. That they are the same objects is looked at, too: a name may
be given another Value, and a Module another parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
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
        self.variables: list[Callable[[], Any]] = []
        seen, pending = set[int](), [function]
        while pending:
            f = pending.pop()
            if id(f) in seen:
                continue
            seen.add(id(f))
            if isinstance(f, FunctionType):
                for variable in _variables(f):
                    self.variables.append(variable)
                    pending.append(_held(variable))
            elif isinstance(f, MethodType | partial):
                pending += [f.func, *f.args] if isinstance(f, partial) else [f.__func__]
                for x in f.args if isinstance(f, partial) else [f.__self__]:
                    self.variables.append(partial(lambda x: x, x))
            elif hasattr(f, "__wrapped__"):
                pending.append(f.__wrapped__)

    def key(self) -> tuple[Any, ...]:
        """Return what tells whether the Modules and Values are the same as before."""
        held = [_held(variable) for variable in self.variables]
        return tuple([
            id(x) if isinstance(x, Value) else contents(x)
            for x in held if isinstance(x, Value) or _is_module(x)
        ])  # fmt: skip


def _is_module(x: Any) -> bool:
    return hasattr(x, "named_parameters") and not isinstance(x, type)


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
