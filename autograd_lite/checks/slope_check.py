"""The derivatives of a recorded function, held against slopes measured from its values.

A fault is traced to one input and, by the same check on each operation of the graph alone, to the
operation whose rule is to blame.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .. import ops
from ..backprop import cotangents, topological_order
from ..errors import GradcheckError, ShapeError
from ..transforms.functional import gradients
from ..value import Value, recorded
from .differences import Line, Slope, differ

_MANY = 12  # more inputs than this are checked in random directions only
_FEW_DIRECTIONS, _MANY_DIRECTIONS = 3, 8
_ROUNDING = 4 * sys.float_info.epsilon  # how far off an operation's own result may be

Vector = Sequence[float]


class Recording(NamedTuple):
    """One run of a function: its inputs and its outputs, which are recorded from them."""

    leaves: list[Value]
    outputs: list[Value]


Function = Callable[[Vector], Recording]


class Fault(NamedTuple):
    """What is wrong with the derivative of one output along one direction."""

    kind: str  # "wrong", "kink", "edge", "infinite" or "jagged"
    output: int
    direction: Vector
    derivative: float
    sides: tuple[float, float]  # the slopes below and above, nan where there is no value
    numbers: str = ""  # where it is wrong: both slopes, and the step between them

    @property
    def coordinate(self) -> int | None:
        """The one input that moves, if it is one."""
        moving = [j for j, u in enumerate(self.direction) if u]
        return moving[0] if len(moving) == 1 else None


def first_fault(
    run: Function, point: Vector, rtol: float, directions: list[Vector] | None = None
) -> Fault | None:
    """Find the first fault; one in a random direction is traced to an input if it can be."""
    leaves, outputs = run(point)
    passes = [cotangents(y, 1.0) for y in outputs]
    for direction in _directions(point) if directions is None else directions:
        line = _line(run, point, direction)
        for i, (y, cotangent) in enumerate(zip(outputs, passes, strict=True)):
            moving = [(x, u) for x, u in zip(leaves, direction, strict=True) if u]
            derivative = sum((u * cotangent.get(x, 0.0) for x, u in moving), 0.0)
            fault = _compared(line, i, direction, derivative, _noise(y, cotangent), rtol)
            if fault is not None and fault.coordinate is None:
                return first_fault(run, point, rtol, _axes(point)) or fault
            if fault is not None:
                return fault
    return None


def _line(run: Function, point: Vector, direction: Vector) -> Line:
    errors: list[Exception] = []

    def at(t: float) -> list[float] | None:
        try:
            moved = run([x + t * u for x, u in zip(point, direction, strict=True)])
        except ShapeError:
            raise
        except (ArithmeticError, ValueError) as error:
            errors.append(error)
            return None
        data = [y.data for y in moved.outputs]
        return data if all(map(math.isfinite, data)) else None

    scales = [1.0]
    moving = [abs(x) for x, u in zip(point, direction, strict=True) if u]
    if len(moving) == 1:
        scales = [max(1.0, moving[0])] + [x for x in moving if 0 < x < 0.01]
    line = Line(at, scales)
    if all(sample is None for sample in line.above + line.below):
        raise GradcheckError(
            "gradcheck: f has no value next to its inputs, however small the step"
            f"{f' ({errors[-1]})' if errors else ''}; choose inputs inside its domain"
        ) from (errors[-1] if errors else None)
    return line


def _compared(
    line: Line, i: int, direction: Vector, derivative: float, noise: float, rtol: float
) -> Fault | None:
    """Hold a derivative against the differences of output `i` along a line."""
    left, right = (line.one_sided(i, side, noise) for side in (-1, 1))
    central = line.central(i, noise)
    below, above = _shown_slope(line, i, -1, left), _shown_slope(line, i, 1, right)
    fault = Fault("wrong", i, direction, derivative, (below, above))
    if not math.isfinite(derivative):
        return fault._replace(kind="infinite")
    if central is None or left is None or right is None:
        return fault._replace(kind="edge")
    if differ(left, right):
        return fault._replace(kind="kink")
    if not central.settled:
        apart = abs(below - above) > 1e-4 * max(abs(below), abs(above))
        return fault._replace(kind="kink" if apart else "jagged")
    if central.agrees_with(derivative, rtol):
        return None
    numbers = (f"{derivative:.10g} by the derivative and {central.value:.10g} by "
               f"central differences (step {central.step:.1e})")  # fmt: skip
    return fault._replace(numbers=numbers)


def _shown_slope(line: Line, i: int, side: int, slope: Slope | None) -> float:
    """Return the slope on one side; where it does not settle, that at the smallest step."""
    if slope is None:
        return math.nan
    return slope.value if slope.settled else line.quotients(i, side, 0.0)[-1].value


def _noise(y: Value, cotangent: Mapping[Value, float]) -> float:
    """Bound how far rounding moves `y`: each node's own rounding, times its influence on `y`."""
    terms = [abs(c * x.data) for x, c in cotangent.items()]
    return _ROUNDING * sum(term for term in [abs(y.data), *terms] if math.isfinite(term))


def _directions(point: Vector) -> list[Vector]:
    scales = [abs(x) or 1.0 for x in point]
    if len(point) > _MANY:
        return _random_vectors(scales, _MANY_DIRECTIONS)
    return _axes(point) + (_random_vectors(scales, _FEW_DIRECTIONS) if len(point) > 1 else [])


def _axes(point: Vector) -> list[Vector]:
    n = len(point)
    return [[float(k == j) for k in range(n)] for j in range(n)]


def _random_vectors(scales: Vector, count: int) -> list[Vector]:
    draw = random.Random(0)  # noqa: S311  the same directions every time
    return [[s * draw.choice((-1, 1)) * draw.uniform(0.5, 1) for s in scales] for _ in range(count)]


def slopes_of(run: Function, labels: list[str], names: list[str]) -> tuple[Function, list[str]]:
    """Return the function whose outputs are the slopes of `run`, and what to call them.

    They are taken for every input or, of many, along random directions.
    """
    weights = _random_vectors([1.0] * len(names), 3) if len(names) > _MANY else None

    def slopes(numbers: Vector) -> Recording:
        leaves, outputs = run(numbers)
        derivatives: list[Value] = []
        for y in outputs:
            grads = gradients(y, leaves, create_graph=True)
            if weights is not None:
                grads = [recorded(ops.dot(grads, w)) for w in weights]
            derivatives += grads
        return Recording(leaves, derivatives)

    along = names if weights is None else [f"direction {k + 1}" for k in range(len(weights))]
    return slopes, [_slope_label(label, name) for label in labels for name in along]


def _slope_label(label: str, name: str) -> str:
    return f"d {label}/d {name}" if not label.startswith("d ") else f"d({label})/d {name}"


# --- what to say of a fault -----------------------------------------------------------------------

_NO_ROW = (
    "no operation's rule is off by itself, so the graph misses a part of f, one that float(), "
    "math, .data, detach() or no_grad() keeps out of it; use autograd_lite's operations there"
)
_PLACES = {  # of an operation where it has no derivative
    "kink": "is at its kink", "edge": "is at the edge of its domain", "jagged": "jumps nearby",
}  # fmt: skip


def report(fault: Fault, label: str, names: list[str], point: Vector, culprit: str) -> str:
    """Say what is wrong, with which input, by which operation, and what to do about it."""
    j = fault.coordinate
    where = "along a random direction" if j is None else f"for {names[j]} = {point[j]!r}"
    if fault.kind == "wrong":
        slope = f"the slope of {label} {where}" if j is None else _slope_label(label, names[j])
        return f"gradcheck: {slope} is {fault.numbers}; {culprit or _NO_ROW}"
    none, remedy = "none (no value there)", "choose inputs away from it"
    left, right = (none if math.isnan(slope) else f"{slope:.7g}" for slope in fault.sides)
    if fault.kind == "edge":
        trouble = f"has no value just {'below' if left == none else 'above'} this point, {where}"
        remedy = "choose inputs inside the domain"
    elif fault.kind == "jagged":
        trouble = f"is too jagged here: its difference quotients settle at no step, {where}"
    else:
        trouble = (
            f"is not differentiable here: left slope {left}, right slope {right}, {where}; "
            f"the derivative says {fault.derivative:.7g}"
        )
    return "; ".join(filter(None, [f"gradcheck: {label} {trouble}", culprit, remedy]))


def blamed(fault: Fault, graphs: Sequence[list[Value]], rtol: float) -> str:
    """Describe the first operation, in order of computation, that has such a fault by itself.

    `graphs` has the outputs of each order, the highest first. Where no rule in that graph is off,
    one in a graph of lower order may be off when differentiated again: then its derivative is not
    in the graph of higher order, or wrong there.
    """
    for order, outputs in enumerate(graphs, 1):
        for output in outputs:
            for node in topological_order(output):
                blamed = _row_fault(node, rtol, order)
                if blamed is not None and blamed.kind == fault.kind:
                    return _described(node, blamed, order)
    return ""


def _row_fault(node: Value, rtol: float, order: int) -> Fault | None:
    """Check one operation of a graph, at its recorded operands, in its derivative of an order."""
    point = [x.data for x in node.operands if isinstance(x, Value)]

    def alone(numbers: Vector) -> Recording:  # the operands that are no constants are its inputs
        leaves = [Value(x) for x in numbers]
        rest = iter(leaves)
        operands = tuple(next(rest) if isinstance(x, Value) else x for x in node.operands)
        return Recording(leaves, [node.op.apply(operands) if node.op else leaves[0]])

    run: Function = alone
    try:
        for _ in range(order - 1):
            run, _labels = slopes_of(run, [], [""] * len(point))
        return first_fault(run, point, rtol, _axes(point))
    except (GradcheckError, ArithmeticError, ValueError):
        return None  # it has no values around these operands


def _described(node: Value, fault: Fault, order: int) -> str:
    name = node.op.name if node.op else ""
    operands = ", ".join(repr(float(x)) for x in node.operands[:6])
    call = f"{name}({operands}{', ...' if len(node.operands) > 6 else ''})"
    if fault.kind in _PLACES:
        return f"{call} {_PLACES[fault.kind]}"
    if node.op is ops.convention_row:
        return "a slope that is a convention, where there is none, has no slope of its own"
    places = [i for i, x in enumerate(node.operands) if isinstance(x, Value)]
    operand = f"operand {places[fault.coordinate or 0]}"
    if fault.kind == "infinite":
        return f"the rule of {name!r} gives {fault.derivative!r} for {operand} in {call}"
    if order == 1:
        return f"the rule of {name!r} is off for {operand}: {fault.numbers}, in {call}"
    return (
        f"the rule of {name!r} is off when differentiated again, for {operand}: {fault.numbers}, "
        f"in {call}; write it with autograd_lite's operations, as nothing is recorded of math, "
        "float() and .data"
    )
