"""Losses for two classes: a probability, its log-odds, or a score and its sign."""

from __future__ import annotations

from typing import Any

from ...errors import DomainError
from ...operation import primal
from ...ops import log, log1p, relu, softplus
from ...value import Value
from .reduction import Numbers, Reduction, check_probability, loss, pairs, reduced

_REMEDY = "; for any number there is binary_cross_entropy_with_logits"
_LOWEST = -100.0  # the logarithm of a probability of 0, as PyTorch has it
_STEEPEST = 1e12  # the slope of a prediction that is certain and wrong, as PyTorch has it


@loss
def binary_cross_entropy(
    probabilities: Numbers, targets: Numbers, *, reduction: Reduction = "mean"
) -> Any:
    """Return the mean of -(t log p + (1 - t) log(1 - p)) for probabilities p and targets t.

    Logarithms are held above -100 and the slope is (p - t) / max(p (1 - p), 1e-12), as in PyTorch:
    a prediction that is certain and wrong costs 100 and has a slope of 1e12. In training prefer
    `binary_cross_entropy_with_logits`, of which it is 1.

    Raises DomainError where a number is not in [0, 1], ShapeError where their numbers differ.

    >>> binary_cross_entropy([0.5, 0.0], [1.0, 1.0], reduction="none")
    [0.6931471805599453, 100.0]
    """
    losses = []
    for p, t in pairs("binary_cross_entropy", probabilities, targets):
        check_probability(p, "binary_cross_entropy", "a prediction", _REMEDY)
        check_probability(t, "binary_cross_entropy", "a target")
        losses.append(_binary_cross_entropy(p, t))
    return reduced(losses, reduction)


@loss
def binary_cross_entropy_with_logits(
    logits: Numbers, targets: Numbers, *, reduction: Reduction = "mean"
) -> Any:
    """Return the binary cross-entropy of the probabilities sigmoid(logits), for logits of any size.

    It is t softplus(-z) + (1 - t) softplus(z) for a logit z, which never cancels.

    Raises DomainError where a target is not in [0, 1], ShapeError where their numbers differ.

    >>> binary_cross_entropy_with_logits([1000.0, -1000.0], [1.0, 1.0], reduction="none")
    [0.0, 1000.0]
    """
    losses = []
    for z, t in pairs("binary_cross_entropy_with_logits", logits, targets):
        check_probability(t, "binary_cross_entropy_with_logits", "a target")
        losses.append(_mixed(t, lambda z=z: softplus(-z), lambda z=z: softplus(z)))
    return reduced(losses, reduction)


@loss
def hinge(
    scores: Numbers, targets: Numbers, *, margin: float = 1.0, reduction: Reduction = "mean"
) -> Any:
    """Return the mean of max(0, margin - t * score) for targets t of -1 or 1.

    Raises DomainError where a target is neither, ShapeError where their numbers differ (Cortes and
    Vapnik 1995).

    >>> hinge([0.5, 3.0, 2.0], [1, 1, -1], reduction="none")
    [0.5, 0.0, 3.0]
    """
    losses: list[Any] = []
    for score, t in pairs("hinge", scores, targets):
        if t not in (-1, 1):
            raise DomainError(
                f"hinge expects targets of -1 or 1, got {primal(t)!r}; for a class k of 0 or 1 "
                "that is 2 * k - 1"
            )
        losses.append(relu(margin - t * score))
    return reduced(losses, reduction)


def _binary_cross_entropy(p: Any, t: Any) -> Any:
    if 1 / _STEEPEST < p < 1 - 1 / _STEEPEST:
        return _mixed(t, lambda: -log(p), lambda: -log1p(-p))
    at = p.detach() if isinstance(p, Value) else p
    loss = _mixed(t, lambda: -_log(at), lambda: -_log_of_rest(at))
    # plus a parabola that is 0 here: what it adds is the slope, and the slopes of that
    return loss + _STEEPEST * (p - at) * (0.5 * (p + at) - t)


def _mixed(t: Any, if_one: Any, if_zero: Any) -> Any:
    """Return t * if_one() + (1 - t) * if_zero(); of a plain 0 or 1 only the one that counts."""
    if not isinstance(t, Value) and t in (0, 1):
        return if_one() if t == 1 else if_zero()
    return t * if_one() + (1 - t) * if_zero()


def _log(p: Any) -> Any:
    return max(log(p), _LOWEST) if p > 0 else _LOWEST


def _log_of_rest(p: Any) -> Any:
    return log1p(-p) if p < 1 else _LOWEST  # else it is -36.7 at least
