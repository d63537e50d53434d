"""Optimizers: their numbers against PyTorch's, their state, and the mistakes made with them."""

from __future__ import annotations

import copy
import json
import math
import pickle
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite.optim
from autograd_lite import StaleError, Value, explain, to_dot
from autograd_lite.nn import MLP, Neuron
from autograd_lite.optim import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Lion,
    Optimizer,
    RMSprop,
    clip_grad_norm,
    clip_grad_value,
    optimizer_named,
    rules,
)
from autograd_lite.optim.optimizers import OPTIMIZERS
from autograd_lite.train import fit, load_checkpoint

START = (-0.5, 1.5, 0.75)
Point = tuple[float, ...]

# Where 100 steps from START lead: PyTorch 2.13's numbers in float64, and for Lion, which it has
# not, those of the paper's Algorithm 2 written with PyTorch's tensors.
TRAJECTORIES: list[tuple[type[Optimizer], dict[str, Any], Point]] = [
    (SGD, {"lr": 0.001}, (-0.43516827190584745, 1.0292268297385678, 0.6092269830644236)),
    (SGD, {"lr": 0.05}, (0.8444412396664214, 0.6812380968735043, 0.451628701407269)),
    (
        SGD,
        {"lr": 0.02, "momentum": 0.9},
        (0.8741456884142149, 0.7439113505347724, 0.5369456324298066),
    ),
    (
        SGD,
        {"lr": 0.02, "momentum": 0.8, "nesterov": True, "weight_decay": 0.05},
        (0.834435795862836, 0.6642116053351729, 0.44187845722688723),
    ),
    (
        SGD,
        {"lr": 0.02, "weight_decay": 0.1},
        (0.7417905413312887, 0.4939470358116428, 0.23737157272386503),
    ),
    (Adagrad, {}, (-0.26375245979804, 1.3172664854870206, 0.5794866911081018)),
    (
        Adagrad,
        {
            "lr": 0.3,
            "lr_decay": 0.01,
            "weight_decay": 0.05,
            "initial_accumulator_value": 0.5,
            "eps": 1e-06,
        },
        (0.825014832016095, 0.6453736715887777, 0.4224040505270952),
    ),
    (RMSprop, {}, (0.8565668471855952, 0.7044311662986953, 0.4974587972423073)),
    (
        RMSprop,
        {"lr": 0.02, "alpha": 0.95, "eps": 0.01, "weight_decay": 0.05, "momentum": 0.5},
        (0.8358742367034249, 0.6669843874799579, 0.44597002720759377),
    ),
    (
        RMSprop,
        {"lr": 0.01, "momentum": 0.3, "centered": True},
        (0.8636964549904088, 0.7185105648490713, 0.5140607994997632),
    ),
    (Adam, {}, (-0.38631964095258897, 1.4008584867033904, 0.6536154058481227)),
    (
        Adam,
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-05, "weight_decay": 0.1},
        (0.8041007189575045, 0.6089086713270365, 0.3767899838055051),
    ),
    (AdamW, {}, (-0.38578918932009876, 1.3994254821945316, 0.6529408238582713)),
    (
        AdamW,
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-05, "weight_decay": 0.2},
        (0.8302661973116934, 0.6540944392971881, 0.4457886194768796),
    ),
    (Lion, {}, (-0.4900000000000011, 1.490000000000001, 0.7400000000000011)),
    (
        Lion,
        {"lr": 0.015, "betas": (0.8, 0.95), "weight_decay": 0.3},
        (0.6336916207076883, 0.29290108224575845, 0.1602856071454512),
    ),
]
GROUPS: Point = (0.9735423697217838, 0.9391437386693227, 0.7886255239773932)
NAMES = [f"{kind.__name__}-{'-'.join(options) or 'default'}" for kind, options, _ in TRAJECTORIES]


def loss(x: Value, y: Value, z: Value) -> Value:
    return (1 - x) ** 2 + 2 * (y - x * x) ** 2 + 0.5 * (z - x * y) ** 2 + 0.1 * z * z


def parameters() -> list[Value]:
    return [Value(x) for x in START]


def train(optimizer: Optimizer, steps: int = 100) -> Point:
    for _ in range(steps):
        optimizer.zero_grad()
        loss(*optimizer.parameters).backward()
        optimizer.step()
    return tuple(p.data for p in optimizer.parameters)


# --- the numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "options", "end"), TRAJECTORIES, ids=NAMES)
def test_100_steps_lead_where_pytorch_s_do(
    kind: Callable[..., Optimizer], options: dict[str, Any], end: Point
) -> None:
    assert train(kind(parameters(), **options)) == pytest.approx(end, rel=1e-12, abs=0)


def test_groups_have_options_of_their_own() -> None:
    ps = parameters()
    groups: list[dict[str, Any]] = [
        {"params": ps[:1], "lr": 0.05},
        {"params": ps[1:], "betas": (0.5, 0.9)},
    ]
    optimizer = Adam(groups, lr=0.01)
    assert train(optimizer) == pytest.approx(GROUPS, rel=1e-12, abs=0)
    assert optimizer.parameters == ps
    assert [g["lr"] for g in optimizer.param_groups] == [0.05, 0.01]
    assert [g["betas"] for g in optimizer.param_groups] == [(0.9, 0.999), (0.5, 0.9)]


def test_a_group_added_later_starts_anew_and_one_parameter_is_a_group() -> None:
    x, y = Value(1.0), Value(1.0)
    optimizer = Adam([x], lr=0.1)
    x.grad = 1.0
    optimizer.step()
    optimizer.add_param_group({"params": y, "lr": 0.25})
    assert optimizer.parameters == [x, y]
    assert optimizer.state_dict()["state"][1] == [0, 0, 0]
    y.grad = 1.0
    optimizer.step()
    assert y.data == pytest.approx(0.75)


def test_the_learning_rate_is_the_first_group_s_and_sets_every_group_s() -> None:
    x, y = Value(1.0), Value(1.0)
    groups: list[dict[str, Any]] = [{"params": [x]}, {"params": [y], "lr": 0.5}]
    optimizer = SGD(groups, lr=0.25)
    assert optimizer.lr == 0.25
    optimizer.lr = 0.125
    assert [g["lr"] for g in optimizer.param_groups] == [0.125, 0.125]
    with pytest.raises(ValueError, match="a learning rate is a number > 0, got -1"):
        optimizer.lr = -1
    assert optimizer.lr == 0.125


def test_every_optimizer_is_tried_with_its_defaults_and_with_others() -> None:
    kinds = {
        x
        for x in vars(autograd_lite.optim).values()
        if isinstance(x, type) and issubclass(x, Optimizer)
    }
    assert set(OPTIMIZERS.values()) == kinds - {Optimizer}
    tried = {(kind, bool(options)) for kind, options, _ in TRAJECTORIES}
    assert {(kind, True) for kind in OPTIMIZERS.values()} <= tried
    assert {(kind, False) for kind in OPTIMIZERS.values()} - {(SGD, False)} <= tried


# --- the rules ------------------------------------------------------------------------------------

RULES: list[tuple[rules.Rule, int, dict[str, Any]]] = [
    (kind.rule, kind.state_size, kind([Value(1.0)], **options).defaults)
    for kind, options, _ in TRAJECTORIES
]
GRADIENTS = st.lists(
    st.tuples(*[st.floats(-1e6, 1e6)] * 3), min_size=1, max_size=8
)  # of three parameters, step by step


@pytest.mark.parametrize(("rule", "size", "options"), RULES, ids=NAMES)
@given(gradients=GRADIENTS)
def test_a_rule_does_the_same_to_arrays_as_to_floats_bit_for_bit(
    rule: rules.Rule, size: int, options: dict[str, Any], gradients: list[Point]
) -> None:
    floats: list[tuple[Any, rules.State]] = [(x, (0,) * size) for x in START]
    array, state = np.array(START), (0,) * size
    for gs in gradients:
        floats = [rule(p, g, s, **options) for (p, s), g in zip(floats, gs, strict=True)]
        array, state = rule(array, np.array(gs), state, **options)
    assert [bits(p) for p, _ in floats] == [bits(x) for x in array.tolist()]


@pytest.mark.parametrize(("rule", "size", "options"), RULES, ids=NAMES)
def test_a_rule_is_differentiable_arithmetic_on_values(
    rule: rules.Rule, size: int, options: dict[str, Any]
) -> None:
    p, g = Value(0.5), Value(2.0)
    moved, _ = rule(p, g, (0,) * size, **options)
    assert moved.data == rule(0.5, 2.0, (0,) * size, **options)[0]
    moved.backward()
    assert p.grad == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("rule", "size", "options"), RULES, ids=NAMES)
def test_nothing_moves_without_a_gradient_or_a_decay_and_nan_is_not_hidden(
    rule: rules.Rule, size: int, options: dict[str, Any]
) -> None:
    still = {name: 0.0 if name == "weight_decay" else x for name, x in options.items()}
    assert rule(0.5, 0.0, (0,) * size, **still)[0] == 0.5
    assert math.isnan(rule(0.5, math.nan, (0,) * size, **options)[0])


def test_a_variance_that_rounding_brings_below_0_is_0_to_a_centered_rmsprop() -> None:
    state, negative = (0.0, 0.0, 0.0), 0
    for _ in range(100):
        p, state = rules.rmsprop(1.0, 1.1, state, lr=1e-9, alpha=0.5, eps=1e-8, centered=True)
        square, mean, _ = state
        if square < mean * mean:
            negative += 1
            assert p == 1.0 - 1e-9 * (1.1 / 1e-8)
    assert negative > 10


def bits(x: float) -> bytes:
    return struct.pack("d", x)


# --- state ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "options", "end"), TRAJECTORIES, ids=NAMES)
def test_a_reloaded_optimizer_goes_on_bit_for_bit(
    kind: Callable[..., Optimizer], options: dict[str, Any], end: Point
) -> None:
    whole = train(kind(parameters(), **options))
    first = kind(parameters(), **options)
    halfway = train(first, 37)
    saved = json.loads(json.dumps(first.state_dict()))
    second = kind([Value(x) for x in halfway], lr=0.7)
    second.load_state_dict(saved)
    assert second.state_dict() == first.state_dict() == saved
    assert list(map(bits, train(second, 63))) == list(map(bits, whole))


def test_a_state_is_plain_lists_in_the_order_of_the_parameters() -> None:
    x, y = Value(1.0), Value(1.0)
    groups: list[dict[str, Any]] = [{"params": [x], "lr": 0.5}, {"params": [y]}]
    optimizer = Adam(groups, lr=0.1, betas=(0.5, 0.75))
    x.grad, y.grad = 2.0, 4.0
    optimizer.step()
    rest = {"betas": [0.5, 0.75], "eps": 1e-8, "weight_decay": 0.0}
    assert optimizer.state_dict() == {
        "optimizer": "Adam",
        "param_groups": [{"params": 1, "lr": 0.5, **rest}, {"params": 1, "lr": 0.1, **rest}],
        "state": [[1.0, 1.0, 1], [2.0, 4.0, 1]],
    }


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"optimizer": "Adam"}, ValueError, "expected the state of SGD, got that of Adam"),
        ({"optimizer": 3}, TypeError, "'optimizer' is of type str, got 3"),
        ({"state": [[0.0]]}, ValueError, "expected 3 states, got 1"),
        ({"state": [[0.0]] * 4}, ValueError, "expected 3 states, got 4"),
        ({"state": [[0.0], [0.0], [0.0, 1.0]]}, ValueError, "a list of 1 numbers, got [0.0, 1.0]"),
        ({"state": [[0.0], [0.0], ["a"]]}, TypeError, "expected a number, got str"),
        ({"state": [[0.0], [0.0], 0.0]}, ValueError, "a list of 1 numbers, got 0.0"),
        ({"state": {}}, TypeError, "'state' is of type list, got {}"),
        ({"param_groups": []}, ValueError, "groups of [3] parameters, got groups of []"),
        ({"param_groups": [{"params": 2}]}, ValueError, "groups of [3] parameters, got groups of"),
        ({"param_groups": [{"lr": 2}]}, ValueError, "expected a dict with 'params'"),
        ({"param_groups": [{"params": 3}]}, ValueError, "expected the options ['lr', 'momentum'"),
        ({"param_groups": [7]}, TypeError, "expected a dict with 'params', got int"),
        ({"lr": -1.0}, ValueError, "got -1.0"),
        ({"lr": "fast"}, TypeError, "got 'fast'"),
        ({"momentum": 1.0}, ValueError, "got 1.0"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(
    change: dict[str, Any], error: type[Exception], text: str
) -> None:
    optimizer = SGD(parameters(), lr=0.01, momentum=0.5)
    train(optimizer, 3)
    before = json.dumps(optimizer.state_dict())
    bad = SGD(parameters(), lr=0.5, momentum=0.9).state_dict()
    (group,) = bad["param_groups"]
    bad.update((k, v) for k, v in change.items() if k in bad)
    group.update((k, v) for k, v in change.items() if k in group)
    with pytest.raises(error) as raised:
        optimizer.load_state_dict(bad)
    assert text in str(raised.value)
    assert json.dumps(optimizer.state_dict()) == before


@pytest.mark.parametrize("grad", ["1.0", 1j, [1.0]])
def test_a_step_that_fails_changes_nothing(grad: Any) -> None:
    x, y = Value(1.0), Value(1.0)
    optimizer = SGD([x, y], lr=0.1, momentum=0.5)
    x.grad, y.grad = 1.0, grad  # a mistake in a program of one's own
    with pytest.raises(TypeError, match="expected a number"):
        optimizer.step()
    assert (x.data, y.data, optimizer.state_dict()["state"]) == (1.0, 1.0, [[0], [0]])


@pytest.mark.parametrize(
    ("kind", "options", "state"),
    [
        (Adagrad, {}, [-1e-9, 3]),
        (Adagrad, {}, [1.0, 3.0]),
        (RMSprop, {}, [-1e-9, 0.0, 0.0]),
        (Adam, {}, [0.5, -1e-9, 3]),
        (Adam, {}, [0.5, 1.0, 2.5]),
        (AdamW, {}, [0.5, -math.inf, 3]),
    ],
)
def test_a_state_that_no_step_leaves_is_refused(
    kind: Callable[..., Optimizer], options: dict[str, Any], state: list[Any]
) -> None:
    x, y = Value(1.0), Value(1.0)
    optimizer = kind([{"params": [x], "lr": 0.5}, {"params": [y]}], **options)
    before = optimizer.state_dict()
    bad = {**before, "state": [before["state"][0], state]}
    with pytest.raises(ValueError, match=f"no step of {optimizer.__class__.__name__} leaves"):
        optimizer.load_state_dict(bad)
    assert optimizer.state_dict() == before


@pytest.mark.parametrize(("kind", "options", "end"), TRAJECTORIES, ids=NAMES)
@given(gradients=st.lists(st.floats(), min_size=1, max_size=4))
def test_whatever_steps_leave_is_accepted(
    kind: Callable[..., Optimizer], options: dict[str, Any], end: Point, gradients: list[float]
) -> None:
    x = Value(1.0)
    optimizer = kind([x], **options)
    for x.grad in gradients:
        optimizer.step()
    kind([x], **options).load_state_dict(optimizer.state_dict())


def test_a_momentum_that_is_no_longer_used_is_accepted() -> None:
    x = Value(1.0)
    optimizer = SGD([x], momentum=0.5)
    x.grad = 1.5
    optimizer.step()
    optimizer.param_groups[0]["momentum"] = 0.0
    SGD([x]).load_state_dict(optimizer.state_dict())


def test_a_rule_of_one_s_own_may_count_in_floats() -> None:
    class Slowing(Optimizer):
        @staticmethod
        def rule(p: float, g: float, state: Any, *, lr: float) -> Any:
            return p - lr * g / (1 + state[0]), (state[0] + 1.0,)

        state_size = 1

    first, second = Slowing([Value(1.0)], lr=0.5), Slowing([Value(1.0)], lr=0.5)
    first.step()
    second.load_state_dict(first.state_dict())
    assert second.state_dict()["state"] == [[1.0]]


def test_a_rule_of_one_s_own_may_not_bear_a_gradient_of_0() -> None:
    class Steepest(Optimizer):
        @staticmethod
        def rule(p: float, g: float, state: Any, *, lr: float) -> Any:
            return p - lr * g / abs(g), (state[0] + g,)

        state_size = 1

    first, second = Steepest([Value(1.0)], lr=0.5), Steepest([Value(1.0)], lr=0.5)
    first.parameters[0].grad = -2.0
    first.step()
    second.load_state_dict(first.state_dict())
    assert second.state_dict()["state"] == [[-2.0]]


@pytest.mark.parametrize("moved", [1j, None, "1.0", Value(1.0)])
def test_a_rule_of_one_s_own_that_gives_no_number_changes_nothing(moved: Any) -> None:
    class Odd(Optimizer):
        @staticmethod
        def rule(p: float, g: float, state: Any, *, lr: float) -> Any:
            return (p - lr * g if g > 0 else moved), state

    x, y = Value(1.0), Value(2.0)
    x.grad, y.grad = 1.0, -1.0
    with pytest.raises(TypeError, match="expected a"):
        Odd([x, y], lr=0.5).step()
    assert (x.data, y.data) == (1.0, 2.0)


def test_a_step_makes_stale_what_rests_on_the_parameters_that_it_moves_and_nothing_else() -> None:
    x, y, zero = Value(1.0), Value(2.0), Value(-0.0)
    on_x, on_y, on_zero = x * x, y * y, zero * 2
    x.grad, y.grad, zero.grad = 1.0, 0.0, 0.0
    optimizer = SGD([x, y, zero], lr=0.5)
    optimizer.step()
    on_y.backward()
    on_zero.backward()
    with pytest.raises(StaleError):
        on_x.backward()
    after = x * x
    after.backward()  # what is made after the step is not
    assert x.grad == 2.0
    zero.grad = -1e-320
    SGD([zero], lr=1e-10).step()  # to 0.0
    assert math.copysign(1, zero.data) == 1
    with pytest.raises(StaleError):
        on_zero.backward()


def test_gradients_that_are_values_leave_no_graph_in_the_state() -> None:
    x = Value(2.0)
    optimizer = SGD([x], lr=0.25, momentum=0.5)
    (x**2).backward(create_graph=True)
    optimizer.step()
    assert x.data == 1.0
    assert optimizer.state_dict()["state"] == [[4.0]]


@pytest.mark.parametrize("rule", [rules.sgd, rules.adagrad, rules.rmsprop, rules.adam])
def test_without_a_weight_decay_a_parameter_that_is_inf_is_no_part_of_its_gradient(
    rule: Any,
) -> None:
    moved, state = rule(math.inf, 1.0, (0.0, 0, 0)[: 2 if rule is rules.adagrad else 3], lr=0.5)
    assert moved == math.inf
    assert not any(map(math.isnan, state))


# --- without a gradient ---------------------------------------------------------------------------


def without_grad(data: float = 2.0) -> Value:
    x = Value(data)
    unset: Any = None
    x.grad = unset
    return x


@pytest.mark.parametrize(("kind", "options", "end"), TRAJECTORIES, ids=NAMES)
def test_a_parameter_whose_grad_is_none_is_left_alone_and_the_others_are_not(
    kind: Callable[..., Optimizer], options: dict[str, Any], end: Point
) -> None:
    decays = kind not in (Adagrad, RMSprop) and "weight_decay" in kind(parameters()).defaults
    decayed = {**options, "weight_decay": 0.5} if decays else options
    idle, *ps = without_grad(), *parameters()
    first, second = kind([ps[0], idle, *ps[1:]], **decayed), kind(parameters(), **decayed)
    for optimizer in (first, second):
        for _ in range(3):
            moving = [p for p in optimizer.parameters if p is not idle]
            optimizer.zero_grad(set_to_none=True)
            loss(*moving).backward()
            optimizer.step()
    assert [p.data for p in ps] == [p.data for p in second.parameters]
    assert [idle.data, idle.grad] == [2.0, None]
    states, others = first.state_dict()["state"], second.state_dict()["state"]
    assert states == [others[0], [0] * len(others[0]), *others[1:]]


@pytest.mark.parametrize(
    ("kind", "options", "reached", "unreached"),
    [
        (SGD, {"weight_decay": 0.5}, 1.0, 0.75),
        (SGD, {"momentum": 0.5}, 0.5, 0.25),
        (AdamW, {"weight_decay": 0.5}, 1.0, 0.75),
        (Lion, {"weight_decay": 0.5}, 1.0, 0.75),
    ],
)  # as torch.optim's: p - 0.5 * 0.5 p; the velocity 1, then 0.5
def test_a_grad_of_0_is_a_gradient_and_none_is_no_gradient(
    kind: Callable[..., Optimizer], options: dict[str, Any], reached: float, unreached: float
) -> None:
    for set_to_none, expected in ((True, reached), (False, unreached)):
        x = Value(1.0)
        optimizer = kind([x], lr=0.5, **options)
        if "momentum" in options:
            x.grad = 1.0
            optimizer.step()
        optimizer.zero_grad(set_to_none=set_to_none)
        optimizer.step()
        assert x.data == expected


def test_a_parameter_that_is_nan_and_has_no_gradient_is_not_set() -> None:
    x = Value(math.nan)
    y = x * 2
    x.grad = without_grad().grad
    SGD([x]).step()
    y.backward()  # which says where data was set since
    assert x.grad == 2.0


def test_zero_grad_sets_0_unless_none_is_asked_for() -> None:
    model = MLP(1, [1], seed=0)
    model.layers[0].neurons[0].bias.grad = 3.0
    for holder in (model, SGD(model.parameters())):
        holder.zero_grad(set_to_none=True)
        assert [p.grad for p in model.parameters()] == [None, None]
        holder.zero_grad()
        assert [p.grad for p in model.parameters()] == [0.0, 0.0]


def test_backward_adds_to_none_as_to_0() -> None:
    for options in ({}, {"create_graph": True}):
        x = without_grad()
        y = x * 3
        y.grad = x.grad
        root = y * y + x
        root.grad = x.grad
        root.backward(**options)
        assert (root.grad, y.grad, x.grad) == (1.0, 12.0, 37.0)
        root.backward()
        assert (root.grad, y.grad, x.grad) == (2.0, 24.0, 74.0)


def test_whatever_else_reads_a_grad_bears_none() -> None:
    x = without_grad(3.0)
    y = x * 2
    y.grad = x.grad
    assert repr(x) == "Value(data=3.0, grad=None)"
    for again in (copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert again.grad is None
        assert again.operands[0].grad is None
    assert "gradient not yet" in to_dot(y)
    assert "nan" not in to_dot(y)
    assert "∂v2/∂v1 = 2" in str(explain(y, x))
    clip_grad_value([x], 1.0)
    assert clip_grad_norm([x], 1.0) == 0.0
    assert x.grad is None


def test_a_recorded_gradient_of_0_is_pickled() -> None:
    w = Value(1.0)
    ((w - 1) ** 2).backward(create_graph=True)
    again = pickle.loads(pickle.dumps(w))
    assert again.grad == 0.0
    again.grad.backward()
    assert again.grad == 2.0


def test_fit_bears_an_optimizer_that_sets_grads_to_none(tmp_path: Path) -> None:
    class Unset(SGD):
        def zero_grad(self, set_to_none: bool = True) -> None:
            super().zero_grad(set_to_none)

    class Line(Neuron):
        def __init__(self) -> None:
            super().__init__(1, None, init="ones")
            self.spare = Value(5.0)

    path, make = tmp_path / "run.json", partial(Unset, momentum=0.5, weight_decay=0.1)
    model, data = Line(), ([[1.0], [2.0]], [1.0, 3.0])
    history = fit(model, data, optimizer=make, lr=0.1, max_norm=1.0, epochs=3, checkpoint=path)
    assert model.spare.data == 5.0
    assert all(map(math.isfinite, history["grad_norm"]))
    again = Line()
    load_checkpoint(path, again, make(again.parameters()))
    assert again.state_dict() == model.state_dict()
    assert "spare 1" in model.summary()


# --- mistakes -------------------------------------------------------------------------------------


def one() -> list[Value]:
    return [Value(1.0)]


X = Value(1.0)
optim: Any = autograd_lite.optim  # as seen without a type checker
MISTAKES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: optim.Optimizer(one(), 0.1), TypeError, "Optimizer has no update rule; use SGD"),
    (lambda: optim.Adam([]), ValueError, "expects parameters, got none; pass model.parameters()"),
    (
        lambda: optim.Adam(MLP(1, [1])),
        TypeError,
        "got MLP(Layer(1, 1, linear)); pass model.parameters()",
    ),
    (lambda: optim.Adam(X), TypeError, "a list of parameters, got Value(data=1.0"),
    (lambda: optim.Adam({"params": [X]}), TypeError, "a list of parameters, got {"),
    (lambda: optim.Adam([1.0]), TypeError, "a parameter is a leaf Value, got 1.0"),
    (lambda: optim.Adam([X * 2]), TypeError, "a parameter is a leaf Value, got Value(data=2.0"),
    (lambda: optim.Adam([X, X]), ValueError, "got twice: Value(data=1.0"),
    (lambda: optim.Adam([{"params": [X]}, {"params": [X]}]), ValueError, "got twice"),
    (
        lambda: optim.Adam([{"params": [X]}, X]),
        TypeError,
        "parameters or groups of them, got a mixture",
    ),
    (lambda: optim.Adam([{"params": []}]), ValueError, "got none"),
    (lambda: optim.Adam([{"parms": [X]}]), ValueError, "no option 'parms'; did you mean 'params'?"),
    (lambda: optim.Adam([{"params": [X], "eps": 0}]), ValueError, "eps is a number > 0, got 0"),
    (
        lambda: optim.Adam(one(), lr=0),
        ValueError,
        "a learning rate is a number > 0, got 0; try 0.1",
    ),
    (
        lambda: optim.Adam(one(), lr=math.inf),
        ValueError,
        "a learning rate is a number > 0, got inf",
    ),
    (lambda: optim.Adam(one(), lr="0.1"), TypeError, "a learning rate is a number > 0, got '0.1'"),
    (lambda: optim.Adam(one(), lr=True), TypeError, "a learning rate is a number > 0, got True"),
    (lambda: optim.Adam(one(), betas=(0.9, 1.0)), ValueError, "two numbers in [0, 1), got 1.0"),
    (lambda: optim.Adam(one(), betas=(-0.1, 0.9)), ValueError, "two numbers in [0, 1), got -0.1"),
    (lambda: optim.Adam(one(), betas=0.9), TypeError, "two numbers in [0, 1), got 0.9"),
    (lambda: optim.Adam(one(), betas=(0.9,)), TypeError, "two numbers in [0, 1), got (0.9,)"),
    (
        lambda: optim.AdamW(one(), weight_decay=-1),
        ValueError,
        "a weight decay is a number >= 0, got -1",
    ),
    (
        lambda: optim.AdamW(one(), weight_decay=math.inf),
        ValueError,
        "a weight decay is a number >= 0, got inf",
    ),
    (lambda: optim.SGD(one(), momentum=1), ValueError, "a momentum is a number in [0, 1), got 1"),
    (lambda: optim.SGD(one(), momentum=math.nan), ValueError, "in [0, 1), got nan; try 0.9"),
    (
        lambda: optim.SGD(one(), nesterov=True),
        ValueError,
        "nesterov is a kind of momentum, got none",
    ),
    (
        lambda: optim.SGD(one(), momentum=0.9, nesterov=1),
        TypeError,
        "nesterov is True or False, got 1",
    ),
    (lambda: optim.RMSprop(one(), alpha=2), ValueError, "alpha is a number in [0, 1), got 2"),
    (lambda: optim.Adagrad(one(), lr_decay=-1), ValueError, "lr_decay is a number >= 0, got -1"),
    (
        lambda: optim.Lion(one(), lr=math.nan),
        ValueError,
        "a learning rate is a number > 0, got nan",
    ),
    (
        lambda: optim.optimizer_named("adm"),
        ValueError,
        "no optimiser is named 'adm'; did you mean 'adam",
    ),
    (
        lambda: optim.optimizer_named("?"),
        ValueError,
        "named '?'; there are sgd, adagrad, rmsprop, adam",
    ),
    (lambda: optim.optimizer_named(None), TypeError, "an optimiser's name is a text, got None"),
]


@pytest.mark.parametrize(("build", "error", "text"), MISTAKES)
def test_mistakes(build: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        build()
    assert text in str(raised.value)


@pytest.mark.parametrize("kind", [SGD, Adagrad, RMSprop, Adam, AdamW, Lion])
def test_optimizers_by_name(kind: type[Optimizer]) -> None:
    assert optimizer_named(kind.__name__) is optimizer_named(kind.__name__.lower()) is kind
