"""What losses share: numbers matched with their targets, and one number made of many."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from inspect import signature
from itertools import chain
from typing import Any, Literal, Protocol, overload

from .. import modes
from .._support.validation import as_float, is_sequence, named, number, one_of
from ..errors import DomainError, ShapeError
from ..operation import primal
from ..ops import mean, where
from ..ops import sum as total
from ..value import Value

Reduction = Literal["mean", "sum", "none"]
Single = Literal["mean", "sum"]
Numbers = Any  # a number, a sequence of numbers, sequences nested
Floats = float | Sequence[float] | Sequence[Sequence[float]]


class LossFunction(Protocol):
    """What a type checker sees of a loss: of Values it is a Value, of floats a float."""

    __name__: str

    @overload
    def __call__(
        self, predictions: Floats, targets: Floats, *, reduction: Single = ..., **options: float
    ) -> float: ...
    @overload
    def __call__(
        self, predictions: Numbers, targets: Numbers, *, reduction: Single = ..., **options: float
    ) -> Value: ...
    @overload
    def __call__(
        self, predictions: Numbers, targets: Numbers, *, reduction: Reduction, **options: float
    ) -> Any: ...


Cases = Callable[[str, Numbers, Numbers], Iterable[tuple[Any, Any]]]

LOSSES: dict[str, LossFunction] = {}
_REDUCTIONS: dict[str, Callable[[list[Any]], Any]] = {"mean": mean, "sum": total, "none": list}


def loss(
    cases: Cases, reduction: Reduction = "mean"
) -> Callable[[Callable[..., Any]], LossFunction]:
    """Make a loss of the rule for one prediction and its target; `loss_named` knows it by its name.

    `cases` takes predictions and targets apart: `pairs`, `samples` or `distributions`. The loss
    reduces the cases' losses to their mean, their sum or (for "none") a list; what it raises are
    the errors of the cases and of the rule, and ValueError for another `reduction`.

    >>> @loss(pairs)
    ... def relative(prediction, target):
    ...     return abs(prediction - target) / target
    >>> relative([1.0, 3.0], [2.0, 2.0], reduction="sum")
    1.0
    >>> del LOSSES["relative"]
    """

    def decorated(rule: Callable[..., Any]) -> LossFunction:
        name = rule.__name__

        @wraps(rule)
        def applied(
            predictions: Numbers, targets: Numbers, *, reduction: str = reduction, **options: Any
        ) -> Any:
            one_of("a reduction", reduction, _REDUCTIONS)
            if _traced(predictions, targets):
                return _by_sample(applied, predictions, targets, reduction, options)
            losses = [
                _recorded(rule(prediction, target, **options), prediction, target)
                for prediction, target in cases(name, predictions, targets)
            ]
            return _REDUCTIONS[reduction](losses)

        typed: Any = applied
        shown = signature(applied, follow_wrapped=False)
        own = [x for x in signature(rule).parameters.values() if x.kind is x.KEYWORD_ONLY]
        typed.__signature__ = shown.replace(parameters=[*shown.parameters.values()][:-1] + own)
        LOSSES[name] = typed
        return LOSSES[name]

    return decorated


def _traced(predictions: Any, targets: Any) -> bool:
    """Tell whether samples are in lanes, or numbers of a trace the targets of lists."""
    if hasattr(predictions, "_each"):
        return True
    return modes.recorder() is not None and (
        is_sequence(predictions)
        and is_sequence(targets)
        and len(predictions) == len(targets)
        and any(
            is_sequence(p) and isinstance(t, Value)
            for p, t in zip(predictions, targets, strict=True)
        )
    )


def _by_sample(
    loss: Callable[..., Any], predictions: Any, targets: Any, reduction: str, options: Any
) -> Any:
    """Reduce the losses of samples in a trace, where a class is told by no index but a number."""
    inside = "sum" if reduction == "sum" else "mean"

    def one(prediction: Any, target: Any) -> Any:
        target = target.tolist() if hasattr(target, "tolist") else target
        if not (is_sequence(prediction) and isinstance(target, Value)):
            return loss([prediction], [target], reduction=inside, **options)
        result: Any = math.nan  # of an index that is none
        for i in reversed(range(len(prediction))):
            here = loss([prediction], [i], reduction=inside, **options)
            result = where(target == i, here, result)
        return result

    each = getattr(predictions, "_each", None)
    losses = each(one, targets) if each else list(map(one, predictions, targets))
    return _REDUCTIONS[reduction](losses)


def loss_named(name: str) -> LossFunction:
    """Return the loss of a name.

    Raises ValueError where none is named so, TypeError where the name is no text.

    >>> loss_named("mse")([1.0], [3.0])
    4.0
    """
    return named("loss", name, LOSSES)


def _recorded(loss: Any, *inputs: Any) -> Any:
    """Return the loss of numbers as a Value where one of them is, though it may rest on none."""
    if isinstance(loss, Value):
        return loss
    listed = chain.from_iterable(x if is_sequence(x) else (x,) for x in inputs)
    return Value(loss) if any(isinstance(x, Value) for x in listed) else loss


# --- cases: a number and its target ---------------------------------------------------------------


def pairs(loss: str, predictions: Numbers, targets: Numbers) -> list[tuple[Any, Any]]:
    """Match each prediction with its target; nested sequences count as their numbers in order.

    Raises ShapeError where there are none, or they are not nested alike, TypeError where one is no
    number.

    >>> pairs("mse", [[1.0, 2.0], [3.0]], [[4.0, 5.0], [6.0]])
    [(1.0, 4.0), (2.0, 5.0), (3.0, 6.0)]
    """
    terms = list(_pairs(loss, predictions, targets))
    if not terms:
        raise ShapeError(f"{loss} expects at least one number, got none")
    return terms


def _pairs(loss: str, predictions: Numbers, targets: Numbers) -> Iterator[tuple[Any, Any]]:
    if not (is_sequence(predictions) or is_sequence(targets)):
        p, t = (x if isinstance(x, Value) else as_float(x, loss) for x in (predictions, targets))
        yield p, t
        return
    n, m = (len(x) if is_sequence(x) else None for x in (predictions, targets))
    if n != m:
        raise ShapeError(
            f"{loss} expects as many targets as predictions, got "
            f"{'1 number' if n is None else f'{n} predictions'} and "
            f"{'1 number' if m is None else f'{m} targets'}"
        )
    for p, t in zip(predictions, targets, strict=True):
        yield from _pairs(loss, p, t)


def check_probability(x: Any, loss: str, what: str, remedy: str = "") -> None:
    """Raise DomainError where a number is not in [0, 1].

    >>> check_probability(0.5, "binary_cross_entropy", "a prediction")
    """
    if isinstance(x, Value):
        if 0 <= x <= 1:  # in a trace it is asked again at each call
            return
        x = x._data
    saying = f"{loss} expects {what} to be a probability"
    number(what, primal(x), at_least=0, at_most=1, error=DomainError, saying=saying, hint=remedy)


# --- cases: a number for each class, and the index of the right one, or all their chances ---------


def samples(loss: str, scores: Numbers, targets: Numbers) -> list[tuple[Any, int]]:
    """Match the numbers of each sample, one a class, with the index of its class.

    Takes one sample or lists of both. Raises DomainError where an index is out of range, TypeError
    where it is no whole number, ShapeError where the lengths do not fit.

    >>> samples("nll", [-1.0, -2.0], 1)
    [([-1.0, -2.0], 1)]
    """
    if not is_sequence(scores):
        raise ShapeError(f"{loss} expects a list of numbers, one a class, got {scores!r:.60}")
    if not is_sequence(targets):
        scores, targets = [scores], [targets]
    if len(scores) != len(targets) or not len(targets):
        raise ShapeError(
            f"{loss} expects a target for each sample, and one sample at least, got "
            f"{len(scores)} samples and {len(targets)} targets"
        )
    return [(xs, _class(loss, xs, k)) for xs, k in zip(scores, targets, strict=True)]


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


def distributions(loss: str, ours: Numbers, theirs: Numbers) -> list[tuple[Any, Any]]:
    """Match each predicted distribution with its target; one of both may come alone.

    Raises ShapeError where the lengths do not fit.

    >>> distributions("kl", [-0.5, -1.0], [0.0, 1.0])
    [([-0.5, -1.0], [0.0, 1.0])]
    """
    if not (is_sequence(ours) and is_sequence(theirs)):
        raise ShapeError(f"{loss} expects a distribution, a list of numbers, or a list of them")
    if not any(map(is_sequence, (*ours, *theirs))):
        ours, theirs = [ours], [theirs]
    if len(ours) != len(theirs):
        got = f"{len(ours)} predictions and {len(theirs)} targets"
        raise ShapeError(f"{loss} got {got}; pass as many")
    for p, t in zip(ours, theirs, strict=True):
        if not len(t) or len(p) != len(t):
            raise ShapeError(
                f"{loss} expects a log-probability for each probability, and one at least, got "
                f"{len(p)} and {len(t)}"
            )
    return list(zip(ours, theirs, strict=True))
