"""Losses: what training makes small."""

from .binary import binary_cross_entropy, binary_cross_entropy_with_logits, hinge
from .classification import cross_entropy, kl, max_margin, nll
from .named import loss_named
from .penalties import l1_penalty, l2_penalty
from .regression import half_squared_error, huber, mae, mse

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "half_squared_error",
    "hinge",
    "huber",
    "kl",
    "l1_penalty",
    "l2_penalty",
    "loss_named",
    "mae",
    "max_margin",
    "mse",
    "nll",
]
