"""Derivatives of high order in one variable, by Taylor series carried through the recorded graph.

From y = f(x(t)) follows y' = f'(x) x', so coefficient k of y comes from lower ones of f'(x) and x
(Griewank and Walther, Evaluating Derivatives, 2008, chapter 13). And f' is what the table says it
is: its rule, applied to series, with x' for a cotangent. That keeps the scale of things: where x is
near 1e200, so is x', and a slope of 1e-400 is never formed. Arithmetic has recurrences of its own.
A series works its coefficients out when they are asked for, and so can be defined by itself, as exp
is: n coefficients take time like n^3, not 2^n as nested grads do.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cache, reduce
from typing import Any, SupportsIndex

from .. import backprop, ops, special, trace_rows
from .._support.validation import whole
from .._support.wording import calling_line
from ..errors import TracingError
from ..operation import Arithmetic, Operation, primal
from ..value import Value
from .functional import scalar
from .tracing import trace

_HIGHEST = 170  # its factorial is the largest that fits a float
_SMALLEST = 2.0**-1022  # of the floats with all their digits
Number = Any  # a float, or inside another transform a Value


def taylor(f: Callable[..., Any], x: float, order: SupportsIndex) -> list[Number]:
    """Return the coefficients of the Taylor series of `f` at `x`, from 0 to `order`.

    Coefficient k is the k-th derivative divided by k!.

    Raises ValueError for an order below 0, TypeError where `f` does not return one number.

    >>> from autograd_lite import exp
    >>> taylor(exp, 0.0, 3)
    [1.0, 1.0, 0.5, 0.16666666666666666]
    """
    saying = "taylor: an order is a whole number of 0 or more"
    highest = whole("order", order, at_least=0, saying=saying)
    traced = trace("taylor", f, (x,), {}, (0,))
    result = scalar("taylor", traced)
    if len(traced.inputs) != 1:
        raise TypeError(f"taylor: expected one number to expand at, got {x!r:.60}")
    (variable,) = traced.inputs
    context = _Context(traced.differentiable, highest)
    series: dict[Any, Series] = {variable: Series(context, [context.number(variable), 1.0], 1)}
    nodes: list[Any] = backprop.walk(result).order
    for node in nodes:
        operands = node.operands
        if node not in series and any(p in series for p in operands if p.__class__ is not float):
            known = [series.get(p, p) for p in operands]
            series[node] = context.apply(
                node.op, tuple(x if isinstance(x, Series) else context.number(x) for x in known)
            )
    coefficients = [context.number(result), *[0.0] * highest]
    try:
        for k in range(1, highest + 1):  # all of one order before the next: no recursion
            for expanded in series.values():
                expanded.coefficient(k)
        if result in series:
            coefficients = [series[result].coefficient(k) for k in range(highest + 1)]
    finally:
        context.forget()
    return [traced.number(c) for c in coefficients]


def derivative(f: Callable[..., Any], order: SupportsIndex = 1) -> Callable[..., Any]:
    """Return the derivative of given order of a function of one number.

    Raises ValueError for an order outside 0 to 170, TypeError where `f` does not return one number.

    >>> derivative(lambda x: x**5, order=3)(2.0)
    240.0
    """
    n = whole("derivative: an order", order, at_least=0, at_most=_HIGHEST)

    def nth(x: float) -> Number:
        return taylor(f, x, n)[n] * float(math.factorial(n))

    return nth


class _Context:
    """What the series of one expansion share: each operation on the same series is done once."""

    def __init__(self, recorded: bool, highest: int) -> None:
        self.recorded = recorded
        self.highest = highest
        self.known: dict[tuple[Any, ...], tuple[Series, tuple[Any, ...]]] = {}

    def number(self, x: Any) -> Number:
        return x if self.recorded or not isinstance(x, Value) else x.data

    def made(self) -> list[Series]:
        """List the series made so far, operands before what is made of them."""
        return [series for series, _ in self.known.values()]

    def forget(self) -> None:
        """Let go of all series: those that are defined by themselves refer to themselves."""
        for series in self.made():
            series.next = series.slope = None
        self.known.clear()

    def apply(self, op: Operation, operands: tuple[Any, ...]) -> Series:
        if op is ops.mul and 1.0 in [x for x in operands if x.__class__ is float]:
            return operands[0] if operands[0].__class__ is Series else operands[1]
        # By its sign as well, as 0.0 and -0.0 are equal but atan2 tells them apart.
        signed = ((x, math.copysign(1.0, x)) if x.__class__ is float else id(x) for x in operands)
        key = (op, *signed)
        if key not in self.known:  # the operands are kept as well, so that ids stay theirs
            series = Series(self, [op.apply(tuple(map(_head, operands)))])
            self.known[key] = (series, operands)
            _define(series, op, operands)
        return self.known[key][0]


class Series(Arithmetic):
    """A power series, its coefficients worked out as they are asked for.

    Beyond its `degree` a polynomial has none, whatever they would be multiplied by: an infinite
    slope times a coefficient that is not there is no nan.
    """

    __slots__ = ("context", "degree", "known", "next", "slope")

    def __init__(self, context: _Context, known: list[Number], degree: float = math.inf) -> None:
        self.context = context
        self.known = known
        self.degree = degree
        self.next: Callable[[int], Number] | None = None  # coefficient k from lower ones
        self.slope: Any = None

    def coefficient(self, k: int) -> Number:
        """Return coefficient k."""
        if k > self.degree or self.next is None:
            return self.known[k] if k < len(self.known) else 0.0
        while len(self.known) <= k:
            self.known.append(self.next(len(self.known)))
        return self.known[k]

    def derivative(self) -> Any:
        """Return the series of the derivative; that of a straight line is a number."""
        if self.slope is None:
            self.slope = self.coefficient(1)
            if self.degree > 1:
                self.slope = Series(self.context, [self.slope], self.degree - 1)
                self.slope.next = lambda k: self.coefficient(k + 1) * (k + 1.0)
        return self.slope

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


def _head(x: Any) -> Number:
    return x.known[0] if isinstance(x, Series) else x


def _coefficient(x: Any, k: int) -> Number:
    if isinstance(x, Series):
        return x.coefficient(k)
    return x if k == 0 else 0.0


def _degree(x: Any) -> float:
    return x.degree if isinstance(x, Series) else 0


def _define(y: Series, op: Operation, operands: tuple[Any, ...]) -> None:
    """Say how the coefficients of an operation's result come from those of its operands."""
    degrees = [x.degree if isinstance(x, Series) else 0 for x in operands]
    if op in (ops.add, ops.sub, ops.neg, ops.pos):
        y.degree = max(degrees)
        y.next = lambda k: op.forward(*[_coefficient(x, k) for x in operands])
    elif op is trace_rows.select:
        y.degree = max(degrees[1:])
        chosen, *sides = operands
        y.next = lambda k: op.apply((_head(chosen), *[_coefficient(x, k) for x in sides]))
    elif op.linear:
        y.degree = degrees[0]
        y.next = lambda k: op.apply((_coefficient(operands[0], k), *operands[1:]))
    elif op in trace_rows.CONSTANT:
        y.degree = 0
    elif op is ops.mul:
        y.degree = sum(degrees)
        y.next = lambda k: _convolution(operands[0], operands[1], k)
    elif op is ops.div or (op is ops.quotient_row and _head(operands[1]) != 0):
        y.next = lambda k: _next_of_quotient(y, operands[0], operands[1], k)
    elif op is ops.pow and _gives_its_slope(y, *operands):
        y.next = lambda k: _next_of_power(y, operands[0], operands[1], k)
    elif op is ops.prod:
        y.next = _unfolded(y, lambda: reduce(operator.mul, operands))
    elif op in (ops.digamma, ops.polygamma) and not any(degrees[:-1]) and _unfolds(y, operands[-1]):
        y.next = _unfolded(y, lambda: _polygamma(y.context.highest, *operands))
    else:
        y.next = _by_rule(y, op, operands)


def _convolution(a: Any, b: Any, k: int, low: int = 0) -> Number:
    """Sum a_j b_(k-j) for j from `low` on, as far as both have coefficients."""
    high = int(min(k, a.degree)) if isinstance(a, Series) else 0
    low = int(max(low, k - b.degree)) if isinstance(b, Series) else k
    terms = [_coefficient(a, j) * _coefficient(b, k - j) for j in range(low, high + 1)]
    return reduce(operator.add, terms) if terms else 0.0


def _next_of_quotient(y: Series, a: Any, b: Any, k: int) -> Number:
    """Return coefficient k of y = a / b, from that of b y = a."""
    return (_coefficient(a, k) - _convolution(b, y, k, low=1)) / _head(b)


def _gives_its_slope(y: Series, a: Any, b: Any) -> bool:
    """Tell whether y' = b y a' / a is of use for y = a**b: it is no polynomial, and not 0."""
    if isinstance(b, Series) or (primal(b) >= 0 and primal(b).is_integer()):
        return False
    return primal(a) != 0 and _in_range(y)


def _in_range(y: Series) -> bool:
    return _SMALLEST <= abs(primal(y)) < math.inf


def _next_of_power(y: Series, a: Series, b: Number, k: int) -> Number:
    """Return coefficient k of y = a**b, from that of a y' = b a' y (Knuth, TAOCP 4.7)."""
    terms = [
        (b * (j / k) + (j / k - 1.0)) * (a.coefficient(j) / a.known[0]) * y.known[k - j]
        for j in range(1, int(min(k, a.degree)) + 1)
    ]
    return reduce(operator.add, terms)


def _by_rule(y: Series, op: Operation, operands: tuple[Any, ...]) -> Callable[[int], Number]:
    """Let coefficients of y follow from y', the sum of what the rules give for each x'."""
    slope = _made_once(y.context, lambda: _slope(y, op, operands))
    return lambda k: _coefficient(slope(k - 1), k - 1) / float(k)


def _unfolded(y: Series, expression: Callable[[], Series]) -> Callable[[int], Number]:
    """Let coefficients of y be those of an expression that is equal to it."""
    equal = _made_once(y.context, expression)
    return lambda k: equal(k).coefficient(k)


def _made_once(context: _Context, make: Callable[[], Any]) -> Callable[[int], Any]:
    """Return a function that makes a series once, and goes through all its parts in order.

    Whoever asks it for coefficient k then need not go down from one to the next: no recursion.
    """

    @cache
    def made() -> tuple[Any, list[Series]]:
        before = len(context.known)
        return make(), context.made()[before:]

    def at(k: int) -> Any:
        series, parts = made()
        for part in parts:
            part.coefficient(k)
        return series

    return at


def _slope(y: Series, op: Operation, operands: tuple[Any, ...]) -> Any:
    moves = [x.derivative() if isinstance(x, Series) else None for x in operands]
    if op is ops.quotient_row:  # 1 / 0 for each x' were a series each
        slopes = zip(op.slopes(y, operands), moves, strict=True)
        return reduce(operator.add, [slope * x for slope, x in slopes if x is not None])
    if op is ops.pow and moves[1] is not None and _in_range(y) and _head(operands[0]) > 0:
        return y * (operands[1] * ops.log(operands[0])).derivative()
    return op.tangent(moves, y, operands)


def _unfolds(y: Series, x: Any) -> bool:
    """Tell whether y has a formula at x: how long that is depends on x, so not in a trace."""
    return primal(x).__class__ is float and _in_range(y)


def _polygamma(highest: int, *operands: Any) -> Series:
    order = int(primal(operands[0])) if len(operands) == 2 else 0
    formula: Series = special.polygamma_formula(
        order, operands[-1], highest, log=ops.log, tan=ops.tan, total=ops.sum
    )
    return formula
