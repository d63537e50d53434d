"""Plots of training, by matplotlib (the extra `plot`): they take plain data and return the axes."""

from .boundary import animate_boundary, plot_decision_boundary
from .curves import plot_curves
from .descent import plot_descent
from .histograms import plot_weight_histograms
from .samples import plot_regression
from .saving import animate, save_plot

__all__ = [
    "animate", "animate_boundary", "plot_curves", "plot_decision_boundary", "plot_descent",
    "plot_regression", "plot_weight_histograms", "save_plot",
]  # fmt: skip
