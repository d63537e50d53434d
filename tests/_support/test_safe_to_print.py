"""Whatever a string holds, no terminal is given it raw: not in a message, a repr or a table."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import (
    AutogradError,
    DomainError,
    Value,
    detect_anomaly,
    draw,
    explain,
    gradcheck,
    op,
    to_dot,
    trace_backward,
)
from autograd_lite._support.json_text import json_text, parsed_json
from autograd_lite._support.wording import printable
from autograd_lite.commands import main
from autograd_lite.nn import MLP, Module, mse
from autograd_lite.notation.reading import evaluate, parse
from autograd_lite.optim import SGD
from autograd_lite.plots import plot_weight_histograms
from autograd_lite.train import (
    Dataset,
    History,
    Sweep,
    fit,
    load_checkpoint,
    load_csv,
    save_checkpoint,
    sweep,
    xor,
)
from autograd_lite.train.sweeping import Trained

HOSTILE = {
    "colors": "\x1b[31m",
    "a title": "\x1b]0;owned\x07",
    "clear, in one character": "\x9b2J",
    "backspaces": "\b\b\b",
    "a return": "\r",
    "a line": "\n",
    "a tab": "\t",
    "a next line": "\x85",
    "delete": "\x7f",
    "right to left": "\u202e",
    "an isolate": "\u2067",
    "a mark of direction": "\u200f",
    "a line separator": "\u2028",
    "a paragraph separator": "\u2029",
    "zero width": "\u200b",
    "half a character": "\udc9b",
}
ORDINARY = "é θ λ₁ 变量 🙂 👩‍🔬 می‌خواهم\u3000¼"  # joiners and wide spaces among them


def is_hostile(sign: str) -> bool:
    direction = unicodedata.bidirectional(sign)
    return (
        unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")
        or direction in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "BN")
        or sign in "\u200e\u200f\u061c"
    ) and sign not in "\u200c\u200d"  # the joiners of Persian and of emoji


@pytest.mark.slow
def test_each_character_there_is() -> None:
    for code in [*range(0xE0000), *range(0xF0000, sys.maxunicode + 1)]:
        sign = chr(code)
        shown = printable(sign)
        if is_hostile(sign) and not 0x1BCA0 <= code <= 0x1D17A:  # of shorthand and of music
            assert shown.isascii()
            assert shown.isprintable()
        elif sign.isprintable():
            assert shown == sign


def test_ordinary_text_stays_as_it_is() -> None:
    assert printable(ORDINARY) == ORDINARY
    assert str(AutogradError(ORDINARY)) == ORDINARY
    assert f"{Dataset([[1.0]], [1], (ORDINARY,))}" == f"Dataset(1 sample of {ORDINARY})"


def assert_safe(shown: str) -> None:
    for line in shown.split("\n"):
        assert printable(line) == line


# --- what shows a name, a label or a path ---------------------------------------------------------


def message(call: Callable[[], Any]) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011  every kind is meant
        call()
    return "\n".join([str(caught.value), repr(caught.value), *_notes(caught.value)])


def _notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


def stale(name: str) -> None:
    x = Value(1.0, name)
    y = x * 2
    x.data = 3.0
    y.backward()


def anomaly(name: str) -> None:
    with detect_anomaly():
        Value(0.0, name).sqrt().backward()


class Holder(Module):
    def __init__(self, name: str) -> None:
        self.held = {name: Value(1.0), f"{name}!": MLP(1, [1])}
        self.name_parameters()

    def __call__(self, x: Any) -> Value:
        total: Value = self.parameters()[0] * x[0]
        return total


def history(name: str, stopped: str = "") -> History:
    return History([{"epoch": 1, "loss": 0.5, name: float("nan")}], stopped=stopped)


VALUES: dict[str, Callable[[str], str]] = {
    "repr": lambda t: repr(Value(1.0, t)),
    "a domain error": lambda t: message(lambda: Value(-1.0, t).log()),
    "a stale leaf": lambda t: message(lambda: stale(t)),
    "an anomaly": lambda t: message(lambda: anomaly(t)),
    "gradcheck": lambda t: message(lambda: gradcheck(abs, [Value(0.0, t)])),
    "gradcheck's inputs": lambda t: message(lambda: gradcheck(abs, [{t: float("inf")}])),
    "explain": lambda t: str(explain(Value(1.0, t) * Value(2.0, "y"), _leaf(t))),
    "explain's repr": lambda t: repr(explain(_square(t), _leaf(t))),
    "explain in Markdown": lambda t: explain(_square(t), _leaf(t)).markdown(),
    "explain in LaTeX": lambda t: explain(_square(t), _leaf(t)).latex(),
    "a path": lambda t: repr(_explained(t).paths + _explained(t).sums),
    "a trace": lambda t: str(trace_backward(_square(t))),
    "a drawing": lambda t: repr(draw(_square(t))),
    "dot": lambda t: to_dot(_square(t)).replace("\n\t", "\n"),  # its indentation
    "a symbol": lambda t: str(_explained("x", symbol=t)),
}
LEARNING: dict[str, Callable[[str], str]] = {
    "a summary": lambda t: Holder(t).summary(),
    "a module": lambda t: repr(Holder(t)),
    "an unknown parameter": lambda t: message(lambda: Holder("a").load_state_dict({t: 1.0})),
    "a missing parameter": lambda t: message(lambda: Holder(t).load_state_dict({})),
    "no number": lambda t: message(lambda: _load_texts(Holder(t))),
    "another optimizer": lambda t: message(
        lambda: SGD([Value(1.0)]).load_state_dict({"optimizer": t})
    ),
    "a history": lambda t: str(history(t)),
    "why a history stopped": lambda t: str(history("x", t)) + repr(history("x", t)),
    "no epoch": lambda t: str(History(stopped=t)),
    "a column of nan": lambda t: message(lambda: history(t).best(t)),
    "no such column": lambda t: message(lambda: history("x")[t]),
    "a history loaded": lambda t: message(
        lambda: History().load_state_dict({"rows": [{"epoch": 1, t: "x"}], "snapshots": []})
    ),
    "a metric": lambda t: str(fit(MLP(2, [1]), xor(), epochs=1, metrics={t: mse}, progress=False)),
    "a sweep": lambda t: str(sweep(lambda **x: MLP(2, [1]), _grid(t), xor(), epochs=1)),
    "a grid": lambda t: message(lambda: sweep(lambda: MLP(2, [1]), {t: 1}, xor())),
    "an unknown point": lambda t: message(lambda: sweep(lambda: MLP(2, [1]), {t: [1]}, xor())),
    "a sweep of nan": lambda t: message(lambda: Sweep((Trained({}, history(t), None),)).best(t)),
    "a histogram": lambda t: message(lambda: plot_weight_histograms([(1, {t: 1.0})], match="no")),
    "features": lambda t: repr(Dataset([[1.0]], [1], (t,))),
    "a target": lambda t: repr(Dataset([[1.0]], [1], ("x",), t)),
    "classes": lambda t: repr(Dataset([[1.0]], [1], ("x",), "y", ("a", t))),
    "an expression": lambda t: message(lambda: parse(f"x {t} $")),
    "an unknown operation": lambda t: message(lambda: parse(f"si{t}n(x)")),
    "a variable": lambda t: message(lambda: evaluate("x", {t: 1.0})),
    "an error of one's own": lambda t: message(lambda: _raise(DomainError(t, 3, t))),
}


def _leaf(name: str) -> Value:
    return Value(3.0, name)


def _square(name: str) -> Value:
    x = _leaf(name)
    y = x * x + 1
    y.name = f"{name}²"
    return y


def _explained(name: str, symbol: str | None = None) -> Any:
    x = _leaf(name)
    if symbol is None:
        return explain(x * x, x)
    total = op("_total", lambda *xs: sum(xs), lambda g, y, *xs: [g] * len(xs), symbol=symbol,
               variadic=True)  # fmt: skip
    try:
        return explain(total([x * 1, x]) * 1, x)
    finally:
        _forget("_total")


def _forget(name: str) -> None:
    from autograd_lite.operation import TABLE

    del TABLE[name]


def _load_texts(module: Module) -> None:
    module.load_state_dict(dict.fromkeys(module.state_dict(), "x"))  # type: ignore[arg-type]


def _grid(name: str) -> list[dict[str, Any]]:
    return [{"loss": _named(mse, name)}]


def _named(function: Any, name: str) -> Any:
    def loss(predictions: Any, targets: Any) -> Any:
        return function(predictions, targets)

    loss.__name__ = name
    return loss


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("outlet", VALUES | LEARNING)
@pytest.mark.parametrize("kind", HOSTILE)
def test_strings_in_a_program(kind: str, outlet: str) -> None:
    text = f"a{HOSTILE[kind]}b"
    shown = (VALUES | LEARNING)[outlet](text)
    assert text not in shown
    assert_safe(shown)


@given(st.text(), st.sampled_from(sorted(VALUES)))
def test_any_string_in_a_program(text: str, outlet: str) -> None:
    assert_safe(VALUES[outlet](text))


def test_an_operation_has_a_name_to_print() -> None:
    with pytest.raises(TypeError, match=r"got 'a\\x1bb'"):
        op("a\x1bb", abs, abs)


# --- files and the command line -------------------------------------------------------------------

NAMES = [kind for kind in HOSTILE if kind != "half a character"]


def shown_by(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with contextlib.suppress(SystemExit):
        main(arguments)
    printed = capsys.readouterr()
    assert_safe(printed.out + printed.err)
    return printed.out + printed.err


@pytest.mark.parametrize("kind", HOSTILE)
def test_words_of_the_command_line(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"a{HOSTILE[kind]}b"
    for arguments in (
        [text], ["grad", text], ["grad", "x", text], ["grad", "x", f"x={text}"],
        ["grad", "x", f"{text}=1"],
        ["grad", "x", f"--{text}"], ["draw", "x", "x=1", "-o", f"{text}/x.svg"], ["train", text],
        ["train", "xor", "--optimizer", text], ["train", "xor", "--save", f"{text}/x.json"],
        ["train", f"{text}.csv", "--target", text], ["predict", text, text],
    ):  # fmt: skip
        shown = shown_by(capsys, *arguments)
        assert shown.count("\n") == 1
        assert text not in shown


@pytest.mark.parametrize("space", ["\t", "\f", "\r", "\n"])
def test_spaces_in_an_expression(space: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "-1.0" in shown_by(capsys, "grad", f"x -{space}y", "x=1", "y=2")
    shown = shown_by(capsys, "grad", f"x -{space}y", "x=1", "y=2", "--json")
    assert json.loads(shown)["gradients"] == {"x": 1.0, "y": -1.0}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def csv_of(text: str, targets: list[str]) -> str:
    quoted = '"' + text.replace('"', '""') + '"'
    rows = [f"{i % 5},{target}" for i, target in enumerate(targets)]
    return "\n".join([f'{quoted},{quoted[:-1]} target"', *rows, ""])


@pytest.mark.slow
@pytest.mark.parametrize("kind", NAMES)
def test_files_and_columns(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"a{HOSTILE[kind]}b"
    target = f"{text} target"
    path = Path(f"{text}.csv")
    path.write_text(csv_of(text, [f'"{text}"', "other"] * 12), newline="")
    held = ("--epochs", "1", "--hidden", "", "--save", f"{text}.json", "--history", f"{text}.csv2")
    for extra in ([], ["--resume"]):
        shown = shown_by(capsys, "train", str(path), "--target", target, *held, *extra)
        assert printable(f"the model: {text}.json") in shown
    assert printable(target) in shown_by(capsys, "sweep", str(path), "--target", target,
                                         "--epochs", "1", "--lr", "0.1")  # fmt: skip
    capsys.readouterr()
    main(["predict", f"{text}.json", str(path)])
    faithful = capsys.readouterr().out  # piped: for programs
    assert faithful.startswith(f'"{target}"' if kind in ("a return", "a line") else target)
    for wrong in (["no"], [text], [target, "--exclude", target]):
        assert printable(text) in shown_by(capsys, "train", str(path), "--target", *wrong)
    saved = Path(f"{text}.json").read_bytes()
    Path(f"{text}.json").write_bytes(saved.replace(b'"epoch": 1', b'"epoch": 2'))
    assert_safe(message(lambda: load_checkpoint(f"{text}.json", MLP(3, [1]))))
    Path(f"{text}.json").write_bytes(saved[:-9])
    assert printable(text) in message(lambda: load_checkpoint(f"{text}.json", MLP(3, [1])))


@pytest.mark.parametrize("kind", NAMES)
def test_predictions_to_look_at(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"a{HOSTILE[kind]}b"
    Path("d.csv").write_text(csv_of(text, ["1", "2"] * 12), newline="")
    main(["train", "d.csv", "--target", f"{text} target", "--epochs", "1", "--save", "m.json"])
    capsys.readouterr()

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    assert main(["predict", "m.json", "d.csv"]) == 0
    assert_safe(terminal.getvalue())
    main(["predict", "m.json", "d.csv", "-o", "out.csv"])
    assert text.encode() in Path("out.csv").read_bytes()


@pytest.mark.parametrize("kind", HOSTILE)
def test_cells_and_labels(kind: str, tmp_path: Path) -> None:
    text = f"a{HOSTILE[kind]}b"
    path = tmp_path / "d.csv"
    for header, cell, classes in (("x", text, None), (text, "no", None), (text, text, ["a"])):
        lines = f'"{header}","y"\n1,"{cell}"\n'
        path.write_bytes(lines.encode("utf-8", "surrogatepass"))
        assert_safe(message(lambda: load_csv(path, "y", classes=classes or False)))  # noqa: B023


def test_what_a_checkpoint_says_of_itself(tmp_path: Path) -> None:
    text = "a\x1b[31m\u202eb"
    path = save_checkpoint(tmp_path / "m.json", MLP(1, [1]), extra={"network": {text: text}})
    content = json.loads(path.read_text())
    for changed in ({"version": text}, {"kind": text, "model": {text: 1.0}}, {"epoch": text},
                    {"best": text}, {"history": {"rows": text}}):  # fmt: skip
        path.write_text(json.dumps({**content, **changed}))
        assert_safe(message(lambda: load_checkpoint(path, MLP(1, [1]))))
    path.write_text(json.dumps(content))
    assert load_checkpoint(path, MLP(1, [1])).extra == {"network": {text: text}}


TEXTS = st.text(st.characters())


@pytest.mark.slow
@given(
    st.recursive(TEXTS, lambda x: st.lists(x) | st.dictionaries(TEXTS, x)),
    st.sampled_from([None, 1]),
)
def test_json_is_faithful_and_safe(x: Any, indent: int | None) -> None:
    assert_safe(json_text(x, indent))
    assert parsed_json(json_text(x, indent)) == x


@pytest.mark.parametrize("kind", HOSTILE)
def test_tables_for_programs_are_faithful(kind: str) -> None:
    text = f"a{HOSTILE[kind]}b"
    assert json.loads(history(text).to_json())["rows"][0].keys() == {"epoch", "loss", text}
    if kind != "half a character":
        header = next(csv.reader(io.StringIO(history(text).to_csv(), newline="")))
        assert header == ["epoch", "loss", text]
