"""fit compiled: the numbers that it gives eagerly, and what is left eager, and why."""

from __future__ import annotations

import gc
import importlib.util
import os
import random
import re
import signal
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import (
    CheckpointError,
    DivergenceError,
    Value,
    detect_anomaly,
    log_softmax,
    no_grad,
    ops,
    softmax,
)
from autograd_lite.nn import (
    MLP,
    Dropout,
    Embedding,
    Layer,
    LayerNorm,
    Module,
    Neuron,
    RMSNorm,
    RNNCell,
    Sequential,
    huber,
    l1_penalty,
    l2_penalty,
    mse,
)
from autograd_lite.nn.reduction import LOSSES, loss, pairs, samples
from autograd_lite.optim import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    ExponentialLR,
    Lion,
    Optimizer,
    RMSprop,
    StepLR,
)
from autograd_lite.train import Dataset, EarlyStopping, History, fit

FEW, MANY = 6, 40  # samples: one by one, and in lanes
CLOSE: Any = {"rel": 1e-8, "abs": 1e-9}


def data(n: int, kind: str = "number") -> Dataset:
    """Return samples of two numbers, and targets of a kind."""
    rng = random.Random(n)
    inputs = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(n)]
    targets: dict[str, Callable[[list[float]], Any]] = {
        "number": lambda x: x[0] * x[1],
        "row": lambda x: [x[0] * x[1], x[0] - x[1], 0.25],
        "chance": lambda x: int(x[0] > x[1]),
        "sign": lambda x: 1 if x[0] > x[1] else -1,
        "class": lambda x: (x[0] > 0) + (x[1] > 0),
        "chances": lambda x: [0.5, 0.25, 0.25] if x[0] > 0 else [0.0, 0.125, 0.875],
    }
    return Dataset(inputs, [targets[kind](x) for x in inputs])


@pytest.fixture(autouse=True)
def _short_runs_are_compiled(request: Any, monkeypatch: Any) -> None:
    if "long_enough" not in request.node.name:
        monkeypatch.setattr("autograd_lite.train.compiled.REPAID", {"array": 10, "python": 25})


def mlp(outputs: int = 1) -> MLP:
    return MLP(2, [3, outputs], "tanh", seed=3)


def trained(
    jit: Any,
    build: Callable[[], Module] = mlp,
    samples: Any = None,
    epochs: int = 6,
    **options: Any,
) -> tuple[History, Any]:
    """Train a model built anew; return the history and the model."""
    random.seed(5)
    model = build()
    options.setdefault("lr", 0.05)
    if options["lr"] is None:
        del options["lr"]
    history = fit(
        model, data(FEW) if samples is None else samples, epochs=epochs, jit=jit, seed=1, **options
    )
    return history, model


def assert_alike(build: Callable[[], Any] = mlp, samples: Any = None, **options: Any) -> History:
    """Train eagerly and compiled: the numbers agree to rounding; return the compiled history.

    Options that keep something of their own are made by a function of the model.
    """
    expected, eager = trained(False, build, samples, **options)
    drawn = random.random()
    history, model = trained(True, build, samples, **options)
    assert history.not_compiled == ""
    assert model.state_dict() == pytest.approx(eager.state_dict(), **CLOSE)
    assert history.columns == expected.columns
    assert history.stopped == expected.stopped
    for column in set(history.columns) - {"seconds"}:
        assert history[column] == pytest.approx(expected[column], **CLOSE), column
    assert random.random() == drawn
    return history


def assert_eager(
    why: str, build: Callable[[], Any] = mlp, samples: Any = None, **options: Any
) -> tuple[History, Any]:
    """Train with jit="auto" and many epochs: left eager, to the same bits; return what came."""
    options.setdefault("epochs", 120)
    expected, eager = trained(False, build, samples, **options)
    drawn = random.random()
    history, model = trained("auto", build, samples, **options)
    assert why in history.not_compiled
    assert "\n" not in history.not_compiled
    assert model.state_dict() == eager.state_dict()
    assert history["loss"] == expected["loss"]
    assert random.random() == drawn
    with pytest.raises(TypeError, match=r"fit cannot compile this.*; pass jit=False"):
        trained(True, build, samples, **options)
    return history, model


# --- losses ---------------------------------------------------------------------------------------


class Chance(Module):
    """Probabilities strictly between 0 and 1, for losses that take such."""

    def __init__(self, last: Any, outputs: int = 1) -> None:
        self.inner, self.last = mlp(outputs), last

    def __call__(self, x: Any) -> Any:
        return self.last(self.inner(x))


NAMED: dict[str, tuple[Callable[[], Module], str]] = {
    "mse": (mlp, "number"),
    "half_squared_error": (mlp, "number"),
    "mae": (mlp, "number"),
    "huber": (mlp, "number"),
    "binary_cross_entropy": (lambda: Chance(ops.sigmoid), "chance"),
    "binary_cross_entropy_with_logits": (mlp, "chance"),
    "hinge": (mlp, "sign"),
    "cross_entropy": (lambda: mlp(3), "class"),
    "nll": (lambda: Chance(log_softmax, 3), "class"),
    "max_margin": (lambda: mlp(3), "class"),
    "kl": (lambda: Chance(log_softmax, 3), "chances"),
}


def test_every_named_loss_is_in_the_table() -> None:
    assert set(NAMED) == set(LOSSES)


@pytest.mark.parametrize("batch_size", [None, 5])
@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("name", NAMED)
def test_named_losses(name: str, n: int, batch_size: int | None) -> None:
    build, kind = NAMED[name]
    assert_alike(build, data(n, kind), loss=name, batch_size=batch_size)


@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"reduction": "sum"}, "mse"),
        ({"reduction": "sum"}, "cross_entropy"),
        ({"delta": 0.1}, "huber"),
        ({"margin": 0.5}, "hinge"),
        ({"margin": 0.5, "reduction": "sum"}, "max_margin"),
    ],
)
def test_losses_with_options(options: dict[str, Any], name: str, n: int) -> None:
    build, kind = NAMED[name]
    assert_alike(build, data(n, kind), loss=partial(LOSSES[name], **options), lr=0.01)


@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("kind", ["row", "chances"])
def test_targets_in_rows(n: int, kind: str) -> None:
    assert_alike(lambda: mlp(3), data(n, kind), metrics=["mae"])


@pytest.mark.parametrize("n", [FEW, MANY])
def test_a_loss_of_ones_own_by_its_rule(n: int) -> None:
    @loss(pairs)
    def lopsided(p: Any, t: Any, *, slope: float = 3.0) -> Any:
        return p - t if p > t else slope * (t - p)

    @loss(samples)
    def second_thought(scores: Any, k: int) -> Any:
        return ops.square(scores[k] - 1.0) + scores[(k + 1) % 3] ** 2

    try:
        assert_alike(samples=data(n), loss=lopsided)
        assert_alike(samples=data(n), loss=partial(lopsided, slope=0.5))
        assert_alike(lambda: mlp(3), data(n, "class"), loss=second_thought)
    finally:
        del LOSSES["lopsided"], LOSSES["second_thought"]


@pytest.mark.parametrize("n", [FEW, MANY])
def test_a_loss_with_penalties(n: int) -> None:
    def build() -> Any:
        model: Any = mlp()
        model.loss = lambda p, t: (
            mse(p, t) + l2_penalty(model, 0.01) + l1_penalty(model.layers[0], 0.1)
        )
        return model

    assert_alike_with_own_loss(build, data(n))


def assert_alike_with_own_loss(build: Callable[[], Any], samples: Any) -> None:
    made: list[Any] = []

    def remembered() -> Any:
        made.append(build())
        return made[-1]

    assert_alike(remembered, samples, loss=lambda p, t: made[-1].loss(p, t))


def test_a_plain_loss_of_few_is_compiled_and_of_many_left_eager() -> None:
    def plain(predictions: Sequence[Any], targets: Sequence[Any]) -> Any:
        return sum((p - t) ** 2 for p, t in zip(predictions, targets, strict=True)) / len(targets)

    assert_alike(loss=plain)
    assert_eager("one by one", samples=data(MANY), loss=plain, epochs=12)


# --- data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [1, 3, 7, 16, 17, 39, 100])
@pytest.mark.parametrize("n", [FEW, MANY])
def test_batches_of_every_size_and_a_last_smaller_one(n: int, batch_size: int) -> None:
    assert_alike(samples=data(n), batch_size=batch_size, validation=data(9), metrics=["mae"])


@pytest.mark.parametrize("n", [FEW, MANY])
def test_arrays_as_data(n: int) -> None:
    np = pytest.importorskip("numpy")
    inputs, targets = data(n)
    assert_alike(samples=(np.array(inputs), np.array(targets)))
    assert_alike(samples=(np.array(inputs) > 0, np.array(targets, dtype=np.float32)))


@pytest.mark.parametrize("n", [FEW, MANY])
def test_a_number_alone_as_input(n: int) -> None:
    class Wave(Module):
        def __init__(self) -> None:
            self.a, self.b = Value(0.5), Value(0.1)

        def __call__(self, x: Any) -> Any:
            return ops.sin(self.a * x) + self.b

    inputs, targets = data(n)
    assert_alike(Wave, ([x[0] for x in inputs], targets))


def test_samples_that_are_no_rows_of_numbers() -> None:
    class Total(Module):
        def __init__(self) -> None:
            self.w = Value(0.5)

        def __call__(self, x: Any) -> Any:
            return self.w * ops.sum([part for row in x for part in row])

    nested = [[[0.1, 0.2], [0.3]], [[0.5, 0.1], [0.2]]]
    assert_alike(Total, (nested, [1.0, 2.0]))
    assert_alike(Total, (nested * 5, [1.0, 2.0] * 5), batch_size=4)
    assert_eager("several lengths", Total, (nested * 10, [1.0, 2.0] * 10), epochs=12)


def test_sequences_of_many_lengths_keep_no_program_each() -> None:
    class Total(Module):
        def __init__(self) -> None:
            self.w = Value(0.01)

        def __call__(self, x: Any) -> Any:
            return self.w * ops.sum(x)

    inputs = [[0.1] * k for k in range(1, 31)]
    targets = [0.5] * 30
    history, _ = trained("auto", Total, (inputs, targets), epochs=20, batch_size=2)
    assert "nested in more than 16 ways" in history.not_compiled
    expected, _ = trained(False, Total, (inputs, targets), epochs=20, batch_size=2)
    assert history["loss"] == pytest.approx(expected["loss"], **CLOSE)


def test_a_validation_fraction() -> None:
    assert_alike(samples=data(MANY), validation=0.25, metrics=["mae", "huber"])


# --- metrics and callbacks ------------------------------------------------------------------------


@pytest.mark.parametrize("n", [FEW, MANY])
def test_metrics_get_values_as_eagerly(n: int) -> None:
    def worst(predictions: Sequence[Any], targets: Sequence[Any]) -> Any:
        return max(abs(p.data - t) for p, t in zip(predictions, targets, strict=True))

    assert_alike(
        samples=data(n, "chance"), loss="binary_cross_entropy_with_logits",
        metrics={"right": "accuracy", "worst": worst, "mse": "mse"}, validation=data(8, "chance"),
    )  # fmt: skip


def test_metrics_of_rows_and_of_the_gradient() -> None:
    def build() -> Any:
        made.append(mlp(3))
        return made[-1]

    made: list[Any] = []
    assert_alike(
        build, data(MANY, "class"), loss="cross_entropy",
        metrics={"accuracy": "accuracy", "slope": lambda p, t: made[-1].parameters()[0].grad},
    )  # fmt: skip


@pytest.mark.parametrize("n", [FEW, MANY])
def test_early_stopping_restores_the_best(n: int) -> None:
    options: dict[str, Any] = {"lr": 1.5, "optimizer": "sgd", "epochs": 60}
    stopping = EarlyStopping(patience=3)
    history = assert_alike(samples=data(n), early_stopping=stopping, validation=data(9), **options)
    assert history.stopped
    assert_alike(samples=data(n), early_stopping=2, snapshots=3, **options)


def assert_alike_acting(
    act: Callable[[Any, Any, int], Any], build: Callable[[], Any] = mlp, n: int = FEW,
    optimizer: Any = Adam, loss: Any = "mse", **options: Any,
) -> None:  # fmt: skip
    """Train with a callback that acts on the model, the optimizer and the epoch."""

    def results(jit: bool) -> Any:
        model = build()
        moving = optimizer(model.parameters(), lr=0.05)
        history = fit(
            model, data(n), optimizer=moving, epochs=8, jit=jit, seed=1, loss=loss,
            callbacks=lambda h: act(model, moving, len(h)), **options,
        )  # fmt: skip
        assert history.not_compiled == ""
        return history["loss"], model.state_dict(), moving.state_dict()

    eager_loss, eager, state = results(jit=False)
    compiled_loss, compiled, compiled_state = results(jit=True)
    assert compiled_loss == pytest.approx(eager_loss, **CLOSE)
    assert compiled == pytest.approx(eager, **CLOSE)
    assert compiled_state["param_groups"] == state["param_groups"]
    assert _flat(compiled_state["state"]) == pytest.approx(_flat(state["state"]), **CLOSE)
    assert list(map(type, _flat(compiled_state["state"]))) == list(map(type, _flat(state["state"])))


def _flat(rows: list[list[float]]) -> list[float]:
    return [x for row in rows for x in row]


def set_data(model: Any, optimizer: Any, epoch: int) -> None:
    for p in model.parameters():
        p.data *= 0.5


def set_lr(model: Any, optimizer: Any, epoch: int) -> None:
    optimizer.lr = 0.1 / epoch


def set_options(model: Any, optimizer: Any, epoch: int) -> None:
    optimizer.param_groups[0]["weight_decay"] = 0.1 * (epoch % 3)
    optimizer.param_groups[0]["betas"] = (0.5 + 0.05 * epoch, 0.9)


def load_states(model: Any, optimizer: Any, epoch: int) -> None:
    if epoch % 3 == 0:
        state = optimizer.state_dict()
        state["state"] = [[0.0, 0.0, 0] for _ in state["state"]]
        optimizer.load_state_dict(state)


def add_group(model: Any, optimizer: Any, epoch: int) -> None:
    if epoch == 3:
        optimizer.add_param_group({"params": model.layers[0].unfreeze().parameters(), "lr": 0.5})


def half_frozen() -> MLP:
    model = mlp()
    model.layers[0].freeze()
    return model


@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("act", [set_data, set_lr, set_options, load_states])
def test_what_callbacks_set_counts(act: Any, n: int) -> None:
    assert_alike_acting(act, n=n)


@pytest.mark.parametrize("n", [FEW, MANY])
def test_parameters_may_be_added_to_the_optimizer(n: int) -> None:
    assert_alike_acting(add_group, half_frozen, n=n)


class Scaled(Module):
    """A model with all kinds of settings that callbacks may change."""

    def __init__(self) -> None:
        self.inner, self.scale, self.options = mlp(), 1.0, {"shift": [0.0]}
        self.dropout = Dropout(0.25, seed=2)
        self.more: list[Module] = []

    def __call__(self, x: Any) -> Any:
        y = self.dropout(self.inner(x)) * self.scale + self.options["shift"][0]
        for module in self.more:
            y = module([y])
        return y


def set_scale(model: Any, optimizer: Any, epoch: int) -> None:
    if epoch == 3:
        model.scale = 2.0


def set_nested(model: Any, optimizer: Any, epoch: int) -> None:
    model.options["shift"][0] = float(epoch)


def set_dropout(model: Any, optimizer: Any, epoch: int) -> None:
    model.dropout.p = 0.25 if epoch % 4 else 0.5


def add_module(model: Any, optimizer: Any, epoch: int) -> None:
    if epoch == 2:
        model.more.append(Neuron(1, "tanh", init="ones"))


def end_dropout(model: Any, optimizer: Any, epoch: int) -> None:
    model.dropout.training = epoch < 4


@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("act", [set_scale, set_nested, set_dropout, add_module, end_dropout])
def test_settings_of_the_model_may_change(act: Any, n: int) -> None:
    assert_alike_acting(act, Scaled, n=n)


STRENGTH = 0.0


@pytest.mark.parametrize("n", [FEW, MANY])
def test_what_a_loss_reads_elsewhere_may_change(n: int) -> None:
    strength, schedule = 0.0, {"here": 0.0}

    def annealed(predictions: Any, targets: Any) -> Any:
        weight = strength + schedule["here"] + STRENGTH
        return mse(predictions, targets) * (1 - weight) + weight * huber(predictions, targets)

    def act(model: Any, optimizer: Any, epoch: int) -> None:
        nonlocal strength
        global STRENGTH
        strength, schedule["here"], STRENGTH = 0.01 * epoch, 0.02 * epoch, 0.03 * epoch

    def reset() -> Any:
        act(None, None, 0)
        return mlp()

    assert_alike_acting(act, reset, n=n, loss=annealed)


def test_what_changes_again_and_again_is_left_eager() -> None:
    model = Scaled()

    def act(history: History) -> None:
        model.scale = 1.0 + 0.01 * len(history)

    history = fit(model, data(FEW), epochs=40, jit="auto", callbacks=act)
    assert history.not_compiled == "callbacks change Scaled.scale again and again"


# --- optimizers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("max_norm", [None, 0.05])
@pytest.mark.parametrize(
    "optimizer",
    [
        SGD,
        partial(SGD, momentum=0.9),
        partial(SGD, momentum=0.9, nesterov=True, weight_decay=0.1),
        Adagrad,
        partial(Adagrad, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5),
        RMSprop,
        partial(RMSprop, momentum=0.5, weight_decay=0.1),
        partial(RMSprop, centered=True, alpha=0.5),
        Adam,
        partial(Adam, betas=(0.5, 0.75), weight_decay=0.1, eps=1e-3),
        AdamW,
        partial(AdamW, weight_decay=0.5),
        Lion,
        partial(Lion, betas=(0.5, 0.75), weight_decay=0.5),
    ],
)
@pytest.mark.parametrize("hidden", [2, 12])  # few parameters, and enough for arrays of them
def test_optimizers(optimizer: Any, n: int, max_norm: float | None, hidden: int) -> None:
    assert_alike(
        lambda: MLP(2, [hidden, 1], "tanh", seed=1), data(n), optimizer=optimizer, lr=0.01,
        max_norm=max_norm,
    )  # fmt: skip


class Halving(Optimizer):
    """One of a user's own, whose rule bears no gradient of 0 and whose option has no hash."""

    state_size = 1

    def __init__(self, parameters: Any, lr: float = 0.1) -> None:
        super().__init__(parameters, lr, table=[1.0, 0.5])

    @staticmethod
    def rule(p: Any, g: Any, state: Any, *, lr: float, table: list[float]) -> Any:
        return p - lr * g * table[state[0] % 2] * abs(g) / abs(g), (state[0] + 1,)


class Noted(Adam):
    """A subclass whose step does more."""

    steps = 0

    def step(self) -> None:
        super().step()
        self.steps += 1


@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("optimizer", [Halving, Noted])
def test_optimizers_of_ones_own(optimizer: Any, n: int) -> None:
    assert_alike(samples=data(n), optimizer=optimizer)


def test_a_subclass_makes_its_own_steps() -> None:
    model = mlp()
    optimizer = Noted(model.parameters())
    assert fit(model, data(FEW), optimizer=optimizer, epochs=5, jit=True).not_compiled == ""
    assert optimizer.steps == 5


@pytest.mark.parametrize("n", [FEW, MANY])
def test_groups_and_parameters_that_are_left_alone(n: int) -> None:
    def grouped(parameters: Any) -> Optimizer:
        listed = list(parameters)
        groups = [{"params": listed[:4], "lr": 0.1}, {"params": listed[6:], "weight_decay": 0.5}]
        return AdamW(groups)

    assert_alike(samples=data(n), optimizer=grouped, lr=None)
    assert_alike(half_frozen, data(n))
    assert_alike(samples=data(n), optimizer=lambda p: SGD(list(p)[2:5], lr=0.1), lr=None)


@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("schedule", [StepLR(2), ExponentialLR(0.5)])
def test_schedules(schedule: Any, n: int) -> None:
    assert_alike(samples=data(n), schedule=schedule)


# --- models ---------------------------------------------------------------------------------------


class Recurrent(Module):
    def __init__(self) -> None:
        self.cell, self.out = RNNCell(1, 3, seed=1), Neuron(3, None, seed=2)

    def __call__(self, x: Any) -> Any:
        state: Any = None
        for step in x:
            state = self.cell(step if isinstance(step, list) else [step], state)
        return self.out(state)


class Branching(Module):
    def __init__(self) -> None:
        self.left, self.right = Neuron(2, "tanh", seed=1), Neuron(2, "tanh", seed=2)

    def __call__(self, x: Any) -> Any:
        if x[0] > x[1]:
            return self.left(x)
        y = self.right(x)
        return y if y > 0 else 0.5 * y


class Tied(Module):
    def __init__(self) -> None:
        self.first = Layer(2, 2, "tanh", seed=1)
        self.second, self.out = self.first, Neuron(2, None, seed=2)
        self.fixed = Value(0.5)
        self.fixed_by = Neuron(1, seed=3).freeze()

    def __call__(self, x: Any) -> Any:
        return self.out(self.second(self.first(x))) * self.fixed + self.fixed_by([x[0]])


MODELS: list[Callable[[], Any]] = [
    Recurrent,
    Branching,
    Tied,
    lambda: MLP(2, [3, 1], "relu", seed=4),
    lambda: MLP(2, [3, 2, 1], ["gelu", "softplus", "sigmoid"], seed=4, bias=False),
    lambda: Sequential(Layer(2, 3, None, seed=1), LayerNorm(3), "silu", Neuron(3, None, seed=2)),
    lambda: Sequential(Layer(2, 3, None, seed=1), RMSNorm(3), "relu", Neuron(3, None, seed=2)),
    lambda: Sequential(Layer(2, 3, None, seed=1), softmax, Neuron(3, None, seed=2)),
    lambda: Sequential(Layer(2, 3, None, seed=1), sorted, Neuron(3, None, seed=2)),
]


@pytest.mark.parametrize("batch_size", [None, 18])
@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("build", MODELS)
def test_models(build: Any, n: int, batch_size: int | None) -> None:
    assert_alike(build, data(n), batch_size=batch_size)


@pytest.mark.parametrize("build", [m for m in MODELS if m not in (Branching, MODELS[-1])])
def test_models_in_batches_of_few(build: Any) -> None:
    assert_alike(build, data(MANY), batch_size=7)


def test_branches_of_batches_of_few_are_too_many_paths() -> None:
    assert_eager("takes more than 8 paths", Branching, data(MANY), batch_size=7, epochs=30)


@pytest.mark.parametrize("n", [FEW, MANY])
def test_sequences_of_rows(n: int) -> None:
    inputs, targets = data(n)
    assert_alike(Recurrent, ([[[x], [x * y], [y]] for x, y in inputs], targets))


class Bigram(Module):
    def __init__(self) -> None:
        self.embedding, self.out = Embedding(5, 2, seed=1), Layer(2, 3, None, seed=2)

    def __call__(self, k: Any) -> Any:
        return self.out(self.embedding(k))


def test_embeddings_of_few_are_compiled_and_of_many_left_eager() -> None:
    few = ([0, 4, 2, 1], [0, 1, 2, 1])
    assert_alike(Bigram, few, loss="cross_entropy")
    assert_eager("whole number", Bigram, (few[0] * 8, few[1] * 8), loss="cross_entropy", epochs=12)


@pytest.mark.parametrize("batch_size", [None, 5, 17])
@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("seeds", [(3, 4), (None, 4), (None, None)])
def test_dropout_draws_as_eagerly(seeds: Any, n: int, batch_size: int | None) -> None:
    def build() -> Module:
        return Sequential(
            Layer(2, 6, "tanh", seed=1), Dropout(0.5, seed=seeds[0]), Layer(6, 6, "tanh", seed=2),
            Dropout(0.25, seed=seeds[1]), Neuron(6, None, seed=3),
        )  # fmt: skip

    assert_alike(build, data(n), batch_size=batch_size, validation=data(9))


def test_dropouts_that_share_a_source() -> None:
    def build() -> Module:
        rng = random.Random(8)
        return Sequential(Dropout(0.5, seed=rng), Dropout(0.5, seed=rng), Neuron(2, seed=rng))

    for n in (FEW, MANY):
        assert_alike(build, data(n))


# --- what is left eager ---------------------------------------------------------------------------


class Noting(Module):
    """A line whose forward does something beside."""

    def __init__(self, act: Callable[[Any], Any]) -> None:
        self.line, self.act = mlp(), act
        self.calls, self.seen, self.table, self.last = 0, list[float](), dict[str, Any](), None

    def __call__(self, x: Any) -> Any:
        self.act(self)
        return self.line(x)


def count(model: Any) -> None:
    model.calls += 1


def append(model: Any) -> None:
    model.seen.append(1.0)


def table(model: Any) -> None:
    model.table["n"] = model.table.get("n", 0) + 1


COUNTED = 0


def count_in_module(model: Any) -> None:
    global COUNTED
    COUNTED += 1
    model.seen[:] = [float(COUNTED)]


def draw(model: Any) -> None:
    random.random()


@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize(
    ("act", "why"),
    [
        (count, "changes Noting.calls"),
        (append, "changes Noting.seen"),
        (table, "changes Noting.table.n"),
        (count_in_module, "changes "),
        (draw, "draws random numbers"),
    ],
)
def test_effects_are_found_out_and_happen_as_often_as_eagerly(act: Any, why: str, n: int) -> None:
    global COUNTED
    models = []
    for jit in (False, "auto"):
        COUNTED = 0
        history, model = trained(jit, lambda: Noting(act), data(n), epochs=60)
        models.append(model)
    assert history.not_compiled.startswith("the model or the loss ")
    assert why in history.not_compiled
    eager, left = models
    assert (left.calls, left.seen, left.table) == (eager.calls, eager.seen, eager.table)
    assert left.state_dict() == eager.state_dict()
    assert_eager(why, lambda: Noting(act), data(n))


def test_effects_of_closures_are_found_out() -> None:
    calls, batches = 0, list[int]()

    def counting(predictions: Any, targets: Any) -> Any:
        nonlocal calls
        calls += 1
        batches.append(len(targets))
        return mse(predictions, targets)

    assert_eager("changes ", loss=counting, epochs=50)
    assert calls == len(batches) == 50 + 50 + 1  # the last is jit=True's, undone with the training


@pytest.mark.parametrize("n", [FEW, MANY])
def test_what_is_printed_is_printed_as_often_as_eagerly(capfd: Any, n: int) -> None:
    def build() -> Noting:
        return Noting(lambda model: (print("here"), os.write(1, b"there\n")))

    expected, _ = trained(False, build, data(n), epochs=50)
    eager = capfd.readouterr().out
    history, _ = trained("auto", build, data(n), epochs=50)
    assert capfd.readouterr().out == eager
    assert eager.count("there") == 50 * n
    assert history.not_compiled == "the model or the loss calls print() at each step"
    assert history["loss"] == expected["loss"]


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda model: os.write(os.open(os.devnull, os.O_WRONLY), b"x"), "calls open()"),
        (lambda model: time.time(), "calls time()"),
        (lambda model: random.SystemRandom().random(), "calls urandom()"),
        (lambda model: warnings.warn("never", stacklevel=2), "calls warn()"),
    ],
)
def test_what_reaches_the_world_is_not_done_while_traced(act: Any, why: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history, _ = trained("auto", lambda: Noting(act), epochs=50)
    assert history.not_compiled == f"the model or the loss {why} at each step"
    assert len(caught) == (50 * FEW if "warn" in why else 0)


def test_numpys_random_numbers_are_found_out() -> None:
    np = pytest.importorskip("numpy")

    class Noisy(Module):
        def __init__(self, rng: Any) -> None:
            self.line, self.rng = mlp(), rng

        def __call__(self, x: Any) -> Any:
            return self.line(x) + float(self.rng.normal())

    for make in (np.random.default_rng, np.random.RandomState):
        assert_eager("draws random numbers", partial(lambda make: Noisy(make(1)), make))


def test_what_is_another_one_each_time_is_found_out() -> None:
    numbers = iter(range(10**9))

    class Waves(Module):
        def __init__(self) -> None:
            self.line = mlp()

        def __call__(self, x: Any) -> Any:
            return self.line(x) * next(numbers)

    history, _ = trained("auto", Waves, epochs=50, lr=1e-9)
    assert history.not_compiled == "the model or the loss is another one at each step"


class Shy:
    """Raises at whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_what_a_model_holds_need_not_bear_to_be_looked_at() -> None:
    def build() -> Any:
        model: Any = mlp()
        model.shy = Shy()
        return model

    assert_alike(build)


class Refusing(Module):
    """Raises an error of the user's own at some call, if it is not in a trace."""

    def __init__(self, error: Exception) -> None:
        self.line, self.error = mlp(), error

    def __call__(self, x: Any) -> Any:
        raise self.error


@pytest.mark.parametrize("jit", [True, "auto"])
@pytest.mark.parametrize("kind", [TypeError, AssertionError, KeyError, OSError])
def test_errors_of_the_users_own_are_raised_as_eagerly(kind: type[Exception], jit: Any) -> None:
    error = kind()
    with pytest.raises(type(error)) as caught:
        trained(jit, lambda: Refusing(error), epochs=50)
    assert caught.value is error
    assert any("for the input" in note for note in error.__notes__)
    assert sum("while training" in note for note in error.__notes__) == 1


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize(
    "bad", [lambda p, t: 3.0, lambda p, t: partial(mse, reduction="none")(p, t)]
)
def test_a_loss_that_is_no_value_is_refused_as_eagerly(bad: Any, n: int, jit: bool) -> None:
    with pytest.raises(TypeError, match="a loss is one Value"):
        trained(jit, samples=data(n), loss=bad)


@pytest.mark.parametrize("target", [5, -1, 0.5])
@pytest.mark.parametrize("n", [FEW, MANY])
def test_targets_out_of_range_are_refused_as_eagerly(n: int, target: Any) -> None:
    inputs, targets = data(n, "class")
    targets = [*targets[:-1], target]
    for batch_size in (None, 5):
        with pytest.raises((ValueError, TypeError)) as eager:
            trained(
                False,
                lambda: mlp(3),
                (inputs, targets),
                loss="cross_entropy",
                batch_size=batch_size,
            )
        with pytest.raises(type(eager.value)) as compiled:
            trained(
                "auto",
                lambda: mlp(3),
                (inputs, targets),
                loss="cross_entropy",
                epochs=99,
                batch_size=batch_size,
            )
        assert str(compiled.value) == str(eager.value)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("n", [FEW, MANY])
def test_inside_of_blocks_that_change_what_is_recorded(n: int, jit: bool) -> None:
    class Far(Module):
        def __init__(self) -> None:
            self.w = Value(1e200)

        def __call__(self, x: Any) -> Any:
            return 1.0 / (1.0 + self.w * self.w) + self.w * 1e-250

    assert trained(jit, Far, data(n), lr=1e-9, epochs=99)[0].not_compiled == ""
    with detect_anomaly(), pytest.raises(DivergenceError, match="mul"):
        trained(jit, Far, data(n), epochs=99)
    with no_grad():
        _, still = trained(jit, samples=data(n), epochs=99)
    assert still.state_dict() == mlp().state_dict()


# --- how it ends ----------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [FEW, MANY])
def test_divergence_is_told_as_eagerly(n: int) -> None:
    words = []
    for jit in (False, True):
        with pytest.raises(DivergenceError) as caught:
            trained(jit, lambda: Neuron(2, None), data(n), optimizer="sgd", lr=50.0, epochs=999)
        history = caught.value.history
        told = re.sub(r"\d\.\d+e\+\d+", "...", str(caught.value))  # digits agree to rounding
        words.append((told, len(history), history.stopped[:40]))
    assert words[0] == words[1]
    assert "diverged" in words[0][0]


@pytest.mark.parametrize("n", [FEW, MANY])
def test_ctrl_c_ends_it_after_the_batch(n: int) -> None:
    def press(history: History) -> None:
        if len(history) == 3:
            signal.raise_signal(signal.SIGINT)

    history, _ = trained(True, samples=data(n), epochs=99, callbacks=press)
    assert history.stopped == "interrupted, after epoch 3"
    assert history.not_compiled == ""


def test_draws_are_taken_back_where_a_batch_is_made_eagerly() -> None:
    class Steep(Module):
        def __init__(self) -> None:
            self.w, self.dropout = Value(1.0), Dropout(0.5, seed=1)

        def __call__(self, x: Any) -> Any:
            return self.w * 1e200 * self.dropout(Value(x[0]))

    ends = []
    for jit in (False, True):
        model = Steep()
        with pytest.raises(DivergenceError) as caught:
            fit(model, ([[0.1]] * 4, [1.0] * 4), epochs=999, jit=jit)
        ends.append((str(caught.value), model.dropout._rng.random()))  # type: ignore[union-attr]
    assert ends[0] == ends[1]


# --- jit="auto" -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "batch_size", "epochs", "compiled"),
    [(4, None, 149, False), (4, None, 150, True), (MANY, None, 24, False), (MANY, None, 25, True),
     (MANY, 5, 19, True), (MANY, 5, 18, False), (MANY, 20, 13, True), (MANY, 20, 12, False)],
)  # fmt: skip
def test_auto_compiles_what_is_long_enough(
    n: int, batch_size: int | None, epochs: int, compiled: bool
) -> None:
    history, _ = trained("auto", samples=data(n), batch_size=batch_size, epochs=epochs)
    assert (history.not_compiled == "") is compiled
    if not compiled:
        assert history.not_compiled.startswith("the run is too short to repay it")


def test_without_numpy_samples_are_recorded_one_by_one(monkeypatch: Any) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "numpy" else found(name, *rest),
    )
    expected, eager = trained(False, samples=data(MANY))
    history, model = trained(True, samples=data(MANY))
    assert history["loss"] == pytest.approx(expected["loss"], **CLOSE)
    assert history.not_compiled == ""
    assert model.state_dict() == pytest.approx(eager.state_dict(), **CLOSE)


@pytest.mark.parametrize("jit", ["yes", None, 1, "array"])
def test_jit_is_true_false_or_auto(jit: Any) -> None:
    with pytest.raises(TypeError, match="jit is True, False or 'auto', got"):
        trained(jit)


# --- checkpoints ----------------------------------------------------------------------------------


def smooth() -> Module:
    """Return a model whose slopes the compiled code writes in other words than eager ones."""
    return MLP(2, [5, 5, 5, 1], ["tanh", "sigmoid", "softplus", None], seed=4)


def dropping() -> Module:
    return Sequential(Layer(2, 4, "tanh", seed=1), Dropout(0.25, seed=4), Neuron(4, seed=2))


@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("n", [FEW, MANY])
@pytest.mark.parametrize("build", [smooth, dropping])
def test_a_resumed_training_has_the_same_bits(
    tmp_path: Path, n: int, batch_size: int | None, build: Any
) -> None:
    jit: Any = "auto" if build is smooth else True
    options = {"samples": data(n), "batch_size": batch_size, "validation": data(8)}
    whole, expected = trained(jit, build, epochs=9, checkpoint=tmp_path / "whole", **options)
    path = tmp_path / "parts"
    for epochs in (2, 3, 7, 9):
        history, model = trained(jit, build, epochs=epochs, checkpoint=path, resume=True, **options)
    assert model.state_dict() == expected.state_dict()
    assert history["loss"] == whole["loss"]
    assert history["val_loss"] == whole["val_loss"]
    with pytest.raises(CheckpointError, match="backend"):
        trained(False, build, epochs=10, checkpoint=path, resume=True, **options)


def test_what_was_left_eager_goes_on_so(tmp_path: Path) -> None:
    path = tmp_path / "run"
    trained("auto", lambda: Noting(append), epochs=3, checkpoint=path)
    _, model = trained("auto", lambda: Noting(append), epochs=6, checkpoint=path, resume=True)
    _, expected = trained(False, lambda: Noting(append), epochs=6)
    assert model.state_dict() == expected.state_dict()
    with pytest.raises(CheckpointError, match="backend eager, this one has python"):
        trained(True, lambda: Noting(append), epochs=9, checkpoint=path, resume=True)


def test_a_checkpoint_of_arrays_without_numpy_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "run"
    trained("auto", samples=data(MANY), epochs=3, checkpoint=path)
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "numpy" else found(name, *rest),
    )
    with pytest.raises(CheckpointError, match="backend array, this one has python"):
        trained("auto", samples=data(MANY), epochs=6, checkpoint=path, resume=True)


# --- memory ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "batch_size"), [(FEW, None), (FEW, 4), (MANY, None), (MANY, 17)])
def test_nothing_grows_with_the_epochs(n: int, batch_size: int | None) -> None:
    counts: list[int] = []

    def note(history: History) -> None:
        gc.collect()
        counts.append(len(gc.get_objects()) - len(history))  # which grows by a row

    with gc_frozen():
        trained(True, samples=data(n), batch_size=batch_size, epochs=9, callbacks=note)
    assert len(counts) == 9
    assert max(counts[4:]) <= counts[3] + 2


@contextmanager
def gc_frozen() -> Iterator[None]:
    """Leave out of the collector's sight all that there is already."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
