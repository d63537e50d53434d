"""The rows of a CSV file, one at a time, and where a mistake in them stands."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from ...errors import DataError

BLOCK = 1 << 16  # bytes

# What Python's csv module says, and what it means.
MISTAKES = {
    "unexpected end of data": "a quote that opens a cell is never closed; close it",
    "field larger than field limit": "a cell has more than {limit:,} characters, expected fewer; "
    "is a quote never closed?",
    "expected after": "text follows the quote that closes a cell, expected a {delimiter!r}; write "
    "a quote inside a cell twice",
}


@dataclass(frozen=True)
class CsvFile:
    """A file of rows of cells. Nothing is read, nor is the file opened, before `rows`.

    Raises DataError where the delimiter is no single character or no encoding has this name.
    """

    path: str
    delimiter: str = ","
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n':
            raise DataError(
                "expected a delimiter of one character, such as ';' or '\\t', got "
                f"{self.delimiter!r:.40}"
            )
        try:
            "".encode(self.encoding)
        except (LookupError, ValueError):  # ValueError: a null byte
            raise DataError(
                f"no encoding is named {self.encoding!r:.40}; try 'utf-8', 'utf-16' or 'latin-1'"
            ) from None

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of each row's (last) line in the file, and its cells; skip blank lines.

        Raises OSError where the file cannot be read, DataError where it is no text in this
        encoding or its quotes do not match.
        """
        before = 0
        with self._opened() as file:
            reader = csv.reader(
                file,
                delimiter=self.delimiter,
                skipinitialspace=self.delimiter != " ",
                strict=True,
            )
            try:
                for cells in reader:
                    before = reader.line_num
                    if cells and (len(cells) > 1 or not _blank(cells[0])):
                        yield before, cells
            except csv.Error as error:
                raise self.fault(before + 1, self._mistake(str(error))) from None
            except UnicodeDecodeError:
                raise self._undecodable() from None
            except UnicodeError as error:  # "UTF-16 stream does not start with BOM"
                raise self._not_text(0, f"{error}: this") from None

    def fault(self, line: int, what: str, column: str = "") -> DataError:
        """Return the error that says what is wrong in a line (0: the whole file) and column."""
        place = f", line {line}" if line else ""
        name = f", column {column!r:.60}" if column else ""
        return DataError(f"{self.path}{place}{name}: {what}")

    def _opened(self) -> TextIO:
        # A byte order mark, which Excel writes, is no part of the first column's name.
        marked = codecs.lookup(self.encoding).name == "utf-8"
        encoding = "utf-8-sig" if marked else self.encoding
        return Path(self.path).open(encoding=encoding, newline="")

    def _mistake(self, error: str) -> str:
        for sign, meaning in MISTAKES.items():
            if sign in error:
                return meaning.format(limit=csv.field_size_limit(), delimiter=self.delimiter)
        return error

    def _undecodable(self) -> DataError:
        """Read the file again in blocks, up to what cannot be decoded, to tell where it is."""
        decoder = codecs.getincrementaldecoder(self.encoding)()
        newlines = io.IncrementalNewlineDecoder(None, translate=True)  # of \n, \r or both
        line, offset = 1, 0
        with Path(self.path).open("rb") as file:
            start = file.read(2)
            for block in itertools.chain([start], iter(partial(file.read, BLOCK), b""), [b""]):
                try:
                    text = decoder.decode(block, final=not block)
                except UnicodeDecodeError as found:
                    good, bad = found.object[: found.start], found.object[found.start]
                    offset += len(block) - len(found.object) + found.start
                    text = newlines.decode(good.decode(self.encoding, "replace"), final=True)
                    line += text.count("\n")
                    return self._not_text(line, f"byte 0x{bad:02x} at offset {offset}", start)
                line += newlines.decode(text).count("\n")
                offset += len(block)
        return self._not_text(0, "what it held when it was read")

    def _not_text(self, line: int, what: str, start: bytes = b"") -> DataError:
        other = "latin-1" if codecs.lookup(self.encoding).name == "utf-8" else "utf-8"
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            other = "utf-16"
        return self.fault(line, f"{what} is no text in {self.encoding}; try encoding={other!r}")


def _blank(cell: str) -> bool:
    return not cell or cell.isspace()
