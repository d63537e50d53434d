"""`sweep` trains a model for each point of a grid: learning rates, seeds, sizes, anything."""

from __future__ import annotations

import csv
import inspect
import io
import itertools
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from typing import Any

from ..errors import DivergenceError
from ..files import text_written
from ..nn import Module
from ..optim import Optimizer, Schedule
from ..viz.plots import plot_curves
from ..wording import did_you_mean
from .fitting import fit
from .history import History
from .interrupt import Interrupt
from .progress import progress_bar

Point = dict[str, Any]
Grid = Mapping[str, Any] | Sequence[Mapping[str, Any]]  # a list for each name, or points

_FIT = tuple(inspect.signature(fit).parameters)[2:]  # what fit takes beside the model and the data


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

        Those that diverged do not count. Raises ValueError where none is left, KeyError where there
        is no such column.
        """
        ended = [t for t in self if len(t.history) and not t.history.stopped.startswith("diverged")]
        if not ended:
            raise ValueError("no training of the sweep came to its end; try smaller learning rates")
        return (max if largest else min)(ended, key=lambda t: t.history[column][-1])

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the rows of all histories as CSV, a point before each; write it to a path given.

        Raises OSError where the file cannot be written, leaving what was there.
        """
        lines = io.StringIO()
        table = csv.writer(lines, lineterminator="\n")
        columns = self._columns()
        table.writerow([*(self[0].point if self.trainings else ()), *columns])
        for trained in self:
            point = [_shown(value) for value in trained.point.values()]
            table.writerows([*point, *row.values()] for row in trained.history.rows)
        return text_written(lines.getvalue(), path)

    def plot(self, column: str = "loss", *, ax: Any = None, **options: Any) -> Any:
        """Draw a column of all trainings against the epoch, a curve each; return the axes.

        `options` are those of `plot_curves`. A curve that grows beyond ten times the largest
        beginning, and stays there, counts as diverged. Raises KeyError where the column was not
        recorded, RenderError where matplotlib is not installed.
        """
        options.setdefault("ylabel", column)
        curves = {
            _label(t.point): (t.history["epoch"], t.history[column]) for t in self if len(t.history)
        }
        highest = 10 * max((ys[0] for _, ys in curves.values()), default=math.inf)
        if highest > 0:
            curves = {label: (xs, _until(highest, ys)) for label, (xs, ys) in curves.items()}
        return plot_curves(curves, ax=ax, **options)

    def __repr__(self) -> str:
        return f"<sweep of {len(self)} trainings>"

    def __str__(self) -> str:
        if not self.trainings:
            return "no training ended"
        measured = [x for x in self._columns() if x not in ("epoch", "grad_norm", "lr", "seconds")]
        head = [*self[0].point, "epochs", *measured, "seconds", ""]
        rows = [head, *(_row(t, measured) for t in self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ([*map(str.rjust, row[:-1], widths), row[-1]] for row in rows)
        return "\n".join("  ".join(line).rstrip() for line in lines)

    def _columns(self) -> list[str]:
        return max((t.history.columns for t in self), key=len, default=[])


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
    ends the sweep and returns what has ended.

    Raises TypeError where a name belongs to neither, ValueError where the grid is empty, and what
    `build` and `fit` raise.

    >>> from autograd_lite.nn import MLP
    >>> from autograd_lite.train import xor
    >>> def build(seed):
    ...     return MLP(2, [4, 1], "tanh", seed=seed)
    >>> found = sweep(build, {"lr": [0.01, 0.1], "seed": [0]}, xor(), epochs=50)
    >>> found.best().point
    {'lr': 0.1, 'seed': 0}
    """
    points = _points(grid)
    accepted = inspect.signature(build).parameters
    tasks = [_task(build, data, {**options, **point}, set(point), accepted) for point in points]
    with progress_bar(len(points), "training", shown=progress) as bar, Interrupt() as interrupt:
        if executor is None:
            found = _one_by_one(tasks, bar, interrupt)
        else:
            found = _pooled(executor, tasks, bar, interrupt)
    pairs = zip(points, found, strict=False)
    return Sweep(tuple(Trained(point, *result) for point, result in pairs if result is not None))


# --- running the tasks ----------------------------------------------------------------------------

Task = tuple[Callable[..., Module], Any, Point, Point]  # of fit's arguments the data, then others
Result = tuple[History, Module]


def _train(task: Task) -> Result:
    build, data, for_build, for_fit = task
    model = build(**for_build)
    try:
        return fit(model, data, progress=False, **for_fit), model
    except DivergenceError as error:
        return error.history, model


def _one_by_one(tasks: Sequence[Task], bar: Any, interrupt: Interrupt) -> list[Result | None]:
    results: list[Result | None] = []
    for task in tasks:
        if interrupt.requested:
            break
        results.append(_train(task))
        bar.update()
    return results


def _pooled(
    executor: Executor, tasks: Sequence[Task], bar: Any, interrupt: Interrupt
) -> list[Result | None]:
    futures = [executor.submit(_train, task) for task in tasks]
    try:
        for future in as_completed(futures):
            bar.update()
            if interrupt.requested or future.exception() is not None:
                break
    finally:
        for future in futures:
            future.cancel()  # what has begun goes on to its end
    return [None if future.cancelled() else future.result() for future in futures]


# --- the grid -------------------------------------------------------------------------------------


def _points(grid: Grid) -> list[Point]:
    if isinstance(grid, Mapping):
        columns = [_values(name, values) for name, values in grid.items()]
        points = [dict(zip(grid, values, strict=True)) for values in itertools.product(*columns)]
    else:
        points = [dict(point) for point in grid]
    if not points or not all(points):
        raise ValueError("sweep expects a grid such as {'lr': [0.1, 0.2]}, got none")
    return points


def _values(name: str, values: Any) -> list[Any]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"a grid has a list of values for {name}, got {values!r:.60}")
    return list(values)


def _task(
    build: Callable[..., Module],
    data: Any,
    arguments: Point,
    varied: set[str],
    accepted: Mapping[str, inspect.Parameter],
) -> Task:
    """Part arguments into those of `build` and of `fit`; what belongs to both goes to both."""
    for name, value in arguments.items():
        if isinstance(value, (Optimizer, Schedule)):
            raise TypeError(f"{name} is made for one model; pass a name, a class or a curve")
        if name not in _FIT and not (name in varied and name in accepted):
            hint = did_you_mean(name, [*_FIT, *accepted])
            raise TypeError(f"neither build nor fit has an argument {name!r}{hint}")
    for_build = {name: arguments[name] for name in varied if name in accepted}
    for_fit = {name: value for name, value in arguments.items() if name in _FIT}
    return build, data, for_build, for_fit


# --- in pictures and words ------------------------------------------------------------------------


def _until(highest: float, ys: list[float]) -> list[float]:
    """Return a curve that ends where it runs away: it would leave the others a flat line."""
    if ys[-1] <= highest:
        return ys
    end = next(i for i, y in enumerate(ys) if not y <= highest)
    return [*ys[:end], *[math.inf] * (len(ys) - end)]


def _row(trained: Trained, measured: Sequence[str]) -> list[str]:
    history = trained.history
    last = history.rows[-1] if len(history) else {}
    numbers = [f"{last[name]:.4g}" if name in last else "-" for name in measured]
    seconds = f"{sum(history['seconds']) if last else 0.0:.2f}"
    return [*map(_shown, trained.point.values()), str(len(history)), *numbers, seconds,
            history.stopped[:80]]  # fmt: skip


def _label(point: Point) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in point.items())


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return str(getattr(value, "__name__", value))[:40]
