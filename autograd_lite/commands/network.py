"""Network: what `train` saves and `predict` loads: a model, and what its outputs mean."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from ..errors import CheckpointError
from ..modes import no_grad
from ..nn import MLP, Sequential, mse
from ..ops import softmax
from ..train import Dataset, Rescaler, Standardizer
from ..train.checkpoints import load_checkpoint, read_checkpoint
from .data_options import BATCH
from .usage import UsageError


@dataclass(frozen=True)
class Network:
    """How to build the model of a data set, in words and numbers that fit into a checkpoint.

    The model brings features to mean 0 and deviation 1 by itself, and its output to the scale of
    the target, where that is a number and there are no `classes`. Means and deviations are saved
    with the model.
    """

    features: Sequence[str]
    target: str
    classes: Sequence[str]
    hidden: Sequence[int]
    activation: str

    def __post_init__(self) -> None:
        names = [*self.features, self.target, *self.classes]
        lists = isinstance(self.features, list) and isinstance(self.classes, list)
        if not lists or not all(isinstance(name, str) for name in names):
            raise TypeError("the features and classes of a network are lists of names")

    @classmethod
    def of(cls, data: Dataset, hidden: Sequence[int], activation: str) -> Network:
        """Return the network for data to train on.

        Raises UsageError where all are of one class.
        """
        if len(data.classes) == 1:
            what = f"every {data.target} is {data.classes[0]!r}"
            raise UsageError(f"{what}: there is nothing to tell apart")
        features = data.features or [f"x{i}" for i in range(1, len(data.inputs[0]) + 1)]
        return cls(list(features), data.target or "y", list(data.classes), hidden, activation)

    @classmethod
    def saved(cls, path: str | os.PathLike[str]) -> tuple[Network, Sequential]:
        """Return the network that `train` saved, and its model as it was trained.

        Raises CheckpointError where the file is no such checkpoint, OSError where it cannot be
        read.
        """
        content = read_checkpoint(path)
        try:
            network = cls(**content["extra"]["network"])
            numbers = network._parameters() + 2 * len(network.features) + 2 * (not network.classes)
            if numbers != len(content["model"]):  # with means and deviations; before any are built
                raise ValueError(f"{len(content['model'])} parameters")  # noqa: TRY301
            model = network.model(seed=0)
        except (TypeError, ValueError, LookupError, OverflowError) as error:
            raise CheckpointError(
                f"{path} was not saved by autograd-lite train, or is damaged ({error!r:.100}); "
                "a program's own checkpoint is loaded by load_checkpoint"
            ) from None
        load_checkpoint(path, model)
        model.eval()
        return network, model

    def __str__(self) -> str:
        sizes = "-".join(map(str, self._sizes()))
        return f"an MLP of {sizes} ({self.activation}), {self._parameters()} parameters"

    def _sizes(self) -> list[int]:
        return [len(self.features), *self.hidden, len(self.classes) or 1]

    def _parameters(self) -> int:
        return sum((nin + 1) * nout for nin, nout in pairwise(self._sizes()))

    def model(self, seed: int, data: Dataset | None = None) -> Sequential:
        """Build the model, its weights drawn from the seed, its scales those of the data."""
        first, *others = self._sizes()
        scales = Standardizer(first) if data is None else Standardizer.of(data)
        steps: list[Any] = [scales, MLP(first, others, self.activation, seed=seed)]
        if not self.classes:
            steps.append(Rescaler() if data is None else Rescaler.of(data))
        return Sequential(*steps)

    def fit_options(self, data: Dataset, options: argparse.Namespace) -> dict[str, Any]:
        """Return the arguments of `fit` that a command's options and its data decide.

        The squared error of a number is in units of the target's variance: it is 1 for guessing the
        mean each time.
        """
        measured: dict[str, Any] = {"loss": "cross_entropy", "metrics": "accuracy"}
        if not self.classes:
            scale = Rescaler.of(data).scale
            measured = {"loss": partial(_relative_error, scale), "metrics": "mae"}
        size = options.batch_size or (BATCH if len(data.targets) > BATCH else None)
        steps = {"optimizer": options.optimizer, "epochs": options.epochs, "batch_size": size}
        return measured | steps

    def predicted(self, model: Sequential, row: Sequence[float]) -> tuple[str | float, ...]:
        """Return what the model predicts for a row: a number, or a class and its probability."""
        with no_grad():
            output = model(row)
            if not self.classes:
                return (float(output),)
            shares = [float(share) for share in softmax(output)]
        return max(zip(self.classes, shares, strict=True), key=lambda pair: pair[1])


def _relative_error(scale: float, predictions: Any, targets: Any) -> Any:
    return mse(predictions, targets) / scale**2
