"""vmap in jit: what is computed in lanes is what a loop over the samples gives."""

from __future__ import annotations

import builtins
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd_lite import (
    Value,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    linearize,
    mean,
    nn,
    no_grad,
    ops,
    taylor,
    value_and_grad,
    vjp,
    vmap,
)
from autograd_lite.compiler import array_source
from autograd_lite.ops import cos, exp, log, sin, sqrt, where

Case = tuple[Any, ...]  # a function, and the arguments of calls
RANDOM = np.random.default_rng(0)
N = 7
INF, NAN = math.inf, math.nan


def above(n: int, *shape: int) -> Any:
    """Return numbers between 0.2 and 2."""
    return RANDOM.uniform(0.2, 2.0, (n, *shape))


XS, YS, SIGNED = above(N), above(N), RANDOM.normal(size=N)
ROWS, FIXED = above(N, 3), above(N)
OUTSIDE = Value(1.5)


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


def check(f: Callable[..., Any], *calls: Any, fallbacks: int = 0) -> None:
    """Call a function jitted and eagerly, twice with each of some arguments."""
    compiled = jit(f)
    for _ in range(2):
        for arguments in calls:
            check_same(compiled(*arguments), f(*arguments))
    assert compiled.stats().fallbacks == fallbacks


class Pair(NamedTuple):
    a: Any
    b: Any


@dataclass
class Complex:
    re: Any
    im: Any


def squares(xs: Any) -> Any:
    return vmap(lambda x: x * x)(xs)


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


# --- what is mapped over --------------------------------------------------------------------------

MAPPED: dict[str, Case] = {
    "an array": (vmap(lambda x: sin(x) * x), (XS,), (YS,), (above(3),)),
    "a list": (vmap(lambda x: sin(x) * x), (XS.tolist(),), (above(4).tolist(),)),
    "rows": (vmap(lambda r: r[0] * r[1] - r[2]), (ROWS,), (above(4, 3),)),
    "a list of lists": (vmap(lambda r: r[0] * r[1] - r[2]), (ROWS.tolist(),)),
    "a list of tuples": (vmap(lambda r: r[0] * r[1]), ([(1.0, 2.0), (3.0, 4.0)],)),
    "a list of dicts": (vmap(lambda d: d["a"] * d["b"][0]), ([{"a": 1.0, "b": [x]} for x in XS],)),
    "a list of arrays": (vmap(lambda r: r[0] * r[1]), ([*ROWS],)),
    "a tuple of arrays": (vmap(lambda p: p[0] * p[1], ((0, 0),)), ((XS, YS),)),
    "a dict of arrays": (vmap(lambda d: d["a"] * d["b"]), ({"a": XS, "b": YS},)),
    "a dict of lists": (vmap(lambda d: d["a"] * d["b"]), ({"a": XS.tolist(), "b": [2.0] * N},)),
    "a dict with axes": (vmap(lambda d: d["a"] * d["b"], ({"a": 0, "b": None},)),
                         ({"a": XS, "b": 2.0},)),
    "by name": (lambda x, y: vmap(lambda x, y: x - y)(x, y=y), (XS, YS)),
    "a shared number": (vmap(lambda w, x: w * x, (None, 0)), (2.0, XS), (-1.0, YS)),
    "a shared list": (vmap(lambda w, x: w[0] * x + w[1], (None, 0)), ([2.0, 1.0], XS)),
    "a shared array": (vmap(lambda w, x: w[0] * x + w[1], (None, 0)), (np.array([2.0, 1.0]), XS)),
    "a shared matrix": (vmap(lambda w, x: w @ x, (None, 0)), (above(2, 3), ROWS)),
    "axis 1": (vmap(lambda x: x[0] * x[1], 1), (above(2, N),)),
    "the last axis": (vmap(lambda x: x[0, 1] + x[1, 0], -1), (above(2, 2, N),)),
    "two axes": (vmap(lambda x, y: x[0] * y, (1, 0)), (above(2, N), XS)),
    "tables": (vmap(lambda x: np.sum(x) * x[0, 1]), (above(N, 2, 3),)),
    "whole numbers": (vmap(lambda x: x * 0.5), (np.arange(6),), (np.arange(6) + 1,)),
    "bools": (vmap(lambda x: x * 0.5), (np.array([True, False, True]),)),
    "short floats": (vmap(lambda x: x * 0.5), (XS.astype(np.float32),)),
    "a part of an array": (vmap(lambda x: x * 0.5), (above(2 * N)[::2],)),
    "columns first": (vmap(lambda r: r[0] * r[2]), (np.asfortranarray(ROWS),)),
    "an array from outside": (lambda xs: vmap(lambda x, y: x * y)(xs, FIXED), (XS,), (YS,)),
    "a new array": (lambda c: vmap(lambda x: c * x)(np.arange(5.0)), (2.0,), (3.0,)),
    "a new list": (lambda c: vmap(lambda x: c * x)([1.0, 2, 3]), (2.0,), (3.0,)),
    "an element from outside": (vmap(lambda x: x * FIXED[2]), (XS,)),
    "a part of an argument": (lambda xs: vmap(lambda x: x * x)(xs[:3]), (XS,)),
    "columns of an argument": (lambda r: vmap(lambda a, b: a - b)(r[:, 0], r[:, 1]), (ROWS,)),
    "a computed array": (lambda xs: vmap(lambda x: x * x)(xs * 2), (XS,)),
    "a computed list": (lambda xs: mean(squares([2 * x for x in xs])), (XS.tolist(),)),
    "parts of a list": (lambda xs: mean(squares(xs[2:] + xs[:1])), (XS.tolist(),)),
    "a constant and others": (lambda xs: mean(squares([1.0, *xs])), (XS.tolist(),)),
    "two lengths": (lambda xs, ys: (vmap(sin)(xs), vmap(cos)(ys)), (XS, above(4))),
    "one lane": (vmap(lambda x: x * x), (above(1),), ([2.0],)),
    "no lane": (vmap(lambda x: x * x), (above(0),), ([],)),
    "two lanes": (vmap(lambda x: x * x), (above(2),)),
    "rows of nothing": (vmap(lambda r: 1.0), (np.zeros((4, 0)),)),
    "a named tuple": (vmap(lambda p: p.a * p.b), (Pair(XS, YS),)),
    "a dataclass": (vmap(lambda p: p.re * p.im), (Complex(XS, YS),)),
    "lanes in a list": (lambda xs: vmap(lambda p: p[0] * p[1])([squares(xs), squares(xs)]), (XS,)),
    "numbers given again": (lambda a, b: vmap(lambda x: x * a)([b, a, b]), (1.0, 2.0), (3.0, 4.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", MAPPED)
def test_what_is_mapped_over(name: str) -> None:
    check(*MAPPED[name])


# --- what is returned -----------------------------------------------------------------------------

RETURNED: dict[str, Case] = {
    "the number": (vmap(lambda x: x), (XS,), (XS.tolist(),)),
    "nested": (vmap(lambda x: [x, {"a": (2 * x, 1.0)}]), (XS,), (XS.tolist(),)),
    "settings": (vmap(lambda x: (x, None, "sum")), (XS,)),
    "an array": (vmap(lambda x: np.array([x, 2 * x])), (XS,), (XS.tolist(),)),
    "a row": (vmap(lambda r: r * 2), (ROWS,), ([*ROWS],)),
    "a table": (vmap(lambda t: t * 2), (above(N, 3, 2),)),
    "where a condition holds": (vmap(lambda x: (x > 1) * x), (XS,), (YS,)),
    "and once more": (vmap(lambda x: x + (x > 1)), (XS,)),
    "how many hold": (vmap(lambda x: builtins.sum([x > 1, x > 0.5]) * x), (XS,), (YS,)),
    "the argument": (lambda xs: (xs, mean(vmap(lambda x: x * x)(xs))), (XS,), (YS,)),
    "what is mapped again": (lambda xs: vmap(sin)(squares(xs)), (XS,), (YS.tolist(),)),
    "dicts mapped again": (
        lambda xs: vmap(lambda p: p["a"] - p["b"])(vmap(lambda x: {"a": x, "b": 2 * x})(xs)),
        (XS,), (XS.tolist(),),
    ),
    "rows mapped again": (lambda xs: vmap(lambda r: r[0] - r[2])(squares(xs)), (ROWS,)),
    "a constant mapped again": (
        lambda xs: vmap(lambda x: x if x > 0 else -x)(vmap(lambda x: 3.0)(xs)), (XS,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RETURNED)
def test_what_is_returned(name: str) -> None:
    check(*RETURNED[name])


def test_bools_are_left_to_the_loop() -> None:
    check(vmap(lambda x: x > 1), (XS,), (YS,), fallbacks=4)


# --- sums over lanes, and lanes after them --------------------------------------------------------


def spread(xs: Any, c: Any = 1.0) -> Any:
    """Return the variance of sines."""
    middle = mean(vmap(lambda x: sin(c * x))(xs))
    return mean(vmap(lambda x: (sin(c * x) - middle) ** 2)(xs))


def softmax(xs: Any) -> Any:
    es = vmap(exp)(xs)
    total = ops.sum(es)
    return vmap(lambda e: e / total)(es)


def clipped(c: Any, xs: Any) -> Any:
    slope = grad(lambda c: mean(vmap(lambda x: (c * x - 1) ** 2)(xs)))(c)
    if abs(slope) > 1:
        slope = slope / abs(slope)
    return c - 0.1 * slope


def sides(xs: Any) -> Any:
    middle = mean(vmap(lambda x: x)(xs))
    return vmap(lambda x: sqrt(x - middle) if x > middle else x * x)(xs)


def chained(w: Any, xs: Any, ys: Any) -> Any:
    """Start a dot of the same lanes from what came of another one."""

    def one(x: Any, y: Any) -> Any:
        first = ops.dot(w[:2], [x, y], 1.0)
        return ops.dot(w[2:], [x, y], sin(first)) + first

    return mean(vmap(one)(xs, ys))


SUMS: dict[str, Case] = {
    "one": (lambda xs: ops.sum(vmap(lambda x: x * x)(xs)), (XS,), (YS,)),
    "of lists": (lambda xs: ops.sum(vmap(lambda x: x * x)(xs)), (XS.tolist(),), (YS.tolist(),)),
    "of one lane": (lambda xs: mean(vmap(lambda x: x * x)(xs)), (above(1),)),
    "of none": (lambda xs: ops.sum(vmap(lambda x: x * x)(xs)), (above(0),)),
    "two": (lambda xs: [ops.sum(vmap(cos)(xs)), mean(vmap(sin)(xs))], (XS,)),
    "of two lengths": (lambda xs, ys: ops.sum(vmap(cos)(xs)) * mean(vmap(sin)(ys)),
                       (XS, above(4))),
    "in lanes again": (softmax, (XS,), (YS,)),
    "of what a sum went into": (spread, (XS,), (YS,)),
    "of lanes kept": (lambda xs: ops.sum(vmap(lambda x, s: x * s)(xs, softmax(xs))), (XS,)),
    "inside": (lambda xs, ys: vmap(lambda x: x * mean(vmap(sin)(ys)))(xs), (XS, above(4))),
    "of dots": (chained, ([1.0, 2.0, 3.0, 4.0], XS, YS), ([0.5, -1.0, 2.0, 0.0], YS, XS)),
    "decided by": (clipped, (2.0, XS), (0.5, XS), (-20.0, YS)),
    "decided by in lanes": (sides, (XS,), (YS,), (np.array([1.0, 2.0, 9.0]),)),
}  # fmt: skip


@pytest.mark.parametrize("name", SUMS)
def test_sums_over_lanes(name: str) -> None:
    check(*SUMS[name])


# --- derivatives ----------------------------------------------------------------------------------


def waves(c: Any, xs: Any) -> Any:
    return mean(vmap(lambda x: sin(c * x) * c)(xs))


def fitted(c: Any, xs: Any) -> Any:
    return mean(vmap(lambda x: sin(c[0] * x) * c[1])(xs))


def frozen(x: Any) -> Any:
    with no_grad():
        square = x * x
    return square * x


MODEL = nn.MLP(2, [3, 1], "tanh", seed=0)


def crossed(c: Any, xs: Any) -> Any:
    """Use lanes on one side of a choice, and by their sum in others."""
    ys = vmap(lambda x: sin(c * x))(xs)
    total = ops.sum(ys)
    return mean(vmap(lambda x, y: where(x > 1, y * total, x))(xs, ys))


DERIVATIVES: dict[str, Case] = {
    "of a mean": (grad(waves), (2.0, XS), (-1.0, YS)),
    "second": (grad(grad(waves)), (2.0, XS), (-1.0, YS)),
    "third": (grad(grad(grad(waves))), (2.0, XS)),
    "for two": (grad(lambda a, b, xs: mean(vmap(lambda x: a * x + b)(xs)), (0, 1)), (2.0, 1.0, XS)),
    "hessian": (hessian(fitted), ([2.0, 3.0], XS)),
    "hvp": (lambda c, xs: hvp(lambda c: fitted(c, xs), (c,), ([1.0, 2.0],)), ([2.0, 3.0], XS)),
    "forward": (lambda c, xs: jvp(lambda c: waves(c, xs), (c,), (1.0,)), (2.0, XS)),
    "forward, untouched": (
        lambda c, xs: jvp(lambda c: ops.sum(vmap(lambda x: c)(xs)), (c,), (1.0,)), (2.0, XS),
    ),
    "taylor": (lambda c, xs: [*taylor(lambda c: waves(c, xs), c, order=3)], (2.0, XS)),
    "jacobian": (jacobian(lambda c, xs: vmap(lambda x: sin(c[0] * x) + c[1])(xs)),
                 ([2.0, 1.0], XS), ([2.0, 1.0], XS.tolist())),
    "jacobian in reverse": (jacobian(lambda c, xs: vmap(lambda x: sin(c * x))(xs), mode="reverse"),
                            (2.0, XS)),
    "for the lanes": (grad(lambda xs: ops.sum(vmap(sin)(xs))), (XS,), (XS.tolist(),)),
    "variance": (grad(lambda c, xs: spread(xs, c)), (2.0, XS)),
    "variance, second": (grad(grad(lambda c, xs: spread(xs, c))), (2.0, XS)),
    "residuals": (value_and_grad(lambda w, xs, ys: ((vmap(lambda x: w * x)(xs) - ys) ** 2).mean()),
                  (2.0, XS, YS)),
    "exponents": (grad(grad(lambda c, xs: mean(vmap(lambda x: x**c + c**x)(xs)))), (2.0, XS)),
    "of rows of sequences": (
        vmap(grad(lambda r: ops.max(r) * ops.norm(r) + ops.prod(r) - ops.logsumexp(r))),
        (ROWS.tolist(),),
    ),
    "at kinks": (vmap(grad(lambda x: ops.hypot(x, x) + abs(x) + ops.relu(x) + ops.atan2(x, x))),
                 (np.array([0.0, 1.0, -1.0]),)),
    "across a choice": (grad(crossed), (2.0, XS), (0.5, YS)),
    "across a choice, second": (hessian(crossed), (2.0, XS), (0.5, YS)),
    "nan across a choice": (
        grad(lambda c, xs: mean(vmap(lambda x: where(x > 0, sqrt(c - 2.0) * x, c * x))(xs))),
        (2.0, -XS), (3.0, SIGNED),
    ),
    "nan in a sum that is not taken": (
        grad(lambda c, xs: where(c > 2, mean(vmap(lambda x: sqrt(c - 2.0) * x)(xs)), c)),
        (2.0, XS), (3.0, XS),
    ),
    "where nothing depends": (grad(lambda c, xs: mean(vmap(lambda x: x)(xs))), (2.0, XS)),
    "inside and outside": (grad(lambda c, xs: c * mean(vmap(lambda x: c * x)(xs))), (2.0, XS)),
    "a model": (value_and_grad(lambda model, xs: mean(vmap(lambda x: model([*x]))(xs))),
                (MODEL, ROWS[:, :2].copy())),
    "in lanes": (vmap(grad(lambda x: sin(x) * x)), (XS,), (XS.tolist(),)),
    "second in lanes": (vmap(grad(grad(lambda x: sin(x) * x))), (XS,)),
    "value and slope": (vmap(value_and_grad(lambda x: sin(x) * x)), (XS,)),
    "hessian in lanes": (vmap(hessian(lambda x: sin(x[0]) * x[1])), (ROWS,), (ROWS.tolist(),)),
    "jacobian in lanes": (vmap(jacobian(lambda x: [sin(x[0]) * x[1], x[2]])), (ROWS,)),
    "taylor in lanes": (vmap(lambda x: [*taylor(sin, x, order=3)]), (XS,)),
    "vjp in lanes": (vmap(lambda x: vjp(sin, x)[1](1.0)), (XS,)),
    "linearized in lanes": (vmap(lambda x: linearize(sin, x)[1](2.0)), (XS,)),
    "of a mean in lanes": (
        vmap(lambda x: grad(lambda y: mean(vmap(lambda z: z * y * y)(FIXED)))(x)), (XS,),
    ),
    "frozen": (vmap(frozen), (XS,)),
    "by what is frozen": (vmap(grad(frozen)), (XS,)),
    "by what is detached": (vmap(grad(lambda x: x.detach() * x)), (XS,)),
}  # fmt: skip


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives(name: str) -> None:
    check(*DERIVATIVES[name])


@pytest.mark.parametrize("f", [waves, lambda c, xs: spread(xs, c)])
def test_eager_derivatives_of_jitted_functions(f: Any) -> None:
    compiled = jit(f)
    for xs in (XS, YS):
        check_same(grad(compiled)(2.0, xs), grad(f)(2.0, xs))
        c = Value(2.0)
        (slope,) = gradients(compiled(c, xs), [c], create_graph=True)
        assert slope.data == pytest.approx(grad(f)(2.0, xs))
        assert gradients(slope, [c]) == [pytest.approx(grad(grad(f))(2.0, xs))]


# --- lanes on several paths -----------------------------------------------------------------------


def root(a: Any) -> Any:
    """Find a square root by Newton's iteration."""
    x = a
    while abs(x * x - a) > 1e-9:
        x = (x + a / x) * 0.5
    return x


def halved(a: Any) -> Any:
    total = 0.0
    while a > 1:
        a = a * 0.5
        total = total + a * a
    return total + a


def safe(x: Any) -> Any:
    return sqrt(x) * x if x > 0 else 2 * x


def by_sum(c: Any, xs: Any) -> Any:
    y = c if mean(vmap(sin)(xs)) > 0 else -c
    return y * 2 if c > 1 else y


BRANCHES: dict[str, Case] = {
    "two paths": (vmap(lambda x: x * x if x > 1 else -x), (XS,), (YS,), (XS + 2,), (-XS,)),
    "more paths later": (vmap(lambda x: x * x if x > 1 else -x), (XS + 2,), (-XS,), (XS,)),
    "slopes": (vmap(grad(lambda x: x * x if x > 1 else -x)), (XS + 2,), (XS,), (-XS,)),
    "iterations": (vmap(root), (XS,), (XS * 10,), (XS * 1000,)),
    "slopes of iterations": (vmap(value_and_grad(root)), (XS,), (XS * 10,)),
    "a loop": (vmap(halved), (XS * 20,), (XS * 100,), (XS,)),
    "slopes of a loop": (vmap(grad(halved)), (XS * 20,), (XS * 100,)),
    "a mean of loops": (grad(lambda c, xs: mean(vmap(lambda x: halved(c * x))(xs))),
                        (2.0, XS * 10), (0.1, XS), (30.0, XS)),
    "two mapped": (
        lambda xs, ys: mean(vmap(halved)(xs)) + mean(vmap(safe)(ys)),
        (XS, SIGNED), (XS * 20, XS), (XS, -XS), (XS * 20, SIGNED),
    ),
    "on one from outside": (lambda c, xs: vmap(lambda x: x * c if c > 0 else x)(xs),
                            (2.0, XS), (-2.0, XS), (3.0, YS)),
    "on both": (lambda c, xs: vmap(lambda x: x * c if c > x else x)(xs),
                (1.0, XS), (-2.0, XS), (5.0, XS)),
    "outside first": (lambda c, xs: vmap(sin)(xs) if c > 0 else vmap(halved)(xs),
                      (2.0, XS), (-2.0, XS), (-2.0, XS * 20), (1.0, XS)),
    "outside after": (lambda c, xs: mean(vmap(halved)(xs)) if c > 0 else c,
                      (2.0, XS), (-2.0, XS), (2.0, XS * 20), (-1.0, XS * 50)),
    "a path that would raise": (vmap(lambda x: x if x > 0 else log(-x)), (SIGNED,), (-SIGNED,)),
    "nan stays there": (vmap(grad(safe)), (SIGNED,), (np.array([0.0, 1.0, -1.0, 0.0]),)),
    "nan stays there in a mean": (grad(lambda c, xs: mean(vmap(lambda x: safe(c * x))(xs))),
                                  (2.0, SIGNED), (2.0, np.array([0.0, 1.0, -1.0]))),
    "and in the second": (grad(grad(lambda c, xs: mean(vmap(lambda x: safe(c * x) * c)(xs)))),
                          (2.0, np.array([0.0, 1.0, -1.0, 2.0]))),
    "a condition from outside": (
        lambda c, xs: (lambda k: vmap(lambda x: x if k and x > 1 else -x)(xs))(c > 0),
        (1.0, XS), (-1.0, XS), (2.0, YS),
    ),
    "outside after a sum": (by_sum, (2.0, SIGNED), (0.5, SIGNED), (2.0, -SIGNED), (0.5, -SIGNED)),
    "what mixes again": (lambda xs: vmap(lambda x: x if x > 1 else -x)(vmap(safe)(xs)),
                         (SIGNED,), (XS,)),
    "max": (vmap(lambda x: builtins.max(x, 1.0)), (XS,), (YS,)),
    "sorted": (vmap(lambda x: sorted([x, 1.0, 0.5])), (XS,), (YS,)),
    "a chain": (vmap(lambda x: 1.0 if 0.5 < x < 1.0 else x), (XS,), (YS,)),
    "an index": (vmap(lambda x: [x, -x][x > 1]), (XS,), (YS,)),
    "and": (vmap(lambda x: where((x > 1) & (x < 1.5), x, 0.0)), (XS,), (YS,)),
    "or": (vmap(lambda x: where((x > 1.5) | (x < 0.5), x, 0.0)), (XS,), (YS,)),
    "and a constant": (vmap(lambda x: where((x > 1) & True, x, 0.0)), (XS,)),
    "and one from outside": (lambda c, xs: vmap(lambda x: where((x > 1) & (c > 0), x, 0.0))(xs),
                             (1.0, XS), (-1.0, XS)),
    "one from outside alone": (lambda c, xs: vmap(lambda x: where(c > 0, 1.0, 0.0))(xs),
                               (1.0, XS), (-1.0, XS)),
    "equal": (vmap(lambda x: where(x == 1.0, x, 2.0)), (np.array([1.0, 2.0, NAN]),)),
    "unequal": (vmap(lambda x: where(x != 1.0, x, 2.0)), (np.array([1.0, 2.0, NAN]),)),
    "nan is not less": (vmap(lambda x: x if not x < 1.0 else -x), (np.array([1.0, NAN, 0.5]),)),
    "nor greater": (vmap(lambda x: x if x >= 1.0 else -x), (np.array([NAN, 2.0, 0.5]),)),
}  # fmt: skip


@pytest.mark.parametrize("name", BRANCHES)
def test_lanes_on_several_paths(name: str) -> None:
    check(*BRANCHES[name])


def test_paths_that_calls_add_are_kept() -> None:
    compiled = jit(vmap(lambda x: x * x if x > 1 else -x))
    for xs in (XS + 2, -XS, XS, XS + 3, -YS, YS):
        check_same(compiled(xs), compiled.__wrapped__(xs))
    assert len(compiled.paths()) == 2


def test_too_many_paths_are_left_to_the_loop() -> None:
    check(vmap(halved), (2.0 ** np.arange(80.0),), fallbacks=2)


# --- used as numbers ------------------------------------------------------------------------------


NUMBERS: dict[str, Case] = {
    "how many": (lambda xs: len(squares(xs)) * xs[0], (XS,)),
    "the shape": (lambda xs: squares(xs).shape[0] * xs[0] + squares(xs).ndim, (XS,)),
    "one by one": (lambda xs: [y + 1 for y in squares(xs)], (XS,), (XS.tolist(),)),
    "in pairs": (lambda xs: [a * b for a, b in zip(squares(xs), xs, strict=True)], (XS,)),
    "by index": (lambda xs: squares(xs)[2] + squares(xs)[-1], (XS,), (XS.tolist(),)),
    "a part": (lambda xs: squares(xs)[1:3], (XS,), (XS.tolist(),)),
    "sum": (lambda xs: builtins.sum(squares(xs)), (XS,), (XS.tolist(),)),
    "largest": (lambda xs: builtins.max(squares(xs)), (XS,), (YS,)),
    "in order": (lambda xs: sorted(squares(xs)), (XS,)),
    "rows of sequences": (
        lambda xs: [f(squares(xs)) for f in (ops.max, ops.norm, ops.logsumexp, ops.prod)], (XS,),
    ),
    "a dot": (lambda xs, ys: ops.dot(squares(xs), ys), (XS, YS)),
    "NumPy's sum": (lambda xs: np.sum(squares(xs)), (XS,)),
    "NumPy's mean": (lambda xs: np.mean(squares(xs)), (XS,)),
    "NumPy's exp": (lambda xs: np.exp(squares(xs)), (XS,)),
    "an array": (lambda xs: np.asarray(squares(xs)) * 2, (XS,)),
    "stacked": (lambda xs: np.stack([squares(xs), vmap(sin)(xs)]), (XS,)),
    "turned": (lambda xs: np.array([squares(xs)]).T, (XS,)),
    "arithmetic": (lambda xs: 2 - squares(xs) * 2 / xs + 1, (XS,)),
    "arrays before": (lambda xs: xs - squares(xs) ** 2, (XS,)),
    "negative": (lambda xs: -squares(xs), (XS,)),
    "products": (lambda xs: squares(xs) @ xs + squares(xs) @ vmap(sin)(xs), (XS,)),
    "compared": (lambda xs: where((squares(xs) > 1)[0], xs[1], xs[2]), (XS,), (YS,)),
    "the sum of arithmetic": (lambda xs: (squares(xs) * 2).sum(), (XS,)),
    "its own sum": (lambda xs: squares(xs).sum() + squares(xs).mean(), (XS,)),
    "along an axis": (lambda xs: vmap(lambda r: r * 2)(xs).sum(axis=1), (ROWS,)),
    "its own list": (lambda xs: squares(xs).tolist(), (XS,)),
    "lists in a row": (lambda xs: squares(xs) + xs, (XS.tolist(),)),
    "a list twice": (lambda xs: squares(xs) * 2, (XS.tolist(),)),
    "whether it is in there": (lambda xs: xs[0] if 4.0 in squares(xs) else xs[1],
                               ([1.0, 2.0],), ([1.0, 3.0],)),
    "an argument's sum": (lambda xs: np.sum(xs) * 2 + ops.sum(xs), (XS,)),
    "an argument's items": (lambda xs: [x * x for x in xs], (XS,)),
    "an argument's rows": (lambda xs: [ops.sum(x) for x in xs], (ROWS,)),
    "an argument's item": (lambda xs: xs[1, 0] + xs[-1][1], (ROWS,)),
    "an argument's arithmetic": (lambda xs: xs * 2 + xs, (XS,)),
    "an argument's comparisons": (
        lambda xs: where((xs == 1.0)[0], xs[1], where((xs != 1.0)[1], 2.0, xs[0])),
        (np.array([1.0, 2.0]),), (np.array([2.0, 1.0]),), (np.array([3.0, 3.0]),),
    ),
    "an argument turned": (lambda xs: xs.T[0], (ROWS,)),
    "an argument's products": (lambda xs: xs @ np.ones(3) + np.ones(N) @ xs[:, 0], (ROWS,)),
    "arguments in a row": (lambda xs, ys: np.concatenate([xs, ys]), (XS, above(2))),
    "an argument in both ways": (lambda xs: ops.sum(squares(xs)) + xs[0], (XS,), (XS.tolist(),)),
    "in other lanes": (lambda xs: vmap(lambda x: x * squares(xs)[2])(xs), (XS,)),
    "in other lanes and after": (
        lambda xs: (lambda s: (vmap(lambda x: x * s[2])(xs), s[1]))(squares(xs)), (XS,),
    ),
    "nested": (lambda xs, ys: vmap(lambda x: vmap(lambda y: x * y)(ys))(xs),
               (XS, above(4)), (XS.tolist(), [1.0, 2.0])),
    "rows by rows": (vmap(vmap(lambda x: x if x > 1 else 1 / x)), (ROWS,), (ROWS.tolist(),)),
    "an outer mean": (vmap(lambda w, xs: mean(vmap(lambda x: w * x)(xs)), (0, None)),
                      (above(3), XS)),
    "a slope of it": (lambda c, xs: grad(lambda c: squares([c * x for x in xs])[1])(c), (2.0, XS)),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_used_as_numbers(name: str) -> None:
    check(*NUMBERS[name])


def test_a_loop_inside_no_grad_has_the_slopes_of_where_it_was_mapped() -> None:
    def f(c: Any, xs: Any) -> Any:
        lanes = vmap(lambda x: c * x)(xs)
        with no_grad():
            first = lanes[0]
        return first * c + lanes[0] + lanes[1]

    def g(c: Any, xs: Any) -> Any:
        with no_grad():
            lanes = vmap(lambda x: c * x)(xs)
        return lanes[0] * c + ops.sum(lanes) * c

    check(grad(f), (2.0, XS))
    check(grad(g), (2.0, XS))


# --- lengths: blocks, in phases -------------------------------------------------------------------


def in_phases(c: Any, xs: Any) -> Any:
    """Keep lanes and conditions across two sums, and use them in lanes again."""
    middle = mean(vmap(lambda x: sin(c * x))(xs))
    ys = vmap(lambda x: where(x > 1, x - middle, x * middle))(xs)
    scale = 1.0 / (1.0 + ops.sum(ys) ** 2)
    zs = vmap(lambda y, x: where((x > 1) & (y > 0), y * scale, x) if x < 1.5 else y)(ys, xs)
    return mean(vmap(lambda z, y: z * y * c)(zs, ys)), zs


@pytest.mark.parametrize("n", [2, 3, 15, 16, 17, 32, 40])
def test_lengths(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_source, "BLOCK", 16)
    xs = above(n)
    check(in_phases, (2.0, xs))
    check(grad(lambda c, xs: in_phases(c, xs)[0]), (2.0, xs))
    check(vmap(lambda x: (x, 3.0, sin(x) if x > 1 else x)), (xs,), (xs.tolist(),))
    check(grad(grad(lambda c, xs: waves(c, xs))), (2.0, xs))


@pytest.mark.parametrize("n", [4095, 4096, 4097, 8191, 8192, 8193, 20_000])
def test_long_ones(n: int) -> None:
    xs = above(n)
    compiled = jit(
        lambda c, xs: (value_and_grad(waves)(c, xs), vmap(lambda x: x if x > 1 else c * x)(xs))
    )
    for c in (2.0, -1.5):
        (value, slope), lanes = compiled(c, xs)
        assert value == pytest.approx(np.mean(np.sin(c * xs) * c))
        assert slope == pytest.approx(np.mean(np.sin(c * xs) + np.cos(c * xs) * c * xs))
        np.testing.assert_array_equal(lanes, np.where(xs > 1, xs, c * xs))


# --- IEEE 754, random draws -----------------------------------------------------------------------


def test_nan_and_infinities_are_computed_with_and_nothing_warns() -> None:
    xs = np.array([1.0, -1.0, 0.0, -0.0, 1e300, -1e300, INF, -INF, NAN])
    compiled = jit(vmap(lambda x: (log(x), sqrt(x), x / (x - 1.0), exp(x), x * x * x, x % 1.0)))
    with np.errstate(all="ignore"):
        expected = np.log(xs), np.sqrt(xs), xs / (xs - 1.0), np.exp(xs), xs * xs * xs, xs % 1.0
    ones = np.ones_like(xs) * 2.0
    compiled(ones)
    for _ in range(2):
        for found, wanted in zip(compiled(xs), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)


def test_dead_code_raises_nothing_in_lanes() -> None:
    def dead(x: Any) -> Any:
        log(x)
        return x * 2.0

    compiled = jit(vmap(dead))
    for xs in (XS, np.concatenate([XS, [-1.0]])):
        check_same(compiled(xs), xs * 2.0)


@pytest.mark.parametrize("rows", [ROWS, ROWS.tolist()])
def test_lanes_draw_as_the_loop_does(rows: Any) -> None:
    plain, dropout = nn.Dropout(0.5, seed=1), nn.Dropout(0.5, seed=1)
    both = nn.Dropout(0.3, seed=2), nn.Dropout(0.3, seed=2)

    def f(layer: Any, other: Any) -> Any:
        def one(r: Any) -> Any:
            a, b = layer([r[0], r[1]])
            return a * b + layer([r[2]])[0] + a

        return lambda c, rows: [c * mean(vmap(one)(rows)), *layer([c, c]), mean(vmap(other)(rows))]

    def last(layer: Any) -> Any:
        return lambda r: layer([r[1]])[0]

    eager, compiled = f(plain, last(both[0])), jit(f(dropout, last(both[1])))
    for c in (1.0, 2.0, 3.0, 2.0):
        found, expected = compiled(c, rows), eager(c, rows)
        check_same([*map(float, found)], [*map(float, expected)])
    assert compiled.stats().fallbacks == 0
    assert [*map(float, plain([1.0] * 9))] == [*map(float, dropout([1.0] * 9))]


@pytest.mark.parametrize("use", ["on a path", "one by one", "from two"])
def test_draws_that_lanes_do_not_share_are_left_to_the_loop(use: str) -> None:
    plain, dropout = nn.Dropout(0.5, seed=1), nn.Dropout(0.5, seed=1)
    others = {id(layer): nn.Dropout(0.5, seed=2) for layer in (plain, dropout)}

    def f(layer: Any) -> Any:
        if use == "from two":
            return vmap(lambda x: (layer if x > 1 else others[id(layer)])([x])[0])
        if use == "on a path":
            return vmap(lambda x: layer([x])[0] if x > 1 else x)
        return lambda xs: vmap(lambda x: layer([x])[0])(xs)[2] * 2.0

    eager, compiled = f(plain), jit(f(dropout))
    for xs in (XS, YS, XS, YS):
        check_same(compiled(xs), eager(xs))
    assert [*map(float, plain([1.0] * 9))] == [*map(float, dropout([1.0] * 9))]


@pytest.mark.parametrize("rows", [ROWS[:, :2].copy(), ROWS[:, :2].tolist()])
def test_predictions_without_slopes_are_compiled(rows: Any) -> None:
    predicted = vmap(lambda r: (MODEL([*r]), r[0]))
    compiled = jit(predicted)
    for _ in range(3):
        with no_grad():
            found, expected = compiled(rows), predicted(rows)
        assert type(found[0]) is type(expected[0])
        for x, y in zip(found[0], expected[0], strict=True):
            check_same(x, y)
        check_same(found[1], expected[1])
    assert compiled.stats().fallbacks == 0


@pytest.mark.parametrize("total", [
    lambda ys: ys.sum() + ys.mean(), lambda ys: np.sum(ys) + np.mean(ys),
    lambda ys: ops.sum(ys) + mean(ys),
])  # fmt: skip
def test_sums_and_means_of_many_go_through_no_lane_by_itself(total: Any) -> None:
    xs = above(20_000)
    compiled = jit(lambda c, xs: total(vmap(lambda x: c * x * x)(xs)))
    for c in (2.0, 3.0):
        assert compiled(c, xs) == pytest.approx(c * (np.sum(xs * xs) + np.mean(xs * xs)))
    assert compiled.stats().fallbacks == 0


IN_A_NEW_PROCESS = """
import importlib.util, sys
if len(sys.argv) > 1:
    found = importlib.util.find_spec
    importlib.util.find_spec = lambda name, *rest: None if name == "numpy" else found(name, *rest)
from autograd_lite import jit, mean, sin, value_and_grad, vmap

f = jit(vmap(lambda x: x * sin(x)))
g = jit(value_and_grad(lambda w, xs: mean(vmap(lambda x: w * x)(xs))))
python = jit(vmap(lambda x: x * sin(x)), backend="python")
for _ in range(3):
    results = [f([1.0, 2.0]), python([1.0, 2.0])]
    assert results == [[sin(1.0), 2.0 * sin(2.0)]] * 2, results
    assert g(2.0, [1.0, 2.0]) == (3.0, 1.5)
assert [x.stats().fallbacks for x in (f, g, python)] == [0, 0, 0]
print("numpy" in sys.modules)
"""


@pytest.mark.parametrize(("missing", "imported"), [([], "True"), (["without"], "False")])
def test_lists_where_nobody_has_imported_numpy(missing: list[str], imported: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IN_A_NEW_PROCESS, *missing],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == (imported, "")
