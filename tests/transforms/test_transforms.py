"""Transforms: identities on random graphs, structures kept, nesting without confusion."""

from __future__ import annotations

import math
from collections import namedtuple
from contextlib import nullcontext
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from random_programs import programs, run

import autograd_lite as ag
from autograd_lite import (
    ShapeError,
    Value,
    backprop,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    ops,
    vjp,
)
from autograd_lite.nn import MLP, mse

Program = tuple[list[float], list[Any]]


def scalar_of(program: Program) -> Any:
    return lambda xs: run(xs, program[1])


def vector_of(program: Program) -> Any:
    def f(xs: list[Any]) -> list[Any]:
        total = run(xs, program[1])
        return [total, ops.tanh(total) * xs[0], xs[-1] * xs[0], 2.0]

    return f


directions = st.lists(st.floats(-2, 2), min_size=4, max_size=4)


@given(programs(), directions, directions)
def test_jvp_and_vjp_are_each_other_s_transpose(program: Program, v: Any, w: Any) -> None:
    xs = program[0]
    f, v = vector_of(program), v[: len(xs)]
    value, tangent = jvp(f, (xs,), (v,))
    value2, pullback = vjp(f, xs)
    (cotangent,) = pullback(w)
    assert value == value2
    forward = math.fsum(a * b for a, b in zip(tangent, w, strict=True))
    backward = math.fsum(a * b for a, b in zip(cotangent, v, strict=True))
    assert forward == pytest.approx(backward, rel=1e-9, abs=1e-9)


@given(programs())
def test_jacobian_forward_is_jacobian_reverse_is_sparse(program: Program) -> None:
    f, xs = vector_of(program), program[0]
    forward = jacobian(f, mode="forward")(xs)
    reverse = jacobian(f, mode="reverse")(xs)
    for a, b in zip(forward, reverse, strict=True):
        assert a == pytest.approx(b, rel=1e-9, abs=1e-12)
    for mode in (None, "forward", "reverse"):
        dense = jacobian(f, mode=mode, sparse=True)(xs).dense()
        for a, b in zip(dense, reverse, strict=True):
            assert a == pytest.approx(b, rel=1e-9, abs=1e-12)


@given(programs(), directions)
def test_the_hessian_is_symmetric_times_a_vector_and_sparse(program: Program, v: Any) -> None:
    f, xs = scalar_of(program), program[0]
    v = v[: len(xs)]
    matrix = hessian(f)(xs)
    for i in range(len(xs)):
        for j in range(i):
            assert matrix[i][j] == pytest.approx(matrix[j][i], rel=1e-8, abs=1e-8)
    product = hvp(f, (xs,), (v,))
    wanted = [math.fsum(a * b for a, b in zip(row, v, strict=True)) for row in matrix]
    assert product == pytest.approx(wanted, rel=1e-8, abs=1e-8)
    dense = hessian(f, sparse=True)(xs).dense()
    for a, b in zip(dense, matrix, strict=True):
        assert a == pytest.approx(b, rel=1e-8, abs=1e-8)


@given(programs())
def test_gradient_of_a_transform_is_that_of_values(program: Program) -> None:
    xs = program[0]
    leaves = [Value(x) for x in xs]
    wanted = gradients(run(leaves, program[1]), leaves)
    assert grad(scalar_of(program))(xs) == wanted


FUNCTIONS: dict[str, tuple[Any, Any]] = {
    "exp(sin x)": (lambda x: ops.exp(ops.sin(x)), lambda x: mp.exp(mp.sin(x))),
    "tanh": (ops.tanh, mp.tanh),
    "x**3": (lambda x: x**3, lambda x: x**3),
    "gelu": (ops.gelu, lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2),
    "1 / (1 + x x)": (lambda x: 1 / (1 + x * x), lambda x: 1 / (1 + x * x)),
    "(x + 2)**x": (lambda x: (x + 2) ** x, lambda x: (x + 2) ** x),
    "lgamma": (lambda x: ops.lgamma(x + 2), lambda x: mp.loggamma(x + 2)),
    "prod": (lambda x: ops.prod([x, x + 1, ops.sin(x)]), lambda x: x * (x + 1) * mp.sin(x)),
    "norm": (lambda x: ops.norm([x, 1.0, x]), lambda x: mp.sqrt(2 * x * x + 1)),
    "asin": (lambda x: ops.asin(x / 2), lambda x: mp.asin(x / 2)),
    "logsumexp": (lambda x: ops.logsumexp([x, -x]), lambda x: mp.log(2 * mp.cosh(x))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", [-0.75, 0.0, 0.5, 1.25])
def test_taylor_series_against_mpmath(name: str, x: float) -> None:
    f, reference = FUNCTIONS[name]
    with mp.workdps(80):
        wanted = mp.taylor(reference, mp.mpf(x), 8, chop=False)
    scale = max(map(abs, wanted))
    got = ag.taylor(f, x, 8)
    for a, b in zip(got, wanted, strict=True):
        assert abs(a - b) <= 1e-13 * scale
    assert ag.derivative(f, order=5)(x) == pytest.approx(120 * got[5], rel=1e-15)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", [-0.75, 0.0, 0.5, 1.25])
def test_grad_of_grad_of_grad_against_mpmath(name: str, x: float) -> None:
    f, reference = FUNCTIONS[name]
    with mp.workdps(80):
        wanted = mp.diff(reference, mp.mpf(x), 3)
    third = grad(grad(grad(f)))(x)
    assert third == pytest.approx(float(wanted), rel=1e-10, abs=1e-13)
    assert jvp(lambda a: jvp(lambda b: jvp(f, (b,), (1.0,))[1], (a,), (1.0,))[1], (x,), (1.0,))[
        1
    ] == pytest.approx(float(wanted), rel=1e-10, abs=1e-13)
    assert hessian(grad(f))(x) == pytest.approx(float(wanted), rel=1e-10, abs=1e-13)


NESTED = [
    (lambda: grad(lambda x: x * grad(lambda y: x * y)(1.0))(3.0), 6.0),
    (lambda: grad(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1])(2.0), 1.0),
    (lambda: jvp(lambda x: x * grad(lambda y: x * y)(2.0), (3.0,), (1.0,))[1], 6.0),
    (lambda: grad(lambda x: grad(lambda y: y * y * x)(x))(3.0), 12.0),
    (lambda: ag.derivative(lambda x: x * ag.derivative(lambda y: y * x)(2.0))(3.0), 6.0),
    (lambda: grad(lambda x: vjp(lambda y: x * y * y, x)[1](1.0)[0])(3.0), 12.0),
    (lambda: grad(lambda x: jacobian(lambda y: [x * y, y * y])(x)[1])(3.0), 2.0),
    (lambda: grad(lambda x: hvp(lambda y: y**4, (x,), (1.0,)))(2.0), 48.0),
    (lambda: grad(lambda x: ag.taylor(lambda y: x * y**3, x, 2)[2])(2.0), 12.0),
    (lambda: grad(lambda x: ag.linearize(lambda y: y * y, x)[1](x))(3.0), 12.0),
]


@pytest.mark.parametrize(("compute", "wanted"), NESTED)
def test_nesting_without_perturbation_confusion(compute: Any, wanted: float) -> None:
    result = compute()
    assert type(result) is float
    assert result == pytest.approx(wanted, rel=1e-15)


def test_grad_works_inside_no_grad_and_leaves_grads_alone() -> None:
    w = Value(3.0)
    with ag.no_grad():
        assert grad(lambda x: x * x)(2.0) == 4.0
    assert grad(lambda x: x * w)(2.0) == 3.0
    assert w.grad == 0.0


def test_values_given_give_values_to_differentiate_on() -> None:
    x = Value(2.0)
    slope = grad(lambda t: t**3)(x)
    assert isinstance(slope, Value)
    slope.backward()
    assert (slope.data, x.grad) == (12.0, 12.0)


def cube_and_square(x: Any) -> list[Any]:
    return [x**3, x * x]


def pulled(x: Any) -> Any:
    _, pullback = vjp(cube_and_square, x)
    return lambda w: pullback([w, 0.0])[0]


def pushed(x: Any) -> Any:
    _, pushforward = ag.linearize(cube_and_square, x)
    return lambda w: pushforward(w)[0]


# Each gives 3 x**2 w, a derivative at x that is linear in a tangent or cotangent w.
LINEAR: dict[str, Any] = {
    "vjp": pulled,
    "linearize": pushed,
    "jvp": lambda x: lambda w: jvp(cube_and_square, (x,), (w,))[1][0],
    "hvp": lambda x: lambda w: hvp(lambda y: y**4 / 4.0, (x,), (w,)),
}


@pytest.mark.parametrize("name", LINEAR)
def test_a_value_given_once_is_not_remembered(name: str) -> None:
    derivative = LINEAR[name](2.0)
    assert type(derivative(1.0)) is float
    assert type(derivative(Value(1.0))) is Value
    assert type(derivative(1.0)) is float
    assert derivative(3.0) == derivative(Value(3.0)).data == 36.0


@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize("mode", [nullcontext, ag.no_grad])
def test_derivatives_by_tangents_and_cotangents(name: str, mode: Any) -> None:
    w = Value(3.0)
    with mode():
        d = LINEAR[name](2.0)(w)
        assert (d.data, gradients(d, [w])) == (36.0, [12.0])
        assert grad(LINEAR[name](2.0))(3.0) == 12.0
        # and by the primal: the mixed derivatives of 3 x**2 w
        mixed = hessian(lambda p: LINEAR[name](p[0])(p[1]))([2.0, 3.0])
        assert mixed == [[18.0, 12.0], [12.0, 0.0]]


def test_the_graph_of_a_derivative_is_recorded_inside_no_grad() -> None:
    x = Value(2.0)
    with ag.no_grad():
        traced = x**3
        assert traced.operands == ()
    y = x**3
    with ag.no_grad():
        moved = backprop.tangents(backprop.walk(y).order, {x: 1.0}, create_graph=True)
        pulled = backprop.cotangents(y, 1.0, create_graph=True)
    assert gradients(moved[y], [x]) == gradients(pulled[x], [x]) == [12.0]


def test_a_result_that_is_given_a_tangent_keeps_it() -> None:
    x = Value(2.0)
    y = x * x
    z = y * x
    found = backprop.tangents(backprop.walk(z).order, {x: 1.0, y: 5.0})
    assert (found[y], found[z]) == (5.0, 5.0 * 2.0 + 4.0)


Point = namedtuple("Point", "x y")


def test_structures_are_kept() -> None:
    f = lambda p: p["a"] * p["b"][0] + p["c"].x * p["c"].y  # noqa: E731
    p = {"a": 2.0, "b": [3.0, (4.0,)], "c": Point(5.0, 6.0)}
    assert grad(f)(p) == {"a": 3.0, "b": [2.0, (0.0,)], "c": Point(6.0, 5.0)}
    assert type(grad(f)(p)["c"]) is Point
    value, tangent = jvp(lambda x: {"s": [x * x], "t": (x,)}, (3.0,), (1.0,))
    assert (value, tangent) == ({"s": [9.0], "t": (3.0,)}, {"s": [6.0], "t": (1.0,)})
    assert jacobian(lambda x: {"s": x["u"] * 2})({"u": 1.0, "v": 0.0}) == {
        "s": {"u": 2.0, "v": 0.0}
    }


def test_several_arguments() -> None:
    f = lambda x, y, z: x * y + z  # noqa: E731
    assert grad(f, argnums=1)(2.0, 3.0, 4.0) == 2.0
    assert grad(f, argnums=-1)(2.0, 3.0, 4.0) == 1.0
    assert grad(f, argnums=-3)(2.0, 3.0, 4.0) == 3.0
    with pytest.raises(IndexError, match="no argument -4 to differentiate by: 3 were given"):
        grad(f, argnums=-4)(2.0, 3.0, 4.0)
    assert grad(f, argnums=(0, 2))(2.0, 3.0, 4.0) == (3.0, 1.0)
    assert jacobian(f, argnums=(0, 1))(2.0, 3.0, 4.0) == (3.0, 2.0)
    assert hessian(f, argnums=(0, 1))(2.0, 3.0, 4.0) == ((0.0, 1.0), (1.0, 0.0))
    assert hvp(f, (2.0, 3.0, 4.0), (1.0, 0.0, 0.0)) == (0.0, 1.0, 0.0)
    assert hvp(ops.mul, (2.0, 3.0), (1.0, 10.0)) == (10.0, 1.0)
    assert grad(lambda x, scale=1.0: x * scale)(2.0, scale=5.0) == 5.0


def test_has_aux() -> None:
    f = lambda x: (x * x, {"seen": "aux"})  # noqa: E731
    assert grad(f, has_aux=True)(3.0) == (6.0, {"seen": "aux"})
    assert ag.value_and_grad(f, has_aux=True)(3.0) == ((9.0, {"seen": "aux"}), 6.0)
    assert jvp(f, (3.0,), (1.0,), has_aux=True) == (9.0, 6.0, {"seen": "aux"})
    value, pullback, aux = vjp(f, 3.0, has_aux=True)
    assert (value, pullback(1.0), aux) == (9.0, (6.0,), {"seen": "aux"})


def test_what_a_result_does_not_depend_on_has_a_gradient_of_0() -> None:
    assert grad(lambda x, y: x)(2.0, 3.0) == 1.0
    assert grad(lambda x, y: x, argnums=1)(2.0, 3.0) == 0.0
    assert grad(lambda x: 5.0)(2.0) == 0.0
    assert jacobian(lambda x: [1.0, x[0]])([2.0, 3.0]) == [[0.0, 0.0], [1.0, 0.0]]
    assert hessian(lambda x: 5.0 * x[0])([2.0, 3.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert ag.taylor(lambda x: 7.0, 1.0, 2) == [7.0, 0.0, 0.0]


def test_modules_are_the_dict_of_their_parameters() -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    xs, ts = [[0.1, 0.2], [0.3, -0.4]], [1.0, 0.0]

    def loss(m: MLP, scale: float = 1.0) -> Any:
        return mse([m(x) for x in xs], ts) * scale

    value, slopes = ag.value_and_grad(loss)(model)
    assert list(slopes) == [name for name, _ in model.named_parameters()]
    recorded = loss(model)
    recorded.backward()
    assert value == recorded.data
    assert list(slopes.values()) == [p.grad for p in model.parameters()]
    step = dict.fromkeys(slopes, 0.1)
    product = hvp(loss, (model,), (step,))
    moved = hessian(loss)(model)
    for name, row in moved.items():
        assert product[name] == pytest.approx(0.1 * sum(row.values()), rel=1e-9, abs=1e-12)


def test_numpy_arrays_in_numpy_arrays_out() -> None:
    def f(x: Any) -> Any:
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)

    from scipy.optimize import rosen, rosen_der, rosen_hess, rosen_hess_prod

    x, p = np.array([1.3, 0.7, 0.8, 1.9, 1.2]), np.array([1.0, -1.0, 0.5, 0.0, 2.0])
    value, slopes = ag.value_and_grad(f)(x)
    assert type(value) is float
    assert (slopes.dtype, slopes.shape) == (np.dtype(float), (5,))
    assert value == pytest.approx(rosen(x), rel=1e-14)
    np.testing.assert_allclose(slopes, rosen_der(x), rtol=1e-12)
    np.testing.assert_allclose(hessian(f)(x), rosen_hess(x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(hvp(f, (x,), (p,)), rosen_hess_prod(x, p), rtol=1e-12)
    square = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert jacobian(lambda a: a @ a)(square).shape == (2, 2, 2, 2)
    np.testing.assert_array_equal(grad(lambda a: (a * a).sum())(square), 2 * square)


def tridiagonal(x: list[Any]) -> list[Any]:
    n = len(x)
    return [
        (3 - 2 * x[i]) * x[i] - (x[i - 1] if i else 0.0) - 2 * (x[i + 1] if i < n - 1 else 0.0) + 1
        for i in range(n)
    ]


def rosenbrock(x: list[Any]) -> Any:
    return ops.sum([100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)])


def test_a_tridiagonal_jacobian_takes_three_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps: list[int] = []
    tangents = backprop.tangents

    def counted(*args: Any, **kwargs: Any) -> Any:
        sweeps.append(1)
        return tangents(*args, **kwargs)

    monkeypatch.setattr(backprop, "tangents", counted)
    x = [0.01 * i for i in range(1000)]
    matrix = jacobian(tridiagonal, mode="forward", sparse=True)(x)
    assert len(sweeps) == 3
    assert matrix.shape == (1000, 1000)
    assert len(matrix.values) == 2998
    entries = dict(zip(zip(matrix.rows, matrix.cols, strict=True), matrix.values, strict=True))
    assert entries[5, 5] == pytest.approx(3 - 4 * x[5])
    assert (entries[5, 4], entries[5, 6]) == (-1.0, -2.0)
    sweeps.clear()
    curvature = hessian(rosenbrock, sparse=True)(x)
    assert len(sweeps) == 3
    entries = dict(
        zip(zip(curvature.rows, curvature.cols, strict=True), curvature.values, strict=True)
    )
    assert entries[7, 7] == pytest.approx(1200 * x[7] ** 2 - 400 * x[8] + 202)
    assert entries[7, 8] == entries[8, 7] == pytest.approx(-400 * x[7])
    assert curvature.scipy().toarray()[3, 4] == pytest.approx(-400 * x[3])


def test_tangents_and_cotangents_fit_by_place_not_by_order() -> None:
    f = lambda p: p["a"] + 2 * p["b"]  # noqa: E731
    assert jvp(f, ({"a": 1.0, "b": 1.0},), ({"b": 1.0, "a": 0.0},)) == (3.0, 2.0)
    _, pullback = vjp(lambda x: {"a": x, "b": 2 * x}, 2.0)
    assert pullback({"b": 1.0, "a": 0.0}) == (2.0,)
    with pytest.raises(ShapeError, match=r"none at \['a'\]"):
        pullback([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"tangent 0: .* none at \[1\]"):
        jvp(lambda x, y: x[0] * y, ([2.0, 2.0], 3.0), ([1.0], 0.0))


def test_modules_may_nest_in_arguments() -> None:
    model = MLP(2, [1], seed=0)
    slopes: Any = grad(lambda p: p["m"](p["x"]))({"m": model, "x": [1.0, 2.0]})
    assert slopes["x"] == [w.data for w in model.layers[0].neurons[0].weights]
    assert slopes["m"]["layers.0.neurons.0.weights.1"] == 2.0


def test_second_derivatives_inside_no_grad() -> None:
    with ag.no_grad():
        assert hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0]) == [[6.0, 4.0], [4.0, 0.0]]
        assert grad(grad(lambda x: x**3))(2.0) == 12.0


def test_hessians_whose_graph_shows_one_side_only() -> None:
    f = lambda x: ops.max([x[0], x[1]]) ** 2 + (x[1] * x[2]).relu()  # noqa: E731
    for point in ([0.7, 0.3, 1.0], [0.3, 0.7, -1.0]):
        assert hessian(f, sparse=True)(point).dense() == hessian(f)(point)
    assert ag.hessian_sparsity(f, [0.7, 0.3, 1.0]) == [(0, 0), (0, 1), (1, 0), (1, 2), (2, 1)]


def test_a_deep_graph_has_a_taylor_series() -> None:
    def f(x: Any) -> Any:
        for _ in range(3000):
            x = x * 0.999 + 0.001
        return x * x

    slope = 0.999**3000
    assert ag.taylor(f, 1.0, 3)[2] == pytest.approx(slope**2, rel=1e-9)


def test_functions_without_inputs_have_empty_jacobians() -> None:
    assert jacobian(lambda x: [1.0, 2.0])([]) == [[], []]
    assert grad(lambda x: 1.0)([]) == []


def test_sparsity_is_read_off_the_graph() -> None:
    x = [1.0, 2.0, 3.0, 4.0]
    assert ag.jacobian_sparsity(tridiagonal, x) == [
        (i, j) for i in range(4) for j in range(4) if abs(i - j) <= 1
    ]
    assert ag.hessian_sparsity(rosenbrock, x) == [
        (i, j) for i in range(4) for j in range(4) if abs(i - j) <= 1
    ]
    assert ag.jacobian_sparsity(lambda x: [5.0, x[1]], [1.0, 2.0]) == [(1, 1)]


@given(st.integers(2, 9), st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=14))
@settings(max_examples=200)
def test_sparse_hessians_of_any_sparsity(n: int, pairs: set[tuple[int, int]]) -> None:
    def f(x: list[Any]) -> Any:
        return ops.sum([ops.sin(x[i % n]) * x[j % n] * (i + 2 * j + 1) for i, j in sorted(pairs)])

    x = [0.3 + 0.1 * i for i in range(n)]
    dense, sparse = hessian(f)(x), hessian(f, sparse=True)(x).dense()
    for a, b in zip(dense, sparse, strict=True):
        assert a == pytest.approx(b, rel=1e-12, abs=1e-12)


LEAF = Value(2.0)
WHOLE_NUMBERS: list[Any] = [
    lambda n: ag.taylor(ops.exp, 0.0, n),
    lambda n: ag.derivative(ops.exp, n),
    lambda n: ag.gradcheck(ops.exp, 0.5, n),
    lambda n: ag.explain(LEAF * LEAF, LEAF, max_paths=n),
    lambda n: ag.to_dot(LEAF * LEAF, limit=n),
    lambda n: grad(lambda x, y: x * y, argnums=n)(1.0, 2.0),
    lambda n: jacobian(lambda x, y: x * y, argnums=(0, n))(1.0, 2.0),
]


@pytest.mark.parametrize("call", WHOLE_NUMBERS)
def test_whole_numbers_are_those_of_any_type_but_bool(call: Any) -> None:
    call(1)
    call(np.int64(1))
    call(np.uint8(1))
    for wrong in (True, 1.0, "1", np.bool_(True), Value(1.0)):
        with pytest.raises((TypeError, ValueError), match=r"whole number|order of|number of nodes"):
            call(wrong)


untyped: Any = ag  # what mistakes are made with
MISTAKES: list[tuple[Any, type[Exception], str]] = [
    (
        lambda: untyped.grad(lambda x: None)(1.0),
        TypeError,
        "returned None; did it forget to return",
    ),
    (
        lambda: untyped.grad(lambda x: "3")(1.0),
        TypeError,
        "what the function returned should be numbers",
    ),
    (
        lambda: untyped.grad(lambda x: [x, x])(1.0),
        TypeError,
        "one number, got list of 2; use jacobian()",
    ),
    (lambda: untyped.grad(lambda x: x)("3"), TypeError, "grad: argument 0 should be numbers"),
    (
        lambda: untyped.grad(lambda x: x[0])([1.0, {"a": None}]),
        TypeError,
        "argument 0[1]['a'] should be",
    ),
    (
        lambda: untyped.grad(lambda x: x, argnums=1)(1.0),
        IndexError,
        "no argument 1 to differentiate by: 1 were given",
    ),
    (lambda: untyped.grad(lambda x: x, argnums="x")(1.0), TypeError, "argnums are whole numbers"),
    (
        lambda: untyped.grad(lambda x: x * x, has_aux=True)(1.0),
        TypeError,
        "return (result, aux), got",
    ),
    (
        lambda: untyped.jvp(lambda x: x, (1.0,), (1.0, 2.0)),
        ShapeError,
        "expected 1 tangents, one an argument, got 2",
    ),
    (
        lambda: untyped.jvp(lambda x: x, 1.0, 1.0),
        TypeError,
        "should be a tuple, one an argument, such as (x,)",
    ),
    (
        lambda: untyped.vjp(lambda x: x, 1.0)[1]([1.0, 2.0]),
        ShapeError,
        "vjp: the cotangent: expected 1 numbers",
    ),
    (lambda: untyped.hvp(lambda x: [x], (1.0,), (1.0,)), TypeError, "use jacobian()"),
    (lambda: untyped.jacobian(lambda x: x, mode="sideways")(1.0), ValueError, "got 'sideways'"),
    (lambda: untyped.taylor(ops.exp, 0.0, -1), ValueError, "0 or more, got -1"),
    (
        lambda: untyped.taylor(lambda x: x[0] * x[1], [1.0, 2.0], 2),
        TypeError,
        "one number to expand",
    ),
    (lambda: untyped.derivative(ops.exp, 171), ValueError, "from 0 to 170, got 171"),
    (lambda: untyped.grad(ops.mul, (0, 0))(1.0, 2.0), ValueError, "name an argument twice"),
    (lambda: untyped.hvp(ops.square, 2.0, 1.0), TypeError, "hvp: primals should be a tuple"),
    (lambda: untyped.jvp(ops.square, (2.0,), 1.0), TypeError, "jvp: tangents should be a tuple"),
    (lambda: untyped.grad(ops.log)(-1.0), ValueError, "log(-1.0) is undefined"),
    (lambda: untyped.grad(lambda x: np.array(["a"]))(1.0), TypeError, "should be numbers"),
]


@pytest.mark.parametrize(("call", "error", "text"), MISTAKES)
def test_mistakes(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert text in str(raised.value)


def test_a_parameter_set_inside_the_function_is_noticed() -> None:
    model = MLP(1, [1], seed=0)

    def f(m: MLP) -> Any:
        out = m([1.0])
        m.parameters()[0].data = 5.0
        return out

    with pytest.raises(ag.StaleError, match="was set after it went into"):
        grad(f)(model)


@pytest.mark.parametrize("width", [2, 18])  # few inputs, and as many as are colored
def test_a_module_given_twice_has_its_derivatives_at_both_places(width: int) -> None:
    model, xs = MLP(width, [1], seed=1), [1.0] * width
    key = "layers.0.neurons.0.weights.0"

    def square(p: Any) -> Any:
        return p["a"](xs) ** 2

    twice = {"a": model, "b": model}
    found = ag.hessian(square)(twice)
    assert [found[i][key][j][key] for i in twice for j in twice] == pytest.approx([2.0] * 4)
    dense = ag.hessian(square, sparse=True)(twice).dense()
    flat = [x for i in twice for row in found[i].values() for j in twice for x in row[j].values()]
    assert [x for row in dense for x in row] == pytest.approx(flat)
    outputs = ag.jacobian(
        lambda m, n: [m(xs) * k for k in range(20)], argnums=(0, 1), mode="reverse"
    )
    rows = outputs(model, model)
    assert [[row[i][key] for i in (0, 1)] for row in rows] == [[float(k)] * 2 for k in range(20)]


def test_tangents_of_a_module_given_twice_add_up() -> None:
    model = MLP(1, [1], seed=1)
    ones, twos = ({name: t for name, _ in model.named_parameters()} for t in (1.0, 2.0))
    _, tangent = ag.jvp(lambda m, n: m([3.0]), (model, model), (ones, twos))
    assert tangent == 3.0 * 3.0 + 3.0
