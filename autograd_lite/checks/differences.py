"""Slopes of a function from its values alone, with an honest estimate of how far to trust them.

Difference quotients at ever smaller steps are extrapolated to step 0: Richardson's idea, organized
and given an error estimate as by Ridders (Advances in Engineering Software 4, 1982; Numerical
Recipes 5.7), with Neville's scheme so that the steps may be any. Large steps err by curvature and
small ones by rounding; nobody knows beforehand where a function varies, so the steps go down over
ten orders of magnitude, and the estimate of least error that no smaller step contradicts is taken.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

Sample = list[float] | None  # the values of a function at a point; None where it has none

_LEVELS, _RATIO = 18, 4.0
_COLUMNS = 5  # how often a quotient is extrapolated
_SAFETY = 10.0  # how much larger than its estimate an error may be
_EPSILON = sys.float_info.epsilon


class Slope(NamedTuple):
    """A slope, how far off it may be, how much of that is rounding, and the smallest step used."""

    value: float
    error: float
    rounding: float
    step: float
    first: float  # the quotient at the largest step

    @property
    def settled(self) -> bool:
        """Whether the quotients approach anything, as far as rounding lets one see."""
        size = max(abs(self.value), abs(self.first))
        return self.error <= 100 * self.rounding + 1e-3 * size

    def agrees_with(self, value: float, rtol: float) -> bool:
        """Tell whether `value` may well be the slope."""
        size = max(abs(self.value), abs(value))
        return abs(self.value - value) <= _SAFETY * self.error + rtol * size


class Quotient(NamedTuple):
    """A difference quotient at one step."""

    step: float
    value: float
    rounding: float


class Line:
    """The values of a function of many outputs at 0 and at +-h on a line, for a row of steps h."""

    def __init__(self, f: Callable[[float], Sample], scales: Sequence[float]) -> None:
        self.here = f(0.0) or []
        self.scale = scales[0]
        self.steps = steps(scales)
        self.above = [f(h) for h in self.steps]
        self.below = [f(-h) for h in self.steps]

    def central(self, i: int, noise: float) -> Slope | None:
        """Estimate the slope of output `i`, whose values are off by up to `noise` by rounding."""
        right = {quotient.step: quotient for quotient in self.quotients(i, 1, noise)}
        pairs = [(a, right[a.step]) for a in self.quotients(i, -1, noise) if a.step in right]
        halves = [Quotient(a.step, a.value / 2 + b.value / 2, max(a[2], b[2])) for a, b in pairs]
        return _extrapolated(halves, 2)

    def one_sided(self, i: int, side: int, noise: float) -> Slope | None:
        """Estimate the slope of output `i` from values above (side 1) or below (-1) alone."""
        return _extrapolated(self.quotients(i, side, noise), 1)

    def quotients(self, i: int, side: int, noise: float) -> list[Quotient]:
        """List the difference quotients of output `i` on one side, where there are values."""
        quotients = []
        for h, there in zip(self.steps, self.above if side > 0 else self.below, strict=True):
            if there is not None:
                slope = side * (there[i] - self.here[i]) / h
                # The point x + h is itself off by up to a rounding of x.
                rounding = (2 * noise + _EPSILON * self.scale * abs(slope)) / h
                quotients.append(Quotient(h, slope, rounding))
        return quotients


def steps(scales: Sequence[float]) -> list[float]:
    """List steps from a quarter of the largest scale down, each well below the one before."""
    sizes: list[float] = []
    for scale in scales:
        power_of_two = 2.0 ** (math.frexp(scale)[1] - 3)
        ladder = [power_of_two / _RATIO**k for k in range(_LEVELS)]
        sizes += [h for h in ladder if h > 0 and (not sizes or h <= sizes[-1] / _RATIO)]
    return sizes


def differ(left: Slope, right: Slope) -> bool:
    """Tell whether the two slopes are certainly two."""
    gap = abs(left.value - right.value)
    size = max(abs(left.value), abs(right.value))
    return gap > _SAFETY * (left.error + right.error) + 1e-4 * size


def _extrapolated(quotients: list[Quotient], power: int) -> Slope | None:
    """Extrapolate quotients whose error is a series in step**power to step 0."""
    estimates: list[Slope] = []
    before: list[float] = []
    for k, (h, quotient, rounding) in enumerate(quotients):
        row = [quotient]
        best = Slope(quotient, math.inf, rounding, h, first=quotients[0].value)
        for j in range(1, min(k, _COLUMNS) + 1):
            ratio = min(quotients[k - j].step / h, 1e100) ** power
            row.append(row[j - 1] + (row[j - 1] - before[j - 1]) / (ratio - 1))
            error = max(abs(row[j] - row[j - 1]), abs(row[j] - before[j - 1])) + rounding
            if error < best.error:  # never where it is nan
                best = best._replace(value=row[j], error=error)
        estimates.append(best)
        before = row
    # Two large steps may agree on a slope that a narrow peak between them has not: an estimate is
    # trusted where none from smaller steps contradicts it.
    trusted: list[Slope] = []
    for slope in reversed(estimates):
        if all(
            abs(slope.value - finer.value) <= _SAFETY * (slope.error + finer.error)
            for finer in trusted
        ):
            trusted.append(slope)
    return min(trusted, key=lambda slope: slope.error, default=None)
