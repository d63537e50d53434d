# PYTHON_ARGCOMPLETE_OK: argcomplete, where it is installed, looks for these words.
"""The command line: `autograd-lite COMMAND ...`, or `python -m autograd_lite COMMAND ...`.

A command is a row of COMMANDS: what adds its arguments to a parser, and what runs it and may return
an exit code; the documentation of the latter is the command's --help. An AutogradError or OSError
that it raises becomes one line on stderr and the exit code 2.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import os
import re
import sys
from collections.abc import Sequence
from itertools import starmap
from typing import Any, NoReturn

from .. import __version__
from .._support.validation import unknown
from .._support.wording import did_you_mean, shortened
from ..errors import AutogradError
from . import expressions, predicting, sweeps, training, xor
from .usage import INTERRUPTED, UsageError, check_outputs, option_of

# To the commands that take expressions, words that begin with a minus are such, but for options.
_OF_EXPRESSIONS = ("grad", "draw", "explain")
_OPTION = re.compile(r"-h|-o|--|--[a-z][a-z-]+(=.*)?", re.DOTALL)
_ERROR, _PIPE_CLOSED = 2, 1


COMMANDS = {
    "xor": (xor.add_arguments, xor.run),
    "train": (training.add_arguments, training.run),
    "predict": (predicting.add_arguments, predicting.run),
    "sweep": (sweeps.add_arguments, sweeps.run),
    "grad": (expressions.add_grad_arguments, expressions.run_grad),
    "draw": (expressions.add_draw_arguments, expressions.run_draw),
    "explain": (expressions.add_explain_arguments, expressions.run_explain),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, or 2 where the input is wrong.

    Raises SystemExit for --help and --version, as argparse does.

    >>> main(["grad", "x * y", "x=2", "y=-3"])
    x * y = -6.0
    <BLANKLINE>
    name  value  gradient
    x       2.0      -3.0
    y      -3.0       2.0
    0
    """
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # a terminal may not have every character
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        print(end="", flush=True)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_stdout()
        return _PIPE_CLOSED
    except AutogradError as error:
        complaint = str(error)
    except OSError as error:
        _let_go_of_stdout()
        name = error.filename
        what = "print" if name is None else f"open or write {shortened(str(name), 200)}"
        complaint = f"cannot {what}: {error.strerror}"
    else:
        return code
    print(f"autograd-lite: error: {complaint}", file=sys.stderr)
    return _ERROR


def _run(arguments: Sequence[str]) -> int:
    parser, commands = _parsers()
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what may come next
        with contextlib.suppress(ImportError):
            import argcomplete

            argcomplete.autocomplete(parser)
    if not arguments:
        parser.print_help(sys.stderr)
        return _ERROR
    first, *others = arguments
    if first.startswith("-"):
        _refuse(parser.parse_known_args([first])[1], parser)  # or --help, --version
    if first not in commands:
        raise unknown(UsageError, f"{shortened(first)} is not a command", first, commands)
    if first in _OF_EXPRESSIONS:
        others = list(map(_shielded, others))
    # Intermixed: options may stand before, between and after EXPR and NAME=NUMBER.
    options, spare = commands[first].parse_known_intermixed_args(others)
    _refuse(spare, commands[first])
    options.stdout = sys.stdout
    others_to = sys.stderr if getattr(options, "json", False) else sys.stdout
    try:
        with contextlib.redirect_stdout(others_to):
            check_outputs(options)
            return options.run(options) or 0
    except AutogradError as error:
        if not error.possibilities.keys() & vars(options).keys():
            raise
        typed = starmap(option_of, error.possibilities.items())
        raise UsageError(" ".join([error.problem, *typed])) from error


def _refuse(spare: list[str], parser: argparse.ArgumentParser) -> None:
    """Raise UsageError for words that no argument of a parser takes: the options first."""
    if spare:
        word = next((word for word in spare if word.startswith("-")), spare[0])
        hint = did_you_mean(word.partition("=")[0], parser._option_string_actions)
        hint = hint or f"; see {parser.prog} --help"
        raise UsageError(f"unrecognized arguments: {' '.join(spare):.160}{hint}")


def _shielded(word: str) -> str:
    """Put a space before an expression that begins with a minus: to argparse it is no option."""
    return f" {word}" if word.startswith("-") and not _OPTION.fullmatch(word) else word


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    style: dict[str, Any]
    style = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
    parser = _Parser(
        prog="autograd-lite",
        description="Differentiate and draw expressions, or train a first network.",
        epilog='See "autograd-lite COMMAND --help" for the arguments of a command and examples.',
        **style,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", title="commands")
    for name, (add_arguments, run) in COMMANDS.items():
        about, _, examples = inspect.cleandoc(run.__doc__ or "").partition("For example::\n\n")
        command = subparsers.add_parser(name, help=about.partition("\n")[0], **style)
        command.description, command.epilog = about, f"examples:\n{examples}"
        add_arguments(command)
        command.set_defaults(run=run)
    return parser, dict(subparsers.choices)


class _Parser(argparse.ArgumentParser):
    """An argument parser that raises what it has to complain of."""

    def error(self, message: str) -> NoReturn:
        more = "..." * (len(message) > 200)
        raise UsageError(f"{message[:200]}{more}; see {self.prog} --help")


def _let_go_of_stdout() -> None:
    """Keep Python from complaining once more, as it exits, that stdout cannot be written."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
