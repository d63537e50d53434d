"""The step of an optimizer where training is compiled: by itself, on arrays, or on the tape.

All three give the same numbers, to rounding: the optimizer's rule is arithmetic, which numbers,
arrays and the Values of a trace have alike.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from itertools import chain
from typing import Any

from ..optim import Optimizer
from ..optim.optimizers import OPTIMIZERS
from ..transforms.pytree import flatten
from ..value import set_data

MANY = 32  # parameters: as arrays, fewer would take longer


def update_of(optimizer: Optimizer, backend: str, *, clipped: bool) -> Update:
    """Return the quickest step of an optimizer that gives what its own does.

    Gradients that are clipped first are not on the tape. One of a user's own may do anything in
    its step, and makes it itself.
    """
    if type(optimizer) in OPTIMIZERS.values():
        if backend == "array" and len(optimizer.parameters) >= MANY:
            return ArrayUpdate(optimizer)
        if backend == "python" and len(optimizer.param_groups) == 1 and not clipped:
            return TapeUpdate(optimizer)
    return Update(optimizer)


class Update:
    """The step that an optimizer makes itself, after the program of the gradient."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer, self.parameters = optimizer, optimizer.parameters

    def leaves(self) -> tuple[list[float], Any]:
        """Return the numbers that a program needs for the update, and what else it is made for."""
        return [], None

    def moved(self, slopes: list[Any], leaves: list[Any]) -> list[Any]:
        """Return what a program computes of the update."""
        return []

    def apply(self, moved: Sequence[float]) -> None:
        """Update every parameter by what was computed, or its `.grad`."""
        self.optimizer.step()


class ArrayUpdate(Update):
    """The rule on arrays, one a group."""

    def apply(self, moved: Sequence[float]) -> None:
        """Update every parameter by its `.grad`."""
        numpy, optimizer = importlib.import_module("numpy"), self.optimizer
        before, states, numbers = iter(optimizer._states), list[Any](), list[float]()
        for group in optimizer.param_groups:
            own = [next(before) for _ in group["params"]]
            columns = tuple([numpy.array(column) for column in zip(*own, strict=True)])
            options = {name: group[name] for name in optimizer.defaults}
            data = numpy.array([p._data for p in group["params"]])
            slopes = numpy.array([p.grad for p in group["params"]])
            with numpy.errstate(all="ignore"):
                data, columns = type(optimizer).rule(data, slopes, columns, **options)
            numbers += data.tolist()
            states += zip(*[column.tolist() for column in columns], strict=True)
        set_data(self.parameters, numbers)
        optimizer._states = states


class TapeUpdate(Update):
    """The rule as part of the program.

    Options that are numbers are inputs, for a schedule may change them. A count of steps that all
    parameters share is one input, and what is computed of it is computed once.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        super().__init__(optimizer)
        self.group = optimizer.param_groups[0]
        options = {name: self.group[name] for name in optimizer.defaults}
        _, first = type(optimizer).rule(0.0, 0.0, (0,) * optimizer.state_size, **options)
        self.counts = [x.__class__ is int and x > 0 for x in first]  # by a step, so they stay whole
        self._states: Any = None  # those of which the slots are
        self._slots: list[Any] = []
        self._options: tuple[list[Any], list[float], Any] = ([], [], None)

    def leaves(self) -> tuple[list[float], Any]:
        """Return the options, and what the rule remembers."""
        values = [self.group[name] for name in self.optimizer.defaults]
        if values != self._options[0]:
            numbers, structure = flatten(values, static=True)
            self._options = values, numbers, structure
        slots = self._columns()
        key = *self._options[2].key, *map(len, slots)
        return [*self._options[1], *chain(*slots)], key

    def _columns(self) -> list[Any]:
        """Return what the rule remembers, slot by slot."""
        if self.optimizer._states is not self._states:
            self._states = self.optimizer._states
            self._slots = list(zip(*self._states, strict=True))
            for i, counted in enumerate(self.counts):
                if counted and len({*self._slots[i]}) == 1:
                    self._slots[i] = self._slots[i][:1]
        return self._slots

    def moved(self, slopes: list[Any], leaves: list[Any]) -> list[Any]:
        """Return the parameters moved, and what the rule is to remember."""
        _, numbers, structure = self._options
        rest, k = iter(leaves), len(self.parameters)
        values = structure.rebuild([next(rest) for _ in numbers])
        options = dict(zip(self.optimizer.defaults, values, strict=True))
        columns = [[next(rest) for _ in column] for column in self._columns()]
        states = zip(*[c * (k // len(c)) for c in columns], strict=True)
        triples = zip(self.parameters, slopes, states, strict=True)
        steps = [type(self.optimizer).rule(p, g, state, **options) for p, g, state in triples]
        new = [[state[i] for _, state in steps] for i in range(len(columns))]
        kept = [c[: len(before)] for c, before in zip(new, columns, strict=True)]
        return [*[p for p, _ in steps], *chain(*kept)]

    def apply(self, moved: Sequence[float]) -> None:
        """Take over what a program has computed."""
        k = end = len(self.parameters)
        slots: list[Any] = []
        for before, counted in zip(self._columns(), self.counts, strict=True):
            column, end = moved[end : end + len(before)], end + len(before)
            slots.append([int(x) for x in column] if counted else column)
        set_data(self.parameters, moved[:k])
        columns = [[*slot] * (k // len(slot)) for slot in slots]
        self._slots = slots
        self._states = self.optimizer._states = list(zip(*columns, strict=True))
