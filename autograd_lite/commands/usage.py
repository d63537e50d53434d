"""What the commands' arguments may be, and the error for a command line that is wrong."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from ..errors import AutogradError

T = TypeVar("T")

INTERRUPTED = 130  # the exit code of what Ctrl-C ended, as shells have it


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


def words(text: str) -> list[str]:
    """Return the words between commas; raise ArgumentTypeError where one is empty.

    >>> words("a, b")
    ['a', 'b']
    """
    found = [word.strip() for word in text.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"expected values with commas between them, got {text!r}")
    return found


def list_of(kind: Callable[[str], T]) -> Callable[[str], list[T]]:
    """Return what reads a list of values with commas between them.

    >>> list_of(count)("8,8")
    [8, 8]
    """

    def read(text: str) -> list[T]:
        return [kind(word) for word in words(text)]

    read.__name__ = f"list of {kind.__name__}"  # argparse says so of what it cannot read
    return read


def fraction(text: str) -> float:
    """Return a number of [0, 1); raise ArgumentTypeError or ValueError for others.

    >>> fraction("0.2")
    0.2
    """
    number = float(text)
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, such as 0.2, got {text}")
    return number


def known(find: Callable[[str], object]) -> Callable[[str], str]:
    """Return what reads a name that `find` knows.

    >>> known(float)("1")
    '1'
    """

    def read(text: str) -> str:
        try:
            find(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return text

    return read
