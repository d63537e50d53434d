"""Neural networks of Values: modules with named parameters, and what to minimise."""

from .layers import MLP, Layer, Neuron
from .losses import mse
from .module import Module

__all__ = ["MLP", "Layer", "Module", "Neuron", "mse"]
