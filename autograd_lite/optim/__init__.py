"""Optimizers: how parameters follow their gradients."""

from . import optimizers as _optimizers
from . import schedules as _schedules
from .clipping import clip_grad_norm, clip_grad_value
from .optimizer import Optimizer
from .optimizers import *  # noqa: F403  the optimizers
from .schedules import *  # noqa: F403  the curves

__all__ = ["Optimizer", "clip_grad_norm", "clip_grad_value"]
__all__ += _optimizers.__all__
__all__ += _schedules.__all__
