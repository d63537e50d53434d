"""Table: a CSV file read from its first row on, and the numbers and labels in its rows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

from ..._support.wording import count
from ...errors import DataError
from .csv_cells import is_number, null_fault, number_fault
from .csv_columns import Column, Columns
from .csv_rows import CsvFile


class Table:
    """A CSV file: its columns, then `rows`, the line of each and its cells.

    `known` are the columns that it had before: they are kept where the first row is the same.
    Raises DataError where the file has no row, and what `Columns` does.
    """

    def __init__(
        self,
        file: CsvFile,
        header: bool,
        wanted: Sequence[Column] = (),
        known: Columns | None = None,
    ) -> None:
        rows = file.rows()
        line, cells = next(rows, (0, []))
        if not cells:
            raise file.fault(0, "the file is empty, expected " + ("names, then " * header) + "rows")
        if known is None or not known.are_those_of(line, cells):
            known = Columns(file, line, cells, header, wanted)
        self.file, self.header, self.columns = file, header, known
        self.rows = itertools.chain([] if header else [(line, cells)], rows)
        self.remedy: Callable[[int], str] = _correct_it  # what to do about texts in a column

    def some_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Return the rows; raise DataError where there are none."""
        first = next(self.rows, None)
        if first is None:
            what = "the names are all there is, expected rows below them"
            raise self.file.fault(self.columns.line, what)
        return itertools.chain([first], self.rows)

    def inputs(self, features: Sequence[Column]) -> Iterator[tuple[int, list[str], list[float]]]:
        """Yield the line of each row, its cells, and the numbers that are the features.

        Raises DataError where there are no rows, and what `Columns.features` and `numbers` do.
        """
        places = self.columns.features(features, in_order=not self.header)
        for line, cells in self.some_rows():
            yield line, cells, self.numbers(line, cells, places)

    # --- cells ----------------------------------------------------------------------------------

    def numbers(self, line: int, cells: list[str], places: list[int]) -> list[float]:
        """Return the numbers in some columns of a row; raise DataError for what is none."""
        if len(cells) != len(self.columns.names):
            raise self._ragged(line, len(cells))
        texts = [cells[i] for i in places]
        written = "".join(texts)
        try:
            numbers = list(map(float, texts))
        except ValueError:
            numbers = [math.nan]
        # The sum is finite where all are, unless it overflows: then each is looked at.
        if math.isfinite(sum(numbers)) and written.isascii() and "_" not in written:
            return numbers
        return [self.number(line, cells[i], i) for i in places]

    def _ragged(self, line: int, cells: int) -> DataError:
        expected = len(self.columns.names)
        remedy = f"a cell that contains {self.file.delimiter!r} needs quotes around it"
        if cells < expected:
            remedy = "fill in what is missing or leave the row out"
        got = f"got {count(cells, 'cell')}, expected {expected} as in line {self.columns.line}"
        return self.file.fault(line, f"{got}; {remedy}")

    def number(self, line: int, cell: str, place: int) -> float:
        """Return the number in a cell; raise DataError, naming the column, for what is none."""
        text = cell.strip()
        if fault := number_fault(text):
            remedy = "" if not text or "\0" in text or is_number(text) else self.remedy(place)
            raise self.file.fault(line, fault + remedy, self.columns.names[place])
        return float(text)

    def label(self, line: int, cell: str, place: int) -> str:
        """Return the label in a cell; raise DataError where it is missing."""
        text = cell.strip()
        if text and "\0" not in text:
            return text
        fault = "the cell is empty, expected a label; leave the row out"
        if text:
            fault = null_fault(text)
        raise self.file.fault(line, fault, self.columns.names[place])


def _correct_it(place: int) -> str:
    return "; correct it or leave the row out"
