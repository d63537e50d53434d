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
    """An objective whose steps and measurements are compiled, one program a size of batch."""

    def __init__(self, objective: Objective, optimizer: Optimizer, backend: str) -> None:
        self.objective, self.optimizer, self.backend = objective, optimizer, backend
        self.model, self.metrics = objective.model, objective.metrics
        self.reason = ""  # why it is left to the eager one, where it is
        self._programs: dict[Any, Program] = {}
        self._arrays: tuple[Any, list[Any]] = (None, [])  # those of the last batch
        self._flat = FlatStep(optimizer)

    def step(self, batch: Dataset, optimizer: Optimizer, max_norm: float | None) -> Measured:
        """Move the parameters once, as the eager objective does; raise what it raises."""
        results = self._run(batch, gradient=True)
        if results is None:
            return self.objective.step(batch, optimizer, max_norm)
        (loss, *slopes), predictions = results
        norm = math.hypot(*slopes)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            return self.objective.step(batch, optimizer, max_norm)  # which names the culprit
        n, numbers = self.objective._measured(batch, loss, predictions)
        for p, slope in zip(optimizer.parameters, slopes, strict=True):
            p.grad = slope
        if max_norm is not None:
            clip_grad_norm(optimizer.parameters, max_norm)
        self._flat.step()
        return n, {**numbers, "grad_norm": norm}

    def validated(self, batch: Dataset) -> Measured:
        """Return the loss and the metrics of a batch."""
        results = self._run(batch, gradient=False)
        if results is None:
            return self.objective.validated(batch)
        (loss,), predictions = results
        return self.objective._measured(batch, loss, predictions)

    def _run(self, batch: Dataset, *, gradient: bool) -> Any:
        """Return the loss, its slopes and the predictions; None where it is to be done eagerly."""
        if self.reason:
            return None
        try:
            leaves = self._leaves(batch)
            program = self._program(batch, leaves, gradient)
            if program.last is None:
                with self._without_effects():
                    program.run(leaves, answer=lambda path: path)
            results, path = program.run(leaves)
        except (ArithmeticError, ValueError):  # for this batch
            return None
        except (Unfit, TracingError, TypeError, AttributeError, LookupError) as error:
            self.reason = str(error)
            return None
        count = 1 + gradient * len(self.optimizer.parameters)
        return results[:count], path.aux(results[count:]) if self.metrics else []

    def _leaves(self, batch: Dataset) -> list[Any]:
        """Return what a program is run with: the batch as two arrays, where it runs on arrays."""
        if self.backend != "array":
            return []
        if self._arrays[0] is not batch:
            self._arrays = batch, [_array(batch.inputs), _array(batch.targets)]
        return self._arrays[1]

    def _program(self, batch: Dataset, leaves: list[Any], gradient: bool) -> Program:
        shapes = [x.shape for x in leaves] or [id(batch)]
        training = [module.training for _, module in self.model.named_modules()]
        key = (gradient, *shapes, *training)
        if key not in self._programs:
            names = [Input("inputs"), Input("targets")][: len(leaves)]
            lists = isinstance(batch.inputs[0], list)

            def traced(stands: list[Any]) -> tuple[list[Any], Any]:
                if stands:
                    loss, outputs, rebuild = self._in_lanes(stands, lists)
                else:
                    loss, outputs, rebuild = self._one_by_one(batch)
                wrt = self.optimizer.parameters
                slopes = gradients(recorded(loss), wrt) if gradient else []
                return [loss, *slopes, *outputs], rebuild

            self._programs[key] = Program(traced, names, BACKENDS[self.backend], limit=8)
        return self._programs[key]

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

    def _one_by_one(self, batch: Dataset) -> tuple[Any, list[Any], Any]:
        """Record the loss of a batch as it is, its numbers being constants."""
        loss, predictions = self.objective._forward(batch)
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
        modules = [vars(module) for _, module in self.model.named_modules()]
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


class FlatStep:
    """The step of an optimizer on arrays, one a group, where there are enough parameters."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        of_the_library = type(optimizer) in OPTIMIZERS.values() and len(optimizer.parameters) >= 32
        self.on_arrays = of_the_library and importlib.util.find_spec("numpy") is not None

    def step(self) -> None:
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
