"""Derivatives of high order in one variable, by Taylor series carried through the recorded graph.

From y = f(x(t)) follows y' = f'(x) x', so coefficient k of y comes from the first k - 1 of f'(x)
(Griewank and Walther, Evaluating Derivatives, 2008, chapter 13). And f' is what the table says it
is: its rule, applied to series. A series works its coefficients out when they are asked for, and so
can be defined by itself, as exp is: n coefficients take time like n^3, not 2^n as nested grads do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from . import backprop
from .errors import TracingError
from .operation import TABLE, Operation, primal
from .tracing import trace
from .transforms import scalar
from .value import Value
from .wording import calling_line

_HIGHEST = 170  # its factorial is the largest that fits a float
Number = Any  # a float, or inside another transform a Value


def taylor(f: Callable[..., Any], x: float, order: int) -> list[Number]:
    """Return the coefficients of the Taylor series of `f` at `x`, from 0 to `order`.

    Coefficient k is the k-th derivative divided by k!.

    Raises ValueError for an order below 0, TypeError where `f` does not return one number.

    >>> from autograd_lite import exp
    >>> taylor(exp, 0.0, 3)
    [1.0, 1.0, 0.5, 0.16666666666666666]
    """
    if not isinstance(order, int) or order < 0:
        raise ValueError(f"taylor: an order is a whole number of 0 or more, got {order!r}")
    traced = trace("taylor", f, (x,), {}, (0,))
    result = scalar("taylor", traced)
    if len(traced.inputs) != 1:
        raise TypeError(f"taylor: expected one number to expand at, got {x!r:.60}")
    (variable,) = traced.inputs
    context = _Context(traced.differentiable)
    series: dict[Any, Series] = {variable: Series(context, [context.number(variable), 1.0])}
    series[variable].degree = 1
    for node in backprop.walk(result).order:
        operands = node.operands
        if node not in series and any(p in series for p in operands if p.__class__ is not float):
            known = [series.get(p, p) for p in operands]
            series[node] = context.apply(
                node.op, tuple(x if isinstance(x, Series) else context.number(x) for x in known)
            )
    for k in range(order + 1):  # all of one order before the next: no recursion down the graph
        for expanded in series.values():
            expanded.coefficient(k)
    coefficients = [context.number(result), *[0.0] * order]
    if result in series:
        coefficients = series[result].known[: order + 1]
    context.forget()
    return [traced.number(c) for c in coefficients]


def derivative(f: Callable[..., Any], order: int = 1) -> Callable[..., Any]:
    """Return the derivative of given order of a function of one number.

    Raises ValueError for an order outside 0 to 170, TypeError where `f` does not return one number.

    >>> derivative(lambda x: x**5, order=3)(2.0)
    240.0
    """
    if not isinstance(order, int) or not 0 <= order <= _HIGHEST:
        raise ValueError(
            f"derivative: an order is a whole number from 0 to {_HIGHEST}, got {order!r}"
        )

    def nth(x: float) -> Number:
        return taylor(f, x, order)[order] * float(math.factorial(order))

    return nth


class _Context:
    """What the series of one expansion share: each operation on the same series is done once."""

    def __init__(self, recorded: bool) -> None:
        self.recorded = recorded
        self.known: dict[tuple[Any, ...], tuple[Series, tuple[Any, ...]]] = {}

    def number(self, x: Any) -> Number:
        return x if self.recorded or not isinstance(x, Value) else x.data

    def forget(self) -> None:
        """Let go of all series: those that are defined by themselves refer to themselves."""
        for one, _ in self.known.values():
            one.slopes = None
        self.known.clear()

    def apply(self, op: Operation, operands: tuple[Any, ...]) -> Series:
        key = (op.name, *(x if x.__class__ is float else id(x) for x in operands))
        if key not in self.known:  # the operands are kept as well, so that ids stay theirs
            one = Series(self, [_first(op, operands)], op, operands)
            one.degree = _degree(op, operands)
            self.known[key] = (one, operands)
        return self.known[key][0]


class Series:
    """A power series, its coefficients worked out as they are asked for.

    Beyond its `degree` a polynomial has none, whatever they would be multiplied by: an infinite
    slope times a coefficient that is not there is no nan.
    """

    __slots__ = ("context", "degree", "known", "op", "operands", "slopes")

    def __init__(
        self,
        context: _Context,
        known: list[Number],
        op: Operation | None = None,
        operands: tuple[Any, ...] = (),
    ) -> None:
        self.context = context
        self.known = known
        self.op = op
        self.operands = operands
        self.slopes: list[Any] | None = None
        self.degree = math.inf

    def coefficient(self, k: int) -> Number:
        """Return coefficient k."""
        while len(self.known) <= k:
            self.known.append(self._next(len(self.known)))
        return self.known[k]

    def _next(self, k: int) -> Number:
        if self.op is None or k > self.degree:
            return 0.0
        a, *rest = self.operands
        if self.op.name == "add":
            return _coefficient(a, k) + _coefficient(rest[0], k)
        if self.op.name == "mul":
            return _product(a, rest[0], k)
        if self.slopes is None:
            self.slopes = self.op.slopes(self, self.operands)
        total: Number = 0.0
        for slope, x in zip(self.slopes, self.operands, strict=True):
            if isinstance(x, Series):
                for j in range(int(max(0, k - x.degree)), k):
                    total = total + _coefficient(slope, j) * (x.coefficient(k - j) * (k - j))
        return total / k

    @staticmethod
    def _record(op: Operation, operands: tuple[Any, ...]) -> Series:
        """Apply an operation that a rule calls."""
        context = next(x.context for x in operands if isinstance(x, Series))
        return context.apply(op, operands)

    def _primal(self) -> float:
        return primal(self.known[0])

    def __float__(self) -> float:
        raise TracingError(
            f"a rule turns an operand into a plain float at {calling_line()}, so the series that "
            "it belongs to would be lost; write the rule with autograd_lite's operations"
        )

    def __eq__(self, other: object) -> bool:
        return bool(self.known[0] == _head(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.known[0] < _head(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.known[0] <= _head(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.known[0] > _head(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.known[0] >= _head(other))

    __hash__ = object.__hash__

    def __neg__(self) -> Series:
        return self.context.apply(TABLE["neg"], (self,))


def _operator(op: Operation, *, reflected: bool = False) -> Callable[[Series, Any], Series]:
    def method(self: Series, other: Any) -> Series:
        return self.context.apply(op, (other, self) if reflected else (self, other))

    return method


for _symbol, _name in {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow",
                       "floordiv": "floordiv", "mod": "mod"}.items():  # fmt: skip
    setattr(Series, f"__{_symbol}__", _operator(TABLE[_name]))
    setattr(Series, f"__r{_symbol}__", _operator(TABLE[_name], reflected=True))


def _degree(op: Operation, operands: tuple[Any, ...]) -> float:
    degrees = [x.degree if isinstance(x, Series) else 0 for x in operands]
    if op.name == "mul":
        return sum(degrees)
    return max(degrees) if op.name in ("add", "sub", "neg", "pos") else math.inf


def _first(op: Operation, operands: tuple[Any, ...]) -> Number:
    return op.apply(tuple(_head(x) for x in operands))


def _head(x: Any) -> Number:
    return x.known[0] if isinstance(x, Series) else x


def _coefficient(x: Any, k: int) -> Number:
    if isinstance(x, Series):
        return x.coefficient(k)
    return x if k == 0 else 0.0


def _product(a: Any, b: Any, k: int) -> Number:
    if not isinstance(a, Series):
        return a * _coefficient(b, k)
    if not isinstance(b, Series):
        return a.coefficient(k) * b
    total: Number = 0.0
    for j in range(k + 1):
        total = total + a.coefficient(j) * b.coefficient(k - j)
    return total
