"""Random programs with branches, loops and nested derivatives do compiled what they do eagerly."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, grad, jit, jvp, ops, value_and_grad
from autograd_lite.ops import where

BACKENDS: dict[str, Callable[[Any], Any]] = {"python": lambda f: jit(f, backend="python")}

SMOOTH = [ops.tanh, ops.sin, ops.sigmoid, ops.atan, ops.erf, ops.softplus, ops.square, ops.neg]
KINKED = [abs, ops.relu, ops.floor, ops.hardtanh, lambda x: ops.leaky_relu(x), ops.sign]
BINARY = [ops.add, ops.sub, ops.mul, ops.hypot, ops.atan2, ops.maximum, ops.minimum, max, min]
COMPARISONS: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b, lambda a, b: a == b,
    lambda a, b: a != b, lambda a, b: (a < b) & (b < 1), lambda a, b: (a < b) | (a > 1),
    lambda a, b: (a < b) != (a < 0), lambda a, b: a in (b, 0.0, 1.0), lambda a, b: 0 < a <= b,
    lambda a, b: not a < b, lambda a, b: a and b, lambda a, b: a != a,
]  # fmt: skip

numbers = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5]) | st.floats(-3, 3).map(
    lambda x: 0.0 if abs(x) < 1e-3 else x
)
place = st.integers(0, 30)
leaf_steps = st.one_of(
    st.tuples(st.just("unary"), st.integers(0, 99), place),
    st.tuples(st.just("binary"), st.integers(0, 99), place, place),
    st.tuples(st.just("where"), st.integers(0, 99), place, place, place, place),
    st.tuples(st.just("counted"), st.integers(0, 99), place, place),
    st.tuples(st.just("sorted"), place, place, place),
    st.tuples(st.just("sum"), st.lists(place, min_size=1, max_size=4)),
)


def steps_of(inner: Any) -> Any:
    block = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        inner,
        st.tuples(st.just("if"), st.integers(0, 99), place, place, block, block),
        st.tuples(st.just("while"), place, block),
        st.tuples(st.just("grad"), place, block),
        st.tuples(st.just("jvp"), place, place, block),
    )


programs = st.lists(steps_of(steps_of(leaf_steps)), min_size=1, max_size=5)


def run(values: list[Any], steps: Any) -> Any:
    """Run a program on floats or Values: each step adds a number; blocks end with their sum."""
    made = [*values, 0.75]

    def at(i: int) -> Any:
        return made[-1 - i % len(made)]

    for kind, *rest in steps:
        if kind == "unary":
            row = (SMOOTH + KINKED)[rest[0] % len(SMOOTH + KINKED)]
            new = row(at(rest[1]))
        elif kind == "binary":
            new = ops.tanh(BINARY[rest[0] % len(BINARY)](at(rest[1]), at(rest[2])))
        elif kind in ("where", "counted"):
            condition = COMPARISONS[rest[0] % len(COMPARISONS)](at(rest[1]), at(rest[2]))
            new = where(condition, at(rest[3]), at(rest[4])) if kind == "where" else (
                condition * at(rest[1]) + [2.0, at(rest[2])][bool(condition)]
            )  # fmt: skip
        elif kind == "sorted":
            low, middle, high = sorted(map(at, rest))
            new = low + middle * high
        elif kind == "sum":
            new = ops.tanh(ops.sum(map(at, rest[0])))
        elif kind == "if":
            holds = COMPARISONS[rest[0] % len(COMPARISONS)](at(rest[1]), at(rest[2]))
            new = run(made[-4:], rest[3] if holds else rest[4])
        elif kind == "while":
            new, count = at(rest[0]), 0
            while abs(new) > 0.3 and count < 3:
                new, count = 0.5 * run([new, *made[-2:]], rest[1]), count + 1
        elif kind == "grad":
            others, block = made[-2:], rest[1]
            new = ops.tanh(grad(lambda x, o=others, b=block: run([*o, x], b))(at(rest[0])))
        else:
            others, block = made[-2:], rest[2]
            pair = jvp(lambda x, o=others, b=block: run([*o, x], b), (at(rest[0]),), (at(rest[1]),))
            new = ops.tanh(pair[0] + pair[1])
        made.append(new)
    return ops.tanh(ops.sum(made[len(values) :]))


def outcome(f: Any, xs: list[float]) -> Any:
    """Return the numbers that come of a call, or the error."""
    try:
        result = f([*xs])
    except (ArithmeticError, ValueError) as error:
        return type(error), str(error)
    return result


def agree(found: Any, expected: Any) -> bool:
    if isinstance(expected, tuple | list):
        return len(found) == len(expected) and all(map(agree, found, expected))
    if isinstance(expected, str | type):
        return bool(found == expected)
    a, b = (x.data if isinstance(x, Value) else x for x in (found, expected))
    if not (math.isfinite(a) and math.isfinite(b)):
        return a == b or (a != a and b != b)
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
@given(programs, st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4))
@settings(max_examples=120, deadline=None)
def test_values_and_gradients(backend: str, steps: Any, calls: Any) -> None:
    def f(xs: Any) -> Any:
        return run(list(xs), steps)

    compiled = BACKENDS[backend]
    cases = [
        (compiled(f), f),
        (compiled(value_and_grad(f)), value_and_grad(f)),
        (value_and_grad(compiled(f)), value_and_grad(f)),
    ]
    for xs in (*calls, *reversed(calls)):
        for jitted, plain in cases:
            expected = outcome(plain, xs)
            found = outcome(jitted, xs)
            assert agree(found, expected), (xs, found, expected)
