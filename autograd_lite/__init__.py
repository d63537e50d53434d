"""A scalar autodiff engine: a number that remembers how it was made.

>>> from autograd_lite import Value
>>> a, b = Value(2.0, name="a"), Value(-3.0, name="b")
>>> loss = (a * b + 10).tanh()
>>> loss.backward()
>>> f"{a.grad:.6f}"
'-0.004023'
"""

from . import operators as operators  # gives Value its operators and methods
from .checks import detect_anomaly, gradcheck
from .compiler import Jitted, Tape, jit
from .errors import *  # noqa: F403  the exception tree
from .explanation import BackwardTrace, Explanation, explain, trace_backward
from .modes import no_gc, no_grad
from .operation import Operation
from .ops import *  # noqa: F403  the table

# Importable, but no star import should hide the builtins behind them.
from .ops import abs as abs
from .ops import max as max
from .ops import min as min
from .ops import pow as pow
from .ops import round as round
from .ops import sum as sum
from .rows import op
from .transforms import *  # noqa: F403  derivatives as functions
from .value import Value
from .viz import Drawing, draw, draw_dot, to_dot

__version__ = "0.1.0"

__all__ = ["Drawing", "Operation", "Value", "detect_anomaly", "draw", "draw_dot", "gradients"]
__all__ += ["gradcheck", "no_gc", "no_grad", "op", "to_dot"]
__all__ += ["Jitted", "Tape", "jit"]
__all__ += ["BackwardTrace", "Explanation", "explain", "trace_backward"]
__all__ += ["SparseMatrix", "derivative", "grad", "hessian"]
__all__ += ["hessian_sparsity", "hvp", "jacobian", "jacobian_sparsity", "jvp", "linearize"]
__all__ += ["taylor", "value_and_grad", "value_and_jacobian", "vjp", "vmap"]
# Those of ops and errors, written out again: for a star import mypy reads literals alone.
__all__ += [
    "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "clamp",
    "copysign", "cos", "cosh", "degrees", "digamma", "div", "dot", "elu", "erf", "erfc", "exp",
    "exp2", "expm1", "floor", "floordiv", "fma", "fmod", "gelu", "hardtanh", "hypot", "leaky_relu",
    "lgamma", "log", "log1p", "log2", "log10", "log_softmax", "logaddexp", "logsigmoid",
    "logsumexp", "maximum", "mean", "minimum", "mish", "mod", "mul", "neg", "norm", "normal_cdf",
    "one_minus_square", "polygamma", "pos", "prod", "radians", "reciprocal", "relu", "sech2",
    "selu", "sigmoid", "sign", "silu", "sin", "sinc", "sinh", "softmax", "softplus", "sqrt",
    "square", "sub", "swish", "tan", "tanh", "trunc", "where",
]  # fmt: skip
__all__ += [
    "AnomalyError", "AnomalyWarning", "AutogradError", "BackendError", "CheckpointError",
    "DataError", "DivergenceError", "DivisionByZero", "DomainError", "ExpressionError",
    "GradcheckError", "RangeError", "RenderError", "ShapeError", "StaleError", "StateError",
    "TracingError",
]  # fmt: skip
