"""The data of train, sweep and predict: a CSV file's options as typed, and what is said of them."""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lite.commands import main
from autograd_lite.commands.network import Network
from autograd_lite.commands.usage import count, fraction, list_of, option_of, rate, whole, words
from autograd_lite.errors import DataError

Capture = pytest.CaptureFixture[str]

ROWS = [
    "weight,legs,city,kind",
    *("20.5,4,Berlin,dog", "1.5,2,Paris,bird", "21,4,Rome,dog", "1,2,Berlin,bird"),
]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "\n".join(ROWS)
    Path("pets.csv").write_text(text)
    Path("semicolons.csv").write_text(text.replace(",", ";"))
    Path("tabs.csv").write_text(text.replace(",", "\t"))
    Path("latin.csv").write_bytes(text.replace("Rome", "Köln").encode("latin-1"))
    Path("bare.csv").write_text("\n".join(f"{i},{9 - i},{i % 2}" for i in range(6)))
    Path("mixed.csv").write_text("a,y\n1,2\n1,cat\n")
    Path("commas.csv").write_text('a,"b, c",y\n1,x,2\n')
    Path("-d.csv").write_text("a,y\n1,2\n")


def trained(capsys: Capture, *words: str) -> str:
    """Return the first line that train prints: what data it has."""
    code = main(["train", *words, "--epochs", "1"])
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    return printed.out.splitlines()[0]


def refused(capsys: Capture, *words: str) -> str:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said.rstrip()


# --- what is read ---------------------------------------------------------------------------------

PETS = "Dataset(4 samples of weight, legs; kind is bird or dog)"

READ = {
    "exclude": (["pets.csv", "--target", "kind", "--exclude", "city"], PETS),
    "exclude two": (["pets.csv", "--target", "weight", "--exclude", "city, kind"],
                    "Dataset(4 samples of legs; weight)"),
    "exclude quoted": (["commas.csv", "--target", "y", "--exclude", '"b, c"'],
                       "Dataset(1 sample of a; y)"),
    "tab": (["tabs.csv", "--delimiter", "tab", "--target", "kind", "--exclude", "city"], PETS),
    "backslash t": (["tabs.csv", "--delimiter", r"\t", "--target", "kind", "--exclude", "city"],
                    PETS),
    "a true tab": (["tabs.csv", "--delimiter", "\t", "--target", "kind", "--exclude", "city"],
                   PETS),
    "x3": (["bare.csv", "--no-header", "--target", "x3"], "Dataset(6 samples of x1, x2; x3)"),
    "-1": (["bare.csv", "--no-header", "--target", "-1"], "Dataset(6 samples of x1, x2; x3)"),
    "0": (["bare.csv", "--no-header", "--target", "0", "--features", "1"],
          "Dataset(6 samples of x2; x1)"),
    "exclude 0": (["bare.csv", "--no-header", "--target", "2", "--exclude", "0", "--classes"],
                  "Dataset(6 samples of x2; x3 is 0 or 1)"),
    "a minus first": (["./-d.csv", "--target", "y"], "Dataset(1 sample of a; y)"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "data"), READ.values(), ids=READ)
def test_read(words: list[str], data: str, capsys: Capture) -> None:
    assert trained(capsys, *words) == data


def test_no_hidden_layer_is_a_linear_model(capsys: Capture) -> None:
    words = ["pets.csv", "--target", "weight", "--features", "legs", "--hidden", ""]
    trained(capsys, *words, "--save", "m.json")
    network, model = Network.saved("m.json")
    assert str(network) == "an MLP of 1-1 (tanh), 2 parameters"
    first, second, third = (network.predicted(model, [x])[0] for x in (0.0, 1e3, 2e3))
    assert float(second) - float(first) == pytest.approx(float(third) - float(second))


# --- what is said ---------------------------------------------------------------------------------

SAID = {
    "delimiter": (["semicolons.csv", "--target", "kind"], "; pass --delimiter ';'"),
    "tab": (["tabs.csv", "--target", "kind"], r"; pass --delimiter '\t'"),
    "encoding": (["latin.csv", "--target", "kind"], "; try --encoding latin-1"),
    "classes": (["mixed.csv", "--target", "y"],
                "got 'cat', expected a number; where these are labels pass --classes"),
    "header": (["bare.csv", "--target", "x3"], "where the file has no names pass --no-header"),
    "text": (["pets.csv", "--target", "kind"],
             "line 2, column 'city': got 'Berlin', expected a number; correct it, or leave the "
             "column out: --exclude city"),
    "more text": (["pets.csv", "--target", "weight", "--exclude", "kind"], "--exclude kind,city"),
    "quotes": (["commas.csv", "--target", "y"], """--exclude '"b, c"'"""),
    "features": (["pets.csv", "--target", "kind", "--features", "city,legs"],
                 "correct it, or leave the column out of the features"),
    "not there": (["pets.csv", "--target", "kind", "--exclude", "City"], "mean 'city'?; there are "
                  "weight, legs, city, kind"),
    "both": (["pets.csv", "--target", "kind", "--exclude", "a", "--features", "b"],
             "argument --features: not allowed with argument --exclude; see autograd-lite train "
             "--help"),
    "none left": (["commas.csv", "--target", "y", "--exclude", 'a,"b, c"'],
                  "no features are left beside the target 'y'; expected one"),
    "no position": (["bare.csv", "--no-header", "--target", "3"], "there are 3, expected -3 to 2"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "end"), SAID.values(), ids=SAID)
def test_what_to_do_is_said_as_it_is_typed(words: list[str], end: str, capsys: Capture) -> None:
    assert refused(capsys, "train", *words).endswith(end)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lr", "-1"], "argument --lr: expected a number > 0, got '-1'; see"),
        (["--lr", "abc"], "argument --lr: expected a number > 0, got 'abc'; see"),
        (["--lr", ""], "argument --lr: expected a number > 0, got ''; see"),
        (["--hidden", "8,x"], "--hidden: expected a whole number of 1 or more, got 'x'; see"),
        (["--seed", "x"], "--seed: expected a whole number, got 'x'; see"),
        (["--target", "y", "--delimiter", "-"], "expected cells with '-' between them"),
    ],
)
def test_words_are_shown_as_they_were_typed(words: list[str], said: str, capsys: Capture) -> None:
    assert said in refused(capsys, "train", "pets.csv", *words)


def test_nothing_is_held_out_where_that_is_asked_for(capsys: Capture) -> None:
    assert main(["train", "moons", "--validation", "0", "--epochs", "1"]) == 0
    assert "val_loss" not in capsys.readouterr().out


def test_a_small_set_is_no_file(capsys: Capture) -> None:
    trained(capsys, "xor", "--history", "xor")
    assert Path("xor").read_text().startswith("epoch,loss")


def test_a_list_that_must_not_be_empty(capsys: Capture) -> None:
    for option in ("--lr", "--seed"):
        assert "values with commas between them, got ''" in refused(
            capsys, "sweep", "xor", option, ""
        )


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (whole, "1.5", "a whole number, got '1.5'"),
        (count, "0", "a whole number of 1 or more, got '0'"),
        (count, "9" * 5000, "a whole number of 1 or more, got '999"),
        (rate, "nan", "a number > 0, got 'nan'"),
        (rate, "inf", "a number > 0, got 'inf'"),
        (fraction, "1", "a number from 0 to 1, such as 0.2, got '1'"),
        (fraction, "half", "a number from 0 to 1, such as 0.2, got 'half'"),
        (words, "a,", "values with commas between them, got 'a,'"),
        (words, '"a', "values with commas between them, got '\"a'"),
        (words, "a\nb", r"values with commas between them, got 'a\nb'"),
        (list_of(int), "1,x", "numbers with commas between them, got '1,x'"),
    ],
)
def test_what_an_argument_should_be(kind: object, text: str, expected: str) -> None:
    assert callable(kind)
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        kind(text)
    assert str(caught.value).startswith(f"expected {expected}")


@pytest.mark.parametrize(
    ("name", "value", "typed"),
    [
        ("delimiter", "\t", r"--delimiter '\t'"),
        ("encoding", "latin-1", "--encoding latin-1"),
        ("exclude", ["-x"], "--exclude=-x"),
        ("exclude", ["x", "it's"], """--exclude 'x,it'"'"'s'"""),
        ("exclude", ["b, c"], """--exclude '"b, c"'"""),
        ("batch_size", 8, "--batch-size 8"),
        ("header", False, "--no-header"),
        ("classes", True, "--classes"),
    ],
)
def test_an_argument_is_written_as_an_option(name: str, value: object, typed: str) -> None:
    assert option_of(name, value) == typed


@pytest.mark.parametrize(
    ("possibilities", "said"),
    [
        ({"delimiter": ";"}, "what to do: --delimiter ';'"),
        ({"colour": "red"}, "what to do: colour='red'"),
        ({}, "what to do:"),
    ],
)
def test_what_could_be_meant_is_said_as_an_option_where_there_is_one(
    possibilities: dict[str, str], said: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(options: argparse.Namespace) -> None:
        raise DataError("exclude='x'; what to do:", **possibilities)

    monkeypatch.setattr("autograd_lite.commands.training.loaded", broken)
    said = f"autograd-lite: error: exclude='x'; {said}"
    assert refused(capsys, "train", "pets.csv", "--target", "kind") == said


# --- predict --------------------------------------------------------------------------------------


def predicted(capsys: Capture, *words: str) -> list[list[str]]:
    code = main(["predict", "m.json", *words])
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    return list(csv.reader(printed.out.splitlines()))


def test_keep_writes_the_columns_of_the_file_first(capsys: Capture) -> None:
    trained(capsys, "pets.csv", "--target", "kind", "--exclude", "city", "--save", "m.json")
    Path("new.csv").write_text('name,legs,weight\n"Rex, the dog",4,21.50\n')
    header, row = predicted(capsys, "new.csv", "--keep")
    assert header == ["name", "legs", "weight", "kind", "probability"]
    assert row[:3] == ["Rex, the dog", "4", "21.50"]
    assert [row[3:]] == predicted(capsys, "new.csv")[1:]


def test_keep_leaves_the_target_that_is_there(capsys: Capture) -> None:
    trained(capsys, "pets.csv", "--target", "kind", "--exclude", "city", "--save", "m.json")
    header, *rows = predicted(capsys, "pets.csv", "--keep")
    assert header == [*ROWS[0].split(","), "predicted kind", "probability"]
    assert [row[:4] for row in rows] == [row.split(",") for row in ROWS[1:]]

    with Path("again.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    again = predicted(capsys, "again.csv", "--keep")[0]
    assert again == [*header, "predicted predicted kind", "probability of kind"]


def test_a_target_called_probability(capsys: Capture) -> None:
    Path("p.csv").write_text("a,probability\n1,low\n2,high\n")
    trained(capsys, "p.csv", "--target", "probability", "--save", "m.json")
    header, *_ = predicted(capsys, "p.csv")
    assert header == ["probability", "probability of probability"]


@pytest.mark.parametrize("target", ["kind", "c"])
def test_features_too_large_to_predict_from(target: str, capsys: Capture) -> None:
    Path("n.csv").write_text("a,b,c,kind\n0,0,1,cat\n0.1,0.2,2,dog\n0.3,0.1,3,dog\n")
    trained(capsys, "n.csv", "--target", target, "--features", "a,b", "--hidden", "",
            "--save", "m.json")  # fmt: skip
    Path("new.csv").write_text("a,b\n1,2\n\n1e308,1e308\n-1e308,1e308\n1e308,-1e308\n")
    said = refused(capsys, "predict", "m.json", "new.csv", "-o", "out.csv")
    assert "new.csv, line 4: the prediction is " in said
    assert not Path("out.csv").exists()


def test_a_file_without_names_is_predicted_from(capsys: Capture) -> None:
    trained(capsys, "bare.csv", "--no-header", "--target", "0", "--save", "m.json")
    Path("new.csv").write_text("9,1,2\n")
    header, row = predicted(capsys, "new.csv", "--no-header", "--keep")
    assert header == ["x1", "x2", "x3", "predicted x1"]
    assert row[:3] == ["9", "1", "2"]


def test_what_to_do_about_a_text_to_predict_from(capsys: Capture) -> None:
    trained(capsys, "pets.csv", "--target", "kind", "--features", "legs", "--save", "m.json")
    Path("new.csv").write_text("legs\nfour\n")
    said = refused(capsys, "predict", "m.json", "new.csv")
    assert said.endswith("got 'four', expected a number; correct it or leave the row out")


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="there is no /dev/stdin")
@pytest.mark.parametrize(
    ("rows", "code", "said"),
    [
        ("legs\n4\n2\n", 0, ""),
        ("legs\nfour\n", 2, "/dev/stdin, line 2, column 'legs': got 'four'"),
        ("legs\n\N{DEGREE SIGN}\n", 2, "is no text in utf-8; try --encoding latin-1"),
    ],
)
def test_rows_may_come_from_stdin(rows: str, code: int, said: str, capsys: Capture) -> None:
    trained(capsys, "pets.csv", "--target", "kind", "--features", "legs", "--save", "m.json")
    command = [sys.executable, "-W", "error", "-m", "autograd_lite", "predict", "m.json", "-"]
    done = subprocess.run(command, input=rows.encode("latin-1"), capture_output=True, check=False)
    assert done.returncode == code
    assert said in done.stderr.decode()
    assert done.stdout.count(b"\n") == (3 if code == 0 else 0)


def test_there_is_no_stdin(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    trained(capsys, "pets.csv", "--target", "kind", "--features", "legs", "--save", "m.json")
    monkeypatch.setattr("autograd_lite.commands.predicting.STDIN", "/dev/none")
    assert refused(capsys, "predict", "m.json", "-").endswith("to read as -; name a file")
