"""NumPy's functions on Values, alone and in arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_lite import DomainError, Value, grad, gradients
from autograd_lite.operation import TABLE

npy: Any = np  # whose types do not know Values in every place

ONE = ["sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh",
       "arctanh", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "square",
       "reciprocal", "absolute", "fabs", "negative", "positive", "rint", "floor", "ceil", "trunc",
       "sign", "conjugate"]  # fmt: skip
TWO = ["add", "subtract", "multiply", "divide", "true_divide", "power", "float_power", "remainder",
       "mod", "fmod", "floor_divide", "arctan2", "hypot", "maximum", "minimum"]  # fmt: skip
TESTS = ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and"]


def datum(x: Any) -> float:
    return x.data if isinstance(x, Value) else float(x)


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number(name: str) -> None:
    f = getattr(npy, name)
    x = Value(0.7)
    y = f(x)
    assert type(y) is Value
    assert y.data == pytest.approx(f(0.7), rel=1e-15)
    slope = (f(0.7 + 1e-6) - f(0.7 - 1e-6)) / 2e-6
    assert gradients(y, [x]) == pytest.approx([slope], abs=1e-8)
    assert [datum(y) for y in f(npy.array([x, Value(0.2)]))] == pytest.approx(f([0.7, 0.2]))


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_numbers_in_any_place_and_of_any_kind(name: str) -> None:
    f = getattr(npy, name)
    for a, b in [(1.7, 0.6), (0.6, 1.7)]:
        x, y = Value(a), Value(b)
        wanted = pytest.approx(f(a, b), rel=1e-15)
        for result in (f(x, y), f(a, y), f(x, b), f(npy.float64(a), y), f(x, npy.array(b))):
            assert datum(result) == wanted
        assert type(f(a, y)) is Value
        slope = (f(a, b + 1e-6) - f(a, b - 1e-6)) / 2e-6
        assert gradients(f(a, y), [y]) == pytest.approx([slope], abs=1e-8)
        for result in (f([a, b], y), f(npy.array([a, b]), y)):
            assert (type(result), result.shape, result.dtype) == (npy.ndarray, (2,), object)
            assert [datum(each) for each in result] == pytest.approx(f([a, b], b))
            assert gradients(result[0], [y]) == pytest.approx([slope], abs=1e-8)
        assert [datum(each) for each in f(x, npy.array([a, b]))] == pytest.approx(f(a, [a, b]))


@pytest.mark.parametrize("name", TESTS)
def test_tests_of_two_numbers_are_truths(name: str) -> None:
    f = getattr(npy, name)
    for a, b in [(1.0, 2.0), (2.0, 2.0), (2.0, 0.0), (float("nan"), 1.0)]:
        for x, y in [
            (Value(a), b),
            (a, Value(b)),
            (Value(a), Value(b)),
            (npy.float64(a), Value(b)),
        ]:
            assert f(x, y) is f(a, b)
        assert f(npy.array([a, b]), Value(b)).tolist() == f([a, b], b).tolist()


@pytest.mark.parametrize("number", [0.5, -0.0, float("nan"), float("inf"), -1.0])
def test_tests_of_one_number_are_truths(number: float) -> None:
    for f in (npy.isnan, npy.isfinite, npy.isinf, npy.signbit, npy.logical_not):
        assert f(Value(number)) is f(number)
    assert grad(lambda x: x if npy.isfinite(x) and x < npy.float64(9.0) else 0.0)(1.0) == 1.0


def test_statistics_of_arrays() -> None:
    numbers = [0.5, 2.0, 4.0]
    for f in (npy.var, npy.std, npy.mean, npy.median, lambda a: npy.vdot(a, a), npy.linalg.norm):
        slopes = grad(f)(npy.array(numbers))
        for i in range(3):
            up, down = npy.array(numbers), npy.array(numbers)
            up[i] += 1e-6
            down[i] -= 1e-6
            assert slopes[i] == pytest.approx((f(up) - f(down)) / 2e-6, abs=1e-7)
    assert [x.data for x in npy.round(npy.array([Value(x) for x in numbers]))] == [0.0, 2.0, 4.0]


def test_maximum_has_the_slope_of_the_row_s_ties() -> None:
    x = Value(1.0)
    assert gradients(npy.maximum(1.0, x), [x]) == [0.5]
    assert gradients(npy.maximum(npy.ones(1), x)[0], [x]) == [0.5]


def test_a_value_holds_no_array() -> None:
    x = Value(2.0)
    for array in (npy.array([x, x]), npy.array([1.0, 2.0]) * x, x * npy.array([1.0, 2.0])):
        assert (array.dtype, array.shape) == (object, (2,))
        assert all(type(each) is Value and type(each.data) is float for each in array)
    assert npy.add.reduce(npy.array([x, x])).data == 4.0
    assert npy.multiply.outer(npy.ones(2), x).shape == (2,)
    assert npy.sum(x) == npy.add.reduce(x) == 2.0


@pytest.mark.parametrize("name", ["heaviside", "nextafter", "ldexp", "spacing", "modf", "divmod"])
def test_other_functions_say_what_to_use(name: str) -> None:
    f = getattr(npy, name)
    with pytest.raises(TypeError, match=rf"np.{name} has no rule for Values; write it with"):
        f(*[Value(1.0)] * f.nin)


def test_errors_are_those_of_the_rows() -> None:
    with pytest.raises(DomainError, match=r"acosh\(0.5\) is undefined"):
        npy.arccosh(Value(0.5))
    with pytest.raises(TypeError, match="expected a number, got complex"):
        npy.multiply(1j, Value(1.0))


def test_what_else_a_float_has() -> None:
    for number in (0.1, -2.0, 3.0, 1e300):
        x = Value(number)
        assert x.as_integer_ratio() == number.as_integer_ratio()
        assert x.is_integer() is number.is_integer()
        assert x.hex() == number.hex()
        assert x.conjugate() is x
        assert x.real is x
        assert x.imag == number.imag == 0.0


def test_an_array_of_one_value_is_no_constant() -> None:
    products: list[tuple[Any, float]] = [
        (lambda x: x * np.array(x), 4.0),
        (lambda x: np.polyval([1.0, 2.0, 3.0], x), 6.0),
    ]
    for f, slope in products:
        x = Value(2.0)
        f(x).backward()
        assert x.grad == slope
    exp, hypot = TABLE["exp"], TABLE["hypot"]
    calls: list[Any] = [lambda x: exp(np.array(x)), lambda x: hypot(x, np.array(x))]
    for call in calls:
        with pytest.raises(TypeError, match=r"write its \.item\(\)"):
            call(Value(2.0))
