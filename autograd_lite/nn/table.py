"""The table that describes a module: names, kinds, shapes and numbers of parameters."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from .._support.wording import aligned

Found = Sequence[tuple[str, int, bool]]  # a parameter's path, its identity, whether it is frozen


def summary_table(title: str, modules: Iterable[tuple[str, str, Found]]) -> str:
    """Lay out a row for each module; a parameter that several share is counted once.

    >>> print(summary_table("Line", [("", "Line", [("slope", 1, False), ("shift", 2, True)])]))
    Line
    name   kind  shapes            parameters
           Line  slope 1, shift 1           2  1 frozen
    total                                   2  1 frozen
    """
    rows, counted, trained = [("name", "kind", "shapes", "parameters", "")], set[int](), set[int]()
    for path, kind, found in modules:
        new = {identity for _, identity, _ in found} - counted
        free = {identity for _, identity, frozen in found if not frozen}
        counted |= new
        trained |= free
        shapes = ", ".join(f"{name} {shape}" for name, shape in _shapes(found))
        rows.append((path, kind, shapes or "-", f"{len(new):,}", _frozen(new - free)))
    rows.append(("total", "", "", f"{len(counted):,}", _frozen(counted - trained)))
    return f"{title}\n{aligned(rows, '<<<><')}"


def _frozen(identities: set[int]) -> str:
    return f"{len(identities):,} frozen" if identities else ""


def _shapes(found: Found) -> list[tuple[str, str]]:
    """Tell the shape behind paths such as neurons.0.weights.1: how many numbers stand where."""
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for path, _, _ in found:
        parts = path.split(".")
        words = tuple(part for part in parts if not part.isdigit())
        groups.setdefault(words, []).append(tuple(part for part in parts if part.isdigit()))
    last = Counter(words[-1:] for words in groups)
    return [
        (".".join(words[-1:] if last[words[-1:]] == 1 else words), _shape(places))
        for words, places in groups.items()
    ]


def _shape(places: Sequence[tuple[str, ...]]) -> str:
    sizes = [len(set(column)) for column in zip(*places, strict=False)]
    if math.prod(sizes) != len(places):
        return str(len(places))  # lists of several lengths have no shape
    return "×".join(map(str, sizes)) or "1"
