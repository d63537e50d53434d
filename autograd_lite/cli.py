"""The command line: `autograd-lite COMMAND ...`, or `python -m autograd_lite COMMAND ...`.

A command is a row of COMMANDS: its name, its summary, what adds its arguments to a parser, and what
runs it and may return an exit code. An AutogradError or OSError that it raises becomes one line on
stderr and the exit code 2.
"""

from __future__ import annotations

import argparse
import contextlib
import keyword
import math
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, NoReturn

from . import __version__, xor_command
from .errors import AutogradError, DomainError
from .expression import CONSTANTS, parse
from .json_text import json_text
from .operation import TABLE
from .value import Value
from .viz import draw
from .whitelist import FUNCTIONS_BESIDE_TABLE
from .wording import did_you_mean, shortened

# Words that begin with a minus and are options; others are expressions, such as -x.
_OPTION = re.compile(r"-h|-o|--|--[a-z][a-z-]+(=.*)?", re.DOTALL)
_ERROR, _PIPE_CLOSED, _INTERRUPTED = 2, 1, 130


class _UsageError(AutogradError):
    """The command line itself is wrong."""


# --- grad and draw --------------------------------------------------------------------------------


def _add_grad_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Evaluate an expression and print its derivative for every variable."
    parser.epilog = """\
examples:
  autograd-lite grad "x * y + sin(x)" x=2 y=3
  autograd-lite grad "-x**2 if x < 0 else tanh(x)" x=-0.5
  autograd-lite grad "logsumexp([a, b])" a=1000 b=1000 --json
"""
    _add_expression(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help='print {"expression", "value", "gradients"}; inf and nan are the texts '
        '"inf", "-inf" and "nan"',
    )


def _run_grad(options: argparse.Namespace) -> None:
    text, result, variables = _differentiated(options)
    if options.json:
        gradients = {name: x.grad for name, x in variables.items()}
        print(json_text({"expression": text, "value": result.data, "gradients": gradients}))
        return
    print(f"{text} = {result.data!r}")
    if variables:
        rows = [(name, repr(x.data), repr(x.grad)) for name, x in variables.items()]
        print()
        print(_table([("name", "value", "gradient"), *rows]))


def _add_draw_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Draw the graph of an expression, with the gradient at every node."
    parser.epilog = """\
examples:
  autograd-lite draw "x * y + sin(x)" x=2 y=3
  autograd-lite draw "tanh(w * x + b)" w=0.5 x=2 b=-1 -o neuron.png
"""
    _add_expression(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="graph.svg",
        type=str.strip,
        help="where to write it, as its ending says: svg, png, pdf or dot (default: %(default)s)",
    )


def _run_draw(options: argparse.Namespace) -> None:
    _, result, _ = _differentiated(options)
    picture = draw(result)
    try:
        picture.save(options.output)
    except (OSError, ValueError) as error:  # ValueError: no path, such as one with a null in it
        reason = getattr(error, "strerror", None) or error
        raise _UsageError(f"cannot write {shortened(options.output, 200)}: {reason}") from error
    print(options.output)


def _table(rows: list[tuple[str, ...]]) -> str:
    """Align columns: the first, of names, to the left, and the others, of numbers, to the right."""
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *numbers in rows:
        cells = [x.rjust(width) for x, width in zip(numbers, others, strict=True)]
        lines.append("  ".join([name.ljust(first), *cells]))
    return "\n".join(lines)


# --- an expression and the values of its names ----------------------------------------------------


def _add_expression(parser: argparse.ArgumentParser) -> None:
    names = sorted([*TABLE, *FUNCTIONS_BESIDE_TABLE])
    listed = "\n".join(f"  {', '.join(names[i : i + 10])}" for i in range(0, len(names), 10))
    parser.epilog = f"""{parser.epilog}
An expression has numbers, names, + - * / // % **, comparisons, and, or, not, `a if c else b`,
the constants {", ".join(CONSTANTS)}, and these operations:
{listed}
"""
    parser.add_argument("expression", metavar="EXPR", help="such as 'x * tanh(y)'; quote it")
    parser.add_argument(
        "values", metavar="NAME=NUMBER", nargs="*", default=[], help="such as x=2 y=-3.5"
    )


def _differentiated(options: argparse.Namespace) -> tuple[str, Value, dict[str, Value]]:
    """Return the expression's text, its value, and its variables, holding their gradients."""
    expression = parse(options.expression)
    variables = _variables(options.values)
    result = expression.evaluate(variables)
    try:
        result.backward()
    except (ArithmeticError, ValueError) as error:
        raise DomainError(f"the gradient is undefined at these values ({error!r})") from error
    return expression.text, result, variables


def _variables(words: Sequence[str]) -> dict[str, Value]:
    variables: dict[str, Value] = {}
    for word in words:
        name, number = _assignment(word)
        if name in variables:
            raise _UsageError(f"{name} is given twice; give each name one value")
        variables[name] = Value(number, name=name)
    return variables


def _assignment(word: str) -> tuple[str, float]:
    name, equals, text = word.partition("=")
    name, text = unicodedata.normalize("NFKC", name.strip()), text.strip()
    if not equals:
        raise _UsageError(f"expected NAME=NUMBER, such as x=2, got {shortened(word)}")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise _UsageError(
            f"{shortened(word)}: {shortened(name)} cannot be a name; "
            "names are letters, digits and _, and not Python's keywords"
        )
    if not text:
        raise _UsageError(f"{shortened(word)} has no number; write such as {name[:20]}=2")
    try:
        number = float(text)
    except ValueError:
        raise _UsageError(f"{shortened(word)}: {shortened(text)} is not a number") from None
    if math.isnan(number):
        raise _UsageError(f"{shortened(word)}: nan is no value to differentiate at; give a number")
    if math.isinf(number) and "inf" not in text.lower():
        raise _UsageError(f"{shortened(word)} is too large for a float; for infinity write inf")
    return name, number


# --- the program ----------------------------------------------------------------------------------

COMMANDS = (
    ("xor", "train a network on XOR and draw it", xor_command.add_arguments, xor_command.run),
    ("grad", "print an expression's value and gradients", _add_grad_arguments, _run_grad),
    ("draw", "draw an expression's graph with its gradients", _add_draw_arguments, _run_draw),
)


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
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # a terminal may not have every character
    try:
        code = _run(arguments)
        print(end="", flush=True)
    except AutogradError as error:
        print(f"autograd-lite: error: {error}", file=sys.stderr)
        return _ERROR
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _let_go_of_stdout()
        return _PIPE_CLOSED
    except OSError as error:
        _let_go_of_stdout()
        what = "print" if error.filename is None else f"write {shortened(str(error.filename), 200)}"
        print(f"autograd-lite: error: cannot {what}: {error.strerror}", file=sys.stderr)
        return _ERROR
    return code


def _run(arguments: Sequence[str]) -> int:
    parser, commands = _parsers()
    if not arguments:
        parser.print_help(sys.stderr)
        return _ERROR
    first, *others = arguments
    if first in commands:
        # Intermixed: options may stand before, between and after EXPR and NAME=NUMBER.
        options = commands[first].parse_intermixed_args([_shielded(word) for word in others])
        code: int | None = options.run(options)
        return code or 0
    if first.startswith("-"):
        parser.parse_args([first])  # --help, --version or wrong
    hint = did_you_mean(first, commands) or f"; there are {', '.join(commands)}"
    raise _UsageError(f"{shortened(first)} is not a command{hint}")


def _shielded(word: str) -> str:
    """Put a space before an expression that begins with a minus: to argparse it is no option."""
    return f" {word}" if word.startswith("-") and not _OPTION.fullmatch(word) else word


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    parser = _Parser(
        prog="autograd-lite",
        description="Differentiate and draw expressions, or train a first network.",
        epilog='See "autograd-lite COMMAND --help" for the arguments of a command and examples.',
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", title="commands")
    for name, summary, add_arguments, run in COMMANDS:
        command = subparsers.add_parser(name, help=summary)
        add_arguments(command)
        command.set_defaults(run=run)
    return parser, dict(subparsers.choices)


class _Parser(argparse.ArgumentParser):
    """An argument parser that raises what it has to complain of."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options
        )

    def error(self, message: str) -> NoReturn:
        if len(message) > 200:
            message = f"{message[:200]}..."
        raise _UsageError(f"{message}; see {self.prog} --help")


def _let_go_of_stdout() -> None:
    """Keep Python from complaining once more, as it exits, that stdout cannot be written."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
