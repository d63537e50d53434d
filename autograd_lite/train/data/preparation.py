"""Preparation: data checked, split, cut into batches, and classes as rows."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..._support.validation import is_sequence
from ...errors import DataError
from ...nn.given import check_size
from .dataset import Dataset

Data = Dataset | tuple[Any, Any]

PAIR = "(inputs, targets), both lists or arrays"


# --- checked ------------------------------------------------------------------------------------


def as_dataset(data: Any) -> Dataset:
    """Return a pair (inputs, targets) or a Dataset as a Dataset of lists, every number finite.

    Arrays become lists; what was given is not changed.

    Raises DataError where there is no sample, there are not as many targets as inputs, or a number
    is nan or inf; TypeError for what is no such pair.

    >>> as_dataset(([[1, 2], [3, 4]], [0, 1]))
    Dataset(2 samples)
    >>> as_dataset(([[1.0, float("nan")]], [0]))
    Traceback (most recent call last):
    autograd_lite.errors.DataError: inputs[0][1] is nan, expected a finite number; leave such \
samples out or fill them in
    """
    if not isinstance(data, Dataset):
        if not isinstance(data, tuple | list) or len(data) != 2:
            raise TypeError(f"expected {PAIR}, got {_described(data)}")
        data = Dataset(*data)
    whole: Dataset = data
    for name, column in zip(("inputs", "targets"), whole, strict=True):
        if not is_sequence(column):
            raise TypeError(f"expected {PAIR}, got {column!r:.60} as the {name}")
    check_lengths(whole)
    inputs, targets = map(_listed, whole)
    _check_finite(inputs, "inputs")
    _check_finite(targets, "targets")
    return replace(whole, inputs=inputs, targets=targets)


def check_lengths(data: Dataset) -> None:
    """Raise DataError where there is no sample, or not a target for each."""
    inputs, targets = map(len, data)
    if inputs != targets:
        raise DataError(f"expected a target for each input, got {inputs} inputs, {targets} targets")
    if not inputs:
        raise DataError("expected one sample at least, got none")


def _described(data: Any) -> str:
    if not isinstance(data, tuple | list):
        return f"{data!r:.60}"
    return f"a {type(data).__name__} of {len(data)}; if these are pairs, pass tuple(zip(*data))"


def _listed(x: Any) -> Any:
    """Return a copy of nested sequences and arrays as nested lists."""
    if isinstance(x, float):  # most are
        return x
    if hasattr(x, "tolist"):
        return x.tolist()
    return list(map(_listed, x)) if is_sequence(x) else x


def _check_finite(numbers: list[Any], name: str) -> None:
    found = _first_not_finite(numbers)
    if found is None:
        return
    place, culprit = found
    if isinstance(culprit, float | int):
        raise DataError(
            f"{name}{place} is {culprit!r:.60}, expected a finite number; leave such samples out "
            "or fill them in"
        )
    raise TypeError(f"{name}{place} is {culprit!r:.60}, expected a number or a list of numbers")


def _first_not_finite(x: Any) -> tuple[str, Any] | None:
    """Return the place, such as "[3][1]", and the number that is first not finite, or none."""
    if isinstance(x, list):
        for i, item in enumerate(x):
            found = _first_not_finite(item)
            if found:
                return f"[{i}]{found[0]}", found[1]
        return None
    try:
        return None if math.isfinite(x) else ("", float(x))
    except (TypeError, ValueError, OverflowError):  # no number, or a whole one too large
        return "", x


def random_source(seed: int | random.Random | None) -> random.Random:
    """Return the source of random numbers that a seed stands for; Python's own for None.

    Raises TypeError for what is neither a whole number nor a random.Random.

    >>> random_source(1).random() == random.Random(1).random()
    True
    """
    if seed is None:
        # The hidden instance of which the random module's functions are methods.
        seed = random.random.__self__  # type: ignore[attr-defined]
    if isinstance(seed, random.Random):
        return seed
    if not isinstance(seed, int):
        raise TypeError(f"a seed is a whole number or a random.Random, got {seed!r:.60}")
    return random.Random(seed)  # noqa: S311  no secrets


# --- split --------------------------------------------------------------------------------------


def split(
    data: Data,
    fraction: float = 0.2,
    *,
    seed: int | random.Random | None = None,
    stratify: bool = False,
) -> tuple[Dataset, Dataset]:
    """Shuffle the samples and return two parts: those to train on and this fraction to test on.

    Where `stratify` is true each class is divided in the same proportion, as near as whole samples
    allow.

    Raises DataError where the fraction is not between 0 and 1, a part would be empty, or the
    targets to stratify are no classes of two samples or more.

    >>> train, test = split(([[0], [1], [2], [3]], [0, 0, 1, 1]), 0.5, seed=1, stratify=True)
    >>> train, sorted(test.targets)
    (Dataset(2 samples), [0, 1])
    """
    data = as_dataset(data)
    n = len(data.targets)
    if not 0 < fraction < 1:
        raise DataError(f"split expects a fraction between 0 and 1, got {fraction!r}; try 0.2")
    tested = round(fraction * n)
    if not 0 < tested < n:
        raise DataError(
            f"{fraction:g} of {n} samples leaves one part empty; pass another fraction or more data"
        )
    order = list(range(n))
    random_source(seed).shuffle(order)
    if not stratify:
        return data.select(order[tested:]), data.select(order[:tested])
    # In the order of the classes every so manieth sample is of all classes evenly.
    classes = _classes_to_stratify(data.targets)
    by_class = sorted(order, key=lambda i: classes[i])
    chosen = {i for k, i in enumerate(by_class) if (k + 1) * tested // n > k * tested // n}
    parts = ([i for i in order if (i in chosen) is part] for part in (False, True))
    training, test = map(data.select, parts)
    return training, test


def _classes_to_stratify(targets: Sequence[Any]) -> list[int]:
    classes = [_class_index(x, f"targets[{i}]", math.inf) for i, x in enumerate(targets)]
    alone = [k for k, members in Counter(classes).items() if members == 1]
    if alone:
        raise DataError(f"class {alone[0]} has 1 sample; to stratify, each needs 2 or more")
    return classes


def batches(data: Data, size: int, *, seed: int | random.Random | None = None) -> Iterator[Dataset]:
    """Yield the samples, `size` at a time: shuffled where a seed is given, else in order.

    The last batch holds what is left over. The numbers of a Dataset are not checked again.

    Raises ShapeError where the size is no whole number of 1 or more, DataError where the lengths
    differ or there is no sample.

    >>> [batch.targets for batch in batches(([1, 2, 3], [4, 5, 6]), 2)]
    [[4, 5], [6]]
    """
    check_size(size, "samples in a batch")
    whole = data if isinstance(data, Dataset) else as_dataset(data)
    check_lengths(whole)
    order = list(range(len(whole.targets)))
    if seed is not None:
        random_source(seed).shuffle(order)
    return (whole.select(order[i : i + size]) for i in range(0, len(order), size))


# --- classes as rows ----------------------------------------------------------------------------


def one_hot(targets: Iterable[Any], classes: int) -> list[list[float]]:
    """Return a row for each class index: 1 at its place, 0 at those of the other classes.

    Raises DataError where an index is no whole number from 0 to `classes - 1`.

    >>> one_hot([0, 2], 3)
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    check_size(classes, "classes")
    indices = [_class_index(x, f"targets[{i}]", classes) for i, x in enumerate(targets)]
    return [[float(k == index) for k in range(classes)] for index in indices]


def _class_index(x: Any, place: str, classes: float) -> int:
    whole = isinstance(x, int | float) or hasattr(x, "__index__")
    if whole and 0 <= x < classes and x == int(x):
        return int(x)
    upper = f" to {classes - 1}" if classes < math.inf else ""
    raise DataError(
        f"{place} is {x!r:.60}, expected the index of a class, a whole number from 0{upper}"
    )
