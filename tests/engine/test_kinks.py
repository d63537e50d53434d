"""What happens where a derivative is a matter of convention, or does not exist."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd_lite import (
    DomainError,
    GradcheckError,
    RangeError,
    Value,
    grad,
    gradcheck,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    op,
    ops,
    taylor,
)
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
    (lambda x: ops.polygamma(inf, x), 1.0, ValueError, "a whole order from 0 to 170"),
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


# --- a slope that is a convention is no constant --------------------------------------------------

# f, x, first and second derivative: the limit of the second where there is one, else nan.
SECOND: list[tuple[str, Callable[[Any], Any], float, float, float]] = [
    ("sqrt", ops.sqrt, 0.0, inf, -inf),
    ("sqrt", ops.sqrt, -0.0, inf, -inf),
    ("x**0.5", lambda x: x**0.5, 0.0, inf, -inf),
    ("x**(1/3)", lambda x: x ** (1 / 3), 0.0, inf, -inf),
    ("x**1.5", lambda x: x**1.5, 0.0, 0.0, inf),
    ("cbrt", ops.cbrt, 0.0, inf, nan),
    ("asin", ops.asin, 1.0, inf, inf),
    ("asin", ops.asin, -1.0, inf, -inf),
    ("acos", ops.acos, 1.0, -inf, -inf),
    ("acos", ops.acos, -1.0, -inf, inf),
    ("acosh", ops.acosh, 1.0, inf, -inf),
    ("elu", ops.elu, 0.0, 1.0, nan),
    ("selu", ops.selu, 0.0, 1.0507009873554805, nan),
    ("x**2", lambda x: x**2, 0.0, 0.0, 2.0),
    ("x**3", lambda x: x**3, 0.0, 0.0, 0.0),
    ("relu", ops.relu, 0.0, 0.0, 0.0),
    ("leaky_relu", ops.leaky_relu, 0.0, 0.01, 0.0),
    ("hardtanh", ops.hardtanh, 1.0, 0.0, 0.0),
    ("abs", abs, 0.0, 0.0, 0.0),
    ("clamp", lambda x: ops.clamp(x, 0.0, 1.0), 1.0, 0.0, 0.0),
    ("maximum", lambda x: ops.maximum(x, 0.0), 0.0, 0.5, 0.0),
]


@pytest.mark.parametrize(("name", "f", "x", "first", "second"), SECOND)
def test_the_slope_of_a_slope_at_a_kink(
    name: str, f: Callable[[Any], Any], x: float, first: float, second: float
) -> None:
    leaf = Value(x)
    (slope,) = gradients(f(leaf), [leaf], create_graph=True)
    ways = {
        "create_graph": gradients(slope, [leaf])[0],
        "grad of grad": grad(grad(f))(x),
        "hessian": hessian(f)(x),
        "hvp": hvp(f, (x,), (1.0,)),
        "jvp of grad": jvp(grad(f), (x,), (1.0,))[1],
        "sparse": (hessian(lambda v: f(v[0]), sparse=True)([x]).values or [0.0])[0],
        "taylor": 2 * taylor(f, x, 2)[2],
    }
    assert slope.data == grad(f)(x) == first
    assert ways == pytest.approx(dict.fromkeys(ways, second), nan_ok=True, abs=0), name


@pytest.mark.parametrize(
    "f",
    [
        lambda v: ops.norm(v),
        lambda v: ops.norm(v) ** 2,
        lambda v: ops.hypot(v[0], v[1]),
        lambda v: ops.hypot(v[0], v[1]) ** 2,
        lambda v: ops.atan2(v[0], v[1]),
    ],
)
def test_the_tip_of_a_cone_has_no_curvature_and_says_so(f: Callable[[Any], Any]) -> None:
    assert grad(f)([0.0, 0.0]) == [0.0, 0.0]
    ways = [
        hessian(f)([0.0, 0.0]),
        jacobian(grad(f))([0.0, 0.0]),
        jacobian(grad(f), mode="reverse")([0.0, 0.0]),
        hessian(f, sparse=True)([0.0, 0.0]).dense(),
    ]
    for matrix in ways:
        assert all(math.isnan(entry) for row in matrix for entry in row)
    assert all(map(math.isnan, hvp(f, ([0.0, 0.0],), ([1.0, 1.0],))))
    third = jacobian(hessian(f))([0.0, 0.0])
    assert all(math.isnan(entry) for matrix in third for row in matrix for entry in row)


# a, b and the Hessian of a**b, from a**(b-2) b (b-1), a**(b-1) (b ln a + 1) and a**b ln(a)**2
POWERS = [
    (-2.0, 3.0, [[-12.0, nan], [nan, nan]]),
    (-2.0, 2.0, [[2.0, nan], [nan, nan]]),
    (0.0, 3.0, [[0.0, 0.0], [0.0, 0.0]]),
    (0.0, 2.0, [[2.0, 0.0], [0.0, 0.0]]),
    (0.0, 1.0, [[0.0, -inf], [-inf, 0.0]]),
    (0.0, 0.0, [[nan, nan], [nan, nan]]),
    (2.0, 0.0, [[0.0, 0.5], [0.5, math.log(2) ** 2]]),
    (2.0, 1.0, [[0.0, math.log(2) + 1], [math.log(2) + 1, 2 * math.log(2) ** 2]]),
]


@pytest.mark.parametrize(("a", "b", "wanted"), POWERS)
def test_the_hessian_of_a_power_is_symmetric(a: float, b: float, wanted: list[list[float]]) -> None:
    def f(v: Any) -> Any:
        return v[0] ** v[1]

    for found in (hessian(f)([a, b]), jacobian(grad(f), mode="reverse")([a, b])):
        assert [x for row in found for x in row] == pytest.approx(
            [x for row in wanted for x in row], nan_ok=True, rel=1e-15
        )


def test_where_there_is_no_derivative_by_an_operand_the_mixed_ones_are_none_either() -> None:
    found = hessian(lambda v: ops.polygamma(v[0], v[1]))([1.0, 2.0])
    assert [math.isnan(x) for row in found for x in row] == [True, True, True, False]
    found = hessian(lambda v: ops.leaky_relu(v[0], v[1]))([0.0, 0.1])
    assert found == [[0.0, 1.0], [1.0, 0.0]]


def test_an_operation_of_one_s_own_has_no_slope_of_an_agreed_slope() -> None:
    cone = op("kinks_cone", lambda x: abs(x), vjp=lambda g, y, x: g * (x / y),
              kinks={(0.0,): (0.0,)})  # fmt: skip
    hinge = op("kinks_hinge", lambda x: max(x, 0.0), vjp=lambda g, y, x: g if x > 0 else 0.0,
               kinks={(0.0,): (0.0,)})  # fmt: skip
    assert (grad(cone)(0.0), grad(hinge)(0.0)) == (0.0, 0.0)
    assert math.isnan(grad(grad(cone))(0.0))
    assert grad(grad(hinge))(0.0) == 0.0  # its rule gives the slope itself, and is linear there
    with pytest.raises(GradcheckError, match="kink"):
        gradcheck(cone, 0.0)


# Slopes of powers beyond the largest float: infinite, by the sign of the true derivative.
STEEP: list[tuple[Callable[[Any], Any], float, int, float]] = [
    (lambda x: x**-1, 1e-160, 1, -inf),
    (lambda x: x**-1, 1e-160, 2, inf),
    (lambda x: x**-1, -1e-160, 2, -inf),
    (lambda x: x**-1, 1e-160, 4, inf),
    (lambda x: x**-5, 1e-50, 3, -inf),
    (lambda x: x**-5, -1e-50, 3, -inf),
    (lambda x: x**-4, -1e-60, 3, inf),
    (lambda x: x**0.5, 1e-308, 2, -inf),
    (lambda x: x ** Value(0.0), 1e-320, 1, 0.0),
    (lambda x: x ** Value(0.0), 1e-320, 2, 0.0),
]


@pytest.mark.parametrize(("f", "x", "order", "wanted"), STEEP)
def test_slopes_too_steep_for_a_float(
    f: Callable[[Any], Any], x: float, order: int, wanted: float
) -> None:
    derivative = f
    for _ in range(order):
        derivative = grad(derivative)
    assert derivative(x) == wanted
