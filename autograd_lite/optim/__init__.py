"""Optimisers: how parameters follow their gradients."""

from .optimizer import SGD, Optimizer

__all__ = ["SGD", "Optimizer"]
