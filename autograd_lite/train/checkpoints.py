"""Checkpoints: all that a training needs to go on, in one JSON file that is whole at any moment."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .._support.files import write_whole
from .._support.json_text import json_text, number_in_json, parsed_json
from ..errors import CheckpointError
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
    leaves the old file or the new one, whole. The states of `rng`, of Python's own random source
    and of the modules' are saved too. `extra` is for notes, such as how to build the model, as JSON
    has them.

    Raises OSError where the file cannot be written; ValueError where the optimiser or the model has
    parameters that the model does not hold as a Module does, or the epoch is no whole number;
    TypeError where `extra` does not fit into JSON or `model` is no Module.

    >>> from tempfile import TemporaryDirectory
    >>> from autograd_lite.nn import MLP
    >>> with TemporaryDirectory() as folder:
    ...     path = save_checkpoint(Path(folder, "model.json"), MLP(2, [1]), epoch=3)
    ...     load_checkpoint(path, MLP(2, [1])).epoch
    3
    """
    _check_module("save_checkpoint", path, model)
    if not isinstance(epoch, int) or isinstance(epoch, bool) or epoch < 0:
        raise ValueError(f"epoch is a whole number, 0 or more, got {epoch!r:.60}")
    check_held(model, optimizer)
    history = History() if history is None else history
    states = {**states_of(model, optimizer, schedule, rng), "history": history.state_dict()}
    return write_checkpoint(path, {**states, "epoch": epoch, "extra": checked_extra(extra)})


def _check_module(name: str, path: object, model: object) -> None:
    if not isinstance(model, Module):
        raise TypeError(f"{name}() expects a path, then a Module, got {path!r:.60}, {model!r:.60}")


def check_held(model: Module, optimizer: Optimizer | None) -> None:
    """Raise ValueError where a parameter would not be saved, as the model does not hold it.

    >>> from autograd_lite import Value
    >>> from autograd_lite.nn import Neuron
    >>> from autograd_lite.optim import SGD
    >>> check_held(Neuron(1), SGD([Value(1.0)]))
    Traceback (most recent call last):
    ValueError: a parameter that the optimiser moves is not held by the model, and would not be \
saved with it; make it an attribute of the model
    """
    held = set(map(id, model.state_values()))
    sources = {"the optimiser moves": optimizer.parameters if optimizer is not None else []}
    sources["parameters() lists"] = model.parameters()
    for what, values in sources.items():
        if any(id(value) not in held for value in values):
            raise ValueError(
                f"a parameter that {what} is not held by the model, and would not be saved with "
                "it; make it an attribute of the model"
            )


def checked_extra(extra: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return notes as JSON brings them back, nan and inf as texts; raise TypeError for others.

    >>> checked_extra({"sizes": [2, 1]})
    {'sizes': [2, 1]}
    """
    notes = dict(extra or {})
    if not all(isinstance(name, str) for name in notes):
        raise TypeError(f"notes have names that are texts, got {list(notes)!r:.60}")
    try:
        brought_back: dict[str, Any] = parsed_json(json_text(notes))
    except ValueError as error:
        raise TypeError(f"notes are to fit into JSON: {error}") from None
    return brought_back


def is_checkpoint(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file begins as checkpoints do.

    >>> is_checkpoint("nowhere.json")
    False
    """
    beginning = json_text({"format": FORMAT})[:-1].encode()
    try:
        with Path(path).open("rb") as file:
            return file.read(len(beginning)) == beginning
    except OSError:
        return False


def states_of(
    model: Module,
    optimizer: Optimizer | None,
    schedule: Schedule | None,
    rng: random.Random | None,
) -> dict[str, Any]:
    """Return the state of all that goes on in training, as lists and dicts."""
    return {
        "kind": type(model).__name__,
        "model": model.state_dict(),
        "optimizer": None if optimizer is None else optimizer.state_dict(),
        "schedule": None if schedule is None else schedule.state_dict(),
        "random": RandomSources(model, rng).state_dict(),
    }


def write_checkpoint(path: str | os.PathLike[str], content: dict[str, Any]) -> Path:
    """Write what a checkpoint holds, whole or not at all; return the path."""
    text = json_text({"format": FORMAT, "version": VERSION, **content})
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

    Where an optimiser is passed, it is to go on with training: all is as it was at the end of the
    last epoch, random sources of the modules and of Python itself too. Without one it is to use the
    model: that gets the parameters of its best epoch, if early stopping kept them.

    Raises CheckpointError where the file is no checkpoint, is damaged, or is that of another model
    or optimiser, OSError where it cannot be read; nothing is changed then.
    """
    _check_module("load_checkpoint", path, model)
    return restored(read_checkpoint(path), path, model, optimizer, schedule, rng)


def restored(
    content: dict[str, Any],
    path: str | os.PathLike[str],
    model: Module,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    rng: random.Random | None = None,
) -> Checkpoint:
    """Do what load_checkpoint does, with what `read_checkpoint` returned."""
    history = History()
    parts: dict[str, Stateful] = {"model": model, "history": history}
    if schedule is not None:
        parts["schedule"] = schedule
    if optimizer is not None:  # after the schedule, which sets rates: the last word is the state's
        parts |= {"optimizer": optimizer, "random": RandomSources(model, rng)}
    elif content.get("best") is not None:
        content = {**content, "model": content["best"]}
    for name in parts:
        if content.get(name) is None:
            raise CheckpointError(f"{shown(path)} has no {name}; it was saved without one")
    if optimizer is not None and _has_nan(content["optimizer"]) and not _has_nan(content["model"]):
        raise CheckpointError(
            f"{shown(path)} is damaged: the optimizer's state is nan, and no parameter is"
        )
    _restore(parts, content, shown(path))
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
        raise CheckpointError(
            f"{shown(path)} is damaged, or no checkpoint ({error}); take an older copy of it, or "
            "begin anew"
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise CheckpointError(f"{shown(path)} is no checkpoint of autograd_lite")
    if type(content.get("version")) is not int or content["version"] != VERSION:
        raise CheckpointError(
            f"{shown(path)} is of version {content.get('version')!r:.20}, expected {VERSION}: "
            "it was written by another release of autograd_lite"
        )
    for key, kind in _KINDS.items():
        held = content.get(key)
        if not isinstance(held, kind) or isinstance(held, bool):
            raise CheckpointError(
                f"{shown(path)} is damaged: {key!r} is {held!r:.60}, expected {kind.__name__}"
            )
    if not isinstance(content.get("best"), dict | None):
        raise CheckpointError(f"{shown(path)} is damaged: 'best' is {content['best']!r:.60}")
    if content["epoch"] < 0:
        raise CheckpointError(f"{shown(path)} is damaged: epoch {content['epoch']}, expected >= 0")
    return content


def _restore(parts: dict[str, Stateful], content: dict[str, Any], file: str) -> None:
    """Load every part from its state, or none."""
    before = {name: part.state_dict() for name, part in parts.items()}
    for name, part in parts.items():
        try:
            part.load_state_dict(with_numbers(content[name]))
        except Exception as error:
            for changed in list(parts)[: list(parts).index(name)]:
                parts[changed].load_state_dict(before[changed])
            raise CheckpointError(
                f"{file} does not fit: {name}: {error}; it is the checkpoint of "
                f"a {content['kind']} with {len(content['model'])} parameters"
            ) from error


def _has_nan(state: Any) -> bool:
    return '"nan"' in json_text(state)


def with_numbers(state: Any) -> Any:
    """Return a state in which inf and nan are numbers again.

    >>> with_numbers({"weights": [1.0, "inf"]})
    {'weights': [1.0, inf]}
    """
    if isinstance(state, dict):
        return {name: with_numbers(held) for name, held in state.items()}
    if isinstance(state, list):
        return [with_numbers(held) for held in state]
    return number_in_json(state)


def shown(path: str | os.PathLike[str]) -> str:
    """Return a path for a message, its end where it is long.

    >>> shown("model.json")
    'model.json'
    """
    return str(path) if len(str(path)) <= 200 else f"...{str(path)[-200:]}"
