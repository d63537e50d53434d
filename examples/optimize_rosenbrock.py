"""SciPy's optimizers with exact gradients and Hessians of plain Python code.

Run it (it needs SciPy: pip install scipy): python examples/optimize_rosenbrock.py
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize

from autograd_lite import hessian, hvp, value_and_grad


def rosenbrock(x: Any) -> Any:
    """Plain code for NumPy arrays; it has no idea that it is differentiated."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


start = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
methods: dict[str, dict[str, Any]] = {
    "BFGS": {},
    "Newton-CG": {"hessp": lambda x, p: hvp(rosenbrock, (x,), (p,))},
    "trust-exact": {"hess": hessian(rosenbrock)},
}
for method, second in methods.items():
    found = minimize(value_and_grad(rosenbrock), start, method=method, jac=True, **second)
    print(f"{method:12s} {found.nit:3d} steps  f = {found.fun:.1e}  x = {np.round(found.x, 4)}")
