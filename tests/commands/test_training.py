"""The commands train, predict and sweep, as typed."""

from __future__ import annotations

import csv
import json
import random
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.commands import main
from autograd_lite.commands.data_options import SMALL
from autograd_lite.commands.network import Network
from autograd_lite.nn import MLP, Sequential
from autograd_lite.train import Dataset, Standardizer, fit, load_csv, save_checkpoint, split

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def pets(tmp_path: Path) -> str:
    """Write rows of two kinds that are easy to tell apart, and a number that follows from them."""
    rng = random.Random(0)
    lines = ["weight,legs,kind,age"]
    for i in range(60):
        kind, weight, legs = ("dog", 20.0, 4) if i % 3 else ("bird", 1.0, 2)
        weight += rng.gauss(0, 0.1)
        lines.append(f"{weight!r},{legs},{kind},{1000 + 3 * weight!r}")
    (tmp_path / "pets.csv").write_text("\n".join(lines))
    return "pets.csv"


CLASSES = ["--target", "kind", "--features", "weight,legs"]
NUMBERS = ["--target", "age", "--features", "weight"]


# --- train and predict ----------------------------------------------------------------------------


def test_a_class_is_learnt_saved_and_predicted(pets: str, capsys: Capture) -> None:
    assert main(["train", pets, *CLASSES, "--epochs", "30", "--save", "model.json"]) == 0
    printed = capsys.readouterr()
    assert "Dataset(60 samples of weight, legs; kind is bird or dog)" in printed.out
    assert "an MLP of 2-8-2 (tanh), 42 parameters" in printed.out
    assert "100.0% of the rows held out are classified correctly" in printed.out
    assert "the model: model.json" in printed.out
    assert printed.err == ""

    Path("new.csv").write_text("name,legs,weight\nRex,4,21\nTweety,2,0.9\n")
    assert main(["predict", "model.json", "new.csv"]) == 0
    header, *rows = csv.reader(capsys.readouterr().out.splitlines())
    assert header == ["kind", "probability"]
    assert [kind for kind, _ in rows] == ["dog", "bird"]
    assert all(0.9 < float(share) <= 1 for _, share in rows)


def test_a_number_is_learnt_saved_and_predicted(pets: str, capsys: Capture) -> None:
    assert main(["train", pets, *NUMBERS, "--epochs", "60", "--save", "m.json"]) == 0
    line = next(x for x in capsys.readouterr().out.splitlines() if "off by" in x)
    found = re.fullmatch(
        r"in the rows held out age is off by (.*) on average; (.*)% of its variance is explained",
        line,
    )
    assert found is not None
    assert float(found[1]) < 5
    assert float(found[2]) > 95

    Path("new.csv").write_text("weight\n20\n1\n")
    assert main(["predict", "m.json", "new.csv", "-o", "out.csv"]) == 0
    assert capsys.readouterr().out == "out.csv\n"
    header, first, second = Path("out.csv").read_text().split()
    assert header == "age"
    assert float(first) == pytest.approx(1060, abs=10)
    assert float(second) == pytest.approx(1003, abs=10)


def test_it_is_what_python_does_in_ten_lines(pets: str, capsys: Capture) -> None:
    main(["train", pets, *CLASSES, "--epochs", "5", "--hidden", "3,2", "--save", "m.json",
          "--history", "history.csv"])  # fmt: skip
    capsys.readouterr()

    data = load_csv(pets, "kind", features=["weight", "legs"])
    train, test = split(data, 0.2, seed=0, stratify=True)
    model = Sequential(Standardizer.of(train.inputs), MLP(2, [3, 2, 2], "tanh", seed=0))
    history = fit(model, train, loss="cross_entropy", lr=0.01, epochs=5, batch_size=32,
                  seed=0, validation=test, metrics="accuracy")  # fmt: skip
    saved = json.loads(Path("m.json").read_text())
    assert saved["model"] == model.state_dict()
    with Path("history.csv").open(newline="") as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    assert losses == history["loss"]


def test_resumed_it_ends_the_same(pets: str, capsys: Capture) -> None:
    whole = ["train", pets, *CLASSES, "--epochs", "6", "--save"]
    main([*whole, "whole.json"])
    main(["train", pets, *CLASSES, "--epochs", "2", "--save", "part.json"])
    main([*whole, "part.json", "--resume"])
    first, second = (json.loads(Path(f).read_text()) for f in ("whole.json", "part.json"))
    assert first["model"] == second["model"]
    assert second["epoch"] == 6


def test_resume_says_from_where(pets: str, capsys: Capture) -> None:
    command = ["train", pets, *CLASSES, "--save", "m.json", "--resume", "--epochs"]
    main([*command, "2"])
    assert "m.json is not there yet: training begins" in capsys.readouterr().out
    main([*command, "4"])
    assert "going on from epoch 2 of m.json" in capsys.readouterr().out


def test_few_rows_are_all_trained_on(capsys: Capture) -> None:
    main(["train", "xor", "--epochs", "300"])
    out = capsys.readouterr().out
    assert "fewer than 20 rows: none are held out to test on" in out
    assert float(out.split()[-5]) < 1e-3  # the loss of the last epoch


def test_numbers_that_may_be_classes_are_pointed_out(capsys: Capture) -> None:
    rows = "".join(f"{i % 7},{1 + i % 3}\n" for i in range(30))
    Path("grades.csv").write_text("x,grade\n" + rows)
    main(["train", "grades.csv", "--target", "grade", "--epochs", "1"])
    assert "it is one of 1, 2, 3 in every row; with --classes" in capsys.readouterr().out
    main(["train", "grades.csv", "--target", "grade", "--epochs", "1", "--classes"])
    out = capsys.readouterr().out
    assert "with --classes" not in out
    assert "grade is 1, 2 or 3" in out


def test_the_history_of_a_training_that_diverges_is_shown(capsys: Capture) -> None:
    command = ["train", "xor", "--optimizer", "sgd", "--lr", "3", "--epochs", "500"]
    assert main(command) == 2
    assert "diverged in epoch" in capsys.readouterr().out


def test_the_history_is_csv_or_json(capsys: Capture) -> None:
    main(["train", "xor", "--epochs", "3", "--history", "h.json"])
    assert len(json.loads(Path("h.json").read_text())["rows"]) == 3


def test_ctrl_c_keeps_the_model(
    pets: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Dataset.select
    calls: list[None] = []

    def select(self: Dataset, indices: Any) -> Any:
        calls.append(None)
        if len(calls) == 12:
            signal.raise_signal(signal.SIGINT)
        return original(self, indices)

    monkeypatch.setattr(Dataset, "select", select)
    assert main(["train", pets, *CLASSES, "--save", "m.json"]) == 130
    printed = capsys.readouterr().out
    assert "interrupted" in printed
    assert "the model: m.json\nto go on, add --resume to the same command" in printed
    assert Network.saved("m.json")[0].target == "kind"


def test_small_sets_need_no_file(capsys: Capture) -> None:
    for name in SMALL:
        assert main(["train", name, "--epochs", "2"]) == 0
        assert "samples" in capsys.readouterr().out


def test_plots(capsys: Capture) -> None:
    pytest.importorskip("matplotlib")
    assert main(["train", "moons", "--epochs", "3", "--plot", "loss.svg"]) == 0
    assert main(["sweep", "xor", "--lr", "0.1,0.2", "--epochs", "3", "--plot", "lr.png"]) == 0
    assert "<svg" in Path("loss.svg").read_text()
    assert Path("lr.png").read_bytes().startswith(b"\x89PNG")


# --- sweep ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_learning_rates_are_compared(jobs: str, capsys: Capture) -> None:
    command = ["sweep", "xor", "--lr", "0.1,0.2", "--seed", "0,1", "--epochs", "20"]
    assert main([*command, "--jobs", jobs, "--history", "h.csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    table = [line.split() for line in lines if line.strip().startswith(("lr", "0.1", "0.2"))]
    assert table[0] == ["lr", "seed", "epochs", "loss", "mae", "seconds"]
    assert [row[:3] for row in table[1:]] == [
        ["0.1", "0", "20"], ["0.1", "1", "20"], ["0.2", "0", "20"], ["0.2", "1", "20"],
    ]  # fmt: skip
    with Path("h.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 80
    assert rows[-1]["seed"] == "1"


# --- refused --------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[list[str], str]] = {
    "no target": (["train", "pets.csv"], "name the column to predict, --target COLUMN"),
    "misspelt set": (["train", "mons"], "did you mean 'moons'"),
    "no file": (["train", "nowhere.csv", "--target", "a"], "No such file"),
    "misspelt target": (["train", "pets.csv", "--target", "kin"], "did you mean 'kind'"),
    "text feature": (["train", "pets.csv", "--target", "age"], "'bird'"),
    "activation": (["train", "xor", "--activation", "tahn"], "did you mean 'tanh'"),
    "optimiser": (["train", "xor", "--optimizer", "adm"], "did you mean 'adam'"),
    "hidden": (["train", "xor", "--hidden", "8,"], "values with commas"),
    "hidden 0": (["train", "xor", "--hidden", "0"], "1 or more"),
    "hidden text": (["train", "xor", "--hidden", "big"], "--hidden"),
    "epochs": (["train", "xor", "--epochs", "0"], "1 or more"),
    "lr": (["train", "xor", "--lr", "-1"], "expected a number > 0"),
    "lr nan": (["train", "xor", "--lr", "nan"], "expected a number > 0"),
    "part": (["train", "xor", "--validation", "1"], "a number from 0 to 1"),
    "save over data": (["train", "pets.csv", *CLASSES, "--save", "pets.csv"], "is read by this"),
    "save over another": (["train", "xor", "--save", "other.csv"], "is there and is no model"),
    "predict over data": (["predict", "model.json", "pets.csv", "-o", "./pets.csv"], "is read by"),
    "history over model": (["train", "xor", "--history", "model.json"], "is a model, and would"),
    "predict over model": (["predict", "model.json", "other.csv", "-o", "own.json"], "is a model"),
    "one file for two": (["train", "xor", "--save", "a.json", "--history", "a.json"], "written al"),
    "resume others": (
        ["train", "pets.csv", *CLASSES, "--save", "model.json", "--resume", "--hidden", "3"],
        "model.json is of a network with hidden [8], not [3]",
    ),
    "resume relu": (
        ["train", "pets.csv", *CLASSES, "--save", "model.json", "--resume", "--activation", "relu"],
        "of a network with activation tanh, not relu",
    ),
    "resume seed": (
        ["train", "pets.csv", *CLASSES, "--save", "model.json", "--resume", "--seed", "1"],
        "is of a training with",
    ),
    "one class": (
        ["train", "one.csv", "--target", "kind"],
        "every kind is 'dog': there",
    ),
    "diverged": (["train", "xor", "--lr", "1e300", "--optimizer", "sgd"], "training diverged"),
    "resume": (["train", "xor", "--resume"], "--save FILE"),
    "plot": (["train", "xor", "--plot", "loss.txt"], ".svg, .pdf or .png"),
    "no model": (["predict", "nowhere.json", "pets.csv"], "No such file"),
    "not a model": (["predict", "pets.csv", "pets.csv"], "damaged, or no checkpoint"),
    "a program's": (["predict", "own.json", "pets.csv"], "was not saved by autograd-lite train"),
    "missing column": (["predict", "model.json", "other.csv"], "'weight'"),
    "rates": (["sweep", "xor", "--lr", "0.1,x"], "--lr"),
    "save": (
        ["train", "xor", "--save", "no/such/folder/m.json", "--epochs", "1"],
        "its folder is not",
    ),
}


@pytest.mark.parametrize(("command", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_in_one_line(command: list[str], message: str, pets: str, capsys: Capture) -> None:
    save_checkpoint("own.json", MLP(2, [1]))
    Path("other.csv").write_text("legs,wait\n4,20\n")
    Path("one.csv").write_text("legs,kind\n4,dog\n3,dog\n")
    main(["train", pets, *CLASSES, "--epochs", "1", "--save", "model.json"])
    capsys.readouterr()
    assert main(command) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("autograd-lite: error: ")
    assert error.count("\n") == 1


HOSTILE: dict[str, dict[str, Any]] = {
    "hidden": {"hidden": [10**9]},
    "hidden text": {"hidden": ["8"]},
    "hidden flag": {"hidden": [True]},
    "hidden number": {"hidden": 8},
    "features": {"features": [1, 2]},
    "features gone": {"features": []},
    "features text": {"features": "ab"},
    "classes": {"classes": ["a"] * 50},
    "activation": {"activation": "eval"},
    "activation number": {"activation": 3},
    "means": {"means": [0.0]},
    "means text": {"means": ["a", "b"]},
    "deviations": {"deviations": [0.0, -1.0]},
    "scale": {"scale": "x"},
    "unknown": {"colour": "red"},
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_model_is_refused(change: dict[str, Any], pets: str, capsys: Capture) -> None:
    main(["train", pets, *CLASSES, "--epochs", "1", "--save", "model.json"])
    content = json.loads(Path("model.json").read_text())
    content["extra"]["network"] |= change
    Path("model.json").write_text(json.dumps(content))
    capsys.readouterr()
    assert main(["predict", "model.json", pets]) == 2
    assert "was not saved by autograd-lite train, or is damaged" in capsys.readouterr().err
