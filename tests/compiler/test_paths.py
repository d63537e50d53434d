"""The paths of a jitted function are a tree: each call takes the one that the function takes."""

from __future__ import annotations

import gc
import random
import weakref
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, grad, jit

trees = st.recursive(
    st.none(),
    lambda inner: st.tuples(st.integers(0, 2), st.sampled_from([-1.0, 0.0, 1.0]), inner, inner),
    max_leaves=12,
)
points = st.lists(
    st.tuples(*[st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, float("nan")])] * 3),
    min_size=1,
    max_size=12,
)


def decided(tree: Any) -> Any:
    """Return the function of three numbers whose branches a tree gives, leaves told by factors."""

    def f(xs: Any) -> Any:
        here, path = tree, 1.0
        while here is not None:
            which, bound, less, more = here
            here, path = (less, path * 2) if xs[which] < bound else (more, path * 2 + 1)
        return path * (xs[0] * xs[0] + xs[1] * 0.5)

    return f


@given(trees, points)
@settings(max_examples=60, deadline=None)
def test_any_calls_in_any_order_take_the_right_paths(tree: Any, calls: list[Any]) -> None:
    f = decided(tree)
    value, slope = jit(f), jit(grad(f))
    for xs in calls:
        for compiled, plain in ((value, f), (slope, grad(f))):
            found, expected = compiled([*xs]), plain([*xs])
            assert repr(found) == repr(expected)


@given(trees, points)
@settings(max_examples=25, deadline=None)
def test_a_path_is_traced_once(tree: Any, calls: list[Any]) -> None:
    traced = []
    f = decided(tree)

    def told(xs: Any) -> Any:
        traced.append(isinstance(xs[0], Value))
        return f(xs)

    compiled = jit(told)
    for xs in calls:
        compiled([*xs])
    before = len(traced)
    for xs in reversed(calls):
        compiled([*xs])
    assert len(traced) == before
    assert all(traced)


def test_a_function_that_does_not_do_the_same_runs_eagerly_where_that_shows() -> None:
    bounds = iter([0.9, 0.3, *[0.5] * 20])

    def f(x: Any) -> Any:
        return x if x > next(bounds) else -x

    compiled = jit(f)
    assert [compiled(1.0), compiled(0.2), compiled(0.6), compiled(0.4)] == [1.0, -0.2, 0.6, -0.4]


def test_a_function_whose_branches_change_is_never_answered_by_another_path() -> None:
    calls = count()

    def f(x: Any) -> Any:
        if next(calls) % 2 and x > 3:
            return x * 100.0
        return x * 2.0 if x > 1 else x * 3.0

    compiled = jit(f)
    for x in (2.0, 0.5, 2.0, 0.5, 4.0, 0.25):
        assert compiled(x) in {x * 2.0, x * 3.0, x * 100.0}
        assert compiled(x) == (x * 2.0 if x > 1 else x * 3.0) or x > 3


@pytest.mark.parametrize("bounds", [(0.5, 0.1), (0.5, 0.1, 0.3), (0.5, None)])
def test_a_trace_that_is_no_branch_of_the_path_that_it_left_is_not_kept(bounds: Any) -> None:
    """Having the same outcome, at a guard that now stands elsewhere, or none at all."""
    rest = iter(bounds)

    def f(x: Any) -> Any:
        bound = next(rest, bounds[-1])
        if bound is None:
            return x * 5.0
        return x * 2.0 if x > bound else -x

    def g(x: Any) -> Any:
        return f(x) if x < 9 else x

    compiled = jit(g)
    assert compiled(1.0) == 2.0
    for _ in range(3):
        assert compiled(0.2) in {0.4, 1.0, -0.2}
    assert compiled.stats().paths == 1 + (bounds == (0.5, 0.1, 0.3))
    assert compiled.stats().fallbacks > 0


def test_past_the_limit_it_runs_eagerly_and_says_where_and_what_helps() -> None:
    def f(x: Any) -> Any:
        n = 0
        while n < x:
            n += 1
        return x * n

    compiled = jit(f, max_paths=5)
    with pytest.warns(UserWarning, match=r"more than 5 paths .*test_paths.py:\d+; choose by where"):
        assert [compiled(x + 0.5) for x in range(9)] == [f(x + 0.5) for x in range(9)]
    assert [compiled(x + 0.5) for x in range(9)] == [f(x + 0.5) for x in range(9)]


@pytest.mark.parametrize("with_array", [False, True])
def test_nothing_keeps_a_trace_alive(with_array: bool) -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        y = x[0] * 2.0 if x[1] > 0 else x[1] * 1.0
        seen.append(weakref.ref(y))
        return y * x[2]

    numbers: Any = [1.0, 2.0, 3.0]
    if with_array:
        numbers = pytest.importorskip("numpy").array(numbers)
    compiled = jit(f)
    gc.collect()
    gc.disable()
    try:
        assert compiled(numbers) == 6.0
        assert compiled(numbers) == 6.0
        assert jit(grad(lambda x: x * x))(2.0) == 4.0
        assert [ref() for ref in seen] == [None]
    finally:
        gc.enable()


def test_the_state_of_random_is_left_alone_by_tracing() -> None:
    state = random.getstate()
    jit(lambda x: x * x if x > 0 else x)(2.0)
    assert random.getstate() == state
