"""One step of training: the loss of a batch, its gradient, and a move of the parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..checks import detect_anomaly
from ..errors import AnomalyError, DivergenceError, DivisionByZero, RangeError
from ..modes import no_gc, no_grad
from ..operation import primal
from ..optim import Optimizer, clip_grad_norm
from ..value import Value
from .data import Dataset
from .metrics import Metric

Loss = Callable[[Sequence[Any], Sequence[Any]], Any]
Measured = tuple[int, dict[str, float]]  # what was measured on so many samples


@dataclass(frozen=True)
class Objective:
    """What a model is to make small, and what is measured beside it."""

    model: Any  # a Module, which says what a call takes where it is defined
    loss: Loss
    metrics: Mapping[str, Metric]

    def step(self, batch: Dataset, optimizer: Optimizer, max_norm: float | None) -> Measured:
        """Move the parameters once; return what was measured, the gradient's norm included.

        Raises DivergenceError at nan or inf, before any parameter is moved; TypeError where the
        loss is not one Value.
        """
        try:
            loss, predictions = self._recorded(batch)
            optimizer.zero_grad()
            loss.backward()
        except (DivisionByZero, RangeError, AnomalyError) as error:
            raise DivergenceError(self._culprit(batch) or str(error)) from error
        norm = math.hypot(*(p.grad for p in optimizer.parameters if p.grad is not None))
        if not (math.isfinite(loss.data) and math.isfinite(norm)):
            what = f"the loss is {loss.data:g}, the norm of its gradient {norm:g}"
            raise DivergenceError(self._culprit(batch) or what)
        n, numbers = self._measured(batch, loss, predictions)
        if max_norm is not None:
            clip_grad_norm(optimizer.parameters, max_norm)
        optimizer.step()
        return n, {**numbers, "grad_norm": norm}

    def validated(self, batches: Iterable[Dataset]) -> Iterator[Measured]:
        """Yield the loss and the metrics of each batch, of the model out of training."""
        self.model.eval()
        for batch in batches:
            with no_grad(), no_gc():
                predictions = self._predictions(batch)
                loss = self.loss(predictions, batch.targets)
                measured = self._measured(batch, loss, predictions)
            yield measured

    def _recorded(self, batch: Dataset) -> tuple[Value, list[Any]]:
        predictions = self._predictions(batch)
        loss = self.loss(predictions, batch.targets)
        if not isinstance(loss, Value):
            hint = "; pass reduction='mean' or 'sum'" if isinstance(loss, list) else ""
            raise TypeError(
                "a loss is one Value that depends on the model's parameters, got "
                f"{type(loss).__name__} {'' if hint else repr(loss)[:60]}{hint}"
            )
        return loss, predictions

    def _predictions(self, batch: Dataset) -> list[Any]:
        predictions: list[Any] = []
        try:
            for x in batch.inputs:
                predictions.append(self.model(x))
        except Exception as error:
            error.add_note(f"for the input {x!r:.100}")
            raise
        return predictions

    def _measured(self, batch: Dataset, loss: Any, predictions: list[Any]) -> Measured:
        numbers = {"loss": primal(loss)}
        with no_grad():
            for name, metric in self.metrics.items():
                numbers[name] = primal(metric(predictions, batch.targets))
        return len(batch.targets), numbers

    def _culprit(self, batch: Dataset) -> str:
        """Name the first operation that gives nan or inf for this batch, forward or backward."""
        try:
            with detect_anomaly():
                self._recorded(batch)[0].backward()
        except ArithmeticError as error:
            return str(error)
        return ""


def means(measured: Iterable[Measured]) -> dict[str, float]:
    """Return the means of what was measured on batches, each weighted by its number of samples.

    >>> means([(3, {"loss": 1.0}), (1, {"loss": 5.0})])
    {'loss': 2.0}
    """
    samples, totals = 0, dict[str, float]()
    for n, numbers in measured:
        samples += n
        for name, x in numbers.items():
            totals[name] = totals.get(name, 0.0) + n * x
    return {name: total / samples for name, total in totals.items()}
