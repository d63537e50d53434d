"""What happens where a derivative is a matter of convention, or does not exist."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable

import pytest

from autograd_lite import DomainError, RangeError, Value, gradients, ops
from autograd_lite.operation import TABLE

inf, nan = math.inf, math.nan

# operation, operands, value, slopes
KINKS: list[tuple[str, tuple[float, ...], float, tuple[float, ...]]] = [
    ("relu", (0.0,), 0.0, (0.0,)),
    ("abs", (0.0,), 0.0, (0.0,)),
    ("maximum", (2.0, 2.0), 2.0, (0.5, 0.5)),
    ("minimum", (2.0, 2.0), 2.0, (0.5, 0.5)),
    ("max", (3.0, 1.0, 3.0, 3.0), 3.0, (1 / 3, 0.0, 1 / 3, 1 / 3)),
    ("min", (1.0, 1.0), 1.0, (0.5, 0.5)),
    ("clamp", (0.0, 0.0, 1.0), 0.0, (0.0, 1.0, 0.0)),
    ("clamp", (1.0, 0.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    ("clamp", (1.0, 1.0, 1.0), 1.0, (0.0, 1.0, 0.0)),
    ("leaky_relu", (0.0, 0.01), 0.0, (0.01, 0.0)),
    ("elu", (0.0, 1.0), 0.0, (1.0, 0.0)),
    ("elu", (0.0, 3.0), 0.0, (1.0, 0.0)),
    ("hardtanh", (1.0,), 1.0, (0.0,)),
    ("hardtanh", (-1.0,), -1.0, (0.0,)),
    ("pow", (0.0, 2.0), 0.0, (0.0, 0.0)),
    ("pow", (0.0, 1.0), 0.0, (1.0, 0.0)),
    ("pow", (0.0, 0.0), 1.0, (0.0, 0.0)),
    ("pow", (0.0, 0.5), 0.0, (inf, 0.0)),
    ("pow", (-2.0, 2.0), 4.0, (-4.0, nan)),
    ("pow", (-2.0, -1.0), -0.5, (-0.25, nan)),
    ("sqrt", (0.0,), 0.0, (inf,)),
    ("cbrt", (0.0,), 0.0, (inf,)),
    ("hypot", (0.0, 0.0), 0.0, (0.0, 0.0)),
    ("norm", (0.0, 0.0, 0.0), 0.0, (0.0, 0.0, 0.0)),
    ("atan2", (0.0, 0.0), 0.0, (0.0, 0.0)),
    ("asin", (1.0,), math.pi / 2, (inf,)),
    ("asin", (-1.0,), -math.pi / 2, (inf,)),
    ("acos", (1.0,), 0.0, (-inf,)),
    ("acos", (-1.0,), math.pi, (-inf,)),
    ("acosh", (1.0,), 0.0, (inf,)),
    ("sign", (0.0,), 0.0, (0.0,)),
    ("floor", (2.0,), 2.0, (0.0,)),
    ("ceil", (2.0,), 2.0, (0.0,)),
    ("round", (2.5,), 2.0, (0.0,)),
    ("trunc", (-2.0,), -2.0, (0.0,)),
    ("mod", (6.0, 3.0), 0.0, (1.0, -2.0)),
    ("mod", (-7.0, 3.0), 2.0, (1.0, 3.0)),
    ("floordiv", (7.0, 2.0), 3.0, (0.0, 0.0)),
    ("logsumexp", (-inf, -inf), -inf, (nan, nan)),
    ("logsumexp", (-inf, 0.0), 0.0, (0.0, 1.0)),
    ("prod", (0.0, 2.0, 3.0), 0.0, (6.0, 0.0, 0.0)),
    ("prod", (0.0, 0.0, 3.0), 0.0, (0.0, 0.0, 0.0)),
]


@pytest.mark.parametrize(("name", "point", "value", "slopes"), KINKS)
@pytest.mark.parametrize("create_graph", [False, True])
def test_kink(
    name: str,
    point: tuple[float, ...],
    value: float,
    slopes: tuple[float, ...],
    create_graph: bool,
) -> None:
    leaves = [Value(x) for x in point]
    result = TABLE[name].apply(tuple(leaves))
    assert result.data == value
    grads = [float(g) for g in gradients(result, leaves, create_graph)]
    assert grads == pytest.approx(slopes, nan_ok=True, rel=1e-15)
    result.backward()
    assert [x.grad for x in leaves] == pytest.approx(slopes, nan_ok=True, rel=1e-15)


def test_the_table_says_what_its_rules_give_at_its_kinks() -> None:
    for row in TABLE.values():
        for point, slopes in row.kinks.items():
            assert tuple(row.slopes(row.evaluate(point), point)) == slopes, row


def test_the_exponent_of_a_negative_base_is_only_looked_at_when_it_needs_a_gradient() -> None:
    x = Value(-2.0)
    (x**2).backward()
    assert x.grad == -4.0


def test_where_records_only_the_branch_taken() -> None:
    x = Value(-1.0)
    y = ops.where(x > 0, ops.sqrt, ops.neg)(x)
    y.backward()
    assert (y.data, x.grad) == (1.0, -1.0)
    assert ops.where(x < 0, x, 2.0) is x


RAISING = [
    (lambda x: ops.log(x), 0.0, ValueError, "log(0.0) is undefined; log expects a number > 0"),
    (lambda x: ops.log(x), -1.0, ValueError, "log(-1.0) is undefined"),
    (lambda x: ops.atanh(x), 1.0, ValueError, "a number in (-1, 1)"),
    (lambda x: ops.sqrt(x), -1.0, ValueError, "a number >= 0"),
    (lambda x: x**0.5, -2.0, ValueError, "pow(-2.0, 0.5) is undefined"),
    (lambda x: x**-1, 0.0, ZeroDivisionError, "divides by zero"),
    (lambda x: 1 / x, 0.0, ZeroDivisionError, "div(1.0, 0.0) divides by zero"),
    (lambda x: x % 0, 1.0, ZeroDivisionError, "a divisor other than 0"),
    (lambda x: x // 0, 1.0, ZeroDivisionError, "a divisor other than 0"),
    (lambda x: ops.exp(x), 1000.0, OverflowError, "exp(1000.0) is too large for a float"),
    (lambda x: x**400, 10.0, OverflowError, "pow(10.0, 400.0) is too large"),
    (lambda x: ops.clamp(x, 1, 0), 0.5, ValueError, "clamp expects low <= high"),
    (lambda x: ops.lgamma(x), -2.0, ValueError, "other than 0, -1, -2"),
    (lambda x: ops.digamma(x), 0.0, ValueError, "other than 0, -1, -2"),
    (lambda x: ops.lgamma(x), -inf, ValueError, "other than 0, -1, -2"),
    (lambda x: ops.polygamma(1e15, x), 1.0, ValueError, "a whole order from 0 to 170"),
    (lambda x: ops.polygamma(nan, x), 1.0, ValueError, "a whole order from 0 to 170"),
    (lambda x: ops.polygamma(0.5, x), 1.0, ValueError, "a whole order from 0 to 170"),
    (lambda x: ops.sin(x), inf, ValueError, "a finite number"),
]


@pytest.mark.parametrize(("f", "x", "error", "text"), RAISING)
def test_domain_errors_name_the_operation_and_its_operands(
    f: Callable[[Value], Value], x: float, error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as raised:
        f(Value(x))
    assert text in str(raised.value)
    assert isinstance(raised.value, DomainError | RangeError)


def test_operations_on_floats_raise_the_same() -> None:
    with pytest.raises(DomainError, match="log expects a number > 0"):
        ops.log(-1.0)
    with pytest.raises(RangeError, match="exp"):
        ops.exp(1000.0)


def test_errors_name_the_node() -> None:
    price = Value(-3.0, name="price")
    with pytest.raises(DomainError, match=r"log\(price=-3.0\) is undefined"):
        price.log()
    with pytest.raises(DomainError, match=r"div\(1.0, gap=0.0\) divides by zero"):
        1 / Value(0.0, name="gap")


def test_a_slope_too_large_for_a_float_is_infinite() -> None:
    x = Value(1e-300)
    (x**-1).backward()
    assert x.grad == -inf
    x = Value(-1e-300)
    (x**-1).backward()
    assert x.grad == -inf


def test_a_star_import_has_the_table_but_for_what_would_hide_a_builtin() -> None:
    functions = {"log_softmax", "softmax", "swish", "where"}
    rows = {name for name, row in TABLE.items() if getattr(ops, name, None) is row} | {"dot"}
    assert set(ops.__all__) == {name for name in rows if not hasattr(builtins, name)} | functions
