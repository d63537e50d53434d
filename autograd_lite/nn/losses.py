"""Losses: what training makes small, and penalties to add to one.

A loss takes predictions, their targets and how to make one number of many. One more is a function
that says `@loss`, which `loss_named` and so `fit` and the command line then know by its name, and
its name in `__all__`::

    @loss
    def log_cosh(predictions, targets, *, reduction="mean"):
        errors = [log(cosh(p - t)) for p, t in pairs("log_cosh", predictions, targets)]
        return reduced(errors, reduction)
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from .._support.validation import is_sequence, number
from ..errors import DomainError, ShapeError
from ..operation import primal
from ..ops import abs as absolute
from ..ops import dot, log, log1p, logsumexp, mean, relu, softplus, square
from ..ops import sum as total
from ..value import Value
from .module import Module
from .reduction import (
    Numbers,
    Reduction,
    as_recorded,
    check_probability,
    loss,
    loss_named,
    over_samples,
    pairs,
    reduced,
)

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy",
    "half_squared_error", "hinge", "huber", "kl", "l1_penalty", "l2_penalty", "loss_named", "mae",
    "max_margin", "mse", "nll",
]  # fmt: skip

_LOWEST = -100.0  # the logarithm of a probability of 0, as PyTorch has it
_STEEPEST = 1e12  # the slope of a prediction that is certain and wrong, as PyTorch has it


# --- numbers: how far they are from their targets -------------------------------------------------


@loss
def mse(predictions: Numbers, targets: Numbers, *, reduction: Reduction = "mean") -> Any:
    """Return the mean of the squared differences between predictions and targets.

    Raises ShapeError where their numbers differ.

    >>> mse([0.0, 0.5], [-0.5, 1.0])
    0.25
    """
    return reduced([square(p - t) for p, t in pairs("mse", predictions, targets)], reduction)


@loss
def half_squared_error(outputs: Numbers, targets: Numbers, *, reduction: Reduction = "sum") -> Any:
    """Return the sum of 0.5 * (target - output)**2, whose slope is just output - target.

    Raises ShapeError where their numbers differ (Rumelhart, Hinton and Williams 1986, equation 3).

    >>> half_squared_error([1.0, 3.0], [0.0, 1.0])
    2.5
    """
    errors = [0.5 * square(t - o) for o, t in pairs("half_squared_error", outputs, targets)]
    return reduced(errors, reduction)


@loss
def mae(predictions: Numbers, targets: Numbers, *, reduction: Reduction = "mean") -> Any:
    """Return the mean of the absolute differences; its slope is 0 where there is none.

    Raises ShapeError where their numbers differ.

    >>> mae([1.0, 3.0], [0.0, 1.0])
    1.5
    """
    return reduced([absolute(p - t) for p, t in pairs("mae", predictions, targets)], reduction)


@loss
def huber(
    predictions: Numbers, targets: Numbers, *, delta: float = 1.0, reduction: Reduction = "mean"
) -> Any:
    """Return the mean of half the squared differences, made linear beyond `delta`.

    For a difference d it is d**2 / 2 where |d| <= delta, else delta * (|d| - delta / 2) (Huber
    1964). Raises ShapeError where their numbers differ, DomainError where delta is not > 0.

    >>> huber([1.0, 3.0], [0.0, 0.0])
    1.5
    """
    saying = "huber expects delta > 0"
    number("delta", primal(delta), above=0, error=DomainError, saying=saying, hint="; try 1.0")
    errors = [p - t for p, t in pairs("huber", predictions, targets)]
    losses = [
        0.5 * square(d) if -delta <= d <= delta else delta * (absolute(d) - 0.5 * delta)
        for d in errors
    ]
    return reduced(losses, reduction)


# --- two classes: a probability, its log-odds, or a score and its sign ----------------------------


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
    remedy = "; for any number there is binary_cross_entropy_with_logits"
    losses = []
    for p, t in pairs("binary_cross_entropy", probabilities, targets):
        check_probability(p, "binary_cross_entropy", "a prediction", remedy)
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
    at: Any = p.detach() if isinstance(p, Value) else p
    log_p: Any = max(log(at), _LOWEST) if at > 0 else _LOWEST
    log_rest: Any = log1p(-at) if at < 1 else _LOWEST  # else it is -36.7 at least
    # plus a parabola that is 0 here: what it adds is the slope, and the slopes of that
    parabola = _STEEPEST * (p - at) * (0.5 * (p + at) - t)
    return _mixed(t, lambda: -log_p, lambda: -log_rest) + parabola


def _mixed(t: Any, if_one: Any, if_zero: Any) -> Any:
    """Return t * if_one() + (1 - t) * if_zero(); of a plain 0 or 1 only the one that counts."""
    if not isinstance(t, Value) and t in (0, 1):
        return if_one() if t == 1 else if_zero()
    return t * if_one() + (1 - t) * if_zero()


# --- many classes: a number for each, and the index of the right one ------------------------------


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

    def rule(xs: Any, k: int) -> Any:
        rest: Any = logsumexp([x for j, x in enumerate(xs) if j != k])
        if rest > -math.inf:
            return softplus(rest - xs[k])
        return logsumexp(xs) - xs[k]  # no other class is possible

    return over_samples("cross_entropy", rule, logits, targets, reduction)


@loss
def nll(log_probabilities: Numbers, targets: Numbers, *, reduction: Reduction = "mean") -> Any:
    """Return the mean of -log_probabilities[target]: the negative log-likelihood.

    Takes one sample or lists, and raises, as `cross_entropy` does.

    >>> nll([-0.5, -2.0], 1)
    2.0
    """
    return over_samples("nll", lambda xs, k: -xs[k], log_probabilities, targets, reduction)


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

    def rule(xs: Any, k: int) -> Any:
        others = [relu(margin - xs[k] + x) for j, x in enumerate(xs) if j != k]
        return mean([*others, 0.0])  # the right class, at no loss, is counted too

    return over_samples("max_margin", rule, scores, targets, reduction)


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


# --- penalties: terms to add to a loss that keep parameters small ---------------------------------


def l1_penalty(parameters: Module | Iterable[Value], strength: float = 1.0) -> Any:
    """Return strength times the sum of the absolute values: it makes many of them 0.

    `parameters` are Values, or a Module for those of its own that are not frozen. Raises ShapeError
    where there are none, DomainError where the strength is negative (Tibshirani 1996).

    >>> l1_penalty([Value(3.0), Value(-4.0)], 0.1).data
    0.7000000000000001
    """
    return strength * total([absolute(p) for p in _penalized(parameters, strength)])


def l2_penalty(parameters: Module | Iterable[Value], strength: float = 1.0) -> Any:
    """Return strength times the sum of the squares, of which the slope is 2 * strength * p.

    `parameters` are Values, or a Module for those of its own that are not frozen. Raises ShapeError
    where there are none, DomainError where the strength is negative (Hoerl and Kennard 1970).

    >>> l2_penalty([Value(3.0), Value(-4.0)], 0.5).data
    12.5
    """
    numbers = _penalized(parameters, strength)
    return strength * dot(numbers, numbers)


def _penalized(parameters: Module | Iterable[Value], strength: float) -> list[Any]:
    saying = "a penalty expects a strength >= 0"
    number("", primal(strength), at_least=0, error=DomainError, saying=saying, hint="; try 1e-4")
    listed = parameters.parameters() if isinstance(parameters, Module) else list(parameters)
    if not listed:
        raise ShapeError("a penalty expects at least one parameter, got none")
    return listed
