"""The backward pass as a table: each visit of a node, and what it adds to its operands."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .._support.files import csv_text, text_written
from .._support.json_text import json_text
from .._support.remedies import helpful
from .._support.wording import aligned, legible
from ..modes import no_gc
from ..notation.formula import shortened, text
from ..notation.numbers import added, number
from ..value import Value
from .nodes import Graph

SHOWN = 40  # steps of a table that is printed
WIDEST = 12  # operands of a step that is printed
LONGEST = 48  # characters of an expression that is printed
COLUMNS = ("visit", "node", "expression", "value", "gradient", "operand", "local", "contribution",
           "before", "after")  # fmt: skip


class Contribution(NamedTuple):
    """What a visit adds to the gradient of one operand: the node's gradient times `local`.

    `before` is the operand's gradient until then, None where this is the first to arrive; `after`
    is the sum.
    """

    operand: str
    local: float
    contribution: float
    before: float | None
    after: float


class Step(NamedTuple):
    """One visit of the backward pass: a node, its gradient, now complete, and what it hands on."""

    visit: int
    name: str
    expression: str
    value: float
    gradient: float
    operands: tuple[Contribution, ...]


class BackwardTrace(tuple[Step, ...]):
    """The steps of a backward pass, in their order. Printed, it is a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<trace of a backward pass, {len(self):,} steps>"

    def __str__(self) -> str:
        head = ["visit", "node", "value", "gradient", "operand", "local", "adds", "gradient so far"]
        return aligned([head, *_rows(self)], "<")

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the table as CSV, one line an operand; where a path is given, write it there too.

        Raises OSError where the file cannot be written, leaving what was there.

        >>> x = Value(3.0, name="x")
        >>> print(trace_backward(x * x).to_csv())
        visit,node,expression,value,gradient,operand,local,contribution,before,after
        1,v1,x * x,9.0,1.0,x,3.0,3.0,,3.0
        1,v1,x * x,9.0,1.0,x,3.0,3.0,3.0,6.0
        <BLANKLINE>
        """
        rows = ([*step[:5], *part] for step in self for part in step.operands)
        return text_written(csv_text([COLUMNS, *rows]), path)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the steps as JSON, nan and inf as texts; where a path is given, write it there.

        Raises OSError where the file cannot be written, leaving what was there.

        >>> import json
        >>> json.loads(trace_backward(-Value(3.0, name="x")).to_json())[0]["operands"]
        [{'operand': 'x', 'local': -1.0, 'contribution': -1.0, 'before': None, 'after': -1.0}]
        """
        steps = [
            dict(zip(COLUMNS, step[:5], strict=False))
            | {"operands": [part._asdict() for part in step.operands]}
            for step in self
        ]
        return text_written(json_text(steps, indent=1), path)


@helpful
def trace_backward(output: Value) -> BackwardTrace:
    """Record the backward pass from an output: the visits in their order, and what each adds.

    Nodes without a name are called v1, v2, ... in the order of computing. No `.grad` is touched.

    Raises TypeError where anything but a Value is passed, StaleError where a leaf's data was set
    since `output` was computed.

    >>> a = Value(3.0, name="a")
    >>> b = a**2
    >>> b.name = "b"
    >>> print(trace_backward(b * (-7 * a)))
    visit  node         value  gradient  operand  local  adds  gradient so far
    1      v2 = b * v1  -189   1         b        -21    -21   -21
                                         v1       9      9     9
    2      v1 = -7 * a  -21    9         a        -7     -63   -63
    3      b = a**2     9      -21       a        6      -126  -63 - 126 = -189
    """
    if not isinstance(output, Value):
        raise TypeError(
            f"trace_backward() expects a Value, got {type(output).__name__}: {output!r}"
        )
    with no_gc():
        return BackwardTrace(_steps(Graph(output)))


def _steps(graph: Graph) -> Iterator[Step]:
    record = graph.record
    so_far: dict[Value, float] = {}
    for visit, value in enumerate(reversed(record.order), 1):
        gradient, node = record.cotangent(value), graph.nodes[value]
        local, parts = record.local(value), record.contributions(value)
        operands = []
        for x, slope, part in zip(value.operands, local, parts, strict=True):
            if isinstance(x, Value):
                before = so_far.get(x)
                so_far[x] = part if before is None else before + part
                operands.append(Contribution(graph.names[x], slope, part, before, so_far[x]))
        expression = text(node.formula())
        yield Step(visit, node.name, expression, node.value, gradient, tuple(operands))


def _rows(steps: Sequence[Step]) -> Iterator[list[str]]:
    for step in shortened(steps, SHOWN):
        if step is None:
            yield ["…", f"… {len(steps) - SHOWN:,} more steps", *[""] * 6]
            continue
        node = legible(f"{step.name} = {step.expression}", LONGEST)
        made = [str(step.visit), node, number(step.value), number(step.gradient)]
        for part in shortened(step.operands, WIDEST):
            if part is None:
                yield [*made, f"… {len(step.operands) - WIDEST:,} more", *[""] * 3]
                continue
            sums = [number(part.after)]
            if part.before is not None:
                sums.insert(0, added([number(part.before), number(part.contribution)]))
            yield [*made, part.operand, number(part.local), number(part.contribution),
                   " = ".join(sums)]  # fmt: skip
            made = [""] * 4
