"""Checkpoints: all that a training needs to go on, in one JSON file that is whole at any moment."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..errors import CheckpointError
from ..files import write_whole
from ..json_text import json_text, number_in_json, parsed_json
from ..nn import Module
from ..optim import Optimizer, Schedule
from .history import History
from .random_state import RandomSources

FORMAT, VERSION = "autograd_lite checkpoint", 1
_KINDS = {"epoch": int, "kind": str, "model": dict, "random": dict, "history": dict, "extra": dict}


class Stateful(Protocol):
    """What can be saved as lists and dicts, and go on from them."""

    def state_dict(self) -> dict[str, Any]:
        """Return all that it needs to go on."""

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        """Go on from what `state_dict` returned, or raise and change nothing."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says beside what it restores: the epochs made, their history, notes."""

    epoch: int
    history: History
    extra: dict[str, Any]


def save_checkpoint(
    path: str | os.PathLike[str],
    model: Module,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    *,
    epoch: int = 0,
    rng: random.Random | None = None,
    history: History | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Path:
    """Write the model, and what else is given, to a JSON file; return its path.

    It is written under another name, brought to the disk and moved into place: a kill at any moment
    leaves the old file or the new one, whole. The states of `rng`, of the modules' random sources
    and of Python's own are saved too. `extra` is for notes, such as how to build the model.

    Raises OSError where the file cannot be written, TypeError where `extra` does not fit into JSON.

    >>> from tempfile import TemporaryDirectory
    >>> from autograd_lite.nn import MLP
    >>> with TemporaryDirectory() as folder:
    ...     path = save_checkpoint(Path(folder, "model.json"), MLP(2, [1]), epoch=3)
    ...     load_checkpoint(path, MLP(2, [1])).epoch
    3
    """
    content = {
        "format": FORMAT,
        "version": VERSION,
        "epoch": epoch,
        "kind": type(model).__name__,
        "model": model.state_dict(),
        "optimizer": None if optimizer is None else optimizer.state_dict(),
        "schedule": None if schedule is None else schedule.state_dict(),
        "random": RandomSources(model, rng).state_dict(),
        "history": (History() if history is None else history).state_dict(),
        "extra": dict(extra or {}),
    }
    text = json_text(content)
    write_whole(Path(path), text.encode)
    return Path(path)


def load_checkpoint(
    path: str | os.PathLike[str],
    model: Module,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    *,
    rng: random.Random | None = None,
) -> Checkpoint:
    """Give the model, and what else is passed, the state that a checkpoint holds; return the rest.

    Where an optimiser is passed, to go on with training, the random sources of the modules and of
    Python itself go on from where they were as well.

    Raises CheckpointError where the file is no checkpoint, is damaged, or is that of another model
    or optimiser, OSError where it cannot be read; nothing is changed then.
    """
    content = read_checkpoint(path)
    history = History()
    parts: dict[str, Stateful] = {"model": model, "history": history}
    if optimizer is not None:
        parts |= {"optimizer": optimizer, "random": RandomSources(model, rng)}
    if schedule is not None:
        parts["schedule"] = schedule
    for name in parts:
        if content.get(name) is None:
            raise CheckpointError(f"{_name(path)} has no {name}; it was saved without one")
    _restore(parts, content, _name(path))
    return Checkpoint(content["epoch"], history, content["extra"])


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a checkpoint holds, the kinds of its parts checked; raise as load_checkpoint.

    >>> read_checkpoint("nowhere.json")
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'nowhere.json'
    """
    data = Path(path).read_bytes()
    try:
        content = parsed_json(data)
    except ValueError as error:
        raise CheckpointError(f"{_name(path)} is damaged, or no checkpoint: {error}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise CheckpointError(f"{_name(path)} is no checkpoint of autograd_lite")
    if content.get("version") != VERSION:
        raise CheckpointError(
            f"{_name(path)} is of version {content.get('version')!r:.20}, expected {VERSION}: "
            "it was written by another release of autograd_lite"
        )
    for key, kind in _KINDS.items():
        held = content.get(key)
        if not isinstance(held, kind) or isinstance(held, bool):
            raise CheckpointError(
                f"{_name(path)} is damaged: {key!r} is {held!r:.60}, expected {kind.__name__}"
            )
    if content["epoch"] < 0:
        raise CheckpointError(f"{_name(path)} is damaged: epoch {content['epoch']}, expected >= 0")
    return content


def _restore(parts: dict[str, Stateful], content: dict[str, Any], file: str) -> None:
    """Load every part from its state, or none."""
    before = {name: part.state_dict() for name, part in parts.items()}
    loaded = []
    for name, part in parts.items():
        loaded.append(name)
        try:
            part.load_state_dict(_with_numbers(content[name]))
        except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
            for changed in loaded[:-1]:
                parts[changed].load_state_dict(before[changed])
            raise CheckpointError(
                f"{file} does not fit: {name}: {error}; it is the checkpoint of "
                f"a {content['kind']} with {len(content['model'])} parameters"
            ) from error


def _with_numbers(state: Any) -> Any:
    """Return a state in which inf and nan are numbers again."""
    if isinstance(state, dict):
        return {name: _with_numbers(held) for name, held in state.items()}
    if isinstance(state, list):
        return [_with_numbers(held) for held in state]
    return number_in_json(state)


def _name(path: str | os.PathLike[str]) -> str:
    return str(path) if len(str(path)) <= 200 else f"...{str(path)[-200:]}"
