"""Tables: cells in named columns, of a CSV file or a DataFrame, as numbers and as labels."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..._support.wording import did_you_mean, shortened
from ...errors import DataError

CORRECT_IT = "correct it or leave the row out"
LEAVE_OUT = "correct it, or leave the column out"


class Table:
    """Columns of cells by their names, and the errors that say where a mistake in them stands.

    `places` has the words for each row, such as "line 3", and `head` those for the names. Raises
    DataError where a name is missing or there twice.

    >>> table = Table("pets", ["legs", "kind"], ["row 0", "row 1"])
    >>> table.columns = {"legs": ["4", "two"], "kind": ["dog", "bird"]}
    >>> table.indices("kind")
    ([1, 0], ('bird', 'dog'))
    >>> table.numbers("legs")
    Traceback (most recent call last):
    autograd_lite.errors.DataError: pets, row 1, column 'legs': got 'two', expected a number; \
correct it or leave the row out
    """

    def __init__(self, source: str, names: list[str], places: list[str], head: str = "") -> None:
        self.source, self.names, self.places, self.head = source, names, places, head
        self.columns: dict[str, Sequence[Any]] = {}
        for i, name in enumerate(names):
            if not name:
                raise self.fault(f"column {i + 1} of {len(names)} has no name; give it one")
            if name in self.columns:
                both = f"columns {names.index(name) + 1} and {i + 1}"
                raise self.fault(f"{both} are both named {shortened(name)}; rename one")
            self.columns[name] = ()

    @classmethod
    def of(cls, columns: Any, name: str) -> Table | None:
        """Return the table of a DataFrame or a Series of pandas or polars, None of anything else.

        `name` is that of a Series which has none.
        """
        is_series = hasattr(columns, "to_frame")
        frame = columns.to_frame(name=columns.name or name) if is_series else columns
        if not (hasattr(frame, "shape") and hasattr(frame, "columns")):
            return None
        names, places = map(str, frame.columns), (f"row {i}" for i in range(len(frame)))
        table = cls(type(columns).__name__, list(names), list(places))
        table.columns = {str(label): frame[label].to_list() for label in frame.columns}
        return table

    def fault(self, what: str, row: int | None = None, name: str = "", **meant: Any) -> DataError:
        """Return the error that says what is wrong in a row (None: with the names) and column.

        It ends with the arguments that could be meant.
        """
        place = self.head if row is None else self.places[row]
        column = name and f"column {name!r:.60}"
        where = ", ".join(filter(None, [self.source, place, column]))
        return DataError(f"{where}: {what}", **meant)

    def begins_with_word(self, name: str) -> bool:
        """Tell whether the first cell of a column is a label."""
        return any(map(is_word, self.columns[name][:1]))

    def numbers(self, name: str, remedy: str = CORRECT_IT, **meant: Any) -> list[Any]:
        """Return the numbers in a column, an int as it is; raise DataError for what is none.

        `remedy` says what to do about a word, and may end with arguments that could be meant.
        """
        for row, cell in enumerate(self.columns[name]):
            if fault := number_fault(cell):
                if is_word(cell):
                    raise self.fault(f"{fault}; {remedy}", row, name, **meant)
                raise self.fault(fault, row, name)
        return [cell if isinstance(cell, int) else float(cell) for cell in self.columns[name]]

    def indices(self, name: str, classes: Any = None) -> tuple[list[int], tuple[str, ...]]:
        """Return the index of each cell among the classes, by default the sorted cells; and those.

        Raises DataError where a cell is empty or is none of the classes, or these are not a list of
        distinct ones.
        """
        words = [str(cell).strip() for cell in self.columns[name]]
        labels = _sorted(set(words)) if classes is None else _distinct(classes)
        index = {label: k for k, label in enumerate(labels)}
        listed = ", ".join(labels[:10]) + (" ..." if len(labels) > 10 else "")
        for row, (word, cell) in enumerate(zip(words, self.columns[name], strict=True)):
            if is_missing(cell):
                what = "the cell is empty, expected a label; leave the row out"
                raise self.fault(what, row, name)
            if word not in index:
                what = f"got the label {shortened(word)}, expected one of {listed}"
                raise self.fault(what + did_you_mean(word, labels), row, name)
        return [index[word] for word in words], labels


def rows_of(columns: Iterable[Sequence[float]]) -> list[list[float]]:
    """Return columns as rows of floats."""
    return [list(map(float, row)) for row in zip(*columns, strict=True)]


def is_word(cell: Any) -> bool:
    """Tell whether a cell holds anything else than a number; nan and inf are numbers.

    >>> is_word("one"), is_word("1e3"), is_word(" ")
    (True, False, False)
    """
    return isinstance(cell, bool) or (_float(cell) is None and not is_missing(cell))


def is_missing(cell: Any) -> bool:
    """Tell whether there is nothing in a cell; polars has None for it, pandas nan, NA or NaT.

    >>> is_missing(" "), is_missing(float("nan")), is_missing("nan")
    (True, True, False)
    """
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or str(cell) in ("nan", "<NA>", "NaT")


def _float(cell: Any) -> float | None:
    try:
        return float(cell)
    except (TypeError, ValueError, OverflowError):
        return None


def number_fault(cell: Any) -> str:
    """Say what keeps a cell from being a number, or return "".

    Digits other than 0 to 9, and underscores between them, are refused though Python reads them.

    >>> number_fault("1e-3")
    ''
    >>> number_fault("1,5")
    "got '1,5', expected a number; write a decimal point, and no comma"
    """
    number, text = _float(cell), str(cell).strip()
    plain = text.isascii() and "_" not in text
    if number is not None and plain and math.isfinite(number):
        return ""
    got = f"got {shortened(text) if isinstance(cell, str) else text[:40]}, expected a"
    if number is None:
        if is_missing(cell):
            return "the cell is empty, expected a number; fill it in or leave the row out"
        comma = re.fullmatch(r"[-+]?\d*,\d+(e[-+]?\d+)?", text, re.IGNORECASE)
        return f"{got} number" + ("; write a decimal point, and no comma" if comma else "")
    if not plain:
        return f"{got} number of the digits 0 to 9, with nothing between them"
    if any(map(str.isdigit, text)):
        return f"{got} number up to 1.8e308, the largest float; scale the column down"
    return f"{got} finite number; fill it in or leave the row out"


def _sorted(labels: set[str]) -> tuple[str, ...]:
    """Return labels in order: as numbers where all are numbers, else alphabetically."""
    if any(map(number_fault, labels)):
        return tuple(sorted(labels))
    return tuple(sorted(labels, key=lambda label: (float(label), label)))


def _distinct(labels: Any) -> tuple[str, ...]:
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise TypeError(f"classes are a list of labels, or True, got {labels!r:.60}")
    words = tuple(str(label).strip() for label in labels)
    if not words or len(set(words)) < len(words):
        raise DataError(f"expected classes, each label once, got {list(words)!r:.80}")
    return words
