"""A jitted function is called as the function itself is, and returns what that returns."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import math
import pickle
import random
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import (
    Jitted,
    Value,
    detect_anomaly,
    exp,
    grad,
    gradients,
    hessian,
    jacobian,
    jit,
    no_grad,
    op,
    sin,
    value_and_grad,
    vjp,
    where,
)
from autograd_lite.nn import MLP


class Pair(NamedTuple):
    a: Any
    b: Any


@dataclasses.dataclass
class Spring:
    stiffness: Any
    length: Any
    name: str = "spring"


def shape(x: Any) -> Any:
    """Return what nests numbers, each number as the class that it has."""
    if isinstance(x, Value):
        return Value
    if isinstance(x, np.ndarray):
        return np.ndarray, x.dtype, x.shape, [shape(part) for part in x.ravel().tolist()]
    if isinstance(x, list | tuple):
        return type(x), [shape(part) for part in x]
    if isinstance(x, dict):
        return type(x), [(key, shape(part)) for key, part in x.items()]
    if dataclasses.is_dataclass(x):
        return type(x), shape(vars(x))
    return x if x is None or isinstance(x, bool | str) else float


def numbers(x: Any) -> list[float]:
    if isinstance(x, Value):
        return [x.data]
    if isinstance(x, np.ndarray):
        return numbers(x.ravel().tolist())
    if dataclasses.is_dataclass(x):
        return numbers(vars(x))
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, list | tuple):
        return [number for part in x for number in numbers(part)]
    return [] if x is None or isinstance(x, str) else [float(x)]


def check_same(got: Any, expected: Any) -> None:
    assert shape(got) == shape(expected)
    assert numbers(got) == pytest.approx(numbers(expected), rel=1e-13, nan_ok=True)


def total(x: Any) -> Any:
    """Add up all numbers of an argument, each times its place."""
    found: list[Any] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            walk(list(part.values()))
        elif isinstance(part, Spring):
            walk([part.stiffness, part.length])
        elif isinstance(part, list | tuple) or hasattr(part, "shape"):
            if getattr(part, "shape", None) == ():
                found.append(part)
                return
            for each in part:
                walk(each)
        elif not (part is None or isinstance(part, bool | str)):
            found.append(part)

    walk(x)
    return sum((i * number * number for i, number in enumerate(found, 1)), 0.0)


ARGUMENTS = {
    "a number": 2.0,
    "an int": 3,
    "a NumPy number": np.float64(2.5),
    "a list": [1.0, 2.0, 3.0],
    "a list with an int": [1.0, 2, 3.0],
    "a tuple": (1.0, 2.0),
    "a named tuple": Pair(1.0, [2.0]),
    "a dict": {"w": [1.0, 2.0], "b": 3.0},
    "a dict by numbers": {1: 1.0, 2: {"x": 2.0}},
    "an ordered dict": OrderedDict(w=1.0, b=2.0),
    "nothing in it": [[], {}, ()],
    "numbers after a list": [[1.0, 2.0], 3.0],
    "numbers before a list": [1.0, [2.0, 3.0]],
    "settings": [1.0, True, "on", None, 2.0],
    "an array": np.array([1.0, 2.0, 3.0]),
    "an array of ints": np.array([1, 2, 3]),
    "an array of rows": np.array([[1.0, 2.0], [3.0, 4.0]]),
    "a list of arrays": [np.array([1.0]), 2.0, np.array([3.0, 4.0])],
    "an empty array": np.zeros((0, 2)),
    "a dataclass": Spring(2.0, [3.0, 4.0]),
    "a Value": Value(2.0),
    "Values and floats": [Value(2.0), 3.0, {"x": Value(4.0)}],
    "inf and nan": [math.inf, math.nan, -0.0],
}


@pytest.mark.parametrize("x", ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_of_every_structure(x: Any) -> None:
    jitted = jit(total)
    for _ in range(3):  # traced, then taken apart by code of its own
        check_same(jitted(x), total(x))
    assert jitted.stats().fallbacks == 0


def test_one_function_takes_them_all_in_turn() -> None:
    jitted = jit(total)
    for _ in range(2):
        for x in ARGUMENTS.values():
            check_same(jitted(x), total(x))
    assert jitted.stats().fallbacks == 0


DIFFERENTIABLE = [x for name, x in ARGUMENTS.items() if "setting" not in name and "nan" not in name]


@pytest.mark.parametrize("transform", [grad, value_and_grad])
@pytest.mark.parametrize("x", DIFFERENTIABLE, ids=repr)
def test_gradients_are_nested_as_the_argument(transform: Any, x: Any) -> None:
    jitted = jit(transform(total))
    for _ in range(3):
        check_same(jitted(x), transform(total)(x))


RESULTS: dict[str, Callable[[Any], Any]] = {
    "a number": lambda x: x * x,
    "the argument": lambda x: x,
    "a constant": lambda x: 3.0,
    "a list": lambda x: [x, x * x],
    "a tuple": lambda x: (x, [x, (x,)]),
    "nothing": lambda x: [],
    "a dict": lambda x: {"a": x, 2: [x]},
    "a named tuple": lambda x: Pair(x, x * x),
    "a dataclass": lambda x: Spring(x, x * x),
    "an array": lambda x: np.array([x, x * x]),
    "an array of floats": lambda x: grad(total)(np.array([1.0, 2.0]) * x),
    "settings": lambda x: (x, "text", None, True),
    "a comparison": lambda x: x > 1.0,
    "comparisons": lambda x: [x > 1.0, x, x == 2.0],
    "several of one": lambda x: [y := x * x, y, {"y": y}],
}


@pytest.mark.parametrize("f", RESULTS.values(), ids=RESULTS)
def test_results_of_every_structure(f: Callable[[Any], Any]) -> None:
    jitted = jit(f)
    for _ in range(3):
        for x in (2.0, 0.5):
            expected = f(x)
            got = jitted(x)
            if isinstance(expected, np.ndarray):
                assert got.dtype == float
                expected = np.array(numbers(expected))
            check_same(got, expected)
    check_same(jitted(Value(3.0)), f(Value(3.0)))


def test_a_result_is_a_new_object_each_time() -> None:
    jitted = jit(lambda x: [x, {"x": x}])
    first = jitted(1.0)
    first[0], first[1]["x"] = 5.0, 6.0
    assert jitted(1.0) == [1.0, {"x": 1.0}]


def signed(x: Any, y: Any = 2.0, *more: Any, mode: str = "add", scale: Any = 1.0) -> Any:
    """Say it."""
    result = x + y if mode == "add" else x * y
    for each in more:
        result = result - each
    return result * scale


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1.0,), {}),
    ((1.0, 3.0), {}),
    ((1.0,), {"y": 3.0}),
    ((), {"y": 3.0, "x": 1.0}),
    ((), {"x": 3.0, "y": 1.0}),
    ((1.0, 3.0, 4.0, 5.0), {}),
    ((1.0, 3.0), {"mode": "multiply"}),
    ((1.0, 3.0), {"mode": "add", "scale": 0.5}),
    ((1.0, 3.0), {"scale": 0.5, "mode": "multiply"}),
    ((True, 3.0), {}),
    ((1.0, True), {}),
]


@pytest.mark.parametrize("transform", [jit, grad, lambda f: jit(grad(f))])
def test_what_a_function_does_to_its_arguments_is_done_to_copies(transform: Any) -> None:
    def f(p: Any) -> Any:
        p["x"] = p["x"] * 2.0
        p["more"].append(p["x"])
        return sum(p["more"])

    given, called = {"x": 1.5, "more": [1.0]}, transform(f)
    for _ in range(3):
        assert called(given) == (4.0 if transform is jit else {"x": 2.0, "more": [1.0]})
    assert given == {"x": 1.5, "more": [1.0]}


def test_every_way_of_passing_arguments() -> None:
    jitted = jit(signed)
    for _ in range(3):
        for args, kwargs in CALLS:
            check_same(jitted(*args, **kwargs), signed(*args, **kwargs))
    assert jitted.stats().structures == len(CALLS)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        jitted()


def test_settings_are_told_apart_by_value_and_place() -> None:
    def f(*xs: Any) -> Any:
        return sum(2.0 if x is True else 10.0 * x if not isinstance(x, str) else 0.1 for x in xs)

    jitted = jit(f)
    for xs in [(True, 1.0), (1.0, True), ("a", 1.0), (1.0, "a"), (1.0, 1.0), (False, True)] * 2:
        assert jitted(*xs) == f(*xs)


@given(st.recursive(
    st.floats(-10, 10) | st.integers(-3, 3) | st.booleans() | st.none() | st.text(max_size=1),
    lambda part: st.lists(part, max_size=3) | st.tuples(part, part)
    | st.dictionaries(st.text(max_size=1), part, max_size=3),
    max_leaves=8,
))  # fmt: skip
@settings(max_examples=150)
def test_any_nesting(x: Any) -> None:
    def echo(x: Any) -> Any:
        return [x, total(x)]

    again = jit(echo)
    for _ in range(2):
        check_same(again(x), echo(x))
        check_same(SHARED(x), echo(x))


SHARED = jit(lambda x: [x, total(x)])


# --- static arguments -----------------------------------------------------------------------------


def power_sum(x: Any, n: int) -> Any:
    return sum((x**i for i in range(n)), 0.0)


@pytest.mark.parametrize(
    "options",
    [{"static_argnums": 1}, {"static_argnums": [-1]}, {"static_argnames": "n"},
     {"static_argnames": ["n"]}],
)  # fmt: skip
def test_static_arguments_are_not_traced(options: Any) -> None:
    jitted = jit(power_sum, **options)
    for n in (2, 3, 2, 4):
        assert jitted(2.0, n) == jitted(2.0, n=n) == power_sum(2.0, n)
    assert jitted.stats().fallbacks == 0
    assert jitted.stats().structures == 6  # by place and by name


def test_static_arguments_are_told_by_their_class() -> None:
    jitted = jit(lambda x, n: x * n if isinstance(n, bool) else -x, static_argnums=1)
    assert [jitted(2.0, n) for n in (1, True, 1.0, 1)] == [-2.0, 2.0, -2.0, -2.0]


def test_a_static_number_stands_where_others_are_numbers() -> None:
    jitted = jit(lambda x, n, y: x * n + y, static_argnums=1)
    for _ in range(3):
        assert [jitted(1.0, n, y) for n in (2.0, 3.0) for y in (0.5, 1.5)] == [2.5, 3.5, 3.5, 4.5]
    assert jitted.stats().structures == 2


def test_a_static_argument_that_cannot_be_told_is_refused() -> None:
    with pytest.raises(
        TypeError, match=r"static arguments of .* should be hashable, got \[\[1\]\]"
    ):
        jit(lambda x, n: x, static_argnums=1)(2.0, [1])


# --- Values and Modules ---------------------------------------------------------------------------


def test_a_call_on_values_is_one_node() -> None:
    f: Any = jit(lambda x, y: sin(x) * exp(y) + x)
    x, y = Value(0.3), Value(0.7)
    node = f(x, y)
    assert node.operands == (x, y)
    assert node.op is not None
    assert node.op.name == "jit"
    node.backward()
    assert (x.grad, y.grad) == pytest.approx(grad(f.__wrapped__, (0, 1))(0.3, 0.7), rel=1e-14)


def test_derivatives_of_any_order_go_through_a_call() -> None:
    def f(x: Any) -> Any:
        return exp(x * x) * sin(x) if x > 0 else x**3

    jitted: Any = jit(f)
    eager: Any = f
    for _ in range(4):
        jitted, eager = grad(jitted), grad(eager)
        for at in (0.4, -0.4):
            assert jitted(at) == pytest.approx(eager(at), rel=1e-12)
    x, once = Value(0.4), jit(f)
    (dx,) = gradients(once(x), [x], create_graph=True)
    assert gradients(dx, [x]) == pytest.approx([grad(grad(f))(0.4)], rel=1e-12)


def quadratic(x: Any) -> Any:
    return x[0] ** 2 * x[1] + x[1] ** 3 * x[2]


@pytest.mark.parametrize("transform", [grad, hessian, value_and_grad])
def test_transforms_inside_and_outside(transform: Any) -> None:
    x = [1.0, 2.0, 3.0]
    expected = transform(quadratic)(x)
    for f in (jit(transform(quadratic)), transform(jit(quadratic)), jit(transform(jit(quadratic)))):
        for _ in range(2):
            check_same(f(x), expected)


def test_a_derivative_that_cannot_be_compiled_is_eagers() -> None:
    def slope(g: Any, y: Any, x: Any) -> Any:
        if y == 9.0:
            raise ValueError("no slope at 3")
        return 2.0 * g * x

    square = op("square_but_at_3", lambda x: x * x, slope, doc="A square.")

    def f(x: Any) -> Any:
        return square(x) + x

    jitted = jit(f)
    for x in (2.0, 3.0, 4.0):
        assert jitted(x) == f(x)
    node, again = jitted(Value(3.0)), jitted(at := Value(4.0))
    with pytest.raises(ValueError, match="no slope at 3"):
        node.backward()
    again.backward()
    assert at.grad == 9.0
    assert grad(jitted)(2.0) == 5.0


def test_a_derivative_of_too_many_paths_is_eagers() -> None:
    steps = op("steps", lambda x: x * x, lambda g, y, x: g * _by_branches(x), doc="A square.")
    jitted: Any = jit(lambda x: steps(x), max_paths=2)
    for x in (0.5, 1.5, 2.5, 3.5, 0.5):
        node = jitted(at := Value(x))
        node.backward()
        assert at.grad == 2.0 * x


def _by_branches(x: Any) -> Any:
    n = 0.0
    while n < x:
        n = n + 1.0
    return 2.0 * x + (n - n)


def test_values_outside_are_read_at_each_call() -> None:
    w = Value(3.0, name="w")
    f = jit(lambda x: x * w)
    for w.data in (3.0, 5.0, -1.0):
        node = f(2.0)
        assert isinstance(node, Value)
        assert node.data == 2.0 * w.data
        assert gradients(node, [w]) == [2.0]
        assert jit(lambda x: grad(lambda y: y * y * w)(x))(2.0) == 4.0 * w.data
    slope = jit(grad(lambda x: x * x * w))
    for w.data in (3.0, 5.0):
        assert slope(2.0) == 4.0 * w.data


w = Value(3.0)
OUTSIDE: dict[str, Callable[[Any], Any]] = {
    "its value": lambda x: x * w,
    "the derivative": lambda x: grad(lambda y: y * y * w)(x),
    "value and derivative": lambda x: value_and_grad(lambda y: y * y * w)(x),
    "some of each": lambda x: [
        x * x,
        x * w,
        grad(lambda y: y * w)(x),
        grad(lambda y: y * w)(x) * w,
    ],
    "a derivative by it": lambda x: grad(lambda v: x * v * v)(w),
    "second derivatives": lambda x: grad(grad(lambda y: y**3 * w))(x),
    "a pullback": lambda x: vjp(lambda y: y * w, 2.0)[1](x),
    "a list": lambda x: jacobian(lambda v: [v[0] * w, v[1] * v[0]])([x, x]),
    "the Value itself": lambda x: [w, w],
}


@pytest.mark.parametrize("x", [2.0, Value(2.0)], ids=["of a float", "of a Value"])
@pytest.mark.parametrize("f", OUTSIDE.values(), ids=OUTSIDE)
def test_what_depends_on_a_value_outside_is_what_it_is_eagerly(f: Any, x: Any) -> None:
    jitted = jit(f)
    for _ in range(3):
        got, expected = jitted(x), f(x)
        check_same(got, expected)
        for a, b in zip(np.ravel(np.array(got, object)), np.ravel(np.array(expected, object)),
                        strict=True):  # fmt: skip
            if isinstance(b, Value):
                assert gradients(a, [w]) == pytest.approx(gradients(b, [w]))


def test_derivatives_beside_values_are_compiled() -> None:
    both = jit(lambda x: [x * w, grad(lambda y: y * y * w)(x)])
    second = jit(lambda x: 2.0 * grad(lambda y: grad(lambda z: z * z * y)(1.0) * y)(x))
    for x in (2.0, Value(2.0)):
        for _ in range(2):
            check_same(both(x), both.__wrapped__(x))
            check_same(second(x), second.__wrapped__(x))
    assert both.stats().fallbacks == second.stats().fallbacks == 0


def test_a_variable_of_a_transform_around_is_no_constant() -> None:
    assert grad(lambda x: jit(lambda y: x * y)(2.0))(3.0) == 2.0
    assert grad(lambda x: jit(grad(lambda y: x * y * y))(2.0))(3.0) == 4.0

    def thrice(f: Any, x: Any) -> Any:  # traced, compiled, and then the quickest way
        return [f(x), f(x), f(x)][-1]

    for _ in range(2):
        assert grad(lambda x: thrice(jit(lambda y: x * y), 2.0))(3.0) == 2.0
        assert grad(lambda x: thrice(jit(grad(lambda y: x * y * y)), 2.0))(3.0) == 4.0
    held = Value(3.0)
    first_inside = jit(grad(lambda y: held * y * y))
    assert grad(lambda v: first_inside(2.0) * v)(1.0) == 12.0
    for _ in range(3):
        check_same(first_inside(2.0), 12.0)
    slope = jit(grad(lambda y: held * y * y))
    assert slope(2.0) == 12.0
    assert grad(lambda v: slope(2.0) * v)(1.0) == 12.0


def test_modules_are_arguments() -> None:
    random.seed(0)
    model, data = MLP(2, [3, 1]), [([0.1, 0.2], 1.0), ([-0.3, 0.5], -1.0)]

    def loss(model: Any, data: Any) -> Any:
        return sum((model(x) - y) ** 2 for x, y in data)

    value, slopes = jit(loss), jit(value_and_grad(loss))
    for _ in range(3):
        check_same(value(model, data), loss(model, data))
        check_same(slopes(model, data), value_and_grad(loss)(model, data))
        value(model, data).backward()
        assert [p.grad for p in model.parameters()] == pytest.approx(
            [p for part in [value_and_grad(loss)(model, data)[1]] for p in part.values()]
        )
        model.zero_grad()
        for p in model.parameters():
            p.data += 0.1
    assert slopes.stats().fallbacks == value.stats().fallbacks == 0


def test_modules_closed_over_are_read_at_each_call() -> None:
    random.seed(0)
    model = MLP(2, [3, 1])
    predict, slope = jit(lambda x: model(x)), jit(grad(lambda x: model(x)))
    for _ in range(3):
        check_same(predict([0.1, 0.2]), model([0.1, 0.2]))
        check_same(slope([0.1, 0.2]), grad(lambda x: model(x))([0.1, 0.2]))
        for p in model.parameters():
            p.data *= 1.5
    check_same(jit(model)([0.1, 0.2]), model([0.1, 0.2]))


def test_a_gradient_by_a_module_goes_through_calls_that_close_over_it() -> None:
    random.seed(1)
    model = MLP(1, [2, 1])
    f = jit(grad(lambda x: model([x]) ** 2))
    for _ in range(3):  # compiled for floats, to begin with
        check_same(f(0.3), grad(lambda x: model([x]) ** 2)(0.3))
    expected = grad(lambda m: grad(lambda x: m([x]) ** 2)(0.3))(model)
    for _ in range(3):
        check_same(grad(lambda m: f(0.3))(model), expected)


def test_without_a_graph_results_are_leaves() -> None:
    f = jit(lambda x: x * x)
    with no_grad():
        assert f(Value(3.0)).operands == ()
        assert f(3.0) == 9.0
    assert f(Value(3.0)).operands != ()


def test_anomalies_are_looked_for_in_the_function_itself() -> None:
    f = jit(lambda x: x * 1e308 * 10.0 - x * 1e308 * 10.0)
    f(1.0)
    with detect_anomaly(), pytest.raises(ArithmeticError):
        f(Value(1.0))


# --- paths ----------------------------------------------------------------------------------------


def collatz(x: Any) -> Any:
    steps = 0.0
    while x > 1:
        x = x / 2 if x % 2 == 0 else 3 * x + 1
        steps = steps + 1.0
    return [x, steps]


@given(st.lists(st.integers(1, 12), min_size=1, max_size=30))
@settings(max_examples=25)
def test_paths_in_any_order(xs: list[int]) -> None:
    jitted = jit(collatz)
    for x in xs:
        check_same(jitted(float(x)), collatz(float(x)))
        check_same(jitted(x), collatz(x))
    assert len(jitted.paths()) == len(set(xs))


def test_paths_are_shown_with_lines_and_outcomes() -> None:
    def f(x: Any) -> Any:
        if x > 2:
            return x * x
        return -x if x < 0 else x + 1.0

    first = f.__code__.co_firstlineno
    jitted = jit(f)
    assert repr(jitted.paths()) == "0 paths through f"
    for x in (3.0, 1.0, -1.0):
        jitted(x)
    line = f"test_calls.py:{first + 1}", f"test_calls.py:{first + 3}"
    assert [path.guards for path in jitted.paths()] == [
        ((line[0], True),), ((line[0], False), (line[1], False)), ((line[1], True),)
    ]  # fmt: skip
    assert str(jitted.paths()).splitlines() == [
        "3 paths through f",
        f"  2 operations if {line[0]} is True",
        f"    3 operations if {line[0]} is False, {line[1]} is False",
        f"      3 operations if {line[1]} is True",
    ]


def test_stats_count_and_clear_forgets() -> None:
    f = jit(lambda x: x * x if x > 0 else -x)
    assert f.stats() == (0, 0, 0, 0.0, 0.0, 0, 0)
    for x in (1.0, 2.0, -1.0, 3.0, 4):
        f(x)
    stats = f.stats()
    assert (stats.structures, stats.paths, stats.calls, stats.fallbacks) == (1, 2, 5, 0)
    assert stats.operations == sum(path.operations for path in f.paths()) == 4
    assert stats.trace_seconds > 0.0 < stats.compile_seconds
    f.clear()
    assert f.stats() == (0, 0, 0, 0.0, 0.0, 0, 0)
    assert f(3.0) == 9.0


def test_what_is_called_once_is_not_compiled() -> None:
    f = jit(value_and_grad(quadratic))
    x = [1.0, 2.0, 3.0]
    assert f(x) == value_and_grad(quadratic)(x)
    assert f.stats().compile_seconds == 0.0
    x[0] = 4.0
    assert f(x) == value_and_grad(quadratic)(x)
    assert f.stats().compile_seconds > 0.0
    branches = jit(lambda x: x * x if x > 0 else -x)
    assert [branches(x) for x in (2.0, -3.0, 4.0, -5.0, 2)] == [4.0, 3.0, 16.0, 5.0, 4.0]


def test_the_tape_and_the_source_of_a_path() -> None:
    f = jit(lambda x, y: x * y if x > 0 else x - y)
    assert [i.op.name for i in f.tape(-1.0, 2.0).instructions] == ["less", "guard", "sub"]
    assert "v0 * v1" in f.source("python", 1.0, 2.0)
    assert "v0 - v1" in f.source("python", -1.0, y=2.0)
    for backend in ("c", "js"):
        assert "-" in f.source(backend, -1.0, 2.0)
    with pytest.raises(ValueError, match="no backend is named 'fortran'; there are python"):
        f.source("fortran", 1.0, 2.0)
    with pytest.raises(ValueError, match="no backend is named 'pyton'; did you mean 'python'"):
        jit(f, backend="pyton")


@pytest.mark.parametrize("backend", ["auto", "python", "array"])
def test_backends_agree(backend: str) -> None:
    f = jit(value_and_grad(quadratic), backend=backend)
    for _ in range(2):
        check_same(f([1.0, 2.0, 3.0]), value_and_grad(quadratic)([1.0, 2.0, 3.0]))


# --- as a function --------------------------------------------------------------------------------


@jit
def decorated(x: Any, y: Any = 2.0) -> Any:
    """Multiply."""
    return x * y


@jit(max_paths=2)
def with_options(x: Any) -> Any:
    return x + 1.0


class Model:
    def __init__(self, w: float) -> None:
        self.w = w

    @jit(static_argnums=0)
    def predict(self, x: Any) -> Any:
        return self.w * x


def test_it_looks_like_the_function() -> None:
    assert isinstance(decorated, Jitted)
    assert decorated.__name__ == "decorated"
    assert decorated.__doc__ == "Multiply."
    assert decorated.__wrapped__(2.0) == 4.0
    assert list(inspect.signature(decorated).parameters) == ["x", "y"]
    assert repr(decorated) == "<jitted decorated>"
    assert with_options(2.0) == 3.0
    assert with_options.max_paths == 2


def test_it_is_a_method() -> None:
    a, b = Model(2.0), Model(3.0)
    for _ in range(2):
        assert a.predict(5.0) == 10.0
        assert b.predict(5.0) == 15.0
    assert Model.predict is Model.__dict__["predict"]


def plain(x: Any) -> Any:
    return x * x + 1.0


def test_it_is_pickled_and_copied() -> None:
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    made = jit(plain, max_paths=7, static_argnums=3)
    made(2.0)
    for other in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        assert (other(2.0), other.max_paths) == (5.0, 7)
        assert other._static == {3}
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(jit(lambda x: x))


def test_threads_may_call_at_once() -> None:
    barrier = Barrier(8)
    f = jit(value_and_grad(lambda x: collatz(x[0])[1] * x[1] + where(x[1] > 2, x[1], -x[1])))
    expected = {x: value_and_grad(f_eager)([float(x), x / 3]) for x in range(1, 9)}

    def work(thread: int) -> None:
        barrier.wait()
        own = random.Random(thread)
        for _ in range(60):
            x = own.randint(1, 8)
            assert f([float(x), x / 3]) == expected[x]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(f.paths()) == len({tuple(numbers(collatz(float(x)))) for x in range(1, 9)})


def f_eager(x: Any) -> Any:
    return collatz(x[0])[1] * x[1] + where(x[1] > 2, x[1], -x[1])
