"""Early stopping: training ends when what is watched has not improved for a while."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .._support.remedies import helpful
from .._support.validation import number, unknown, whole
from .history import Row


@helpful
@dataclass(frozen=True)
class EarlyStopping:
    """End training when `monitor` has not improved for `patience` epochs.

    `monitor` is a column of the history: by default `val_loss`, or `loss` where nothing is
    validated. To improve is to fall, or with `largest` to rise, by more than `min_delta`; where
    `largest` is None an accuracy is to rise. With `restore_best` the model ends with the parameters
    of the best epoch: where a `val_` column is watched those of its end, which it was measured on,
    and else, as training measures before it steps, those of its beginning. (Prechelt, "Early
    stopping - but when?", 1998.)

    Raises ValueError where `patience` is no whole number > 0 or `min_delta` is negative.

    >>> EarlyStopping(patience=5).patience
    5
    """

    patience: int = 10
    min_delta: float = 0.0
    monitor: str | None = None
    largest: bool | None = None
    restore_best: bool = True

    def __post_init__(self) -> None:
        whole(
            "patience",
            self.patience,
            at_least=1,
            saying="patience is a number of epochs, 1 or more",
        )
        number("min_delta", self.min_delta, at_least=0)

    def watched(self, columns: Sequence[str]) -> str:
        """Return which of the columns is watched; raise ValueError where it is none of them.

        >>> EarlyStopping().watched(["epoch", "loss", "val_loss"])
        'val_loss'
        """
        name = self.monitor or ("val_loss" if "val_loss" in columns else "loss")
        if name not in columns:
            complaint = f"early stopping watches {name!r}, which is not recorded"
            raise unknown(ValueError, complaint, name, columns)
        return name


class Patience:
    """Counts the epochs since the best one, as an EarlyStopping's rules have it.

    >>> patience = Patience(EarlyStopping(patience=2), ["epoch", "loss"])
    >>> [patience.improved({"loss": x}) for x in [3.0, 2.0, 2.5, 2.0]]
    [True, True, False, False]
    >>> patience.is_over
    True
    """

    def __init__(self, rules: EarlyStopping, columns: Sequence[str]) -> None:
        self.rules, self.column = rules, rules.watched(columns)
        rises = self.column.endswith("accuracy") if rules.largest is None else rules.largest
        self._sign = -1 if rises else 1
        self.best, self.waited = math.inf, 0

    @property
    def is_over(self) -> bool:
        """Whether there was no improvement for as long as is waited."""
        return self.waited >= self.rules.patience

    def improved(self, row: Row) -> bool:
        """Count one more epoch; return whether it is the best so far."""
        number = self._sign * row[self.column]
        better = number < self.best - self.rules.min_delta
        self.best, self.waited = (number, 0) if better else (self.best, self.waited + 1)
        return better
