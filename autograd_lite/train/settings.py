"""What a training was asked to do, in words, so that going on with another is refused."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import Any

from ..errors import CheckpointError
from ..nn import Module
from ..optim import Optimizer, Schedule
from .data import Dataset

_ADDRESS = re.compile(" at 0x[0-9A-Fa-f]+")  # of an object in memory, other in every process


def described(x: Any) -> str:
    """Return a function's name, a digest of data, or what else a setting looks like.

    It is the same in every process. Functions are told apart by their names alone.

    >>> from autograd_lite.nn import mse
    >>> described(mse), described(partial(mse, reduction="sum"))
    ('mse', "mse(reduction='sum')")
    >>> described(Dataset([[0.0], [1.0]], [1.0, 3.0]))
    '2 samples, digest e38e768b2f446797'
    """
    if isinstance(x, Dataset):
        return f"{len(x.targets)} samples, digest {_digest(list(x))}"
    if isinstance(x, Schedule):
        return described(x.curve)
    if isinstance(x, partial):
        named = (f"{name}={described(value)}" for name, value in x.keywords.items())
        return f"{described(x.func)}({', '.join([*map(described, x.args), *named])})"
    return _ADDRESS.sub("", str(getattr(x, "__qualname__", None) or repr(x)))


def described_optimizer(optimizer: Optimizer, *, with_rate: bool = True) -> str:
    """Return an optimiser's name and options, as they are before training.

    >>> from autograd_lite import Value
    >>> from autograd_lite.optim import SGD
    >>> described_optimizer(SGD([Value(1.0)], lr=0.5)).startswith("SGD lr=0.5, momentum=0.0")
    True
    """
    names = [name for name in optimizer.defaults if with_rate or name != "lr"]
    groups = (
        ", ".join(f"{name}={described(group[name])}" for name in names)
        for group in optimizer.param_groups
    )
    return f"{type(optimizer).__name__} {'; '.join(groups)}"


def described_parameters(model: Module, optimizer: Optimizer) -> str:
    """Return how many parameters an optimiser moves, and a digest of their names.

    >>> from autograd_lite.nn import Neuron
    >>> from autograd_lite.optim import SGD
    >>> neuron = Neuron(2)
    >>> described_parameters(neuron, SGD(neuron.parameters()))
    '3 moved, digest 3c9d44f530f11b21'
    """
    names = {id(p): name for name, p in model.named_parameters()}
    moved = [names.get(id(p), "?") for p in optimizer.parameters]
    return f"{len(moved)} moved, digest {_digest(moved)}"


def _digest(content: Any) -> str:
    return hashlib.sha256(repr(content).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def check_settings(file: str, held: Any, given: dict[str, Any]) -> None:
    """Raise CheckpointError, naming the first difference, where a checkpoint's settings are others.

    >>> check_settings("run.json", {"batch_size": 4}, {"batch_size": 8})
    Traceback (most recent call last):
    autograd_lite.errors.CheckpointError: run.json is of a training with batch_size 4, this one \
has 8; pass the same to go on with it, or begin anew without resume
    """
    if not isinstance(held, dict):
        raise CheckpointError(f"{file} was not written by fit; load it by load_checkpoint")
    for name, value in given.items():
        if held.get(name) != value:
            raise CheckpointError(
                f"{file} is of a training with {name} {held.get(name)!s:.100}, this one has "
                f"{value!s:.100}; pass the same to go on with it, or begin anew without resume"
            )
