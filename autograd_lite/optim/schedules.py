"""Learning rates that change: pure functions of the step, and the Schedule that applies one.

A curve is any function `(step, lr) -> lr` of the number of steps made and the learning rate that
the optimizer was built with. Those here are PyTorch's closed forms, with its names and arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, TypeAlias, dataclass_transform

from .._support.validation import as_whole, number, whole
from .optimizer import Optimizer, checked_option, entry

__all__ = [
    "ChainedScheduler", "ConstantLR", "CosineAnnealingLR", "ExponentialLR", "LinearLR",
    "MultiStepLR", "OneCycleLR", "Schedule", "SequentialLR", "StepLR", "warm_up",
]  # fmt: skip

Curve: TypeAlias = Callable[[int, float], float]


class Schedule:
    """Sets the learning rate of each of an optimizer's groups, now and after each `step`.

    An optimizer follows one Schedule; curves are combined by SequentialLR and ChainedScheduler.
    Call `step` once an epoch, or once a batch, after the optimizer's.

    Raises TypeError where it gets no optimizer or no curve, ValueError where the curve does not
    give a number >= 0.

    >>> from autograd_lite import Value
    >>> from autograd_lite.optim import SGD
    >>> optimizer = SGD([Value(1.0)], lr=0.5)
    >>> schedule = Schedule(optimizer, lambda step, lr: lr / (1 + step))
    >>> schedule.step()
    >>> optimizer.lr
    0.25
    """

    def __init__(self, optimizer: Optimizer, curve: Curve) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"a Schedule expects an optimiser first, got {optimizer!r}")
        if not callable(curve):
            raise TypeError(f"a Schedule expects a curve such as StepLR(30), got {curve!r}")
        self.optimizer = optimizer
        self.curve = curve
        self._move_to(0, self.get_last_lr())

    def step(self) -> None:
        """Go one step on along the curve."""
        self._move_to(self.last_epoch + 1, self.base_lrs)

    def get_last_lr(self) -> list[float]:
        """Return the learning rate of each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule is, as plain numbers, fit for JSON."""
        return {"last_epoch": self.last_epoch, "base_lrs": list(self.base_lrs)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` returned, the optimizer's learning rates included.

        Raises ValueError where it does not fit the optimizer's groups, TypeError where something
        in it has the wrong type; nothing is changed then.
        """
        step = entry(state_dict, "last_epoch", int)
        rates = [checked_option("scheduled lr", x) for x in entry(state_dict, "base_lrs", list)]
        whole("last_epoch", step, at_least=0)
        self._move_to(step, rates)

    def _move_to(self, step: int, base_lrs: list[float]) -> None:
        groups = self.optimizer.param_groups
        if len(base_lrs) != len(groups):
            raise ValueError(f"expected {len(groups)} learning rates, got {len(base_lrs)}")
        rates = [checked_option("scheduled lr", self.curve(step, base)) for base in base_lrs]
        for group, rate in zip(groups, rates, strict=True):
            group["lr"] = rate
        self.last_epoch, self.base_lrs = step, base_lrs


def _steps(name: str, x: Any) -> None:
    whole(name, x, at_least=1, saying=f"{name} is a whole number of steps, 1 or more")


def _milestones(name: str, milestones: Sequence[int]) -> None:
    for before, milestone in zip((0, *milestones), milestones, strict=False):
        if as_whole(milestone) is None or milestone <= before:
            raise ValueError(f"{name} are growing whole numbers > 0, got {milestones!r}")


def _curves(name: str, curves: Sequence[Curve]) -> None:
    if not curves or not all(map(callable, curves)):
        raise ValueError(f"{name}: expected curves such as StepLR(30), got {curves!r}")


_CHECKS: dict[str, Callable[[str, Any], object]] = {
    **dict.fromkeys(("step_size", "total_iters", "T_max", "total_steps"), _steps),
    **dict.fromkeys(("gamma", "factor", "start_factor", "end_factor", "eta_min"),
                    partial(number, at_least=0)),
    **dict.fromkeys(("max_lr", "div_factor", "final_div_factor"), partial(number, above=0)),
    "milestones": _milestones,
    "schedulers": _curves,
}  # fmt: skip


@dataclass_transform(frozen_default=True)
class _Curve:
    """The base of the curves: frozen dataclasses, whose arguments are checked by their names."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)

    def __new__(cls, *arguments: Any, **options: Any) -> Self:
        if isinstance((*arguments, options.get("optimizer"))[0], Optimizer):  # as PyTorch has it
            name = cls.__name__
            raise TypeError(
                f"{name} is a curve, without its optimiser; write Schedule(optimizer, {name}(...))"
            )
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name in _CHECKS:
                _CHECKS[name](name, value)


class StepLR(_Curve):
    r"""Multiply by gamma every `step_size` s steps: :math:`\eta\gamma^{\lfloor t/s\rfloor}`.

    Raises ValueError where `step_size` is no whole number > 0 or gamma is negative.

    >>> [StepLR(2, gamma=0.5)(step, 8.0) for step in range(5)]
    [8.0, 8.0, 4.0, 4.0, 2.0]
    """

    step_size: int
    gamma: float = 0.1

    def __call__(self, step: int, lr: float) -> float:
        """Return the learning rate after so many steps."""
        return lr * self.gamma ** (step // self.step_size)


class MultiStepLR(_Curve):
    r"""Multiply by gamma at each milestone: :math:`\eta\gamma^{|\{m : m \le t\}|}`.

    Raises ValueError where the milestones do not grow or gamma is negative.

    >>> [MultiStepLR([1, 3], gamma=0.5)(step, 8.0) for step in range(5)]
    [8.0, 4.0, 4.0, 2.0, 2.0]
    """

    milestones: Sequence[int]
    gamma: float = 0.1

    def __call__(self, step: int, lr: float) -> float:
        """Return the learning rate after so many steps."""
        return lr * self.gamma ** sum(milestone <= step for milestone in self.milestones)


class ExponentialLR(_Curve):
    r"""Multiply by gamma at every step: :math:`\eta\gamma^t`.

    Raises ValueError where gamma is negative.

    >>> [ExponentialLR(0.5)(step, 8.0) for step in range(4)]
    [8.0, 4.0, 2.0, 1.0]
    """

    gamma: float

    def __call__(self, step: int, lr: float) -> float:
        """Return the learning rate after so many steps."""
        return lr * self.gamma**step


class LinearLR(_Curve):
    """Change a factor in a straight line over the first steps, and keep it then.

    Raises ValueError where `total_iters` is no whole number > 0 or a factor is negative.

    >>> [LinearLR(0.5, total_iters=2)(step, 8.0) for step in range(4)]
    [4.0, 6.0, 8.0, 8.0]
    """

    start_factor: float = 1 / 3
    end_factor: float = 1.0
    total_iters: int = 5

    def __call__(self, step: int, lr: float) -> float:
        """Return the learning rate after so many steps."""
        part = min(step, self.total_iters) / self.total_iters
        return lr * (self.start_factor + (self.end_factor - self.start_factor) * part)


class ConstantLR(_Curve):
    """Multiply by a factor for the first steps, by 1 then.

    Raises ValueError where `total_iters` is no whole number > 0 or the factor is negative.

    >>> [ConstantLR(0.5, total_iters=2)(step, 8.0) for step in range(4)]
    [4.0, 4.0, 8.0, 8.0]
    """

    factor: float = 1 / 3
    total_iters: int = 5

    def __call__(self, step: int, lr: float) -> float:
        """Return the learning rate after so many steps."""
        return lr * self.factor if step < self.total_iters else lr


class CosineAnnealingLR(_Curve):
    r"""Half a cosine down: :math:`\eta_{min} + (\eta - \eta_{min})(1 + \cos(\pi t/T_{max}))/2`.

    After `T_max` steps it climbs again, as a cosine does. Source: Loshchilov, Hutter, "SGDR:
    stochastic gradient descent with warm restarts", 2017, without the restarts.

    Raises ValueError where `T_max` is no whole number > 0 or `eta_min` is negative.

    >>> [round(CosineAnnealingLR(4)(step, 8.0), 3) for step in range(5)]
    [8.0, 6.828, 4.0, 1.172, 0.0]
    """

    T_max: int
    eta_min: float = 0.0

    def __call__(self, step: int, lr: float) -> float:
        """Return the learning rate after so many steps."""
        return _along_cosine(lr, self.eta_min, step / self.T_max)


class OneCycleLR(_Curve):
    """From max_lr/div_factor up to max_lr, then down to a `final_div_factor`-th of the start.

    The learning rate of the optimizer does not matter; its momentum stays as it is. Source: Smith,
    Topin, "Super-convergence: very fast training of neural networks using large learning rates",
    2018.

    Raises ValueError where an argument is out of range, and after more than `total_steps` steps.

    >>> curve = OneCycleLR(max_lr=1.0, total_steps=11, pct_start=6 / 11, anneal_strategy="linear")
    >>> [round(curve(step, 0.1), 3) for step in (0, 5, 10)]
    [0.04, 1.0, 0.0]
    """

    max_lr: float
    total_steps: int
    pct_start: float = 0.3
    anneal_strategy: str = "cos"
    div_factor: float = 25.0
    final_div_factor: float = 1e4

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.pct_start * self.total_steps - 1 < self.total_steps - 1:
            raise ValueError(
                f"the rate is to climb for more than one step and less than all, got pct_start "
                f"{self.pct_start!r} of {self.total_steps} steps; try 0.3 of more steps"
            )
        if self.anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy is 'cos' or 'linear', got {self.anneal_strategy!r}")

    def __call__(self, step: int, lr: float) -> float:
        """Return the learning rate after so many steps."""
        if step > self.total_steps:
            raise ValueError(f"OneCycleLR has {self.total_steps} steps, got {step}")
        low = self.max_lr / self.div_factor
        peak, last = self.pct_start * self.total_steps - 1, self.total_steps - 1
        along = _along_cosine if self.anneal_strategy == "cos" else _along_line
        if step <= peak:
            return along(low, self.max_lr, step / peak)
        part = min(1.0, (step - peak) / (last - peak))
        return along(self.max_lr, low / self.final_div_factor, part)


class SequentialLR(_Curve):
    """One curve after the other: each begins, at its step 0, at a milestone.

    Raises ValueError where there is not one milestone between each two, or they do not grow.

    >>> curve = SequentialLR([ConstantLR(0.5, 9), ExponentialLR(0.5)], milestones=[2])
    >>> [curve(step, 8.0) for step in range(5)]
    [4.0, 4.0, 8.0, 4.0, 2.0]
    """

    schedulers: Sequence[Curve]
    milestones: Sequence[int]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.milestones) != len(self.schedulers) - 1:
            raise ValueError(
                f"{len(self.schedulers)} curves are parted by {len(self.schedulers) - 1} "
                f"milestones, got {len(self.milestones)}"
            )

    def __call__(self, step: int, lr: float) -> float:
        """Return the learning rate after so many steps."""
        passed = sum(milestone <= step for milestone in self.milestones)
        return self.schedulers[passed](step - (0, *self.milestones)[passed], lr)


class ChainedScheduler(_Curve):
    """Curves at once: each starts from the learning rate that the one before it gives.

    Raises ValueError where there are none.

    >>> curve = ChainedScheduler([ConstantLR(0.5, 2), ExponentialLR(0.5)])
    >>> [curve(step, 8.0) for step in range(4)]
    [4.0, 2.0, 2.0, 1.0]
    """

    schedulers: Sequence[Curve]

    def __call__(self, step: int, lr: float) -> float:
        """Return the learning rate after so many steps."""
        for curve in self.schedulers:
            lr = curve(step, lr)
        return lr


def warm_up(total_iters: int, curve: Curve, start_factor: float = 0.01) -> SequentialLR:
    """Return the curve with a climb before it: the factor grows to 1 in `total_iters` steps.

    Raises ValueError where `total_iters` is no whole number > 0 or the factor is negative.

    >>> curve = warm_up(2, ExponentialLR(0.5), start_factor=0.5)
    >>> [curve(step, 8.0) for step in range(5)]
    [4.0, 6.0, 8.0, 4.0, 2.0]
    """
    return SequentialLR([LinearLR(start_factor, 1.0, total_iters), curve], [total_iters])


def _along_cosine(start: float, end: float, part: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2


def _along_line(start: float, end: float, part: float) -> float:
    return start + (end - start) * part
