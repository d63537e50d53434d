"""Formulas: a recorded graph written as text and as LaTeX, and expressions read from text."""

from .reading import Expression, evaluate, parse

__all__ = ["Expression", "evaluate", "parse"]
