"""What holds for the rules of every row: they select, and their twins and formulas are equal."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest

from autograd_lite import Operation, Value, backprop, gradients, op, ops, where
from autograd_lite.operation import BUILT_IN, TABLE, Arithmetic, primal

inf, nan = math.inf, math.nan
ROWS = [row for name, row in TABLE.items() if name in BUILT_IN]  # not those of other tests
COMPOSED = [row for row in ROWS if row.formula is not None]


class Lane(Arithmetic):
    """A number as a compiler has it, which stands for many: nobody may ask how large it is."""

    def __init__(self, at: Any) -> None:
        self.at = at  # a float, or a Value that records

    @staticmethod
    def _record(op: Operation, operands: Iterable[Any]) -> Any:
        return Lane(op.apply(tuple(map(at, operands))))

    def _primal(self) -> Lane:
        return Lane(primal(self.at))

    def __lt__(self, other: Any) -> Outcome:
        return Outcome(self.at < at(other))

    def __le__(self, other: Any) -> Outcome:
        return Outcome(self.at <= at(other))

    def __gt__(self, other: Any) -> Outcome:
        return Outcome(self.at > at(other))

    def __ge__(self, other: Any) -> Outcome:
        return Outcome(self.at >= at(other))

    def __eq__(self, other: object) -> Outcome:  # type: ignore[override]
        return Outcome(self.at == at(other))

    def __ne__(self, other: object) -> Outcome:  # type: ignore[override]
        return Outcome(self.at != at(other))

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise AssertionError("asked whether a number is 0")

    def __float__(self) -> float:
        raise AssertionError("asked for a float")

    __int__ = __index__ = __round__ = __trunc__ = __floor__ = __ceil__ = __float__


class Unfolded(Lane):
    """A number of which only the primitive rows are known."""

    @staticmethod
    def _record(op: Operation, operands: Iterable[Any]) -> Any:
        operands = tuple(operands)
        if op.formula is None:
            return Unfolded(op.apply(tuple(map(at, operands))))
        return op.formula(*operands)


class Outcome:
    """A condition that holds for some of the numbers: nobody may ask whether it is true."""

    def __init__(self, holds: bool) -> None:
        self.holds = holds

    def __and__(self, other: Any) -> Outcome:
        return Outcome(self.holds and getattr(other, "holds", other))

    def __or__(self, other: Any) -> Outcome:
        return Outcome(self.holds or getattr(other, "holds", other))

    __rand__, __ror__ = __and__, __or__

    def _select(self, a: Any, b: Any) -> Lane:
        kind = Unfolded if isinstance(a, Unfolded) or isinstance(b, Unfolded) else Lane
        return kind(at(a if self.holds else b))

    def __bool__(self) -> bool:
        raise AssertionError("asked whether a condition holds")


def at(x: Any) -> Any:
    return x.at if isinstance(x, Lane) else x


UNARY = [-inf, -1e300, -1e9, -800.0, -61.0, -46.0, -20.0, -3.5, -1.0, -0.5, -1e-310, -0.0, 0.0,
         1e-310, 0.3, 0.5, 1.0, 1.5, 3.0, 20.0, 46.0, 61.0, 760.0, 1e9,
         1e300, inf, nan]  # fmt: skip
BINARY = [-inf, -1e300, -2.0, -1.0, -0.5, -1e-310, -0.0, 0.0, 0.3, 1.0, 2.0, 1e300, inf, nan]
TERNARY = [-inf, -1.0, 0.0, 0.5, 1.0, 2.0, inf, nan]
ORDERS = {"power_log": 3, "sinc_derivative": 2, "polygamma": 2}  # and their operands


def points(row: Operation) -> list[tuple[float, ...]]:
    """List points at which a row is tried, its kinks among them."""
    if row.name in ORDERS:
        numbers = [x for x in BINARY if abs(x) < 1e9 or row.name == "power_log"]
        return [*product((0.0, 1.0, 2.0), *[numbers] * (ORDERS[row.name] - 1))]
    numbers = UNARY if row.arity == 1 else BINARY if row.arity == 2 else TERNARY
    return [*product(numbers, repeat=row.arity or 3), *row.kinks]


def defined(row: Operation, point: tuple[float, ...]) -> bool:
    try:
        row.evaluate(point)
    except (ValueError, ArithmeticError):
        return False
    return True


def grid(row: Operation) -> list[tuple[float, ...]]:
    """List the points where a row is defined."""
    return [point for point in points(row) if defined(row, point)]


def pulled(row: Operation, rules: Any, g: Any, y: Any, operands: Iterable[Any]) -> list[Any]:
    xs = tuple(operands)
    if row.arity is None:
        return list(rules[0](g, y, *xs))
    return [rule(g, y, *xs) for rule in rules]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_rule_never_asks_for_the_truth_of_an_operand(row: Operation) -> None:
    for point in grid(row):
        y = row.evaluate(point)
        wanted = pulled(row, row.vjps, 1.5, y, point)
        if row.name == "pow" and math.isnan(point[0]) and point[1] == 0:
            continue  # nan**0 is 1; a constant exponent of 0 is not looked at any further
        found = pulled(row, row.vjps, Lane(1.5), Lane(y), map(Lane, point))
        assert [at(x) for x in found] == pytest.approx(wanted, nan_ok=True, rel=1e-15), point
        for i in range(len(point)):  # the others are constants
            xs = [Lane(x) if k == i else x for k, x in enumerate(point)]
            found = pulled(row, row.vjps, Lane(1.5), Lane(y), xs)
            assert at(found[i]) == pytest.approx(wanted[i], nan_ok=True, rel=1e-15), point


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nor_does_one_that_records(row: Operation) -> None:
    for point in grid(row):
        if row.name == "pow" and math.isnan(point[0]) and point[1] == 0:
            continue
        leaves = tuple(map(Value, point))
        y = row.apply(leaves)
        wanted = gradients(y, leaves, create_graph=True)
        found = pulled(row, row.vjps, Lane(Value(1.0)), Lane(y), map(Lane, leaves))
        for slope, lane in zip(wanted, found, strict=True):
            value = at(lane) if isinstance(at(lane), Value) else Value(at(lane))
            assert value.data == pytest.approx(slope.data, nan_ok=True, rel=1e-15), point
            again = gradients(value, leaves), gradients(slope, leaves)
            assert again[0] == pytest.approx(again[1], nan_ok=True, rel=1e-12), point


def test_where_asks_a_condition_to_select() -> None:
    chosen = where(Lane(2.0) > 1.0, 3.0, Lane(4.0)), where((Lane(2.0) > 3.0) | False, 3.0, 4.0)
    assert [at(x) for x in chosen] == [3.0, 4.0]
    with pytest.raises(AssertionError, match="whether a condition holds"):
        _ = 3.0 if Lane(2.0) > 1.0 else 4.0


def test_the_kinks_of_a_row_of_one_s_own_are_selected() -> None:
    row = op("rules_hinge", lambda a, b: abs(a - b),
             (lambda g, y, a, b: g * ops.sign(a - b) + 7.0, lambda g, y, a, b: g * ops.sign(b - a)),
             kinks={(0.0, 0.0): (0.25, 0.0), (1.0, 1.0): (0.5, 0.0)})  # fmt: skip
    try:
        for point in [(0.0, 0.0), (1.0, 1.0), (2.0, 1.0), (1.0, 0.0)]:
            y = row.evaluate(point)
            found = pulled(row, row.vjps, 2.0, Lane(y), map(Lane, point))
            assert [at(x) for x in found] == pulled(row, row.vjps, 2.0, y, point)
        assert pulled(row, row.vjps, 2.0, 0.0, (0.0, 0.0))[0] == 0.5
        assert pulled(row, row.vjps, 2.0, 0.0, (1.0, 1.0))[0] == 1.0
        assert pulled(row, row.vjps, 2.0, 1.0, (1.0, 0.0))[0] == 9.0
    finally:
        del TABLE["rules_hinge"]


TWINS = [row for row in ROWS if row.float_vjps is not row.vjps]


@pytest.mark.parametrize("row", TWINS, ids=str)
def test_the_twin_of_a_rule_is_equal_to_it(row: Operation) -> None:
    for point in grid(row):
        y = row.evaluate(point)
        wanted = pulled(row, row.vjps, 1.5, y, point)
        found = pulled(row, row.float_vjps, 1.5, y, point)
        assert found == pytest.approx(wanted, nan_ok=True, rel=1e-15), point


# --- formulas -------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", COMPOSED, ids=str)
def test_a_formula_gives_the_number_of_its_row(row: Operation) -> None:
    formula: Any = row.formula
    for point in grid(row):
        wanted = row.evaluate(point)
        numbers = [
            formula(*point),
            at(formula(*map(Lane, point))),
            at(formula(*map(Unfolded, point))),
        ]
        assert numbers == pytest.approx([wanted] * 3, nan_ok=True, rel=1e-15, abs=1e-307), point


@pytest.mark.parametrize("row", COMPOSED, ids=str)
def test_a_formula_of_what_raises_raises_or_is_not_finite(row: Operation) -> None:
    formula: Any = row.formula
    for point in points(row):
        if not defined(row, point):
            with contextlib.suppress(ValueError, ArithmeticError):
                assert not math.isfinite(formula(*point)), point


SMOOTH: dict[int | None, list[tuple[float, ...]]] = {
    1: [(x,) for x in (-36.0, -9.3, -2.2, -0.7, -0.01, 0.02, 0.6, 1.7, 8.8, 25.0)],
    2: [(0.7, 0.3), (-1.2, 0.4), (2.5, -20.0), (-30.0, 6.0)],
    3: [(0.3, -0.5, 1.0), (-2.0, 0.5, 0.75), (4.0, -1.0, 2.0)],
    None: [(0.3, -1.2, 2.5), (2.5, 0.3, -1.2, -33.0), (-4.0,)],
}


@pytest.mark.parametrize("row", COMPOSED, ids=str)
def test_formulas_unfold_to_primitive_rows_and_have_their_derivatives(row: Operation) -> None:
    formula: Any = row.formula
    for point in SMOOTH[row.arity]:
        if not defined(row, point):
            continue
        leaves = [Value(x) for x in point]
        result = at(formula(*map(Unfolded, leaves)))
        wanted = row.slopes(row.evaluate(point), point)
        if not isinstance(result, Value):  # straight and level
            assert wanted == [0.0] * len(point)
            continue
        order: list[Any] = backprop.topological_order(result)
        assert all(node.op.formula is None for node in order)
        assert gradients(result, leaves) == pytest.approx(wanted, rel=1e-13, abs=1e-300), point


def test_the_primitive_rows() -> None:
    assert {row.name for row in ROWS if row.formula is None} == {
        "add", "sub", "mul", "div", "floordiv", "mod", "fmod", "quotient", "convention", "neg",
        "pos", "sign", "abs", "copysign", "fma", "exp", "exp2", "expm1", "log", "log2", "log10",
        "log1p", "power_log", "pow", "sqrt", "cbrt", "hypot", "sin", "cos", "tan", "asin", "acos",
        "atan", "atan2", "sinc_derivative", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
        "erf", "erfc", "lgamma", "polygamma", "maximum", "minimum", "floor", "ceil", "round",
        "trunc", "sum", "dot",
    }  # fmt: skip


# --- what can raise -------------------------------------------------------------------------------

HUGE = [(x,) for x in (-2.0, -1e308, 171.0, 710.5, 1024.5, 1e306, 1e308)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_says_whether_it_can_raise(row: Operation) -> None:
    beyond = HUGE if row.arity == 1 else [(1e308,) * (row.arity or 2)]
    if row.name in ORDERS:
        beyond = [(0.5, 1.0, 1.0)[: row.arity]]
    assert row.total is all(defined(row, point) for point in points(row) + beyond)


def test_a_row_of_one_s_own_may_raise() -> None:
    row = op("rules_own", lambda x: x, lambda g, y, x: g)
    del TABLE["rules_own"]
    assert not row.total
