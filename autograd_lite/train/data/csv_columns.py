"""The columns of a CSV file: their names, where each stands, and which of them are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..._support.wording import did_you_mean, shortened
from ...errors import DataError
from .csv_cells import is_number, null_fault
from .csv_rows import CsvFile

Column = str | int  # its name, or its position: 0 is the first, -1 the last

DELIMITERS = ",;\t|"
LONG = 120  # characters: more columns to exclude are not listed


class Columns:
    """The names in the first row of a CSV file, and where each of them stands.

    Without a header the columns are named x1, x2 ... Raises DataError where a name is missing or
    used twice, or the row looks as if it were of another kind; names that are numbers are names
    where one of them is `wanted`.
    """

    def __init__(
        self, file: CsvFile, line: int, cells: list[str], header: bool, wanted: Sequence[Column]
    ) -> None:
        self.file, self.line, self._header = file, line, header
        self._check_delimiter(cells)
        self.names = [cell.strip() for cell in cells]
        if not header:
            self.names = [f"x{i + 1}" for i in range(len(cells))]
        self._places: dict[str, int] = {}
        if header:
            self._check_are_names(wanted)
        for i, name in enumerate(self.names):
            self._check_name(name, i)
            self._places[name] = i

    def are_those_of(self, line: int, cells: list[str]) -> bool:
        """Tell whether another first row, in this line, names the same columns."""
        if line != self.line or len(cells) != len(self.names):
            return False
        return not self._header or [cell.strip() for cell in cells] == self.names

    # --- names ----------------------------------------------------------------------------------

    def _check_delimiter(self, cells: list[str]) -> None:
        used = self.file.delimiter
        for other in DELIMITERS if len(cells) == 1 else "":
            if other != used and other in cells[0]:
                raise self.file.fault(
                    self.line,
                    f"expected cells with {used!r} between them, got {shortened(cells[0])}; pass "
                    f"delimiter={other!r}",
                )

    def _check_are_names(self, wanted: Sequence[Column]) -> None:
        if not all(map(is_number, self.names)):
            return
        names = set(self.names)
        if not any(isinstance(name, str) and name in names for name in wanted):
            raise self.file.fault(
                self.line,
                f"expected the names of the columns, got numbers: {', '.join(self.names)!s:.60}; "
                "where the file has no names pass header=False",
            )

    def _check_name(self, name: str, i: int) -> None:
        if not name:
            raise self.file.fault(
                self.line, f"column {i + 1} of {len(self.names)} has no name; give it one"
            )
        if "\0" in name:
            raise self.file.fault(self.line, null_fault(name))
        if name in self._places:
            raise self.file.fault(
                self.line,
                f"columns {self._places[name] + 1} and {i + 1} are both named "
                f"{shortened(name)}; rename one",
            )

    # --- places ---------------------------------------------------------------------------------

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
        if column in self._places:
            return self._places[column]
        listed = ", ".join(self.names[:20]) + (" ..." if n > 20 else "")
        no_names = "; where the file has no names pass header=False"
        raise self.file.fault(
            self.line,
            f"no column is named {shortened(column)}{did_you_mean(column, self.names)}; "
            f"there {'is' if n == 1 else 'are'} {listed}"
            + (no_names if any(map(is_number, self.names)) else ""),
        )

    def positions(self, columns: Sequence[Column]) -> list[int]:
        """Return where columns stand.

        Raises TypeError for a text, DataError where one is not there or asked for twice.
        """
        if isinstance(columns, str | int):
            raise TypeError(f"expected a list of columns, got {columns!r:.60}; pass [{columns!r}]")
        places, seen = list[int](), set[int]()
        for place in map(self.position, columns):
            if place in seen:
                name = shortened(self.names[place])
                raise self.file.fault(self.line, f"column {name} is named twice; name it once")
            places.append(place)
            seen.add(place)
        return places

    def features(self, columns: Sequence[Column], *, in_order: bool = False) -> list[int]:
        """Return where features stand; raise what `positions` does, and where there are none.

        Where `in_order`, names that are not there stand for all columns if they are as many.
        """
        if isinstance(columns, str | int):
            return self.positions(columns)
        if not columns:
            raise DataError("expected a list of columns, got an empty one; name the features")
        strange = any(isinstance(name, str) and name not in self._places for name in columns)
        if in_order and strange and len(columns) == len(self.names):
            return list(range(len(columns)))
        return self.positions(columns)


@dataclass(frozen=True)
class Layout:
    """Which columns of a file are the features, and which one is the target.

    `excluded` are the names of those left out by name, or None where the features are named.
    """

    columns: Columns
    places: list[int]
    wanted: int
    excluded: tuple[str, ...] | None

    @classmethod
    def of(
        cls,
        columns: Columns,
        target: Column,
        features: Sequence[Column] | None,
        exclude: Sequence[Column] | None,
    ) -> Layout:
        """Return the layout that is asked for: of all columns but the target, unless told so.

        Raises DataError for features and columns to exclude at once, where a column is not there,
        and where no feature is left or the target is one of them; TypeError for what is no list.
        """
        if features is not None and exclude is not None:
            raise DataError("pass the features or the columns to exclude, not both")
        wanted = columns.position(target)
        out = columns.positions(() if exclude is None else exclude)
        left = set(range(len(columns.names))) - {wanted, *out}
        places = sorted(left) if features is None else columns.features(features)
        name = f"{columns.names[wanted]!r:.60}"
        if wanted in places:
            raise columns.file.fault(columns.line, f"column {name} is the target and a feature")
        if not places:
            raise columns.file.fault(
                columns.line, f"no features are left beside the target {name}; expected one"
            )
        excluded = tuple(columns.names[i] for i in out) if features is None else None
        return cls(columns, places, wanted, excluded)

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The names of the features."""
        return tuple(self.columns.names[i] for i in self.places)

    @property
    def target(self) -> str:
        """The name of the target."""
        return self.columns.names[self.wanted]

    def remedy(self, place: int) -> str:
        """Say what to do about a text that should be a number."""
        if place == self.wanted:
            return "; where these are labels pass classes=True"
        leave_out = "; correct it, or leave the column out"
        if self.excluded is None:
            return f"{leave_out} of the features"
        names = repr([*self.excluded, self.columns.names[place]])
        return f"{leave_out}: exclude={names}" if len(names) < LONG else f"{leave_out} by exclude"
