"""What it takes to go on as if a training had never stopped: its random sources, its settings."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Mapping
from functools import partial
from math import isfinite
from typing import Any

from .._support.validation import random_source
from .._support.wording import shortened
from ..errors import CheckpointError
from ..nn import Module
from ..optim import Optimizer, Schedule
from .data import Dataset

Source = random.Random | None

_ADDRESS = re.compile(" at 0x[0-9A-Fa-f]+")  # of an object in memory, other in every process


# --- random sources -------------------------------------------------------------------------------


class RandomSources:
    """The sources that training a model draws from: Python's own, the modules', and one more.

    >>> from autograd_lite.nn import Dropout
    >>> rng = random.Random(1)
    >>> sources = RandomSources(Dropout(0.5, seed=2), rng)
    >>> state, first = sources.state_dict(), rng.random()
    >>> sources.load_state_dict(state)
    >>> rng.random() == first
    True
    """

    def __init__(self, model: Module, rng: Source = None) -> None:
        inside = _sources_in([vars(module) for _, module in model.named_modules()], set())
        sources = dict.fromkeys([random_source(None), *inside])
        self.sources = {f"module {i}" if i else "python": x for i, x in enumerate(sources)}
        if rng is not None:
            self.sources["order"] = rng

    def state_dict(self) -> dict[str, Any]:
        """Return the state of every source, by its name."""
        return {name: _state_of(source) for name, source in self.sources.items()}

    def load_state_dict(self, states: Mapping[str, Any]) -> None:
        """Go on from states; raise ValueError or TypeError where one does not fit."""
        if not self.sources.keys() <= states.keys() <= {*self.sources, "order"}:
            raise ValueError(
                f"expected the states of the random sources {', '.join(self.sources)}, "
                f"got {shortened(', '.join(states), 100)}"
            )
        for name, source in self.sources.items():
            version, internal, gauss_next = states[name]
            source.setstate((version, tuple(internal), gauss_next))
            gaussian = gauss_next is None or (type(gauss_next) is float and isfinite(gauss_next))
            if not gaussian or repr(_state_of(source)) != repr(states[name]):  # Python drops bits
                raise ValueError(f"no random source of Python's is ever in the state of {name!r}")


def _state_of(source: random.Random) -> list[Any]:
    version, internal, gauss_next = source.getstate()
    return [version, list(internal), gauss_next]


def _sources_in(x: Any, seen: set[int]) -> Iterator[random.Random]:
    """Yield the sources in nested lists, tuples and dicts; modules hold their own."""
    if isinstance(x, random.Random):
        yield x
    elif isinstance(x, list | tuple | Mapping) and id(x) not in seen:
        seen.add(id(x))
        for each in x.values() if isinstance(x, Mapping) else x:
            yield from _sources_in(each, seen)


# --- what it was asked to do, in words ------------------------------------------------------------


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
        x = x.curve
    if isinstance(x, partial):
        named = (f"{name}={described(value)}" for name, value in x.keywords.items())
        return f"{described(x.func)}({', '.join([*map(described, x.args), *named])})"
    return _ADDRESS.sub("", str(getattr(x, "__qualname__", None) or repr(x)))


def described_optimizer(optimizer: Optimizer, *, with_rate: bool = True) -> str:
    """Return an optimizer's name and options, as they are before training.

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
    """Return how many parameters an optimizer moves, and a digest of their names.

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
    held = {"backend": "eager", **held}  # of earlier releases, which had no other
    for name, value in given.items():
        if held.get(name) != value:
            raise CheckpointError(
                f"{file} is of a training with {name} {held.get(name)!s:.100}, this one has "
                f"{value!s:.100}; pass the same to go on with it, or begin anew without resume"
            )
