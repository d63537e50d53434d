"""`sweep` trains a model for each point of a grid: learning rates, seeds, sizes, anything."""

from __future__ import annotations

import inspect
import math
import os
import pickle
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass
from functools import partial
from itertools import chain, count, islice, product
from typing import Any

from .._support.files import csv_text, text_written
from .._support.validation import unknown
from .._support.wording import aligned, printable, shortened
from ..errors import DataError, DivergenceError
from ..nn import Module
from ..optim import Optimizer, Schedule
from ..plots import plot_curves
from .fitting import fit
from .history import History
from .terminal import Interrupt, progress_bar

Build = Callable[..., Module]
Point = dict[str, Any]
Grid = Mapping[str, Any] | Sequence[Mapping[str, Any]]  # a list for each name, or points
Result = tuple[History, Module] | None  # None where Ctrl-C came before the training began
Task = Callable[[int], Result]  # it takes its place among the tasks

_FIT = tuple(inspect.signature(fit).parameters)[2:]  # what fit takes beside the model and the data
_ENDED = (KeyboardInterrupt, futures.BrokenExecutor)  # what Ctrl-C makes of a worker's process
_LOSSES = ("loss", "val_loss")  # a curve of these that grows has diverged; an accuracy's has not
_CUT, _RAN_AWAY = 10.0, 1000.0  # times the least loss that a training of the sweep began with


@dataclass(frozen=True)
class Trained:
    """One training of a sweep: its point of the grid, its history and the model it made."""

    point: Point
    history: History
    model: Any  # what `build` made


class Sweep(tuple[Trained, ...]):
    """The trainings of a sweep, in the order of the grid. Printed, it is a table."""

    __slots__ = ()

    def best(self, column: str = "loss", *, largest: bool = False) -> Trained:
        """Return the training that ended with the least (or the largest) number in a column.

        One that early stopping ended counts by its best epoch, whose parameters `restore_best`
        leaves, any other by its last. Those that diverged do not count, nor does nan. Raises
        ValueError where none is left, KeyError where no training recorded the column.
        """
        best = max if largest else min
        ended = [t for t in self._with(column) if not t.history.stopped.startswith("diverged")]
        if not ended:
            raise ValueError("no training of the sweep came to its end; try smaller learning rates")
        ranks: list[tuple[float, Trained]] = []
        for trained in ended:
            first = 0 if trained.history.stopped.startswith("no improvement") else -1
            numbers = trained.history[column][first:]
            ranks += [(x, trained) for x in numbers if not math.isnan(x)]
        if not ranks:
            raise ValueError(f"every {printable(column)} is nan; no training is best")
        return best(ranks, key=lambda rank: rank[0])[1]

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the rows of all histories as CSV, a point before each; write it to a path given.

        A column that was measured and has the name of one of the points', as `lr` may, is called
        `measured_lr`. Raises OSError where the file cannot be written, leaving what was there.
        """
        columns = self._columns()
        rows = [[[row.get(x, "") for x in columns] for row in t.history.rows] for t in self]
        return text_written(csv_text(self._table(_whole, columns, rows)), path)

    def plot(self, column: str = "loss", *, ax: Any = None, **options: Any) -> Any:
        """Draw a column of all trainings against the epoch, a curve each; return the axes.

        `options` are those of `plot_curves`. A loss that grows, beyond ten times the least that a
        training began with, and stays there, counts as diverged. Raises KeyError where the column
        was not recorded, DataError where no training has an epoch, RenderError where matplotlib is
        not installed.
        """
        trainings = self._with(column)
        if not trainings:
            raise DataError(
                "there is no curve to draw: no training of the sweep ended its first epoch; try "
                "smaller learning rates"
            )
        highest = _CUT * self._least_beginning(column) if column in _LOSSES else math.inf
        curves = {
            label: (t.history["epoch"], _cut(t.history[column], highest))
            for label, t in zip(_labels(trainings), trainings, strict=True)
        }
        return plot_curves(curves, ax=ax, **{"ylabel": column, **options})

    def __repr__(self) -> str:
        return f"<sweep of {len(self)} trainings>"

    def __str__(self) -> str:
        if not self:
            return "no training ended"
        measured = [x for x in self._columns() if x not in ("epoch", "grad_norm", "lr", "seconds")]
        highest = _RAN_AWAY * self._least_beginning("loss")
        rows: list[list[list[Any]]] = []
        for history in (t.history for t in self):
            last = history.rows[-1] if history.rows else {}
            numbers = [f"{last[name]:.4g}" if name in last else "-" for name in measured]
            seconds = f"{sum(row.get('seconds', 0.0) for row in history.rows):.2f}"
            rows += [[[str(len(history)), *numbers, seconds, _note(history, highest)]]]
        table = self._table(_short, ["epochs", *measured, "seconds", ""], rows)
        return aligned(table, ">" * (len(table[0]) - 1) + "<")

    def _columns(self) -> list[str]:
        return list(dict.fromkeys(name for t in self for name in t.history.columns))

    def _with(self, column: str) -> list[Trained]:
        """Return the trainings that recorded a column; raise KeyError where only others were."""
        columns = self._columns()
        if columns and column not in columns:
            raise unknown(KeyError, f"no column {column!r} was recorded", str(column), columns)
        return [t for t in self if column in t.history.columns]

    def _least_beginning(self, column: str) -> float:
        """Return the least number > 0 that a column begins with; inf where some are not > 0."""
        first = [t.history[column][0] for t in self if column in t.history.columns]
        least = min(filter(math.isfinite, first), default=0.0)
        return least if least > 0 else math.inf

    def _table(
        self, text: Callable[[Any], str], columns: Sequence[str], rows: Sequence[list[list[Any]]]
    ) -> list[list[Any]]:
        """Return columns below their names, and the point of each training beside its rows."""
        points = _texts(self, text)
        names = list(dict.fromkeys(chain.from_iterable(points)))
        table = [[*names, *(f"measured_{name}" if name in names else name for name in columns)]]
        for point, own in zip(points, rows, strict=True):
            table += [[*(point.get(name, "") for name in names), *row] for row in own]
        return table


def sweep(
    build: Build,
    grid: Grid,
    data: Any,
    *,
    executor: futures.Executor | None = None,
    progress: bool = True,
    **options: Any,
) -> Sweep:
    """Train the model that `build` makes at every point of a grid; return all trainings.

    A grid has a list of values for each name, of which every combination is a point, or it is a
    list of points, dicts. What is named as one of `build`'s arguments is passed to it, what is
    named as one of `fit`'s (`lr`, `seed`, `batch_size` ...) to `fit`, with the other `options`.

    `executor` runs several at once: one of `concurrent.futures`, or another library's, such as
    Dask's `client.get_executor()`. With a ProcessPoolExecutor `build` is to be a function of a
    module. A training that diverges is kept, with the history it has. Ctrl-C begins no more
    trainings and returns what has ended, when those that run have.

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
    points = _points(grid)
    if options.get("checkpoint") is not None and len(points) > 1:
        raise TypeError("all trainings would write one checkpoint; list one for each in the grid")
    tasks = [_task(build, data, point, {**options, **point}) for point in points]
    if isinstance(executor, futures.ProcessPoolExecutor):
        _check_can_be_sent({"build": build, "data": data, **options}, *points)
    ended: dict[int, Trained] = {}
    try:
        with progress_bar(len(points), "training", shown=progress) as bar, Interrupt() as interrupt:
            for i, result in _results(tasks, executor, interrupt):
                bar.update()
                if result is not None:
                    ended[i] = Trained(points[i], *result)
    except BaseException as error:
        _attach(error, Sweep(ended[i] for i in sorted(ended)))
        raise
    return Sweep(ended[i] for i in sorted(ended))


def _attach(error: Any, found: Sweep) -> None:
    error.sweep = found
    if found:
        listed = "; ".join(_labels(found)[:5]) + ("; ..." if len(found) > 5 else "")
        error.add_note(f"the trainings that had ended: {listed} (they are in the error's `sweep`)")


# --- points and tasks -----------------------------------------------------------------------------


def _points(grid: Grid) -> list[Point]:
    """Return every combination of a grid's lists, or the points that it is a list of."""
    if isinstance(grid, Mapping):
        for name, values in grid.items():
            if isinstance(values, str) or not isinstance(values, Iterable):
                raise TypeError(
                    f"a grid has a list of values for {printable(str(name))}, got {values!r:.60}"
                )
        grid = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    points = [dict(point) for point in grid]
    if not points or not all(points):
        raise ValueError("sweep expects a grid such as {'lr': [0.1, 0.2]}, got none")
    return points


def _task(build: Build, data: Any, point: Point, arguments: Point) -> Task:
    """Return what trains at a point: what belongs to build and to fit goes to both."""
    accepted = inspect.signature(build).parameters
    for_build = {name: x for name, x in point.items() if name in accepted}
    for_fit = {name: x for name, x in arguments.items() if name in _FIT}
    for name, value in arguments.items():
        if isinstance(value, (Optimizer, Schedule)):
            raise TypeError(f"{name} is made for one model; pass a name, a class or a curve")
        if name not in for_build and name not in for_fit:
            complaint = f"neither build nor fit has an argument {name!r}"
            raise unknown(TypeError, complaint, name, [*_FIT, *accepted], rest="")
    return partial(_train, build, data, for_build, for_fit)


def _check_can_be_sent(*arguments: Mapping[str, Any]) -> None:
    """Raise TypeError, naming it, for what cannot be pickled."""
    for name, value in chain.from_iterable(each.items() for each in arguments):
        try:
            pickle.dumps(value)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            wanted = "a function at the top of a module" if callable(value) else "picklable"
            why = f"{name} is to be {wanted} for a ProcessPoolExecutor ({error})"
            raise TypeError(why) from error


# --- running --------------------------------------------------------------------------------------


def _train(build: Build, data: Any, for_build: Point, for_fit: Point, place: int) -> Result:
    """Train; the place is there for Dask, which takes two calls with equal arguments for one."""
    with Interrupt() as interrupt:  # in a worker's process the sweep's own does not hear it
        model = build(**for_build)
        if interrupt.requested:
            return None
        try:
            return fit(model, data, progress=False, **for_fit), model
        except DivergenceError as error:
            return error.history, model


def _here(task: Task, place: int) -> futures.Future[Result]:
    """Do what an executor's `submit` does, at once; what the task raises is raised."""
    future: futures.Future[Result] = futures.Future()
    future.set_result(task(place))
    return future


def _results(
    tasks: Sequence[Task], executor: futures.Executor | None, interrupt: Interrupt
) -> Iterator[tuple[int, Result]]:
    """Yield the place of each task and what it gave, as it ends; on a request begin no more.

    Raises what the first task that fails raises. A pool is given no more tasks than run at once,
    for it gives none back, and those end first; any other executor is given all, and those that
    have not ended are taken back. Ctrl-C may end a worker's process that was idle, and with it the
    pool: that is no failure.
    """
    submit = _here if executor is None else executor.submit
    pool = 1 if executor is None else getattr(executor, "_max_workers", 0)
    waiting = enumerate(tasks)
    running: dict[futures.Future[Result], int] = {}
    failed: BaseException | None = None
    while True:
        if failed is None and not interrupt.requested:
            for place, task in islice(waiting, (pool or len(tasks)) - len(running)):
                running[submit(task, place)] = place
        elif not pool:
            last_first = reversed(running.items())  # what begins meanwhile is the first of them
            running = {future: i for future, i in last_first if not future.cancel()}
        if not running:
            break
        done, _ = futures.wait(running, return_when=futures.FIRST_COMPLETED)
        for future in sorted(done, key=running.__getitem__):
            place, error = running.pop(future), future.exception()
            if error is None:
                yield place, future.result()
            elif failed is None and not (interrupt.requested and isinstance(error, _ENDED)):
                failed = error
    if failed is not None:
        raise failed


# --- in words -------------------------------------------------------------------------------------


def _runs_away(ys: Sequence[float], highest: float) -> bool:
    return ys[-1] > max(highest, ys[0])


def _cut(ys: list[float], highest: float) -> list[float]:
    """Return a curve that ends where it runs away: it would leave the others a flat line."""
    if not _runs_away(ys, highest):
        return ys
    end = max((i for i, y in enumerate(ys, 1) if y <= highest), default=0)
    return [*ys[:end], *[math.inf] * (len(ys) - end)]


def _note(history: History, highest: float) -> str:
    notes = [history.stopped.partition(":")[0]]
    if history.rows and not notes[0].startswith("diverged"):
        notes += ["ran away"] if _runs_away(history["loss"], highest) else []
    return "; ".join(filter(None, notes))


def _labels(trainings: Sequence[Trained]) -> list[str]:
    """Return a label for each training, no two the same."""
    texts = _texts(trainings, _short)
    labels = [", ".join(f"{name} = {text}" for name, text in each.items()) for each in texts]
    return _told_apart([(label, i) for i, label in enumerate(labels)])


def _texts(trainings: Sequence[Trained], text: Callable[[Any], str]) -> list[dict[str, str]]:
    """Return points with strings for their values, those of different values different."""
    points = [t.point for t in trainings]
    columns: dict[str, Iterator[str]] = {}
    for name in dict.fromkeys(chain.from_iterable(points)):
        values = [point[name] for point in points if name in point]
        keys = [id(x) if hasattr(x, "__name__") else _whole(x) for x in values]
        columns[name] = iter(_told_apart(list(zip(map(text, values), keys, strict=True))))
    return [{name: next(columns[name]) for name in columns if name in point} for point in points]


def _whole(value: Any) -> str:
    if isinstance(value, float):  # numpy's own repr is longer
        return text if float(text := f"{value:g}") == value else repr(float(value))
    return str(getattr(value, "__name__", value))


def _short(value: Any) -> str:
    return shortened(_whole(value))[1:-1]  # on one line


def _told_apart(pairs: Sequence[tuple[str, Hashable]]) -> list[str]:
    """Return the string of each pair, with a number where several pairs have the same."""
    several = Counter(text for text, _ in set(pairs))
    named, taken = {pair: pair[0] for pair in pairs}, set(several)
    for text, key in named:
        if several[text] > 1:
            numbered = (f"{text} ({n})" for n in count(1))
            named[text, key] = next(x for x in numbered if x not in taken)
            taken.add(named[text, key])
    return [named[pair] for pair in pairs]
