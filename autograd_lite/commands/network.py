"""Network: what `train` saves and `predict` loads: a model, and what its outputs mean."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from ..errors import CheckpointError
from ..modes import no_grad
from ..nn import MLP, Sequential
from ..ops import softmax
from ..train import Dataset, Standardizer, load_checkpoint
from ..train.checkpoints import read_checkpoint


@dataclass(frozen=True)
class Network:
    """How to build the model of a data set, in words and numbers that fit into a checkpoint.

    Features are brought to mean 0 and deviation 1 by the model itself; so is the target, where it
    is a number and has no `classes`: the model's output times `scale` plus `shift` is its.
    """

    features: Sequence[str]
    target: str
    classes: Sequence[str]
    hidden: Sequence[int]
    activation: str
    means: Sequence[float]
    deviations: Sequence[float]
    shift: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        names = [*self.features, self.target, *self.classes]
        numbers = [*self.means, *self.deviations, self.shift, self.scale]
        if not (
            all(isinstance(name, str) for name in names)
            and all(isinstance(x, float) for x in numbers)
            and all(type(n) is int and n > 0 for n in self.hidden)
            and len(self.features) == len(self.means)
        ):
            raise TypeError("the description of a network does not fit together")

    @classmethod
    def of(cls, data: Dataset, hidden: Sequence[int], activation: str) -> Network:
        """Return the network for data to train on."""
        features = data.features or tuple(f"x{i}" for i in range(1, len(data.inputs[0]) + 1))
        across = Standardizer.of(data.inputs)
        along = Standardizer((0.0,), (1.0,))
        if not data.classes:
            along = Standardizer.of([target] for target in data.targets)
        return cls(
            features, data.target or "y", data.classes, hidden, activation,
            across.means, across.deviations, along.means[0], along.deviations[0] or 1.0,
        )  # fmt: skip

    @classmethod
    def saved(cls, path: str | os.PathLike[str]) -> tuple[Network, Sequential]:
        """Return the network that `train` saved, and its model as it was trained.

        Raises CheckpointError where the file is no such checkpoint, OSError where it cannot be
        read.
        """
        content = read_checkpoint(path)
        try:
            network = cls(**content["extra"]["network"])
            if network.parameters() != len(content["model"]):  # before any are built
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
        return f"an MLP of {sizes} ({self.activation}), {self.parameters()} parameters"

    def parameters(self) -> int:
        """Return how many parameters the model has."""
        sizes = self._sizes()
        return sum((nin + 1) * nout for nin, nout in pairwise(sizes))

    def _sizes(self) -> list[int]:
        return [len(self.features), *self.hidden, len(self.classes) or 1]

    def state(self) -> dict[str, Any]:
        """Return all of it as lists and numbers, fit for JSON."""
        return asdict(self)

    def model(self, seed: int) -> Sequential:
        """Build the model, its weights drawn from the seed."""
        first, *others = self._sizes()
        standardizer = Standardizer(self.means, self.deviations)
        return Sequential(standardizer, MLP(first, others, self.activation, seed=seed))

    def prepared(self, data: Dataset) -> Dataset:
        """Return data with its targets on the scale of the model's output."""
        if self.classes:
            return data
        targets = [(target - self.shift) / self.scale for target in data.targets]
        return Dataset(data.inputs, targets, data.features, data.target)

    def predicted(self, model: Sequential, row: Sequence[float]) -> tuple[str | float, ...]:
        """Return what the model predicts for a row: a number, or a class and its probability."""
        with no_grad():
            output = model(row)
            if not self.classes:
                return (float(output) * self.scale + self.shift,)
            shares = [float(share) for share in softmax(output)]
        best = max(range(len(shares)), key=shares.__getitem__)
        return self.classes[best], shares[best]
