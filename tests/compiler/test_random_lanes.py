"""Random programs with branches and loops, in lanes that take different paths through them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_programs import agree, numbers, outcome, programs, run

from autograd_lite import jit, mean, value_and_grad, vmap

rows = st.lists(st.tuples(numbers, numbers), min_size=2, max_size=6)


def raised(result: Any) -> bool:
    return isinstance(result, tuple) and isinstance(result[0], type)


@given(programs, st.lists(rows, min_size=1, max_size=3), st.booleans())
@settings(max_examples=60, deadline=None)
def test_values_and_gradients_in_lanes(steps: Any, calls: Any, as_array: bool) -> None:
    f: Any = value_and_grad(lambda xs: run(list(xs), steps))
    compiled: Any = jit(vmap(f))
    for call in (*calls, *calls):
        given = np.array(call) if as_array else [[*row] for row in call]
        each = [outcome(f, [*row]) for row in call]
        found = outcome(compiled, given)  # type: ignore[arg-type]
        if raised(found):
            assert found in each
            continue
        values, slopes = found[0], np.asarray(found[1])
        slopes = slopes if as_array else slopes.T
        for expected, y, slope in zip(each, values, slopes, strict=True):
            if not raised(expected):
                value, (a, b) = expected
                assert agree([float(y), *map(float, slope)], [value, a, b]), (call, y, slope)


@given(programs, st.lists(rows, min_size=1, max_size=3), st.lists(numbers, min_size=2, max_size=2))
@pytest.mark.slow
@settings(max_examples=25, deadline=None)
def test_gradients_of_means_over_lanes(steps: Any, calls: Any, shared: Any) -> None:
    def loss(c: Any, xs: Any) -> Any:
        middle = mean(vmap(lambda x: run([x[0], x[1], c], steps))(xs))
        return mean(vmap(lambda x: run([x[0], c, middle], steps))(xs))

    f = value_and_grad(loss)
    compiled = jit(f)
    for xs in (*calls, *calls):
        for c in shared:
            eager = outcome(lambda _, c=c, xs=xs: f(c, np.array(xs)), [])
            if not raised(eager):
                found = outcome(lambda _, c=c, xs=xs: compiled(c, np.array(xs)), [])
                assert agree(found, eager), (c, xs, found, eager)
