"""CSV files: read whole by Python's csv, every mistake named with its line and column."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mode
from typing import Any

from ..._support.remedies import helpful
from ..._support.wording import count, did_you_mean, shortened
from ...errors import DataError
from .preparation import Dataset
from .tables import LEAVE_OUT, Table, is_word, rows_of

Column = str | int  # its name, or its position: 0 is the first, -1 the last
Columns = Sequence[Column]
File = str | os.PathLike[str]

DELIMITERS = ",;\t|"
LONG = 120  # characters: more columns to exclude are not listed
NULL = "with a null byte, expected text; is it a text file, and the encoding right? Try"
# What Python's csv module says, and what it means.
MISTAKES = {
    "unexpected end of data": "a quote that opens a cell is never closed; close it",
    "field larger than field limit": "a cell has more than {limit:,} characters, expected fewer; "
    "is a quote never closed?",
    "expected after": "text follows the quote that closes a cell, expected a {delimiter!r}; write "
    "a quote inside a cell twice",
}


@helpful
def load_csv(
    path: File, target: Column, *, features: Columns | None = None, exclude: Columns | None = None,
    classes: Sequence[Any] | bool | None = None, delimiter: str = ",", encoding: str = "utf-8",
    header: bool = True,
) -> Dataset:  # fmt: skip
    r"""Return the samples of a CSV file.

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
    >>> folder.cleanup()
    """
    file = CsvFile(path, [target], delimiter, encoding, header)
    wanted = file.name(target)
    columns = file.features(wanted, features, exclude)
    inputs, names = rows_of(columns.values()), tuple(columns)
    if classes is None:
        classes = file.begins_with_word(wanted)
    if classes is False:
        numbers = file.numbers(wanted, "where these are labels pass", classes=True)
        return Dataset(inputs, numbers, names, wanted)
    indices, labels = file.indices(wanted, None if classes is True else classes)
    return Dataset(inputs, indices, names, wanted, labels)


def load_inputs(
    path: File, features: Columns, *, delimiter: str = ",", encoding: str = "utf-8",
    header: bool = True,
) -> list[list[float]]:  # fmt: skip
    r"""Return the rows of a CSV file's features, in the order given, to predict from.

    Other columns, such as the target, may be there or not. In a file without a `header` the columns
    are x1, x2 ...

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
    return CsvFile(path, features, delimiter, encoding, header).inputs(features)


class CsvFile(Table):
    """The columns of a CSV file as strings, and its `rows`; blank lines are left out.

    Raises DataError where it is no CSV, has no rows, these differ in length, or the names are
    numbers of which none is `wanted`; OSError where it cannot be read.
    """

    def __init__(
        self, path: File, wanted: Columns, delimiter: str, encoding: str, header: bool
    ) -> None:
        source = os.fspath(path)
        rows = list(_rows(source, delimiter, encoding))
        if not rows:
            what = "the file is empty, expected " + "names, then " * header + "rows"
            raise DataError(f"{source}: {what}")
        head, first = rows[0]
        names = [cell.strip() if header else f"x{i + 1}" for i, cell in enumerate(first)]
        if not any(is_word(name) or name in wanted for name in names):
            got = f"expected the names of the columns, got numbers: {', '.join(names):.60}"
            remedy = "where the file has no names pass"
            raise DataError(f"{source}, {head}: {got}; {remedy}", header=False)
        super().__init__(source, names, [place for place, _ in rows[header:]], head)
        self.rows = [cells for _, cells in rows[header:]]
        for other in DELIMITERS if len(first) == 1 else "":
            if other != delimiter and other in first[0]:
                what = f"expected cells with {delimiter!r} between them, got {shortened(first[0])}"
                raise self.fault(f"{what}; pass", delimiter=other)
        if not self.rows:
            raise self.fault("the names are all there is, expected rows below them")
        for row, cells in [(None, names), *enumerate(self.rows)]:
            self._check(row, cells, delimiter)
        self.columns = dict(zip(names, zip(*self.rows, strict=True), strict=True))

    def _check(self, row: int | None, cells: list[str], delimiter: str) -> None:
        if len(cells) != len(self.names):
            remedy = "fill in what is missing or leave the row out"
            if len(cells) > len(self.names):
                remedy = f"a cell that contains {delimiter!r} needs quotes around it"
            got = f"got {count(len(cells), 'cell')}, expected {len(self.names)} as in {self.head}"
            raise self.fault(f"{got}; {remedy}", row)
        for name, cell in zip(self.names, cells, strict=True):
            if "\0" in cell:
                name = name if row is not None else ""
                raise self.fault(f"got {shortened(cell)} {NULL}", row, name, encoding="utf-16")

    def name(self, column: Column) -> str:
        """Return the name of a column.

        Raises DataError where it is not there, TypeError for what is no name or position.
        """
        n = len(self.names)
        if not isinstance(column, str | int) or isinstance(column, bool):
            raise TypeError(f"a column is a name or a position, such as -1, got {column!r:.60}")
        if isinstance(column, int):
            if -n <= column < n:
                return self.names[column]
            raise self.fault(f"no column {column}: there are {n}, expected -{n} to {n - 1}")
        if column in self.columns:
            return column
        listed = ", ".join(self.names[:20]) + (" ..." if n > 20 else "")
        what = f"no column is named {shortened(column)}{did_you_mean(column, self.names)}"
        what = f"{what}; there {'is' if n == 1 else 'are'} {listed}"
        if all(map(is_word, self.names)):
            raise self.fault(what)
        raise self.fault(f"{what}; where the file has no names pass", header=False)

    def chosen(self, columns: Columns, at_least: int = 1) -> list[str]:
        """Return the names of columns.

        Raises TypeError for a string, DataError where one is not there or asked for twice, or there
        are too few.
        """
        if isinstance(columns, str | int):
            raise TypeError(f"expected a list of columns, got {columns!r:.60}; pass [{columns!r}]")
        if len(columns) < at_least:
            raise DataError("expected a list of columns, got an empty one; name the features")
        names = list(map(self.name, columns))
        if len(set(names)) < len(names):
            raise self.fault(f"column {shortened(mode(names))} is named twice; name it once")
        return names

    def inputs(self, features: Columns) -> list[list[float]]:
        """Return the numbers of each row in some columns; raise what `chosen` and `numbers` do."""
        return rows_of(map(self.numbers, self.chosen(features)))

    def features(
        self, target: str, features: Columns | None, exclude: Columns | None
    ) -> dict[str, list[Any]]:
        """Return the numbers in the columns of the features: all but the target, unless told so.

        Raises DataError where there is none, or it is the target; and what `chosen` does.
        """
        if features is not None and exclude is not None:
            raise DataError("pass the features or the columns to exclude, not both")
        out = [] if exclude is None else self.chosen(exclude, at_least=0)
        apart = {target, *out}
        names = [name for name in self.names if name not in apart]
        if features is not None:
            names = self.chosen(features)
        if target in names:
            raise self.fault(f"column {target!r:.60} is the target and a feature")
        if not names:
            raise self.fault(f"no features are left beside the target {target!r:.60}; expected one")
        remedy = f"{LEAVE_OUT} {'by exclude' if features is None else 'of the features'}"
        room = LONG - len(repr(out)) if features is None else 0  # for the name of one more

        def feature(name: str) -> list[Any]:
            if len(name) < room:
                return self.numbers(name, f"{LEAVE_OUT}:", exclude=[*out, name])
            return self.numbers(name, remedy)

        return {name: feature(name) for name in names}


def _rows(source: str, delimiter: str, encoding: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the (last) line of each row in a file, and its cells; skip blank lines."""
    if len(delimiter) != 1 or delimiter in '"\r\n':
        expected = "expected a delimiter of one character, such as ';' or '\\t'"
        raise DataError(f"{expected}, got {delimiter!r:.40}")
    text, spaces = io.StringIO(_text(source, encoding), newline=""), delimiter != " "
    reader = csv.reader(text, delimiter=delimiter, skipinitialspace=spaces, strict=True)
    before = 0
    try:
        for cells in reader:
            before = reader.line_num
            if len(cells) > 1 or any(map(str.strip, cells)):
                yield f"line {before}", cells
    except csv.Error as error:
        meaning = next((m for sign, m in MISTAKES.items() if sign in str(error)), str(error))
        what = meaning.format(limit=csv.field_size_limit(), delimiter=delimiter)
        raise DataError(f"{source}, line {before + 1}: {what}") from None


def _text(source: str, encoding: str) -> str:
    """Return what is in a file; raise DataError where it is no text in this encoding."""
    try:
        "".encode(encoding)
        decoder = codecs.getincrementaldecoder(encoding)()
    except (LookupError, ValueError):  # ValueError: a null byte
        tried = "try 'utf-8', 'utf-16' or 'latin-1'"
        raise DataError(f"no encoding is named {encoding!r:.40}; {tried}") from None
    content = Path(source).read_bytes()
    try:
        # A byte order mark, which Excel writes, is no part of the first column's name.
        text = decoder.decode(content) + decoder.decode(b"", final=True)
        return text.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        offset = len(content) - len(error.object) + error.start
        line = 1 + len(re.findall("\r\n?|\n", content[:offset].decode(encoding, "replace")))
        what = f", line {line}: byte 0x{content[offset]:02x} at offset {offset}"
    except UnicodeError as error:  # "UTF-16 stream does not start with BOM"
        what = f": {error}: this"
    other = "latin-1" if codecs.lookup(encoding).name == "utf-8" else "utf-8"
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        other = "utf-16"
    raise DataError(f"{source}{what} is no text in {encoding}; try", encoding=other)
