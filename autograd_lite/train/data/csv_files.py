"""Data from a CSV file: the whole of it, or batch by batch where it does not fit in memory."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any, overload

from ..._support.remedies import helpful
from ..._support.wording import count
from ...nn.given import check_size
from .csv_cells import sorted_labels
from .csv_columns import Column
from .csv_rows import CsvFile
from .csv_samples import Classes, Samples
from .csv_table import Table
from .dataset import Dataset
from .standardizer import Moments

Path = str | os.PathLike[str]


@overload
def load_csv(
    path: Path,
    target: Column,
    *,
    features: Sequence[Column] | None = ...,
    exclude: Sequence[Column] | None = ...,
    classes: Classes = ...,
    batch_size: None = ...,
    delimiter: str = ...,
    encoding: str = ...,
    header: bool = ...,
) -> Dataset: ...


@overload
def load_csv(
    path: Path,
    target: Column,
    *,
    features: Sequence[Column] | None = ...,
    exclude: Sequence[Column] | None = ...,
    classes: Classes = ...,
    batch_size: int,
    delimiter: str = ...,
    encoding: str = ...,
    header: bool = ...,
) -> CsvStream: ...


@helpful
def load_csv(
    path: Path,
    target: Column,
    *,
    features: Sequence[Column] | None = None,
    exclude: Sequence[Column] | None = None,
    classes: Classes = None,
    batch_size: int | None = None,
    delimiter: str = ",",
    encoding: str = "utf-8",
    header: bool = True,
) -> Dataset | CsvStream:
    r"""Return the samples of a CSV file, or with a `batch_size` the stream of its batches.

    `target` and `features` (by default all other columns, in their order) are names of columns, or
    positions: 0 is the first, -1 the last. Or name the columns to `exclude` from the features. A
    file without a `header` has columns x1, x2 ...

    Where the first target is a number all are; else they are labels, and the targets their indices
    among the sorted labels. With `classes=True` numbers are labels too; with a list of labels these
    are the classes, in this order; with `classes=False` every target is a number.

    Raises DataError, naming the line and the column, for whatever is missing, malformed, no number
    or not finite; OSError where the file cannot be read.

    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "pets.csv")
    >>> _ = path.write_text("weight,legs,kind\n4.5,4,dog\n0.5,2,bird\n")
    >>> data = load_csv(path, "kind")
    >>> data
    Dataset(2 samples of weight, legs; kind is bird or dog)
    >>> data.inputs, data.targets
    ([[4.5, 4.0], [0.5, 2.0]], [1, 0])
    >>> load_csv(path, "kind", batch_size=1)
    CsvStream(2 samples of weight, legs; kind is bird or dog; 2 batches of 1)
    >>> folder.cleanup()
    """
    file = CsvFile(os.fspath(path), delimiter, encoding)
    if batch_size is not None:
        return CsvStream(
            file, target, features=features, exclude=exclude, classes=classes,
            batch_size=batch_size, header=header,
        )  # fmt: skip
    samples = Samples(file, header, target, features, exclude, classes)
    inputs, targets = list[list[float]](), list[Any]()
    for row, wanted in samples:
        inputs.append(row)
        targets.append(wanted)
    if samples.labelled:
        labels = samples.known or sorted_labels(set(targets))
        index = {label: i for i, label in enumerate(labels)}
        return samples.dataset(inputs, [index[label] for label in targets], labels)
    return samples.dataset(inputs, targets)


class CsvStream:
    """The samples of a CSV file in batches: each iteration reads it anew, a batch at a time.

    Building it reads the file once, so a mistake in it shows before training. `rows` is the number
    of samples and len() of batches; `features`, `target` and `classes` are those of each batch;
    `means` and `deviations` (population) are those of the features, for a `Standardizer`; `least`
    is the least target, of labels 0. Beside
    one batch only the labels are held in memory.

    Raises what `load_csv` does, while iterating too where the file was changed.
    """

    def __init__(
        self,
        file: CsvFile,
        target: Column,
        *,
        batch_size: int,
        features: Sequence[Column] | None = None,
        exclude: Sequence[Column] | None = None,
        classes: Classes = None,
        header: bool = True,
    ) -> None:
        check_size(batch_size, "samples in a batch")
        self.file, self.header, self.batch_size = file, header, batch_size
        samples = Samples(file, header, target, features, exclude, classes)
        self._layout = samples.layout
        moments, labels, least = Moments(len(samples.features)), set[str](), math.inf
        for row, wanted in samples:
            moments.add(row)
            if samples.labelled:
                labels.add(wanted)
            elif wanted < least:
                least = wanted
        self.least = 0.0 if samples.labelled else least
        self.features, self.target = samples.features, samples.target
        self.classes = samples.known or sorted_labels(labels)
        self.rows = moments.count
        self.means, self.deviations = tuple(moments.means), tuple(moments.deviations)

    def __len__(self) -> int:
        return -(-self.rows // self.batch_size)

    def __iter__(self) -> Iterator[Dataset]:
        classes = self.classes or False
        samples = Samples(
            self.file, self.header, self.target, self.features, None, classes, self._layout
        )
        index = {label: i for i, label in enumerate(self.classes)}
        pairs, seen = iter(samples), 0
        while batch := list(itertools.islice(pairs, self.batch_size)):
            seen += len(batch)
            if seen > self.rows:
                break
            inputs, targets = map(list, zip(*batch, strict=True))
            if index:
                targets = [index[label] for label in targets]
            yield samples.dataset(inputs, targets, self.classes)
        if seen != self.rows:
            raise self.file.fault(
                0,
                f"the file was changed: it had {count(self.rows, 'row')}, and now "
                f"{'more' if seen > self.rows else seen}; load it again",
            )

    def __repr__(self) -> str:
        samples = Dataset((), range(self.rows), self.features, self.target, self.classes)
        described = repr(samples).removeprefix("Dataset(").removesuffix(")")
        return f"CsvStream({described}; {len(self)} batches of {self.batch_size})"


def load_inputs(
    path: Path,
    features: Sequence[Column],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    header: bool = True,
) -> list[list[float]]:
    r"""Return the rows of a CSV file's features, in the order given, to predict from.

    Other columns, such as the target, may be there or not. In a file without a `header` the columns
    are x1, x2 ...; where these are not the features but as many, they stand for them in order.

    Raises DataError, naming the line and the column, for a feature that is not there, a missing
    cell or what is no finite number; OSError where the file cannot be read.

    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "new.csv")
    >>> _ = path.write_text("name,legs,weight\nRex,4,4.5\n")
    >>> load_inputs(path, ["weight", "legs"])
    [[4.5, 4.0]]
    >>> folder.cleanup()
    """
    table = Table(CsvFile(os.fspath(path), delimiter, encoding), header, features)
    return [numbers for _, _, numbers in table.inputs(features)]
