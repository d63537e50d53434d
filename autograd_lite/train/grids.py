"""Grids: the points that a sweep trains at, and the texts that tell them apart."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from .._support.wording import printable, shortened

Point = dict[str, Any]
Grid = Mapping[str, Any] | Sequence[Mapping[str, Any]]  # a list for each name, or points

SHORT = 40  # characters of a value in a table or a legend


def points_of(grid: Grid) -> list[Point]:
    """Return the points of a grid: every combination of its lists, or those it is a list of.

    Raises ValueError where there is none, TypeError where a name has no list.

    >>> points_of({"lr": [0.1, 0.2], "seed": [0]})
    [{'lr': 0.1, 'seed': 0}, {'lr': 0.2, 'seed': 0}]
    """
    if isinstance(grid, Mapping):
        columns = [_values(name, values) for name, values in grid.items()]
        points = [dict(zip(grid, values, strict=True)) for values in itertools.product(*columns)]
    else:
        points = [dict(point) for point in grid]
    if not points or not all(points):
        raise ValueError("sweep expects a grid such as {'lr': [0.1, 0.2]}, got none")
    return points


def names_of(points: Iterable[Point]) -> list[str]:
    """Return the names in any of the points, in the order in which they first appear.

    >>> names_of([{"lr": 0.1}, {"seed": 5, "lr": 0.2}])
    ['lr', 'seed']
    """
    return list(dict.fromkeys(name for point in points for name in point))


def texts_of(points: Sequence[Point], *, whole: bool = False) -> list[dict[str, str]]:
    """Return points with texts for their values, those of different values different.

    A function's is its name. They are short, or `whole`.

    >>> texts_of([{"lr": 0.1, "schedule": lambda epoch, lr: lr}, {"schedule": lambda _, lr: lr}])
    [{'lr': '0.1', 'schedule': '<lambda> (1)'}, {'schedule': '<lambda> (2)'}]
    """
    found: list[dict[str, str]] = [{} for _ in points]
    for name in names_of(points):
        having = [i for i, point in enumerate(points) if name in point]
        values = [points[i][name] for i in having]
        texts = [_whole(value) if whole else _short(value) for value in values]
        keys = [id(value) if hasattr(value, "__name__") else _whole(value) for value in values]
        for i, text in zip(having, _told_apart(texts, keys), strict=True):
            found[i][name] = text
    return found


def labels_of(points: Sequence[Point]) -> list[str]:
    """Return a label for each point, no two the same.

    >>> labels_of([{"lr": 0.1}, {"lr": 0.1000001}, {"lr": 0.1}])
    ['lr = 0.1 (1)', 'lr = 0.1000001', 'lr = 0.1 (2)']
    """
    texts = texts_of(points)
    labels = [", ".join(f"{name} = {text}" for name, text in point.items()) for point in texts]
    return _told_apart(labels, range(len(labels)))


def _values(name: str, values: Any) -> list[Any]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(
            f"a grid has a list of values for {printable(str(name))}, got {values!r:.60}"
        )
    return list(values)


def _whole(value: Any) -> str:
    if isinstance(value, float):
        return repr(float(value))  # numpy's own repr is longer
    return str(getattr(value, "__name__", value))


def _short(value: Any) -> str:
    if isinstance(value, float) and float(text := f"{value:g}") == value:
        return text
    return shortened(_whole(value), SHORT)[1:-1]  # on one line


def _told_apart(texts: Sequence[str], keys: Sequence[Hashable]) -> list[str]:
    """Return the texts with a number after those that stand for several keys."""
    pairs = list(zip(texts, keys, strict=True))
    several = Counter(text for text, _ in set(pairs))
    taken, named = set(texts), dict[tuple[str, Hashable], str]()
    for text, key in pairs:
        if several[text] == 1:
            named[text, key] = text
        elif (text, key) not in named:
            numbered = (f"{text} ({n})" for n in itertools.count(1))
            named[text, key] = next(x for x in numbered if x not in taken)
            taken.add(named[text, key])
    return [named[pair] for pair in pairs]
