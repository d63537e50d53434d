"""Saving: when a training writes its checkpoint, and what of it."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from ..errors import CheckpointError
from .checkpoints import is_checkpoint, write_checkpoint
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

        Raises CheckpointError where what is there is no checkpoint, and would be lost.

        >>> Saving(Path("no/such/folder/run.json"), None).check()
        Traceback (most recent call last):
        FileNotFoundError: [Errno 2] its folder is not there: 'no/such/folder/run.json'
        """
        if self.path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder", str(self.path))
        if not self.path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "its folder is not there", str(self.path))
        if self.path.is_file() and self.path.stat().st_size and not is_checkpoint(self.path):
            raise CheckpointError(f"{self.path} is there already, and no checkpoint; name another")
        beside = self.path.with_name(f".{self.path.name[:100]}.{secrets.token_hex(8)}.tmp")
        try:
            beside.touch(exist_ok=False)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None
        beside.unlink()

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
