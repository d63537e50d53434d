"""Standardisation: columns brought to mean 0 and standard deviation 1."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

from ...errors import DataError
from ...nn.sizes import check_length, is_sequence
from .dataset import Dataset
from .preparation import Data, as_dataset

COLUMNS = "{0} means, {0} deviations"


class Moments:
    """The mean and the (population) standard deviation of each column of the rows added so far.

    One pass, without the cancellation of a mean of squares less a squared mean (Welford 1962).

    >>> moments = Moments(2)
    >>> moments.add([1.0, 5.0])
    >>> moments.add([3.0, 5.0])
    >>> moments.means, moments.deviations
    ([2.0, 5.0], [1.0, 0.0])
    """

    def __init__(self, width: int) -> None:
        self.count = 0
        self.means = [0.0] * width
        self._squares = [0.0] * width  # the squared distances from the mean, summed

    def add(self, row: Sequence[float]) -> None:
        """Take in a row that has a number for each column."""
        self.count += 1
        for i, x in enumerate(row):
            before = x - self.means[i]
            self.means[i] += before / self.count
            self._squares[i] += before * (x - self.means[i])

    @property
    def deviations(self) -> list[float]:
        """The standard deviation of each column; inf where the numbers' squares overflow."""
        # The sums are negative or nan where a difference of two numbers overflowed.
        variances = (x / self.count if x >= 0 else math.inf for x in self._squares)
        return list(map(math.sqrt, variances))


@dataclass(frozen=True)
class Standardizer:
    """Shifts and scales the columns of a row: (x - mean) / standard deviation.

    A column that does not vary, of deviation 0, is only shifted. Build it `of` the rows to train
    on, and call it with rows to train on, to test on and to predict from alike.

    Raises ShapeError where a row is not as long as those it was made of, DataError for means or
    deviations that are not finite.

    >>> standardizer = Standardizer.of([[1.0, 5.0], [3.0, 5.0]])
    >>> standardizer([3.0, 6.0])
    [1.0, 1.0]
    >>> standardizer.inverse([1.0, 1.0])
    [3.0, 6.0]
    """

    means: Sequence[float]
    deviations: Sequence[float]

    def __post_init__(self) -> None:
        means, deviations = (tuple(map(float, x)) for x in (self.means, self.deviations))
        if len(means) != len(deviations):
            raise DataError(
                f"Standardizer expects a deviation for each mean, got {len(means)} means and "
                f"{len(deviations)} deviations"
            )
        for i, (mean, deviation) in enumerate(zip(means, deviations, strict=True)):
            if not (math.isfinite(mean) and 0 <= deviation < math.inf):
                raise DataError(
                    f"column {i} has mean {mean} and standard deviation {deviation}, expected "
                    "finite numbers, the deviation 0 or more; scale the column down first"
                )
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "deviations", deviations)

    @classmethod
    def of(cls, rows: Iterable[Sequence[float]] | Dataset) -> Standardizer:
        """Return the one that brings these rows to mean 0 and standard deviation 1, in one pass.

        Of a Dataset the rows are the inputs.

        Raises DataError where there is no row or a number is not finite, ShapeError where the rows
        differ in length.
        """
        moments: Moments | None = None
        rows = rows.inputs if isinstance(rows, Dataset) else rows
        for row in rows:
            if not is_sequence(row):
                raise TypeError(f"Standardizer.of expects rows, lists of numbers, got {row!r:.60}")
            moments = moments or Moments(len(row))
            check_length(row, len(moments.means), "Standardizer", COLUMNS)
            moments.add(row)
        if moments is None:
            raise DataError("Standardizer.of expects one row at least, got none")
        return cls(moments.means, moments.deviations)

    @overload
    def __call__(self, row: Dataset) -> Dataset: ...
    @overload
    def __call__(self, row: Sequence[Any]) -> list[Any]: ...
    def __call__(self, row: Sequence[Any] | Dataset) -> list[Any] | Dataset:
        """Return the row, or the inputs of a Dataset, with mean 0 and standard deviation 1."""
        if isinstance(row, Dataset):
            return replace(row, inputs=[self(each) for each in row.inputs])
        return [(x - mean) / scale for x, mean, scale in self._columns(row)]

    def inverse(self, row: Sequence[Any]) -> list[Any]:
        """Return a row on the first scale."""
        return [x * scale + mean for x, mean, scale in self._columns(row)]

    def _columns(self, row: Sequence[Any]) -> Iterator[tuple[Any, float, float]]:
        check_length(row, len(self.means), "Standardizer", COLUMNS)
        scales = (deviation or 1.0 for deviation in self.deviations)
        return zip(row, self.means, scales, strict=True)


def standardise(data: Data) -> Dataset:
    """Return the data with each column of its inputs at mean 0 and standard deviation 1.

    Use a `Standardizer` of the data to train on where there are other data as well.

    Raises what `as_dataset` and `Standardizer` do.

    >>> standardise(([[1.0], [3.0]], [0, 1])).inputs
    [[-1.0], [1.0]]
    """
    data = as_dataset(data)
    return Standardizer.of(data)(data)
