"""Losses for many classes: a number for each class, and the index of the right one."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from ...errors import DomainError, ShapeError
from ...ops import dot, log, logsumexp, mean, relu, softplus
from ...value import Value
from ..sizes import is_sequence
from .reduction import Numbers, Reduction, as_recorded, check_probability, loss, reduced


@loss
def cross_entropy(logits: Numbers, targets: Numbers, *, reduction: Reduction = "mean") -> Any:
    """Return the mean of -log(softmax(logits)[target]), for logits of any size.

    Takes one sample (a list of logits and the index of its class), or lists of both. It is
    softplus(logsumexp(the other logits) - the right one), which never cancels.

    Raises DomainError where an index is out of range, TypeError where it is no whole number,
    ShapeError where the lengths do not fit.

    >>> cross_entropy([1000.0, 0.0], 0), cross_entropy([1000.0, 0.0], 1)
    (0.0, 1000.0)
    >>> cross_entropy([[0.0, 0.0], [0.0, 0.0]], [0, 1])
    0.6931471805599453
    """
    return _over_samples("cross_entropy", _cross_entropy, logits, targets, reduction)


@loss
def nll(log_probabilities: Numbers, targets: Numbers, *, reduction: Reduction = "mean") -> Any:
    """Return the mean of -log_probabilities[target]: the negative log-likelihood.

    Takes one sample or lists, and raises, as `cross_entropy` does.

    >>> nll([-0.5, -2.0], 1)
    2.0
    """
    return _over_samples("nll", lambda xs, k: -xs[k], log_probabilities, targets, reduction)


@loss
def max_margin(
    scores: Numbers, targets: Numbers, *, margin: float = 1.0, reduction: Reduction = "mean"
) -> Any:
    """Return the mean of max(0, margin - right score + other score), summed over others / classes.

    Takes one sample or lists, and raises, as `cross_entropy` does (Weston and Watkins 1999; divided
    by the number of classes, as PyTorch's multi_margin_loss).

    >>> max_margin([0.5, 1.0], 0)
    0.75
    """

    def loss(xs: Any, k: int) -> Any:
        others = [relu(margin - xs[k] + x) for j, x in enumerate(xs) if j != k]
        return mean([*others, 0.0])  # the right class, at no loss, is counted too

    return _over_samples("max_margin", loss, scores, targets, reduction)


@loss
def kl(log_probabilities: Numbers, targets: Numbers, *, reduction: Reduction = "mean") -> Any:
    """Return the divergence of predicted distributions from target ones, sum t (log t - log p).

    Predictions are log-probabilities, as `log_softmax` gives them, targets are probabilities. Takes
    one distribution or a list of them; "mean" is over distributions (PyTorch's "batchmean").

    Raises DomainError where a target is not in [0, 1], ShapeError where the lengths do not fit
    (Kullback and Leibler 1951).

    >>> kl([-0.5, -1.0], [0.0, 1.0])
    1.0
    """
    if not (is_sequence(log_probabilities) and is_sequence(targets)):
        raise ShapeError("kl expects a distribution, a list of numbers, or a list of them")
    many = any(map(is_sequence, (*log_probabilities, *targets)))
    ours, theirs = (log_probabilities, targets) if many else ([log_probabilities], [targets])
    if len(ours) != len(theirs) or not len(ours):
        raise ShapeError(f"kl got {len(ours)} predictions and {len(theirs)} targets; pass as many")
    return reduced([_kl(p, t) for p, t in zip(ours, theirs, strict=True)], reduction)


def _cross_entropy(logits: Any, k: int) -> Any:
    rest: Any = logsumexp([x for j, x in enumerate(logits) if j != k])
    if rest > -math.inf:
        return softplus(rest - logits[k])
    return logsumexp(logits) - logits[k]  # no other class is possible


def _kl(log_probabilities: Any, targets: Any) -> Any:
    if not len(targets) or len(log_probabilities) != len(targets):
        raise ShapeError(
            f"kl expects a log-probability for each probability, and one at least, got "
            f"{len(log_probabilities)} and {len(targets)}"
        )
    for t in targets:
        check_probability(t, "kl", "a target")
    present = [(t, p) for t, p in zip(targets, log_probabilities, strict=True) if t > 0]
    divergence = dot([t for t, _ in present], [log(t) - p for t, p in present])
    return as_recorded(divergence, [*log_probabilities, *targets])


def _over_samples(
    loss: str, rule: Callable[[Any, int], Any], scores: Numbers, targets: Numbers, reduction: str
) -> Any:
    if not is_sequence(scores):
        raise ShapeError(f"{loss} expects a list of numbers, one a class, got {scores!r:.60}")
    if not is_sequence(targets):
        scores, targets = [scores], [targets]
    if len(scores) != len(targets) or not len(targets):
        raise ShapeError(
            f"{loss} expects a target for each sample, and one sample at least, got "
            f"{len(scores)} samples and {len(targets)} targets"
        )
    losses = [
        as_recorded(rule(xs, _class(loss, xs, k)), xs)
        for xs, k in zip(scores, targets, strict=True)
    ]
    return reduced(losses, reduction)


def _class(loss: str, scores: Any, target: Any) -> int:
    if not is_sequence(scores):
        raise ShapeError(f"{loss} expects numbers for each sample, one a class, got {scores!r:.60}")
    try:
        k = operator.index(target)
    except TypeError:
        kind = "a Value" if isinstance(target, Value) else repr(target)
        raise TypeError(
            f"{loss} expects the index of a class as target, got {kind:.60}; of a one-hot row pass "
            "row.index(1)"
        ) from None
    if not 0 <= k < len(scores):
        expected = f"0 to {len(scores) - 1}" if len(scores) else "at least one class"
        raise DomainError(f"{loss} expects a class from {expected}, got {k}")
    return k
