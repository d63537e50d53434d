"""Dataset: samples and what is wanted for each, checked, split and cut into batches."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from ..._support.validation import Seed, check_size, is_sequence, random_source
from ..._support.wording import count, printable
from ...errors import DataError
from .tables import LEAVE_OUT, Table, rows_of


@dataclass(frozen=True, repr=False)
class Dataset:
    """Inputs, a row of numbers for each sample, and targets, a number (or a row) for each.

    It unpacks as a pair: `inputs, targets = data`. Where they are known, `features` are the names
    of the columns, `target` is the name of what is wanted, and `classes` are the labels that whole
    numbers from 0 on stand for. Columns of pandas or polars become lists, and their names are kept:
    `Dataset(frame[["a", "b"]], frame["y"])`.

    Raises DataError, naming the row and the column, where a cell of those is no finite number.

    >>> data = Dataset([[0.0, 1.0], [1.0, 0.0]], [1, 0], ("a", "b"), "kind", ("cat", "dog"))
    >>> data
    Dataset(2 samples of a, b; kind is cat or dog)
    >>> inputs, targets = data
    >>> targets
    [1, 0]
    """

    inputs: Sequence[Any]
    targets: Sequence[Any]
    features: tuple[str, ...] = ()
    target: str = ""
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if table := Table.of(self.inputs, "x"):
            inputs = rows_of(table.numbers(name, LEAVE_OUT) for name in table.names)
            vars(self).update(inputs=inputs, features=self.features or tuple(table.names))
        if table := Table.of(self.targets, "y"):
            name, classes = table.names[0], self.classes
            if len(table.names) > 1:
                targets: list[Any] = rows_of(map(table.numbers, table.names))
            elif table.begins_with_word(name):
                targets, classes = table.indices(name, classes or None)
            else:
                targets = table.numbers(name)
            target = self.target or ", ".join(table.names)
            vars(self).update(targets=targets, target=target, classes=classes)

    def __iter__(self) -> Iterator[Sequence[Any]]:
        return iter((self.inputs, self.targets))

    def select(self, indices: Iterable[int]) -> Self:
        """Return the samples of these indices, in this order.

        >>> Dataset([[1.0], [2.0], [3.0]], [1, 2, 3]).select([2, 0]).targets
        [3, 1]
        """
        chosen = list(indices)
        inputs, targets = ([column[i] for i in chosen] for column in self)
        return replace(self, inputs=inputs, targets=targets)

    def __repr__(self) -> str:
        samples = count(len(self.targets), "sample")
        features = f" of {_named(self.features)}" if self.features else ""
        target = f"; {self.target or 'the target'}" if self.target or self.classes else ""
        classes = f" is {_named(self.classes, ' or ')}" if self.classes else ""
        return printable(f"Dataset({samples}{features}{target}{classes})")


def _named(names: Sequence[str], last: str = ", ", most: int = 8) -> str:
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} ... {names[-1]} ({len(names)} in all)"
    return last.join(filter(None, [", ".join(names[:-1]), names[-1]]))


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
