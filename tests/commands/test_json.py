"""With --json a command prints one JSON document, and nothing else, on stdout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograd_lite._support.json_text import parsed_json
from autograd_lite.commands import main

IRIS = str(Path(__file__).parents[2] / "examples" / "iris.csv")


def document(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    assert main([*arguments, "--json"]) == code
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return parsed_json(out)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_grad(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "grad", "x * y", "x=2", "y=3") == {
        "expression": "x * y",
        "value": 6.0,
        "gradients": {"x": 3.0, "y": 2.0},
    }


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "explain", "x * y", "x=2", "y=3", "--wrt", "x", "--format", "latex")
    assert (found["expression"], found["value"], list(found["explanations"])) == (
        "x * y",
        6.0,
        ["x"],
    )
    assert r"\frac{\partial" in found["explanations"]["x"]


def test_xor(capsys: pytest.CaptureFixture[str], elsewhere: Path) -> None:
    found = document(capsys, "xor", "-o", "xor.dot")
    assert found["learnt"] is True
    assert [round(row["prediction"]) for row in found["predictions"]] == [0, 1, 1, 0]
    assert (found["seed"], Path(found["picture"]).name) == (0, "xor.dot")
    assert document(capsys, "xor", "--epochs", "1", "-o", "xor.dot", code=1)["learnt"] is False


def test_train_and_predict(capsys: pytest.CaptureFixture[str], elsewhere: Path) -> None:
    options = ["--target", "species", "--hidden", "4", "--epochs", "2", "--save", "model.json"]
    history = document(capsys, "train", IRIS, *options)
    assert [row["epoch"] for row in history["rows"]] == [1, 2]
    assert {"loss", "val_accuracy"} <= history["rows"][0].keys()
    rows = document(capsys, "predict", "model.json", IRIS, "--keep")
    assert len(rows) == 150
    assert rows[0]["species"] == "setosa"
    assert isinstance(rows[0]["predicted species"], str)
    assert 0 <= rows[0]["probability"] <= 1
    assert document(capsys, "predict", "model.json", IRIS, "-o", "rows.csv") == [
        {"species": row["predicted species"], "probability": row["probability"]} for row in rows
    ]
    assert (elsewhere / "rows.csv").read_text().startswith("species,probability\n")


def test_sweep(capsys: pytest.CaptureFixture[str], elsewhere: Path) -> None:
    found = document(capsys, "sweep", "xor", "--lr", "0.1,0.5", "--epochs", "3")
    assert [row["point"] for row in found] == [{"lr": 0.1}, {"lr": 0.5}]
    assert all(len(row["history"]["rows"]) == 3 for row in found)


def test_an_error_prints_no_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grad", "log(x)", "x=-1", "--json"]) == 2
    assert capsys.readouterr().out == ""
