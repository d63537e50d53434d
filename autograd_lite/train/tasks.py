"""The tasks of a sweep: a model to build and to fit each, run one by one or by an executor."""

from __future__ import annotations

import inspect
import os
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from typing import Any

from .._support.wording import did_you_mean
from ..errors import DivergenceError
from ..nn import Module
from ..optim import Optimizer, Schedule
from .fitting import fit
from .grids import Point
from .history import History
from .terminal import Interrupt

Build = Callable[..., Module]
Task = tuple[Build, Any, Point, Point]  # the data, then the arguments of build and those of fit
Result = tuple[History, Module] | None  # None where Ctrl-C came before the training began

_FIT = tuple(inspect.signature(fit).parameters)[2:]  # what fit takes beside the model and the data
_GLANCE = 0.2  # seconds after which a pool's sweep looks up, as Windows waits through Ctrl-C


def tasks_for(
    build: Build, data: Any, points: Sequence[Point], options: Mapping[str, Any]
) -> list[Task]:
    """Return a task for each point; what belongs to build and to fit goes to both.

    Raises TypeError where a name belongs to neither, or a value is made for one model.
    """
    if options.get("checkpoint") is not None and len(points) > 1:
        raise TypeError("all trainings would write one checkpoint; list one for each in the grid")
    accepted = inspect.signature(build).parameters
    return [_task(build, data, {**options, **point}, set(point), accepted) for point in points]


def _task(
    build: Build,
    data: Any,
    arguments: Point,
    varied: set[str],
    accepted: Mapping[str, inspect.Parameter],
) -> Task:
    for name, value in arguments.items():
        if isinstance(value, (Optimizer, Schedule)):
            raise TypeError(f"{name} is made for one model; pass a name, a class or a curve")
        if name not in _FIT and not (name in varied and name in accepted):
            hint = did_you_mean(name, [*_FIT, *accepted])
            raise TypeError(f"neither build nor fit has an argument {name!r}{hint}")
    for_build = {name: arguments[name] for name in varied if name in accepted}
    for_fit = {name: value for name, value in arguments.items() if name in _FIT}
    return build, data, for_build, for_fit


# --- running --------------------------------------------------------------------------------------


def run_all(
    tasks: Sequence[Task], executor: Executor | None, interrupt: Interrupt
) -> Iterator[tuple[int, Result]]:
    """Yield what each task gave, with its place among them, as it ends; on a request begin no more.

    Raises what the first task that fails raises, when all that had begun have ended; TypeError
    where a ProcessPoolExecutor cannot send a task to its processes.
    """
    if executor is None:
        return _one_by_one(tasks, interrupt)
    if isinstance(executor, ProcessPoolExecutor):
        _check_sent(tasks)
    return _pooled(tasks, executor, interrupt)


def _train(task: Task) -> Result:
    build, data, for_build, for_fit = task
    with Interrupt() as interrupt:  # in a worker's process the sweep's own does not hear it
        model = build(**for_build)
        if interrupt.requested:
            return None
        try:
            return fit(model, data, progress=False, **for_fit), model
        except DivergenceError as error:
            return error.history, model


def _one_by_one(tasks: Sequence[Task], interrupt: Interrupt) -> Iterator[tuple[int, Result]]:
    for i, task in enumerate(tasks):
        if interrupt.requested:
            return
        yield i, _train(task)


def _pooled(
    tasks: Sequence[Task], executor: Executor, interrupt: Interrupt
) -> Iterator[tuple[int, Result]]:
    """Submit no more tasks than run at once: what an executor was given can hardly be taken back.

    Ctrl-C may end a worker's process that was idle, and with it the pool: that is no failure.
    """
    at_once = getattr(executor, "_max_workers", None) or os.cpu_count() or 1
    waiting = iter(enumerate(tasks))
    running: dict[Future[Result], int] = {}
    failed: BaseException | None = None
    try:
        while True:
            while len(running) < at_once and failed is None and not interrupt.requested:
                if (following := next(waiting, None)) is None:
                    break
                running[executor.submit(_train, following[1])] = following[0]
            if not running:
                break
            ended, _ = wait(running, timeout=_GLANCE, return_when=FIRST_COMPLETED)
            for future in sorted(ended, key=running.__getitem__):
                i, error = running.pop(future), future.exception()
                if error is None:
                    yield i, future.result()
                elif interrupt.requested and isinstance(error, KeyboardInterrupt | BrokenExecutor):
                    continue
                elif failed is None:
                    failed = error
    finally:
        for future in running:
            future.cancel()
    if failed is not None:
        raise failed


def _check_sent(tasks: Sequence[Task]) -> None:
    """Raise TypeError, naming it, for what cannot be pickled."""
    seen: set[int] = set()
    for build, data, for_build, for_fit in tasks:
        for name, value in {"build": build, "data": data, **for_build, **for_fit}.items():
            if id(value) in seen:
                continue
            seen.add(id(value))
            try:
                pickle.dumps(value)
            except (pickle.PicklingError, AttributeError, TypeError) as error:
                wanted = "a function at the top of a module" if callable(value) else "picklable"
                raise TypeError(
                    f"{name} is to be {wanted} for a ProcessPoolExecutor ({error})"
                ) from error
