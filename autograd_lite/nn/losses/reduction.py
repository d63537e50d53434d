"""What losses share: numbers matched with their targets, and one number made of many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, cast, overload

from ..._support.wording import did_you_mean
from ...errors import DomainError, ShapeError
from ...operation import as_float, primal
from ...ops import mean
from ...ops import sum as total
from ...value import Value
from ..sizes import is_sequence

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


def loss(function: Callable[..., Any]) -> LossFunction:
    """Give a loss the type that all losses have.

    >>> loss(max) is max
    True
    """
    return cast("LossFunction", function)


_REDUCTIONS: dict[str, Callable[[list[Any]], Any]] = {"mean": mean, "sum": total, "none": list}


def reduced(losses: list[Any], reduction: str) -> Any:
    """Return the mean or the sum of losses as one node, or with "none" their list.

    Raises ValueError where `reduction` is nothing of these.

    >>> reduced([1.0, 2.0], "sum")
    3.0
    """
    if reduction not in _REDUCTIONS:
        hint = did_you_mean(str(reduction), _REDUCTIONS)
        raise ValueError(f"a reduction is 'mean', 'sum' or 'none', got {reduction!r}{hint}")
    return _REDUCTIONS[reduction](losses)


def as_recorded(loss: Any, inputs: Sequence[Any]) -> Any:
    """Return the loss of numbers as a Value where one of them is, though it may rest on none.

    >>> as_recorded(0.0, [1.0, Value(2.0)])
    Value(data=0.0, grad=0.0)
    """
    recorded = not isinstance(loss, Value) and any(isinstance(x, Value) for x in inputs)
    return Value(loss) if recorded else loss


def pairs(loss: str, predictions: Numbers, targets: Numbers) -> list[tuple[Any, Any]]:
    """Match each prediction with its target; nested sequences count as their numbers in order.

    Raises ShapeError where there are none, or they are not nested alike, TypeError where one is no
    number.

    >>> pairs("mse", [[1.0, 2.0], [3.0]], [[4.0, 5.0], [6.0]])
    [(1.0, 4.0), (2.0, 5.0), (3.0, 6.0)]
    """
    found: list[tuple[Any, Any]] = []
    _match(loss, predictions, targets, found)
    if not found:
        raise ShapeError(f"{loss} expects at least one number, got none")
    return found


def _match(loss: str, predictions: Numbers, targets: Numbers, found: list[tuple[Any, Any]]) -> None:
    if not (is_sequence(predictions) or is_sequence(targets)):
        found.append((_number(loss, predictions), _number(loss, targets)))
        return
    n, m = (len(x) if is_sequence(x) else None for x in (predictions, targets))
    if n != m:
        raise ShapeError(
            f"{loss} expects as many targets as predictions, got "
            f"{'1 number' if n is None else f'{n} predictions'} and "
            f"{'1 number' if m is None else f'{m} targets'}"
        )
    for p, t in zip(predictions, targets, strict=True):
        _match(loss, p, t, found)


def _number(loss: str, x: Any) -> Any:
    try:
        return x if isinstance(x, Value) else as_float(x)
    except TypeError as error:
        raise TypeError(f"{loss}: {error}") from None


def check_probability(x: Any, loss: str, what: str, remedy: str = "") -> None:
    """Raise DomainError where a number is not in [0, 1].

    >>> check_probability(0.5, "binary_cross_entropy", "a prediction")
    """
    if not 0 <= x <= 1:
        raise DomainError(f"{loss} expects {what} to be a probability, got {primal(x)!r}{remedy}")
