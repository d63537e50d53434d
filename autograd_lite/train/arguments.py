"""What `fit` is given, made into what training needs: names become functions, numbers rules."""

from __future__ import annotations

from collections.abc import Callable

from ..nn import Module
from ..nn.losses import loss_named
from ..optim import Optimizer, Schedule, optimizer_named
from ..optim.schedules import Curve
from .epochs import Loss
from .stopping import EarlyStopping

LEARNING_RATE = 0.01  # of an optimiser that is given by its name alone

OptimizerLike = str | Optimizer | Callable[..., Optimizer]


def loss_of(loss: str | Loss) -> Loss:
    """Return the loss of a name, or the one given.

    Raises ValueError where none is named so, TypeError for what is no function.

    >>> loss_of("mse")([1.0], [3.0])
    4.0
    """
    if isinstance(loss, str):
        return loss_named(loss)
    if not callable(loss):
        raise TypeError(f"a loss is a name or a function, got {loss!r:.60}; try 'mse'")
    return loss


def optimizer_of(optimizer: OptimizerLike, model: Module, lr: float | None) -> Optimizer:
    """Return the optimiser of a name, one made of the model's parameters, or the one given.

    Raises ValueError where none is named so, an option is out of range or the one given moves none
    of the model's parameters; TypeError for what is no optimiser.

    >>> from autograd_lite.nn import Neuron
    >>> optimizer_of("sgd", Neuron(1), 0.5).lr
    0.5
    """
    if isinstance(optimizer, Optimizer):
        return _given(optimizer, model, lr)
    if isinstance(optimizer, str):
        make: Callable[..., Optimizer] = optimizer_named(optimizer)
        return make(model.parameters(), lr=LEARNING_RATE if lr is None else lr)
    made = None
    if callable(optimizer):
        made = optimizer(model.parameters(), **({} if lr is None else {"lr": lr}))
    if not isinstance(made, Optimizer):
        raise TypeError(
            f"an optimiser is a name such as 'adam', an Optimizer or what makes one, "
            f"got {optimizer!r:.60}"
        )
    return made


def _given(optimizer: Optimizer, model: Module, lr: float | None) -> Optimizer:
    if lr is not None:
        raise TypeError("lr is for an optimiser by name; this one has its own: set optimizer.lr")
    held = {id(p) for p in model.parameters()}
    if not any(id(p) in held for p in optimizer.parameters):
        raise ValueError(
            "the optimiser moves no parameter of this model; build it with model.parameters()"
        )
    return optimizer


def schedule_of(
    schedule: Curve | Schedule | None, optimizer: Optimizer, epochs: int
) -> Schedule | None:
    """Return the schedule of a curve, or the one given.

    Raises ValueError where that is another optimiser's, or its curve does not reach over so many
    epochs; TypeError for what is no curve.

    >>> from autograd_lite.nn import Neuron
    >>> from autograd_lite.optim import SGD, StepLR
    >>> schedule_of(StepLR(30), SGD(Neuron(1).parameters()), 100).last_epoch
    0
    """
    if isinstance(schedule, Schedule):
        if schedule.optimizer is not optimizer:
            raise ValueError("the schedule is another optimiser's; pass its curve instead")
        return schedule
    if schedule is None:
        return None
    if callable(schedule):  # else Schedule says what it should be
        try:
            for epoch in range(epochs + 1):
                schedule(epoch, optimizer.lr)
        except ValueError as error:
            raise ValueError(f"the schedule does not reach over {epochs} epochs: {error}") from None
    return Schedule(optimizer, schedule)


def stopping_of(early_stopping: EarlyStopping | int | None) -> EarlyStopping | None:
    """Return the rules of early stopping; a number is the patience.

    Raises ValueError where the number is out of range, TypeError for anything else.

    >>> stopping_of(5).patience
    5
    """
    if early_stopping is None or isinstance(early_stopping, EarlyStopping):
        return early_stopping
    if not isinstance(early_stopping, int) or isinstance(early_stopping, bool):
        raise TypeError(f"early_stopping is a number of epochs, got {early_stopping!r:.60}")
    return EarlyStopping(early_stopping)
