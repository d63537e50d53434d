"""Python's control flow in jit: each program, at points that take its paths, does what it does
eagerly, to the last bit: its value, and its first and second derivatives."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Value, grad, jit, no_grad, ops
from autograd_lite.errors import AutogradError
from autograd_lite.nn.reduction import LOSSES
from autograd_lite.ops import where

INF, NAN = math.inf, math.nan
POINTS = (0.5, -1.5, 2.0, 1.0, 0.0, -0.0, 3.25, INF, -INF, NAN)


def early_return(x: Any) -> Any:
    if x < 0:
        return -2.0 * x
    if x < 1:
        return x * x
    return x * 3.0


def newton(x: Any) -> Any:
    guess, n = x * 0.5 + 1.0, 0
    while abs(guess * guess - 2.0 - x * x) > 1e-9 and n < 20:
        guess, n = 0.5 * (guess + (2.0 + x * x) / guess), n + 1
    return guess


def bubble(x: Any) -> Any:
    a, b, c = sorted([x, 1.25, x * x])
    return a + 2.0 * b + 3.0 * c


def breaks(x: Any) -> Any:
    total = x
    for i in range(5):
        if total > 4:
            break
        if i % 2:
            continue
        total = total + x * x
    else:
        total = total * 10.0
    return total


def caught(x: Any) -> Any:
    try:
        return ops.log(x) * x
    except ValueError:
        return x * 5.0


def caught_division(x: Any) -> Any:
    try:
        return 1.0 / x + x
    except ZeroDivisionError:
        return x * 5.0


def matched(x: Any) -> Any:
    match x:
        case 2.0:
            return x * 7.0
        case _ if x > 0:
            return x * x
        case _:
            return -x


def walrus(x: Any) -> Any:
    return y * x if (y := x * 2.0) > 1 else y


def generator(x: Any) -> Any:
    return sum(y * x for y in (x, 2.0 * x, 0.5) if y > 0.4)


def recursive(x: Any, depth: int = 3) -> Any:
    return x if depth == 0 or x > 5 else recursive(x * x, depth - 1)


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "if": lambda x: x * 2.0 if x > 0.7 else x * x,
    "early return": early_return,
    "while": newton,
    "for, break, continue, else": breaks,
    "match": matched,
    "walrus": walrus,
    "generator": generator,
    "recursion": recursive,
    "max": lambda x: max(x, 1.0, x * x) * x,
    "min": lambda x: min(x, 1.0) * x,
    "max by key": lambda x: max([x, 0.3, -x], key=lambda y: y * y - y) * x,
    "sorted": bubble,
    "sorted backwards": lambda x: sorted([x, 1.0, -x], key=lambda y: -y, reverse=True)[1] * x,
    "abs": lambda x: abs(x) * x,
    "chained": lambda x: x * x if 0 < x <= 1.5 else -x,
    "and": lambda x: x * x if x > 0 and x < 2 else -x,
    "or": lambda x: x * x if x < 0 or x > 2 else -x,
    "not": lambda x: x * x if not x > 0 else -x,
    "in": lambda x: x * x if x in [1.0, 2.0] else -x,
    "not in": lambda x: x * x if x not in (1.0, 2.0, NAN) else -x,
    "index": lambda x: x * [3.0, 1.0, 2.0, x].index(x),
    "count": lambda x: x * [1.0, 2.0, 1.0].count(x),
    "truth": lambda x: x * x + 1.0 if x else x - 1.0,
    "and of numbers": lambda x: (x and x * 2.0) + (x or 3.0) + x * x,
    "any": lambda x: x * x if any(x > k for k in range(3)) else -x,
    "all": lambda x: x * x if all(x > k for k in (-2, 0, 1)) else -x,
    "condition times": lambda x: (x > 0) * x + (x >= 1) * x * x,
    "condition plus": lambda x: x * ((x > 0) + (x > 1) + 1),
    "condition negated": lambda x: x * -(x > 0) + x,
    "condition to a power": lambda x: x * 2.0 ** (x > 0),
    "index by a condition": lambda x: [x * 2.0, x * x][x > 1],
    "sum of conditions": lambda x: x * sum(x > k for k in range(3)),
    "fsum of conditions": lambda x: x * math.fsum([x > 0, x > 1]),
    "int of a condition": lambda x: x * int(x > 0),
    "float of a condition": lambda x: x * float(x > 0),
    "bool of a condition": lambda x: x * bool(x > 0),
    "str of a condition": lambda x: {"True": x, "False": 2.0 * x}[str(x > 0)],
    "text of a condition": lambda x: {"True": x, "False": 2.0 * x}[f"{x > 0}"],
    "dict by a condition": lambda x: {True: x, False: 2.0 * x}[x > 0],
    "range of a condition": lambda x: sum([x] * len(range(1 + int(x > 0))), x),
    "& and |": lambda x: x * 2.0 if (x > 0) & (x < 1) | (x == 2) else x * x,
    "& with bools": lambda x: x * 2.0 if (x > 0) & True | False else x * x,
    "& with whole numbers": lambda x: x * ((x > 0) & 1) + x * ((x > 1) | 2),
    "bools first": lambda x: x * 2.0 if True & (x > 0) else x * (False | (x < -1)),
    "^": lambda x: x * 2.0 if (x > 0) ^ (x < 1) else x * (True ^ (x > 2)),
    "~": lambda x: x * ~(x > 0),
    "conditions equal": lambda x: x * 2.0 if (x > 0) == (x < 1) else x * x,
    "conditions differ": lambda x: x * 2.0 if (x > 0) != (x > 1) else x * x,
    "condition is true": lambda x: x * 2.0 if (x > 0) == True else x * x,  # noqa: E712
    "condition is 1": lambda x: x * 2.0 if (x > 0) == 1 else x * x,
    "condition or None": lambda x: x * 2.0 if (x > 0) == None else x * x,  # noqa: E711
    "conditions in order": lambda x: x * 2.0 if (x > 0) < (x < 1) else x * ((x > 0) >= (x > 1)),
    "max of conditions": lambda x: x * max(x > 1, x > 0) + x * min(False, x > 0),
    "sorted pairs": lambda x: sorted([(x > 1, x), (x > 0, 2.0)])[0][1] * x,
    "equal": lambda x: x * x if x == 2 else -x,
    "not equal": lambda x: x * x if x != 2 else -x,
    "not itself": lambda x: 1.0 + 0.0 * abs(x) if x != x else x * x,
    "equal to a string": lambda x: x * 2.0 if x == "a" else x * x,
    "equal to None": lambda x: x * 2.0 if x == None else x * x,  # noqa: E711
    "equal to a large number": lambda x: x * 2.0 if x * 2**52 == 2**53 + 1 else x * x,
    "less than what is no float": lambda x: x * 2.0 if x * 2**52 < 2**53 + 1 else x * x,
    "where": lambda x: where(x > 0, x * x, -x),
    "where of conditions": lambda x: where((x > 0) & (x < 2), where(x > 1, x * x, x), -x),
    "where gives a condition": lambda x: where(x > 0, x < 1, 0.0) * x,
    "where a number": lambda x: where(x, x * x, 2.0),
    "root where positive": lambda x: where(x > 0, ops.sqrt(ops.maximum(x, 0.0)) * x, 3.0 * x),
    "is a whole number": lambda x: x * x if x.is_integer() else -x,  # float has it as well
    "divmod": lambda x: divmod(x, 0.75)[1] * x + divmod(x, 0.75)[0],
    "caught": caught,
    "caught division": caught_division,
    "copied": lambda x: copy.copy(x) * x,
    "copied result": lambda x: copy.copy(x * x) * x,
    "copied with its graph": lambda x: copy.deepcopy(x) * x,
    "pickled": lambda x: pickle.loads(pickle.dumps(x)) * x,
    "text": lambda x: x * float(f"{x:.1f}"),
    "length of a text": lambda x: x * len(str(x)),
    "np.isnan": lambda x: 0.0 * abs(x) if np.isnan(x) else x * x,
    "np.isfinite": lambda x: x * x if np.isfinite(x) else x,
    "np.isinf": lambda x: x if np.isinf(x) else x * x,
    "np.signbit": lambda x: x * 3.0 if np.signbit(x) else x * x,
    "np.less": lambda x: x * x if np.less(x, 0.7) else x,
    "NumPy's number first": lambda x: x * x if np.float64(0.7) < x else x,
    "NumPy's number last": lambda x: x * x if x >= np.float32(0.5) else x,
    "array equals": lambda x: x * x if (np.array([1.0, 2.0]) == x).any() else x,
    "array is less": lambda x: sum(np.where(np.array([0.6, 1.2]) < x, x * x, x)),
    "np.logical_and": lambda x: x * x if np.logical_and(x > 0, x < 1) else x,
    "np.logical_or": lambda x: x * x if np.logical_or(x, False) else x + 1.0,
    "np.logical_not": lambda x: x * x if np.logical_not(x) else x,
    "np.maximum": lambda x: np.maximum(x, 1.0) * x,
    "np.where": lambda x: np.where(np.array([x, -x], dtype=object) > 0.3, x, x * x).sum(),
    "np.sort": lambda x: np.sort(np.array([x, x * x, 1.5], dtype=object))[1] * x,
    "branch in grad": lambda x: grad(lambda y: y * y * x if y > 1 else y * x)(x),
    "grad in a branch": lambda x: grad(lambda y: y**3)(x) if x > 0 else x,
    "gradients": lambda x: x * ag.gradients((y := Value(3.0) * x) * y, [y])[0],
    "nested grad": lambda x: grad(lambda y: y * grad(lambda z: z * z * y)(x) * x)(x),
    "detached": lambda x: x * ops.pos(x) - _detached(x) * x,
    "no_grad": lambda x: x * _unrecorded(x),
    "made inside": lambda x: (Value(2.0) * x + Value(3.0)) * x,
    "softmax": lambda x: ops.softmax([x, 1.0, -x])[0] * x,
    "log_softmax": lambda x: ops.log_softmax([x, 1.0])[1] * x,
    "logsumexp": lambda x: ops.logsumexp([x, x * x, 1.0]),
}  # fmt: skip


def _detached(x: Any) -> Any:
    return x.detach() if isinstance(x, Value) else x


def _unrecorded(x: Any) -> Any:
    with no_grad():
        return x * x


def tried(f: Callable[..., Any], *args: Any) -> Any:
    try:
        return f(*args)
    except (AutogradError, ValueError, ArithmeticError) as error:
        return type(error), str(error)


def assert_same(found: Any, expected: Any, relative: float = 0.0) -> None:
    """Compare nested numbers: nan and inf as they are, others to a relative tolerance."""
    if isinstance(expected, Value):
        expected = expected.data
    if isinstance(found, Value):
        found = found.data
    if isinstance(expected, list | tuple | np.ndarray) and not isinstance(found, str):
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            assert_same(a, b, relative)
    elif isinstance(expected, dict):
        assert_same(list(found.items()), list(expected.items()), relative)
    elif not (found == expected or (found != found and expected != expected)):
        assert found == pytest.approx(expected, rel=relative, abs=0.0), (found, expected)


DERIVED: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "value": lambda f: (jit(f), f),
    "jit of grad": lambda f: (jit(grad(f)), grad(f)),
    "grad of jit": lambda f: (grad(jit(f)), grad(f)),
    "jit of grad of grad": lambda f: (jit(grad(grad(f))), grad(grad(f))),
    "grad of grad of jit": lambda f: (grad(grad(jit(f))), grad(grad(f))),
    "grad of jit of grad": lambda f: (grad(jit(grad(f))), grad(grad(f))),
}


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize(
    ("name", "what"),
    # A copy belongs to the graph around what it copies, which compiled code is not.
    [(n, w) for n in PROGRAMS for w in DERIVED if (n, w) != ("copied", "grad of grad of jit")],
)
def test_a_program_does_in_jit_what_it_does_eagerly(name: str, what: str) -> None:
    compiled, plain = DERIVED[what](PROGRAMS[name])
    for x in (*POINTS, *reversed(POINTS)):
        # The eager pass adds cotangents up in another order than the one that is recorded.
        assert_same(tried(compiled, x), tried(plain, x), 0.0 if what == "value" else 1e-13)


def turns(x: Any, y: Any) -> Any:
    if x * y > 1:
        return where(x > y, x * ops.sin(y), y * y)
    return max(x, y) * ops.exp(-x) if x > 0 else abs(y) * x * x


TRANSFORMS: dict[str, Callable[[Any], Callable[[Any, Any], Any]]] = {
    "value_and_grad": lambda f: ag.value_and_grad(f, argnums=(0, 1)),
    "hessian": lambda f: lambda x, y: ag.hessian(lambda p: f(*p))([x, y]),
    "jacobian": lambda f: lambda x, y: ag.jacobian(lambda p: [f(*p), f(p[1], p[0])])([x, y]),
    "jvp": lambda f: lambda x, y: ag.jvp(f, (x, y), (1.0, 2.0)),
    "vjp": lambda f: lambda x, y: ag.vjp(f, x, y)[1](2.0),
    "hvp": lambda f: lambda x, y: ag.hvp(f, (x, y), (1.0, 2.0)),
    "linearize": lambda f: lambda x, y: ag.linearize(f, x, y)[1](0.5, 1.0),
    "taylor": lambda f: lambda x, y: ag.taylor(lambda t: f(t, y), x, 3),
    "derivative": lambda f: lambda x, y: ag.derivative(lambda t: f(t, y), 2)(x),
    "a branch on a derivative": lambda f: lambda x, y: f(x, y) if grad(f)(x, y) > 0.3 else x * y,
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_of_a_function_with_branches(name: str) -> None:
    plain = TRANSFORMS[name](turns)
    for compiled in (jit(plain), TRANSFORMS[name](jit(turns))):
        for x, y in [(2.0, 1.0), (0.5, 0.7), (-1.0, 3.0), (1.0, 4.0), (-2.0, -0.5), (0.5, 0.7)]:
            assert_same(compiled(x, y), plain(x, y), 1e-12)


TARGETS: dict[str, Any] = {
    **dict.fromkeys(["cross_entropy", "nll", "max_margin"], 1),
    **dict.fromkeys(["hinge"], 1.0),
    "kl": [0.25, 0.75],
}


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_a_named_loss(name: str) -> None:
    def f(xs: Any) -> Any:
        several = name in TARGETS and name != "hinge"
        return LOSSES[name](xs if several else xs[0], TARGETS.get(name, 1.0))

    for scores in ([0.2, 0.7], [0.9, 0.1], [0.5, 0.5], [1.0, 0.25]):
        assert_same(tried(jit(f), scores), tried(f, scores))
        assert_same(tried(jit(grad(f)), scores), tried(grad(f), scores), 1e-12)
