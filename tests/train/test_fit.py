"""fit: what it trains, what it records, when it ends, and what it refuses."""

from __future__ import annotations

import math
import random
import signal
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import DataError, DivergenceError, ShapeError, Value, detect_anomaly, ops
from autograd_lite.nn import MLP, Embedding, Module, Neuron, hinge, mse
from autograd_lite.optim import SGD, Adam, ExponentialLR, OneCycleLR, Schedule, StepLR, warm_up
from autograd_lite.train import Dataset, EarlyStopping, History, accuracy, fit, moons, xor

LINE = Dataset([[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0])  # y = 2 x + 1


def line() -> Neuron:
    return Neuron(1, None, init="zeros")


class Spy(Module):
    """A line that notes at each call whether it is in training."""

    def __init__(self) -> None:
        self.line = line()
        self.modes: list[bool] = []

    def __call__(self, x: Any) -> Any:
        self.modes.append(self.training)
        return self.line(x)


# --- what it does ---------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [None, 4])
def test_is_the_loop_one_would_write(batch_size: int | None) -> None:
    by_hand, fitted = MLP(2, [4, 1], "tanh", seed=1), MLP(2, [4, 1], "tanh", seed=1)
    data, optimizer = xor(), SGD(by_hand.parameters(), lr=0.2, momentum=0.5)
    losses = []
    for _ in range(20):
        loss = mse([by_hand(x) for x in data.inputs], data.targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    optimizer = SGD(fitted.parameters(), lr=0.2, momentum=0.5)
    history = fit(fitted, xor(), optimizer=optimizer, epochs=20, seed=0)
    assert history["loss"] == losses
    assert fitted.state_dict() == by_hand.state_dict()


def test_records_each_epoch() -> None:
    history = fit(
        line(), LINE, optimizer="sgd", lr=0.05, epochs=3, metrics=["mae"], validation=LINE
    )
    assert history.columns == [
        "epoch", "loss", "mae", "val_loss", "val_mae", "grad_norm", "lr", "seconds",
    ]  # fmt: skip
    assert history["epoch"] == [1, 2, 3]
    assert history["loss"][0] == (1 + 9 + 25 + 49) / 4
    assert history["mae"][0] == 4.0
    assert history["grad_norm"][0] == pytest.approx(math.hypot(2 * 34 / 4, 2 * 16 / 4))
    assert history["val_loss"][0] == pytest.approx(history["loss"][1])  # measured after the epoch
    assert history["lr"] == [0.05] * 3
    assert all(seconds > 0 for seconds in history["seconds"])


def test_means_over_batches_are_weighted_by_their_samples() -> None:
    history = fit(line(), LINE, optimizer="sgd", lr=1e-12, epochs=1, batch_size=3, seed=0)
    assert history["loss"][0] == pytest.approx((1 + 9 + 25 + 49) / 4)


@pytest.mark.parametrize("optimizer", ["SGD", partial(SGD, momentum=0.5), Adam])
def test_takes_optimisers_by_name_or_as_what_makes_one(optimizer: Any) -> None:
    history = fit(line(), LINE, optimizer=optimizer, lr=0.05, epochs=2)
    assert history["lr"] == [0.05, 0.05]


def test_a_loss_and_metrics_may_be_functions() -> None:
    def largest(predictions: Any, targets: Any) -> Any:
        return max(abs(p - t) for p, t in zip(predictions, targets, strict=True))

    by_name = fit(line(), LINE, loss="mse", epochs=3)
    history = fit(line(), LINE, loss=lambda p, t: mse(p, t), metrics={"worst": largest}, epochs=3)
    assert history["loss"] == by_name["loss"]
    assert history["worst"][0] == 7.0


def test_the_seed_decides_the_order() -> None:
    def trained(seed: int) -> dict[str, float]:
        model = MLP(2, [3, 1], "tanh", seed=0)
        fit(model, moons(30, seed=1), batch_size=7, epochs=2, seed=seed)
        return model.state_dict()

    assert trained(1) == trained(1) != trained(2)


def test_without_a_seed_the_random_module_decides() -> None:
    def trained() -> dict[str, float]:
        random.seed(5)
        model = MLP(2, [3, 1], "tanh", seed=0)
        fit(model, moons(30, seed=1), batch_size=7, epochs=2)
        return model.state_dict()

    assert trained() == trained()


def test_a_fraction_is_held_out() -> None:
    seen = []

    def loss(predictions: Any, targets: Any) -> Any:
        seen.append(len(targets))
        return mse(predictions, targets)

    fit(MLP(2, [1]), moons(20, seed=1), loss=loss, validation=0.25, epochs=1)
    assert seen == [15, 5]


def test_dropout_is_off_for_validation_and_in_the_end() -> None:
    model = Spy()
    fit(model, LINE, validation=LINE, epochs=2, batch_size=4)
    assert model.modes == [True] * 4 + [False] * 4 + [True] * 4 + [False] * 4
    assert not model.training


@pytest.mark.parametrize("given", ["curve", "schedule"])
def test_a_schedule_goes_on_every_epoch(given: str) -> None:
    model = line()
    optimizer = SGD(model.parameters(), lr=0.08)
    curve = StepLR(2, gamma=0.5)
    schedule = curve if given == "curve" else Schedule(optimizer, curve)
    history = fit(model, LINE, optimizer=optimizer, schedule=schedule, epochs=5)
    assert history["lr"] == [0.08, 0.08, 0.04, 0.04, 0.02]


def test_the_norm_of_the_gradient_is_clipped() -> None:
    model = line()
    fit(model, LINE, optimizer="sgd", lr=1.0, epochs=1, max_norm=0.5)
    assert math.hypot(*model.state_dict().values()) == pytest.approx(0.5, rel=1e-5)


def test_snapshots_hold_the_parameters_of_epochs() -> None:
    model = line()
    history = fit(model, LINE, optimizer="sgd", lr=0.05, epochs=4, snapshots=2)
    assert [epoch for epoch, _ in history.snapshots] == [0, 2, 4]
    assert history.snapshots[0][1] == {"weights.0": 0.0, "bias": 0.0}
    assert history.snapshots[-1][1] == model.state_dict()


def test_inputs_may_be_sequences_for_a_recurrent_model() -> None:
    class Summing(Module):
        def __init__(self) -> None:
            self.letters = Embedding(3, 2, seed=0)
            self.out = Neuron(2, None, seed=1)

        def __call__(self, word: list[int]) -> Any:
            vectors = [self.letters(letter) for letter in word]
            return self.out([ops.sum(column) for column in zip(*vectors, strict=True)])

    words = [[0], [1, 2], [0, 1, 2, 1]]
    history = fit(Summing(), (words, [1.0, 0.0, 1.0]), epochs=100, lr=0.05)
    assert history["loss"][-1] < 1e-2


# --- how it ends ----------------------------------------------------------------------------------


@pytest.mark.parametrize("validation", [None, LINE])
def test_early_stopping_returns_to_the_parameters_that_were_best(validation: Any) -> None:
    model = line()
    model.weights[0].data = 1.5
    history = fit(
        model, LINE, optimizer="sgd", lr=0.3, epochs=50, validation=validation, early_stopping=3
    )  # the rate is too large: every epoch is worse than the one before
    watched = "loss" if validation is None else "val_loss"
    assert history[watched] == sorted(history[watched])
    assert len(history) == 4
    assert "no improvement for 3 epochs" in history.stopped
    reached = mse([model(x) for x in LINE.inputs], LINE.targets).data
    assert reached == history.best(watched)[watched]


def test_early_stopping_may_leave_the_last_parameters() -> None:
    last, model = [], line()
    rules = EarlyStopping(3, restore_best=False)
    fit(model, LINE, optimizer="sgd", lr=0.3, epochs=50, early_stopping=rules,
        callbacks=lambda history: last.append(model.state_dict()))  # fmt: skip
    assert model.state_dict() == last[-1]


@pytest.mark.parametrize(
    ("column", "rules", "numbers", "epochs"),
    [
        ("accuracy", {}, [0.1, 0.2, 0.3, 0.2, 0.2, 0.9], 5),  # which is to rise
        ("score", {"largest": True}, [0.1, 0.2, 0.3, 0.2, 0.2, 0.9], 5),
        ("score", {}, [0.3, 0.2, 0.2, 0.2, 0.1], 4),
        ("score", {"min_delta": 0.5}, [3.0, 2.6, 2.5, 1.0], 3),
        ("score", {"min_delta": 0.4}, [3.0, 2.5, 2.0, 1.9, 1.8], 5),
    ],
)
def test_early_stopping_waits_for_an_improvement(
    column: str, rules: dict[str, Any], numbers: list[float], epochs: int
) -> None:
    measured = iter([*numbers, *[math.nan] * 9])
    stopping = EarlyStopping(2, monitor=column, **rules)
    metrics = {column: lambda *_: next(measured)}
    history = fit(line(), LINE, epochs=9, metrics=metrics, early_stopping=stopping)
    assert history[column] == numbers[:epochs]


def test_early_stopping_can_watch_what_grows() -> None:
    rules = EarlyStopping(2, monitor="accuracy")  # which is to rise
    model = MLP(2, [4, 1], "tanh", seed=0)
    history = fit(model, xor(), lr=0.05, epochs=300, metrics="accuracy", early_stopping=rules)
    scores = history["accuracy"]
    assert len(history) == scores.index(max(scores)) + 3


def test_a_callback_ends_training_by_returning_true() -> None:
    history = fit(line(), LINE, epochs=100, callbacks=[lambda h: None, lambda h: len(h) == 3])
    assert len(history) == 3
    assert history.stopped == "ended by a callback, after epoch 3"


def test_what_else_a_callback_returns_does_not_matter() -> None:
    assert len(fit(line(), LINE, epochs=3, callbacks=lambda history: history)) == 3


def test_a_callback_may_take_the_model_out_of_training() -> None:
    model = Spy()
    fit(model, LINE, epochs=3, callbacks=lambda _: model.eval())
    assert all(model.modes)


def _interrupting(after: int) -> Callable[[Any, Any], Any]:
    """Return a loss during whose n-th call Ctrl-C is pressed."""
    calls: list[None] = []

    def loss(predictions: Any, targets: Any) -> Any:
        calls.append(None)
        if len(calls) == after:
            signal.raise_signal(signal.SIGINT)
        return mse(predictions, targets)

    return loss


def test_ctrl_c_ends_after_the_batch_with_everything_intact() -> None:
    interrupted, whole = line(), line()
    options: dict[str, Any] = {"optimizer": "sgd", "lr": 0.05, "batch_size": 2, "seed": 3}
    history = fit(interrupted, LINE, loss=_interrupting(5), epochs=50, **options)
    assert history.stopped == "interrupted in epoch 3, after batch 1 of 2"
    assert [len(history), *history["epoch"]] == [2, 1, 2]
    assert not interrupted.training
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    fit(whole, LINE, epochs=2, **options)
    assert interrupted.state_dict() != whole.state_dict()  # the batch of epoch 3 counts


def test_ctrl_c_in_the_last_batch_keeps_the_epoch() -> None:
    history = fit(line(), LINE, loss=_interrupting(4), epochs=50, batch_size=2)
    assert history.stopped == "interrupted, after epoch 2"
    assert len(history) == 2


def test_ctrl_c_in_the_last_batch_of_all_interrupts_nothing() -> None:
    history = fit(line(), LINE, loss=_interrupting(4), epochs=2, batch_size=2)
    assert (len(history), history.stopped) == (2, "")


def test_a_second_ctrl_c_is_pythons_own() -> None:
    def loss(predictions: Any, targets: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        return mse(predictions, targets)

    with pytest.raises(KeyboardInterrupt):
        fit(line(), LINE, loss=loss, epochs=2)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_ones_own_hears_ctrl_c() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda signum, _: heard.append(signum))
    try:
        history = fit(line(), LINE, loss=_interrupting(2), epochs=3)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (len(history), history.stopped, heard) == (3, "", [signal.SIGINT])


def test_a_thread_may_train() -> None:
    histories: list[History] = []
    thread = threading.Thread(target=lambda: histories.append(fit(line(), LINE, epochs=2)))
    thread.start()
    thread.join()
    assert len(histories[0]) == 2


# --- nan and inf ----------------------------------------------------------------------------------


def test_divergence_names_the_culprit_and_keeps_what_there_is() -> None:
    model = line()
    with pytest.raises(DivergenceError, match=r"training diverged in epoch \d+, batch 1 of 1: .*inf"
                       ) as caught:  # fmt: skip
        fit(model, LINE, optimizer="sgd", lr=1e30, epochs=50)
    history = caught.value.history
    assert len(history) >= 1
    assert history.stopped.startswith("diverged in epoch")
    assert "try an lr below 1e+30, or max_norm=1.0" in str(caught.value)
    assert all(map(math.isfinite, model.state_dict().values()))


class Root(Module):
    """A model with one parameter, of which it returns a function."""

    def __init__(self, of: Callable[[Any], Any], start: float) -> None:
        self.of, self.x = of, Value(start, name="x")

    def __call__(self, row: Any) -> Any:
        return self.of(self.x)


@pytest.mark.parametrize(
    ("model", "culprit"),
    [
        (Root(lambda x: ops.exp(x), 1000.0), r"exp\(x=1000.0\) is too large"),
        (Root(lambda x: 1 / (x - 1), 1.0), r"div\(1.0, 0.0\) divides by zero"),
        (Root(lambda x: x.sqrt(), 0.0), r"the derivative of sqrt\(x=0.0\) = 0.0 gave -inf"),
        (Root(lambda x: x * 1e308 * 10 - x * 1e308 * 10, 1.0), r"mul\(.*\) = inf"),
    ],
    ids=["overflow", "division", "backward", "inf - inf"],
)
def test_the_first_culprit_is_named(model: Root, culprit: str) -> None:
    before = model.state_dict()
    with pytest.raises(DivergenceError, match=culprit):
        fit(model, ([[0.0]], [0.5]), epochs=1)
    assert model.state_dict() == before


def test_divergence_in_the_first_epoch_keeps_the_steps_before_it() -> None:
    diverged, once = line(), line()
    options: dict[str, Any] = {"optimizer": "sgd", "lr": 1e160, "batch_size": 1, "epochs": 1}
    with pytest.raises(DivergenceError, match="in epoch 1, batch 2 of 2"):
        fit(diverged, ([[1.0]] * 2, [1.0] * 2), **options)
    fit(once, ([[1.0]], [1.0]), **options)
    assert diverged.state_dict() == once.state_dict()


def test_inside_detect_anomaly_it_is_divergence_all_the_same() -> None:
    model = Root(lambda x: x * 1e308 * 10 - x * 1e308 * 10, 1.0)
    with detect_anomaly(), pytest.raises(DivergenceError, match=r"in epoch 1, .*mul\(.*\) = inf"):
        fit(model, ([[0.0]], [0.5]), epochs=1)


def test_an_infinite_loss_of_the_validation_data_is_seen_too() -> None:
    far = Dataset([[1e200]], [0.0])
    with pytest.raises(DivergenceError, match="in epoch 1: the loss of the validation data is inf"):
        fit(Neuron(1, None, init="ones"), LINE, validation=far, epochs=2)


def test_whatever_is_raised_in_training_has_the_history() -> None:
    def failing(history: History) -> None:
        if len(history) == 3:
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError) as caught:
        fit(line(), LINE, epochs=5, callbacks=failing)
    assert len(caught.value.history) == 3  # type: ignore[attr-defined]


# --- what it refuses, and leaves alone ------------------------------------------------------------

BAD = {
    "wrong width": (([[1.0, 2.0], [1.0]], [1.0, 2.0]), {}, ShapeError,
                    r"MLP expects 2 inputs, got 1; build it with MLP\(1, ...\)"),
    "no data": (([], []), {}, DataError, "none"),
    "lengths": (([[1.0, 2.0]], [1.0, 2.0]), {}, DataError, "1 inputs, 2 targets"),
    "nan input": (([[1.0, math.nan]], [1.0]), {}, DataError, r"inputs\[0\]\[1\] is nan"),
    "inf target": (([[1.0, 0.0]], [math.inf]), {}, DataError, r"targets\[0\] is inf"),
    "no pair": ([[1.0, 2.0]], {}, TypeError, "inputs, targets"),
    "text": (([["a", "b"]], [1.0]), {}, TypeError, "'a'"),
    "two targets": (([[1.0, 2.0]], [[1.0, 2.0]]), {}, ShapeError, "as many targets"),
    "lr 0": (None, {"lr": 0.0}, ValueError, "learning rate is a number > 0"),
    "lr < 0": (None, {"lr": -0.1}, ValueError, "learning rate is a number > 0"),
    "lr nan": (None, {"lr": math.nan}, ValueError, "learning rate is a number > 0"),
    "lr text": (None, {"lr": "0.1"}, TypeError, "learning rate is a number > 0"),
    "loss": (None, {"loss": "mes"}, ValueError, "did you mean 'mse'"),
    "no loss": (None, {"loss": 3}, TypeError, "a loss is a name or a function"),
    "loss of a list": (None, {"loss": lambda p, t: p}, TypeError, "reduction='mean'"),
    "class": (None, {"loss": "cross_entropy"}, ShapeError, "one a class"),
    "optimiser": (None, {"optimizer": "rmsprp"}, ValueError, "did you mean 'rmsprop'"),
    "no optimiser": (None, {"optimizer": print}, TypeError, "an optimiser is a name"),
    "metric": (None, {"metrics": "acuracy"}, ValueError, "did you mean 'accuracy'"),
    "metric twice": (None, {"metrics": [lambda p, t: 1.0, lambda p, t: 2.0]}, ValueError,
                     "two metrics are named '<lambda>'; pass a dict"),
    "metric's name": (None, {"metrics": {"loss": "mae"}}, ValueError, "cannot be named 'loss'"),
    "callbacks": (None, {"callbacks": ["x"]}, TypeError, "a callback is a function"),
    "extra": (None, {"extra": {1: 2}}, TypeError, "notes have names that are texts"),
    "no metric": (None, {"metrics": [3]}, TypeError, "a metric is a name or a function"),
    "epochs": (None, {"epochs": 0}, ValueError, "epochs is a whole number"),
    "batch size": (None, {"batch_size": 0}, ValueError, "batch_size is a whole number"),
    "snapshots": (None, {"snapshots": -1}, ValueError, "snapshots is a whole number"),
    "seed": (None, {"seed": 0.5}, TypeError, "a seed is a whole number"),
    "fraction": (None, {"validation": 1.5}, DataError, "fraction"),
    "patience": (None, {"early_stopping": 0}, ValueError, "patience"),
    "watched": (None, {"early_stopping": EarlyStopping(monitor="val_los"), "validation": xor()},
                ValueError, "did you mean 'val_loss'"),
    "max_norm": (None, {"max_norm": 0.0}, ValueError, "max_norm is a number > 0"),
    "short schedule": (None, {"schedule": OneCycleLR(0.1, 10), "epochs": 12}, ValueError,
                       "the schedule does not reach over 12 epochs: OneCycleLR has 10 steps"),
    "whole validation": (None, {"validation": 1}, TypeError, "a fraction such as 0.2"),
    "one-hot": (([[1.0, 0.0]], [[1.0, 0.0]]), {"loss": "cross_entropy"}, ShapeError, "one a class"),
    "short loss": (None, {"loss": "bce"}, ValueError, "did you mean 'binary_cross_entropy'"),
    "schedule": (None, {"schedule": 3}, TypeError, "a Schedule expects a curve"),
    "resume": (None, {"resume": True}, TypeError, "pass checkpoint=path"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "options", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_and_the_model_left_alone(
    data: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    before = model.state_dict()
    with pytest.raises(error, match=message):
        fit(model, xor() if data is None else data, **{"epochs": 2, **options})
    assert model.state_dict() == before


def test_an_error_in_the_first_epoch_takes_its_steps_back() -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    optimizer = Adam(model.parameters(), lr=0.1)
    before = model.state_dict(), optimizer.state_dict()
    ragged = [[1.0, 2.0]] * 9 + [[1.0]]
    with pytest.raises(ShapeError) as caught:
        fit(model, (ragged, [0.0] * 10), optimizer=optimizer, batch_size=1, seed=0)
    assert (model.state_dict(), optimizer.state_dict()) == before
    assert caught.value.__notes__[0] == "for the input [1.0]"
    assert caught.value.__notes__[1].startswith("while training, in epoch 1, batch ")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda model: SGD([Value(1.0)]), "moves no parameter of this model"),
        (lambda model: SGD([Value(1.0), *model.parameters()], lr=0.01), None),
    ],
)
def test_an_optimiser_belongs_to_the_model(build: Any, message: str | None) -> None:
    model = line()
    if message is None:
        fit(model, LINE, optimizer=build(model), epochs=1)
        return
    with pytest.raises(ValueError, match=message):
        fit(model, LINE, optimizer=build(model), epochs=1)
    with pytest.raises(TypeError, match=r"set optimizer\.lr"):
        fit(model, LINE, optimizer=SGD(model.parameters()), lr=0.1)
    other = Schedule(SGD(model.parameters()), ExponentialLR(0.5))
    with pytest.raises(ValueError, match="the schedule is another optimiser's"):
        fit(model, LINE, schedule=other)


@pytest.mark.parametrize(
    "options",
    [
        {"early_stopping": EarlyStopping(3, monitor="nope")},
        {"loss": lambda p, t: 1 / 0},
        {"schedule": warm_up(3, StepLR(1)), "epochs": 0},
    ],
)
def test_a_schedule_leaves_no_trace_of_a_training_that_fails(options: dict[str, Any]) -> None:
    model = line()
    optimizer = SGD(model.parameters(), lr=0.1)
    with pytest.raises((ValueError, ZeroDivisionError)):
        fit(model, LINE, optimizer=optimizer, **{"schedule": warm_up(3, StepLR(5)), **options})
    assert optimizer.lr == 0.1


@pytest.mark.parametrize("option", ["checkpoint", "early_stopping", "snapshots"])
def test_what_is_to_be_kept_is_held_by_the_model(option: str, tmp_path: Path) -> None:
    value = {"checkpoint": tmp_path / "c.json", "early_stopping": 3, "snapshots": 1}[option]
    model = line()
    optimizer = SGD([Value(1.0), *model.parameters()])
    with pytest.raises(ValueError, match="make it an attribute of the model"):
        fit(model, LINE, optimizer=optimizer, **{option: value})  # type: ignore[arg-type]


def test_a_schedule_that_ends_too_soon_leaves_the_rate_alone() -> None:
    model = line()
    optimizer = SGD(model.parameters(), lr=0.5)
    with pytest.raises(ValueError, match="does not reach over 60 epochs"):
        fit(model, LINE, optimizer=optimizer, schedule=OneCycleLR(1.0, 50), epochs=60)
    assert optimizer.lr == 0.5


@pytest.mark.parametrize("model", [lambda x: x, None, MLP])
def test_a_model_is_a_module(model: Any) -> None:
    with pytest.raises(TypeError, match="fit expects a Module first"):
        fit(model, LINE)


# --- progress -------------------------------------------------------------------------------------


class Terminal:
    """A stream that is (or is not) a terminal, and remembers what is written."""

    encoding = "utf-8"

    def __init__(self, is_one: bool) -> None:
        self.is_one, self.text = is_one, ""

    def isatty(self) -> bool:
        return self.is_one

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(
    ("terminal", "progress", "shown"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_a_bar_is_shown_in_terminals_alone(
    terminal: bool, progress: bool, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Terminal(terminal)
    monkeypatch.setattr("sys.stderr", stream)
    fit(line(), LINE, epochs=3, batch_size=2, progress=progress)
    assert ("6/6" in stream.text and "loss=" in stream.text) if shown else not stream.text


# --- accuracy -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("predictions", "targets", "expected"),
    [
        ([0.6, 0.4, 0.5], [1, 0, 0], 1.0),
        ([[2.0, 1.0], [0.0, 1.0]], [0, 0], 0.5),
        ([[2.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]], 1.0),
        ([Value(0.9)], [1], 1.0),
        ([0.25, -0.25], [1, -1], 1.0),
        ([[0.7], [0.2]], [1, 0], 1.0),
        ([[0.7], [0.2]], [[0], [1]], 0.0),
    ],
)
def test_accuracy(predictions: Any, targets: Any, expected: float) -> None:
    assert accuracy(predictions, targets) == expected


@pytest.mark.parametrize(
    ("loss", "score", "target", "expected"),
    [
        ("mse", 0.25, 1, 0.0),
        ("binary_cross_entropy", 0.25, 1, 0.0),
        ("binary_cross_entropy_with_logits", 0.25, 1, 1.0),
        ("hinge", 0.25, 1, 1.0),
        ("hinge", -0.25, -1, 1.0),
        (partial(hinge, margin=2.0), 0.25, 1, 1.0),
        (lambda p, t: hinge(p, t), -0.25, -1, 1.0),
    ],
)
def test_accuracy_of_scores_is_that_of_their_signs(
    loss: Any, score: float, target: int, expected: float
) -> None:
    model = Root(lambda x: x * 1, score)
    history = fit(model, ([[0.0]], [target]), loss=loss, metrics="accuracy", epochs=1, lr=1e-9)
    assert history["accuracy"] == [expected]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(1, 13), st.integers(0, 3))
def test_every_sample_is_seen_once_an_epoch(n: int, batch_size: int, seed: int) -> None:
    seen: list[float] = []

    def loss(predictions: Any, targets: Any) -> Any:
        assert len(targets) <= batch_size
        seen.extend(targets)
        return mse(predictions, targets)

    data = ([[float(i)] for i in range(n)], [float(i) for i in range(n)])
    fit(line(), data, loss=loss, epochs=2, batch_size=batch_size, seed=seed, lr=1e-6)
    assert sorted(seen[:n]) == sorted(seen[n:]) == data[1]
