"""Small data sets to learn from, the same from the same seed.

`seed` is a whole number or a random.Random; None draws from Python's own source, as its functions
do. Classes are whole numbers from 0 on, and samples of several classes come in random order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..._support.validation import Seed, number, random_source, whole
from ...errors import DataError
from .preparation import Dataset

Point = list[float]

BOX = 10.0  # centers of blobs that are not given lie in [-BOX, BOX] along both axes


# --- truth tables -------------------------------------------------------------------------------


def xor() -> Dataset:
    """Return the inputs and targets of exclusive or: 1 where exactly one input is 1.

    >>> inputs, targets = xor()
    >>> inputs[1], targets[1]
    ([0.0, 1.0], 1.0)
    """
    return _truth_table(lambda a, b: a != b)


def logical_and() -> Dataset:
    """Return the inputs and targets of and: 1 where both inputs are 1.

    >>> logical_and().targets
    [0.0, 0.0, 0.0, 1.0]
    """
    return _truth_table(lambda a, b: a == b == 1)


def logical_or() -> Dataset:
    """Return the inputs and targets of or: 1 where one input is 1, or both are.

    >>> logical_or().targets
    [0.0, 1.0, 1.0, 1.0]
    """
    return _truth_table(lambda a, b: a == 1 or b == 1)


def _truth_table(rule: Callable[[float, float], bool]) -> Dataset:
    inputs = [[a, b] for a in (0.0, 1.0) for b in (0.0, 1.0)]
    return Dataset(inputs, [float(rule(a, b)) for a, b in inputs], ("x1", "x2"))


# --- classes of points in the plane -------------------------------------------------------------


def moons(n: int = 100, *, noise: float = 0.1, seed: Seed = None) -> Dataset:
    """Return n points of two interleaving half circles, those of class 0 above.

    Class 0 is a half circle about (0, 0), class 1 one about (1, 0.5) that opens upwards, both of
    radius 1; normal noise of this standard deviation is added (as scikit-learn's make_moons).

    Raises DataError where n is below 2 or the noise is negative or not finite.

    >>> sorted(moons(4, noise=0.0).inputs)[0], sorted(moons(4, noise=0.0).targets)
    ([-1.0, 1.2246467991473532e-16], [0, 0, 1, 1])
    """
    lower, upper = map(_angles, _shares("moons", n, 2))
    above = [[math.cos(angle), math.sin(angle)] for angle in upper]
    below = [[1.0 - math.cos(angle), 0.5 - math.sin(angle)] for angle in lower]
    return _classes_of([above, below], "moons", noise, seed)


def circles(
    n: int = 100, *, noise: float = 0.05, factor: float = 0.5, seed: Seed = None
) -> Dataset:
    """Return n points of two circles about (0, 0): class 0 of radius 1, class 1 of radius `factor`.

    Normal noise of this standard deviation is added (as scikit-learn's make_circles).

    Raises DataError where n is below 2, the noise negative or the factor not in [0, 1).

    >>> data = circles(100, noise=0.0, factor=0.25)
    >>> sorted({round(math.hypot(*point), 9) for point in data.inputs})
    [0.25, 1.0]
    """
    saying = "circles expects a factor from 0 up to, not including, 1"
    number("factor", factor, at_least=0, below=1, error=DataError, saying=saying)
    rings = zip((1.0, factor), reversed(_shares("circles", n, 2)), strict=True)
    points = [[_point(radius, math.tau * i / m) for i in range(m)] for radius, m in rings]
    return _classes_of(points, "circles", noise, seed)


def spirals(
    n: int = 100, *, classes: int = 2, turns: float = 1.0, noise: float = 0.0, seed: Seed = None
) -> Dataset:
    """Return n points of spirals that wind out from (0, 0) to radius 1, one arm for each class.

    The radius grows evenly with the angle, the arms begin at even angles, and normal noise of this
    standard deviation is added. Two classes with three turns is the task of Lang and Witbrock
    (1988).

    Raises DataError where there is no class, n is below their number, the noise is negative or the
    turns are not finite.

    >>> data = spirals(6, classes=3, turns=0.0)
    >>> sorted(data.targets), round(max(math.hypot(*point) for point in data.inputs), 9)
    ([0, 0, 1, 1, 2, 2], 1.0)
    """
    _check_whole("spirals", "classes", classes, 1)
    number("turns", turns, error=DataError, saying="spirals expects a finite number of turns")
    arms = []
    for k, m in enumerate(_shares("spirals", n, classes)):
        radii = [(i + 1) / m for i in range(m)]
        arms.append([_point(r, math.tau * (turns * r + k / classes)) for r in radii])
    return _classes_of(arms, "spirals", noise, seed)


def blobs(
    n: int = 100, *, centers: int | Sequence[Point] = 3, spread: float = 1.0, seed: Seed = None
) -> Dataset:
    """Return n points of normally distributed clouds, one about each center, which is its class.

    `centers` are points of any dimension, or how many to draw in the square from -10 to 10;
    `spread` is the standard deviation along each axis (as scikit-learn's make_blobs).

    Raises DataError where there is no center or they differ in dimension, n is below their number
    or the spread negative.

    >>> data = blobs(5, centers=[[0.0, 1.0], [5.0, 5.0]], spread=0.0)
    >>> sorted(data.inputs)
    [[0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [5.0, 5.0], [5.0, 5.0]]
    """
    rng = random_source(seed)
    if isinstance(centers, int):
        _check_whole("blobs", "centers", centers, 1)
        centers = [[rng.uniform(-BOX, BOX) for _ in range(2)] for _ in range(centers)]
    if not centers or not all(len(center) == len(centers[0]) > 0 for center in centers):
        raise DataError(f"blobs expects centers of one dimension, [[0, 0], [5, 5]], got {centers}")
    shares = zip(_shares("blobs", n, len(centers)), centers, strict=True)
    points = [[list(map(float, center)) for _ in range(m)] for m, center in shares]
    return _classes_of(points, "blobs", spread, rng)


# --- a curve ------------------------------------------------------------------------------------


def sine(n: int = 100, *, noise: float = 0.1, seed: Seed = None) -> Dataset:
    """Return n points of one period of the sine, from -pi to pi in order: a regression.

    Normal noise of this standard deviation is added to the targets.

    Raises DataError where n is below 2 or the noise is negative or not finite.

    >>> data = sine(3, noise=0.0)
    >>> data.inputs[1], data.targets[1]
    ([0.0], 0.0)
    """
    _check_whole("sine", "samples", n, 2)
    jitter = _jitter("sine", noise, random_source(seed))
    xs = [2 * angle - math.pi for angle in _angles(n)]
    return Dataset([[x] for x in xs], [jitter(math.sin(x)) for x in xs], ("x",), "y")


# --- what they share ----------------------------------------------------------------------------


def _angles(n: int) -> list[float]:
    """Return n angles from 0 to pi, both included."""
    return [math.pi * i / max(1, n - 1) for i in range(n)]


def _point(radius: float, angle: float) -> Point:
    return [radius * math.cos(angle), radius * math.sin(angle)]


def _shares(kind: str, n: int, classes: int) -> list[int]:
    """Return how many of n samples each class has; the first ones have what is left over."""
    _check_whole(kind, "samples", n, classes)
    return [n // classes + (k < n % classes) for k in range(classes)]


def _classes_of(points: list[list[Point]], kind: str, noise: float, seed: Any) -> Dataset:
    """Return the points of each class with noise, in random order."""
    rng = random_source(seed)
    jitter = _jitter(kind, noise, rng)
    samples = [([*map(jitter, point)], k) for k, members in enumerate(points) for point in members]
    rng.shuffle(samples)
    inputs, targets = map(list, zip(*samples, strict=True))
    return Dataset(inputs, targets, tuple(f"x{i + 1}" for i in range(len(inputs[0]))))


def _jitter(kind: str, noise: float, rng: Any) -> Callable[[float], float]:
    saying = f"{kind} expects a finite standard deviation of 0 or more"
    number("noise", noise, at_least=0, error=DataError, saying=saying)
    return lambda x: x + rng.gauss(0.0, noise)


def _check_whole(kind: str, what: str, n: Any, least: int) -> None:
    saying = f"{kind} expects a whole number of {what}, {least} or more"
    whole(what, n, at_least=least, error=DataError, saying=saying)
