"""Which nodes belong to which module: found by the names of the parameters they use.

A node does not know the module that made it, but a parameter's name is its path in the model:
`layers.0.neurons.3.weights.1`. What is computed from the parameters of one module is that module's.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import chain
from typing import Any

from ..backprop import Walk

_PLAIN_ARITHMETIC = {"add", "sub", "mul", "div", "neg", "pos", "square", "pow"}


class Box:
    """The nodes and parameters of one module, drawn as one."""

    __slots__ = ("operations", "parameters", "path", "units")

    def __init__(self, path: str) -> None:
        self.path = path
        self.operations: list[Any] = []
        self.parameters: list[Any] = []
        self.units: dict[str, None] = {}  # an ordered set: the neurons of a layer

    @property
    def title(self) -> str:
        """The path, the kind of module it tells of, and how many units it has."""
        container = next(part for part in reversed(self.path.split(".")) if not part.isdigit())
        kind = _singular(container).capitalize()
        times = f" ×{len(self.units)}" if len(self.units) > 1 else ""
        return f"{self.path} — {kind}{times}"


def is_parameter_name(name: str | None) -> bool:
    """Tell whether a name is a path that a module gives its parameters.

    >>> is_parameter_name("layers.0.neurons.1.bias"), is_parameter_name("x")
    (True, False)
    >>> is_parameter_name("x = 0.5"), is_parameter_name("...")
    (False, False)
    """
    return bool(
        name and "." in name and all(p.isidentifier() or p.isdigit() for p in name.split("."))
        and not name[0].isdigit()
    )  # fmt: skip


@lru_cache(maxsize=10_000)
def module_of(name: str | None) -> tuple[str, str] | None:
    """Return the module and the unit within it that a parameter's name tells of.

    >>> module_of("layers.0.neurons.3.weights.1")
    ('layers.0', 'layers.0.neurons.3')
    >>> module_of("encoder.bias")
    ('encoder', 'encoder')
    """
    if not is_parameter_name(name):
        return None
    parts = str(name).split(".")
    while parts[-1].isdigit():
        parts.pop()
    attribute = parts.pop()
    if not parts:
        return attribute, attribute
    unit = ".".join(parts)
    if parts[-1].isdigit() and sum(part.isdigit() for part in parts) > 1:
        while parts[-1].isdigit():
            parts.pop()
        parts.pop()
    return ".".join(parts), unit


def boxes(graph: Walk[Any]) -> dict[Any, Box]:
    """Map each result and parameter that belongs to a module to the box of that module."""
    modules = {leaf: module for leaf in graph.leaves if (module := module_of(leaf.name))}
    if not modules:
        return {}
    uses = Counter(chain.from_iterable(node.operands for node in graph.order))
    named: dict[str, Box] = {}
    belongs: dict[Any, Box] = {}
    unit_of: dict[Any, tuple[str, str]] = {}
    activated: set[Any] = set()  # what is applied to an activation is no longer the module's
    for node in graph.order:
        inputs = [x for x in node.operands if x.__class__ is not float]
        parameters = [x for x in inputs if x in modules]
        module_or_unit = modules if parameters else unit_of
        home = module_or_unit.get((parameters or inputs)[0])
        if home is None:
            continue
        if parameters:
            if any(modules[x][0] != home[0] for x in parameters):
                continue
        elif not activated.isdisjoint(inputs) or any(unit_of.get(x) != home for x in inputs):
            continue
        elif len(inputs) == 1:
            if uses[inputs[0]] > 1 or node.op.name in _PLAIN_ARITHMETIC:
                continue
            activated.add(node)
        unit_of[node] = home
        box = named.setdefault(home[0], Box(home[0]))
        box.units[home[1]] = None
        box.operations.append(node)
        belongs[node] = box
        for x in parameters:
            if x not in belongs:
                box.parameters.append(x)
                belongs[x] = box
    return belongs


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
