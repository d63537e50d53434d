"""Plots of training, by matplotlib (the extra `plot`): they take plain data and return the axes."""

from .curves import plot_curves

__all__ = ["plot_curves"]
