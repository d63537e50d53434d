"""Run: a training under way, which can be saved and gone on with at the end of any epoch."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from ..errors import CheckpointError, DivergenceError
from ..modes import no_gc
from ..nn.given import checked_state
from ..optim import Optimizer, Schedule
from .checkpoints import restored, shown, states_of, with_numbers
from .epochs import Averages, Objective, train_on
from .history import History, Row
from .saving import Saving
from .settings import Settings, check_settings
from .sources import Source
from .stopping import EarlyStopping, Patience
from .terminal import Interrupt, progress_bar

Callback = Callable[[History], Any]


@dataclass
class Run:
    """All that `fit` was given, made whole (see there), and how far it has come."""

    objective: Objective
    optimizer: Optimizer
    schedule: Schedule | None
    train: Source
    validation: Source | None
    max_norm: float | None
    stopping: EarlyStopping | None
    callbacks: Sequence[Callback]
    snapshots: int | None
    saving: Saving | None
    settings: Settings
    extra: Mapping[str, Any]
    rng: random.Random
    history: History = field(default_factory=History)
    best: dict[str, float] | None = None  # the parameters of the best epoch
    epochs_made: int = 0  # by this run, beside those of a checkpoint that it goes on from

    def __post_init__(self) -> None:
        self.model = self.objective.model
        self.patience = None if self.stopping is None else Patience(self.stopping)

    def to(self, epochs: int, progress: bool) -> History:
        """Go on until so many epochs are made, or something ends it; return the history."""
        first = len(self.history)
        self.history.stopped = ""
        batches = len(self.train)
        try:
            try:
                with (
                    progress_bar(epochs * batches, shown=progress, done=first * batches) as bar,
                    Interrupt() as interrupt,
                ):
                    self._keep_snapshot()
                    self._loop(epochs, bar, interrupt)
            finally:
                self.model.eval()
                if self.saving is not None:
                    self.saving.finish(self.history)
        except Exception as error:
            error.history = self.history  # type: ignore[attr-defined]
            raise
        if self.best is not None and self.stopping is not None and self.stopping.restore_best:
            self.model.load_state_dict(self.best)
        return self.history

    # --- the order of things --------------------------------------------------------------------

    def _loop(self, epochs: int, bar: Any, interrupt: Interrupt) -> None:
        self._stop_without_improvement()  # a training gone on with may have ended so
        while len(self.history) < epochs and not self.history.stopped:
            bar.set_description_str(f"epoch {len(self.history) + 1}/{epochs}", refresh=False)
            at_its_beginning = self._kept_for_best()
            row = self._epoch(bar, interrupt)
            if row is None:
                return
            self._record(row, at_its_beginning)
            bar.set_postfix({k: f"{row[k]:.3g}" for k in ("loss", "val_loss") if k in row}, False)
            try:
                answers = [callback(self.history) for callback in self.callbacks]
                self._stop_if_asked(answers, interrupt, epochs)
            finally:  # what a callback raises does not undo the epoch
                self._keep_snapshot()
                if self.saving is not None:
                    self.saving.end_of_epoch(self._content(), self.history)

    def _stop_if_asked(self, answers: list[Any], interrupt: Interrupt, epochs: int) -> None:
        if any(answer is True for answer in answers):
            self._stop("ended by a callback")
        elif interrupt.requested and len(self.history) < epochs:
            self._stop("interrupted")
        else:
            self._stop_without_improvement()

    def _stop_without_improvement(self) -> None:
        if self.patience is not None and self.patience.is_over:
            self._stop(f"no improvement for {self.patience.waited} epochs")

    def _epoch(self, bar: Any, interrupt: Interrupt) -> Row | None:
        """Make one pass over the data; return what was measured, None where it was broken off."""
        began, averages, lr = perf_counter(), Averages(), self.optimizer.lr
        epoch, n = len(self.history) + 1, len(self.train)
        if not self.model.training:
            self.model.train()
        for i, batch in enumerate(self.train.epoch(self.rng), 1):
            where = f"in epoch {epoch}, batch {i} of {n}"
            try:
                with no_gc():  # till the graph is gone: the collector sees what else is left
                    measured = train_on(self.objective, self.optimizer, batch, self.max_norm)
            except DivergenceError as error:
                raise self._diverged(error, where) from error.__cause__
            except Exception as error:
                error.add_note(f"while training, {where}")
                raise
            averages.add(len(batch.targets), measured)
            bar.update()
            if interrupt.requested and i < n:
                self.history.stopped = f"interrupted in epoch {epoch}, after batch {i} of {n}"
                return None
        means = averages.means()
        norm = means.pop("grad_norm")
        means |= self._validated(epoch)
        seconds = perf_counter() - began
        return {"epoch": epoch, **means, "grad_norm": norm, "lr": lr, "seconds": seconds}

    def _validated(self, epoch: int) -> dict[str, float]:
        if self.validation is None:
            return {}
        try:
            means = self.objective.validated(self.validation.epoch())
        except Exception as error:
            error.add_note(f"while validating, after epoch {epoch}")
            raise
        if not math.isfinite(means["val_loss"]):
            lost = DivergenceError(f"the loss of the validation data is {means['val_loss']:g}")
            raise self._diverged(lost, f"in epoch {epoch}")
        return means

    def _record(self, row: Row, at_its_beginning: dict[str, float] | None) -> None:
        self.history.rows.append(row)
        self.epochs_made += 1
        if self.patience is not None and self.patience.improved(row):
            self.best = at_its_beginning or self.model.state_dict()
        if self.schedule is not None:
            self.schedule.step()

    def _kept_for_best(self) -> dict[str, float] | None:
        """Return the parameters where the training loss, measured before each step, is watched."""
        if self.stopping is None or self.stopping.watched(self.columns).startswith("val_"):
            return None
        return self.model.state_dict()

    @property
    def columns(self) -> list[str]:
        """The columns that the history has."""
        measured = ["loss", *self.objective.metrics]
        if self.validation is not None:
            measured += [f"val_{name}" for name in measured]
        return ["epoch", *measured, "grad_norm", "lr", "seconds"]

    def _keep_snapshot(self) -> None:
        epoch, kept = len(self.history), self.history.snapshots
        already = bool(kept) and kept[-1][0] == epoch  # a training gone on with begins as it ended
        if self.snapshots and epoch % self.snapshots == 0 and not already:
            kept.append((epoch, self.model.state_dict()))

    def _stop(self, why: str) -> None:
        self.history.stopped = f"{why}, after epoch {len(self.history)}"

    def _diverged(self, error: DivergenceError, where: str) -> DivergenceError:
        self.history.stopped = f"diverged {where}: {error}"
        return DivergenceError(
            f"training diverged {where}: {error}; the parameters are those before that step; try "
            f"an lr below {self.optimizer.lr:g}, or max_norm=1.0"
        )

    # --- in a checkpoint ------------------------------------------------------------------------

    def _content(self) -> dict[str, Any]:
        states = states_of(self.model, self.optimizer, self.schedule, self.rng)
        return {**states, "best": self.best, "settings": self.settings, "extra": self.extra}

    def load(self, path: Path, content: dict[str, Any]) -> None:
        """Go on from what a checkpoint holds; raise as load_checkpoint does, and change nothing."""
        check_settings(path, content.get("settings"), self.settings)
        try:
            best = self._checked(content)
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"{shown(path)} is damaged: {error}") from None
        found = restored(content, path, self.model, self.optimizer, self.schedule, self.rng)
        self.best, self.history = best, found.history
        for row in self.history.rows:
            if self.patience is not None:
                self.patience.improved(row)

    def _checked(self, content: dict[str, Any]) -> dict[str, float] | None:
        """Return the best parameters, if some are kept; raise where this run could not be there."""
        names, kind = list(self.model.state_dict()), type(self.model).__name__
        history, epoch, best = History(), content["epoch"], content.get("best")
        history.load_state_dict(with_numbers(content["history"]))
        if history.rows and history.columns != self.columns:
            raise ValueError(f"its history has the columns {', '.join(history.columns)!s:.200}")
        if [row["epoch"] for row in history.rows] != list(range(1, epoch + 1)):
            raise ValueError(f"its history is not that of epochs 1 to {epoch}")
        for _, state in history.snapshots:
            checked_state(state, names, kind)
        if best is None:
            if self.stopping and any(map(Patience(self.stopping).improved, history.rows)):
                raise ValueError("it has no best parameters, which early stopping keeps")
            return None
        try:
            return checked_state(with_numbers(best), names, kind)
        except (TypeError, ValueError) as error:
            raise ValueError(f"best: {error}") from None
