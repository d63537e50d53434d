"""The command line: what it prints, and one clear line with exit code 2 for whatever is wrong."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd_lite import Value, __version__, sin
from autograd_lite._support.wording import did_you_mean
from autograd_lite.commands import main
from autograd_lite.explanation import Explanation, explain

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *arguments: str) -> str:
    """Run a command that succeeds, and return what it prints."""
    code = main(arguments)
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    return printed.out


def refusal(capsys: Capture, *arguments: str) -> str:
    """Run a command that fails, and return what it complains of: one line, and nothing else."""
    code = main(arguments)
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    line, end = printed.err.removeprefix("autograd-lite: error: "), printed.err[-1:]
    assert line != printed.err
    assert line[:-1].isprintable()
    assert end == "\n"
    assert len(line) < 300
    return line


# --- grad -----------------------------------------------------------------------------------------


def test_grad_prints_a_table(capsys: Capture) -> None:
    assert (
        run(capsys, "grad", "x*y + sin(long)", "x=2", "y=-3", "long=0.1")
        == """\
x*y + sin(long) = -5.900166583353172

name  value            gradient
x       2.0                -3.0
y      -3.0                 2.0
long    0.1  0.9950041652780258
"""
    )


def test_grad_of_no_variables_prints_the_value(capsys: Capture) -> None:
    assert run(capsys, "grad", "2 ** 0.5") == "2 ** 0.5 = 1.4142135623730951\n"


def gradients(capsys: Capture, *arguments: str) -> dict[str, float]:
    answer = json.loads(run(capsys, "grad", "--json", *arguments))
    found: dict[str, float] = answer["gradients"]
    return found


def test_grad_in_json(capsys: Capture) -> None:
    assert json.loads(run(capsys, "grad", "x / y", "x=1", "y=4", "--json")) == {
        "expression": "x / y",
        "value": 0.25,
        "gradients": {"x": 0.25, "y": -0.0625},
    }


def test_json_has_no_inf_and_nan_so_they_are_texts(capsys: Capture) -> None:
    answer = run(capsys, "grad", "sqrt(x) - y", "x=0", "y=inf", "--json")
    assert json.loads(answer, parse_constant=pytest.fail) == {
        "expression": "sqrt(x) - y",
        "value": "-inf",
        "gradients": {"x": "inf", "y": -1.0},
    }


AS_TYPED = {
    "negative values": (["x * y", "x=-2", "y=-3"], {"x": -3.0, "y": -2.0}),
    "a minus first": (["-x", "x=1"], {"x": -1.0}),
    "a minus first, longer": (["-x**2*3", "x=1"], {"x": -6.0}),
    "a minus first and spaces": (["-x + 2 * x", "x=1"], {"x": 1.0}),
    "two minuses first": (["--x", "x=1"], {"x": 1.0}),
    "a negative number first": (["-3 * x", "x=1"], {"x": -3.0}),
    "a minus and a function": (["-sin(x)", "x=0"], {"x": -1.0}),
    "after a double dash": (["--", "-x", "x=1"], {"x": -1.0}),
    "values with spaces": (["x", " x = 1 "], {"x": 1.0}),
    "a constant's name": (["e * x", "x=1", "e=5"], {"x": 5.0, "e": 1.0}),
    "an option's name": (["json * h", "json=2", "h=3"], {"json": 3.0, "h": 2.0}),
    "infinity": (["tanh(x)", "x=inf"], {"x": 0.0}),
    "Greek": (["λ * 2", "λ=1"], {"λ": 2.0}),
    "the micro sign": (["\N{MICRO SIGN}", "\N{MICRO SIGN}=1"], {"μ": 1.0}),
}


@pytest.mark.parametrize("case", AS_TYPED)
def test_grad_as_typed(case: str, capsys: Capture) -> None:
    arguments, expected = AS_TYPED[case]
    assert gradients(capsys, *arguments) == expected


@pytest.mark.parametrize("place", range(4))
def test_options_may_stand_anywhere(place: int, capsys: Capture) -> None:
    words = ["x * y", "x=2", "y=3"]
    words.insert(place, "--json")
    assert json.loads(run(capsys, "grad", *words))["gradients"] == {"x": 3.0, "y": 2.0}


# --- explain --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "writer"),
    [("text", str), ("markdown", Explanation.markdown), ("latex", Explanation.latex)],
)
def test_explain_writes_what_the_library_does(
    style: str, writer: Callable[[Explanation], str], capsys: Capture
) -> None:
    words = ["explain", "x * y + sin(x)", "x=2", "y=3", "--format", style]
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    by_x, by_y = (writer(explain(x * y + sin(x), v)).rstrip("\n") for v in (x, y))
    assert run(capsys, *words, "--wrt", "x") == f"{by_x}\n"
    assert run(capsys, *words) == f"{by_x}\n\n{by_y}\n"


def test_explain_needs_a_variable(capsys: Capture) -> None:
    assert "there is no variable to explain by" in refusal(capsys, "explain", "2 * pi")
    assert "--wrt 'Rate' is not in" in (
        complaint := refusal(capsys, "explain", "rate * x", "rate=1", "x=1", "--wrt", "Rate")
    )
    assert complaint.endswith("did you mean 'rate'?\n")


# --- draw -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["svg", "dot"])
def test_draw_writes_a_picture_and_prints_where(
    ending: str, tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / f"out.{ending}"
    assert run(capsys, "draw", "x * tanh(y)", "x=2", "y=3", "-o", str(path)) == f"{path}\n"
    assert "tanh" in path.read_text(encoding="utf-8")


def test_draw_writes_graph_svg_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "draw", "-x", "x=2") == "graph.svg\n"
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8").rstrip().endswith("</svg>")


def test_draw_shows_gradients(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "out.dot"
    run(capsys, "draw", "x * y + tanh(x)", "x=2", "y=3", "-o", str(path))
    assert "3.071" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["-" * 98 + "x", "tanh(" * 98 + "x" + ")" * 98, "x" + "+x" * 2000])
def test_draw_the_largest_that_is_accepted(text: str, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "out.dot"
    run(capsys, "draw", text, "x=1", "-o", str(path))
    assert path.stat().st_size > 0


UNWRITABLE = {
    "a folder that does not exist": "none/out.svg",
    "a folder": ".",
    "nothing": "",
    "no ending": "out",
    "an unknown ending": "out.xyz",
    "a null character": "out\0.svg",
    "half a character": "out\ud83d.svg",
    "too long a name": "x" * 5000 + ".svg",
}


@pytest.mark.parametrize("case", UNWRITABLE)
def test_draw_refuses_a_path_it_cannot_write(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    refusal(capsys, "draw", "x", "x=1", "-o", UNWRITABLE[case])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("case", [case for case, path in UNWRITABLE.items() if path])
@pytest.mark.parametrize(
    "command",
    ["xor -o", "train xor --plot", "train xor --save a.json --plot", "sweep xor --plot"],
)
def test_nothing_is_trained_for_a_path_that_cannot_be_written(
    command: str, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    refusal(capsys, *command.split(), UNWRITABLE[case])
    assert list(tmp_path.iterdir()) == []


OF_NAMED_FILES = ["xor -o a.svg", "train xor --save a.json", "train xor --history a.csv"]


@pytest.mark.parametrize("command", OF_NAMED_FILES)
def test_nothing_is_trained_for_a_folder_in_the_place_of_a_file(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / command.split()[-1]
    folder.mkdir()
    assert "it is a folder; name a file in it" in refusal(capsys, *command.split())
    assert list(tmp_path.rglob("*")) == [folder]


@pytest.mark.parametrize("command", OF_NAMED_FILES)
def test_nothing_is_trained_for_a_folder_without_permission(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "no permission; name another folder" in refusal(capsys, *command.split())


def test_draw_leaves_what_is_there_where_the_expression_is_wrong(
    tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "out.svg"
    path.write_text("before")
    refusal(capsys, "draw", "log(x)", "x=-1", "-o", str(path))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


# --- what is wrong --------------------------------------------------------------------------------

REFUSED = {
    "no expression": ([], "required: EXPR"),
    "an empty one": ([""], "the expression is empty"),
    "a syntax error": (["x +", "x=1"], "'x +' is not an expression"),
    "an import": (["__import__('os')"], "'__import__' at column 1 is not an operation"),
    "an attribute": (["().__class__"], "'().__class__' at column 1 is an attribute"),
    "a huge power": (["9**9**9**9"], "too large for a float"),
    "100 kB": (["x + " * 25_000 + "x", "x=1"], "100001 characters, the most is 10000"),
    "10,000 parentheses": (["(" * 10_000 + "x" + ")" * 10_000, "x=1"], "the most is"),
    "4,000 parentheses": (["(" * 4_000 + "x" + ")" * 4_000, "x=1"], "nests too deeply"),
    "half a character": (["\udcff"], "no text"),
    "outside a domain": (["log(x)", "x=-1"], "log(x=-1.0) is undefined; log expects a number > 0"),
    "by zero": (["1/0"], "divides by zero"),
    "no value": (["x * y", "x=1"], "'y' has no value; add y=..."),
    "a misspelt name": (["alpha * 2", "alhpa=1"], "did you mean 'alhpa'?"),
    "a misspelt function": (["sigmiod(x)", "x=1"], "did you mean 'sigmoid'"),
    "no number": (["x", "x=abc"], "'x=abc': 'abc' is not a number"),
    "nothing for a number": (["x", "x="], "'x=' has no number; write such as x=2"),
    "nothing for a name": (["x", "=3"], "'' cannot be a name"),
    "a number for a name": (["x", "2x=1"], "'2x' cannot be a name"),
    "a keyword for a name": (["x", "if=1"], "'if' cannot be a name"),
    "no =": (["x", "x"], "expected NAME=NUMBER, such as x=2, got 'x'"),
    "two =": (["x", "x==1"], "'=1' is not a number"),
    "a complex number": (["x", "x=1j"], "'1j' is not a number"),
    "nan": (["x", "x=nan"], "nan is no value to differentiate at"),
    "beyond floats": (["x", "x=1e999"], "too large for a float; for infinity write inf"),
    "twice": (["x", "x=1", "x=2"], "x is given twice; give each name one value"),
    "twice, spelt apart": (["x", "\N{MICRO SIGN}=1", "μ=2"], "given twice"),
    "100 kB of value": (["x", "x=" + "1a" * 50_000], "is not a number"),
    "100 kB of name": (["x", "y" * 100_000], "expected NAME=NUMBER"),
    "the value first": (["x=1", "x"], "values are given apart"),
    "an unknown option": (["x", "x=1", "--hlep"], "--hlep; did you mean '--help'?"),
    "an unlike option": (["x", "x=1", "--verbose"], "--verbose; see autograd-lite "),
    "a spare name": (
        ["x", "x=1", "z=3"],
        "'z' has a value, but is not in the expression; leave it",
    ),
    "a spare constant": (["x", "x=1", "e=5"], "'e' has a value, but is not in the expression"),
    "100 kB of option": (["x", "x=1", "--" + "jsn" * 30_000], "unrecognized arguments: --jsn"),
    "a line break": (["x", "x=1", "--js\nn"], "--js\\nn"),
}


@pytest.mark.parametrize("command", ["grad", "draw", "explain"])
@pytest.mark.parametrize("case", REFUSED)
def test_refused(
    case: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, why = REFUSED[case]
    assert why in refusal(capsys, command, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_gradient_that_is_undefined(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def backward(value: Value) -> None:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr(Value, "backward", backward)
    assert "the gradient is undefined at these values" in refusal(capsys, "grad", "x", "x=1")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text().filter(lambda word: word not in ("-h", "--help")), max_size=4))
def test_any_arguments_end_in_an_answer_or_one_line(capsys: Capture, arguments: list[str]) -> None:
    code = main(["grad", *arguments])
    printed = capsys.readouterr()
    assert (code == 0) == (printed.err == "")
    assert printed.err.count("\n") == (code == 2)


@pytest.mark.parametrize(
    ("word", "words", "hint"),
    [
        ("sepal_length", ["Sepal_Width", "Sepal_Length"], "'Sepal_Length'"),
        ("MSE", ["mae", "mse"], "'mse'"),
        ("TAHN", ["sin", "tanh"], "'tanh'"),
        ("BCE", ["mse", "binary_cross_entropy"], "'binary_cross_entropy'"),
        ("KIND", ["Kind", "kind", "kin"], "'Kind' or 'kind'"),
    ],
)
def test_capital_letters_do_not_hide_a_word(word: str, words: list[str], hint: str) -> None:
    assert did_you_mean(word, words) == f"; did you mean {hint}?"


@pytest.mark.parametrize("command", ["train", "sweep", "predict", "xor"])
def test_a_minus_is_an_expression_to_some_commands_only(command: str, capsys: Capture) -> None:
    assert "' -" not in refusal(capsys, command, "-d.csv", "-")


# --- the program ----------------------------------------------------------------------------------


def test_without_arguments_it_shows_its_help_as_an_error(capsys: Capture) -> None:
    assert main([]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("usage: autograd-lite ")


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("grda", "'grda' is not a command; did you mean 'grad'"),
        (
            "x*y",
            "'x*y' is not a command; there are xor, train, predict, sweep, grad, draw, explain",
        ),
        ("", "'' is not a command"),
        ("-x", "unrecognized arguments: -x"),
        ("--verbose", "unrecognized arguments: --verbose"),
        ("x" * 100_000, "is not a command"),
    ],
    ids=["misspelt", "an expression", "empty", "an option", "a long option", "100 kB"],
)
def test_unknown_commands(word: str, why: str, capsys: Capture) -> None:
    assert why in refusal(capsys, word)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("--versoin", "--version"),
        ("train xor --epcohs 5", "--epochs"),
        ("train --epcohs=5 xor", "--epochs"),
        ("sweep xor --optimiser sgd", "--optimizer"),
        ("predict m.json d.csv --kep", "--keep"),
        ("xor --epcohs 5", "--epochs"),
        ("grad x x=1 --jsn", "--json"),
        ("draw x x=1 --outptu a.svg", "--output"),
    ],
)
def test_a_misspelt_option_gets_a_suggestion(words: str, hint: str, capsys: Capture) -> None:
    assert f"did you mean '{hint}'" in refusal(capsys, *shlex.split(words))


def test_what_is_said_of_a_long_word_is_cut(capsys: Capture) -> None:
    said = refusal(capsys, "explain", "x", "x=1", "--format", "text" * 1000)
    assert "texttext...; see autograd-lite explain --help" in said


@pytest.mark.parametrize("arguments", [["--help"], ["grad", "--help"], ["draw", "-h"]])
def test_help(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit, match=r"^0$"):
        main(arguments)
    printed = capsys.readouterr().out
    assert printed.startswith("usage: autograd-lite ")
    assert "example" in printed
    assert printed.isascii()


def test_the_examples_in_the_help_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    examples = 0
    for command in ("grad", "draw"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        for line in capsys.readouterr().out.splitlines():
            if line.startswith("  autograd-lite "):
                run(capsys, *shlex.split(line)[1:])
                examples += 1
    assert examples == 5


def test_version(capsys: Capture) -> None:
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--version"])
    assert capsys.readouterr().out == f"autograd-lite {__version__}\n"


def test_control_c_ends_it_quietly(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupt(text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("autograd_lite.commands.expressions.parse", interrupt)
    assert main(["grad", "x"]) == 130
    assert capsys.readouterr() == ("", "")


def process(*arguments: str, **options: object) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-W", "error", "-m", "autograd_lite", *arguments]
    return subprocess.run(command, capture_output=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_as_a_process() -> None:
    done = process("grad", "-x", "x=1", "--json")
    answer = b'{"expression": "-x", "value": -1.0, "gradients": {"x": -1.0}}'
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, answer, b"")
    done = process("grad", "().__class__")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"autograd-lite: error: '().__class__' at column 1 is an ")


def test_a_terminal_without_the_characters() -> None:
    done = process("grad", "λ", "λ=1", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"\\u03bb = 1.0")


def test_a_pipe_that_is_closed() -> None:
    command = [sys.executable, "-m", "autograd_lite", "grad", "x", "x=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_disk_that_is_full() -> None:
    command = [sys.executable, "-m", "autograd_lite", "explain", "x * x", "x=1"]
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, check=False, env=buffered
        )
    assert done.returncode == 2
    assert done.stderr.startswith(b"autograd-lite: error: cannot print: ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("line", "wanted"),
    [("autograd-lite exp", "explain"), ("autograd-lite train --epo", "--epochs")],
)
def test_a_shell_completes_commands_and_options(line: str, wanted: str, tmp_path: Path) -> None:
    pytest.importorskip("argcomplete")
    answer = tmp_path / "answer"
    environment = {
        **os.environ,
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "IFS": "\n",
        "_ARGCOMPLETE_IFS": "\n",
    }
    command = [sys.executable, "-c", "from autograd_lite.commands import main; main()"]
    subprocess.run(command, env=environment, check=False, capture_output=True)
    assert wanted in answer.read_text().split()
