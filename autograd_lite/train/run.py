"""Run: a training under way, which can be saved and gone on with at the end of any epoch."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from ..errors import DivergenceError
from ..optim import Optimizer, Schedule
from .checkpoints import Stateful, load_checkpoint, save_checkpoint
from .epochs import Averages, Objective, train_on
from .history import History, Row
from .interrupt import Interrupt
from .progress import progress_bar
from .sources import Source
from .stopping import EarlyStopping, Patience

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
    checkpoint: Path | None
    checkpoint_every: int
    extra: Mapping[str, Any]
    seed: int
    rng: random.Random
    history: History = field(default_factory=History)
    best: dict[str, float] | None = None  # the parameters of the best epoch

    def __post_init__(self) -> None:
        self.model = self.objective.model
        self.patience = None if self.stopping is None else Patience(self.stopping)

    def to(self, epochs: int, progress: bool) -> History:
        """Go on until so many epochs are made, or something ends it; return the history."""
        parts: list[Stateful | None] = [self.model, self.optimizer, self.schedule]
        before = [(part, part.state_dict()) for part in parts if part is not None]
        first = len(self.history)
        self.history.stopped = ""
        bar = progress_bar(
            epochs * len(self.train), "batch", shown=progress, done=first * len(self.train)
        )
        try:
            with bar, Interrupt() as interrupt:
                self._keep_snapshot()
                self.model.train()
                self._loop(epochs, bar, interrupt)
        except DivergenceError:
            raise
        except Exception:
            if len(self.history) == first:
                for part, state in before:
                    part.load_state_dict(state)
            raise
        finally:
            self.model.eval()
        if self.best is not None and self.stopping is not None and self.stopping.restore_best:
            self.model.load_state_dict(self.best)
        return self.history

    def _loop(self, epochs: int, bar: Any, interrupt: Interrupt) -> None:
        while len(self.history) < epochs and not self.history.stopped:
            if self.patience is not None and self.patience.is_over:
                self._stop(f"no improvement for {self.patience.waited} epochs")
                return
            bar.set_description(f"epoch {len(self.history) + 1}/{epochs}", refresh=False)
            row = self._epoch(bar, interrupt)
            if row is None:
                return
            self._end_of_epoch(row, last=len(self.history) + 1 == epochs)
            bar.set_postfix({k: f"{row[k]:.4g}" for k in ("loss", "val_loss") if k in row}, False)
            answers = [callback(self.history) for callback in self.callbacks]
            if any(answers):
                self._stop("ended by a callback")
            elif interrupt.requested:
                self._stop("interrupted")

    def _epoch(self, bar: Any, interrupt: Interrupt) -> Row | None:
        """Make one pass over the data; return what was measured, None where it was broken off."""
        began, averages, lr = perf_counter(), Averages(), self.optimizer.lr
        epoch, n = len(self.history) + 1, len(self.train)
        for i, batch in enumerate(self.train.epoch(self.rng), 1):
            where = f"in epoch {epoch}, batch {i} of {n}"
            try:
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
        if self.validation is not None:
            means |= self.objective.validated(self.validation.epoch())
            self.model.train()
        seconds = perf_counter() - began
        return {"epoch": epoch, **means, "grad_norm": norm, "lr": lr, "seconds": seconds}

    def _end_of_epoch(self, row: Row, last: bool) -> None:
        improved = self.patience is not None and self.patience.improved(row)
        self.history.rows.append(row)
        if self.schedule is not None:
            self.schedule.step()
        if improved:
            self.best = self.model.state_dict()
        self._keep_snapshot()
        if self.checkpoint is not None and (last or len(self.history) % self.checkpoint_every == 0):
            self.save(self.checkpoint)

    def _keep_snapshot(self) -> None:
        epoch, kept = len(self.history), self.history.snapshots
        already = bool(kept) and kept[-1][0] == epoch  # a training gone on with begins as it ended
        if self.snapshots and epoch % self.snapshots == 0 and not already:
            kept.append((epoch, self.model.state_dict()))

    def _stop(self, why: str) -> None:
        self.history.stopped = f"{why}, after epoch {len(self.history)}"

    def _diverged(self, error: DivergenceError, where: str) -> DivergenceError:
        self.history.stopped = f"diverged {where}: {error}"
        found = DivergenceError(
            f"training diverged {where}: {error}; the parameters are those before that step; try "
            f"an lr below {self.optimizer.lr:g}, or max_norm=1.0"
        )
        found.history = self.history
        return found

    # --- in a checkpoint ------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write all of it to a checkpoint; raise as save_checkpoint does."""
        own = {"seed": self.seed, "best": self.best}
        save_checkpoint(
            path, self.model, self.optimizer, self.schedule, epoch=len(self.history), rng=self.rng,
            history=self.history, extra={**self.extra, "fit": own},
        )  # fmt: skip

    def load(self, path: Path) -> None:
        """Go on from a checkpoint; raise as load_checkpoint does."""
        found = load_checkpoint(path, self.model, self.optimizer, self.schedule, rng=self.rng)
        self.history, self.best = found.history, found.extra["fit"].get("best")
        for row in self.history.rows:
            if self.patience is not None:
                self.patience.improved(row)
