"""Derivatives as functions: gradients, Jacobians and Hessians, Taylor series; and vmap."""

from .functional import (
    grad,
    gradients,
    hvp,
    jvp,
    linearize,
    value_and_grad,
    vjp,
)
from .jacobians import hessian, jacobian, value_and_jacobian
from .mapping import vmap
from .power_series import derivative, taylor
from .sparsity import SparseMatrix, hessian_sparsity, jacobian_sparsity

__all__ = ["SparseMatrix", "derivative", "grad", "gradients", "hessian"]
__all__ += ["hessian_sparsity", "hvp", "jacobian", "jacobian_sparsity", "jvp", "linearize"]
__all__ += ["taylor", "value_and_grad", "value_and_jacobian", "vjp", "vmap"]
