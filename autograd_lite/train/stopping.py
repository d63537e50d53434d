"""Early stopping: training ends when what is watched has not improved for a while."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .._support.remedies import helpful
from .._support.wording import did_you_mean
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
        if not isinstance(self.patience, int) or self.patience < 1:
            raise ValueError(f"patience is a number of epochs, 1 or more, got {self.patience!r}")
        if not 0 <= self.min_delta < math.inf:
            raise ValueError(f"min_delta is a number >= 0, got {self.min_delta!r}")

    def watched(self, columns: Sequence[str]) -> str:
        """Return which of the columns is watched; raise ValueError where it is none of them.

        >>> EarlyStopping().watched(["epoch", "loss", "val_loss"])
        'val_loss'
        """
        name = self.monitor or ("val_loss" if "val_loss" in columns else "loss")
        if name not in columns:
            hint = did_you_mean(name, columns) or f"; there are {', '.join(columns)}"
            raise ValueError(f"early stopping watches {name!r}, which is not recorded{hint}")
        return name


class Patience:
    """Counts the epochs since the best one, as an EarlyStopping's rules have it.

    >>> patience = Patience(EarlyStopping(patience=2))
    >>> rows = [{"epoch": i, "loss": x} for i, x in enumerate([3.0, 2.0, 2.5, 2.0])]
    >>> [patience.improved(row) for row in rows]
    [True, True, False, False]
    >>> patience.is_over
    True
    """

    def __init__(self, rules: EarlyStopping) -> None:
        self.rules = rules
        self.best = math.inf
        self.waited = 0

    @property
    def is_over(self) -> bool:
        """Whether there was no improvement for as long as is waited."""
        return self.waited >= self.rules.patience

    def improved(self, row: Row) -> bool:
        """Count one more epoch; return whether it is the best so far."""
        name = self.rules.watched(list(row))
        largest = self.rules.largest
        if largest is None:
            largest = name.endswith("accuracy")
        number = -row[name] if largest else row[name]
        better = number < self.best - self.rules.min_delta
        if better:
            self.best = number
        self.waited = 0 if better else self.waited + 1
        return better
