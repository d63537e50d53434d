"""Samples: the rows of a CSV file as the numbers of the features, and the target."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from .csv_cells import checked_classes, is_number, unknown_label
from .csv_columns import Column, Layout
from .csv_rows import CsvFile
from .csv_table import Table
from .dataset import Dataset

Classes = Sequence[str] | bool | None


class Samples:
    """The samples of a file, once: the numbers of a row, and its target, a number or a label.

    `labelled` tells which; `known` are the labels that a target may be, where they are given. A
    `layout` from before is kept where the columns are the same.
    """

    def __init__(
        self,
        file: CsvFile,
        header: bool,
        target: Column,
        features: Sequence[Column] | None,
        exclude: Sequence[Column] | None,
        classes: Classes,
        layout: Layout | None = None,
    ) -> None:
        classes = checked_classes(classes)
        before = None if layout is None else layout.columns
        self._table = table = Table(file, header, [target], before)
        if layout is None or layout.columns is not table.columns:
            layout = Layout.of(table.columns, target, features, exclude)
        self.layout, table.remedy = layout, layout.remedy
        self.features, self.target = layout.features, layout.target
        rows = table.some_rows()
        line, cells = next(rows)
        self._rows = itertools.chain([(line, cells)], rows)
        self.known = classes if isinstance(classes, tuple) else ()
        self.labelled = bool(classes)
        if classes is None and len(cells) == len(table.columns.names):
            text = cells[layout.wanted].strip()
            self.labelled = bool(text) and not is_number(text)

    def __iter__(self) -> Iterator[tuple[list[float], Any]]:
        return self._with_labels() if self.labelled else self._with_numbers()

    def _with_labels(self) -> Iterator[tuple[list[float], str]]:
        table, places, wanted = self._table, self.layout.places, self.layout.wanted
        known = frozenset(self.known)
        same: dict[str, str] = {}  # of equal labels one is kept
        for line, cells in self._rows:
            inputs = table.numbers(line, cells, places)
            label = table.label(line, cells[wanted], wanted)
            if known and label not in known:
                raise table.file.fault(line, unknown_label(label, self.known), self.target)
            yield inputs, same.setdefault(label, label)

    def _with_numbers(self) -> Iterator[tuple[list[float], float]]:
        places = [*self.layout.places, self.layout.wanted]
        for line, cells in self._rows:
            inputs = self._table.numbers(line, cells, places)
            yield inputs, inputs.pop()

    def dataset(
        self, inputs: list[Any], targets: list[Any], classes: tuple[str, ...] = ()
    ) -> Dataset:
        """Return samples with what is known of the columns."""
        return Dataset(inputs, targets, self.features, self.target, classes)
