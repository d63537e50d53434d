"""What jit refuses, and what it leaves to the function: errors are eager's, word for word."""

from __future__ import annotations

import functools
import math
import traceback
import warnings
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest

from autograd_lite import (
    TracingError,
    Value,
    acosh,
    exp,
    grad,
    jit,
    log,
    sqrt,
    value_and_grad,
)


def generator(x: Any) -> Any:
    yield x


async def coroutine(x: Any) -> Any:
    return x


async def stream(x: Any) -> Any:
    yield x


class Callback:
    async def __call__(self, x: Any) -> Any:
        return x


NO_FUNCTIONS: list[tuple[Any, str]] = [
    (3, "jit expects a function, got int: 3; options go by name"),
    ("f", "jit expects a function, got str: 'f'"),
    ([math.sin], "jit expects a function, got list"),
    (generator, "returns its result, got a generator: .*; return a list"),
    (functools.partial(generator, 1.0), "got a generator"),
    (coroutine, "got a coroutine"),
    (Callback(), "got a coroutine"),
    (stream, "got an asynchronous generator"),
]


@pytest.mark.parametrize(
    ("f", "message"), NO_FUNCTIONS, ids=[message for _, message in NO_FUNCTIONS]
)
def test_what_is_no_function(f: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        jit(f)
    with pytest.raises(TypeError, match=message):
        jit(max_paths=3)(f)


class Point:
    pass


NO_NUMBERS: list[tuple[tuple[Any, ...], str]] = [
    ((1j,), r"argument\[0\] should be numbers, .* got complex: 1j; name what is a setting in stat"),
    (([1.0, 1j],), r"argument\[0\]\[1\] should be numbers, .* got complex"),
    ((1.0, Point()), r"argument\[1\] should be numbers, .* got Point"),
    (({"a": b"1"},), r"argument\[0\]\['a'\] should be numbers, .* got bytes"),
    (({1.0, 2.0},), r"got set: .*; make a list of it"),
    ((iter([1.0]),), r"got list_iterator: .*; make a list of it"),
    ((np.array([1j]),), "got complex"),
    ((np.array([Point()]),), "got Point"),
    ((np.ma.masked_array([1.0]),), "should be a plain array"),
]


@pytest.mark.parametrize(
    ("args", "message"), NO_NUMBERS, ids=[message for _, message in NO_NUMBERS]
)
def test_arguments_that_are_no_numbers(args: Any, message: str) -> None:
    def f(*args: Any) -> Any:
        return 1.0

    jitted = jit(f)
    for _ in range(2):
        with pytest.raises(TypeError, match=message):
            jitted(*args)
    jitted(*[2.0 for _ in args])
    with pytest.raises(TypeError, match=message):
        jitted(*args)


class Lens:
    def __init__(self, focus: float) -> None:
        self.focus = focus

    @jit
    def bent(self, x: Any) -> Any:
        return x / self.focus

    remedied = jit(bent.__wrapped__, static_argnums=0)


def test_a_method_of_an_object_that_is_no_number() -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match=r"got Lens: .*; decorate a method by @jit\(static_arg"):
            Lens(2.0).bent(1.0)
        assert Lens(2.0).remedied(1.0) == 0.5


def test_a_list_in_itself() -> None:
    x: list[Any] = [1.0]
    x.append(x)
    with pytest.raises(TypeError, match="nested too deep, or contains itself"):
        jit(lambda x: 1.0)(x)


NO_RESULTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "nothing": (lambda x: None, "<lambda> returned None; did it forget to return its result"),
    "a set": (lambda x: {1.0}, "what <lambda> returned should be numbers, .* got set"),
    "an object": (
        lambda x: [x, Point()],
        r"what <lambda> returned\[1\] should be numbers, .*Point",
    ),
    "a generator": (lambda x: (x for _ in range(3)), "got generator: .*; make a list of it"),
    "a function": (lambda x: math.sin, "got builtin_function"),
}


@pytest.mark.parametrize(("f", "message"), NO_RESULTS.values(), ids=NO_RESULTS)
def test_results_that_are_no_numbers(f: Any, message: str) -> None:
    jitted = jit(f)
    for x in (2.0, 2.0, 3, Value(2.0)):
        with pytest.raises(TypeError, match=message):
            jitted(x)


# --- errors are eager's ---------------------------------------------------------------------------


def out_of_table(x: Any) -> Any:
    return x * [1.0, 2.0][5]


def of_its_own(x: Any) -> Any:
    if x > 1:
        raise KeyError("mine")
    return x


ERRORS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "log of a negative number": (log, -1.0),
    "division by 0": (lambda x: 1.0 / (x - 1.0), 1.0),
    "overflow": (exp, 1000.0),
    "a logarithm to a base": (lambda x: log(x) / log(2.0), -2.0),
    "out of a domain": (acosh, 0.5),
    "in a derivative": (grad(lambda x: log(x) * x), -3.0),
    "value and derivative": (value_and_grad(lambda x: sqrt(x)), -3.0),
    "an index": (out_of_table, 2.0),
    "one raised by the function": (of_its_own, 2.0),
    "a missing key": (lambda x: x * {"y": x}["x"], 1.0),
    "a wrong operand": (lambda x: x + "a", 1.0),
    "a missing attribute": (lambda x: x.nothing, 1.0),
    "a wrong number of operands": (lambda x: cast(Any, exp)(x, x), 1.0),
}


def raised(f: Callable[[Any], Any], x: Any) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011  which one it is, is the question
        f(x)
    return caught.value


@pytest.mark.parametrize(("f", "x"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_the_functions_own(f: Any, x: float) -> None:
    expected, jitted = raised(f, x), jit(f)
    for _ in range(3):
        got = raised(jitted, x)
        assert type(got) is type(expected)
        assert str(got) == str(expected)
        assert type(got.__context__) is type(expected.__context__)
        lines = [frame.line for frame in traceback.extract_tb(expected.__traceback__)]
        assert [frame.line for frame in traceback.extract_tb(got.__traceback__)][-1] == lines[-1]


@pytest.mark.parametrize(("f", "x"), list(ERRORS.values())[:7], ids=list(ERRORS)[:7])
def test_an_error_of_a_compiled_call_too(f: Any, x: float) -> None:
    jitted = jit(f)
    assert jitted(7.5) == pytest.approx(f(7.5))
    for _ in range(2):
        assert str(raised(jitted, x)) == str(raised(f, x))
        assert jitted(7.5) == pytest.approx(f(7.5))
    assert jitted.stats().paths == 1


def test_errors_that_the_function_catches() -> None:
    def f(x: Any) -> Any:
        try:
            return log(x)
        except ValueError:
            return x * x

    jitted = jit(f)
    for x in (2.0, -3.0, 0.5, -0.5):
        assert jitted(x) == pytest.approx(f(x))


# --- what cannot be traced ------------------------------------------------------------------------

UNTRACEABLE: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "range": (lambda x, n: sum(x * i for i in range(n)), (2.0, 4)),
    "an index": (lambda x, i: x * [3.0, 4.0, 5.0][i], (2.0, 1)),
    "repetition": (lambda x, n: sum([x] * n), (2.0, 3)),
}


@pytest.mark.parametrize(("f", "args"), UNTRACEABLE.values(), ids=UNTRACEABLE)
def test_numbers_used_as_counts_run_eagerly_with_one_warning(f: Any, args: Any) -> None:
    jitted = jit(f)
    with pytest.warns(UserWarning, match="<lambda> cannot be traced.* static_argnums") as told:
        answer = jitted(*args)
    assert answer == f(*args)
    assert len(told) == 1
    assert told[0].filename == __file__
    calls = 0

    def counted(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        return f(*args)

    again = jit(counted)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for _ in range(10):
            assert again(*args) == f(*args)
    assert len(seen) == 1
    assert calls == 11  # traced once, and then no more
    assert again.stats().fallbacks == 10


def test_floats_that_leave_the_trace_are_told() -> None:
    for f in (math.sin, lambda x: float(x) * x, lambda x: Value(x.data) if hasattr(x, "op") else x):
        with pytest.raises(TracingError, match=r"inside of a function that jit compiles"):
            jit(f)(2.0)


def test_a_function_that_fails_again_and_again_is_traced_no_more() -> None:
    calls = 0

    def f(x: Any) -> Any:
        nonlocal calls
        calls += 1
        try:
            return log(x - 10.0)
        except ValueError:
            return x

    jitted = jit(f, max_paths=5)
    with pytest.warns(UserWarning, match="f raised an error, or caught one, in 5 of") as told:
        answers = [jitted(x / 4) for x in range(20)]
    assert answers == [x / 4 for x in range(20)]
    assert len(told) == 1
    assert calls == 25


def test_too_many_paths_are_told_with_their_line() -> None:
    def f(x: Any) -> Any:
        n = 0.0
        while n < x:
            n = n + 1.0
        return n

    jitted = jit(f, max_paths=4)
    line = f.__code__.co_firstlineno + 2
    with pytest.warns(UserWarning, match=f"f takes more than 4 paths .*:{line}; choose") as told:
        answers = [jitted(float(x)) for x in range(20)]
    assert answers == [*range(20)]
    assert len(told) == 1
    assert len(jitted.paths()) == 4


# --- recursion ------------------------------------------------------------------------------------


@jit
def factorial(n: Any) -> Any:
    return 1.0 if n <= 0 else n * factorial(n - 1)


def test_recursion_that_ends_is_traced() -> None:
    for n in (5.0, 3.0, 5.0, 0.0):
        assert factorial(n) == math.factorial(int(n))
    assert grad(factorial)(3.0) == grad(factorial.__wrapped__)(3.0) == 11.0
    assert factorial.stats().fallbacks == 0


@jit
def endless(n: Any) -> Any:
    return n * endless(n + 1.0)


def test_recursion_without_an_end_is_pythons_error() -> None:
    with pytest.raises(RecursionError):
        endless(1.0)
    with pytest.raises(RecursionError):
        endless(Value(1.0))


def test_an_interrupted_trace_leaves_nothing_behind() -> None:
    interrupted = True

    def f(x: Any) -> Any:
        if interrupted:
            raise KeyboardInterrupt
        return x * x

    jitted = jit(f)
    with pytest.raises(KeyboardInterrupt):
        jitted(2.0)
    interrupted = False
    assert jitted(2.0) == 4.0
    assert jitted.stats().paths == 1
