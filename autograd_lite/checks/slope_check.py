"""The derivatives of a recorded function, held against slopes measured from its values."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .. import ops
from ..backprop import cotangents
from ..errors import GradcheckError, ShapeError
from ..transforms.functional import gradients
from ..value import Value, recorded
from .complex_step import STEP, tangents
from .differences import Line, Slope, differ

_MANY = 12  # more inputs than this are checked in random directions only
_FEW_DIRECTIONS, _MANY_DIRECTIONS = 3, 8
_ROUNDING = 4 * sys.float_info.epsilon  # how far off an operation's own result may be
_COMPLEX_RTOL = 1e-9
_LOST = sys.float_info.min / STEP  # the size of slopes that are lost in a complex step

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
    slope: Slope | None = None
    sides: tuple[float, float] = (math.nan, math.nan)
    method: str = "central differences"

    @property
    def coordinate(self) -> int | None:
        """The one input that moves, if it is one."""
        moving = [j for j, u in enumerate(self.direction) if u]
        return moving[0] if len(moving) == 1 else None

    @property
    def numbers(self) -> str:
        """Both slopes and the step between them."""
        if self.slope is None:
            return f"{self.derivative:.10g} by the derivative"
        return (
            f"{self.derivative:.10g} by the derivative and {self.slope.value:.10g} by "
            f"{self.method} (step {self.slope.step:.1e})"
        )


class SlopeCheck:
    """The derivatives of a function at a point, each held against what its values say."""

    def __init__(
        self, run: Function, point: Vector, rtol: float, directions: list[Vector] | None = None
    ) -> None:
        self.run, self.point, self.rtol = run, list(point), rtol
        self.directions = _directions(self.point) if directions is None else directions
        self.recording = run(self.point)

    def fault(self) -> Fault | None:
        """Find the first fault; one in a random direction is traced to an input if it can be."""
        leaves, outputs = self.recording
        found = [cotangents(y, 1.0) for y in outputs]
        for direction in self.directions:
            line = self._line(direction)
            for i, (y, cotangent) in enumerate(zip(outputs, found, strict=True)):
                grads = [cotangent.get(x, 0.0) for x in leaves]
                derivative = _along(direction, grads)
                fault = _compared(line, i, direction, derivative, _noise(y, cotangent), self.rtol)
                fault = fault or self._complex_fault(i, direction, derivative, cotangent)
                if fault is not None:
                    return fault if fault.coordinate is not None else self._by_input() or fault
        return None

    def _by_input(self) -> Fault | None:
        each = axes(self.point)
        if self.directions[: len(each)] == each:
            return None  # all of them were fine
        return SlopeCheck(self.run, self.point, self.rtol, each).fault()

    def _line(self, direction: Vector) -> Line:
        error: Exception | None = None

        def at(t: float) -> list[float] | None:
            nonlocal error
            numbers = [x + t * u for x, u in zip(self.point, direction, strict=True)]
            try:
                data = [y.data for y in self.run(numbers).outputs]
            except (ArithmeticError, ValueError) as raised:
                if isinstance(raised, ShapeError):
                    raise
                error = raised
                return None
            return data if all(map(math.isfinite, data)) else None

        scales = [1.0]
        moving = [abs(x) for x, u in zip(self.point, direction, strict=True) if u]
        if len(moving) == 1:
            scales = [max(1.0, moving[0])] + [x for x in moving if 0 < x < 0.01]
        line = Line(at, scales)
        if all(sample is None for sample in line.above + line.below):
            raise GradcheckError(
                "gradcheck: f has no value next to its inputs, however small the step"
                f"{f' ({error})' if error else ''}; choose inputs inside its domain"
            ) from error
        return line

    def _complex_fault(
        self, i: int, direction: Vector, derivative: float, cotangent: Mapping[Value, float]
    ) -> Fault | None:
        leaves, outputs = self.recording
        found = tangents(outputs[i], dict(zip(leaves, direction, strict=True)))
        if found is None:
            return None
        slope = found.get(outputs[i], 0.0)
        size = sum(abs(cotangent.get(x, 0.0) * t) for x, t in found.items())
        if not math.isfinite(size) or abs(slope - derivative) <= _COMPLEX_RTOL * size + _LOST:
            return None
        measured = Slope(slope, 0.0, 0.0, STEP, slope)
        return Fault("wrong", i, direction, derivative, measured, method="a complex step")


def _along(direction: Vector, grads: Vector) -> float:
    return sum((u * g for u, g in zip(direction, grads, strict=True) if u), 0.0)


def _compared(
    line: Line, i: int, direction: Vector, derivative: float, noise: float, rtol: float
) -> Fault | None:
    """Hold a derivative against the differences of output `i` along a line."""
    left, right = (line.one_sided(i, side, noise) for side in (-1, 1))
    central = line.central(i, noise)
    fault = Fault("wrong", i, direction, derivative, central, _sides(line, i, left, right))
    if not math.isfinite(derivative):
        return fault._replace(kind="infinite")
    if central is None or left is None or right is None:
        return fault._replace(kind="edge")
    if differ(left, right):
        return fault._replace(kind="kink")
    if not central.settled:
        below, above = fault.sides
        apart = abs(below - above) > 1e-4 * max(abs(below), abs(above))
        return fault._replace(kind="kink" if apart else "jagged")
    return None if central.agrees_with(derivative, rtol) else fault


def _sides(line: Line, i: int, left: Slope | None, right: Slope | None) -> tuple[float, float]:
    """Return the slopes on both sides; where they do not settle, those at the smallest step."""
    found = [math.nan, math.nan]
    for place, (side, slope) in enumerate(((-1, left), (1, right))):
        if slope is not None:
            settled = slope.settled
            found[place] = slope.value if settled else line.quotients(i, side, 0.0)[-1].value
    return found[0], found[1]


def _noise(y: Value, cotangent: Mapping[Value, float]) -> float:
    """Bound how far rounding moves `y`: each node's own rounding, times its influence on `y`."""
    terms = [abs(c * x.data) for x, c in cotangent.items()]
    return _ROUNDING * sum(term for term in [abs(y.data), *terms] if math.isfinite(term))


def _directions(point: Vector) -> list[Vector]:
    scales = [abs(x) or 1.0 for x in point]
    if len(point) > _MANY:
        return _random_vectors(scales, _MANY_DIRECTIONS)
    return axes(point) + (_random_vectors(scales, _FEW_DIRECTIONS) if len(point) > 1 else [])


def axes(point: Vector) -> list[Vector]:
    """List the directions in which one input moves."""
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
        found: list[Value] = []
        for y in outputs:
            grads = gradients(y, leaves, create_graph=True)
            found += grads if weights is None else [recorded(ops.dot(grads, w)) for w in weights]
        return Recording(leaves, found)

    along = names if weights is None else [f"direction {k + 1}" for k in range(len(weights))]
    return slopes, [slope_label(label, name) for label in labels for name in along]


def slope_label(label: str, name: str) -> str:
    """Write the slope of what is called `label` for the input called `name`."""
    return f"d {label}/d {name}" if not label.startswith("d ") else f"d({label})/d {name}"
