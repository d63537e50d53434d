"""Dataset: samples and what is wanted for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from ..._support.wording import count, printable
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
        yield self.inputs
        yield self.targets

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
