"""History: what a training recorded, epoch by epoch; and what ends one that no longer improves."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .._support.files import csv_text, text_written
from .._support.json_text import json_text
from .._support.remedies import add_foreign, helpful
from .._support.validation import number, unknown, whole
from .._support.wording import aligned, count, printable
from ..optim.optimizer import entry
from ..plots import plot_curves

Row = dict[str, float]  # "epoch" and what was measured in it

SHOWN = 20  # epochs of a table that is printed


@dataclass(repr=False)
class History:
    """A row of numbers for each epoch: the loss, metrics, the gradient's norm, the rate, the time.

    `history["loss"]` is a column as a list. The loss and the metrics are means over the batches,
    each measured before the step that it makes; columns that begin with `val_` are of the
    validation data, after the epoch. `grad_norm` is the mean of the batches' norms before clipping,
    `lr` the rate that the epoch began with, `seconds` its time.

    `snapshots` holds the parameters at the end of epochs, where they were asked for; `stopped` says
    why training ended early, `not_compiled` why steps were not compiled where `fit` was to do so if
    it can; both are "" mostly. Printed, it is a table.

    >>> history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    >>> history["loss"]
    [0.5, 0.25]
    >>> print(history)
    epoch  loss
        1   0.5
        2  0.25
    """

    rows: list[Row] = field(default_factory=list)
    snapshots: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    stopped: str = ""
    not_compiled: str = field(default="", compare=False)  # in no file: the numbers are the same

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def columns(self) -> list[str]:
        """What was recorded, by name."""
        return list(self.rows[0]) if self.rows else []

    def __getitem__(self, column: str) -> list[float]:
        if column not in self.columns:
            known = self.columns or ["none: no epoch ended"]
            raise unknown(KeyError, f"no column {column!r} was recorded", str(column), known)
        return [row[column] for row in self.rows]

    def best(self, column: str = "loss", *, largest: bool = False) -> Row:
        """Return the row in which a column is least (or largest); nan is never that.

        Raises KeyError where there is no such column, ValueError where it holds no number.

        >>> History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}]).best()
        {'epoch': 2, 'loss': 0.25}
        """
        numbers = self[column]
        rows = [row for row, x in zip(self.rows, numbers, strict=True) if not math.isnan(x)]
        if not rows:
            raise ValueError(f"every {printable(column)} is nan; none of them is best")
        return (max if largest else min)(rows, key=lambda row: row[column])

    # --- in words, files and pictures -----------------------------------------------------------

    def __repr__(self) -> str:
        loss = f", loss {self.rows[-1]['loss']:.6g}" if "loss" in self.columns else ""
        stopped = f", {printable(self.stopped)}" if self.stopped else ""
        return f"<history of {count(len(self), 'epoch')}{loss}{stopped}>"

    def __str__(self) -> str:
        return self.table()

    def table(self, *columns: str, rows: int = SHOWN) -> str:
        """Return the columns named, or all of them, as a table of so many rows at most.

        Of more epochs it has the first, the last, and some evenly between. Raises KeyError where a
        column was not recorded.

        >>> history = History([{"epoch": i, "loss": 1 / i, "lr": 0.1} for i in range(1, 101)])
        >>> print(history.table("loss", rows=3))
        epoch     loss
            1        1
           51  0.01961
          100     0.01
        """
        if not self.rows:
            return f"no epoch ended{f': {printable(self.stopped)}' if self.stopped else ''}"
        names = ["epoch", *columns] if columns else self.columns
        listed, n = [self[name] for name in names], min(rows, len(self))
        chosen = [round(i * (len(self) - 1) / max(1, n - 1)) for i in range(n)]
        cells = [names, *([_shown(column[i]) for column in listed] for i in chosen)]
        return aligned(cells, ">") + (f"\n{printable(self.stopped)}" if self.stopped else "")

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the rows as CSV; where a path is given, write it there too.

        Raises OSError where the file cannot be written, leaving what was there.

        >>> print(History([{"epoch": 1, "loss": 0.5}]).to_csv())
        epoch,loss
        1,0.5
        <BLANKLINE>
        """
        rows = [[row.get(name, "") for name in self.columns] for row in self.rows]
        return text_written(csv_text([self.columns, *rows]), path)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return all of it as JSON, nan and inf as texts; where a path is given, write it there.

        Raises OSError where the file cannot be written, leaving what was there.

        >>> History([{"epoch": 1, "loss": 0.5}]).to_json()
        '{"rows": [{"epoch": 1, "loss": 0.5}], "snapshots": [], "stopped": ""}'
        """
        return text_written(json_text(self.state_dict()), path)

    def plot(self, *columns: str, ax: Any = None, **options: Any) -> Any:
        """Draw columns against the epoch, the loss (and `val_loss`) by default; return the axes.

        `options` are those of `plot_curves`. Raises KeyError where a column was not recorded,
        RenderError where matplotlib is not installed.
        """
        columns = columns or tuple(x for x in ("loss", "val_loss") if x in self.columns)
        kinds = {name.removeprefix("val_") for name in columns}
        options.setdefault("ylabel", kinds.pop() if len(kinds) == 1 else "")
        epochs = self["epoch"]
        return plot_curves({name: (epochs, self[name]) for name in columns}, ax=ax, **options)

    # --- in a checkpoint ------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return all of it as plain lists and dicts."""
        return {k: x for k, x in asdict(self).items() if k != "not_compiled"}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Become what `state_dict` returned; raise TypeError or ValueError where it is no such.

        >>> history = History()
        >>> history.load_state_dict({"rows": [{"epoch": 1, "loss": 2.0}], "snapshots": []})
        >>> history["loss"]
        [2.0]
        """
        rows = list(map(_numbers, entry(state, "rows", list)))
        snapshots = [(epoch, _numbers(row)) for epoch, row in entry(state, "snapshots", list)]
        for epoch in [*(row.get("epoch") for row in rows), *(epoch for epoch, _ in snapshots)]:
            whole("the epoch of a history", epoch, at_least=0)
        if any(list(row) != list(rows[0]) for row in rows):
            raise ValueError("the rows of a history have the same columns")
        stopped = entry({"stopped": "", **state}, "stopped", str)
        self.rows, self.snapshots, self.stopped = rows, snapshots, stopped


add_foreign(History, {"history": "a column is history['loss']", "epoch": "write history['epoch']"})


def _shown(x: float) -> str:
    return str(x) if isinstance(x, int) else f"{x:.4g}"


def _numbers(row: Any) -> Row:
    if isinstance(row, Mapping):
        kinds = set(map(type, row.values()))
        if bool not in kinds and all(issubclass(kind, int | float) for kind in kinds):
            return dict(row)
    raise TypeError(f"expected numbers by name, got {row!r:.60}")


# --- early stopping -------------------------------------------------------------------------------


@helpful
@dataclass(frozen=True)
class EarlyStopping:
    """End training when `monitor` has not improved for `patience` epochs.

    `monitor` is a column of the history: by default `val_loss`, or `loss` where nothing is
    validated. To improve is to fall, or with `largest` to rise, by more than `min_delta`; where
    `largest` is None an accuracy is to rise. With `restore_best` the model ends with the parameters
    of the best epoch: where a `val_` column is watched those of its end, which it was measured on,
    and else, as training measures before it steps, those of its beginning. (Prechelt, "Early
    stopping - but when?", 1998.)

    Raises ValueError where `patience` is no whole number > 0 or `min_delta` is negative.

    >>> EarlyStopping(patience=5).patience
    5
    """

    patience: int = 10
    min_delta: float = 0.0
    monitor: str | None = None
    largest: bool | None = None
    restore_best: bool = True

    def __post_init__(self) -> None:
        words = "patience is a number of epochs, 1 or more"
        whole("patience", self.patience, at_least=1, saying=words)
        number("min_delta", self.min_delta, at_least=0)

    def watched(self, columns: Sequence[str]) -> str:
        """Return which of the columns is watched; raise ValueError where it is none of them.

        >>> EarlyStopping().watched(["epoch", "loss", "val_loss"])
        'val_loss'
        """
        name = self.monitor or ("val_loss" if "val_loss" in columns else "loss")
        if name not in columns:
            complaint = f"early stopping watches {name!r}, which is not recorded"
            raise unknown(ValueError, complaint, name, columns)
        return name


class Patience:
    """Counts the epochs since the best one, as an EarlyStopping's rules have it.

    >>> patience = Patience(EarlyStopping(patience=2), ["epoch", "loss"])
    >>> [patience.improved({"loss": x}) for x in [3.0, 2.0, 2.5, 2.0]]
    [True, True, False, False]
    >>> patience.is_over
    True
    """

    def __init__(self, rules: EarlyStopping, columns: Sequence[str]) -> None:
        self.rules, self.column = rules, rules.watched(columns)
        rises = self.column.endswith("accuracy") if rules.largest is None else rules.largest
        self._sign = -1 if rises else 1
        self.best, self.waited, self.is_over = math.inf, 0, False

    def improved(self, row: Row) -> bool:
        """Count one more epoch; return whether it is the best so far."""
        number = self._sign * row[self.column]
        better = number < self.best - self.rules.min_delta
        self.best, self.waited = (number, 0) if better else (self.best, self.waited + 1)
        self.is_over = self.waited >= self.rules.patience
        return better
