"""History: what is recorded of one training."""

from __future__ import annotations

import csv
import itertools
import json
import math
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.train import History

ROWS = [{"epoch": i, "loss": 1 / i, "val_loss": float(abs(i - 3))} for i in range(1, 6)]
LONG = [{"epoch": i, "loss": 1 / i} for i in range(1, 101)]


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


def test_one_row_too_many_is_left_out() -> None:
    assert len(History(LONG[:20]).table().splitlines()) == 1 + 20
    assert len(History(LONG[:21]).table().splitlines()) == 1 + 20


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
