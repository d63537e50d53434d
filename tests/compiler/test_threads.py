"""Threads: one function may be called by several at once; what it computes in others is told."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from autograd_lite import TracingError, Value, grad, jit, sin, value_and_grad
from autograd_lite.errors import AutogradError


def elsewhere(f: Callable[..., Any], *args: Any) -> Any:
    """Call a function in another thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(f, *args).result()


IN_ANOTHER_THREAD: dict[str, Callable[[Any], Any]] = {
    "arithmetic": lambda x: x * 2.0,
    "a function": sin,
    "a comparison": lambda x: x if x > 1 else -x,
    "of results": lambda x: x if x * x > 1 else -x,
    "equality": lambda x: 1.0 if x == 2 else 0.0,
    "truth": lambda x: 1.0 if x else 0.0,
    "the greatest": lambda x: max(x, 1.0),
    "its number": lambda x: x.data if isinstance(x, Value) else x,
    "a float": lambda x: float(x),
    "of the library": lambda x: math.sin(x),
    "a whole number": lambda x: int(x),
    "a constant": lambda x: x.detach() if isinstance(x, Value) else x,
    "a test": lambda x: x.is_integer(),
    "a derivative": lambda x: grad(lambda y: y * y)(x),
}


@pytest.mark.parametrize("f", IN_ANOTHER_THREAD.values(), ids=IN_ANOTHER_THREAD)
@pytest.mark.parametrize("first", [lambda x: x, lambda x: x * 1.5], ids=["an input", "a result"])
def test_what_is_computed_in_another_thread_is_refused(f: Any, first: Any) -> None:
    def own(x: Any) -> Any:
        return x * elsewhere(f, first(x))

    with pytest.raises(TracingError, match=r"another thread at .*py:\d+.* in that of the function"):
        jit(own)(2.0)


@pytest.mark.parametrize("f", IN_ANOTHER_THREAD.values(), ids=IN_ANOTHER_THREAD)
def test_where_the_error_is_caught_it_runs_eagerly(f: Any) -> None:
    def own(x: Any) -> Any:
        try:
            return x * elsewhere(f, x)
        except AutogradError:
            return x * 100.0

    assert [jit(own)(x) for x in (2.0, 3.0)] == [own(2.0), own(3.0)]


def test_constants_may_be_computed_in_other_threads() -> None:
    w = Value(3.0)
    f = jit(lambda x: x * elsewhere(lambda: math.sqrt(16.0)) + elsewhere(lambda: w.data > 2.0))
    assert [f(2.0), f(3.0)] == [9.0, 13.0]


def test_other_threads_do_as_they_like_while_a_function_is_traced() -> None:
    tracing, done = Event(), Event()
    found: list[Any] = []

    def other() -> None:
        tracing.wait(30)
        x = Value(2.0)
        y = x * x if x > 1 else -x
        y.backward()
        found.extend([x.data, x.grad, float(y), int(y), grad(lambda z: z * y)(3.0)])
        done.set()

    def f(x: Any) -> Any:
        tracing.set()
        done.wait(30)
        return x * x

    thread = Thread(target=other)
    thread.start()
    assert jit(f)(3.0) == 9.0
    thread.join()
    assert found == [2.0, 4.0, 4.0, 4, 4.0]


def many(xs: Any) -> Any:
    flat = [xs] if not isinstance(xs, list) else xs
    total, n = 0.0, 0.0
    for x in flat:
        while n < x:
            n = n + 1.0
        total = total + (sin(x) * n if x > 2 else x * x)
    return total


def test_structures_and_paths_are_traced_while_others_are_called() -> None:
    """Each thread takes its own way through the same calls, and some only come later."""
    f, barrier = jit(value_and_grad(many)), Barrier(8)
    calls = [[float(x)] * n for x in range(1, 6) for n in range(1, 4)]
    expected = [value_and_grad(many)(call) for call in calls]

    def work(thread: int) -> None:
        own = random.Random(thread)
        order = [i for i in range(len(calls)) for _ in range(4)]
        own.shuffle(order)
        barrier.wait()
        for i in order:
            value, slopes = f(calls[i])
            assert value == pytest.approx(expected[i][0], rel=1e-14)
            assert slopes == pytest.approx(expected[i][1], rel=1e-14)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert f.stats().fallbacks == 0
    assert f.stats().structures == 3
    assert f.stats().paths == len(calls)


def test_it_may_be_cleared_while_it_is_called() -> None:
    f, barrier = jit(many), Barrier(4)

    def work(thread: int) -> None:
        barrier.wait()
        for x in range(40):
            if thread == 0:
                f.clear()
            assert f(x % 5 + 0.5) == pytest.approx(many(x % 5 + 0.5), rel=1e-14)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
