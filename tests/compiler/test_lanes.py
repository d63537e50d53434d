"""vmap in jit: what is computed in lanes is what a loop over the samples gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value, grad, gradients, jit, mean, ops, vmap

POSITIVE = np.random.default_rng(0).uniform(0.2, 2.0, (4, 7))
XS = POSITIVE[0]


def check_same(found: Any, expected: Any) -> None:
    """Compare what nests numbers: of the same kinds, nan and signs of zeros too, to rounding."""
    if isinstance(expected, np.floating):  # an element of an array
        expected = float(expected)
    if isinstance(expected, Value):
        assert isinstance(found, Value)
        found, expected = found.data, expected.data
    assert type(found) is type(expected), (found, expected)
    if isinstance(expected, np.ndarray):
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        found, expected = found.tolist(), expected.tolist()
    if isinstance(expected, dict):
        assert [*found] == [*expected]
        found, expected = [*found.values()], [*expected.values()]
    if isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            check_same(one, other)
    elif isinstance(expected, float) and not math.isnan(expected):
        assert found == pytest.approx(expected, rel=1e-11, abs=1e-14), (found, expected)
        assert expected or math.copysign(1.0, found) == math.copysign(1.0, expected)
    else:
        assert found == expected or (found != found and expected != expected)


def check(f: Callable[..., Any], *calls: tuple[Any, ...], fallbacks: int = 0) -> None:
    """Call a function jitted and eagerly, twice with each of some arguments."""
    compiled = jit(f)
    for _ in range(2):
        for arguments in calls:
            check_same(compiled(*arguments), f(*arguments))
    assert compiled.stats().fallbacks == fallbacks


def square(x: Any) -> Any:
    return x * x


# Numbers that are the same in all lanes: constants, and what comes from outside.
SHARED: dict[str, Any] = {
    "a constant": lambda c, xs: vmap(lambda x: 3.0)(xs),
    "a number from outside": lambda c, xs: vmap(lambda x: (x, c, 1.0))(xs),
    "a constant, summed": lambda c, xs: ops.sum(vmap(lambda x: 2.0)(xs)) * c,
    "a constant, averaged": lambda c, xs: mean(vmap(lambda x: 2.0)(xs)) * c,
    "a number from outside, summed": lambda c, xs: ops.sum(vmap(lambda x: c)(xs)),
    "a number from outside, used": lambda c, xs: vmap(lambda x: ops.sin(c * x))(xs),
    "the derivative by one from outside": grad(lambda c, xs: ops.sum(vmap(lambda x: c)(xs))),
    "the derivative by a constant": lambda c, xs: (
        c * grad(lambda a: mean(vmap(lambda x: a * x * a)(xs)))(2.0)
    ),
    "a derivative in lanes by a constant": lambda c, xs: vmap(
        lambda x: c * grad(lambda a: a * x * a)(2.0)
    )(xs),
}


@pytest.mark.parametrize("name", SHARED)
def test_what_all_lanes_share(name: str) -> None:
    check(SHARED[name], (2.0, XS), (-3.0, XS[:4]), (2.0, XS.tolist()))


def test_a_value_made_in_the_function_is_shared_by_lanes() -> None:
    def slope(xs: Any) -> Any:
        a = Value(2.0)
        return gradients(mean(vmap(lambda x: a * x * a)(xs)), [a], create_graph=True)[0]

    assert float(jit(slope)(XS)) == pytest.approx(4.0 * XS.mean())
