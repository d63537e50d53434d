"""Data from a CSV file: the whole of it, or batch by batch where it does not fit in memory."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from typing import Any, overload

from ...errors import DataError
from ...nn.sizes import check_size, count
from .csv_columns import (
    Column,
    Table,
    checked_classes,
    is_number,
    sorted_labels,
    unknown_label,
)
from .csv_rows import CsvFile
from .dataset import Dataset
from .standardizer import Moments

Path = str | os.PathLike[str]
Classes = Sequence[str] | bool | None


@overload
def load_csv(
    path: Path,
    target: Column,
    *,
    features: Sequence[Column] | None = ...,
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
    classes: Classes = ...,
    batch_size: int,
    delimiter: str = ...,
    encoding: str = ...,
    header: bool = ...,
) -> CsvStream: ...


def load_csv(
    path: Path,
    target: Column,
    *,
    features: Sequence[Column] | None = None,
    classes: Classes = None,
    batch_size: int | None = None,
    delimiter: str = ",",
    encoding: str = "utf-8",
    header: bool = True,
) -> Dataset | CsvStream:
    r"""Return the samples of a CSV file, or with a `batch_size` the stream of its batches.

    `target` and `features` (by default all other columns, in their order) are names of columns, or
    positions: 0 is the first, -1 the last. A file without a `header` has columns x1, x2 ...

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
            file, target, features=features, classes=classes, batch_size=batch_size, header=header
        )
    samples = _Samples(file, header, target, features, classes)
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
    `means` and `deviations` (population) are those of the features, for a `Standardizer`. Beside
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
        classes: Classes = None,
        header: bool = True,
    ) -> None:
        check_size(batch_size, "samples in a batch")
        self.file, self.header, self.batch_size = file, header, batch_size
        samples = _Samples(file, header, target, features, classes)
        moments, labels = Moments(len(samples.features)), set[str]()
        for row, wanted in samples:
            moments.add(row)
            if samples.labelled:
                labels.add(wanted)
        self.features, self.target = samples.features, samples.target
        self.classes = samples.known or sorted_labels(labels)
        self.rows = moments.count
        self.means, self.deviations = tuple(moments.means), tuple(moments.deviations)

    def __len__(self) -> int:
        return -(-self.rows // self.batch_size)

    def __iter__(self) -> Iterator[Dataset]:
        classes = self.classes or False
        samples = _Samples(self.file, self.header, self.target, self.features, classes)
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
    places = table.positions(features, in_order=not header)
    rows = [table.numbers(line, cells, places) for line, cells in table.rows]
    if not rows:
        raise _without_rows(table)
    return rows


class _Samples:
    """The samples of a file, once: the numbers of a row, and its target, a number or a label.

    `labelled` tells which; `known` are the labels that a target may be, where they are given.
    """

    def __init__(
        self,
        file: CsvFile,
        header: bool,
        target: Column,
        features: Sequence[Column] | None,
        classes: Classes,
    ) -> None:
        classes = checked_classes(classes)
        self._table = table = Table(file, header, [target])
        self._wanted = table.position(target)
        self._places = self._feature_places(features)
        self.features = tuple(table.names[i] for i in self._places)
        self.target = table.names[self._wanted]
        first = next(table.rows, None)
        if first is None:
            raise _without_rows(table)
        self._rows = itertools.chain([first], table.rows)
        self._first_line, cells = first
        self.known = classes if isinstance(classes, tuple) else ()
        self.labelled = bool(classes)
        if classes is None and len(cells) == len(table.names):
            text = cells[self._wanted].strip()
            self.labelled = bool(text) and not is_number(text)

    def _feature_places(self, features: Sequence[Column] | None) -> list[int]:
        table, wanted = self._table, self._wanted
        if features is None:
            places = [i for i in range(len(table.names)) if i != wanted]
        else:
            places = table.positions(features)
        name = table.names[wanted]
        if wanted in places:
            raise table.file.fault(table.line, f"column {name!r:.60} is the target and a feature")
        if not places:
            raise table.file.fault(
                table.line, f"no features are left beside the target {name!r:.60}; expected one"
            )
        return places

    def __iter__(self) -> Iterator[tuple[list[float], Any]]:
        return self._with_labels() if self.labelled else self._with_numbers()

    def _with_labels(self) -> Iterator[tuple[list[float], str]]:
        table, wanted, known = self._table, self._wanted, frozenset(self.known)
        same: dict[str, str] = {}  # of equal labels one is kept
        for line, cells in self._rows:
            inputs = table.numbers(line, cells, self._places)
            label = table.label(line, cells[wanted], wanted)
            if known and label not in known:
                raise table.file.fault(line, unknown_label(label, self.known), self.target)
            yield inputs, same.setdefault(label, label)

    def _with_numbers(self) -> Iterator[tuple[list[float], float]]:
        table, places = self._table, [*self._places, self._wanted]
        table.remedies[self._wanted] = "; where these are labels pass classes=True"
        for line, cells in self._rows:
            inputs = table.numbers(line, cells, places)
            yield inputs, inputs.pop()

    def dataset(
        self, inputs: list[Any], targets: list[Any], classes: tuple[str, ...] = ()
    ) -> Dataset:
        """Return samples with what is known of the columns."""
        return Dataset(inputs, targets, self.features, self.target, classes)


def _without_rows(table: Table) -> DataError:
    return table.file.fault(table.line, "the names are all there is, expected rows below them")
