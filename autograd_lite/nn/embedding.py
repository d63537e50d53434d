"""Embedding: a list of trainable numbers for each of some things, by their index."""

from __future__ import annotations

import operator
from typing import Any

from ..errors import DomainError
from ..value import Value
from .initialisers import Initialiser, Seed, generator, initialiser
from .module import Module
from .sizes import check_size, is_sequence


class Embedding(Module):
    """Rows of `size` Values, one for each whole number below `count`.

    They are drawn from the standard normal distribution, or by the initialiser `init` (Bengio et
    al. 2003, section 2: the matrix C).

    Raises DomainError where an index is out of range, TypeError where it is no whole number.

    >>> embedding = Embedding(27, 2, seed=1)
    >>> [x.name for x in embedding(5)]
    ['rows.5.0', 'rows.5.1']
    >>> len(embedding([0, 5, 5]))
    3
    """

    def __init__(
        self, count: int, size: int, *, seed: Seed = None, init: str | Initialiser = "normal"
    ) -> None:
        check_size(count, "rows")
        check_size(size, "numbers a row")
        rng, drawn = generator(seed), initialiser(init)
        self.rows = [[Value(drawn(rng, count, size)) for _ in range(size)] for _ in range(count)]
        self.name_parameters()

    def __call__(self, index: Any) -> list[Any]:
        """Return the row of a whole number, the list of the rows of a sequence of them."""
        if is_sequence(index):
            return [self(each) for each in index]
        try:
            place = operator.index(index)
        except TypeError:
            raise TypeError(f"Embedding expects a whole number, got {index!r}") from None
        if not 0 <= place < len(self.rows):
            raise DomainError(
                f"Embedding has rows 0 to {len(self.rows) - 1}, got {place}; pass an index of "
                f"those, or build it with more rows"
            )
        return list(self.rows[place])

    def __repr__(self) -> str:
        return f"Embedding({len(self.rows)}, {len(self.rows[0])})"
