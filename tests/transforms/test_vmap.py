"""vmap: what it maps over, what it gives, what it composes with, and what it refuses."""

from __future__ import annotations

import dataclasses
import math
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_programs import programs, run

from autograd_lite import (
    ShapeError,
    Value,
    grad,
    jacobian,
    jit,
    modes,
    ops,
    sin,
    value_and_grad,
    vmap,
)
from autograd_lite.nn import MLP
from autograd_lite.transforms.pytree import flatten

Point = namedtuple("Point", "x y")


@dataclasses.dataclass(frozen=True)
class Body:
    mass: Any
    at: Any
    name: str = "earth"


def same(x: Any, y: Any) -> bool:
    """Tell whether two results are equal, of one type and nested alike."""
    if type(x) is not type(y):
        return False
    if isinstance(x, np.ndarray):
        return bool(x.dtype == y.dtype and x.shape == y.shape and (x == y).all())
    if isinstance(x, Body):
        return same(vars(x), vars(y))
    if isinstance(x, dict):
        return list(x) == list(y) and all(same(x[k], y[k]) for k in x)
    if isinstance(x, list | tuple):
        return len(x) == len(y) and all(map(same, x, y))
    return bool(x == y)


MATRIX = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
CUBE = np.arange(24.0).reshape(2, 3, 4)
X, Y = [1.0, 2.0], [10.0, 20.0]


# What is called, in_axes, the arguments, and the result.
CASES: dict[str, tuple[Any, Any, tuple[Any, ...], Any]] = {
    "a list": (lambda x: x * 2, 0, (X,), [2.0, 4.0]),
    "a tuple": (lambda x: x * 2, 0, ((1.0, 2.0),), [2.0, 4.0]),
    "a range": (lambda x: x * 2, 0, (range(3),), [0.0, 2.0, 4.0]),
    "an array": (lambda x: x * 2, 0, (np.array(X),), np.array([2.0, 4.0])),
    "whole numbers": (lambda x: x, 0, (np.array([1, 2]),), np.array([1.0, 2.0])),
    "two": (lambda x, y: x + y, 0, (X, Y), [11.0, 22.0]),
    "one is shared": (lambda x, y: x + y, (None, 0), (1.0, Y), [11.0, 21.0]),
    "a list of axes": (lambda x, y: x + y, [0, None], (X, 1.0), [2.0, 3.0]),
    "a shared list": (lambda x, y: x[1] + y, (None, 0), (X, Y), [12.0, 22.0]),
    "lists of rows": (sum, 0, ([[1.0, 2.0], [3.0, 4.0]],), [3.0, 7.0]),
    "rows": (lambda r: r[0] * r[2], 0, (MATRIX,), np.array([3.0, 24.0])),
    "columns": (lambda c: c[0] * c[1], 1, (MATRIX,), np.array([4.0, 10.0, 18.0])),
    "the last axis": (lambda c: c[0] * c[1], -1, (MATRIX,), np.array([4.0, 10.0, 18.0])),
    "the last of three": (lambda c: c, -1, (CUBE,), CUBE.transpose(2, 0, 1)),
    "rows and columns": (np.dot, (0, 1), (MATRIX[:, :2], MATRIX[:, :2]), np.array([9.0, 33.0])),
    "a list and an array": (lambda x, y: x + y, 0, (X, np.array(Y)), np.array([11.0, 22.0])),
    "a shared array": (lambda x, y: x + y[0], (0, None), (X, np.array(Y)), [11.0, 12.0]),
    "a dict": (lambda d: d["a"] + d["b"], 0, ({"a": X, "b": Y},), [11.0, 22.0]),
    "a dict in a dict": (lambda d: d["a"]["b"], 0, ({"a": {"b": X}},), [1.0, 2.0]),
    "a list of dicts": (lambda d: d["a"], 0, ([{"a": 1.0}, {"a": 2.0}],), [1.0, 2.0]),
    "a named tuple": (lambda p: p.x * p.y, 0, (Point(X, Y),), [10.0, 40.0]),
    "a dataclass": (lambda b: b.mass + len(b.name), 0, (Body(X, Y),), [6.0, 7.0]),
    "None in a dict": (lambda d: d["a"], 0, ({"a": X, "b": None},), [1.0, 2.0]),
    "axes in a dict": (
        lambda d: d["w"] * d["x"], ({"w": None, "x": 0},), ({"x": X, "w": 3.0},), [3.0, 6.0],
    ),
    "axes in a tuple": (lambda p: p[0] + p[1], ((0, 0),), ((X, Y),), [11.0, 22.0]),
    "axes of both kinds": (
        lambda p: p[0] + p[1]["c"][1], ([None, {"c": 1}],), ((1.0, {"c": MATRIX}),),
        np.array([5.0, 6.0, 7.0]),
    ),
    "axes of a dict's parts": (
        lambda p, y: p["a"][0] * y, ({"a": [0]}, None), ({"a": [X]}, 2.0), [2.0, 4.0],
    ),
    "one": (lambda x: x, 0, ([5.0],), [5.0]),
    "none": (lambda x: {"a": x}, 0, ([],), []),
    "none of an array": (lambda x: {"a": x}, 0, (np.empty((0, 3)),), np.empty(0)),
    "gives a tuple": (lambda x: (x, {"b": -x}), 0, (X,), ([1.0, 2.0], {"b": [-1.0, -2.0]})),
    "gives a list": (lambda x: [x, [x * x]], 0, (X,), [[1.0, 2.0], [[1.0, 4.0]]]),
    "gives a list of arrays": (lambda x: [x, 0], 0, (np.array(X),), [np.array(X), np.zeros(2)]),
    "gives a named tuple": (lambda x: Point(x, 1), 0, (X,), Point(X, [1.0, 1.0])),
    "gives a dataclass": (lambda x: Body(x, [x], "mars"), 0, (X,), Body(X, [X], "mars")),
    "gives a constant": (lambda x: 3, 0, (X,), [3.0, 3.0]),
    "gives bools": (lambda x: x > 1, 0, (X,), [False, True]),
    "gives an array of bools": (lambda x: x > 1, 0, (np.array(X),), np.array([False, True])),
    "gives one bool": (lambda x: (x, True), 0, (X,), (X, [True, True])),
    "gives settings": (lambda x: (x, None, "sum"), 0, (X,), (X, None, "sum")),
    "gives nothing nested": (lambda x: [], 0, (X,), []),
    "gives rows": (lambda r: 2.0 * r, 0, (MATRIX,), 2.0 * MATRIX),
    "gives columns": (lambda c: c, 1, (MATRIX,), MATRIX.T),
    "gives rows of lists": (lambda x: np.array([x, -x]), 0, (X,), np.array([[1., -1.], [2., -2.]])),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_number_becomes_all_of_them(case: str) -> None:
    f, in_axes, args, expected = CASES[case]
    result = vmap(f, in_axes)(*args)
    assert same(result, expected), result


@pytest.mark.parametrize("case", [case for case in CASES if case != "a range"])
def test_compiled_it_is_nested_alike(case: str) -> None:
    f, in_axes, args, expected = CASES[case]
    compiled = jit(vmap(f, in_axes))
    for _ in range(2):  # a trace, and what is made of it
        result = compiled(*args)
        assert same(result, expected), result


def test_arguments_by_name_are_mapped_over_axis_0() -> None:
    assert vmap(lambda x, k: x + k, in_axes=(None,))(1.0, k=Y) == [11.0, 21.0]
    assert vmap(lambda x, k: x[0] + k, in_axes=1)(MATRIX[:, :2], k=Y).tolist() == [11.0, 22.0]


def test_it_is_called_with_plain_floats_once_in_each_lane_in_order() -> None:
    seen = []
    vmap(lambda x: seen.append(x) or x)(np.array([3.0, 1.0, 2.0]))  # type: ignore[func-returns-value]
    assert seen == [3.0, 1.0, 2.0]
    assert {type(x) for x in seen} == {float}


def test_the_mapped_function_is_named_as_what_it_maps() -> None:
    assert vmap(sin).__name__ == "sin"
    assert vmap(vmap(sin)).__name__ == "sin"


# --- Values and transforms ------------------------------------------------------------------------


def test_values_stay_values() -> None:
    a, b = Value(2.0), Value(3.0)
    listed = vmap(lambda x: x * x)([a, b])
    ops.sum(listed).backward()
    assert (a.grad, b.grad) == (4.0, 6.0)
    array = vmap(lambda x: x * x)(np.array([a, b]))
    assert array.dtype == object
    assert [x.data for x in array] == [4.0, 9.0]


def test_a_value_of_a_closure_collects_gradients_of_all_lanes() -> None:
    w = Value(3.0)
    ops.sum(vmap(lambda x: w * x)([1.0, 2.0])).backward()
    assert w.grad == 3.0


def test_a_model_is_shared() -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    xs = [[1.0, 2.0], [3.0, 4.0]]
    assert vmap(lambda m, x: m(x), in_axes=(None, 0))(model, xs) == [model(x) for x in xs]


@given(programs(), st.integers(1, 4))
def test_vmap_of_a_gradient_is_the_gradient_in_each_lane(program: Any, n: int) -> None:
    lanes = [[x + 0.1 * i for x in program[0]] for i in range(n)]

    def f(xs: list[Any]) -> Any:
        return run(xs, program[1])

    gradients = vmap(grad(f))(lanes)
    expected = [grad(f)(xs) for xs in lanes]
    assert gradients == [list(column) for column in zip(*expected, strict=True)]


@given(programs(), st.integers(1, 4))
def test_the_gradient_of_a_sum_over_lanes_is_the_sum_of_gradients(program: Any, n: int) -> None:
    shifts = [0.1 * i for i in range(n)]

    def f(xs: list[Any], shift: float) -> Any:
        return run([x + shift for x in xs], program[1])

    def total(xs: list[Any]) -> Any:
        return ops.sum(vmap(f, in_axes=(None, 0))(xs, shifts))

    value, slopes = value_and_grad(total)(program[0])
    each = [value_and_grad(f)(program[0], shift) for shift in shifts]
    assert value == pytest.approx(math.fsum(y for y, _ in each), rel=1e-12, abs=1e-12)
    for i, slope in enumerate(slopes):
        expected = math.fsum(g[i] for _, g in each)
        size = math.fsum(abs(g[i]) for _, g in each)
        assert slope == pytest.approx(expected, rel=1e-12, abs=1e-12 * size)


def test_by_what_is_mapped_over_the_gradient_is_nested_as_that_is() -> None:
    def f(xs: Any) -> Any:
        return ops.sum(vmap(lambda x: x**3)(xs))

    assert grad(f)([1.0, 2.0]) == [3.0, 12.0]
    assert grad(f)(np.array([1.0, 2.0])).tolist() == [3.0, 12.0]
    assert grad(grad(lambda a: f([a, 2 * a])))(1.0) == 6.0 + 8 * 6.0


def test_a_jacobian_of_lanes_is_diagonal() -> None:
    assert jacobian(vmap(lambda x: x * x))([1.0, 2.0]) == [[2.0, 0.0], [0.0, 4.0]]


def test_nested_maps_give_a_table() -> None:
    table = vmap(vmap(lambda x, y: x * y, in_axes=(None, 0)), in_axes=(0, None))
    assert table([1.0, 2.0], [3.0, 4.0, 5.0]) == [[3.0, 6.0], [4.0, 8.0], [5.0, 10.0]]
    arrays = table(np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0]))
    assert arrays.tolist() == [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]]


# --- what a trace does better ---------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["lanes", NotImplemented])
def test_what_compiles_is_asked_first(answer: Any) -> None:
    asked = []

    class Recording:
        inputs: tuple[Any, ...] = ()

        def result(self, node: Any, recording: bool) -> Any:
            return node

        def lanes(self, *arguments: Any) -> Any:
            asked.append(arguments)
            return answer

    def f(x: float, k: float) -> float:
        return x + k

    with modes.compiling(Recording()):
        result = vmap(f, (0,))([1.0], k=[2.0])
    assert asked == [(f, (0,), ([1.0],), {"k": [2.0]})]
    assert result == ([3.0] if answer is NotImplemented else answer)


def weighted(w: Any, rows: Any) -> Any:
    return w * ops.sum(vmap(lambda r: sin(r[0]) * r[1] + r[2] / w)(rows))


COMPILED: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "an array": (vmap(lambda x: sin(x) * x), (np.array([1.0, 2.0, 3.0]),)),
    "a list": (vmap(lambda x: (sin(x), {"a": x * x})), ([1.0, 2.0, 3.0],)),
    "rows": (vmap(lambda r: sin(r[0]) * r[1] + r[2]), (MATRIX,)),
    "columns": (vmap(lambda c: sin(c[0]) * c[1], in_axes=1), (MATRIX,)),
    "gradients": (vmap(grad(lambda x: sin(x) * x)), (np.array([1.0, 2.0, 3.0]),)),
    "a sum": (weighted, (2.0, MATRIX)),
    "gives rows": (vmap(lambda r: 2.0 * r), (MATRIX,)),
    "gives rows in a tuple": (vmap(value_and_grad(lambda r: sin(r[0]) * r[1] + r[2])), (MATRIX,)),
    "gives tables": (
        vmap(lambda x: np.array([[x, -x], [x * x, 1.0 + x]])),
        (np.array([1.0, 2.0, 3.0]),),
    ),
    "gives rows of lists": (vmap(lambda x: np.array([x, -x])), ([1.0, 2.0, 3.0],)),
    "one of the rows": (lambda xs: vmap(lambda r: 2.0 * r)(xs)[1], (MATRIX,)),
    "rows by rows": (lambda xs: vmap(lambda r: r[0] * r[2])(vmap(lambda r: r * r)(xs)), (MATRIX,)),
    "tables by tables": (
        lambda xs: vmap(lambda m: m[1, 2] - m[0, 1] * m[1, 0])(
            vmap(lambda x: np.array([[x, 2 + x, 2 * x], [x * x, 3 * x, 1 + x]]))(xs)
        ),
        (np.array([1.0, 2.0, 3.0]),),
    ),
    "columns of rows": (
        lambda xs: vmap(lambda c: c[0] * c[1], 1)(vmap(lambda r: 2 * r)(xs)),
        (MATRIX,),
    ),
    "rows that are added": (lambda xs: 1.0 + vmap(lambda r: 2.0 * r)(xs), (MATRIX,)),
    "a gradient by what is shared": (grad(weighted), (2.0, MATRIX)),
}


ONE_BY_ONE = {"one of the rows", "columns of rows", "rows that are added"}


@pytest.mark.parametrize("case", COMPILED)
def test_compiled_it_gives_what_it_gives_eagerly(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_by_one(self: Any) -> None:
        raise AssertionError("it goes through the samples one by one")

    if case not in ONE_BY_ONE:
        monkeypatch.setattr("autograd_lite.compiler.stand_ins.Loop.results", one_by_one)
    f, args = COMPILED[case]
    compiled = jit(f)
    for factor in (1.0, 1.0, 0.5):  # a trace, and what is made of it
        numbers = [np.asarray(x) * factor for x in args]
        given = [
            y.tolist() if isinstance(x, float | list) else y
            for x, y in zip(args, numbers, strict=True)
        ]
        result, expected = compiled(*given), f(*given)
        found, structure = flatten(result)
        wanted, other = flatten(expected)
        assert structure.key == other.key
        assert found == pytest.approx(wanted, rel=1e-13)
    assert compiled.stats().fallbacks == 0


# --- what is refused ------------------------------------------------------------------------------

# What is called, in_axes, the arguments, the error and what its message says.
REFUSED: dict[str, tuple[Any, Any, tuple[Any, ...], type[Exception], str]] = {
    "not a function": (3, 0, (X,), TypeError, "expects a function, got int"),
    "axes of a float": (sum, 0.5, (X,), TypeError, "in_axes are whole numbers.*float: 0.5"),
    "axes of a bool": (sum, (True,), (X,), TypeError, "in_axes are whole numbers.*bool: True"),
    "axes of a string": (sum, {"a": "b"}, (X,), TypeError, "in_axes are whole numbers.*str: 'b'"),
    "too few axes": (max, (0,), (X, Y), ShapeError, "1 entries for 2 arguments"),
    "too many axes": (max, (0, 0, 0), (X, Y), ShapeError, "3 entries for 2 arguments"),
    "nothing mapped": (max, (None, None), (X, Y), ValueError, "no argument is mapped over"),
    "no arguments": (lambda: 1.0, 0, (), ValueError, "no argument is mapped over"),
    "an empty dict": (sum, 0, ({},), ValueError, "no argument is mapped over"),
    "a number": (abs, 0, (3.0,), TypeError, "argument 0 is mapped.*got float: 3.0; where.*None"),
    "a Value": (abs, 0, (Value(3.0),), TypeError, "argument 0 is mapped over.*got Value"),
    "a string": (len, 0, ("abc",), TypeError, "argument 0 is mapped over.*got str: 'abc'"),
    "a set": (abs, 0, ({1.0},), TypeError, "argument 0 is mapped over.*got set"),
    "a generator": (abs, 0, ((x for x in X),), TypeError, "argument 0 is mapped.*got generator"),
    "an array of no axes": (abs, 0, (np.array(1.0),), TypeError, "argument 0 is mapped over"),
    "a number in a dict": (
        len, 0, ({"a": X, "b": 1.0},), TypeError, r"argument 0\['b'\] is mapped.*float: 1.0",
    ),
    "a model": (len, 0, (MLP(1, [1]),), TypeError, "argument 0 is mapped over.*got MLP"),
    "lengths": (max, 0, (X, [1.0]), ShapeError, "got 2 of argument 0 and 1 of argument 1; where"),
    "lengths the other way": (max, 0, ([1.0], X), ShapeError, "got 1 of argument 0 and 2 of"),
    "lengths of a dict's": (
        len, 0, ({"a": X, "b": [1.0]},), ShapeError,
        r"2 of argument 0\['a'\] and 1 of argument 0\['b'\]",
    ),
    "one that is empty": (max, 0, (X, []), ShapeError, "got 2 of argument 0 and 0 of argument 1"),
    "axis 1 of a list": (sum, 1, ([X, Y],), TypeError, r"a list.*got axis 1; pass numpy.array\(\)"),
    "axis 2 of two": (sum, 2, (MATRIX,), ShapeError, r"shape \(2, 3\), which has no axis 2.*to 1"),
    "axis -3 of two": (sum, -3, (MATRIX,), ShapeError, "which has no axis -3"),
    "axes of what is flat": (sum, ((0, 0),), (np.ones(2),), TypeError, "which is not nested"),
    "axes of other keys": (
        len, ({"a": 0},), ({"a": X, "b": Y},), ShapeError, r"whose parts are \['a', 'b'\]",
    ),
    "axes of more keys": (
        len, ({"a": 0, "b": 0},), ({"a": X},), ShapeError, r"whose parts are \['a'\]",
    ),
    "axes of other lengths": (len, ((0,),), ((X, Y),), ShapeError, r"whose parts are \[0, 1\]"),
    "None returned": (lambda x: None, 0, (X,), TypeError, "returned None; did it forget"),
    "a set returned": (lambda x: {x}, 0, (X,), TypeError, "what the function returned.*got set"),
    "other keys returned": (lambda x: {x: x}, 0, (X,), TypeError, "nested in one way.*{1.0.*{2.0"),
    "other lengths returned": (
        lambda n: [1.0] * n, 0, ([2, 1],), TypeError, r"got \[1.0, 1.0\] and \[1.0\]",
    ),
    "other kinds returned": (
        lambda x: [x] if x > 1 else (x,), 0, (X,), TypeError, r"got \(1.0,\) and \[2.0\]",
    ),
    "other shapes returned": (lambda n: np.ones(n), 0, ([2, 1],), TypeError, "nested in one way"),
    "other settings returned": (lambda x: (x, str(x)), 0, (X,), TypeError, "got '1.0' and '2.0'"),
    "sometimes a number": (lambda x: x if x > 1 else [x], 0, (X,), TypeError, "and 2.0; where"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_mapped_is_refused_with_a_remedy(case: str) -> None:
    f, in_axes, args, error, message = REFUSED[case]
    with pytest.raises(error, match=message) as caught:
        vmap(f, in_axes)(*args)
    assert type(caught.value) is error


def test_an_error_of_the_function_is_its_own() -> None:
    with pytest.raises(ZeroDivisionError):
        vmap(lambda x: 1 / x)([1.0, 0.0])
