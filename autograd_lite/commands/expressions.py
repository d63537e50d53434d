"""`grad`, `draw` and `explain`: an expression of the table's operations, differentiated."""

from __future__ import annotations

import argparse
import keyword
import math
import unicodedata
from collections.abc import Callable, Sequence

from .._support.validation import unknown
from .._support.wording import aligned, shortened
from ..errors import DomainError
from ..explanation import Explanation, explain
from ..notation.reading import CONSTANTS, FUNCTIONS_BESIDE_TABLE, parse
from ..operation import TABLE
from ..value import Value
from ..viz import draw
from .usage import UsageError, add_json, say, say_json

FORMATS: dict[str, Callable[[Explanation], str]]
FORMATS = {"text": str, "markdown": Explanation.markdown, "latex": Explanation.latex}


def add_grad_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe `grad` to an argument parser."""
    _add_expression(parser)
    add_json(parser, '{"expression", "value", "gradients"}')


def run_grad(options: argparse.Namespace) -> None:
    """Evaluate an expression and print its derivative for every variable.

    For example::

      autograd-lite grad "x * y + sin(x)" x=2 y=3
      autograd-lite grad "-x**2 if x < 0 else tanh(x)" x=-0.5
      autograd-lite grad "logsumexp([a, b])" a=1000 b=1000 --json
    """
    text, result, variables = _differentiated(options)
    gradients = {name: x.grad for name, x in variables.items()}
    if say_json(options, {"expression": text, "value": result.data, "gradients": gradients}):
        return
    say(f"{text} = {result.data!r}")
    if variables:
        rows = [(name, repr(x.data), repr(x.grad)) for name, x in variables.items()]
        print(f"\n{aligned([('name', 'value', 'gradient'), *rows], '<>')}")


def add_draw_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe `draw` to an argument parser."""
    _add_expression(parser)
    parser.add_argument("-o", "--output", metavar="FILE", dest="picture", default="graph.svg",
                        type=str.strip, help="where to write it, as its ending says: svg, png, "
                        "pdf or dot (default: %(default)s)")  # fmt: skip


def run_draw(options: argparse.Namespace) -> None:
    """Draw the graph of an expression, with the gradient at every node.

    For example::

      autograd-lite draw "x * y + sin(x)" x=2 y=3
      autograd-lite draw "tanh(w * x + b)" w=0.5 x=2 b=-1 -o neuron.png
    """
    _, result, _ = _differentiated(options)
    say(f"{draw(result).save(options.picture)}")


def add_explain_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe `explain` to an argument parser."""
    _add_expression(parser)
    parser.add_argument("--wrt", metavar="NAME", help="by which variable (default: by each)")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text",
                        help="(default: %(default)s)")  # fmt: skip
    add_json(parser, '{"expression", "value", "explanations"}')


def run_explain(options: argparse.Namespace) -> None:
    """Explain an expression's derivatives by the chain rule, path by path.

    For example::

      autograd-lite explain "x * y + sin(x)" x=2 y=3
      autograd-lite explain "x * y + sin(x)" x=2 y=3 --wrt x --format markdown
    """
    text, result, variables = _differentiated(options)
    if not variables:
        raise UsageError("there is no variable to explain by; write such as 'x * y' x=2 y=3")
    if options.wrt is not None and options.wrt not in variables:
        complaint = f"--wrt {shortened(options.wrt)} is not in {shortened(text)}"
        raise unknown(UsageError, complaint, options.wrt, variables)
    wrt = variables if options.wrt is None else [options.wrt]
    write = FORMATS[options.format]
    written = {name: write(explain(result, variables[name])).rstrip("\n") for name in wrt}
    document = {"expression": text, "value": result.data, "explanations": written}
    if not say_json(options, document):
        print("\n\n".join(written.values()))


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
    parser.add_argument("values", metavar="NAME=NUMBER", nargs="*", default=[],
                        help="such as x=2 y=-3.5")  # fmt: skip


def _differentiated(options: argparse.Namespace) -> tuple[str, Value, dict[str, Value]]:
    """Return the expression's text, its value, and its variables, holding their gradients."""
    expression = parse(options.expression)
    variables = _variables(options.values)
    result = expression.evaluate(variables)
    for name in variables:
        if name not in expression.names:
            rest = "leave it out, or use it"
            raise UsageError(f"{shortened(name)} has a value, but is not in the expression; {rest}")
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
            raise UsageError(f"{name} is given twice; give each name one value")
        variables[name] = Value(number, name=name)
    return variables


def _assignment(word: str) -> tuple[str, float]:
    name, equals, text = map(str.strip, word.partition("="))
    name = unicodedata.normalize("NFKC", name)
    if not equals:
        raise UsageError(f"expected NAME=NUMBER, such as x=2, got {shortened(word)}")
    if not name.isidentifier() or keyword.iskeyword(name):
        rest = "names are letters, digits and _, and not Python's keywords"
        raise UsageError(f"{shortened(word)}: {shortened(name)} cannot be a name; {rest}")
    if not text:
        raise UsageError(f"{shortened(word)} has no number; write such as {name[:20]}=2")
    try:
        number = float(text)
    except ValueError:
        raise UsageError(f"{shortened(word)}: {shortened(text)} is not a number") from None
    if math.isnan(number):
        raise UsageError(f"{shortened(word)}: nan is no value to differentiate at; give a number")
    if math.isinf(number) and "inf" not in text.lower():
        raise UsageError(f"{shortened(word)} is too large for a float; for infinity write inf")
    return name, number
