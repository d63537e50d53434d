"""Dropout: some of the numbers left out, at random, while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import DomainError
from ..value import Value
from .initialisers import Seed, generator
from .module import Module


class Dropout(Module):
    """Set each number to 0 with probability `p` while training, and divide the rest by 1 - p.

    So the expected output is the input, which is what comes out after `eval()` (Srivastava et al.
    2014, section 10, "inverted" dropout). `seed` is a whole number, a random.Random to draw from,
    or None for the random module's own state.

    Raises DomainError where `p` is not a probability.

    >>> dropout = Dropout(0.5, seed=1)
    >>> [x.data for x in dropout([Value(1.0), Value(2.0), Value(3.0)])]
    [0.0, 4.0, 6.0]
    >>> [x.data for x in dropout.eval()([Value(1.0), Value(2.0), Value(3.0)])]
    [1.0, 2.0, 3.0]
    """

    def __init__(self, p: float = 0.5, *, seed: Seed = None) -> None:
        if not 0 <= p <= 1:
            raise DomainError(f"Dropout expects a probability from 0 to 1, got {p!r}")
        self.p = p
        self._rng = None if seed is None else generator(seed)

    def __call__(self, inputs: Sequence[Value | float] | Value) -> Any:
        """Return as many numbers; a Value for a Value alone."""
        if not self.training or self.p == 0:
            return inputs if isinstance(inputs, Value) else list(inputs)
        return self._kept(inputs) if isinstance(inputs, Value) else [*map(self._kept, inputs)]

    def _kept(self, x: Value | float) -> Value | float:
        rng = generator(None) if self._rng is None else self._rng  # no module: they do not pickle
        return x / (1 - self.p) if rng.uniform(0, 1) >= self.p else Value(0.0)

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"
