"""The columns of a CSV file by name, and the numbers and labels in them."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from typing import Any

from ...errors import DataError
from ...nn.sizes import count
from ...wording import did_you_mean, shortened
from .csv_rows import CsvFile

Column = str | int  # its name, or its position: 0 is the first, -1 the last

DELIMITERS = ",;\t|"
LEAVE_OUT = "; correct it or leave the column out of the features"


class Table:
    """A CSV file read from its first line on: the names of the columns, then their rows.

    Without a header the columns are named x1, x2 ... Raises DataError where the file has no row,
    or a name is missing or used twice.
    """

    def __init__(self, file: CsvFile, header: bool, wanted: Sequence[Column] = ()) -> None:
        self.file = file
        rows = file.rows()
        self.line, cells = next(rows, (0, []))
        if not cells:
            raise file.fault(0, "the file is empty, expected " + ("names, then " * header) + "rows")
        if len(cells) == 1:
            self._check_delimiter(cells[0])
        self.names = [f"x{i + 1}" for i in range(len(cells))]
        if header:
            self.names = [cell.strip() for cell in cells]
            self._check_names(wanted)
        first = [] if header else [(self.line, cells)]
        self.rows = itertools.chain(first, rows)
        self.remedies: dict[int, str] = {}  # what to do about texts in a column, where it is known

    # --- names ----------------------------------------------------------------------------------

    def _check_delimiter(self, cell: str) -> None:
        used = self.file.delimiter
        for other in DELIMITERS:
            if other != used and other in cell:
                raise self.file.fault(
                    self.line,
                    f"expected cells with {used!r} between them, got {shortened(cell)}; pass "
                    f"delimiter={other!r}",
                )

    def _check_names(self, wanted: Sequence[Column]) -> None:
        if all(map(_float, self.names)) and not set(wanted) & set(self.names):
            raise self.file.fault(
                self.line,
                f"expected the names of the columns, got numbers: {', '.join(self.names)!s:.60}; "
                "pass header=False where the file has no names",
            )
        for i, name in enumerate(self.names):
            if not name:
                raise self.file.fault(
                    self.line, f"column {i + 1} of {len(self.names)} has no name; give it one"
                )
            if "\0" in name:
                raise self.file.fault(self.line, _null(name))
            if name in self.names[:i]:
                raise self.file.fault(
                    self.line,
                    f"columns {self.names.index(name) + 1} and {i + 1} are both named "
                    f"{shortened(name)}; rename one",
                )

    def position(self, column: Column) -> int:
        """Return where a column stands.

        Raises DataError where there is none, TypeError for what is no name or position.
        """
        n = len(self.names)
        if not isinstance(column, str | int) or isinstance(column, bool):
            raise TypeError(f"a column is a name or a position, such as -1, got {column!r:.60}")
        if isinstance(column, int):
            if -n <= column < n:
                return column % n
            raise self.file.fault(
                self.line, f"no column {column}: there are {n}, expected -{n} to {n - 1}"
            )
        if column in self.names:
            return self.names.index(column)
        listed = ", ".join(self.names[:20]) + (" ..." if n > 20 else "")
        raise self.file.fault(
            self.line,
            f"no column is named {shortened(column)}{did_you_mean(column, self.names)}; "
            f"there {'is' if n == 1 else 'are'} {listed}",
        )

    def positions(self, columns: Sequence[Column], *, in_order: bool = False) -> list[int]:
        """Return where columns stand; where `in_order`, names not there may stand for all columns.

        Raises TypeError for a text, DataError where there are no columns or one is there twice.
        """
        if isinstance(columns, str | int):
            raise TypeError(f"expected a list of columns, got {columns!r:.60}; pass [{columns!r}]")
        if not columns:
            raise DataError("expected a list of columns, got an empty one; name the features")
        strange = any(isinstance(x, str) and x not in self.names for x in columns)
        if in_order and strange and len(columns) == len(self.names):
            return list(range(len(columns)))
        places = list(map(self.position, columns))
        for i, place in enumerate(places):
            if place in places[:i]:
                name = shortened(self.names[place])
                raise self.file.fault(self.line, f"column {name} is asked for twice; name it once")
        return places

    # --- cells ----------------------------------------------------------------------------------

    def numbers(self, line: int, cells: list[str], places: list[int]) -> list[float]:
        """Return the numbers in some columns of a row; raise DataError for what is none."""
        if len(cells) != len(self.names):
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
        expected = len(self.names)
        remedy = f"a cell that contains {self.file.delimiter!r} needs quotes around it"
        if cells < expected:
            remedy = "fill in what is missing or leave the row out"
        got = f"got {count(cells, 'cell')}, expected {expected} as in line {self.line}"
        return self.file.fault(line, f"{got}; {remedy}")

    def number(self, line: int, cell: str, place: int) -> float:
        """Return the number in a cell; raise DataError, naming the column, for what is none."""
        text = cell.strip()
        fault = number_fault(text)
        if fault:
            remedy = "" if not text or is_number(text) else self.remedies.get(place, LEAVE_OUT)
            raise self.file.fault(line, fault + remedy, self.names[place])
        return float(text)

    def label(self, line: int, cell: str, place: int) -> str:
        """Return the label in a cell; raise DataError where it is missing."""
        text = cell.strip()
        if text and "\0" not in text:
            return text
        fault = _null(text) if text else "the cell is empty, expected a label; leave the row out"
        raise self.file.fault(line, fault, self.names[place])


def number_fault(text: str) -> str:
    """Say what keeps a text from being a number, or return "".

    Digits other than 0 to 9, and underscores between them, are refused though Python reads them.

    >>> number_fault("1e-3")
    ''
    >>> number_fault("1,5")
    "got '1,5', expected a number; write a decimal point, and no comma"
    """
    got = f"got {shortened(text)}, expected a number"
    if not text:
        return "the cell is empty, expected a number; fill it in or leave the row out"
    if "\0" in text:
        return _null(text)
    number = _float(text)
    if number is None:
        comma = re.fullmatch(r"[-+]?\d*,\d+(e[-+]?\d+)?", text, re.IGNORECASE)
        return got + ("; write a decimal point, and no comma" if comma else "")
    if "_" in text or not text.isascii():
        return f"{got} of the digits 0 to 9, with nothing between them"
    if math.isfinite(number[0]):
        return ""
    if any(map(str.isdigit, text)):
        return f"{got} up to 1.8e308, the largest float; scale the column down"
    return f"got {shortened(text)}, expected a finite number; fill it in or leave the row out"


def is_number(text: str) -> bool:
    """Tell whether a text is written as a number, nan and inf included.

    >>> is_number("1e3"), is_number("one")
    (True, False)
    """
    return _float(text) is not None


def _float(text: str) -> tuple[float] | None:
    try:
        return (float(text),)
    except ValueError:
        return None


def _null(text: str) -> str:
    return (
        f"got {shortened(text)} with a null byte, expected text; is it a text file, and the "
        "encoding right? Try encoding='utf-16'"
    )


def unknown_label(label: str, classes: Sequence[Any]) -> str:
    """Say that a label is none of the classes.

    >>> unknown_label("cta", ["cat", "dog"])
    "got the label 'cta', expected one of cat, dog; did you mean 'cat'?"
    """
    listed = ", ".join(classes[:10]) + (" ..." if len(classes) > 10 else "")
    return f"got the label {shortened(label)}, expected one of {listed}" + did_you_mean(
        label, classes
    )


def sorted_labels(labels: set[str]) -> tuple[str, ...]:
    """Return labels in order: as numbers where all are numbers, else alphabetically.

    >>> sorted_labels({"10", "9"}), sorted_labels({"dog", "cat"})
    (('9', '10'), ('cat', 'dog'))
    """
    if not any(map(number_fault, labels)):
        return tuple(sorted(labels, key=lambda label: (float(label), label)))
    return tuple(sorted(labels))


def checked_classes(classes: Any) -> tuple[str, ...] | bool | None:
    """Return labels as texts; True, False and None as they are.

    Raises DataError where there are none or one is twice, TypeError for what is no list.
    """
    if classes is None or isinstance(classes, bool):
        return classes
    if isinstance(classes, str) or not isinstance(classes, Sequence):
        raise TypeError(f"classes are a list of labels, or True, got {classes!r:.60}")
    labels = tuple(str(label).strip() for label in classes)
    if not labels or len(set(labels)) < len(labels):
        raise DataError(f"expected classes, each label once, got {list(labels)!r:.80}")
    return labels
