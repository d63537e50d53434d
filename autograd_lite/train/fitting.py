"""`fit` trains a model: epochs over batches, with all that a training wants around them."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import CheckpointError
from ..nn import Module
from ..optim import Schedule
from ..optim.schedules import Curve
from .arguments import OptimizerLike, loss_of, optimizer_of, schedule_of, stopping_of
from .checkpoints import read_checkpoint
from .epochs import Loss, Objective
from .history import History
from .metrics import Metrics, metrics_named
from .run import Callback, Run
from .sources import InMemory, check_whole, parted
from .stopping import EarlyStopping


def fit(
    model: Module,
    data: Any,
    *,
    loss: str | Loss = "mse",
    optimizer: OptimizerLike = "adam",
    lr: float | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    seed: int | None = None,
    validation: Any = None,
    metrics: Metrics = (),
    schedule: Curve | Schedule | None = None,
    max_norm: float | None = None,
    early_stopping: EarlyStopping | int | None = None,
    callbacks: Callback | Sequence[Callback] = (),
    snapshots: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 1,
    resume: bool = False,
    extra: Mapping[str, Any] | None = None,
    progress: bool = True,
) -> History:
    """Train a model on data by gradient descent; return the history of it.

    - `data` is a pair of inputs and targets, a Dataset, or what `load_csv` streams. The loss and
      the metrics get a list of the model's predictions and one of the targets.
    - `loss` and `metrics` are names of `autograd_lite.nn`'s losses (a metric also "accuracy"), or
      functions.
    - `optimizer` is a name, an Optimizer, or what makes one of parameters, as
      `partial(SGD, momentum=0.9)` does. `lr` is for the first and the last, 0.01 for a name alone.
      `schedule` is a curve of the epoch, such as `StepLR(30)`.
    - `batch_size` samples make a step; None takes all of them. `seed` decides in which order they
      are drawn; a stream is read in its own.
    - `validation` is data to measure the model on after each epoch, or a fraction to hold out.
    - `max_norm` clips the norm of the gradient. `early_stopping` is an EarlyStopping or its
      patience. A callback gets the history after each epoch; where it returns True, training ends.
    - `snapshots=n` keeps the parameters of every n-th epoch in the history.
    - `checkpoint` is a file, written every `checkpoint_every` epochs; with `resume=True` training
      goes on from it, where it is there, to the same bits as if it had never stopped. `extra` is
      saved along, for notes of one's own.

    Ctrl-C ends training after the current batch, with the model and the history intact; a second
    one ends it at once. In the end the model is out of training, as after `model.eval()`.

    Raises DivergenceError, which holds the history, at the first nan or inf, and names where it
    came from; DataError where the data is empty, of unequal lengths or not finite; CheckpointError
    where the checkpoint to resume from does not fit; ValueError and TypeError for arguments that
    are out of range or unknown; and what the model and the loss raise. Where that is in the first
    epoch, the model and the optimiser are left as they were.

    >>> from autograd_lite.nn import MLP
    >>> from autograd_lite.train import fit, xor
    >>> model = MLP(2, [4, 1], "tanh", seed=0)
    >>> history = fit(model, xor(), lr=0.05, epochs=200)
    >>> [round(model(x).data) for x in xor().inputs]
    [0, 1, 1, 0]
    """
    if not isinstance(model, Module):
        raise TypeError(f"fit expects a Module first, got {model!r:.60}; subclass nn.Module")
    for name, number in (("epochs", epochs), ("checkpoint_every", checkpoint_every)):
        check_whole(name, number)
    if snapshots is not None:
        check_whole("snapshots", snapshots)
    path = None if checkpoint is None else Path(checkpoint)
    if resume and path is None:
        raise TypeError("resume=True expects the checkpoint to resume from; pass checkpoint=path")
    resumed = resume and path is not None and path.exists()
    seed = _seed(seed, path if resumed else None)
    rng = random.Random(seed)  # noqa: S311  no secrets
    train, held_out = parted(data, validation, batch_size, rng)
    measure = loss_of(loss)
    targets = train.data.targets if isinstance(train, InMemory) else ()
    objective = Objective(model, measure, metrics_named(metrics, measure, targets))
    optimizer = optimizer_of(optimizer, model, lr)
    run = Run(
        objective=objective,
        optimizer=optimizer,
        schedule=schedule_of(schedule, optimizer, epochs),
        train=train,
        validation=held_out,
        max_norm=max_norm,
        stopping=stopping_of(early_stopping),
        callbacks=[callbacks] if callable(callbacks) else list(callbacks),
        snapshots=snapshots,
        checkpoint=path,
        checkpoint_every=checkpoint_every,
        extra={} if extra is None else extra,
        seed=seed,
        rng=rng,
    )
    if resumed and path is not None:
        run.load(path)
    return run.to(epochs, progress=progress)


def _seed(seed: int | None, resumed: Path | None) -> int:
    """Return the seed, that of the training resumed, or one from the random module's own state."""
    if seed is not None and not isinstance(seed, int):
        raise TypeError(f"a seed is a whole number or None, got {seed!r:.60}")
    if resumed is not None:
        notes = read_checkpoint(resumed)["extra"].get("fit")
        seed = notes.get("seed") if isinstance(notes, dict) else None
        if not isinstance(seed, int):
            raise CheckpointError(f"{resumed} was not written by fit; load it by load_checkpoint")
    return random.getrandbits(32) if seed is None else seed
