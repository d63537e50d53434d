"""History and sweep: what is recorded of one training and of many."""

from __future__ import annotations

import csv
import itertools
import json
import math
import signal
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.nn import MLP, mse
from autograd_lite.optim import SGD
from autograd_lite.train import History, Sweep, fit, sweep, xor

ROWS = [{"epoch": i, "loss": 1 / i, "val_loss": float(abs(i - 3))} for i in range(1, 6)]
LONG = [{"epoch": i, "loss": 1 / i} for i in range(1, 101)]


# --- one training ---------------------------------------------------------------------------------


def test_columns() -> None:
    history = History(ROWS)
    assert history.columns == ["epoch", "loss", "val_loss"]
    assert history["loss"] == [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]
    assert len(history) == 5


@pytest.mark.parametrize(
    ("column", "message"),
    [("los", "did you mean 'loss'"), ("accuracy", "there are epoch, loss, val_loss")],
)
def test_a_column_that_is_not_there(column: str, message: str) -> None:
    with pytest.raises(KeyError, match=message):
        History(ROWS)[column]


@pytest.mark.parametrize(
    ("options", "epoch"),
    [({}, 5), ({"column": "val_loss"}, 3), ({"column": "val_loss", "largest": True}, 1)],
)
def test_the_best_epoch(options: dict[str, Any], epoch: int) -> None:
    assert History(ROWS).best(**options)["epoch"] == epoch


def test_nan_is_never_best() -> None:
    rows = [{"epoch": 1, "loss": math.nan}, {"epoch": 2, "loss": 5.0}]
    assert History(rows).best()["epoch"] == 2
    with pytest.raises(ValueError, match="every loss is nan"):
        History(rows[:1]).best()


@pytest.mark.parametrize(
    ("history", "text"),
    [
        (History(), "no epoch ended"),
        (History(stopped="interrupted"), "no epoch ended: interrupted"),
        (History(ROWS[:1]), "epoch  loss  val_loss\n    1     1         2"),
    ],
)
def test_printed(history: History, text: str) -> None:
    assert str(history) == text


def test_a_long_history_is_printed_in_part() -> None:
    lines = str(History(LONG)).splitlines()
    epochs = [int(line.split()[0]) for line in lines[1:]]
    assert (epochs[0], epochs[-1], len(epochs)) == (1, 100, 20)
    assert max(b - a for a, b in itertools.pairwise(epochs)) <= 6


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    text = History(ROWS).to_csv(path)
    assert path.read_text() == text
    with path.open(newline="") as file:
        read = [{name: float(x) for name, x in row.items()} for row in csv.DictReader(file)]
    assert read == ROWS


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    whole = History([*ROWS[:1], {**ROWS[1], "loss": math.inf}], [(0, {"bias": 0.1})], "diverged")
    text = whole.to_json(path)
    assert path.read_text() == text
    state = json.loads(text, parse_constant=pytest.fail)
    assert state["rows"][1]["loss"] == "inf"
    assert state["snapshots"] == [[0, {"bias": 0.1}]]
    assert state["stopped"] == "diverged"


def test_plotted() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    axes = History(ROWS).plot()
    assert sorted(line.get_label() for line in axes.get_lines()) == ["loss", "val_loss"]
    assert list(axes.get_lines()[0].get_xdata()) == [1, 2, 3, 4, 5]
    assert History(ROWS).plot("loss", ax=axes) is axes
    pyplot.close("all")


# --- many -----------------------------------------------------------------------------------------


def build(seed: int = 0, hidden: int = 3) -> MLP:
    return MLP(2, [hidden, 1], "tanh", seed=seed)


GRID = {"lr": [0.05, 0.2], "seed": [0, 1]}
OPTIONS: dict[str, Any] = {"optimizer": "sgd", "epochs": 4}


def _losses(found: Sweep) -> list[list[float]]:
    return [trained.history["loss"] for trained in found]


def test_every_combination_is_trained_in_order() -> None:
    found = sweep(build, GRID, xor(), **OPTIONS)
    assert [trained.point for trained in found] == [
        {"lr": 0.05, "seed": 0}, {"lr": 0.05, "seed": 1},
        {"lr": 0.2, "seed": 0}, {"lr": 0.2, "seed": 1},
    ]  # fmt: skip
    for trained in found:
        history = fit(
            alone := build(trained.point["seed"]), xor(), lr=trained.point["lr"], **OPTIONS
        )
        assert trained.history["loss"] == history["loss"]
        assert trained.model.state_dict() == alone.state_dict()


def test_a_grid_may_be_a_list_of_points() -> None:
    points = [{"hidden": 2, "lr": 0.1}, {"hidden": 4, "lr": 0.2}]
    found = sweep(build, points, xor(), **OPTIONS)
    assert [trained.point for trained in found] == points
    assert [len(trained.model.parameters()) for trained in found] == [9, 17]


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_gives_the_same(executor: Callable[..., Executor]) -> None:
    with executor(max_workers=2) as pool:
        found = sweep(build, GRID, xor(), executor=pool, **OPTIONS)
    assert _losses(found) == _losses(sweep(build, GRID, xor(), **OPTIONS))


def test_what_diverges_is_kept() -> None:
    found = sweep(build, {"lr": [0.1, 1e300]}, xor(), **OPTIONS)
    assert found[1].history.stopped.startswith("diverged in epoch")
    assert found.best().point == {"lr": 0.1}
    with pytest.raises(ValueError, match="smaller learning rates"):
        sweep(build, {"lr": [1e300]}, xor(), **OPTIONS).best()


def test_the_table() -> None:
    found = sweep(build, {"lr": [0.05, 1e300], "hidden": [2]}, xor(), metrics="accuracy", **OPTIONS)
    head, first, second = str(found).splitlines()
    assert head.split() == ["lr", "hidden", "epochs", "loss", "accuracy", "seconds"]
    assert first.split()[:3] == ["0.05", "2", "4"]
    assert "diverged in epoch" in second
    assert repr(found) == "<sweep of 2 trainings>"


def test_the_curves() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    axes = sweep(build, {"lr": [0.05, 0.2]}, xor(), **OPTIONS).plot()
    assert [line.get_label() for line in axes.get_lines()][:2] == ["lr = 0.05", "lr = 0.2"]
    pyplot.close("all")


def test_ctrl_c_returns_what_there_is() -> None:
    calls: list[None] = []

    def loss(predictions: Any, targets: Any) -> Any:
        calls.append(None)
        if len(calls) == 6:
            signal.raise_signal(signal.SIGINT)
        return mse(predictions, targets)

    found = sweep(build, GRID, xor(), loss=loss, **OPTIONS)
    assert [len(trained.history) for trained in found] == [4, 2]
    assert found[1].history.stopped == "interrupted, after epoch 2"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("grid", "options", "error", "message"),
    [
        ({}, {}, ValueError, "sweep expects a grid"),
        ([], {}, ValueError, "sweep expects a grid"),
        ({"lr": []}, {}, ValueError, "sweep expects a grid"),
        ({"lr": 0.1}, {}, TypeError, "a list of values for lr"),
        ({"optimizer": "adam"}, {}, TypeError, "a list of values for optimizer"),
        ({"lrr": [0.1]}, {}, TypeError, "did you mean 'lr'"),
        ({"hiden": [1]}, {}, TypeError, "did you mean 'hidden'"),
        ({"lr": [0.1]}, {"epoch": 3}, TypeError, "did you mean 'epochs'"),
        ({"lr": [0.1]}, {"optimizer": SGD(build().parameters())}, TypeError, "for one model"),
        ({"lr": [-1.0]}, {}, ValueError, "learning rate"),
    ],
)
@pytest.mark.parametrize("pooled", [False, True])
def test_refused(
    grid: Any, options: dict[str, Any], error: type[Exception], message: str, pooled: bool
) -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(error, match=message):
        sweep(build, grid, xor(), executor=pool if pooled else None, **options)
