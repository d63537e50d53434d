"""What the commands' arguments may be, and the error for a command line that is wrong."""

from __future__ import annotations

import argparse
import contextlib
import csv
import math
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from .._support.files import csv_text, place_to_write
from .._support.json_text import json_text
from .._support.wording import printable, shortened
from ..errors import AutogradError
from ..plots.saving import plot_format
from ..train.checkpoints import is_checkpoint
from ..viz.drawing import picture_format

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


# --- what an argument may be: each raises ArgumentTypeError for anything else ---------------------


def _expected(what: str, text: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"expected {what}, got {shortened(text)}")


def _number(
    kind: Callable[[str], T], expected: str, holds: Callable[[T], bool] = lambda x: True
) -> Callable[[str], T]:
    def read(text: str) -> T:
        with contextlib.suppress(ValueError):
            if holds(number := kind(text)):
                return number
        raise _expected(expected, text)

    return read


whole = _number(int, "a whole number")
count = _number(int, "a whole number of 1 or more", lambda n: n >= 1)
rate = _number(float, "a number > 0", lambda x: 0 < x < math.inf)
fraction = _number(float, "a number from 0 to 1, such as 0.2", lambda x: 0 <= x < 1)


def delimiter(text: str) -> str:
    r"""Return what stands between cells: a tab may be typed as \t or tab.

    >>> delimiter("tab"), delimiter(";")
    ('\t', ';')
    """
    return "\t" if text in ("\\t", "tab") else text


def words(text: str) -> list[str]:
    """Return the words between commas, as a row of CSV; none is empty.

    >>> words('a, b, "c, d"')
    ['a', 'b', 'c, d']
    """
    with contextlib.suppress(csv.Error, ValueError):  # ValueError: there is not one row
        (row,) = csv.reader([text], skipinitialspace=True, strict=True)
        found = [word.strip() for word in row]
        if found and all(found):
            return found
    raise _expected("values with commas between them", text)


def list_of(kind: Callable[[str], T]) -> Callable[[str], list[T]]:
    """Return what reads a list of values with commas between them; of counts there may be none.

    >>> list_of(count)("8,8"), list_of(count)("")
    ([8, 8], [])
    """

    def read(text: str) -> list[T]:
        try:
            return [kind(word) for word in words(text)] if text.strip() or kind != count else []
        except ValueError:
            raise _expected("numbers with commas between them", text) from None

    return read


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


def option_of(name: str, value: object) -> str:
    r"""Write an argument of a function as the option of that name.

    >>> print(option_of("exclude", ["id", "pet name"]), option_of("header", False))
    --exclude 'id,pet name' --no-header
    >>> print(option_of("delimiter", "\t"), option_of("target", "-1"))
    --delimiter '\t' --target=-1
    """
    dashed = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{dashed}" if value else f"--no-{dashed}"
    text = csv_text([value])[:-1] if isinstance(value, list) else str(value)
    text = shlex.quote(text.replace("\t", "\\t"))
    return f"--{dashed}{'=' if text.startswith('-') else ' '}{text}"


# --- the files that a command writes, looked at before it does any work ---------------------------


def check_outputs(options: argparse.Namespace) -> None:
    """Raise UsageError where a file to write is one to read, or two are the same.

    Raises OSError where a file is a folder, or its folder is not there or cannot be written to,
    RenderError where no plot or picture can be saved by that name, and UsageError too where a model
    would take the place of what is no model, or something else that of a model.
    """
    given = vars(options)
    inputs = [given.get("model"), None if given.get("target", "") is None else given.get("data")]
    taken = {Path(name).resolve(): "is read by this command" for name in inputs if name}
    for option in ("save", "plot", "history", "picture", "output"):
        if (name := given.get(option)) is not None:
            place = place_to_write(name)
            if place in taken:
                rest = "and cannot be written too; name another"
                raise UsageError(f"{shortened(name)} {taken[place]}, {rest}")
            taken[place] = "is written already"
            _check_kind(option, name)


def _check_kind(option: str, name: str) -> None:
    if option == "save" and Path(name).is_file() and not is_checkpoint(name):
        raise UsageError(f"{shortened(name)} is there and is no model; name another for --save")
    if option != "save" and is_checkpoint(name):
        raise UsageError(f"{shortened(name)} is a model, and would be lost; name another")
    if check := {"plot": plot_format, "picture": picture_format}.get(option):
        check(name)
