"""What the commands' arguments may be, and the error for a command line that is wrong."""

from __future__ import annotations

import argparse
import ast
import contextlib
import csv
import shlex
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from .._support.files import csv_text
from .._support.json_text import json_text
from .._support.wording import printable, shortened
from ..errors import AutogradError

T = TypeVar("T")

INTERRUPTED = 130  # the exit code of what Ctrl-C ended, as shells have it


class UsageError(AutogradError):
    """The command line itself is wrong."""


def say(line: str) -> None:
    r"""Print a line, safely whatever it is made of, at once.

    >>> say("the model: \x1b[2J.json")
    the model: \x1b[2J.json
    """
    print(printable(line), flush=True)


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    """Add --json to a command that prints a table."""
    rest = 'all else goes to stderr; inf and nan are the texts "inf", "-inf" and "nan"'
    parser.add_argument("--json", action="store_true", help=f"print {what}; {rest}")


def say_json(options: argparse.Namespace, document: Any) -> bool:
    """Print a document on the command's stdout where --json asks for it; tell whether it did."""
    if options.json:
        print(json_text(document), file=options.stdout)
    return bool(options.json)


def whole(text: str) -> int:
    """Return a whole number; raise ArgumentTypeError for what is none.

    >>> whole("-12")
    -12
    """
    try:
        return int(text)
    except ValueError:
        raise _expected("a whole number", text) from None


def count(text: str) -> int:
    """Return a whole number of 1 or more; raise ArgumentTypeError for others.

    >>> count("12")
    12
    """
    with contextlib.suppress(ValueError):
        if (number := int(text)) >= 1:
            return number
    raise _expected("a whole number of 1 or more", text)


def rate(text: str) -> float:
    """Return a number > 0; raise ArgumentTypeError for others.

    >>> rate("0.5")
    0.5
    """
    with contextlib.suppress(ValueError):
        if 0 < (number := float(text)) < float("inf"):
            return number
    raise _expected("a number > 0", text)


def fraction(text: str) -> float:
    """Return a number of [0, 1); raise ArgumentTypeError for others.

    >>> fraction("0.2")
    0.2
    """
    with contextlib.suppress(ValueError):
        if 0 <= (number := float(text)) < 1:
            return number
    raise _expected("a number from 0 to 1, such as 0.2", text)


def delimiter(text: str) -> str:
    r"""Return what stands between cells: a tab may be typed as \t or tab.

    >>> delimiter("tab"), delimiter(";")
    ('\t', ';')
    """
    return "\t" if text in ("\\t", "tab") else text


def words(text: str) -> list[str]:
    """Return the words between commas, as a row of CSV; raise ArgumentTypeError where one is empty.

    >>> words('a, b, "c, d"')
    ['a', 'b', 'c, d']
    """
    try:
        (row,) = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError):  # ValueError: there is no row
        row = []
    found = [word.strip() for word in row]
    if not found or not all(found):
        raise _expected("values with commas between them", text)
    return found


def list_of(kind: Callable[[str], T]) -> Callable[[str], list[T]]:
    """Return what reads a list of values with commas between them; of counts there may be none.

    >>> list_of(count)("8,8"), list_of(count)("")
    ([8, 8], [])
    """

    def read(text: str) -> list[T]:
        if kind is count and not text.strip():
            return []
        try:
            return [kind(word) for word in words(text)]
        except ValueError:
            raise _expected("numbers with commas between them", text) from None

    return read


def _expected(what: str, text: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"expected {what}, got {shortened(text)}")


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


def as_typed(message: str, options: Iterable[str]) -> str:
    """Write the argument of a function that ends a message as the option of the command line.

    An option has the name of the argument; True and False are written --name and --no-name.

    >>> as_typed("line 2: got 'Rex'; leave it out: exclude=['id', 'pet name']", ["exclude"])
    "line 2: got 'Rex'; leave it out: --exclude 'id,pet name'"
    >>> as_typed("where there are no names pass header=False", ["header", "target"])
    'where there are no names pass --no-header'
    """
    for name in options:
        before, found, text = message.rpartition(f" {name}=")
        if not found:
            continue
        with contextlib.suppress(ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return f"{before} {option_of(name, ast.literal_eval(text))}"
    return message


def option_of(name: str, value: object) -> str:
    """Write an argument of a function as the option of that name.

    >>> option_of("exclude", ["id", "pet name"]), option_of("header", False)
    ("--exclude 'id,pet name'", '--no-header')
    """
    dashed = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{dashed}" if value else f"--no-{dashed}"
    if isinstance(value, list):
        value = csv_text([value])[:-1]
    text = shlex.quote(str(value).replace("\t", "\\t"))
    return f"--{dashed}={text}" if text.startswith("-") else f"--{dashed} {text}"
