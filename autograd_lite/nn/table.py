"""The table that describes a module: names, kinds, shapes and numbers of parameters."""

from __future__ import annotations

import math
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
    for path, kind, parameters in modules:
        new = {identity for _, identity, _ in parameters} - counted
        free = {identity for _, identity, frozen in parameters if not frozen}
        counted |= new
        trained |= free
        shapes = ", ".join(f"{name} {shape}" for name, shape in _shapes(parameters))
        rows.append((path, kind, shapes or "-", f"{len(new):,}", _frozen(new - free)))
    rows.append(("total", "", "", f"{len(counted):,}", _frozen(counted - trained)))
    return f"{title}\n{aligned(rows, '<<<><')}"


def _frozen(identities: set[int]) -> str:
    return f"{len(identities):,} frozen" if identities else ""


def _shapes(parameters: Found) -> list[tuple[str, str]]:
    """Tell the shape behind paths such as neurons.0.weights.1: how many numbers stand where."""
    groups: dict[str, list[list[str]]] = {}
    for path, _, _ in parameters:
        parts = path.split(".")
        words = ".".join(part for part in parts if not part.isdigit())
        groups.setdefault(words, []).append([part for part in parts if part.isdigit()])
    short = [words.rpartition(".")[2] for words in groups]
    names = [
        name if short.count(name) == 1 else words for name, words in zip(short, groups, strict=True)
    ]
    return [(name, _shape(places)) for name, places in zip(names, groups.values(), strict=True)]


def _shape(places: Sequence[Sequence[str]]) -> str:
    sizes = [len(set(column)) for column in zip(*places, strict=False)]
    if math.prod(sizes) != len(places):
        return str(len(places))  # lists of several lengths have no shape
    return "×".join(map(str, sizes)) or "1"
