"""Neural networks of Values: modules with named parameters, and what to minimize."""

from . import losses as _losses
from .activations import Activation
from .initializers import Constant, Kaiming, Normal, Uniform, Xavier
from .layers import MLP, Layer, Neuron
from .losses import *  # noqa: F403  the losses
from .module import Module
from .normalization import LayerNorm, RMSNorm
from .recurrent import Embedding, RNNCell
from .sequential import Dropout, Sequential

__all__ = ["MLP", "Activation", "Dropout", "Embedding", "Layer", "LayerNorm", "Module", "Neuron"]
__all__ += ["RMSNorm", "RNNCell", "Sequential"]
__all__ += ["Constant", "Kaiming", "Normal", "Uniform", "Xavier"]
__all__ += _losses.__all__
