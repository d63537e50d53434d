"""Saving: when a training writes its checkpoint, and what of it."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from .checkpoints import write_checkpoint
from .history import History

SHARE = 1 / 20  # of the time, at most, is spent on writing, where no number of epochs is given


@dataclass
class Saving:
    """Keeps the state of each epoch's end in memory, and writes it now and then, and at last.

    `every` is a number of epochs, or None for as often as takes a twentieth of the time.
    """

    path: Path
    every: int | None
    _kept: dict[str, Any] | None = field(default=None, init=False)  # what is not written yet
    _written_at: float = field(default=0.0, init=False)
    _took: float = field(default=0.0, init=False)

    def check(self) -> None:
        """Raise OSError where the file could not be written: before training, not after it.

        >>> Saving(Path("no/such/folder/run.json"), None).check()
        Traceback (most recent call last):
        FileNotFoundError: [Errno 2] its folder is not there: 'no/such/folder/run.json'
        """
        if self.path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder", str(self.path))
        if not self.path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "its folder is not there", str(self.path))

    def end_of_epoch(self, states: Mapping[str, Any], history: History) -> None:
        """Take in the states at the end of an epoch; write them if it is time."""
        self._kept = {**states, "epoch": len(history)}
        if self.every is not None:
            due = len(history) % self.every == 0
        else:
            due = perf_counter() - self._written_at >= self._took / SHARE
        if due:
            self.finish(history)

    def finish(self, history: History) -> None:
        """Write the end of the last epoch, if that is not done yet."""
        if self._kept is None:
            return
        began = perf_counter()
        epoch = self._kept["epoch"]
        kept = History(history.rows[:epoch], history.snapshots, history.stopped)
        write_checkpoint(self.path, {**self._kept, "history": kept.state_dict()})
        self._kept = None
        self._written_at = perf_counter()
        self._took = self._written_at - began
