"""Training: data sets, what fits a model to them, and what is left of it."""

from .data import xor
from .dataset import Dataset

__all__ = ["Dataset", "xor"]
