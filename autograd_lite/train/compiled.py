"""Training on a tape: the loss of a whole batch and its gradient, compiled.

A loss that is the mean or the sum of what each sample gives is recorded for one sample and run in
lanes, on arrays of all. Any other one is recorded for the batch as it is. What cannot be recorded,
or has effects besides its result, is left to the eager objective, and `reason` says why.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from itertools import chain
from typing import Any

from .. import modes
from ..compiler import array_source, python_source
from ..compiler.program import Program, Unfit
from ..compiler.tape import Input
from ..errors import TracingError
from ..optim import Optimizer, clip_grad_norm
from ..optim.optimizers import OPTIMIZERS
from ..transforms import gradients
from ..transforms.pytree import flatten
from ..value import recorded, set_data
from .data import Dataset
from .objective import Measured, Objective
from .resuming import RandomSources

FEW = 16  # samples: fewer are recorded one by one, as arrays would take longer
BACKENDS = {"array": array_source.compiled, "python": python_source.compiled}


def backend_for(samples: int, steps: float) -> str:
    """Return what is worth compiling to for so many steps: "array", "python", or "eager".

    It does not depend on how long anything takes: a training run again has the same bits.

    >>> backend_for(4, 100), backend_for(4, 10)
    ('python', 'eager')
    """
    if samples >= FEW and importlib.util.find_spec("numpy") is not None:
        return "array" if steps >= 10 else "eager"
    return "python" if steps >= 100 * samples / FEW else "eager"


class CompiledObjective:
    """An objective whose steps and measurements are compiled, one program a size of batch.

    The samples of `wholes`, data that is always taken as a whole, are constants where they are few.
    """

    def __init__(
        self, objective: Objective, optimizer: Optimizer, backend: str, wholes: Sequence[Dataset]
    ) -> None:
        self.objective, self.optimizer, self.backend = objective, optimizer, backend
        self.model, self.metrics, self.wholes = objective.model, objective.metrics, wholes
        self.parameters = optimizer.parameters
        self.reason = ""  # why it is left to the eager one, where it is
        self._programs: dict[Any, Program] = {}
        self._arrays: tuple[Any, list[Any]] = (None, [])  # those of the last batch
        self._modules = [module for _, module in self.model.named_modules()]
        self._update: ArrayUpdate | TapeUpdate = (
            ArrayUpdate(optimizer) if backend == "array" else TapeUpdate(optimizer)
        )

    def step(self, batch: Dataset, optimizer: Optimizer, max_norm: float | None) -> Measured:
        """Move the parameters once, as the eager objective does; raise what it raises."""
        update = None if max_norm is not None else self._update
        results = self._run(batch, gradient=True, update=update)
        if results is None:
            return self.objective.step(batch, optimizer, max_norm)
        loss, numbers, predictions = results
        slopes, moved = numbers[: len(self.parameters)], numbers[len(self.parameters) :]
        norm = math.hypot(*slopes)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            return self.objective.step(batch, optimizer, max_norm)  # which names the culprit
        n, measured = self.objective._measured(batch, loss, predictions)
        for p, slope in zip(self.parameters, slopes, strict=True):
            p.grad = slope
        if update is not None:
            update.apply(moved)
        else:
            clip_grad_norm(self.parameters, max_norm or math.inf)
            optimizer.step()
        return n, {**measured, "grad_norm": norm}

    def validated(self, batch: Dataset) -> Measured:
        """Return the loss and the metrics of a batch."""
        results = self._run(batch, gradient=False, update=None)
        if results is None:
            return self.objective.validated(batch)
        loss, _, predictions = results
        return self.objective._measured(batch, loss, predictions)

    def _run(self, batch: Dataset, *, gradient: bool, update: Any) -> Any:
        """Return the loss, its slopes and what moves the parameters, and the predictions.

        None where that is to be done eagerly.
        """
        if self.reason:
            return None
        try:
            leaves, key = self._leaves(batch)
            leaves = leaves if update is None else [*leaves, *update.leaves()]
            made_for = None if update is None else update.key()
            key = (gradient, made_for, key, *[module.training for module in self._modules])
            program = self._programs.get(key)
            if program is None:
                program = self._programs[key] = self._program(batch, len(leaves), gradient, update)
                with self._without_effects():
                    program.run(leaves, answer=lambda path: path)
            results, path = program.run(leaves)
        except (ArithmeticError, ValueError):  # for this batch
            return None
        except (Unfit, TracingError, TypeError, AttributeError, LookupError) as error:
            self.reason = str(error)
            return None
        count, rebuild = path.aux
        return results[0], results[1:count], rebuild(results[count:]) if self.metrics else []

    def _leaves(self, batch: Dataset) -> tuple[list[Any], Any]:
        """Return what a program is run with, two arrays or numbers, and what tells their kind."""
        if self.backend == "array":
            if self._arrays[0] is not batch:
                self._arrays = batch, [_array(batch.inputs), _array(batch.targets)]
            return self._arrays[1], tuple([x.shape for x in self._arrays[1]])
        for i, whole in enumerate(self.wholes):
            if batch is whole:
                return [], i
        numbers, structure = flatten((batch.inputs, batch.targets))
        return numbers, tuple(structure.key)

    def _program(self, batch: Dataset, count: int, gradient: bool, update: Any) -> Program:
        lists = isinstance(batch.inputs[0], list)
        given = 2 if self.backend == "array" else count - len(update.leaves() if update else ())
        structure = flatten((batch.inputs, batch.targets))[1] if given > 2 else None

        def traced(stands: list[Any]) -> tuple[list[Any], Any]:
            if self.backend == "array":
                loss, outputs, rebuild = self._in_lanes(stands[:2], lists)
            elif structure is not None:
                loss, outputs, rebuild = self._one_by_one(*structure.rebuild(stands[:given]))
            else:
                loss, outputs, rebuild = self._one_by_one(batch.inputs, batch.targets)
            slopes = gradients(recorded(loss), self.parameters) if gradient else []
            moved = update.moved(slopes, stands[given:]) if update else []
            return [loss, *slopes, *moved, *outputs], (1 + len(slopes) + len(moved), rebuild)

        names = [Input(f"input {i}") for i in range(count)]
        return Program(traced, names, BACKENDS[self.backend], limit=8)

    def _in_lanes(self, stands: list[Any], lists: bool) -> tuple[Any, list[Any], Any]:
        """Record the loss of a batch for one sample, and return the predictions in lanes."""
        inputs, targets = stands
        recorder: Any = modes.recorder()
        recorder.longest_loop = FEW

        def predicted(x: Any) -> Any:
            return self.model(list(x) if lists else x)

        predictions = recorder.lanes(predicted, 0, (inputs,), {}, together=True)
        if predictions is NotImplemented:
            raise Unfit("the samples are not rows of numbers")
        loss = self.objective.loss(predictions, targets)

        def rebuild(results: list[Any]) -> list[Any]:
            columns = [x.tolist() for x in results]
            return [predictions.structure.rebuild(row) for row in zip(*columns, strict=True)]

        return loss, predictions.nodes if self.metrics else [], rebuild

    def _one_by_one(self, inputs: Any, targets: Any) -> tuple[Any, list[Any], Any]:
        """Record the loss of a batch as it is."""
        predictions = [self.model(x) for x in inputs]
        loss = self.objective.loss(predictions, targets)
        numbers, structure = flatten(predictions)
        return loss, numbers if self.metrics else [], structure.rebuild

    @contextmanager
    def _without_effects(self) -> Iterator[None]:
        """Undo what tracing did besides recording, and raise Unfit: no later step would do it."""
        sources, printed = RandomSources(self.model), io.StringIO()
        states, held = sources.state_dict(), self._attributes()
        with redirect_stdout(printed):
            yield
        why = "prints" if printed.getvalue() else ""
        if self._attributes() != held:
            why = "changes attributes of the model"
        if sources.state_dict() != states:
            sources.load_state_dict(states)
            why = "draws random numbers"
        if why:
            raise Unfit(f"the model or the loss {why} at each step")

    def _attributes(self) -> list[tuple[str, int, int]]:
        modules = [vars(module) for module in self._modules]
        return [
            (name, id(x), len(x) if isinstance(x, Sequence | dict) else 0)
            for attributes in modules
            for name, x in attributes.items()
        ]


def _array(rows: Any) -> Any:
    """Return samples as an array, a row each."""
    numpy = importlib.import_module("numpy")
    try:
        array = numpy.asarray(rows)
    except ValueError:
        raise Unfit("the samples are of several lengths") from None
    if array.dtype.kind not in "fiub" or array.ndim not in (1, 2):
        raise Unfit("the samples are not rows of numbers")
    return array.astype(float)


# --- the update of the parameters -----------------------------------------------------------------


class ArrayUpdate:
    """The step of an optimizer on arrays, one a group, where there are enough parameters."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.on_arrays = type(optimizer) in OPTIMIZERS.values() and len(optimizer.parameters) >= 32

    def key(self) -> Any:
        """Return what a program is made for: it has no part in the update."""

    def leaves(self) -> list[float]:
        """Return the numbers that a program needs for the update: none."""
        return []

    def moved(self, slopes: list[Any], leaves: list[Any]) -> list[Any]:
        """Return what a program computes of the update: nothing."""
        return []

    def apply(self, moved: Sequence[float]) -> None:
        """Update every parameter by its `.grad`."""
        optimizer = self.optimizer
        if not self.on_arrays:
            optimizer.step()
            return
        numpy = importlib.import_module("numpy")
        before, states = iter(optimizer._states), list[Any]()
        numbers = list[float]()
        for group in optimizer.param_groups:
            own = [next(before) for _ in group["params"]]
            columns = tuple([numpy.array(column) for column in zip(*own, strict=True)])
            options = {name: group[name] for name in optimizer.defaults}
            data = numpy.array([p._data for p in group["params"]])
            slopes = numpy.array([p.grad for p in group["params"]])
            with numpy.errstate(all="ignore"):
                data, columns = type(optimizer).rule(data, slopes, columns, **options)
            numbers += data.tolist()
            rows = zip(*[column.tolist() for column in columns], strict=True)
            states += list(rows) if columns else own
        set_data(optimizer.parameters, numbers)
        optimizer._states = states


class TapeUpdate:
    """The step of an optimizer as part of the program: its rule is arithmetic, as all else is.

    Options that are numbers are inputs, for a schedule may change them. A count of steps that all
    parameters of a group share is one input, and what is computed of it is computed once.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer, self.parameters = optimizer, optimizer.parameters
        self.on_tape = type(optimizer) in OPTIMIZERS.values() and len(optimizer.param_groups) == 1
        options = {name: optimizer.param_groups[0][name] for name in optimizer.defaults}
        self.numbers = [name for name, x in options.items() if x.__class__ is float]
        _, first = type(optimizer).rule(0.0, 0.0, (0,) * optimizer.state_size, **options)
        self.counts = [x.__class__ is int and x > 0 for x in first]
        self._states: Any = None  # those of which the slots are
        self._slots: list[Any] = []

    def key(self) -> Any:
        """Return what a program is made for: the options that are no numbers, what is shared."""
        group = self.optimizer.param_groups[0]
        fixed = [group[name] for name in self.optimizer.defaults if name not in self.numbers]
        return self.on_tape, *fixed, *map(len, self._columns())

    def _columns(self) -> list[Any]:
        """Return what the rule remembers, slot by slot."""
        if self.optimizer._states is not self._states:
            self._states = self.optimizer._states
            self._slots = list(zip(*self._states, strict=True))
            for i, counted in enumerate(self.counts):
                if counted and len({*self._slots[i]}) == 1:
                    self._slots[i] = self._slots[i][:1]
        return self._slots

    def leaves(self) -> list[float]:
        """Return the numbers that a program needs: the options, and what the rule remembers."""
        if not self.on_tape:
            return []
        group = self.optimizer.param_groups[0]
        return [*[group[x] for x in self.numbers], *map(float, chain(*self._columns()))]

    def moved(self, slopes: list[Any], leaves: list[Any]) -> list[Any]:
        """Return the parameters moved, and what the rule is to remember."""
        if not self.on_tape:
            return []
        group, rest = self.optimizer.param_groups[0], iter(leaves)
        options = {name: group[name] for name in self.optimizer.defaults}
        options |= {name: next(rest) for name in self.numbers}
        columns = [[next(rest) for _ in column] for column in self._columns()]
        k = len(self.parameters)
        states = zip(*[c * k if len(c) < k else c for c in columns], strict=True)
        triples = zip(self.parameters, slopes, list(states) or [()] * k, strict=True)
        steps = [type(self.optimizer).rule(p, g, state, **options) for p, g, state in triples]
        new = [[state[i] for _, state in steps] for i in range(len(columns))]
        kept = [c[: len(before)] for c, before in zip(new, columns, strict=True)]
        return [*[p for p, _ in steps], *chain(*kept)]

    def apply(self, moved: Sequence[float]) -> None:
        """Take over what a program has computed."""
        if not self.on_tape:
            self.optimizer.step()
            return
        k = end = len(self.parameters)
        slots: list[Any] = []
        for before, counted in zip(self._columns(), self.counts, strict=True):
            column, end = moved[end : end + len(before)], end + len(before)
            slots.append([int(x) for x in column] if counted else column)
        set_data(self.parameters, moved[:k])
        columns = [[*slot] * k if len(slot) < k else slot for slot in slots]
        if columns:
            self._slots = slots
            self._states = self.optimizer._states = list(zip(*columns, strict=True))
