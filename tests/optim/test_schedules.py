"""Learning-rate schedules: their numbers against PyTorch's, how they combine, and mistakes."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import autograd_lite.optim
from autograd_lite import Value
from autograd_lite.optim import (
    SGD,
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    Optimizer,
    Schedule,
    SequentialLR,
    StepLR,
    warm_up,
)
from autograd_lite.optim.schedules import Curve

# The learning rate of an optimizer built with 0.1 after so many steps: PyTorch 2.13's numbers.
STEPS = (0, 1, 4, 5, 29, 30, 31, 50, 99)
RATES: list[tuple[Curve, tuple[float, ...]]] = [
    (StepLR(30),
     (0.1, 0.1, 0.1, 0.1, 0.1, 0.010000000000000002, 0.010000000000000002,
      0.010000000000000002, 0.00010000000000000003)),
    (StepLR(5, gamma=0.7),
     (0.1, 0.1, 0.1, 0.06999999999999999, 0.016806999999999996, 0.011764899999999997,
      0.011764899999999997, 0.0028247524899999983, 0.00011398895185373126)),
    (MultiStepLR([5, 30, 50], gamma=0.5),
     (0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.0125, 0.0125)),
    (ExponentialLR(0.95),
     (0.1, 0.095, 0.08145062499999998, 0.07737809374999999, 0.022593554099256556,
      0.021463876394293726, 0.020390682574579037, 0.007694497527671311,
      0.0006232136021404205)),
    (ConstantLR(),
     (0.03333333333333333, 0.03333333333333333, 0.03333333333333333, 0.1, 0.1, 0.1, 0.1,
      0.1, 0.1)),
    (LinearLR(),
     (0.03333333333333333, 0.04666666666666667, 0.08666666666666668, 0.1, 0.1, 0.1, 0.1,
      0.1, 0.1)),
    (LinearLR(0.9, 0.1, total_iters=40),
     (0.09000000000000001, 0.08800000000000001, 0.082, 0.08, 0.031999999999999994,
      0.029999999999999995, 0.027999999999999997, 0.009999999999999995,
      0.009999999999999995)),
    (CosineAnnealingLR(100),
     (0.1, 0.09997532801828658, 0.0996057350657239, 0.09938441702975688,
      0.08064535268264886, 0.0793892626146237, 0.07810416889260657, 0.05000000000000004,
      2.4671981713420017e-05)),
    (CosineAnnealingLR(40, eta_min=0.01),
     (0.1, 0.09986128001799077, 0.09779754323328192, 0.0965745789630079,
      0.025774837825141735, 0.023180194846605356, 0.020781731547998603,
      0.023180194846605842, 0.058530659307754834)),
    (OneCycleLR(1.0, 100),
     (0.040000000000000036, 0.042813780565907456, 0.08436379855794063, 0.10870855543955726,
      1.0, 0.9994965352845243, 0.9979871550490316, 0.793893450575732, 4e-06)),
    (OneCycleLR(0.5, 120, pct_start=0.4, anneal_strategy="linear", div_factor=10,
        final_div_factor=100),
     (0.05, 0.059574468085106386, 0.08829787234042553, 0.09787234042553192,
      0.3276595744680851, 0.3372340425531915, 0.3468085106382979, 0.4791875,
      0.13924999999999998)),
    (SequentialLR([LinearLR(0.1, total_iters=5), CosineAnnealingLR(95)], [5]),
     (0.010000000000000002, 0.028000000000000004, 0.082, 0.1, 0.08506183921362444,
      0.08386407858128707, 0.08262928807620844, 0.05412896727361661,
      2.7337132953697543e-05)),
    (SequentialLR([ConstantLR(0.5), StepLR(10), ExponentialLR(0.9)], [5, 30]),
     (0.05, 0.05, 0.05, 0.1, 0.0010000000000000002, 0.1, 0.09000000000000001,
      0.01215766545905694, 6.96198609130887e-05)),
    (ChainedScheduler([LinearLR(0.1, total_iters=30), ExponentialLR(0.98)]),
     (0.010000000000000002, 0.012740000000000003, 0.020292099520000002,
      0.022598019920000004, 0.05399181528581264, 0.05454843193824369, 0.05345746329947882,
      0.03641696800871167, 0.013532607744362546)),
]  # fmt: skip
NAMES = [repr(curve) for curve, _ in RATES]


def optimizer(*rates: float) -> Optimizer:
    return SGD([{"params": [Value(1.0)], "lr": rate} for rate in rates], lr=1.0)


@pytest.mark.parametrize(("curve", "rates"), RATES, ids=NAMES)
def test_a_schedule_gives_pytorch_s_learning_rates(curve: Curve, rates: tuple[float, ...]) -> None:
    schedule = Schedule(optimizer(0.1), curve)
    seen = []
    for _ in range(100):
        seen += schedule.get_last_lr()
        schedule.step()
    # a cosine near its end is the difference of two numbers near 1
    assert [seen[step] for step in STEPS] == pytest.approx(rates, rel=1e-12, abs=1e-16)


@pytest.mark.parametrize(("curve", "rates"), RATES, ids=NAMES)
def test_a_reloaded_schedule_goes_on_bit_for_bit(curve: Curve, rates: tuple[float, ...]) -> None:
    first = Schedule(optimizer(0.1, 0.3), curve)
    for _ in range(17):
        first.step()
    second = Schedule(optimizer(0.5, 0.5), pickle.loads(pickle.dumps(curve)))
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    for _ in range(50):
        assert second.get_last_lr() == first.get_last_lr()
        first.step()
        second.step()


def test_every_group_follows_the_curve_from_its_own_rate() -> None:
    held = optimizer(0.5, 0.25)
    schedule = Schedule(held, ExponentialLR(0.5))
    schedule.step()
    assert [group["lr"] for group in held.param_groups] == [0.25, 0.125]
    assert schedule.base_lrs == [0.5, 0.25]


def test_a_warm_up_comes_before_any_curve() -> None:
    later = CosineAnnealingLR(20)
    curve = warm_up(10, later)
    assert [curve(step, 0.5) for step in (0, 10)] == pytest.approx([0.005, 0.5])
    assert [curve(step, 0.5) for step in range(10, 30)] == [later(t, 0.5) for t in range(20)]
    climb = [curve(step, 0.5) for step in range(11)]
    assert climb == sorted(climb)


def test_an_optimizer_whose_rate_has_come_to_0_is_saved_and_loaded() -> None:
    held = optimizer(0.5)
    schedule = Schedule(held, LinearLR(1.0, 0.0, total_iters=1))
    schedule.step()
    assert held.lr == 0
    other = optimizer(0.5)
    other.load_state_dict(held.state_dict())
    assert other.lr == 0


@pytest.mark.parametrize("strategy", ["cos", "linear"])
def test_one_cycle_stays_at_its_least_rate_after_the_last_step(strategy: str) -> None:
    curve = OneCycleLR(1.0, 20, anneal_strategy=strategy, div_factor=8.0, final_div_factor=16.0)
    assert curve(18, 0.1) > curve(19, 0.1) == curve(20, 0.1) == 1 / 128


def test_one_cycle_ends_with_its_last_step() -> None:
    schedule = Schedule(optimizer(0.1), OneCycleLR(1.0, total_steps=20))
    for _ in range(20):
        schedule.step()
    last = schedule.state_dict()
    with pytest.raises(ValueError, match="OneCycleLR has 20 steps, got 21"):
        schedule.step()
    assert schedule.state_dict() == last


@pytest.mark.parametrize(
    ("state", "error", "text"),
    [
        ({"last_epoch": 3}, ValueError, "expected a dict with 'base_lrs'"),
        ({"last_epoch": -1, "base_lrs": [0.1]}, ValueError, "0 or more, got -1"),
        ({"last_epoch": True, "base_lrs": [0.1]}, ValueError, "0 or more, got True"),
        ({"last_epoch": 1.5, "base_lrs": [0.1]}, TypeError, "'last_epoch' is of type int, got 1.5"),
        ({"last_epoch": 3, "base_lrs": [0.1, 0.2]}, ValueError, "expected 1 learning rates, got 2"),
        ({"last_epoch": 3, "base_lrs": ["a"]}, TypeError, "got 'a'"),
        ({"last_epoch": 3, "base_lrs": [math.nan]}, ValueError, "got nan"),
        ([], TypeError, "expected a dict with 'last_epoch', got list"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(
    state: Any, error: type[Exception], text: str
) -> None:
    schedule = Schedule(optimizer(0.5), StepLR(2))
    schedule.step()
    before = schedule.state_dict(), schedule.get_last_lr()
    with pytest.raises(error) as raised:
        schedule.load_state_dict(state)
    assert text in str(raised.value)
    assert (schedule.state_dict(), schedule.get_last_lr()) == before


optim: Any = autograd_lite.optim  # as seen without a type checker
MISTAKES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: optim.Schedule(optim.StepLR(3), optimizer(0.1)),
        TypeError,
        "an optimiser first, got StepLR(",
    ),
    (lambda: optim.Schedule(optimizer(0.1), 3), TypeError, "a curve such as StepLR(30), got 3"),
    (
        lambda: optim.Schedule(optimizer(0.1), lambda t, lr: -lr),
        ValueError,
        "number >= 0, got -0.1",
    ),
    (lambda: optim.Schedule(optimizer(0.1), lambda t, lr: math.nan), ValueError, "got nan"),
    (lambda: optim.Schedule(optimizer(0.1), lambda t, lr: None), TypeError, "got None"),
    (lambda: optim.StepLR(0), ValueError, "step_size is a whole number of steps, 1 or more, got 0"),
    (lambda: optim.StepLR(2.5), ValueError, "got 2.5"),
    (lambda: optim.ExponentialLR(-0.1), ValueError, "gamma is a number >= 0, got -0.1"),
    (lambda: optim.ExponentialLR(math.nan), ValueError, "gamma is a number >= 0, got nan"),
    (lambda: optim.MultiStepLR([5, 3]), ValueError, "growing whole numbers > 0, got [5, 3]"),
    (lambda: optim.MultiStepLR([3, 3]), ValueError, "growing whole numbers > 0, got [3, 3]"),
    (lambda: optim.MultiStepLR([0, 3]), ValueError, "growing whole numbers > 0, got [0, 3]"),
    (lambda: optim.OneCycleLR(1, 10.5), ValueError, "total_steps is a whole number of steps"),
    (lambda: optim.LinearLR(total_iters=-1), ValueError, "1 or more, got -1"),
    (lambda: optim.ConstantLR(-1), ValueError, "factor is a number >= 0, got -1"),
    (lambda: optim.CosineAnnealingLR(0), ValueError, "T_max is a whole number of steps"),
    (lambda: optim.OneCycleLR(0, 10), ValueError, "max_lr is a number > 0, got 0"),
    (lambda: optim.OneCycleLR(1, 2), ValueError, "got pct_start 0.3 of 2 steps"),
    (lambda: optim.OneCycleLR(1, 4, 0.25), ValueError, "got pct_start 0.25 of 4 steps"),
    (lambda: optim.OneCycleLR(1, 4, 1.0), ValueError, "got pct_start 1.0 of 4 steps"),
    (
        lambda: optim.OneCycleLR(1, 10, anneal_strategy="cosine"),
        ValueError,
        "'cos' or 'linear', got",
    ),
    (lambda: optim.SequentialLR([], []), ValueError, "expected curves such as StepLR(30), got []"),
    (
        lambda: optim.SequentialLR([optim.StepLR(1)], [2]),
        ValueError,
        "parted by 0 milestones, got 1",
    ),
    (
        lambda: optim.ChainedScheduler([3]),
        ValueError,
        "expected curves such as StepLR(30), got [3]",
    ),
    (lambda: optim.warm_up(0, optim.StepLR(3)), ValueError, "1 or more, got 0"),
]


@pytest.mark.parametrize(("build", "error", "text"), MISTAKES)
def test_mistakes(build: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        build()
    assert text in str(raised.value)
