"""Checkpoints: all that a training needs to go on, in one JSON file that is whole at any moment."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._support.files import place_to_write, write_whole
from .._support.json_text import json_text, numbers_in_json, parsed_json
from .._support.validation import whole
from ..errors import CheckpointError
from ..nn import Module
from ..optim import Optimizer, Schedule
from .history import History
from .resuming import RandomSources, Source

FORMAT, VERSION = "autograd_lite checkpoint", 1
_KINDS = {
    "epoch": int, "kind": str, "model": dict, "random": dict, "history": dict, "extra": dict,
    "best": dict,
}  # fmt: skip


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says beside what it restores: the epochs made, their history, notes."""

    epoch: int
    history: History
    extra: dict[str, Any]


# --- written --------------------------------------------------------------------------------------


def save_checkpoint(
    path: str | os.PathLike[str], model: Module, optimizer: Optimizer | None = None,
    schedule: Schedule | None = None, *, epoch: int = 0, rng: random.Random | None = None,
    history: History | None = None, extra: Mapping[str, Any] | None = None,
) -> Path:  # fmt: skip
    """Write the model, and what else is given, to a JSON file; return its path.

    It is written under another name, brought to the disk and moved into place: a kill at any moment
    leaves the old file or the new one, whole. The states of `rng`, of Python's own random source
    and of the modules' are saved too. `extra` is for notes, such as how to build the model, as JSON
    has them.

    Raises OSError where the file cannot be written; ValueError where the optimizer or the model has
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
    check_held(model, optimizer)
    content = {
        **states_of(parts_of(model, optimizer, schedule, rng)),
        "epoch": whole("epoch", epoch, at_least=0),
        "history": (History() if history is None else history).state_dict(),
        "extra": checked_extra(extra),
    }
    write_checkpoint(path, content)
    return Path(path)


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
    saved, listed = set(model.state_values()), model.parameters()
    moved = [] if optimizer is None else optimizer.parameters
    for what, values in (("the optimiser moves", moved), ("parameters() lists", listed)):
        if not saved.issuperset(values):
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
        return dict(parsed_json(json_text(notes)))
    except ValueError as error:
        raise TypeError(f"notes are to fit into JSON: {error}") from None


def parts_of(
    model: Module, optimizer: Optimizer | None, schedule: Schedule | None, rng: Source
) -> dict[str, Any]:
    """Return by their names all that have a state; the optimizer comes after what sets its rate."""
    parts = {"model": model, "schedule": schedule, "optimizer": optimizer}
    present = {name: part for name, part in parts.items() if part is not None}
    return {**present, "random": RandomSources(model, rng)}


def states_of(parts: dict[str, Any]) -> dict[str, Any]:
    """Return the states of parts, as lists and dicts."""
    states = {name: part.state_dict() for name, part in parts.items()}
    return {"kind": type(parts["model"]).__name__, **states}


def write_checkpoint(path: str | os.PathLike[str], content: dict[str, Any]) -> None:
    """Write what a checkpoint holds, whole or not at all."""
    text = json_text({"format": FORMAT, "version": VERSION, **content})
    write_whole(Path(path), text.encode)


def check_place(path: Path) -> None:
    """Raise OSError where a checkpoint could not be written: before training, not after it.

    Raises CheckpointError where what is there is no checkpoint, and would be lost.
    """
    place_to_write(path)
    if path.is_file() and path.stat().st_size and not is_checkpoint(path):
        raise CheckpointError(f"{path} is there already, and no checkpoint; name another")


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


# --- read -----------------------------------------------------------------------------------------


def load_checkpoint(
    path: str | os.PathLike[str], model: Module, optimizer: Optimizer | None = None,
    schedule: Schedule | None = None, *, rng: random.Random | None = None,
) -> Checkpoint:  # fmt: skip
    """Give the model, and what else is passed, the state that a checkpoint holds; return the rest.

    Where an optimizer is passed, it is to go on with training: all is as it was at the end of the
    last epoch, random sources of the modules and of Python itself too. Without one it is to use the
    model: that gets the parameters of its best epoch, if early stopping kept them.

    Raises CheckpointError where the file is no checkpoint, is damaged, or is that of another model
    or optimizer, OSError where it cannot be read; nothing is changed then.
    """
    _check_module("load_checkpoint", path, model)
    content = read_checkpoint(path)
    parts = parts_of(model, optimizer, schedule, rng)
    if optimizer is None:  # the model is to be used, not to go on with training
        del parts["random"]
        content["model"] = content.get("best") or content["model"]
    restore(parts, content, shown(path), {})
    return Checkpoint(content["epoch"], content["history"], content["extra"])


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a checkpoint holds, the kinds of its parts checked; raise as load_checkpoint.

    >>> read_checkpoint("nowhere.json")
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'nowhere.json'
    """
    data, file = Path(path).read_bytes(), shown(path)
    try:
        content = parsed_json(data)
        numbers = numbers_in_json(content)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{file} is damaged, or no checkpoint ({error}); take an older copy of it, or begin "
            "anew"
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise CheckpointError(f"{file} is no checkpoint of autograd_lite")
    if repr(version := content.get("version")) != repr(VERSION):  # True is no version
        raise CheckpointError(
            f"{file} is of version {version!r:.20}, expected {VERSION}: it was written by another "
            "release of autograd_lite"
        )
    for key, kind in _KINDS.items():
        part = content.get(key)
        is_left_out = key == "best" and part is None  # not every training keeps them
        if not (is_left_out or isinstance(part, kind)):
            raise damaged(file, f"{key!r} is {part!r:.60}, expected {kind.__name__}")
    history = History()
    try:
        whole("its epoch", content["epoch"], at_least=0)
        history.load_state_dict(numbers["history"])
    except (TypeError, ValueError) as error:
        raise damaged(file, error) from None
    return {**numbers, "history": history, "extra": content["extra"]}


def restore(
    parts: dict[str, Any], content: dict[str, Any], file: str, beside: Mapping[str, Any]
) -> None:
    """Load every part from its state in what `read_checkpoint` returned, or none.

    States of the model `beside` its own, by names for a message, are to fit it, too.
    """
    for name in parts:
        if content.get(name) is None:
            raise CheckpointError(f"{file} has no {name}; it was saved without one")
    lost = {name for name in parts if '"nan"' in json_text(content[name])}
    if "optimizer" in lost and "model" not in lost:
        raise damaged(file, "the optimizer's state is nan, and no parameter is")
    loads = [(name, parts["model"], state) for name, state in beside.items()]
    loads += [(name, part, content[name]) for name, part in parts.items()]
    before = {name: part.state_dict() for name, part in parts.items()}
    for name, part, state in loads:
        try:
            part.load_state_dict(state)
        except Exception as error:
            for each in parts:
                parts[each].load_state_dict(before[each])
            raise CheckpointError(
                f"{file} does not fit: {name}: {error}; it is the checkpoint of "
                f"a {content['kind']} with {len(content['model'])} parameters"
            ) from error


def damaged(file: str, problem: object) -> CheckpointError:
    """Return the error for a checkpoint that no training can have left."""
    return CheckpointError(f"{file} is damaged: {problem}")


def shown(path: str | os.PathLike[str]) -> str:
    """Return a path for a message, its end where it is long.

    >>> shown("model.json")
    'model.json'
    """
    return str(path) if len(str(path)) <= 200 else f"...{str(path)[-200:]}"
