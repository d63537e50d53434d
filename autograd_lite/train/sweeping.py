"""`sweep` trains a model for each point of a grid: learning rates, seeds, sizes, anything."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from .._support.files import csv_text, text_written
from .._support.wording import aligned, did_you_mean, printable
from ..errors import DataError
from ..nn import Module
from ..plots import plot_curves
from .grids import Grid, Point, labels_of, names_of, points_of, texts_of
from .history import History
from .tasks import Result, run_all, tasks_for
from .terminal import Interrupt, progress_bar

_LOSSES = ("loss", "val_loss")  # a curve of these that grows has diverged; an accuracy's has not
_CUT, _RAN_AWAY = 10.0, 1000.0  # times the least loss that a training of the sweep began with


@dataclass(frozen=True)
class Trained:
    """One training of a sweep: its point of the grid, its history and the model it made."""

    point: Point
    history: History
    model: Any  # what `build` made


@dataclass(frozen=True, repr=False)
class Sweep(Sequence[Trained]):
    """The trainings of a sweep, in the order of the grid. Printed, it is a table."""

    trainings: tuple[Trained, ...]

    def __len__(self) -> int:
        return len(self.trainings)

    def __iter__(self) -> Iterator[Trained]:
        return iter(self.trainings)

    def __getitem__(self, i: Any) -> Any:
        return self.trainings[i]

    def best(self, column: str = "loss", *, largest: bool = False) -> Trained:
        """Return the training that ended with the least (or the largest) number in a column.

        One that early stopping ended counts by its best epoch, whose parameters `restore_best`
        leaves, any other by its last. Those that diverged do not count, nor does nan. Raises
        ValueError where none is left, KeyError where no training recorded the column.
        """
        if self._columns():
            self._check(column)
        ended = [t for t in self._with(column) if not t.history.stopped.startswith("diverged")]
        if not ended:
            raise ValueError("no training of the sweep came to its end; try smaller learning rates")
        best = max if largest else min
        ranked = [(best(xs), t) for t in ended if (xs := _counted(t.history, column))]
        if not ranked:
            raise ValueError(f"every {printable(column)} is nan; no training is best")
        return best(ranked, key=lambda pair: pair[0])[1]

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the rows of all histories as CSV, a point before each; write it to a path given.

        A column that was measured and has the name of one of the points', as `lr` may, is called
        `measured_lr`. Raises OSError where the file cannot be written, leaving what was there.
        """
        points = [t.point for t in self]
        names = names_of(points)
        columns = self._columns()
        rows: list[list[Any]] = [[*names, *[_beside(names, name) for name in columns]]]
        for trained, point in zip(self, texts_of(points, whole=True), strict=True):
            cells = [point.get(name, "") for name in names]
            for row in trained.history.rows:
                rows += [[*cells, *[row.get(name, "") for name in columns]]]
        return text_written(csv_text(rows), path)

    def plot(self, column: str = "loss", *, ax: Any = None, **options: Any) -> Any:
        """Draw a column of all trainings against the epoch, a curve each; return the axes.

        `options` are those of `plot_curves`. A loss that grows, beyond ten times the least that a
        training began with, and stays there, counts as diverged. Raises KeyError where the column
        was not recorded, DataError where no training has an epoch, RenderError where matplotlib is
        not installed.
        """
        if not self._columns():
            raise DataError(
                "there is no curve to draw: no training of the sweep ended its first epoch; try "
                "smaller learning rates"
            )
        self._check(column)
        options.setdefault("ylabel", column)
        highest = _CUT * self._least_beginning(column) if column in _LOSSES else math.inf
        trainings = self._with(column)
        labels = labels_of([t.point for t in trainings])
        curves = {
            label: (t.history["epoch"], _until(highest, t.history[column]))
            for label, t in zip(labels, trainings, strict=True)
        }
        return plot_curves(curves, ax=ax, **options)

    def __repr__(self) -> str:
        return f"<sweep of {len(self)} trainings>"

    def __str__(self) -> str:
        if not self.trainings:
            return "no training ended"
        points = [t.point for t in self]
        names = names_of(points)
        measured = [x for x in self._columns() if x not in ("epoch", "grad_norm", "lr", "seconds")]
        beside = [_beside(names, name) for name in ("epochs", *measured, "seconds")]
        highest = _RAN_AWAY * self._least_beginning("loss")
        rows = [[*names, *beside, ""]]
        for trained, point in zip(self, texts_of(points), strict=True):
            cells = [point.get(name, "") for name in names]
            rows.append([*cells, *_row(trained.history, measured), _note(trained.history, highest)])
        return aligned(rows, ">" * (len(rows[0]) - 1) + "<")

    def _columns(self) -> list[str]:
        return list(dict.fromkeys(name for t in self for name in t.history.columns))

    def _check(self, column: str) -> None:
        if column not in (columns := self._columns()):
            hint = did_you_mean(str(column), columns) or f"; there are {', '.join(columns)}"
            raise KeyError(f"no column {column!r} was recorded{hint}")

    def _with(self, column: str) -> list[Trained]:
        return [t for t in self if column in t.history.columns]

    def _least_beginning(self, column: str) -> float:
        """Return the least number > 0 that a column begins with; inf where some are not > 0."""
        first = [t.history[column][0] for t in self._with(column)]
        least = min(filter(math.isfinite, first), default=0.0)
        return least if least > 0 else math.inf


def sweep(
    build: Callable[..., Module],
    grid: Grid,
    data: Any,
    *,
    executor: Executor | None = None,
    progress: bool = True,
    **options: Any,
) -> Sweep:
    """Train the model that `build` makes at every point of a grid; return all trainings.

    A grid has a list of values for each name, of which every combination is a point, or it is a
    list of points, dicts. What is named as one of `build`'s arguments is passed to it, what is
    named as one of `fit`'s (`lr`, `seed`, `batch_size` ...) to `fit`, with the other `options`.

    `executor`, of `concurrent.futures`, runs several at once: with a ProcessPoolExecutor `build` is
    to be a function of a module. A training that diverges is kept, with the history it has. Ctrl-C
    begins no more trainings and returns what has ended, when those that run have.

    Raises TypeError where a name belongs to neither, ValueError where the grid is empty, and what
    `build` and `fit` raise. The `sweep` of such an error holds the trainings that had ended.

    >>> from autograd_lite.nn import MLP
    >>> from autograd_lite.train import xor
    >>> def build(seed):
    ...     return MLP(2, [4, 1], "tanh", seed=seed)
    >>> found = sweep(build, {"lr": [0.01, 0.1], "seed": [0]}, xor(), epochs=50)
    >>> found.best().point
    {'lr': 0.1, 'seed': 0}
    """
    points = points_of(grid)
    tasks = tasks_for(build, data, points, options)
    results: list[Result] = [None] * len(points)
    try:
        with progress_bar(len(points), "training", shown=progress) as bar, Interrupt() as interrupt:
            for i, result in run_all(tasks, executor, interrupt):
                results[i] = result
                bar.update()
    except BaseException as error:
        _attach(error, _swept(points, results))
        raise
    return _swept(points, results)


def _swept(points: Sequence[Point], results: Sequence[Result]) -> Sweep:
    pairs = zip(points, results, strict=True)
    return Sweep(tuple(Trained(point, *result) for point, result in pairs if result is not None))


def _attach(error: Any, found: Sweep) -> None:
    error.sweep = found
    if found:
        labels = labels_of([trained.point for trained in found])
        listed = "; ".join([*labels[:5], *(["..."] if len(labels) > 5 else [])])
        error.add_note(f"the trainings that had ended: {listed} (they are in the error's `sweep`)")


# --- in pictures and words ------------------------------------------------------------------------


def _counted(history: History, column: str) -> list[float]:
    """Return of which numbers the best one ranks a training."""
    numbers = history[column]
    if not history.stopped.startswith("no improvement"):
        numbers = numbers[-1:]
    return [x for x in numbers if not math.isnan(x)]


def _runs_away(highest: float, ys: Sequence[float]) -> bool:
    return ys[-1] > max(highest, ys[0])


def _until(highest: float, ys: list[float]) -> list[float]:
    """Return a curve that ends where it runs away: it would leave the others a flat line."""
    if not _runs_away(highest, ys):
        return ys
    end = max((i for i, y in enumerate(ys, 1) if y <= highest), default=0)
    return [*ys[:end], *[math.inf] * (len(ys) - end)]


def _beside(names: Sequence[str], column: str) -> str:
    return f"measured_{column}" if column in names else column


def _row(history: History, measured: Sequence[str]) -> list[str]:
    last = history.rows[-1] if len(history) else {}
    numbers = [f"{last[name]:.4g}" if name in last else "-" for name in measured]
    seconds = sum(row.get("seconds", 0.0) for row in history.rows)
    return [str(len(history)), *numbers, f"{seconds:.2f}"]


def _note(history: History, highest: float) -> str:
    why = history.stopped.partition(":")[0]
    if why.startswith("diverged") or "loss" not in history.columns:
        return why
    ran_away = "ran away" if _runs_away(highest, history["loss"]) else ""
    return "; ".join(filter(None, [why, ran_away]))
