"""Standardization: columns brought to mean 0 and standard deviation 1, and outputs back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, overload

from ..._support.validation import check_length, check_size, is_sequence
from ..._support.wording import count
from ...errors import DataError
from ...nn import Module
from ...value import Value
from .preparation import Data, Dataset, as_dataset


class Standardizer(Module):
    """Shifts and scales the columns of a row: (x - mean) / standard deviation.

    Build it `of` the data to train on, and make it the first step of the model: then it is saved
    and loaded with the model, as numbers that are not trained. It takes a row, or a whole Dataset.
    A column that does not vary, of deviation 0, is only shifted. `Standardizer(4)` is one of 4
    columns that changes nothing, to load another's numbers into.

    Raises ShapeError where a row is not as long as those it was made of, DataError for means or
    deviations that are not finite.

    >>> standardizer = Standardizer.of([[1.0, 5.0], [3.0, 5.0]])
    >>> standardizer([3.0, 6.0])
    [1.0, 1.0]
    >>> standardizer.inverse([1.0, 1.0])
    [3.0, 6.0]
    """

    _frozen = _constant = True

    def __init__(self, means: Sequence[float] | int, deviations: Sequence[float] = ()) -> None:
        if isinstance(means, int):
            check_size(means, "columns")
            deviations = [1.0] * means
            means = [0.0] * means
        _check_moments(means, deviations)
        self.means = [Value(float(mean)) for mean in means]
        self.deviations = [Value(float(deviation)) for deviation in deviations]
        self.name_parameters()

    @classmethod
    def of(cls, data: Any) -> Standardizer:
        """Return the one that brings data to mean 0 and standard deviation 1.

        The data are a Dataset, of which the inputs count, a DataFrame or rows. Raises DataError
        where there is no row or a number is not finite, ShapeError where the rows differ in length.
        """
        rows = list((data if isinstance(data, Dataset) else Dataset(data, ())).inputs)
        for row in rows:
            if not is_sequence(row):
                raise TypeError(f"Standardizer.of expects rows, lists of numbers, got {row!r:.60}")
            check_length(row, len(rows[0]), "Standardizer", "{0} means, {0} deviations")
        if not rows:
            raise DataError("Standardizer.of expects one row at least, got none")
        means, deviations = zip(*map(_moments, zip(*rows, strict=True)), strict=True)
        return cls(means, deviations)

    @overload
    def __call__(self, row: Dataset) -> Dataset: ...
    @overload
    def __call__(self, row: Any) -> list[Any]: ...
    def __call__(self, row: Any) -> list[Any] | Dataset:
        """Return the row, or the inputs of a Dataset, with mean 0 and standard deviation 1.

        A DataFrame or an array of rows becomes a list of rows.
        """
        if isinstance(row, Dataset):
            return replace(row, inputs=[self(each) for each in row.inputs])
        if len(getattr(row, "shape", ())) == 2:
            return list(self(Dataset(row, ())).inputs)
        return [(x - mean) / scale for x, mean, scale in self._columns(row)]

    def inverse(self, row: Sequence[Any]) -> list[Any]:
        """Return a row on the first scale."""
        return [x * scale + mean for x, mean, scale in self._columns(row)]

    def _columns(self, row: Sequence[Any]) -> Iterator[tuple[Any, float, float]]:
        if not isinstance(row, list) or len(row) != len(self.means):  # mostly it fits
            check_length(row, len(self.means), "Standardizer", "{0} means, {0} deviations")
        for x, mean, deviation in zip(row, self.means, self.deviations, strict=True):
            yield x, mean.data, deviation.data or 1.0

    def __repr__(self) -> str:
        return f"Standardizer({count(len(self.means), 'column')})"


class Rescaler(Module):
    """Brings a model's output to the scale of its targets: output * deviation + mean.

    Build it `of` the data to train on, and make it the last step of a model that predicts a number:
    the network then learns numbers near 1, whatever the targets are. Adaptive optimizers such as
    Adam do not mind the scale of the loss; plain SGD needs a rate that is smaller by its square.
    `Rescaler()` changes nothing; another's numbers can be loaded into it.

    >>> rescaler = Rescaler.of(Dataset([[1.0], [2.0]], [1000.0, 3000.0]))
    >>> rescaler(0.5)
    2500.0
    """

    _frozen = _constant = True

    def __init__(self, mean: float = 0.0, deviation: float = 1.0) -> None:
        _check_moments([mean], [deviation])
        self.mean, self.deviation = Value(float(mean)), Value(float(deviation))
        self.name_parameters()

    @classmethod
    def of(cls, data: Data) -> Rescaler:
        """Return the one for the targets of data; raise as `as_dataset` and `Standardizer` do."""
        return cls(*_moments(as_dataset(data).targets))

    @property
    def scale(self) -> float:
        """What an output is multiplied by: the deviation of the targets, 1 where they are equal."""
        return self.deviation.data or 1.0

    def __call__(self, output: Any) -> Any:
        """Return the output, or each number of a list, on the scale of the targets."""
        if is_sequence(output):
            return [self(each) for each in output]
        return output * self.scale + self.mean.data

    def __repr__(self) -> str:
        return "Rescaler()"


def standardize(data: Data) -> Dataset:
    """Return the data with each column of its inputs at mean 0 and standard deviation 1.

    Use a `Standardizer` of the data to train on where there are other data as well.

    Raises what `as_dataset` and `Standardizer` do.

    >>> standardize(([[1.0], [3.0]], [0, 1])).inputs
    [[-1.0], [1.0]]
    """
    data = as_dataset(data)
    return Standardizer.of(data)(data)


standardise = standardize  # as it was spelled before


def _moments(column: Sequence[float]) -> tuple[float, float]:
    """Return the mean and the (population) standard deviation of a column.

    One pass, without the cancellation of a mean of squares less a squared mean (Welford 1962). The
    deviation is inf or nan where squares over- or underflow.
    """
    mean = squares = 0.0  # squares: the squared distances from the mean, summed
    for n, x in enumerate(map(float, column), 1):
        before = x - mean
        mean += before / n
        squares += before * (x - mean)
    # The sum is negative or nan where a difference of two numbers overflowed.
    variance = squares / len(column) if squares >= 0 else math.inf
    lost = variance == 0 and any(x != column[0] for x in column)
    return mean, math.nan if lost else math.sqrt(variance)


def _check_moments(means: Sequence[float], deviations: Sequence[float]) -> None:
    if len(means) != len(deviations):
        got = f"{len(means)} means and {len(deviations)} deviations"
        raise DataError(f"Standardizer expects a deviation for each mean, got {got}")
    for i, (mean, deviation) in enumerate(zip(means, deviations, strict=True)):
        if not (math.isfinite(mean) and 0 <= deviation < math.inf):
            got = f"column {i} has mean {mean} and standard deviation {deviation}"
            expected = "expected finite numbers, the deviation 0 or more"
            raise DataError(f"{got}, {expected}; scale the column to numbers near 1 first")
