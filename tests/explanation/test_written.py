"""What explains a gradient, as LaTeX, as Markdown and as a table of steps."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worked_graphs import named, two_paths

from autograd_lite import Value, ops
from autograd_lite.explanation import explain, trace_backward
from autograd_lite.notation.formula import Applied, text
from autograd_lite.notation.latex import latex, name
from autograd_lite.operation import TABLE, Operation

# --- LaTeX and Markdown -------------------------------------------------------------------------

COMMANDS = set(
    re.findall(
        r"\w+",
        "acute arccos arcsin arctan backslash bar begin bmod breve cdot cdots check cos cosh ddot"
        " dot dots end exp frac grave hat infty lceil left lfloor ln log mathrm max min"
        " operatorname partial prime prod quad rceil rfloor right sim sin sinh sqrt sum tan tanh"
        " text tilde wedge alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu"
        " xi pi rho sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma"
        " Upsilon Phi Psi Omega",
    )
)


def check_latex(source: str) -> None:
    """Check that LaTeX is balanced, is ASCII, and uses commands of amsmath and MathJax alone."""
    assert source.isascii()
    assert source.replace("\n", "").isprintable()
    bare = re.sub(r"\\[^A-Za-z]", "", source)  # \\ \{ \% ...
    commands = re.findall(r"\\([A-Za-z]+)", bare)
    assert set(commands) <= COMMANDS, set(commands) - COMMANDS
    assert commands.count("left") == commands.count("right")
    assert commands.count("begin") == commands.count("end") == bare.count("{align*}") / 2
    depth = 0
    for ch in bare:
        depth += (ch == "{") - (ch == "}")
        assert depth >= 0
    assert depth == 0
    assert not re.search(r"[#$%]", bare)
    assert all(line.count("&") <= 1 for line in bare.splitlines())


NAMES = [
    "w1",
    "E_total",
    "50% off",
    "a & b",
    "x_{1",
    "}",
    "\\end{align*}",
    "$x$",
    "~",
    "#",
    "''",
    "^^",
    "名前",
    "🙂",
    "ŷ",
    "é",
    "α",
    "Σ",
    "two\nlines",
    "",
    "x\x00",
    "\\",
    "a" * 200,
    "x₁",
    "w١",
]


@pytest.mark.parametrize("label", NAMES)
def test_latex_takes_any_name(label: str) -> None:
    x = Value(0.5, name=label)
    y = named("y", ops.sin(x * x))
    check_latex(explain(y, x).latex())
    check_latex(explain(y, x, max_paths=1).latex())
    check_latex(explain(y, Value(1.0, name=label)).latex())


@given(st.text())
@settings(max_examples=300)
def test_names_in_latex_are_balanced(label: str) -> None:
    check_latex(name(label))


@pytest.mark.parametrize(
    ("label", "wanted"),
    [("w1", "w_{1}"), ("a_h1", "a_{h_{1}}"), ("E_total", r"E_{\mathrm{total}}"), ("ŷ", r"\hat{y}"),
     ("loss", r"\mathrm{loss}"), ("α", r"\alpha "), ("x", "x")],
)  # fmt: skip
def test_names_in_latex(label: str, wanted: str) -> None:
    assert name(label) == wanted


@pytest.mark.parametrize("row", TABLE.values(), ids=list(TABLE))
def test_every_row_in_latex(row: Operation) -> None:
    total, minus = Applied(ops.add, ("a", "b")), Applied(ops.neg, ("c",))
    operands = (total, minus, -2.5)[: row.arity or 3]
    once = Applied(row, operands)
    for formula in (once, Applied(ops.pow, (once, 2.0)), Applied(ops.mul, (once, once))):
        check_latex(latex(formula))


TOTAL = Applied(ops.add, ("a", "b"))
WRITTEN = [
    (Applied(ops.mul, (TOTAL, "c")), "(a + b) * c", r"\left(a + b\right) \cdot c"),
    (Applied(ops.sub, ("c", TOTAL)), "c - (a + b)", r"c - \left(a + b\right)"),
    (Applied(ops.add, (TOTAL, "c")), "a + b + c", "a + b + c"),
    (Applied(ops.pow, (TOTAL, 2.0)), "(a + b)**2", r"{\left(a + b\right)}^{2}"),
    (Applied(ops.div, (TOTAL, "c")), "(a + b) / c", r"\frac{a + b}{c}"),
    (Applied(ops.neg, (TOTAL,)), "-(a + b)", r"-\left(a + b\right)"),
    (Applied(ops.mul, ("a", -2.0)), "a * (-2)", r"a \cdot \left(-2\right)"),
    (Applied(ops.mul, (-2.0, "a")), "-2 * a", r"-2 \cdot a"),
    (Applied(ops.sqrt, (TOTAL,)), "sqrt(a + b)", r"\sqrt{a + b}"),
    (Applied(ops.sin, ("a",)), "sin(a)", r"\sin \left(a\right)"),
    (Applied(ops.maximum, (TOTAL, 0.0)), "maximum(a + b, 0)", r"\max(a + b, 0)"),
    (Applied(TABLE["sum"], ("a", -1.0)), "Σ(a, -1)", r"\sum(a, -1)"),
    (Applied(ops.reciprocal, ("a",)), "reciprocal(a)", r"\frac{1}{a}"),
]


@pytest.mark.parametrize(("formula", "as_text", "as_latex"), WRITTEN)
def test_formulas_have_the_parentheses_they_need(
    formula: Applied, as_text: str, as_latex: str
) -> None:
    assert (text(formula), latex(formula)) == (as_text, as_latex)


def test_markdown_is_a_table_and_takes_any_name() -> None:
    d, a = two_paths()
    markdown = explain(d, a).markdown()
    assert markdown.startswith("**∂d/∂a = -189**: the sum over 2 paths.\n\n| path |")
    assert r"| a → b → d | ∂d/∂b · ∂b/∂a = c · (2 \* a) | -21 · 6 | -126 |" in markdown
    odd = Value(2.0, name="<b>|*x*|\n")
    table = [x for x in explain(odd * odd, odd).markdown().splitlines() if x.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 5 for line in table)
    assert "<b" not in "".join(table).replace(r"\<b", "")


def test_notebooks_show_markdown_and_latex() -> None:
    explanation = explain(*two_paths())
    assert explanation._repr_markdown_() == explanation.markdown()
    assert explanation._repr_latex_() == explanation.latex()


# --- the trace as a table -----------------------------------------------------------------------


def test_a_trace_is_a_sequence_and_an_aligned_table() -> None:
    trace = trace_backward(two_paths()[0])
    assert [step.visit for step in trace] == [1, 2, 3]
    assert trace[0].expression == "b * c"
    assert [step.name for step in trace[1:]] == ["c", "b"]
    assert trace[-1] in trace
    assert str(trace).splitlines()[-1].endswith("-63 - 126 = -189")


def test_a_trace_as_csv_and_json(tmp_path: Path) -> None:
    x = Value(3.0, name='a "name", with\nall')
    trace = trace_backward(x * x)
    rows = list(csv.DictReader(io.StringIO(trace.to_csv(tmp_path / "trace.csv"))))
    assert [(row["local"], row["before"], row["after"]) for row in rows] == [
        ("3.0", "", "3.0"),
        ("3.0", "3.0", "6.0"),
    ]
    assert rows[0]["operand"] == r'a "name", with\nall'
    (step,) = json.loads(trace.to_json(tmp_path / "trace.json"))
    assert step["operands"][1]["after"] == 6.0
    assert (tmp_path / "trace.csv").read_text("utf-8") == trace.to_csv()
    assert (tmp_path / "trace.json").read_text("utf-8") == trace.to_json()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trace.csv", "trace.json"]


def test_the_trace_of_a_leaf_is_empty() -> None:
    trace = trace_backward(Value(1.0))
    assert len(trace) == 0
    assert trace.to_json() == "[]"
    assert str(trace).startswith("visit")


def test_the_derivative_of_a_value_for_itself_is_one_however_it_is_written() -> None:
    a = Value(3.0, name="a")
    explanation = explain(a, a)
    assert str(explanation).splitlines()[2] == "∂a/∂a = 1"
    assert r"\frac{\partial a}{\partial a} & = 1" + "\n" in explanation.latex()
