"""The optional extra `plot`: where matplotlib is imported, and what is said where it is missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import RenderError


def imported(module: str) -> Any:
    """Import and return a module of the extra `plot`: matplotlib's, or Pillow's that it brings.

    Raises RenderError, with the command that installs them, where there is no such module.

    >>> imported("matplotlib.colors").to_hex("white")
    '#ffffff'
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise RenderError(
            f'plots need matplotlib ({error}): pip install "autograd-lite[plot]"'
        ) from error
