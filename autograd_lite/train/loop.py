"""The loop of a training: epochs, until their number or something else ends it."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from ..errors import DivergenceError
from ..optim import Optimizer, Schedule
from .checkpoints import damaged, parts_of, restore, shown, states_of, write_checkpoint
from .compiled import CompiledObjective
from .data import Dataset
from .data.preparation import batches
from .history import EarlyStopping, History, Patience
from .objective import Measured, Objective, means
from .resuming import check_settings
from .terminal import Interrupt, progress_bar

Callback = Callable[[History], Any]

SHARE = 1 / 20  # of the time, at most, is spent on writing, where no number of epochs is given


@dataclass
class Saving:
    """Keeps the state of each epoch's end in memory, and writes it now and then, and at last.

    `every` is a number of epochs, or None for as often as takes a twentieth of the time.
    """

    path: Path
    every: int | None
    settings: dict[str, Any]
    extra: dict[str, Any]
    _kept: dict[str, Any] = field(default_factory=dict)  # what is not written yet
    _next: float = 0.0  # the time from which on it may be written

    def end_of_epoch(self, states: dict[str, Any], history: History) -> None:
        """Take in the states at the end of an epoch; write them if it is time."""
        n = len(history)
        self._kept = {**states, "settings": self.settings, "extra": self.extra, "epoch": n}
        if n % self.every == 0 if self.every else perf_counter() >= self._next:
            self.finish(history)

    def finish(self, history: History) -> None:
        """Write the end of the last epoch, if that is not done yet."""
        if self._kept:
            began = perf_counter()
            kept = replace(history, rows=history.rows[: self._kept["epoch"]])
            write_checkpoint(self.path, {**self._kept, "history": kept.state_dict()})
            self._kept, ended = {}, perf_counter()
            self._next = ended + (ended - began) / SHARE


@dataclass
class Loop:
    """A training under way: what `fit` was given, made whole, and how far it has come."""

    objective: Objective | CompiledObjective
    optimizer: Optimizer
    data: Dataset
    validation: Dataset | None
    batch_size: int | None
    rng: random.Random
    max_norm: float | None
    stopping: EarlyStopping | None
    callbacks: Sequence[Callback]
    snapshots: int | None
    saving: Saving | None
    schedule: Schedule | None = None
    history: History = field(default_factory=History)
    best: dict[str, float] | None = None  # the parameters of the best epoch
    must_compile: bool = False  # or say why not
    epochs_made: int = 0  # by this loop, beside those of a checkpoint that it goes on from

    def __post_init__(self) -> None:
        self.model = self.objective.model
        measured = ["loss", *self.objective.metrics]
        if self.validation is not None:
            measured += [f"val_{name}" for name in measured]
        self.columns = ["epoch", *measured, "grad_norm", "lr", "seconds"]
        self.patience = None if self.stopping is None else Patience(self.stopping, self.columns)
        samples = len(self.data.targets)
        self.batches = math.ceil(samples / (self.batch_size or samples))  # of an epoch

    def run(self, epochs: int, progress: bool) -> History:
        """Go on until so many epochs are made, or something ends it; return the history."""
        made, n = len(self.history), self.batches
        self.history.stopped = ""
        try:
            with (
                progress_bar(epochs * n, shown=progress, done=made * n) as bar,
                Interrupt() as interrupt,
            ):
                self._keep_snapshot()
                self._stop_without_improvement()  # a training gone on with may have ended so
                while len(self.history) < epochs and not self.history.stopped:
                    self._epoch(epochs, bar, interrupt)
        finally:
            self.model.eval()
            if self.saving is not None:
                self.saving.finish(self.history)
        if self.best is not None and self.stopping is not None and self.stopping.restore_best:
            self.model.load_state_dict(self.best)
        return self.history

    def _epoch(self, epochs: int, bar: Any, interrupt: Interrupt) -> None:
        """Make one pass over the data, and all that belongs to its end."""
        epoch, lr, began = len(self.history) + 1, self.optimizer.lr, perf_counter()
        if not bar.disable:
            bar.set_description_str(f"epoch {epoch}/{epochs}", refresh=False)
        # The training loss is measured before each step: its best parameters are the first ones.
        of_training = self.patience is not None and not self.patience.column.startswith("val_")
        best = self.model.state_dict() if of_training else None
        if not self.model.training:
            self.model.train()
        if self.callbacks and isinstance(self.objective, CompiledObjective):
            self.objective.renew()
        measured = means(self._steps(epoch, bar, interrupt))
        if self.history.stopped:
            return
        norm = measured.pop("grad_norm")
        row = {
            "epoch": epoch,
            **measured,
            **self._validated(epoch, bar),
            "grad_norm": norm,
            "lr": lr,
        }
        self.history.rows.append({**row, "seconds": perf_counter() - began})
        self.epochs_made += 1
        if self.patience is not None and self.patience.improved(row):
            self.best = best or self.model.state_dict()
        if self.schedule is not None:
            self.schedule.step()
        if not bar.disable:
            bar.set_postfix({k: f"{row[k]:.3g}" for k in ("loss", "val_loss") if k in row}, False)
        try:
            answers = [callback(self.history) for callback in self.callbacks]
            if any(answer is True for answer in answers):
                self._stop("ended by a callback")
            elif interrupt.requested and epoch < epochs:
                self._stop("interrupted")
            else:
                self._stop_without_improvement()
        finally:  # what a callback raises does not undo the epoch
            self._keep_snapshot()
            if self.saving is not None:
                states = {**states_of(self._parts()), "best": self.best}
                self.saving.end_of_epoch(states, self.history)

    def _steps(self, epoch: int, bar: Any, interrupt: Interrupt) -> Iterator[Measured]:
        """Make a step for each batch, or until Ctrl-C, and yield what was measured."""
        for i, batch in enumerate(self._batches(self.data, self.rng), 1):
            try:
                measured = self.objective.step(batch, self.optimizer, self.max_norm)
            except Exception as error:
                where = f"in epoch {epoch}, batch {i} of {self.batches}"
                self._place(error, where, f"while training, {where}")
                raise
            if self.objective.reason:
                self._tell_why_eager(bar)
            yield measured
            bar.update()
            if interrupt.requested and i < self.batches:
                where = f"in epoch {epoch}, after batch {i} of {self.batches}"
                self.history.stopped = f"interrupted {where}"
                return

    def _tell_why_eager(self, bar: Any) -> None:
        reason = self.objective.reason
        if reason == self.history.not_compiled:
            return
        self.history.not_compiled = reason
        if self.must_compile:
            raise TypeError(f"fit cannot compile this: {reason}; pass jit=False")
        if self.saving is not None:  # gone on with, it is eager from here on
            self.saving.settings["backend"] = "eager"
        if not bar.disable:
            bar.write(f"not compiled: {reason}", file=sys.stderr)

    def _validated(self, epoch: int, bar: Any) -> dict[str, float]:
        if self.validation is None:
            return {}
        self.model.eval()
        try:
            measured = means(map(self.objective.validated, self._batches(self.validation)))
            _check_finite(measured["loss"])
        except Exception as error:
            self._place(error, f"in epoch {epoch}", f"while validating, after epoch {epoch}")
            raise
        if self.objective.reason:
            self._tell_why_eager(bar)
        return {f"val_{name}": x for name, x in measured.items()}

    def _batches(self, data: Dataset, rng: random.Random | None = None) -> Iterable[Dataset]:
        return [data] if self.batch_size is None else batches(data, self.batch_size, seed=rng)

    def _keep_snapshot(self) -> None:
        epoch, kept = len(self.history), self.history.snapshots
        last = dict(kept[-1:])  # a training gone on with begins as it ended
        if self.snapshots and epoch % self.snapshots == 0 and epoch not in last:
            kept.append((epoch, self.model.state_dict()))

    def _stop_without_improvement(self) -> None:
        if self.patience is not None and self.patience.is_over:
            self._stop(f"no improvement for {self.patience.waited} epochs")

    def _stop(self, why: str) -> None:
        self.history.stopped = f"{why}, after epoch {len(self.history)}"

    def _place(self, error: Exception, where: str, note: str) -> None:
        """Say of a divergence where it came, and of any other error what was done, by a note."""
        if isinstance(error, DivergenceError):
            self.history.stopped = f"diverged {where}: {error}"
            raise DivergenceError(
                f"training diverged {where}: {error}; the parameters are those before that step; "
                f"try an lr below {self.optimizer.lr:g}, or max_norm=1.0"
            ) from error.__cause__
        error.add_note(note)

    # --- from a checkpoint ----------------------------------------------------------------------

    def load(self, saving: Saving, content: dict[str, Any]) -> None:
        """Go on from what a checkpoint holds; raise as load_checkpoint does, and change nothing."""
        file, history, epoch = shown(saving.path), content["history"], content["epoch"]
        check_settings(file, content.get("settings"), saving.settings)
        self.history, self.best = history, content.get("best")
        if history.rows and history.columns != self.columns:
            columns = ", ".join(history.columns)
            raise damaged(file, f"its history has the columns {columns:.200}")
        if [row["epoch"] for row in history.rows] != list(range(1, epoch + 1)):
            raise damaged(file, f"its history is not that of epochs 1 to {epoch}")
        improved = [self.patience and self.patience.improved(row) for row in history.rows]
        if any(improved) and self.best is None:
            raise damaged(file, "it has no best parameters, which early stopping keeps")
        kept = {f"snapshot {i}": state for i, state in history.snapshots}
        kept |= {} if self.best is None else {"best": self.best}
        restore(self._parts(), content, file, kept)

    def _parts(self) -> dict[str, Any]:
        return parts_of(self.model, self.optimizer, self.schedule, self.rng)


def _check_finite(loss: float) -> None:
    if not math.isfinite(loss):
        raise DivergenceError(f"the loss of the validation data is {loss:g}")
