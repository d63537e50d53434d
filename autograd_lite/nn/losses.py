"""Losses: what training makes small, and penalties to add to one.

A loss is the rule for one prediction and its target. `@loss(pairs)` makes it one of numbers in
lists, with a reduction, that `loss_named` and so `fit` and the command line know by its name. To
add one, write its rule, and its name into `__all__`::

    @loss(pairs)
    def log_cosh(p: Any, t: Any) -> Any:
        d = absolute(p - t)  # log(cosh(p - t)) would overflow far from the target
        return d + softplus(-2 * d) - math.log(2)
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from .._support.validation import number
from ..errors import DomainError, ShapeError
from ..operation import primal
from ..ops import abs as absolute
from ..ops import dot, log, log1p, logsumexp, mean, minimum, relu, softplus, square, where
from ..ops import sum as total
from ..value import Value
from .module import Module
from .reduction import check_probability, distributions, loss, loss_named, pairs, samples

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy",
    "half_squared_error", "hinge", "huber", "kl", "l1_penalty", "l2_penalty", "loss_named", "mae",
    "max_margin", "mse", "nll",
]  # fmt: skip

_LOWEST = -100.0  # the logarithm of a probability of 0, as PyTorch has it
_STEEPEST = 1e12  # the slope of a prediction that is certain and wrong, as PyTorch has it


# --- numbers: how far they are from their targets -------------------------------------------------


@loss(pairs)
def mse(p: Any, t: Any) -> Any:
    """Return the mean of the squared differences between predictions and targets.

    Raises ShapeError where their numbers differ.

    >>> mse([0.0, 0.5], [-0.5, 1.0])
    0.25
    """
    return square(p - t)


@loss(pairs, reduction="sum")
def half_squared_error(output: Any, t: Any) -> Any:
    """Return the sum of 0.5 * (target - output)**2, whose slope is just output - target.

    Raises ShapeError where their numbers differ (Rumelhart, Hinton and Williams 1986, equation 3).

    >>> half_squared_error([1.0, 3.0], [0.0, 1.0])
    2.5
    """
    return 0.5 * square(t - output)


@loss(pairs)
def mae(p: Any, t: Any) -> Any:
    """Return the mean of the absolute differences; its slope is 0 where there is none.

    Raises ShapeError where their numbers differ.

    >>> mae([1.0, 3.0], [0.0, 1.0])
    1.5
    """
    return absolute(p - t)


@loss(pairs)
def huber(p: Any, t: Any, *, delta: float = 1.0) -> Any:
    """Return the mean of half the squared differences, made linear beyond `delta`.

    For a difference d it is d**2 / 2 where |d| <= delta, else delta * (|d| - delta / 2) (Huber
    1964). Raises ShapeError where their numbers differ, DomainError where delta is not > 0.

    >>> huber([1.0, 3.0], [0.0, 0.0])
    1.5
    """
    saying = "huber expects delta > 0"
    number("delta", primal(delta), above=0, error=DomainError, saying=saying, hint="; try 1.0")
    distance: Any = absolute(p - t)
    part = minimum(distance, delta)  # a choice without `if`, which would be a path of a trace
    return part * (distance - 0.5 * part)


# --- two classes: a probability, its log-odds, or a score and its sign ----------------------------


@loss(pairs)
def binary_cross_entropy(p: Any, t: Any) -> Any:
    """Return the mean of -(t log p + (1 - t) log(1 - p)) for probabilities p and targets t.

    Logarithms are held above -100 and the slope is (p - t) / max(p (1 - p), 1e-12), as in PyTorch:
    a prediction that is certain and wrong costs 100 and has a slope of 1e12. In training prefer
    `binary_cross_entropy_with_logits`, of which it is 1.

    Raises DomainError where a number is not in [0, 1], ShapeError where their numbers differ.

    >>> binary_cross_entropy([0.5, 0.0], [1.0, 1.0], reduction="none")
    [0.6931471805599453, 100.0]
    """
    remedy = "; for any number there is binary_cross_entropy_with_logits"
    check_probability(p, "binary_cross_entropy", "a prediction", remedy)
    check_probability(t, "binary_cross_entropy", "a target")
    if 1 / _STEEPEST < p < 1 - 1 / _STEEPEST:
        return _mixed(t, lambda: -log(p), lambda: -log1p(-p))
    at: Any = p.detach() if isinstance(p, Value) else p
    log_p: Any = max(log(at), _LOWEST) if at > 0 else _LOWEST
    log_rest: Any = log1p(-at) if at < 1 else _LOWEST  # else it is -36.7 at least
    # plus a parabola that is 0 here: what it adds is the slope, and the slopes of that
    parabola = _STEEPEST * (p - at) * (0.5 * (p + at) - t)
    return _mixed(t, lambda: -log_p, lambda: -log_rest) + parabola


@loss(pairs)
def binary_cross_entropy_with_logits(logit: Any, t: Any) -> Any:
    """Return the binary cross-entropy of the probabilities sigmoid(logits), for logits of any size.

    It is t softplus(-z) + (1 - t) softplus(z) for a logit z, which never cancels.

    Raises DomainError where a target is not in [0, 1], ShapeError where their numbers differ.

    >>> binary_cross_entropy_with_logits([1000.0, -1000.0], [1.0, 1.0], reduction="none")
    [0.0, 1000.0]
    """
    check_probability(t, "binary_cross_entropy_with_logits", "a target")
    return _mixed(t, lambda: softplus(-logit), lambda: softplus(logit))


@loss(pairs)
def hinge(score: Any, t: Any, *, margin: float = 1.0) -> Any:
    """Return the mean of max(0, margin - t * score) for targets t of -1 or 1.

    Raises DomainError where a target is neither, ShapeError where their numbers differ (Cortes and
    Vapnik 1995).

    >>> hinge([0.5, 3.0, 2.0], [1, 1, -1], reduction="none")
    [0.5, 0.0, 3.0]
    """
    if abs(t) != 1:
        raise DomainError(
            f"hinge expects targets of -1 or 1, got {primal(t)!r}; for a class k of 0 or 1 that is "
            "2 * k - 1"
        )
    return relu(margin - t * score)


def _mixed(t: Any, if_one: Any, if_zero: Any) -> Any:
    """Return t * if_one() + (1 - t) * if_zero(); of a plain 0 or 1 only the one that counts."""
    if not isinstance(t, Value) and t in (0, 1):
        return if_one() if t == 1 else if_zero()
    return t * if_one() + (1 - t) * if_zero()


# --- many classes: a number for each, and the index of the right one ------------------------------


@loss(samples)
def cross_entropy(logits: Any, k: int) -> Any:
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
    rest: Any = logsumexp([x for j, x in enumerate(logits) if j != k])
    if rest > -math.inf:
        return softplus(rest - logits[k])
    return logsumexp(logits) - logits[k]  # no other class is possible


@loss(samples)
def nll(log_probabilities: Any, k: int) -> Any:
    """Return the mean of -log_probabilities[target]: the negative log-likelihood.

    Takes one sample or lists, and raises, as `cross_entropy` does.

    >>> nll([-0.5, -2.0], 1)
    2.0
    """
    return -log_probabilities[k]


@loss(samples)
def max_margin(scores: Any, k: int, *, margin: float = 1.0) -> Any:
    """Return the mean of max(0, margin - right score + other score), summed over others / classes.

    Takes one sample or lists, and raises, as `cross_entropy` does (Weston and Watkins 1999; divided
    by the number of classes, as PyTorch's multi_margin_loss).

    >>> max_margin([0.5, 1.0], 0)
    0.75
    """
    others = [relu(margin - scores[k] + x) for j, x in enumerate(scores) if j != k]
    return mean([*others, 0.0])  # the right class, at no loss, is counted too


@loss(distributions)
def kl(log_probabilities: Any, probabilities: Any) -> Any:
    """Return the divergence of predicted distributions from target ones, sum t (log t - log p).

    Predictions are log-probabilities, as `log_softmax` gives them, targets are probabilities. Takes
    one distribution or a list of them; "mean" is over distributions (PyTorch's "batchmean").

    Raises DomainError where a target is not in [0, 1], ShapeError where the lengths do not fit
    (Kullback and Leibler 1951).

    >>> kl([-0.5, -1.0], [0.0, 1.0])
    1.0
    """
    for t in probabilities:
        check_probability(t, "kl", "a target")
    if any(isinstance(t, Value) for t in probabilities):  # one without `if`, for traces
        pairs = zip(probabilities, log_probabilities, strict=True)
        return total([where(t > 0, t * (log(where(t > 0, t, 1.0)) - p), 0.0) for t, p in pairs])
    present = [(t, p) for t, p in zip(probabilities, log_probabilities, strict=True) if t > 0]
    return dot([t for t, _ in present], [log(t) - p for t, p in present])


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
