"""Checkpoints: a training gone on with ends with the same bits, and no file can do harm."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_lite import CheckpointError, DivergenceError
from autograd_lite.nn import MLP, Dropout, Layer, Sequential, mse
from autograd_lite.optim import SGD, Adam, ChainedScheduler, RMSprop, Schedule, StepLR
from autograd_lite.train import (
    EarlyStopping,
    History,
    fit,
    load_checkpoint,
    moons,
    save_checkpoint,
    xor,
)

DATA = moons(24, noise=0.1, seed=3)


def build(seed: int = 0) -> Sequential:
    """Build a network that draws random numbers as it trains, one of them from Python's own."""
    first, last = Layer(2, 4, "tanh", seed=seed), Layer(4, 1, None, seed=1)
    return Sequential(first, Dropout(0.2, seed=9), Dropout(0.1), last)


OPTIONS: dict[str, Any] = {
    "optimizer": "adam", "lr": 0.02, "batch_size": 5, "schedule": StepLR(3, gamma=0.5),
    "validation": 0.25, "metrics": "mae", "early_stopping": EarlyStopping(100), "snapshots": 2,
}  # fmt: skip


def without_times(history: History) -> dict[str, Any]:
    state = history.state_dict()
    for row in state["rows"]:
        row.pop("seconds")
    return state


# --- going on -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [5, None])
@pytest.mark.parametrize("stop", [1, 4, 7])
def test_a_resumed_training_ends_with_the_same_bits(
    stop: int, seed: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    options = {**OPTIONS, "seed": seed}
    random.seed(1)
    whole = build()
    expected = fit(whole, DATA, epochs=8, **options)

    random.seed(1)
    fit(build(), DATA, epochs=stop, checkpoint=path, **options)
    random.seed(2)
    resumed = build(seed=77)
    history = fit(resumed, DATA, epochs=8, checkpoint=path, resume=True, **options)

    assert resumed.state_dict() == whole.state_dict()
    assert without_times(history) == without_times(expected)


def test_resuming_what_is_finished_does_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    model = build()
    fit(model, DATA, epochs=3, seed=1, checkpoint=path, **OPTIONS)
    again = build(seed=4)
    history = fit(again, DATA, epochs=3, checkpoint=path, resume=True, **OPTIONS)
    assert len(history) == 3
    assert again.state_dict() == model.state_dict()


def test_resume_begins_where_there_is_no_file_yet(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    assert len(fit(build(), DATA, epochs=2, checkpoint=path, resume=True)) == 2
    assert path.exists()


def test_early_stopping_waits_on_after_a_resumption(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    options: dict[str, Any] = {"optimizer": "sgd", "lr": 0.9, "early_stopping": 4, "seed": 0}
    whole, resumed = MLP(2, [1], seed=1), MLP(2, [1], seed=1)
    expected = fit(whole, DATA, epochs=30, **options)
    assert "no improvement" in expected.stopped
    fit(resumed, DATA, epochs=2, checkpoint=path, **options)
    history = fit(MLP(2, [1]), DATA, epochs=30, checkpoint=path, resume=True, **options)
    assert len(history) == len(expected)
    assert history.stopped == expected.stopped


def test_it_is_written_every_so_many_epochs_and_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    found = []

    def look(history: History) -> None:  # before the epoch is written
        found.append(_epoch(path) if path.exists() else None)

    fit(build(), DATA, epochs=5, checkpoint=path, checkpoint_every=2, callbacks=look)
    assert found == [None, None, 2, 2, 4]
    assert _epoch(path) == 5


def _epoch(path: Path) -> int:
    epoch: int = json.loads(path.read_text())["epoch"]
    return epoch


def _interrupting(batch: int) -> Callable[[Any, Any], Any]:
    calls: list[None] = []

    def loss(predictions: Any, targets: Any) -> Any:
        calls.append(None)
        if len(calls) == batch:
            signal.raise_signal(signal.SIGINT)
        return mse(predictions, targets)

    loss.__qualname__ = "mse"  # as far as the settings tell
    return loss


STOPS: dict[str, tuple[dict[str, Any], int]] = {
    "early stopping": ({"optimizer": "sgd", "lr": 0.9, "early_stopping": 4}, 5),
    "callback": ({"callbacks": lambda history: len(history) == 3}, 3),
    "ctrl-c": ({"loss": _interrupting(7), "batch_size": 12}, 3),  # in the first batch of epoch 4
}


@pytest.mark.parametrize(("options", "epoch"), STOPS.values(), ids=STOPS)
def test_however_training_ends_its_last_epoch_is_written(
    options: dict[str, Any], epoch: int, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    history = fit(build(), DATA, epochs=90, checkpoint=path, checkpoint_every=50, seed=0, **options)
    assert len(history) == _epoch(path) == epoch


def test_a_training_that_diverges_keeps_its_last_good_epoch(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    with pytest.raises(DivergenceError):
        fit(MLP(2, [1]), DATA, optimizer="sgd", lr=1e20, epochs=90, checkpoint=path)
    assert _epoch(path) > 0


def test_broken_off_as_an_epoch_ends_the_one_before_is_whole(tmp_path: Path) -> None:
    class BrokenOff(Schedule):
        def step(self) -> None:
            if self.last_epoch == 2:
                raise KeyboardInterrupt
            super().step()

    path = tmp_path / "run.json"
    model = MLP(2, [1])
    optimizer = SGD(model.parameters())
    options: dict[str, Any] = {"optimizer": optimizer, "checkpoint": path, "checkpoint_every": 50}
    with pytest.raises(KeyboardInterrupt):
        fit(model, DATA, schedule=BrokenOff(optimizer, StepLR(9)), epochs=9, **options)
    history = fit(model, DATA, schedule=StepLR(9), epochs=3, resume=True, **options)
    assert history["epoch"] == [1, 2, 3]


def test_interrupted_in_an_epoch_it_goes_on_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    whole, resumed = build(), build(seed=4)
    options: dict[str, Any] = {"batch_size": 5, "seed": 2, "lr": 0.02, "loss": "mse"}
    random.seed(1)
    fit(whole, DATA, epochs=6, **options)
    random.seed(1)
    stopped = {**options, "loss": _interrupting(12)}
    history = fit(build(), DATA, epochs=6, checkpoint=path, **stopped)
    assert history.stopped == "interrupted in epoch 3, after batch 2 of 5"
    history = fit(resumed, DATA, epochs=6, checkpoint=path, resume=True, **options)
    assert (len(history), history.stopped) == (6, "")
    assert resumed.state_dict() == whole.state_dict()


def test_what_callbacks_change_is_part_of_the_epoch(tmp_path: Path) -> None:
    path = tmp_path / "run.json"

    def trained(*epochs: int) -> dict[str, float]:
        for until in epochs:
            model = MLP(2, [3, 1], "tanh", seed=0)
            optimizer = Adam(model.parameters(), lr=0.5)

            def slower(history: History, optimizer: Adam = optimizer) -> None:
                if len(history) == 5:
                    optimizer.lr = 0.01

            fit(model, DATA, optimizer=optimizer, epochs=until, checkpoint=path,
                resume=until > epochs[0], callbacks=slower, seed=0)  # fmt: skip
        return model.state_dict()

    assert trained(5, 10) == trained(10)


def test_what_a_callback_raises_does_not_undo_the_epoch(tmp_path: Path) -> None:
    path = tmp_path / "run.json"

    def failing(history: History) -> None:
        if len(history) == 3:
            raise RuntimeError("no more")

    model = build()
    with pytest.raises(RuntimeError):
        fit(model, DATA, epochs=9, checkpoint=path, checkpoint_every=50, callbacks=failing)
    assert _epoch(path) == 3
    assert json.loads(path.read_text())["model"] == model.state_dict()


def test_why_it_stopped_is_written(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    for stop in ({"callbacks": lambda h: len(h) == 3}, {"early_stopping": 2, "lr": 0.9}):
        options: dict[str, Any] = {"optimizer": "sgd", "checkpoint_every": 1, **stop}
        history = fit(MLP(2, [1], seed=1), DATA, epochs=30, checkpoint=path, **options)
        assert history.stopped
        assert load_checkpoint(path, MLP(2, [1])).history.stopped == history.stopped


def test_a_rate_set_by_a_callback_beside_a_schedule_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "run.json"

    def rates(epochs: int, *, resume: bool) -> list[float]:
        model = MLP(2, [3, 1], "tanh", seed=0)
        optimizer = SGD(model.parameters(), lr=0.1)

        def set_rate(history: History) -> None:
            optimizer.lr = 0.05 * len(history)

        return fit(model, DATA, optimizer=optimizer, schedule=lambda step, lr: lr, epochs=epochs,
                   callbacks=set_rate, checkpoint=path, resume=resume, seed=0)["lr"]  # fmt: skip

    rates(3, resume=False)
    assert rates(6, resume=True) == rates(6, resume=False)


def test_the_same_optimiser_may_go_on_in_one_process(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    model = MLP(2, [3, 1], "tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    options: dict[str, Any] = {"optimizer": optimizer, "schedule": StepLR(2), "seed": 0}
    fit(model, DATA, epochs=4, checkpoint=path, **options)
    history = fit(model, DATA, epochs=8, checkpoint=path, resume=True, **options)
    assert history["lr"] == pytest.approx([0.1, 0.1, 0.01, 0.01, 1e-3, 1e-3, 1e-4, 1e-4])


def test_a_seed_may_be_large(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    whole, resumed = build(), build(seed=3)
    for model, epochs, resume in ((whole, 4, False), (build(), 2, False), (resumed, 4, True)):
        random.seed(1)
        fit(model, DATA, epochs=epochs, batch_size=5, seed=2**90, checkpoint=path, resume=resume)
    assert resumed.state_dict() == whole.state_dict()


def test_another_layer_frozen_is_another_training(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    first, second = MLP(2, [2, 2, 2, 1], seed=0), MLP(2, [2, 2, 2, 1], seed=0)
    first.layers[1].freeze()
    second.layers[2].freeze()
    fit(first, DATA, epochs=2, checkpoint=path, seed=0)
    with pytest.raises(CheckpointError, match="parameters 15 moved"):
        fit(second, DATA, epochs=4, checkpoint=path, resume=True, seed=0)


def test_a_file_that_is_no_checkpoint_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(CheckpointError, match="is there already, and no checkpoint"):
        fit(build(), DATA, epochs=1, checkpoint=path)
    assert path.read_text() == "a,b\n1,2\n"


def test_without_an_optimiser_the_best_parameters_are_loaded(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    model, loaded, resumed = (MLP(2, [1], seed=seed) for seed in (1, 2, 3))
    options: dict[str, Any] = {"optimizer": "sgd", "lr": 0.9, "early_stopping": 4, "seed": 0}
    fit(model, DATA, epochs=30, checkpoint=path, **options)
    load_checkpoint(path, loaded)
    assert loaded.state_dict() == model.state_dict()
    history = fit(resumed, DATA, epochs=30, checkpoint=path, resume=True, **options)
    assert resumed.state_dict() == model.state_dict()
    assert without_times(history) == without_times(load_checkpoint(path, loaded).history)
    assert "no improvement for 4 epochs" in history.stopped


OTHER: dict[str, tuple[dict[str, Any], str]] = {
    "lr": ({"lr": 0.5}, "optimizer Adam lr=0.02"),
    "optimiser": ({"optimizer": "sgd"}, "optimizer Adam"),
    "batch size": ({"batch_size": 6}, "batch_size 5, this one has 6"),
    "loss": ({"loss": "mae"}, "loss mse, this one has mae"),
    "metrics": ({"metrics": ()}, "metrics"),
    "validation": ({"validation": None}, "data 18 samples"),
    "schedule": ({"schedule": None}, "schedule StepLR"),
    "early stopping": ({"early_stopping": 3}, "early_stopping"),
    "norm": ({"max_norm": 1.0}, "max_norm None, this one has 1.0"),
    "seed": ({"seed": 8}, "seed 5, this one has 8"),
}


@pytest.mark.parametrize(("change", "message"), OTHER.values(), ids=OTHER)
def test_going_on_with_other_options_is_refused(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    options = {**OPTIONS, "seed": 5}
    fit(build(), DATA, epochs=2, checkpoint=path, **options)
    written, model = path.read_bytes(), build(seed=9)
    before = model.state_dict()
    with pytest.raises(CheckpointError, match=message):
        fit(model, DATA, epochs=4, checkpoint=path, resume=True, **{**options, **change})
    assert model.state_dict() == before
    assert path.read_bytes() == written


def test_going_on_with_other_data_or_another_activation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    fit(MLP(2, [3, 1], "tanh"), DATA, epochs=2, checkpoint=path, seed=1)
    other = moons(24, noise=0.2, seed=3)
    with pytest.raises(CheckpointError, match=r"data 24 samples, digest .*, this one has 24"):
        fit(MLP(2, [3, 1], "tanh"), other, epochs=4, checkpoint=path, resume=True)
    with pytest.raises(CheckpointError, match=r"model MLP\(Layer\(2, 3, tanh"):
        fit(MLP(2, [3, 1], "relu"), DATA, epochs=4, checkpoint=path, resume=True)


@pytest.mark.parametrize("kind", ["lambda", "Schedule", "combined", "partial", "numpy"])
def test_what_is_the_same_in_other_words_goes_on(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"

    def trained(epochs: int, *, resume: bool) -> dict[str, float]:
        model = MLP(2, [3, 1], "tanh", seed=0)
        optimizer = Adam(model.parameters(), lr=0.1)
        kinds: dict[str, dict[str, Any]] = {
            "lambda": {"schedule": lambda step, lr: lr / (1 + step)},
            "Schedule": {"schedule": Schedule(optimizer, StepLR(2)), "optimizer": optimizer},
            "combined": {"schedule": ChainedScheduler([StepLR(2), lambda step, lr: lr / 2])},
            "partial": {"loss": partial(mse, reduction="sum"), "optimizer": partial(Adam, lr=0.1)},
            "numpy": {"batch_size": np.int64(6), "max_norm": np.float64(2.0), "seed": np.int64(0)},
        }
        options = {"seed": 0, **kinds[kind]}
        data = (np.array(DATA.inputs), np.array(DATA.targets)) if kind == "numpy" else DATA
        fit(model, data, epochs=epochs, checkpoint=path, resume=resume, **options)
        return model.state_dict()

    trained(2, resume=False)
    assert trained(5, resume=True) == trained(5, resume=False)


def test_a_schedule_is_told_by_its_curve(tmp_path: Path) -> None:
    def trained(step_size: int, *, resume: bool) -> None:
        model = MLP(2, [1], seed=0)
        optimizer = SGD(model.parameters())
        schedule = Schedule(optimizer, StepLR(step_size))
        fit(model, DATA, optimizer=optimizer, schedule=schedule, epochs=4 if resume else 2,
            checkpoint=tmp_path / "run.json", seed=0, resume=resume)  # fmt: skip

    trained(2, resume=False)
    with pytest.raises(CheckpointError, match=r"schedule StepLR\(step_size=2"):
        trained(3, resume=True)


def test_random_sources_in_lists_go_on_too(tmp_path: Path) -> None:
    class Noisy(Sequential):
        def __init__(self) -> None:
            super().__init__(Layer(2, 1, None, seed=0))
            self.sources = [random.Random(1), random.Random(2)]

        def __call__(self, x: Any) -> Any:
            return super().__call__(x) + sum(source.gauss(0, 1) for source in self.sources)

    path = tmp_path / "run.json"
    whole, resumed = Noisy(), Noisy()
    fit(whole, DATA, epochs=4, seed=0)
    fit(Noisy(), DATA, epochs=2, seed=0, checkpoint=path)
    fit(resumed, DATA, epochs=4, seed=0, checkpoint=path, resume=True)
    assert resumed.state_dict() == whole.state_dict()


def test_a_place_that_cannot_be_written_is_seen_before_training(tmp_path: Path) -> None:
    model = build()
    before = model.state_dict()
    with pytest.raises(FileNotFoundError, match="its folder is not there"):
        fit(model, DATA, checkpoint=tmp_path / "no" / "run.json")
    with pytest.raises(IsADirectoryError):
        fit(model, DATA, checkpoint=tmp_path)
    assert model.state_dict() == before


def test_notes_are_saved_along(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    fit(build(), DATA, epochs=1, checkpoint=path, extra={"sizes": [2, 4, 1]})
    assert load_checkpoint(path, build()).extra == {"sizes": [2, 4, 1]}


def test_notes_may_be_infinite_and_hold_any_text(tmp_path: Path) -> None:
    notes = {"fit": math.inf, "name": "\ud800 é"}
    path = save_checkpoint(tmp_path / "c.json", build(), extra=notes)
    assert load_checkpoint(path, build()).extra == {"fit": "inf", "name": "\ud800 é"}


def test_save_and_load_by_hand(tmp_path: Path) -> None:
    model, rng = build(), random.Random(3)
    optimizer = Adam(model.parameters(), lr=0.25)
    schedule = Schedule(optimizer, StepLR(1, gamma=0.5))
    schedule.step()
    history = History([{"epoch": 1, "loss": math.inf}])
    path = save_checkpoint(
        tmp_path / "c.json", model, optimizer, schedule, epoch=1, rng=rng, history=history
    )
    expected = [random.random(), rng.random()]

    other, source = build(seed=8), random.Random(4)
    its = Adam(other.parameters(), lr=1.0)
    found = load_checkpoint(path, other, its, Schedule(its, StepLR(1, gamma=0.5)), rng=source)
    assert other.state_dict() == model.state_dict()
    assert its.state_dict() == optimizer.state_dict()
    assert its.lr == 0.125
    assert (found.epoch, found.history) == (1, history)
    assert [random.random(), source.random()] == expected


def test_a_loop_that_diverged_is_saved_and_loaded(tmp_path: Path) -> None:
    models = MLP(1, [1]), MLP(1, [1])
    first, second = (Adam(model.parameters()) for model in models)
    first.parameters[0].grad = math.nan
    first.step()
    path = save_checkpoint(tmp_path / "c.json", models[0], first)
    load_checkpoint(path, models[1], second)
    assert repr(second.state_dict()) == repr(first.state_dict())


def test_a_training_without_a_best_epoch_yet_goes_on(tmp_path: Path) -> None:
    options: dict[str, Any] = {"metrics": {"lost": lambda *_: math.nan}, "seed": 0}
    stopping = EarlyStopping(9, monitor="lost")
    for epochs in (2, 4):
        history = fit(MLP(2, [1]), DATA, checkpoint=tmp_path / "run.json", epochs=epochs,
                      early_stopping=stopping, resume=epochs == 4, **options)  # fmt: skip
    assert len(history) == 4


def test_a_model_alone_leaves_random_sources_alone(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.json", build())
    state = random.getstate()
    random.random()
    load_checkpoint(path, build())
    assert random.getstate() != state


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, -0.0, 5e-324, 0.1, 1e308])
def test_every_float_comes_back(number: float, tmp_path: Path) -> None:
    model = MLP(1, [1])
    model.parameters()[0].data = number
    path = save_checkpoint(tmp_path / "c.json", model)
    other = MLP(1, [1])
    load_checkpoint(path, other)
    assert repr(other.parameters()[0].data) == repr(number)
    assert "NaN" not in path.read_text()
    assert "Infinity" not in path.read_text()


# --- of earlier releases --------------------------------------------------------------------------

WRITTEN = Path(__file__).with_name("checkpoints")  # by release 0.1.0


def test_a_training_of_an_earlier_release_goes_on(tmp_path: Path) -> None:
    path = Path(shutil.copy(WRITTEN / "fit.json", tmp_path))
    model = Sequential(Layer(2, 4, "tanh"), Dropout(0.2, seed=0), Layer(4, 1, None))
    history = fit(
        model, xor(), epochs=8, lr=0.02, batch_size=3, schedule=StepLR(3, gamma=0.5), metrics="mae",
        validation=xor(), early_stopping=EarlyStopping(100), snapshots=2, checkpoint=path,
        resume=True,
    )  # fmt: skip
    assert history["epoch"] == [*range(1, 9)]
    later = json.loads((WRITTEN / "fit.json").read_text())["extra"]["after 8 epochs"]
    assert model.state_dict() == pytest.approx(later, rel=1e-9)


def test_a_loop_of_an_earlier_release_goes_on() -> None:
    model, rng = MLP(2, [2, 1], "tanh"), random.Random(0)
    first, last = (layer.parameters() for layer in model.layers)
    groups: list[dict[str, Any]] = [
        {"params": first, "momentum": 0.5},
        {"params": last, "centered": True},
    ]
    optimizer = RMSprop(groups)
    schedule = Schedule(optimizer, StepLR(4))
    found = load_checkpoint(WRITTEN / "loop.json", model, optimizer, schedule, rng=rng)
    assert (found.epoch, rng.random()) == (5, random.Random(7).random())
    for _ in range(4):
        optimizer.zero_grad()
        mse([model(x) for x in xor().inputs], xor().targets).backward()
        optimizer.step()
        schedule.step()
    assert model.state_dict() == pytest.approx(found.extra["after 9 steps"], rel=1e-9)


# --- kills ----------------------------------------------------------------------------------------

TRAINING = """
import os, random, sys
from autograd_lite.nn import mse
from tests.train.test_checkpoints import DATA, OPTIONS, build
from autograd_lite.train import fit

def loss(predictions, targets):
    os.write(1, b".")  # tells how far it is
    return mse(predictions, targets)

random.seed(1)
model = build()
fit(model, DATA, epochs=150, seed=5, loss=loss, checkpoint=sys.argv[1], resume=True, **OPTIONS)
os.write(1, repr(model.state_dict()).encode())
"""


def _train(path: Path, kill_after: int | None) -> str:
    """Run the training; kill it after so many batches, or return what it ends with."""
    command = [sys.executable, "-c", TRAINING, str(path)]
    top = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=top) as process:
        assert process.stdout is not None
        if kill_after is None:
            return process.stdout.read().decode().lstrip(".")
        process.stdout.read(kill_after)  # it runs on meanwhile: where it is killed is random
        process.kill()
    return ""


@pytest.mark.slow
def test_killed_fifty_times_it_ends_with_the_same_bits(tmp_path: Path) -> None:
    path, drawn = tmp_path / "run.json", random.Random(0)
    expected = _train(tmp_path / "whole.json", kill_after=None)
    epochs = []
    for _ in range(50):
        _train(path, kill_after=drawn.randint(1, 25))
        if path.exists():
            epochs.append(load_checkpoint(path, build()).epoch)
    assert epochs == sorted(epochs)
    assert len(set(epochs)) > 5
    assert epochs[-1] < 150
    assert _train(path, kill_after=None) == expected


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step_of_saving_a_whole_checkpoint_is_left(
    call: str, when: str, tmp_path: Path
) -> None:
    path = tmp_path / "c.json"
    save_checkpoint(path, MLP(1, [1], init="ones"), epoch=1)
    process = os.fork()
    if process == 0:
        _killing(call, when)
        save_checkpoint(path, MLP(1, [1], init="zeros"), epoch=2)
        os._exit(0)
    assert os.waitpid(process, 0)[1] == 9
    moved = (call, when) == ("replace", "after")
    assert load_checkpoint(path, MLP(1, [1])).epoch == (2 if moved else 1)


def _killing(call: str, when: str) -> None:
    """Have this process kill itself before or after a call to the operating system."""
    owner: Any = Path if call == "replace" else os
    original: Callable[..., Any] = getattr(owner, call)

    def killer(*arguments: Any) -> None:
        if when == "after":
            original(*arguments)
        os.kill(os.getpid(), 9)

    setattr(owner, call, killer)
