"""`fit` trains a model: epochs over batches, with all that a training wants around them."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

from .._support.remedies import helpful
from .._support.validation import number
from ..nn import Module
from ..optim import Schedule
from ..optim.schedules import Curve
from .arguments import OptimizerLike, loss_of, optimizer_of, schedule_of, stopping_of
from .checkpoints import check_held, checked_extra, read_checkpoint
from .epochs import Loss, Objective
from .history import History
from .metrics import Metrics, metrics_named
from .rollback import rolled_back
from .run import Callback, Run
from .saving import Saving
from .settings import described, described_optimizer, described_parameters, described_source
from .sources import check_whole, parted
from .stopping import EarlyStopping


@helpful
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
    checkpoint_every: int | None = None,
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
      `schedule` is a curve such as `StepLR(30)`: a function of the epoch and the first rate.
    - `batch_size` samples make a step; None takes all of them. `seed` decides in which order they
      are drawn; a stream is read in its own.
    - `validation` is data to measure the model on after each epoch, or a fraction to hold out.
    - `max_norm` clips the norm of the gradient. `early_stopping` is an EarlyStopping or its
      patience. A callback gets the history after each epoch; where it returns True, training ends.
    - `snapshots=n` keeps the parameters of every n-th epoch in the history.
    - `checkpoint` is a file that holds the end of the last epoch when `fit` ends, however it does,
      and is written every `checkpoint_every` epochs, or as often as takes a twentieth of the time.
      With `resume=True` training goes on from it, where it is there, to the same bits as if it had
      never stopped: whatever draws from `random`, or from a `random.Random` that the model holds,
      goes on too. The data and the options are to be the same, but for `epochs`. `extra` is saved
      along, for notes of one's own.

    Ctrl-C ends training after the current batch, with the model and the history intact; a second
    one ends it at once. In the end the model is out of training, as after `model.eval()`.

    Raises DivergenceError at the first nan or inf, and names where it came from; DataError where
    the data is empty, of unequal lengths or not finite; CheckpointError where the checkpoint to
    resume from does not fit; ValueError and TypeError for arguments that are out of range or
    unknown; and what the model, the loss and the callbacks raise. Where that is before the end of
    the first epoch, and no divergence, the model and the optimiser are left as they were. What is
    raised while training has the history so far as its attribute `history`.

    >>> from autograd_lite.nn import MLP
    >>> from autograd_lite.train import fit, xor
    >>> model = MLP(2, [4, 1], "tanh", seed=0)
    >>> inputs, targets = xor()
    >>> history = fit(model, (inputs, targets), lr=0.05, epochs=200)
    >>> [round(model(x).data) for x in inputs]
    [0, 1, 1, 0]
    """
    if not isinstance(model, Module):
        raise TypeError(f"fit expects a Module first, got {model!r:.60}; subclass nn.Module")
    _check_numbers(epochs, checkpoint_every, snapshots, max_norm)
    notes = checked_extra(extra)
    saving = None if checkpoint is None else Saving(Path(checkpoint), checkpoint_every)
    content = _to_resume(saving, resume)
    seed = _seed(seed, content)
    rng = random.Random(seed)  # noqa: S311  no secrets
    train, held_out = parted(data, validation, batch_size, rng)
    measure = loss_of(loss)
    objective = Objective(model, measure, metrics_named(metrics, measure, train.targets))
    moving = optimizer_of(optimizer, model, lr)
    stopping = stopping_of(early_stopping)
    if saving is not None or stopping is not None or snapshots is not None:
        check_held(model, moving)
    settings = {} if saving is None else {
        "model": described(model),
        "loss": described(measure),
        "metrics": list(objective.metrics),
        "optimizer": described_optimizer(moving, with_rate=moving is not optimizer),
        "parameters": described_parameters(model, moving),
        "schedule": described(schedule),
        "max_norm": None if max_norm is None else float(max_norm),
        "batch_size": None if batch_size is None else int(batch_size),
        "seed": str(seed),  # of any size
        "early_stopping": described(stopping),
        "data": described_source(train),
        "validation": described_source(held_out),
    }  # fmt: skip
    run = Run(
        objective=objective,
        optimizer=moving,
        schedule=None,  # it sets the rate: see below
        train=train,
        validation=held_out,
        max_norm=max_norm,
        stopping=stopping,
        callbacks=_functions(callbacks),
        snapshots=snapshots,
        saving=saving,
        settings=settings,
        extra=notes,
        rng=rng,
    )
    with rolled_back(model, moving, keep=lambda: run.epochs_made > 0):
        if stopping is not None:
            stopping.watched(run.columns)
        run.schedule = schedule_of(schedule, moving, epochs)
        if saving is not None and content is not None:
            run.load(saving.path, content)
        return run.to(int(epochs), progress=progress)


def _check_numbers(
    epochs: int, checkpoint_every: int | None, snapshots: int | None, max_norm: float | None
) -> None:
    check_whole("epochs", epochs)
    for name, n in (("checkpoint_every", checkpoint_every), ("snapshots", snapshots)):
        if n is not None:
            check_whole(name, n)
    if max_norm is not None:
        number("max_norm", max_norm, above=0, hint="; try 1.0")


def _functions(callbacks: Callback | Sequence[Callback]) -> list[Callback]:
    listed = [callbacks] if callable(callbacks) else list(callbacks)
    for callback in listed:
        if not callable(callback):
            raise TypeError(f"a callback is a function of the history, got {callback!r:.60}")
    return listed


def _to_resume(saving: Saving | None, resume: bool) -> dict[str, Any] | None:
    """Return what the checkpoint holds, where there is one to go on from."""
    if saving is None:
        if resume:
            raise TypeError("resume=True goes on from a checkpoint; pass checkpoint=path too")
        return None
    saving.check()
    return read_checkpoint(saving.path) if resume and saving.path.exists() else None


def _seed(seed: int | None, content: dict[str, Any] | None) -> int:
    """Return the seed, that of the training resumed, or one from the random module's own state."""
    if seed is not None:
        if not isinstance(seed, Integral):
            raise TypeError(f"a seed is a whole number or None, got {seed!r:.60}")
        return int(seed)
    held = content.get("settings") if content is not None else None
    if isinstance(held, dict) and str(held.get("seed")).lstrip("-").isdecimal():
        return int(held["seed"])
    return random.getrandbits(32)
