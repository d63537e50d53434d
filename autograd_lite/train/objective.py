"""What a model is to make small, the loss of a batch, and what is measured beside it: metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .._support.validation import is_sequence, named
from ..checks import detect_anomaly
from ..errors import AnomalyError, DivergenceError, DivisionByZero, RangeError, ShapeError
from ..modes import no_gc, no_grad
from ..nn.losses import binary_cross_entropy_with_logits, hinge
from ..nn.reduction import LOSSES
from ..operation import primal
from ..optim import Optimizer, clip_grad_norm
from ..value import Value
from .data import Dataset

Metric = Callable[[Sequence[Any], Sequence[Any]], Any]  # a loss is one, too
Metrics = str | Metric | Sequence[str | Metric] | Mapping[str, str | Metric]
Measured = tuple[int, dict[str, float]]  # what was measured on so many samples

_RESERVED = ("epoch", "loss", "grad_norm", "lr", "seconds")  # columns of a history
# The losses whose predictions are scores: 0 parts the two classes, not 1/2.
_SCORED = (binary_cross_entropy_with_logits, hinge)


@dataclass(frozen=True)
class Objective:
    """What a model is to make small, and what is measured beside it."""

    model: Any  # a Module, which says what a call takes where it is defined
    loss: Metric
    metrics: Mapping[str, Metric]
    reason: str = ""  # why it is not compiled, where that was tried

    def step(self, batch: Dataset, optimizer: Optimizer, max_norm: float | None) -> Measured:
        """Move the parameters once; return what was measured, the gradient's norm included.

        Raises DivergenceError at nan or inf, before any parameter is moved; TypeError where the
        loss is not one Value.
        """
        with no_gc():  # till the graph is gone: the collector sees what else is left
            return self._step(batch, optimizer, max_norm)

    def _step(self, batch: Dataset, optimizer: Optimizer, max_norm: float | None) -> Measured:
        try:
            loss, predictions = self._forward(batch)
            _check_loss(loss)
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

    def validated(self, batch: Dataset) -> Measured:
        """Return the loss and the metrics of a batch, and record nothing."""
        with no_grad(), no_gc():
            return self._measured(batch, *self._forward(batch))

    def _forward(self, batch: Dataset) -> tuple[Any, list[Any]]:
        """Return the loss of a batch and the predictions that it is of."""
        predictions: list[Any] = []
        try:
            for x in batch.inputs:
                predictions.append(self.model(x))
        except Exception as error:
            error.add_note(f"for the input {x!r:.100}")
            raise
        return self.loss(predictions, batch.targets), predictions

    def _measured(self, batch: Dataset, loss: Any, predictions: list[Any]) -> Measured:
        numbers = {"loss": primal(loss)}
        if not self.metrics:
            return len(batch.targets), numbers
        with no_grad():
            for name, metric in self.metrics.items():
                numbers[name] = primal(metric(predictions, batch.targets))
        return len(batch.targets), numbers

    def _culprit(self, batch: Dataset) -> str:
        """Name the first operation that gives nan or inf for this batch, forward or backward."""
        try:
            with detect_anomaly():
                self._forward(batch)[0].backward()
        except ArithmeticError as error:
            return str(error)
        return ""


def _check_loss(loss: Any) -> None:
    if not isinstance(loss, Value):
        hint = "; pass reduction='mean' or 'sum'" if isinstance(loss, list) else ""
        raise TypeError(
            "a loss is one Value that depends on the model's parameters, got "
            f"{type(loss).__name__} {'' if hint else repr(loss)[:60]}{hint}"
        )


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


# --- metrics --------------------------------------------------------------------------------------


def accuracy(
    predictions: Sequence[Any], targets: Sequence[Any], *, threshold: float | None = None
) -> float:
    """Return the fraction of samples whose class is predicted.

    A prediction is a list of numbers, the largest of which tells the class; or one number, above
    the threshold for the class whose target is above it: by default 0 where a target is negative,
    else 0.5. A target that is a list (one-hot) is read as a prediction is; a list of one number is
    that number.

    Raises ShapeError where there are none, or not as many targets.

    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    >>> accuracy([0.7, 0.2, -3.0], [1, 1, 0])
    0.6666666666666666
    """
    if not len(predictions) or len(predictions) != len(targets):
        raise ShapeError(
            f"accuracy expects a target for each prediction, and one at least, got "
            f"{len(predictions)} predictions and {len(targets)} targets"
        )
    predictions, targets = (
        [x[0] if is_sequence(x) and len(x) == 1 else x for x in numbers]
        for numbers in (predictions, targets)
    )
    if threshold is None:
        threshold = 0.0 if _signed(targets) else 0.5
    right: int = sum(
        _class(x) == _class(y) if is_sequence(x) else (x > threshold) == (y > threshold)
        for x, y in zip(predictions, targets, strict=True)
    )
    return right / len(targets)


def _class(x: Any) -> Any:
    """Return the place of the largest of several numbers; a class by its index as it is."""
    return max(range(len(x)), key=lambda i: x[i]) if is_sequence(x) else x


def metrics_named(
    metrics: Metrics, loss: Any = None, targets: Sequence[Any] = ()
) -> dict[str, Metric]:
    """Return the functions of metrics by their names: "accuracy", or any of `nn`'s losses.

    Where the loss takes scores, or one of all the targets is negative, the accuracy is of signs.

    Raises ValueError where no metric is named so, two have one name, or one has that of another
    column; TypeError where one is no function.

    >>> list(metrics_named(["accuracy", "mae"]))
    ['accuracy', 'mae']
    >>> metrics_named({"hits": "accuracy"}, hinge)["hits"]([0.25], [1])
    1.0
    """
    given = [metrics] if isinstance(metrics, str) or callable(metrics) else metrics
    pairs = given.items() if isinstance(given, Mapping) else [(_name(x), x) for x in given]
    threshold = 0.0 if _unwrapped(loss) in _SCORED or _signed(targets) else 0.5
    table: dict[str, Metric] = {"accuracy": partial(accuracy, threshold=threshold), **LOSSES}
    functions: dict[str, Metric] = {}
    for name, metric in pairs:
        if name in functions:
            raise ValueError(f"two metrics are named {name!r}; pass a dict of them by names")
        if name in _RESERVED or str(name).startswith("val_"):
            raise ValueError(f"a metric cannot be named {name!r}; pass a dict with another name")
        function = function_of("metric", metric, table)
        functions[name] = table["accuracy"] if function is accuracy else function
    return functions


def function_of(
    kind: str, given: str | Metric, table: Mapping[str, Metric], hint: str = ""
) -> Metric:
    """Return the function of a name in a table, or the one given.

    Raises ValueError where none is named so, TypeError for what is no function.

    >>> function_of("loss", "mse", LOSSES)([1.0], [3.0])
    4.0
    """
    if isinstance(given, str):
        return named(kind, given, table)
    if not callable(given):
        raise TypeError(f"a {kind} is a name or a function, got {given!r:.60}{hint}")
    return given


def _name(metric: Any) -> str:
    if isinstance(metric, str):
        return metric
    return str(getattr(_unwrapped(metric), "__name__", "metric"))


def _unwrapped(function: Any) -> Any:
    return function.func if isinstance(function, partial) else function


def _signed(targets: Sequence[Any]) -> bool:
    return any(not is_sequence(target) and target < 0 for target in targets)
