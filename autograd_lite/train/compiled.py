"""Training on a tape: the loss of a whole batch and its gradient, compiled.

Of many samples the model is recorded for one and run in lanes, on arrays of all, and so are the
library's losses; of few all are recorded, one by one. A loss that goes through many one by one,
what cannot be recorded, or has effects besides its result, is left to the eager objective, and
`reason` says why.
"""

from __future__ import annotations

import importlib
import math
import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from .. import modes
from ..compiler import array_source, python_source
from ..compiler.lanes import has_arrays
from ..compiler.program import Explored, Path, Program, Unfit
from ..compiler.tape import Input
from ..optim import Optimizer, clip_grad_norm
from ..transforms import gradients
from ..transforms.pytree import flatten
from ..value import Value, recorded
from .data import Dataset
from .effects import Reach, result_alone
from .objective import Measured, Objective
from .updates import Update, update_of

FEW = 16  # samples: fewer are recorded one by one, as arrays would take longer
MOST = 16  # programs, and times that callbacks may change what they are made of
BACKENDS = {"array": array_source.compiled, "python": python_source.compiled}
TOO_SHORT = "the run is too short to repay it; jit=True compiles it nevertheless"


# Steps that take as long as it does to record a sample and compile it: many are quicker on arrays
# by far more than a few are in plain Python.
REPAID = {"array": 25, "python": 150}


def backend_for(samples: int, steps: float) -> str:
    """Return what is worth compiling to for so many steps: "array", "python", or "eager".

    It does not depend on how long anything takes: a training run again has the same bits.

    >>> backend_for(4, 1000), backend_for(4, 10)
    ('python', 'eager')
    """
    if samples >= FEW and has_arrays():
        return "array" if steps >= REPAID["array"] else "eager"
    return "python" if steps >= REPAID["python"] else "eager"


class CompiledObjective:
    """An objective whose steps and measurements are compiled, one program a size of batch.

    The samples of `wholes`, data that is always taken as a whole, are constants where they are few.
    """

    def __init__(
        self, objective: Objective, optimizer: Optimizer, backend: str,
        wholes: Sequence[Dataset], *, clipped: bool,
    ) -> None:  # fmt: skip
        self.objective, self.optimizer, self.backend = objective, optimizer, backend
        self.model, self.metrics, self.wholes = objective.model, objective.metrics, wholes
        self.clipped = clipped
        self.reason = ""  # why it is left to the eager one, where it is
        self.changes = 0  # how often it has begun anew
        self._begin()

    def _begin(self) -> None:
        self.parameters = self.optimizer.parameters
        self._update = update_of(self.optimizer, self.backend, clipped=self.clipped)
        self._programs: dict[Any, Program] = {}
        self._arrays: dict[int, tuple[Dataset, list[Any]]] = {}
        self._reach = Reach(self.model, self.objective.loss)

    def renew(self) -> None:
        """Compile anew if callbacks have changed what has been compiled in: more than numbers."""
        if self.reason:
            return
        now = self.optimizer.parameters
        same = len(now) == len(self.parameters) and all(map(operator.is_, now, self.parameters))
        name = self._reach.changed()
        if same and not name:
            return
        self.changes += 1
        if self.changes > MOST:
            self.reason = f"callbacks change {name or 'the parameters'} again and again"
        self._begin()

    def step(self, batch: Dataset, optimizer: Optimizer, max_norm: float | None) -> Measured:
        """Move the parameters once, as the eager objective does; raise what it raises."""
        update = self._update
        results = self._run(batch, update)
        if results is None:
            return self.objective.step(batch, optimizer, max_norm)
        loss, norm, slopes, moved, predictions = results
        if type(optimizer).zero_grad is Optimizer.zero_grad:
            for p, slope in zip(self.parameters, slopes, strict=True):
                p.grad = slope
        else:  # what has no part in the loss keeps what this leaves
            optimizer.zero_grad()
            for p, slope in zip(self.parameters, slopes, strict=True):
                p.grad = slope or p.grad
        n, measured = self.objective._measured(batch, loss, predictions)
        if max_norm is not None:
            clip_grad_norm(self.parameters, max_norm)
        update.apply(moved)
        measured["grad_norm"] = norm
        return n, measured

    def validated(self, batch: Dataset) -> Measured:
        """Return the loss and the metrics of a batch."""
        results = self._run(batch, None)
        if results is None:
            return self.objective.validated(batch)
        return self.objective._measured(batch, results[0], results[-1])

    def _run(self, batch: Dataset, update: Update | None) -> Any:
        """Return the loss, the gradient's norm, its numbers, what moves parameters, predictions.

        None where that is to be done eagerly: what is raised or named then is the eager one's.
        """
        if self.reason or (modes.active and _records_otherwise(modes.current())):
            return None
        if self.backend == "array" and len(batch.targets) < 2:
            return None
        try:
            leaves, kind, taken = self._leaves(batch)
            more, made_for = ([], None) if update is None else update.leaves()
            key = update is None, kind, made_for
            program = self._programs.get(key)
            if program is None:
                traced = partial(self._traced, taken, len(leaves))
                program = self._program(key, traced, update, len(leaves) + len(more))
            results, path = program.run([*leaves, *more])
        except (ArithmeticError, ValueError):  # for this batch
            return None
        except Exception as error:  # the user's own, too
            self.reason = str(error).partition("\n")[0] or type(error).__name__
            return None
        (count, moved, rebuild), loss = path.aux, results[0]
        end = 1 + count
        norm = math.hypot(*results[1:end])
        if not (math.isfinite(loss) and math.isfinite(norm)):
            path.set_back(path.states)
            return None
        predictions = rebuild(results[end + moved :]) if self.metrics else []
        return loss, norm, results[1:end], results[end : end + moved], predictions

    def _leaves(self, batch: Dataset) -> tuple[list[Any], Any, Any]:
        """Return numbers or arrays, what tells their kind, and what makes samples of them."""
        if self.backend == "array":
            known = self._arrays.get(id(batch))
            if known is None or known[0] is not batch:
                known = batch, [_array(batch.inputs), _array(batch.targets)]
                if any(batch is whole for whole in self.wholes):
                    self._arrays[id(batch)] = known
            return known[1], tuple([x.shape for x in known[1]]), tuple
        for i, whole in enumerate(self.wholes):
            if batch is whole:
                return [], i, lambda _: batch
        numbers, structure = flatten((batch.inputs, batch.targets), static=True)
        return numbers, tuple(structure.key), structure.rebuild

    def _program(
        self, key: Any, traced: Callable[..., Any], update: Update | None, count: int
    ) -> Program:
        if len(self._programs) >= MOST:
            raise Unfit(f"the batches are nested in more than {MOST} ways")
        names = [Input(f"input {i}") for i in range(count)]
        functions = partial(traced, update), partial(traced, None)
        self._programs[key] = _Steady(*functions, names, BACKENDS[self.backend])
        return self._programs[key]

    def _traced(
        self, taken: Any, count: int, update: Update | None, stands: list[Any]
    ) -> tuple[list[Any], Any]:
        """Record the loss of a batch, its gradient, and what an update computes of that."""
        forward = self._in_lanes if self.backend == "array" else self._one_by_one
        loss, outputs, rebuild = result_alone(
            lambda: forward(*taken(stands[:count])), self.model, self.objective.loss
        )
        if update is None:
            return [recorded(loss), *outputs], (0, 0, rebuild)
        slopes = gradients(loss, self.parameters)
        moved = update.moved(slopes, stands[count:])
        return [loss, *slopes, *moved, *outputs], (len(slopes), len(moved), rebuild)

    def _in_lanes(self, inputs: Any, targets: Any) -> tuple[Any, list[Any], Any]:
        """Record the loss of a batch for one sample; the predictions are in lanes."""
        recorder: Any = modes.recorder()
        recorder.longest_loop = FEW

        def predicted(x: Any) -> Any:
            return self.model(x.tolist() if hasattr(x, "tolist") else x)

        predictions = recorder.lanes(predicted, 0, (inputs,), {}, together=True)
        if predictions is NotImplemented:
            raise Unfit("the samples are not rows of numbers")
        loss = self.objective.loss(predictions, targets)

        def rebuild(results: list[Any]) -> list[Any]:
            rows = zip(*[x.tolist() for x in results], strict=True)
            return [predictions.structure.rebuild(map(Value, row)) for row in rows]

        return loss, predictions.nodes if self.metrics else [], rebuild

    def _one_by_one(self, inputs: Any, targets: Any) -> tuple[Any, list[Any], Any]:
        """Record the loss of a batch as it is."""
        predictions = [self.model(x) for x in inputs]
        loss = self.objective.loss(predictions, targets)
        numbers, structure = flatten(predictions)

        def rebuild(results: list[Any]) -> Any:
            return structure.rebuild(map(Value, results))

        return loss, numbers if self.metrics else [], rebuild


class _Steady(Program):
    """A program whose forward part does the same each time that it is traced."""

    def __init__(self, function: Any, forward: Any, inputs: list[Input], backend: Any) -> None:
        super().__init__(function, inputs, backend, limit=8)
        self.forward = Program(forward, inputs, backend)

    def traced(self, leaves: Sequence[Any], explored: Explored = ()) -> Path:
        """Return a path that is always answered by its compiled tape, to the same bits."""
        one, again = [self.forward.traced(leaves, explored) for _ in range(2)]
        others = any(map(operator.is_not, one.outside, again.outside))
        if others or str(one.tape) != str(again.tape):
            raise Unfit("the model or the loss is another one at each step")
        path = super().traced(leaves, explored)
        path.known = None
        return path


def _records_otherwise(mode: modes.Mode) -> bool:
    return mode.watch is not None or not mode.recording


def _array(rows: Any) -> Any:
    """Return samples as an array, a row each."""
    numpy = importlib.import_module("numpy")
    try:
        array = numpy.asarray(rows)
    except ValueError:
        raise Unfit("the samples are of several lengths") from None
    if array.dtype.kind not in "fiub" or not array.size:
        raise Unfit("the samples are not rows of numbers")
    return array.astype(float)
