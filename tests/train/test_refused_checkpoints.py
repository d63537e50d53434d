"""Checkpoints that do not fit, are damaged or hostile: what is said, and that nothing changes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import CheckpointError, Value
from autograd_lite.nn import MLP, Dropout, Layer, Sequential
from autograd_lite.optim import SGD, Adam, Schedule, StepLR
from autograd_lite.train import (
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


def _saved(path: Path) -> dict[str, Any]:
    model = build()
    optimizer = Adam(model.parameters())
    schedule = Schedule(optimizer, StepLR(3))
    save_checkpoint(path, model, optimizer, schedule, epoch=1, rng=random.Random(1))
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def _refused(path: Path, message: str, **given: Any) -> None:
    """Check that nothing is changed by a checkpoint, and that the message is one clear line."""
    model = given.get("model") or build(seed=5)
    optimizer = Adam(model.parameters(), lr=0.5)
    schedule, rng = Schedule(optimizer, StepLR(2)), random.Random(2)
    before = [model.state_dict(), optimizer.state_dict(), schedule.state_dict(), rng.getstate()]
    source = random.getstate()
    with pytest.raises(CheckpointError, match=message) as caught:
        load_checkpoint(path, model, optimizer, schedule, rng=rng)
    after = [model.state_dict(), optimizer.state_dict(), schedule.state_dict(), rng.getstate()]
    assert after == before
    assert random.getstate() == source
    assert path.name in str(caught.value)
    assert len(str(caught.value)) < 500


HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "text": b"hello",
    "bytes": b"\x80\x04\x95",
    "utf-16": "[]".encode("utf-16"),
    "another JSON": b"[1, 2]",
    "another dict": b'{"format": "none"}',
    "future": b'{"format": "autograd_lite checkpoint", "version": 2}',
    "nothing in it": b'{"format": "autograd_lite checkpoint", "version": 1}',
    "deep": b"[" * 100_000,
    "deep and closed": b"[" * 900 + b"]" * 900,
    "long number": b"1" * 1_000_000,
    "large number": b'{"a": 1e999}',
    "nan": b'{"a": NaN}',
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_is_no_checkpoint(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(content)
    _refused(path, "damaged|no checkpoint|version")


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_file(part: float, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    _saved(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    _refused(path, "is damaged, or no checkpoint")


DEEP: Any = 1.0
for _ in range(400):
    DEEP = [DEEP]

GONE = object()
CHANGED: dict[str, tuple[list[Any], Any]] = {
    "version": (["version"], GONE),
    "version of another release": (["version"], 2),
    "version flag": (["version"], True),
    "version of a fraction": (["version"], 1.0),
    "epoch": (["epoch"], -1),
    "epoch flag": (["epoch"], True),
    "epoch text": (["epoch"], "3"),
    "model list": (["model"], []),
    "parameter text": (["model", "steps.0.neurons.0.bias"], "0.5"),
    "parameter list": (["model", "steps.0.neurons.0.bias"], [0.5]),
    "parameter null": (["model", "steps.0.neurons.0.bias"], None),
    "parameter flag": (["model", "steps.0.neurons.0.bias"], True),
    "parameter deep": (["model", "steps.0.neurons.0.bias"], DEEP),
    "parameter unknown": (["model", "steps.0.neurons.9.bias"], 0.5),
    "optimiser null": (["optimizer"], None),
    "optimiser other": (["optimizer", "optimizer"], "SGD"),
    "optimiser option": (["optimizer", "param_groups", 0, "lr"], -1.0),
    "optimiser betas": (["optimizer", "param_groups", 0, "betas"], [0.9, 2.0]),
    "optimiser state": (["optimizer", "state", 3], [0.0]),
    "optimiser state text": (["optimizer", "state", 3], [0.0, "x", 1]),
    "optimiser steps": (["optimizer", "state", 3], [0.0, 0.0, -1]),
    "optimiser flag": (["optimizer", "state", 3], [0.0, 0.0, True]),
    "optimiser half a step": (["optimizer", "state", 3], [0.0, 0.0, 1.5]),
    "optimiser second moment": (["optimizer", "state", 16], [0.0, -1e-9, 1]),
    "optimiser mean": (["optimizer", "state", 0], ["nan", 0.0, 1]),
    "optimiser square": (["optimizer", "state", 16], [0.0, "nan", 1]),
    "optimiser states": (["optimizer", "state"], []),
    "schedule": (["schedule", "last_epoch"], -3),
    "schedule rates": (["schedule", "base_lrs"], [0.1, 0.1]),
    "schedule text": (["schedule"], "x"),
    "random missing": (["random"], {}),
    "random text": (["random", "python"], "x"),
    "random version": (["random", "python", 0], 7),
    "random short": (["random", "python", 1], [1, 2, 3]),
    "random bits": (["random", "order", 1, 5], 2**32),
    "random whole": (["random", "order", 1, 5], True),
    "random gauss nan": (["random", "order", 2], "nan"),
    "random negative": (["random", "order", 1, 5], -4),
    "random place": (["random", "order", 1, 624], 700),
    "random gauss": (["random", "order", 2], "x"),
    "random gauss flag": (["random", "order", 2], True),
    "random gauss none": (["random", "order", 2], ""),
    "history rows": (["history", "rows"], 3),
    "history row": (["history", "rows"], [{"epoch": "1"}]),
    "history ragged": (["history", "rows"], [{"epoch": 1}, {"loss": 1.0}]),
    "history columns": (["history", "rows"], [{"epoch": 1}, {"epoch": 2, "loss": 1.0}]),
    "history flag": (["history", "rows"], [{"epoch": 1, "loss": True}]),
    "history number": (["history", "rows"], [7]),
    "history epoch": (["history", "rows"], [{"epoch": -1}]),
    "history epoch fraction": (["history", "rows"], [{"epoch": 1.0}]),
    "history snapshot": (["history", "snapshots"], [[1]]),
    "history snapshot epoch": (["history", "snapshots"], [[-1, {}]]),
    "history stopped": (["history", "stopped"], 4),
}


@pytest.mark.parametrize(("place", "value"), CHANGED.values(), ids=CHANGED)
def test_a_part_of_the_wrong_kind(place: list[Any], value: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    content: Any = _saved(path)
    held = content
    for key in place[:-1]:
        held = held[key]
    held[place[-1]] = value
    if value is GONE:
        del held[place[-1]]
    path.write_text(json.dumps(content))
    _refused(path, "does not fit|is damaged|saved without one|is of version")


@pytest.mark.parametrize(
    "model",
    [
        MLP(2, [4, 1]),
        Sequential(Layer(2, 5, "tanh"), Dropout(0.2, seed=9), Dropout(0.1), Layer(5, 1)),
        Sequential(Layer(2, 4, "tanh"), Dropout(0.2), Dropout(0.1), Layer(4, 1)),
        Sequential(Layer(2, 4, "tanh"), Dropout(0.2, seed=1), Dropout(0.1, seed=2), Layer(4, 1)),
    ],
    ids=["kind", "size", "fewer random sources", "more random sources"],
)
def test_a_checkpoint_of_another_architecture(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    _saved(path)
    _refused(path, "it is the checkpoint of a Sequential with 17 parameters", model=model)


def test_a_curve_that_fails_changes_nothing_either(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    content = _saved(path)
    content["schedule"]["last_epoch"] = 9
    path.write_text(json.dumps(content))
    model = build(seed=5)
    before, optimizer = model.state_dict(), Adam(model.parameters(), lr=0.5)
    schedule = Schedule(optimizer, lambda step, lr: [lr, lr / 2][step])
    with pytest.raises(CheckpointError, match="schedule: list index out of range"):
        load_checkpoint(path, model, optimizer, schedule)
    assert (model.state_dict(), optimizer.lr) == (before, 0.5)


IMPOSSIBLE: dict[str, tuple[list[Any], Any, str]] = {
    "best of another model": (["best"], {"foo": 1.0}, "best: "),
    "best of none": (["best"], {}, "best: "),
    "best text": (["best", "layers.0.neurons.0.bias"], "x", "best: "),
    "best number": (["best"], 3, "'best' is 3"),
    "best list": (["best"], [1.0], "'best' is"),
    "best flag": (["best"], True, "'best' is True"),
    "no best": (["best"], None, "it has no best parameters"),
    "more epochs": (["epoch"], 3, "not that of epochs 1 to 3"),
    "fewer epochs": (["epoch"], 1, "not that of epochs 1 to 1"),
    "no rows": (["history", "rows"], [], "not that of epochs 1 to 2"),
    "one epoch twice": (["history", "rows", 1, "epoch"], 1, "not that of epochs 1 to 2"),
    "other columns": (["history", "rows"], [{"epoch": 1}] * 2, "its history has the columns epoch"),
    "snapshot of another model": (["history", "snapshots", 0, 1], {"x": 1.0}, "named 'x'"),
}


@pytest.mark.parametrize(("place", "value", "message"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_no_training_can_have_left_is_seen_before_going_on(
    place: list[Any], value: Any, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    options: dict[str, Any] = {"checkpoint": path, "early_stopping": 4, "snapshots": 1}
    fit(MLP(2, [1]), DATA, epochs=2, seed=0, **options)
    content: Any = json.loads(path.read_text())
    held = content
    for key in place[:-1]:
        held = held[key]
    held[place[-1]] = value
    path.write_text(json.dumps(content))
    model, source = MLP(2, [1], seed=6), random.getstate()
    before = model.state_dict()
    with pytest.raises(CheckpointError, match=message):
        fit(model, DATA, epochs=9, resume=True, **options)
    assert model.state_dict() == before
    assert random.getstate() == source


def test_a_model_is_used_whatever_else_is_kept_of_it(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    model, loaded = MLP(2, [1]), MLP(2, [1], seed=6)
    fit(model, DATA, epochs=2, snapshots=1, checkpoint=path)
    content = json.loads(path.read_text())
    content["history"]["snapshots"][0][1] = {"x": 1.0}  # as of a network that has grown since
    path.write_text(json.dumps(content))
    load_checkpoint(path, loaded)
    assert loaded.state_dict() == model.state_dict()


@pytest.mark.parametrize("epoch", [2.0, True, -1])
def test_what_is_saved_can_be_read(epoch: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="epoch is a whole number"):
        save_checkpoint(tmp_path / "c.json", MLP(1, [1]), epoch=epoch)
    with pytest.raises(ValueError, match="make it an attribute of the model"):
        save_checkpoint(tmp_path / "c.json", MLP(1, [1]), SGD([Value(1.0)]))
    assert not list(tmp_path.iterdir())


def test_resuming_what_fit_did_not_write(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.json", MLP(2, [1]))
    with pytest.raises(CheckpointError, match="was not written by fit"):
        fit(MLP(2, [1]), xor(), checkpoint=path, resume=True)


def test_a_failed_save_leaves_what_was_there(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "c.json", MLP(1, [1]), epoch=1)
    with pytest.raises(TypeError):
        save_checkpoint(path, MLP(1, [1]), extra={"a": object()})
    with pytest.raises(OSError, match="folder"):
        save_checkpoint(tmp_path, MLP(1, [1]))
    assert [file.name for file in tmp_path.iterdir()] == ["c.json"]
    assert load_checkpoint(path, MLP(1, [1])).epoch == 1
