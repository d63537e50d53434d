"""Where random sources stand, as plain lists that fit into JSON."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from .._support.wording import shortened
from ..nn import Module
from .data.preparation import random_source


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

    def __init__(self, model: Module, rng: random.Random | None = None) -> None:
        seen: set[int] = set()
        held = [x for _, module in model.named_modules() for x in _sources_in(vars(module), seen)]
        own = random_source(None)
        distinct = {id(source): source for source in [own, *held]}
        self.sources = {"python": own}
        self.sources |= {f"module {i}": x for i, x in enumerate(distinct.values()) if x is not own}
        if rng is not None:
            self.sources["order"] = rng

    def state_dict(self) -> dict[str, Any]:
        """Return the state of every source, by its name."""
        return {name: random_state(source) for name, source in self.sources.items()}

    def load_state_dict(self, states: Mapping[str, Any]) -> None:
        """Go on from states; raise ValueError, and change no source, where they do not fit."""
        missing, unknown = self.sources.keys() - states.keys(), states.keys() - self.sources.keys()
        if missing or unknown - {"order"}:
            raise ValueError(
                f"expected the states of the random sources {', '.join(self.sources)}, "
                f"got {shortened(', '.join(states), 100)}"
            )
        for name in self.sources:
            _set_random_state(random.Random(), states[name])  # noqa: S311  to see that it is one
        for name, source in self.sources.items():
            _set_random_state(source, states[name])


def _sources_in(x: Any, seen: set[int]) -> Iterator[random.Random]:
    """Yield the sources in nested lists, tuples and dicts, each once; modules hold their own."""
    if not isinstance(x, (random.Random, list, tuple, Mapping)) or id(x) in seen:
        return
    seen.add(id(x))
    if isinstance(x, random.Random):
        yield x
        return
    for each in x.values() if isinstance(x, Mapping) else x:
        yield from _sources_in(each, seen)


def random_state(rng: random.Random) -> list[Any]:
    """Return the state of a source as a list: a version, whole numbers, and a number or None.

    >>> len(random_state(random.Random(1))[1])
    625
    """
    version, internal, gauss_next = rng.getstate()
    return [version, list(internal), gauss_next]


def _set_random_state(rng: random.Random, state: Any) -> None:
    if not (isinstance(state, list) and len(state) == 3 and isinstance(state[1], list)):
        raise ValueError("a random state is a list of a version, numbers and a number")
    version, internal, gauss_next = state
    if gauss_next is not None and not (isinstance(gauss_next, float) and isfinite(gauss_next)):
        raise ValueError(f"the last part of a random state is a number, got {gauss_next!r:.60}")
    if not all(type(x) is int and 0 <= x < 2**32 for x in internal):  # Python drops further bits
        raise ValueError("the numbers of a random state are whole and of 32 bits")
    try:
        rng.setstate((version, tuple(internal), gauss_next))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"a random state is not one of Python's: {error}") from None
