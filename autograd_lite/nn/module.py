"""Module: a thing with parameters, found by walking its attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..value import Value


class Module:
    """The base of everything that has parameters.

    A parameter is a leaf Value held by an attribute, in however many lists, tuples, dicts and
    Modules; its name is the path to it.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Value(2.0)
    ...         self.powers = [Value(0.0), Value(1.0)]
    >>> [name for name, _ in Line().named_parameters()]
    ['slope', 'powers.0', 'powers.1']
    """

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield each parameter once, with its name, in the order of the attributes."""
        yield from _leaves(self, "", set())

    def parameters(self) -> list[Value]:
        """List the parameters, in the order of the attributes."""
        return [parameter for _, parameter in self.named_parameters()]

    def name_parameters(self) -> None:
        """Give each parameter its path as its name, for pictures and messages.

        >>> from autograd_lite.nn import Neuron
        >>> Neuron(2, seed=0).bias.name
        'bias'
        """
        for path, parameter in self.named_parameters():
            parameter.name = path

    def zero_grad(self) -> None:
        """Set the `.grad` of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0


def _leaves(x: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Value]]:
    if not isinstance(x, (Value, Module, Mapping, list, tuple)) or id(x) in seen:
        return
    seen.add(id(x))
    if isinstance(x, Value):
        if x.op is None:
            yield path, x
        return
    if isinstance(x, Module):
        x = vars(x)
    for key, held in x.items() if isinstance(x, Mapping) else enumerate(x):
        yield from _leaves(held, f"{path}.{key}" if path else str(key), seen)
