"""Arguments and results: which structures of numbers the transforms take, and give back."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter, deque
from typing import Any

import numpy as np
import pytest

from autograd_lite import TracingError, Value, grad, hessian, jacobian, jvp, ops, vjp
from autograd_lite.nn import MLP


@dataclasses.dataclass
class Line:
    slope: Any
    offsets: Any
    label: str = "a line"
    bounded: bool = False
    note: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    mean: Any
    spread: Any

    def __post_init__(self) -> None:
        if self.spread <= 0:
            raise ValueError("a spread is positive")


@dataclasses.dataclass
class Circle:
    radius: Any
    area: Any = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.area = 3.0 * self.radius**2


@dataclasses.dataclass
class Wrapped:
    model: MLP
    scale: Any


def test_a_dataclass_is_differentiated_field_by_field_and_keeps_its_settings() -> None:
    def f(line: Line) -> Any:
        assert (line.label, line.bounded, line.note) == ("mine", True, None)
        return line.slope * line.offsets[0] + line.offsets[1]["b"] ** 2

    line = Line(2.0, [3.0, {"b": 4.0}], "mine", True)
    assert grad(f)(line) == Line(3.0, [2.0, {"b": 8.0}], "mine", True)
    assert line == Line(2.0, [3.0, {"b": 4.0}], "mine", True)
    assert jvp(f, (line,), (Line(1.0, [0.0, {"b": 1.0}]),)) == (22.0, 11.0)
    second = hessian(f)(line)
    assert second.slope == Line(0.0, [1.0, {"b": 0.0}], "mine", True)
    assert second.offsets[1]["b"].offsets[1]["b"] == 2.0


def test_a_dataclass_checks_its_numbers_not_their_derivatives() -> None:
    def score(p: Normal, x: float) -> Any:
        assert type(p) is Normal
        return -ops.log(p.spread) - ((x - p.mean) / p.spread) ** 2 / 2

    slope = grad(score)(Normal(mean=1.0, spread=2.0), 1.0)
    assert slope == grad(score)(Normal(mean=1.0, spread=2.0), 1.0)
    assert (slope.mean, slope.spread) == (0.0, -0.5)
    with pytest.raises(ValueError, match="a spread is positive"):
        grad(lambda x: dataclasses.replace(Normal(mean=x, spread=1.0), spread=-x).mean)(1.0)


def test_what_a_dataclass_works_out_from_its_fields_follows_them() -> None:
    slope = grad(lambda c: c.area)(Circle(2.0))
    assert (slope.radius, slope.area) == (12.0, 0.0)
    value, pullback = vjp(Circle, 2.0)
    assert (type(value), value.radius, value.area) == (Circle, 2.0, 12.0)
    assert pullback(value) == (2.0 + 12.0 * 12.0,)


def test_a_dataclass_may_hold_a_module() -> None:
    model = MLP(1, [1], seed=0)
    slopes: Any = grad(lambda w: w.model([2.0]) * w.scale)(Wrapped(model, 3.0))
    assert [*slopes.model.values()] == [6.0, 3.0]
    assert slopes.scale == model([2.0]).data


def test_an_array_of_results_has_an_array_of_derivatives() -> None:
    product = lambda p: np.array([p[0] * p[1], p[1] ** 2, p[0]])  # noqa: E731
    for point in ([2.0, 3.0], (2.0, 3.0), np.array([2.0, 3.0])):
        matrix = jacobian(product)(point)
        assert (matrix.dtype, matrix.shape) == (float, (3, 2))
        assert matrix.tolist() == [[3.0, 2.0], [0.0, 6.0], [1.0, 0.0]]
    by_two = jacobian(lambda a, b: np.array([a * b, a, b]), argnums=(0, 1))(2.0, 3.0)
    assert by_two.tolist() == [[3.0, 2.0], [1.0, 0.0], [0.0, 1.0]]
    cubed = jacobian(lambda p: np.array([p[0][0], p[1][1]]))([[1.0, 2.0], [3.0, 4.0]])
    assert cubed.tolist() == [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]]]
    ragged = jacobian(lambda p: np.array([p[0][0], p[1][0]]))([[1.0, 2.0], [3.0]])
    assert ragged.tolist() == [[[1.0, 0.0], [0.0]], [[0.0, 0.0], [1.0]]]
    assert jacobian(lambda p: np.array([p["a"]]))({"a": 1.0}).tolist() == [{"a": 1.0}]
    assert jacobian(lambda p: np.array([1.0, 2.0]))([]).shape == (2, 0)
    (inner,) = jacobian(product)([Value(2.0), Value(3.0)])[1:2]
    assert [type(x) for x in inner] == [Value, Value]


def test_arrays_keep_the_shape_they_had_when_they_were_given() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    _, pullback = vjp(lambda a: a * a, x)
    x *= 0.0
    assert pullback(np.ones((2, 2)))[0].tolist() == [[2.0, 4.0], [6.0, 8.0]]


def selves() -> dict[str, Any]:
    """Make structures that hold themselves, or so many levels that it comes to the same."""
    array, point = np.empty(1, dtype=object), np.empty((), dtype=object)
    array[0], point[()] = array, point
    chain: list[Any] = [1.0]
    chain.append({"again": (chain,)})
    deep: Any = 1.0
    for _ in range(10_000):
        deep = [deep]
    return {"array": array, "0-d array": point, "list": chain, "deep list": deep}


OTHERS: dict[str, tuple[Any, str]] = {
    "matrix": (
        np.ones((1, 2)).view(np.matrix),
        "plain array, got matrix; pass numpy.asarray() of it",
    ),
    "masked array": (np.ma.array([1.0, 2.0], mask=[False, True]), "plain array, got MaskedArray"),
    "masked number": (np.ma.masked, "plain array, got MaskedConstant"),
    "record array": (np.ones(2).view(np.recarray), "plain array, got recarray"),
    "structured array": (np.array([(1.0,)], dtype=[("a", float)]), "got void"),
    "dates": (np.array(["2020-01-01"], dtype="datetime64[D]"), "got datetime64"),
    "time spans": (np.array([1], dtype="timedelta64[s]"), "got timedelta64"),
    "complex array": (np.array([1j]), "got complex128"),
    "array of strings": (np.array(["1"]), "got str_"),
    "string": ("1.0", "got str: '1.0'"),
    "bytes": (b"1", "got bytes"),
    "set": ({1.0}, "got set: {1.0}; make a list of it"),
    "deque": (deque([1.0]), "got deque: deque([1.0]); make a list of it"),
    "generator": ((1.0 for _ in "ab"), "; make a list of it"),
    "class": (Line, "got type"),
    "setting": ([Line(1.0, None), None], "[1] should be numbers"),
    "field": (Line(1.0, [ops.exp]), ".offsets[0] should be numbers"),
    "count of strings": (Counter("a").elements(), "got chain"),
} | {name: (x, "is nested too deep, or contains itself") for name, x in selves().items()}


@pytest.mark.parametrize("name", OTHERS)
def test_other_things_are_refused_as_argument_and_as_result(name: str) -> None:
    thing, text = OTHERS[name]
    with pytest.raises(TypeError) as raised:
        grad(lambda x: 1.0)(thing)
    assert str(raised.value).startswith("grad: argument 0")
    assert text in str(raised.value)
    with pytest.raises(TypeError) as raised:
        jacobian(lambda x: thing)(1.0)
    assert str(raised.value).startswith("jacobian: what the function returned")
    assert text in str(raised.value)


@dataclasses.dataclass
class Cast:
    a: float
    b: float

    def __post_init__(self) -> None:
        self.a = float(self.a)


@dataclasses.dataclass
class Doubling:
    s: float

    def __post_init__(self) -> None:
        self.s = self.s * 2


@dataclasses.dataclass
class Scaled:
    s: float
    scale: float = dataclasses.field(init=False, default=1.0)


@dataclasses.dataclass
class Started:
    s: float
    start: dataclasses.InitVar[float]


def test_a_dataclass_that_loses_a_derivative_as_it_is_made_is_refused() -> None:
    with pytest.raises(TracingError):
        grad(lambda p: p.a * p.b)(Cast(2.0, 3.0))


def test_a_dataclass_that_is_another_when_it_is_made_anew_is_refused() -> None:
    scaled = Scaled(2.0)
    assert grad(lambda p: p.s * p.scale)(scaled).s == 1.0
    scaled.scale = 5.0
    nameless = Scaled(math.nan)
    nameless.scale = 5.0
    cases: list[tuple[Any, str]] = [
        (scaled, "'scale'"),
        (nameless, "'scale'"),
        (Doubling(2.0), "'s'"),
        (Started(2.0, 1.0), "InitVar"),
    ]
    for made, what in cases:
        with pytest.raises(TypeError, match=f"{what}.*pass a dict of its fields"):
            grad(lambda p: p.s * 2)(made)
