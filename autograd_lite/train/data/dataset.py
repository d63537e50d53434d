"""Dataset: samples and what is wanted for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from ..._support.wording import printable


@dataclass(frozen=True, repr=False)
class Dataset:
    """Inputs, a row of numbers for each sample, and targets, a number (or a row) for each.

    It unpacks as a pair: `inputs, targets = data`. Where they are known, `features` are the names
    of the columns, `target` is the name of what is wanted, and `classes` are the labels that whole
    numbers from 0 on stand for.

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
        n = len(self.targets)
        samples = f"{n} sample{'' if n == 1 else 's'}"
        features = f" of {_listed(self.features)}" if self.features else ""
        target = f"; {self.target or 'the target'}" if self.target or self.classes else ""
        classes = f" is {_listed(self.classes, ' or ')}" if self.classes else ""
        return printable(f"Dataset({samples}{features}{target}{classes})")


def _listed(names: Sequence[str], last: str = ", ", most: int = 8) -> str:
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} ... {names[-1]} ({len(names)} in all)"
    return last.join(filter(None, [", ".join(names[:-1]), names[-1]]))
