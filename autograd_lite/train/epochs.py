"""One pass over the data: for each batch a loss, its gradient, and a step of the optimiser."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..checks import detect_anomaly
from ..errors import AutogradError, DivergenceError
from ..modes import no_gc, no_grad
from ..nn import Module
from ..operation import primal
from ..optim import Optimizer, clip_grad_norm
from ..value import Value
from .data import Dataset
from .metrics import Metric

Loss = Callable[[Sequence[Any], Sequence[Any]], Any]


@dataclass
class Averages:
    """Means of what was measured on batches, each weighted by its number of samples.

    >>> averages = Averages()
    >>> averages.add(3, {"loss": 1.0}); averages.add(1, {"loss": 5.0})
    >>> averages.means()
    {'loss': 2.0}
    """

    samples: int = 0
    totals: dict[str, float] = field(default_factory=dict)

    def add(self, samples: int, measured: Mapping[str, float]) -> None:
        """Count in what was measured on a batch."""
        self.samples += samples
        for name, x in measured.items():
            self.totals[name] = self.totals.get(name, 0.0) + samples * x

    def means(self) -> dict[str, float]:
        """Return the mean of everything measured, by name."""
        return {name: total / self.samples for name, total in self.totals.items()}


@dataclass(frozen=True)
class Objective:
    """What a model is to make small, and what is measured beside it."""

    model: Module
    loss: Loss
    metrics: Mapping[str, Metric]

    def __call__(self, batch: Dataset) -> tuple[Value, list[Any]]:
        """Return the loss of a batch and the predictions it is of.

        Raises TypeError where the loss is not one Value.
        """
        predictions = self._predictions(batch)
        loss = self.loss(predictions, batch.targets)
        if not isinstance(loss, Value):
            hint = "; pass reduction='mean' or 'sum'" if isinstance(loss, list) else ""
            raise TypeError(
                "a loss is one Value that depends on the model's parameters, got "
                f"{type(loss).__name__} {'' if hint else repr(loss)[:60]}{hint}"
            )
        return loss, predictions

    def measured(self, loss: Any, predictions: list[Any], batch: Dataset) -> dict[str, float]:
        """Return the loss and the metrics of a batch as plain numbers."""
        numbers = {"loss": primal(loss)}
        with no_grad():
            for name, metric in self.metrics.items():
                numbers[name] = primal(metric(predictions, batch.targets))
        return numbers

    def validated(self, batches: Iterable[Dataset]) -> dict[str, float]:
        """Return the loss and the metrics over batches, of the model out of training."""
        averages = Averages()
        self.model.eval()
        for batch in batches:
            with no_grad(), no_gc():
                predictions = self._predictions(batch)
                loss = self.loss(predictions, batch.targets)
                averages.add(len(batch.targets), self.measured(loss, predictions, batch))
        return {f"val_{name}": x for name, x in averages.means().items()}

    def _predictions(self, batch: Dataset) -> list[Any]:
        model: Any = self.model  # a Module says what a call takes where it is defined
        predictions: list[Any] = []
        try:
            for x in batch.inputs:
                predictions.append(model(x))
        except Exception as error:
            error.add_note(f"for the input {x!r:.100}")
            raise
        return predictions


def train_on(
    objective: Objective, optimizer: Optimizer, batch: Dataset, max_norm: float | None
) -> dict[str, float]:
    """Make one step of the optimiser; return what was measured, the gradient's norm included.

    Raises DivergenceError at nan or inf, before any parameter is moved.
    """
    try:
        loss, predictions = objective(batch)
        optimizer.zero_grad()
        loss.backward()
    except AutogradError as error:
        if not isinstance(error, ArithmeticError):
            raise
        raise DivergenceError(_culprit(objective, batch) or str(error)) from error
    norm = math.hypot(*(p.grad for p in optimizer.parameters if p.grad is not None))
    if not (math.isfinite(loss.data) and math.isfinite(norm)):
        what = f"the loss is {loss.data:g}, the norm of its gradient {norm:g}"
        raise DivergenceError(_culprit(objective, batch) or what)
    measured = {**objective.measured(loss, predictions, batch), "grad_norm": norm}
    if max_norm is not None:
        clip_grad_norm(optimizer.parameters, max_norm)
    optimizer.step()
    return measured


def _culprit(objective: Objective, batch: Dataset) -> str:
    """Name the first operation that gives nan or inf for this batch, forward or backward."""
    try:
        with detect_anomaly():
            objective(batch)[0].backward()
    except ArithmeticError as error:
        return str(error)
    return ""
