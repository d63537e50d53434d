"""Initializers: how the first weights are drawn. Each is a function of (rng, fan_in, fan_out).

`fan_in` is the number of weights that one sum takes, `fan_out` the number of sums that one input
goes into. A function of one's own with these arguments is an initializer as well.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from .._support.validation import named

Initializer = Callable[[random.Random, int, int], float]


@dataclass(frozen=True)
class Uniform:
    """Draw uniformly from [low, high].

    Raises ValueError where low > high or one is not finite.

    >>> -1 <= Uniform()(random.Random(0), 1, 1) <= 1
    True
    """

    low: float = -1.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not -math.inf < self.low <= self.high < math.inf:
            raise ValueError(f"Uniform expects low <= high, both finite, got {self!r}")

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        """Draw one weight."""
        return rng.uniform(self.low, self.high)


@dataclass(frozen=True)
class Normal:
    """Draw from the normal distribution of this mean and standard deviation.

    Raises ValueError where `std` is negative or one is not finite.

    >>> Normal(3.0, std=0.0)(random.Random(0), 1, 1)
    3.0
    """

    mean: float = 0.0
    std: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and 0 <= self.std < math.inf):
            raise ValueError(f"Normal expects a finite mean and std >= 0, got {self!r}")

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        """Draw one weight."""
        return rng.gauss(self.mean, self.std)


@dataclass(frozen=True)
class Constant:
    """Give every weight one number.

    >>> Constant(0.5)(random.Random(0), 1, 1)
    0.5
    """

    value: float = 0.0

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        """Return the number."""
        return self.value


@dataclass(frozen=True)
class Xavier:
    """Keep the variance from layer to layer: gain**2 * 2 / (fan_in + fan_out) for each weight.

    Uniform, or normal where `normal` is true (Glorot and Bengio 2010, equation 16).

    >>> abs(Xavier()(random.Random(0), 4, 2)) <= 1  # sqrt(6 / (4 + 2))
    True
    """

    gain: float = 1.0
    normal: bool = False

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        """Draw one weight."""
        return _drawn(rng, self.gain * math.sqrt(2 / (fan_in + fan_out)), self.normal)


@dataclass(frozen=True)
class Kaiming:
    """Keep the variance through relu layers: gain**2 / fan_in for each weight, gain sqrt(2).

    Normal, or uniform where `normal` is false (He et al. 2015, equation 10).

    >>> abs(Kaiming(normal=False)(random.Random(0), 6, 2)) <= 1  # sqrt(3) * sqrt(2 / 6)
    True
    """

    gain: float = math.sqrt(2)
    normal: bool = True

    def __call__(self, rng: random.Random, fan_in: int, fan_out: int) -> float:
        """Draw one weight."""
        return _drawn(rng, self.gain / math.sqrt(fan_in), self.normal)


def _drawn(rng: random.Random, std: float, normal: bool) -> float:
    if normal:
        return rng.gauss(0.0, std)
    bound = math.sqrt(3) * std  # where a uniform distribution has this standard deviation
    return rng.uniform(-bound, bound)


NAMED: dict[str, Initializer] = {
    "uniform": Uniform(), "normal": Normal(),
    "constant": Constant(), "zeros": Constant(0.0), "ones": Constant(1.0),
    "xavier": Xavier(), "xavier_uniform": Xavier(), "xavier_normal": Xavier(normal=True),
    "kaiming": Kaiming(), "kaiming_uniform": Kaiming(normal=False), "kaiming_normal": Kaiming(),
}  # fmt: skip


def initializer(init: str | Initializer) -> Initializer:
    """Return the initializer of a name, or the one given.

    Raises ValueError where none has that name, TypeError for what is no function.

    >>> initializer("normal")
    Normal(mean=0.0, std=1.0)
    """
    if isinstance(init, str):
        return named("initialiser", init, NAMED)
    if not callable(init) or isinstance(init, type):
        raise TypeError(f"an initialiser is a name or a function, such as Normal(), got {init!r}")
    return init
