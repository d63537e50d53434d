"""What to say of a derivative that is off: with which input, and by which operation's fault."""

from __future__ import annotations

import math

from ..backprop import topological_order
from ..errors import GradcheckError
from ..ops import convention_row
from ..value import Value
from .slope_check import (
    Fault,
    Function,
    Recording,
    SlopeCheck,
    Vector,
    axes,
    slope_label,
    slopes_of,
)


def report(
    fault: Fault, check: SlopeCheck, lower: list[list[Value]], labels: list[str], names: list[str]
) -> str:
    """Say what is wrong, with which input, by which operation, and what to do about it."""
    label, j = labels[fault.output], fault.coordinate
    where = "along a random direction" if j is None else f"for {names[j]} = {check.point[j]!r}"
    blame = _row_to_blame(fault, check, lower)
    if fault.kind == "wrong":
        slope = f"the slope of {label} {where}" if j is None else slope_label(label, names[j])
        return f"gradcheck: {slope} is {fault.numbers}; {blame or _NO_ROW}"
    text, remedy = f"{label} {_trouble(fault)}, {where}", "choose inputs away from it"
    if fault.kind == "edge":
        remedy = "choose inputs inside the domain"
    elif fault.kind != "jagged":
        text += f"; the derivative says {fault.derivative:.7g}"
    return f"gradcheck: {text}; {f'{blame}; ' if blame else ''}{remedy}"


def _trouble(fault: Fault) -> str:
    left, right = fault.sides
    if fault.kind == "edge":
        return f"has no value just {'below' if math.isnan(left) else 'above'} this point"
    if fault.kind == "jagged":
        return "is too jagged here: its difference quotients settle at no step"
    return f"is not differentiable here: left slope {_shown(left)}, right slope {_shown(right)}"


def _shown(slope: float) -> str:
    return "none (no value there)" if math.isnan(slope) else f"{slope:.7g}"


_NO_ROW = (
    "no operation's rule is off by itself, so the graph misses a part of f, one that float(), "
    "math, .data, detach() or no_grad() keeps out of it; use autograd_lite's operations there"
)


def _row_to_blame(fault: Fault, check: SlopeCheck, lower: list[list[Value]]) -> str:
    """Describe the first operation, in order of computation, that has such a fault by itself.

    Where no rule in the graph is off, one in a graph of lower order may be off when differentiated
    again: then its derivative is not in the graph of higher order, or wrong there.
    """
    graphs = [[check.recording.outputs[fault.output]], *reversed(lower)]
    for order, outputs in enumerate(graphs, 1):
        for output in outputs:
            for node in topological_order(output):
                found = _row_fault(node, check.rtol, order)
                if found is not None and found.kind == fault.kind:
                    return _blamed(node, found, order)
    return ""


def _row_fault(node: Value, rtol: float, order: int) -> Fault | None:
    """Check one operation of a graph, at its recorded operands, in its derivative of an order."""
    point = [x.data for x in node.operands if isinstance(x, Value)]
    run, labels, names = _row(node), [""], [""] * len(point)
    try:
        for _ in range(order - 1):
            run, labels = slopes_of(run, labels, names)
        return SlopeCheck(run, point, rtol, axes(point)).fault()
    except (GradcheckError, ArithmeticError, ValueError):
        return None  # it has no values around these operands


def _row(node: Value) -> Function:
    """Return one operation of a graph as a function of its operands that are not constants."""
    operands, operation = node.operands, node.op

    def run(numbers: Vector) -> Recording:
        leaves = [Value(x) for x in numbers]
        rest = iter(leaves)
        filled = tuple(next(rest) if isinstance(x, Value) else x for x in operands)
        result = operation.apply(filled) if operation else leaves[0]
        return Recording(leaves, [result])

    return run


def _blamed(node: Value, fault: Fault, order: int) -> str:
    name = node.op.name if node.op else ""
    operands = ", ".join(repr(float(x)) for x in node.operands[:6])
    call = f"{name}({operands}{', ...' if len(node.operands) > 6 else ''})"
    if fault.kind == "kink":
        return f"{call} is at its kink"
    if fault.kind == "edge":
        return f"{call} is at the edge of its domain"
    if fault.kind == "jagged":
        return f"{call} jumps nearby"
    places = [i for i, x in enumerate(node.operands) if isinstance(x, Value)]
    operand = f"operand {places[fault.coordinate or 0]}"
    if node.op is convention_row:
        return "a slope that is a convention, where there is none, has no slope of its own"
    if fault.kind == "infinite":
        return f"the rule of {name!r} gives {fault.derivative!r} for {operand} in {call}"
    if order == 1:
        return f"the rule of {name!r} is off for {operand}: {fault.numbers}, in {call}"
    return (
        f"the rule of {name!r} is off when differentiated again, for {operand}: {fault.numbers}, "
        f"in {call}; write it with autograd_lite's operations, as nothing is recorded of math, "
        "float() and .data"
    )
