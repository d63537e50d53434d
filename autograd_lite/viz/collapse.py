"""Which nodes belong to which module: found by the names of the parameters they use.

A node does not know the module that made it, but a parameter's name is its path in the model:
`layers.0.neurons.3.weights.1`. What is computed from the parameters of one module is that module's.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, dropwhile
from typing import Any

from ..backprop import Walk

_PLAIN_ARITHMETIC = {"add", "sub", "mul", "div", "neg", "pos", "square", "pow"}


@dataclass(eq=False, slots=True)
class Box:
    """The nodes and parameters of one module, drawn as one."""

    path: str
    operations: list[Any] = field(default_factory=list)
    parameters: dict[Any, None] = field(default_factory=dict)  # in the order of their use
    units: set[str] = field(default_factory=set)  # the neurons of a layer

    @property
    def title(self) -> str:
        """The path, the kind of module it tells of, and how many units it has."""
        container = next(part for part in reversed(self.path.split(".")) if not part.isdigit())
        kind = re.sub(r"(?<!s)s$", "", container).capitalize()
        times = f" ×{len(self.units)}" if len(self.units) > 1 else ""
        return f"{self.path} — {kind}{times}"


def is_parameter_name(name: str | None) -> bool:
    """Tell whether a name is a path that a module gives its parameters.

    >>> is_parameter_name("layers.0.neurons.1.bias"), is_parameter_name("x")
    (True, False)
    >>> is_parameter_name("x = 0.5"), is_parameter_name("...")
    (False, False)
    """
    parts = str(name).split(".")
    fitting = all(part.isidentifier() or part.isdigit() for part in parts)
    return fitting and len(parts) > 1 and not parts[0].isdigit()


@lru_cache(maxsize=10_000)
def module_of(name: str | None) -> tuple[str, str] | None:
    """Return the module and the unit within it that a parameter's name tells of.

    >>> module_of("layers.0.neurons.3.weights.1")
    ('layers.0', 'layers.0.neurons.3')
    >>> module_of("encoder.bias"), module_of("w.1")
    (('encoder', 'encoder'), ('w', 'w'))
    """
    if not is_parameter_name(name):
        return None
    attribute, *outside = dropwhile(str.isdigit, reversed(str(name).split(".")))
    unit = outside or [attribute]
    _, *around = dropwhile(str.isdigit, unit)
    inner = unit[0].isdigit() and any(map(str.isdigit, around))  # one of several in a layer
    module = around if inner else unit
    return ".".join(reversed(module)), ".".join(reversed(unit))


def boxes(graph: Walk[Any]) -> dict[Any, Box]:
    """Map each result and parameter that belongs to a module to the box of that module."""
    modules = {leaf: home for leaf in graph.leaves if (home := module_of(leaf.name))}
    if not modules:
        return {}
    uses = Counter(chain.from_iterable(node.operands for node in graph.order))
    named: dict[str, Box] = {}
    belongs: dict[Any, Box] = {}
    unit_of: dict[Any, tuple[str, str]] = {}
    for node in graph.order:
        inputs = [x for x in node.operands if x.__class__ is not float]
        parameters = [x for x in inputs if x in modules]
        if parameters:
            module, unit = modules[parameters[0]]
            if any(modules[x][0] != module for x in parameters):
                continue
        else:
            module, unit = unit_of.get(inputs[0], ("", ""))
            if not unit or any(unit_of.get(x) != (module, unit) for x in inputs):
                continue
        activation = not parameters and len(inputs) == 1
        if activation and (uses[inputs[0]] > 1 or node.op.name in _PLAIN_ARITHMETIC):
            continue
        if not activation:  # what is applied to an activation is no longer the module's
            unit_of[node] = module, unit
        box = named.setdefault(module, Box(module))
        box.units.add(unit)
        box.operations.append(node)
        box.parameters |= dict.fromkeys(parameters)
        belongs |= dict.fromkeys([node, *parameters], box)
    return belongs
