"""Where batches come from, epoch after epoch: a data set in memory, or a file that streams."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Protocol

from .data import CsvStream, Dataset
from .data.preparation import as_dataset, batches, split


class Source(Protocol):
    """Gives batches, any number of times."""

    @property
    def targets(self) -> Sequence[Any]:
        """Targets, the least of all among them."""

    def __len__(self) -> int:
        """Return how many batches there are in an epoch."""

    def epoch(self, rng: random.Random | None = None) -> Iterable[Dataset]:
        """Return the batches of one epoch, in an order drawn from `rng` where that can be."""


@dataclass(frozen=True)
class InMemory:
    """Batches of a data set; all of it at once where no size is given.

    >>> source = InMemory(Dataset([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0]), 2)
    >>> [batch.targets for batch in source.epoch()]
    [[1.0, 2.0], [3.0]]
    """

    data: Dataset
    size: int | None

    @property
    def targets(self) -> Sequence[Any]:
        """All targets."""
        return self.data.targets

    def __len__(self) -> int:
        return 1 if self.size is None else math.ceil(len(self.data.targets) / self.size)

    def epoch(self, rng: random.Random | None = None) -> Iterable[Dataset]:
        """Return the batches, in an order drawn from `rng` or else the data's own."""
        return [self.data] if self.size is None else batches(self.data, self.size, seed=rng)


@dataclass(frozen=True)
class Streamed:
    """Batches as a file has them, in its order."""

    stream: CsvStream

    @property
    def targets(self) -> Sequence[Any]:
        """The least of all targets."""
        return [self.stream.least]

    def __len__(self) -> int:
        return len(self.stream)

    def epoch(self, rng: random.Random | None = None) -> Iterable[Dataset]:
        """Return the batches; a stream cannot be shuffled, so `rng` does not matter."""
        return iter(self.stream)


def source_of(data: Any, batch_size: int | None) -> Source:
    """Return the source of batches that data is.

    Raises DataError or TypeError where it is none, ValueError where the size is out of range.

    >>> len(source_of(([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0]), batch_size=2))
    2
    """
    if isinstance(data, CsvStream):
        if batch_size not in (None, data.batch_size):
            raise ValueError(
                f"the stream has batches of {data.batch_size}, got batch_size {batch_size!r}; "
                "leave it out here"
            )
        return Streamed(data)
    if batch_size is not None:
        check_whole("batch_size", batch_size)
        batch_size = int(batch_size)  # NumPy's whole numbers are not JSON's
    return InMemory(as_dataset(data), batch_size)


def parted(
    data: Any, validation: Any, batch_size: int | None, rng: random.Random
) -> tuple[Source, Source | None]:
    """Return the sources to train on and to validate on; `validation` may be a fraction of `data`.

    Raises as `source_of` and `split` do.

    >>> train, validation = parted(([[1.0]] * 4, [1.0] * 4), 0.25, None, random.Random(0))
    >>> [len(batch.targets) for batch in [*train.epoch(), *validation.epoch()]]
    [3, 1]
    """
    if validation is None:
        return source_of(data, batch_size), None
    if isinstance(validation, Integral):
        raise TypeError(
            f"validation is data, or a fraction such as 0.2 to hold out, got {validation!r}"
        )
    if not isinstance(validation, Real):
        size = None if isinstance(validation, CsvStream) else batch_size
        return source_of(data, batch_size), source_of(validation, size)
    if isinstance(data, CsvStream):
        raise TypeError(
            "a stream cannot be split; pass data of its own as validation, or load the file whole"
        )
    train, held_out = split(as_dataset(data), float(validation), seed=rng)
    return source_of(train, batch_size), source_of(held_out, batch_size)


def check_whole(name: str, number: Any) -> None:
    """Raise ValueError where a number is not a whole one of 1 or more.

    >>> check_whole("epochs", 0)
    Traceback (most recent call last):
    ValueError: epochs is a whole number, 1 or more, got 0
    """
    if not isinstance(number, Integral) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{name} is a whole number, 1 or more, got {number!r:.60}")
