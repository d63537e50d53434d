"""Optimizers: how parameters follow their gradients."""

from . import schedules as _schedules
from .clipping import clip_grad_norm, clip_grad_value
from .optimizer import Optimizer
from .optimizers import SGD, Adagrad, Adam, AdamW, Lion, RMSprop, optimizer_named
from .schedules import *  # noqa: F403  the curves

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Lion", "Optimizer", "RMSprop"]
__all__ += ["clip_grad_norm", "clip_grad_value", "optimizer_named"]
__all__ += _schedules.__all__
