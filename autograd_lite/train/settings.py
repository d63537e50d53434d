"""What a training was asked to do, in words, so that going on with another is refused."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import Any

from ..errors import CheckpointError
from ..json_text import json_text
from ..optim import Optimizer, Schedule
from .checkpoints import shown
from .sources import InMemory, Source, Streamed

Settings = dict[str, Any]

_ADDRESS = re.compile(" at 0x[0-9A-Fa-f]+")  # of an object in memory, other in every process


def described(x: Any) -> str:
    """Return a function's name, or what else a setting looks like, the same in every process.

    >>> from autograd_lite.nn import mse
    >>> described(mse), described(partial(mse, reduction="sum"))
    ('mse', "mse({'reduction': 'sum'})")
    """
    if isinstance(x, partial):
        arguments = [*map(repr, x.args), *([repr(x.keywords)] if x.keywords else [])]
        return f"{described(x.func)}({', '.join(arguments)})"
    if isinstance(x, Schedule):
        return described(x.curve)
    return _ADDRESS.sub("", str(getattr(x, "__qualname__", None) or repr(x)))


def described_optimizer(optimizer: Optimizer) -> str:
    """Return an optimiser's name and options, as they are before training.

    >>> from autograd_lite import Value
    >>> from autograd_lite.optim import SGD
    >>> described_optimizer(SGD([Value(1.0)], lr=0.5)).startswith("SGD lr=0.5, momentum=0.0")
    True
    """
    groups = (
        ", ".join(f"{name}={group[name]}" for name in optimizer.defaults)
        for group in optimizer.param_groups
    )
    return f"{type(optimizer).__name__} {'; '.join(groups)}"


def described_source(source: Source | None) -> str:
    """Return how many samples there are, and a digest of them.

    >>> described_source(None)
    'none'
    """
    if source is None:
        return "none"
    if isinstance(source, Streamed):
        stream = source.stream
        rows, content = stream.rows, [stream.features, stream.target, stream.means]
    elif isinstance(source, InMemory):
        rows, content = len(source.data.targets), list(source.data)
    else:
        return type(source).__name__
    digest = hashlib.sha256(json_text(content).encode()).hexdigest()
    return f"{rows} samples, digest {digest[:16]}"


def check_settings(path: Any, held: Any, given: Settings) -> None:
    """Raise CheckpointError, naming the first difference, where a checkpoint's settings are others.

    >>> check_settings("run.json", {"batch_size": 4}, {"batch_size": 8})
    Traceback (most recent call last):
    autograd_lite.errors.CheckpointError: run.json is of a training with batch_size 4, this one \
has 8; pass the same to go on with it, or begin anew without resume
    """
    if not isinstance(held, dict):
        raise CheckpointError(f"{shown(path)} was not written by fit; load it by load_checkpoint")
    for name, value in given.items():
        if held.get(name) != value:
            raise CheckpointError(
                f"{shown(path)} is of a training with {name} {held.get(name)!s:.100}, this one has "
                f"{value!s:.100}; pass the same to go on with it, or begin anew without resume"
            )
