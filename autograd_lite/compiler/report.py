"""What a jitted function has become: its paths as a tree, and what they took."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from .._support.wording import count
from .program import Path


class Stats(NamedTuple):
    """What was compiled, and how often it was called.

    `structures` counts in how many ways arguments were nested, `fallbacks` the calls that ran
    eagerly. Where threads call at once, counts may miss some.
    """

    structures: int
    paths: int
    operations: int
    trace_seconds: float
    compile_seconds: float
    calls: int
    fallbacks: int


class Branch(NamedTuple):
    """One path: its guards from where it left the path before on, and how deep it stands."""

    depth: int
    guards: tuple[tuple[str, bool], ...]  # a source line, and what was decided there
    operations: int

    @classmethod
    def of(cls, path: Path) -> Branch:
        """Tell a path by its guards."""
        guards, size = path.tape.guards()[max(path.at, 0) :], path.tape.size
        depth = 0
        while path.parent is not None:
            path, depth = path.parent, depth + 1
        return cls(depth, tuple(guards), size)

    def __str__(self) -> str:
        words = []
        for (line, outcome), same in groupby(self.guards):
            times = len(list(same))
            words.append(f"{line} is {outcome}" + f" ({times} times)" * (times > 1))
        where = f" if {', '.join(words)}" if words else ""
        return f"{'  ' * self.depth}{count(self.operations, 'operation')}{where}"


class Paths(tuple[Branch, ...]):
    """The paths of a function, each below the one that it left.

    >>> from autograd_lite import jit
    >>> f = jit(lambda x: x * x if x > 0 else -x)
    >>> f(3.0), f(-2.0)
    (9.0, 2.0)
    >>> f.paths()  # doctest: +ELLIPSIS
    2 paths through <lambda>
      2 operations if ... is True
        2 operations if ... is False
    """

    name: str

    def __new__(cls, name: str, branches: Sequence[Branch]) -> Paths:
        """Make it of a function's name and branches."""
        self = super().__new__(cls, branches)
        self.name = name
        return self

    def __repr__(self) -> str:
        lines = [f"{count(len(self), 'path')} through {self.name}", *[f"  {x}" for x in self]]
        return "\n".join(lines)
