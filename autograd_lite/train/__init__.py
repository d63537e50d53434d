"""Training: small data sets to learn from."""

from .data import xor

__all__ = ["xor"]
