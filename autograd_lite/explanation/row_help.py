"""What `help(tanh)` says: an operation's row, its derivative written out by running its rule."""

from __future__ import annotations

from collections.abc import Iterator

from ..notation.formula import Applied, local_derivative, text
from ..notation.numbers import number
from ..operation import ANY_DOMAIN, Operation

# Where a rule is run to be written out: on both sides of a kink, a bound or a tie, at whole numbers
# for what takes only those, and inside every domain.
_POINTS = [(0.5, 0.25, 0.75), (-0.5, 0.25, 0.75), (2.0, 1.0, 1.5), (1.0, 2.0, 3.0)]


class _RowHelp:
    """`Operation.__doc__`: what pydoc, IPython and editors show of a row, and of the class."""

    def __init__(self, docstring: str | None) -> None:
        self.docstring = docstring

    def __get__(self, row: Operation | None, owner: type) -> str | None:
        return self.docstring if row is None else row_help(row)


def row_help(row: Operation) -> str:
    """Write all that the table says of an operation.

    >>> from autograd_lite import leaky_relu
    >>> print(row_help(leaky_relu).partition(">>>")[0].strip())
    leaky_relu(x, slope=0.01)
    <BLANKLINE>
    x, or slope * x below 0; slope at 0.
    <BLANKLINE>
        y = LeakyReLU(x, slope)
        dy/dx = 1 at leaky_relu(0.5, 0.25), slope at leaky_relu(-0.5, 0.25)
        dy/dslope = 0 at leaky_relu(0.5, 0.25), x at leaky_relu(-0.5, 0.25)
        at leaky_relu(0, 0.01): dy/dx = 0.01, dy/dslope = 0
    """
    summary, _, examples = row.doc.partition("\n\n")
    lines = "\n".join(f"    {line}" for line in _lines(row))
    paragraphs = [f"{row.name}{row.__signature__}", summary, lines, examples]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _lines(row: Operation) -> Iterator[str]:
    names = ["a", "b", "c"] if row.arity is None else list(row.__signature__.parameters)
    yield f"y = {text(Applied(row, tuple(names)))}"
    for place, name in enumerate(names):
        slopes = _slopes(row, names, place)
        if slopes:
            each = slopes if len(slopes) == 1 else [f"{slope} {at}" for slope, at in slopes.items()]
            yield f"dy/d{name} = {', '.join(each)}"
    if row.domain != ANY_DOMAIN:
        yield f"domain: {row.domain}"
    for point, at_point in row.kinks.items():
        slopes_there = zip(names, at_point, strict=True)
        written = ", ".join(f"dy/d{name} = {number(slope)}" for name, slope in slopes_there)
        yield f"{_at(row, point)}: {written}"


def _slopes(row: Operation, names: list[str], place: int) -> dict[str, str]:
    """Map each form that a local derivative takes to a point where it does."""
    slopes: dict[str, str] = {}
    for point in _POINTS:
        xs = point[: len(names)]
        try:
            slope = local_derivative(row, place, ("y", row.evaluate(xs)), names, xs)
        except Exception:  # noqa: S112  outside its domain, or a rule that fails: help comes anyway
            continue
        if slope is not None:
            slopes.setdefault(text(slope), _at(row, xs))
    return slopes


def _at(row: Operation, point: tuple[float, ...]) -> str:
    return f"at {row.name}({', '.join(map(number, point))})"


setattr(Operation, "__doc__", _RowHelp(Operation.__doc__))  # noqa: B010  typed as a string
