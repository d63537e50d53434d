"""Clipping of gradients, by value and by global norm."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value
from autograd_lite.optim import clip_grad_norm, clip_grad_value


def parameters(*gradients: float) -> list[Value]:
    ps = [Value(1.0) for _ in gradients]
    for p, g in zip(ps, gradients, strict=True):
        p.grad = g
    return ps


def gradients(ps: list[Value]) -> list[float]:
    return [p.grad for p in ps]


# The norm of (3, -4, 0.5) and what is left after clipping it to 2: PyTorch 2.13's numbers.
NORMS: list[tuple[float, float, tuple[float, ...]]] = [
    (1.0, 7.5, (0.7999998933333474, -1.0666665244444633, 0.1333333155555579)),
    (2.0, 5.024937810560445, (1.1940443906282718, -1.5920591875043626, 0.19900739843804532)),
    (3.0, 4.5, (1.3333330370371028, -1.7777773827161372, 0.22222217283951715)),
    (math.inf, 4.0, (1.4999996250000938, -1.999999500000125, 0.24999993750001562)),
]


@pytest.mark.parametrize(("norm_type", "norm", "clipped"), NORMS)
def test_clipping_by_norm_gives_pytorch_s_numbers(
    norm_type: float, norm: float, clipped: tuple[float, ...]
) -> None:
    ps = parameters(3.0, -4.0, 0.5)
    assert clip_grad_norm(ps, 2.0, norm_type) == pytest.approx(norm, rel=1e-12)
    assert gradients(ps) == pytest.approx(clipped, rel=1e-12)


@given(
    st.lists(st.floats(-1e300, 1e300)), st.floats(1e-3, 1e3), st.sampled_from([1, 2, 3, math.inf])
)
def test_a_clipped_norm_is_within_the_bound(gs: list[float], bound: float, p: float) -> None:
    ps = parameters(*gs)
    norm = clip_grad_norm(ps, bound, p)
    assert clip_grad_norm(ps, 1e308, p) <= bound * (1 + 1e-12)
    if norm <= bound / 2:
        assert gradients(ps) == gs


@given(st.lists(st.floats(allow_nan=False)), st.floats(1e-3, 1e3))
def test_clipped_values_are_within_the_bound(gs: list[float], bound: float) -> None:
    ps = parameters(*gs)
    clip_grad_value(ps, bound)
    assert gradients(ps) == [min(max(g, -bound), bound) for g in gs]


@pytest.mark.parametrize("below", [-1e-3, 0.0, 2**-21, 9e-7, 2e-6, 0.5])
def test_a_norm_less_than_a_millionth_below_the_bound_is_scaled_as_pytorch_scales_it(
    below: float,
) -> None:
    norm = 1.0 - below
    ps = parameters(norm, 0.0)
    clip_grad_norm(ps, 1.0)
    assert ps[0].grad == (norm * (1 / (norm + 1e-6)) if below < 1e-6 else norm)


def test_nan_is_not_hidden() -> None:
    ps = parameters(math.nan)
    clip_grad_value(ps, 1.0)
    assert math.isnan(ps[0].grad)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("norm_type", [1, 2, math.inf])
def test_a_norm_that_is_not_finite_raises_and_changes_nothing(bad: float, norm_type: float) -> None:
    ps = parameters(3.0, bad)
    with pytest.raises(ValueError, match="gradients to clip are finite, got a norm of"):
        clip_grad_norm(ps, 1.0, norm_type)
    assert ps[0].grad == 3.0


@pytest.mark.parametrize("bad", [0, -1.0, math.nan, math.inf])
def test_mistakes(bad: Any) -> None:
    with pytest.raises(ValueError, match="max_norm is a number > 0, got"):
        clip_grad_norm([], bad)
    with pytest.raises(ValueError, match="clip_value is a number > 0, got"):
        clip_grad_value([], bad)
    if not bad > 0:
        with pytest.raises(ValueError, match="norm_type is a number > 0"):
            clip_grad_norm([], 1.0, bad)
