"""`fit` trains a model: epochs over batches, with all that a training wants around them."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

from .._support.remedies import helpful
from .._support.validation import number, whole
from .._support.wording import shortened
from ..compiler.lanes import has_arrays
from ..errors import DataError, DivergenceError
from ..nn import Module
from ..nn.reduction import LOSSES
from ..optim import Optimizer, Schedule, optimizer_named
from ..optim.schedules import Curve
from ..value import set_data
from .checkpoints import check_held, check_place, checked_extra, read_checkpoint
from .compiled import TOO_SHORT, CompiledObjective, backend_for
from .data import Dataset
from .data.preparation import as_dataset, split
from .history import EarlyStopping, History
from .loop import Callback, Loop, Saving
from .objective import Metric, Metrics, Objective, function_of, metrics_named
from .resuming import described, described_optimizer, described_parameters

LEARNING_RATE = 0.01  # of an optimizer that is given by its name alone

OptimizerLike = str | Optimizer | Callable[..., Optimizer]


@helpful
def fit(
    model: Module, data: Any, *, loss: str | Metric = "mse", optimizer: OptimizerLike = "adam",
    lr: float | None = None, epochs: int = 100, batch_size: int | None = None,
    seed: int | None = None, validation: Any = None, metrics: Metrics = (),
    schedule: Curve | Schedule | None = None, max_norm: float | None = None,
    early_stopping: EarlyStopping | int | None = None,
    callbacks: Callback | Sequence[Callback] = (), snapshots: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None, checkpoint_every: int | None = None,
    resume: bool = False, extra: Mapping[str, Any] | None = None, progress: bool = True,
    jit: bool | Literal["auto"] = "auto",
) -> History:  # fmt: skip
    """Train a model on data by gradient descent; return the history of it.

    - `data` is a Dataset, or a pair of inputs and targets: lists, arrays or DataFrames. The loss
      and the metrics get a list of the model's predictions and one of the targets.
    - `loss` and `metrics` are names of `autograd_lite.nn`'s losses (a metric also "accuracy"), or
      functions.
    - `optimizer` is a name, an Optimizer, or what makes one of parameters, as
      `partial(SGD, momentum=0.9)` does. `lr` is for the first and the last, 0.01 for a name alone.
      `schedule` is a curve such as `StepLR(30)`: a function of the epoch and the first rate.
    - `batch_size` samples make a step; None takes all of them. `seed` decides in which order they
      are drawn.
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

    - `jit` says whether steps are compiled: "auto" where the run is long enough to repay it and
      nothing stands in the way, True always (a TypeError says what does), False never. Compiled
      and eager numbers agree to rounding. On NumPy arrays where there are 16 samples or more. What
      does more than compute, such as a model that prints, is left eager, and the history's
      `not_compiled` says why.

    Ctrl-C ends training after the current batch, with the model and the history intact; a second
    one ends it at once. In the end the model is out of training, as after `model.eval()`.

    Raises DivergenceError at the first nan or inf, and names where it came from; DataError where
    the data is empty, of unequal lengths or not finite; CheckpointError where the checkpoint to
    resume from does not fit; ValueError and TypeError for arguments that are out of range or
    unknown; and what the model, the loss and the callbacks raise. Where that is before the end of
    the first epoch, and no divergence, the model and the optimizer are left as they were. What is
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
    epochs, batch_size = whole("epochs", epochs, at_least=1), _whole("batch_size", batch_size)
    snapshots, every = _whole("snapshots", snapshots), _whole("checkpoint_every", checkpoint_every)
    if max_norm is not None:
        max_norm = number("max_norm", max_norm, above=0, hint="; try 1.0")
    notes = checked_extra(extra)
    content = _to_resume(checkpoint, resume)
    seed = _seed(seed, content)
    rng = random.Random(seed)  # noqa: S311  no secrets
    train, held_out = _parted(data, validation, rng)
    measure = function_of("loss", loss, LOSSES, hint="; try 'mse'")
    named = metrics_named(metrics, measure, train.targets)
    moving, stopping = _optimizer(optimizer, model, lr), _stopping(early_stopping)
    if checkpoint is not None or stopping is not None or snapshots is not None:
        check_held(model, moving)
    objective = Objective(model, measure, named)
    steps = None if checkpoint is not None else epochs  # gone on with, it may be of any number
    backend = _backend(jit, train, batch_size, steps, content)
    saving = None
    if checkpoint is not None:
        settings = {
            "backend": backend,
            "model": described(model), "loss": described(measure), "metrics": list(named),
            "optimizer": described_optimizer(moving, with_rate=moving is not optimizer),
            "parameters": described_parameters(model, moving), "schedule": described(schedule),
            "max_norm": max_norm, "batch_size": batch_size, "seed": str(seed),  # of any size
            "early_stopping": described(stopping), "data": described(train),
            "validation": "none" if held_out is None else described(held_out),
        }  # fmt: skip
        saving = Saving(Path(checkpoint), every, settings, notes)
    loop = Loop(
        objective if backend == "eager" else CompiledObjective(
            objective, moving, backend, () if batch_size else [x for x in (train, held_out) if x],
            clipped=max_norm is not None,
        ),
        moving, train, held_out, batch_size, rng, max_norm,
        stopping, _functions(callbacks), snapshots, saving,
    )  # fmt: skip
    loop.must_compile = jit is True
    with _rolled_back(loop):
        loop.schedule = _schedule(schedule, moving, epochs)
        if saving is not None and content is not None:
            loop.load(saving, content)
        if backend == "eager" and jit is not False:
            loop.history.not_compiled = TOO_SHORT
        return loop.run(epochs, progress)


@contextmanager
def _rolled_back(loop: Loop) -> Iterator[None]:
    """Where an error ends the block, give it the history, and undo a training without an epoch.

    A divergence is no mistake of the caller's, and undone by nobody.
    """
    optimizer = loop.optimizer
    values = list({*optimizer.parameters, *loop.model.state_values()})
    numbers, state = [value.data for value in values], optimizer.state_dict()
    try:
        yield
    except Exception as error:
        error.history = loop.history  # type: ignore[attr-defined]
        if not loop.epochs_made and not isinstance(error, DivergenceError):
            set_data(values, numbers)
            optimizer.load_state_dict(state)
        raise


# --- what it is given -----------------------------------------------------------------------------


def _whole(name: str, n: int | None) -> int | None:
    return None if n is None else whole(name, n, at_least=1)


def _to_resume(checkpoint: str | os.PathLike[str] | None, resume: bool) -> dict[str, Any] | None:
    """Return what the checkpoint holds, where there is one to go on from."""
    if checkpoint is None:
        if resume:
            raise TypeError("resume=True goes on from a checkpoint; pass checkpoint=path too")
        return None
    check_place(Path(checkpoint))
    return read_checkpoint(checkpoint) if resume and Path(checkpoint).exists() else None


def _backend(
    jit: Any,
    data: Dataset,
    batch_size: int | None,
    epochs: int | None,
    content: dict[str, Any] | None,
) -> str:
    """Return what steps are compiled to; a training goes on as it began."""
    if not (isinstance(jit, bool) or jit == "auto"):
        raise TypeError(f"jit is True, False or 'auto', got {jit!r:.60}")
    if jit is False:
        return "eager"
    samples = len(data.targets)
    batch = min(batch_size or samples, samples)
    steps = math.inf if epochs is None or jit is True else epochs * math.ceil(samples / batch)
    chosen = backend_for(batch, steps)
    if jit == "auto" and content is not None and isinstance(content.get("settings"), dict):
        begun = content["settings"].get("backend", "eager")
        if begun in ("eager", "python") or (begun == "array" and has_arrays()):
            return str(begun)
    return chosen


def _seed(seed: int | None, content: Any) -> int:
    """Return the seed, that of the training resumed, or one from the random module's own state."""
    if seed is not None:
        return whole("seed", seed, error=TypeError, saying="a seed is a whole number or None")
    with suppress(KeyError, TypeError, ValueError):  # there is none to go on from, or not of fit
        return int(content["settings"]["seed"])
    return random.getrandbits(32)


def _parted(data: Any, validation: Any, rng: random.Random) -> tuple[Dataset, Dataset | None]:
    """Return the data to train on and to validate on, which may be a fraction of the first."""
    if validation is None:
        return as_dataset(data), None
    if isinstance(validation, Integral):
        raise TypeError(
            f"validation is data, or a fraction such as 0.2 to hold out, got {validation!r}"
        )
    if isinstance(validation, Real):
        return split(data, float(validation), seed=rng)
    train, held_out = as_dataset(data), as_dataset(validation)
    if train.classes and held_out.classes and train.classes != held_out.classes:
        ours, theirs = (shortened(", ".join(x.classes), 60) for x in (train, held_out))
        remedy = "the same index would be another class; pass classes of your own to both"
        raise DataError(f"the data has the classes {ours}, its validation {theirs}: {remedy}")
    return train, held_out


def _optimizer(optimizer: OptimizerLike, model: Module, lr: float | None) -> Optimizer:
    """Return the optimizer of a name, one made of the model's parameters, or the one given."""
    if isinstance(optimizer, Optimizer):
        if lr is not None:
            raise TypeError(
                "lr is for an optimiser by name; this one has its own: set optimizer.lr"
            )
        if set(optimizer.parameters).isdisjoint(model.parameters()):
            raise ValueError(
                "the optimiser moves no parameter of this model; build it with model.parameters()"
            )
        return optimizer
    if isinstance(optimizer, str):
        optimizer, lr = optimizer_named(optimizer), LEARNING_RATE if lr is None else lr
    rate = {} if lr is None else {"lr": lr}
    made = optimizer(model.parameters(), **rate) if callable(optimizer) else None
    if not isinstance(made, Optimizer):
        raise TypeError(
            f"an optimiser is a name such as 'adam', an Optimizer or what makes one, "
            f"got {optimizer!r:.60}"
        )
    return made


def _schedule(
    schedule: Curve | Schedule | None, optimizer: Optimizer, epochs: int
) -> Schedule | None:
    """Return the schedule of a curve, which reaches over all epochs, or the one given."""
    if schedule is None:
        return None
    if isinstance(schedule, Schedule):
        if schedule.optimizer is not optimizer:
            raise ValueError("the schedule is another optimiser's; pass its curve instead")
        return schedule
    if callable(schedule):  # else Schedule says what it should be
        try:
            for epoch in range(epochs + 1):
                schedule(epoch, optimizer.lr)
        except ValueError as error:
            raise ValueError(f"the schedule does not reach over {epochs} epochs: {error}") from None
    return Schedule(optimizer, schedule)


def _stopping(early_stopping: EarlyStopping | int | None) -> EarlyStopping | None:
    if early_stopping is None or isinstance(early_stopping, EarlyStopping):
        return early_stopping
    words = "early_stopping is a number of epochs"
    return EarlyStopping(whole("early_stopping", early_stopping, error=TypeError, saying=words))


def _functions(callbacks: Callback | Sequence[Callback]) -> list[Callback]:
    listed = [callbacks] if callable(callbacks) else list(callbacks)
    for callback in listed:
        if not callable(callback):
            raise TypeError(f"a callback is a function of the history, got {callback!r:.60}")
    return listed
