"""Metrics: what is measured beside the loss, by name or as a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from .._support.validation import is_sequence, named
from ..errors import ShapeError
from ..nn.losses import binary_cross_entropy_with_logits, hinge
from ..nn.reduction import LOSSES

Metric = Callable[[Sequence[Any], Sequence[Any]], Any]
Metrics = str | Metric | Sequence[str | Metric] | Mapping[str, str | Metric]

_RESERVED = ("epoch", "loss", "grad_norm", "lr", "seconds")  # columns of a history
# The losses whose predictions are scores: 0 parts the two classes, not 1/2.
_SCORED = (binary_cross_entropy_with_logits, hinge)


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
    predictions, targets = ([*map(_number_of_one, numbers)] for numbers in (predictions, targets))
    if threshold is None:
        threshold = 0.0 if _signed(targets) else 0.5
    right = 0
    for prediction, target in zip(predictions, targets, strict=True):
        if not is_sequence(prediction):
            right += (prediction > threshold) == (target > threshold)
        else:
            right += _largest(prediction) == (_largest(target) if is_sequence(target) else target)
    return right / len(targets)


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
    if isinstance(metrics, str) or callable(metrics):
        metrics = [metrics]
    if not isinstance(metrics, Mapping):
        names = list(map(_name, metrics))
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two metrics are named {min(twice)!r}; pass a dict of them by names")
        metrics = dict(zip(names, metrics, strict=True))
    for name in metrics:
        if name in _RESERVED or str(name).startswith("val_"):
            raise ValueError(f"a metric cannot be named {name!r}; pass a dict with another name")
    threshold = 0.0 if _unwrapped(loss) in _SCORED or _signed(targets) else 0.5
    return {name: _metric(metric, threshold) for name, metric in metrics.items()}


def _metric(metric: str | Metric, threshold: float) -> Metric:
    if metric == "accuracy" or metric is accuracy:
        return partial(accuracy, threshold=threshold)
    if isinstance(metric, str):
        table: dict[str, Metric] = {"accuracy": accuracy, **LOSSES}
        return named("metric", metric, table)
    if not callable(metric):
        raise TypeError(f"a metric is a name or a function, got {metric!r:.60}")
    return metric


def _name(metric: str | Metric) -> str:
    return metric if isinstance(metric, str) else getattr(_unwrapped(metric), "__name__", "metric")


def _unwrapped(function: Any) -> Any:
    return function.func if isinstance(function, partial) else function


def _signed(targets: Sequence[Any]) -> bool:
    return any(not is_sequence(target) and target < 0 for target in targets)


def _number_of_one(x: Any) -> Any:
    return x[0] if is_sequence(x) and len(x) == 1 else x


def _largest(numbers: Sequence[Any]) -> int:
    return max(range(len(numbers)), key=lambda i: numbers[i])
