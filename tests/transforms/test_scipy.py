"""Jacobians and Hessians go into SciPy's solvers as they are."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import curve_fit, least_squares, minimize, root, rosen
from scipy.sparse import issparse

from autograd_lite import (
    SparseMatrix,
    TracingError,
    grad,
    hessian,
    jacobian,
    value_and_grad,
    value_and_jacobian,
)


def decay(t: Any, scale: Any, rate: Any) -> Any:
    return scale * np.exp(-rate * t)


def test_curve_fit() -> None:
    t = np.linspace(0.0, 3.0, 20)
    fit, _ = curve_fit(decay, t, decay(t, 2.5, 1.3), p0=[1.0, 1.0], jac=jacobian(decay, (1, 2)))
    np.testing.assert_allclose(fit, [2.5, 1.3], rtol=1e-10)


def valley(x: Any) -> Any:
    """Return residuals whose sum of squares is the Rosenbrock function."""
    return np.array([r for a, b in pairwise(x) for r in (10 * (b - a**2), 1 - a)])


@pytest.mark.parametrize("sparse", [False, True])
def test_least_squares(sparse: bool) -> None:
    slopes: Any = jacobian(valley, sparse=sparse)
    assert issparse(slopes(np.zeros(4))) is sparse
    result = least_squares(valley, np.zeros(20), jac=slopes)
    np.testing.assert_allclose(result.x, np.ones(20), rtol=1e-8)
    assert jacobian(lambda x: valley(x))([0.5] * 4).shape == (6, 4)


def brusselator(t: float, y: Any) -> Any:
    n = len(y) // 2
    u, v = y[:n], y[n:]
    left, right = np.append(u[:1], u[:-1]), np.append(u[1:], u[-1:])
    du = 1 + u * u * v - 4 * u + 5.0 * (left - 2 * u + right)
    return np.concatenate([du, 3 * u - u * u * v])


@pytest.mark.parametrize("method", ["Radau", "BDF"])
@pytest.mark.parametrize("sparse", [False, True])
def test_solve_ivp(method: Any, sparse: bool) -> None:
    slopes: Any = jacobian(brusselator, argnums=1, sparse=sparse)
    start = np.concatenate([np.linspace(0.5, 1.5, 6), np.full(6, 3.0)])
    assert issparse(slopes(0.0, start)) is sparse
    wanted = solve_ivp(brusselator, (0.0, 2.0), start, method="LSODA", rtol=1e-9, atol=1e-10)
    found = solve_ivp(brusselator, (0.0, 2.0), start, method, jac=slopes, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found.y[:, -1], wanted.y[:, -1], rtol=1e-4)


def rosenbrock(x: Any) -> Any:
    return (valley(x) ** 2).sum()


@pytest.mark.parametrize("method", ["Newton-CG", "trust-exact", "trust-constr"])
def test_minimize_with_a_hessian(method: str) -> None:
    start = np.full(5, 0.8)
    assert rosenbrock(start) == pytest.approx(rosen(start))
    for sparse in (False, True) if method != "trust-exact" else (False,):
        curvature = hessian(rosenbrock, sparse=sparse)
        result = minimize(rosenbrock, start, method=method, jac=grad(rosenbrock), hess=curvature)
        np.testing.assert_allclose(result.x, np.ones(5), rtol=1e-4)


def test_values_come_with_derivatives_for_one_call() -> None:
    calls: list[Any] = []

    def f(x: Any) -> Any:
        calls.append(x)
        return [x[0] * x[1] - 2.0, x[0] - x[1] ** 2]

    solution = root(value_and_jacobian(f), np.array([1.0, 1.5]), jac=True)
    assert solution.x[0] == pytest.approx(2.0 ** (2 / 3))
    calls.clear()
    value, rows = value_and_jacobian(f)([2.0, 3.0])
    assert (value, rows, len(calls)) == ([4.0, -7.0], [[3.0, 2.0], [1.0, -6.0]], 1)
    assert value_and_jacobian(f, mode="forward")([2.0, 3.0]) == (value, rows)
    by_both = value_and_jacobian(lambda x, y: [x * y], argnums=(0, 1))
    assert by_both(2.0, 3.0) == ([6.0], [(3.0, 2.0)])
    with pytest.raises(ValueError, match="value_and_jacobian: mode is"):
        value_and_jacobian(f, mode="both")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="value_and_jacobian: the function returned None"):
        value_and_jacobian(lambda x: None)(1.0)


def test_sparse_answers_are_scipy_s_for_arrays_of_floats_alone() -> None:
    f = lambda x: [x[0] * x[1], x[1]]  # noqa: E731
    point = np.array([2.0, 3.0])
    value, matrix = value_and_jacobian(f, sparse=True)(point)
    assert value == [6.0, 3.0]
    assert matrix.toarray().tolist() == [[3.0, 2.0], [0.0, 1.0]]
    assert type(jacobian(f, sparse=True)([2.0, 3.0])) is SparseMatrix
    inside = grad(lambda x: jacobian(f, sparse=True)(x * 1.0).values[0])
    assert inside(point).tolist() == [0.0, 1.0]
    first = value_and_grad(lambda x: hessian(lambda y: y[0] ** 2 * y[1], sparse=True)(x).values[0])
    value, slopes = first(point)
    assert (value, slopes.tolist()) == (6.0, [0.0, 2.0])


def test_a_float_array_filled_by_hand_says_what_to_do() -> None:
    def right_hand_side(t: float, y: Any) -> Any:
        rates = np.zeros(2)
        rates[0], rates[1] = y[1], -y[0]
        return rates

    with pytest.raises(TracingError, match="object"):
        jacobian(right_hand_side, argnums=1)(0.0, np.array([1.0, 2.0]))
