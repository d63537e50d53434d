"""Preparation: data checked, split, cut into batches, and classes as rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..._support.validation import Seed, check_size, is_sequence, random_source
from ...errors import DataError
from .dataset import Dataset

Data = Dataset | tuple[Any, Any]

PAIR = "(inputs, targets), both lists or arrays"


def as_dataset(data: Any) -> Dataset:
    """Return a pair (inputs, targets) or a Dataset as a Dataset of lists, every number finite.

    Arrays and the columns of DataFrames become lists; what was given is not changed.

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
    for name, column in zip(("inputs", "targets"), data, strict=True):
        if not is_sequence(column):
            raise TypeError(f"expected {PAIR}, got {column!r:.60} as the {name}")
    _check_lengths(data)
    inputs, targets = _listed(data.inputs, "inputs"), _listed(data.targets, "targets")
    checked: Dataset = replace(data, inputs=inputs, targets=targets)
    return checked


def _described(data: Any) -> str:
    if hasattr(data, "shape") and hasattr(data, "columns"):
        return f"a {type(data).__name__}; pass (frame[['a', 'b']], frame['y'])"
    if not isinstance(data, tuple | list):
        return f"{data!r:.60}"
    return f"a {type(data).__name__} of {len(data)}; if these are pairs, pass tuple(zip(*data))"


def _check_lengths(data: Dataset) -> None:
    inputs, targets = map(len, data)
    if inputs != targets:
        raise DataError(f"expected a target for each input, got {inputs} inputs, {targets} targets")
    if not inputs:
        raise DataError("expected one sample at least, got none")


def _listed(x: Any, place: str) -> Any:
    """Return a copy of nested sequences and arrays as nested lists of finite numbers."""
    if hasattr(x, "tolist"):
        x = x.tolist()
    if is_sequence(x):
        return [_listed(item, f"{place}[{i}]") for i, item in enumerate(x)]
    try:
        if math.isfinite(x):
            return x
        x = float(x)
    except (TypeError, ValueError, OverflowError):  # no number, or a whole one too large
        pass
    if isinstance(x, float | int):
        what = "expected a finite number; leave such samples out or fill them in"
        raise DataError(f"{place} is {x!r:.60}, {what}")
    raise TypeError(f"{place} is {x!r:.60}, expected a number or a list of numbers")


def split(
    data: Data, fraction: float = 0.2, *, seed: Seed = None, stratify: bool = False
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
        what = f"{fraction:g} of {n} samples leaves one part empty"
        raise DataError(f"{what}; pass another fraction or more data")
    order = list(range(n))
    random_source(seed).shuffle(order)
    chosen = set(order[:tested])
    if stratify:
        # In the order of the classes every so manieth sample is of all classes evenly.
        by_class = sorted(order, key=_classes_to_stratify(data.targets).__getitem__)
        chosen = {i for k, i in enumerate(by_class) if (k + 1) * tested // n > k * tested // n}
    held_out = [i for i in order if i in chosen]
    return data.select(i for i in order if i not in chosen), data.select(held_out)


def _classes_to_stratify(targets: Sequence[Any]) -> list[int]:
    classes = [_class_index(x, f"targets[{i}]", math.inf) for i, x in enumerate(targets)]
    for k, members in Counter(classes).items():
        if members == 1:
            raise DataError(f"class {k} has 1 sample; to stratify, each needs 2 or more")
    return classes


def batches(data: Data, size: int, *, seed: Seed = None) -> Iterator[Dataset]:
    """Yield the samples, `size` at a time: shuffled where a seed is given, else in order.

    The last batch holds what is left over. The numbers of a Dataset are not checked again.

    Raises ShapeError where the size is no whole number of 1 or more, DataError where the lengths
    differ or there is no sample.

    >>> [batch.targets for batch in batches(([1, 2, 3], [4, 5, 6]), 2)]
    [[4, 5], [6]]
    """
    check_size(size, "samples in a batch")
    whole = data if isinstance(data, Dataset) else as_dataset(data)
    _check_lengths(whole)
    order = list(range(len(whole.targets)))
    if seed is not None:
        random_source(seed).shuffle(order)
    return (whole.select(order[i : i + size]) for i in range(0, len(order), size))


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
    expected = f"expected the index of a class, a whole number from 0{upper}"
    raise DataError(f"{place} is {x!r:.60}, {expected}")
