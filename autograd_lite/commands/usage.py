"""What the commands' arguments may be, and the error for a command line that is wrong."""

from __future__ import annotations

import argparse

from ..errors import AutogradError


class UsageError(AutogradError):
    """The command line itself is wrong."""


def count(text: str) -> int:
    """Return a whole number of 1 or more; raise ArgumentTypeError or ValueError for others.

    >>> count("12")
    12
    """
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more, got {text}")
    return number


def rate(text: str) -> float:
    """Return a number > 0; raise ArgumentTypeError or ValueError for others.

    >>> rate("0.5")
    0.5
    """
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number > 0, got {text}")
    return number
