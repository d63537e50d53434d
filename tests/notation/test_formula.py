"""A formula is one tree, written as text and as LaTeX with the parentheses that it needs."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, op, ops
from autograd_lite.notation.formula import (
    Applied,
    Formula,
    expression,
    local_derivative,
    simplified,
    text,
)
from autograd_lite.notation.latex import latex
from autograd_lite.operation import ATOM, TABLE, Operation

# --- text is what Python would read -------------------------------------------------------------

BINARY: dict[Operation, Any] = {ops.add: operator.add, ops.sub: operator.sub, ops.mul: operator.mul,
          ops.div: operator.truediv, ops.floordiv: operator.floordiv,
          ops.mod: operator.mod}  # fmt: skip
UNARY: dict[Operation, Any] = {ops.neg: operator.neg, ops.pos: operator.pos}


def _larger(parts: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    return st.one_of(
        st.builds(Applied, st.sampled_from([*BINARY]), st.tuples(parts, parts)),
        st.builds(Applied, st.sampled_from([*UNARY]), st.tuples(parts)),
        st.builds(Applied, st.just(ops.pow), st.tuples(parts, st.sampled_from([2.0, -1.0, 3.0]))),
    )


formulas = st.recursive(st.sampled_from(["x", "y", "z"]), _larger, max_leaves=8)
fractions = st.fractions(-4, 4, max_denominator=5)


def exactly(formula: Formula, at: dict[str, Fraction]) -> Any:
    if isinstance(formula, str):
        return at[formula]
    if isinstance(formula, float):
        return int(formula)
    operands = [exactly(x, at) for x in formula.operands]
    return {**BINARY, **UNARY, ops.pow: operator.pow}[formula.op](*operands)


@given(formula=formulas, x=fractions, y=fractions, z=fractions)
def test_python_reads_the_text_as_the_formula(
    formula: Formula, x: Fraction, y: Fraction, z: Fraction
) -> None:
    at = {"x": x, "y": y, "z": z}
    try:
        expected = exactly(formula, at)
    except ZeroDivisionError:
        return
    assert eval(text(formula), {}, at) == expected


A, B, C = "abc"
TEXT: list[tuple[Formula, str]] = [
    (Applied(ops.pow, (Applied(ops.pow, (A, 2.0)), 3.0)), "(a**2)**3"),
    (Applied(ops.pow, (A, Applied(ops.pow, (B, C)))), "a**b**c"),
    (Applied(ops.pow, (A, Applied(ops.neg, (B,)))), "a**(-b)"),
    (Applied(ops.mul, (A, Applied(ops.mod, (B, C)))), "a * (b % c)"),
    (Applied(ops.mod, (A, Applied(ops.mul, (B, C)))), "a % (b * c)"),
    (Applied(ops.sub, (A, Applied(ops.sub, (B, C)))), "a - (b - c)"),
    (Applied(ops.add, (A, Applied(ops.sub, (B, C)))), "a + b - c"),
    (Applied(ops.neg, (Applied(ops.mul, (A, B)),)), "-(a * b)"),
    (Applied(ops.mul, (Applied(ops.neg, (A,)), B)), "-a * b"),
]


@pytest.mark.parametrize(("formula", "wanted"), TEXT, ids=[row[1] for row in TEXT])
def test_text(formula: Formula, wanted: str) -> None:
    assert text(formula) == wanted


# --- without what a product does not need --------------------------------------------------------

SIMPLIFIED: list[tuple[Formula, str]] = [
    (simplified(ops.mul, ("a", 2.0)), "2 * a"),
    (simplified(ops.mul, ("a", 1.0)), "a"),
    (simplified(ops.mul, ("a", -1.0)), "-a"),
    (simplified(ops.mul, (1.0, 2.0)), "2"),
    (simplified(ops.add, ("a", 0.0)), "a"),
    (simplified(ops.div, ("a", 1.0)), "a"),
    (simplified(ops.div, (1.0, "a")), "1 / a"),
    (simplified(ops.neg, (Applied(ops.mul, (2.0, "a")),)), "-2 * a"),
    (simplified(ops.neg, (Applied(ops.neg, ("a",)),)), "a"),
    (simplified(ops.neg, (2.0,)), "-2"),
]


@pytest.mark.parametrize(("formula", "wanted"), SIMPLIFIED)
def test_simplified(formula: Formula, wanted: str) -> None:
    assert text(formula) == wanted


# --- LaTeX --------------------------------------------------------------------------------------

SUM = Applied(ops.add, ("a", "b"))
REMAINDER = Applied(ops.mod, ("a", "b"))
LATEX: list[tuple[Formula, str]] = [
    (Applied(ops.mul, (Applied(ops.neg, ("a",)), "b")), r"-a \cdot b"),
    (Applied(ops.mul, ("b", Applied(ops.neg, ("a",)))), r"b \cdot \left(-a\right)"),
    (Applied(ops.mul, ("c", REMAINDER)), r"c \cdot \left(a \bmod b\right)"),
    (Applied(ops.neg, (Applied(ops.div, ("a", "b")),)), r"-\frac{a}{b}"),
    (Applied(ops.neg, (Applied(ops.neg, ("a",)),)), r"-\left(-a\right)"),
    (Applied(ops.mul, (1e-9, "a")), r"10^{-9} \cdot a"),
    (Applied(ops.pow, (1e-9, "a")), r"{\left(10^{-9}\right)}^{a}"),
    (Applied(ops.pow, ("a", SUM)), "{a}^{a + b}"),
    (Applied(ops.square, (SUM,)), r"{\left(a + b\right)}^2"),
    (Applied(ops.hypot, (SUM, "c")), r"\sqrt{\left(a + b\right)^2 + c^2}"),
    (Applied(ops.exp, (SUM,)), "e^{a + b}"),
    (Applied(ops.mul, (Applied(ops.expm1, ("a",)), "b")), r"\left(e^{a} - 1\right) \cdot b"),
    (Applied(ops.sub, ("c", Applied(ops.expm1, ("a",)))), r"c - \left(e^{a} - 1\right)"),
    (Applied(ops.abs, (SUM,)), r"\left| a + b \right|"),
    (Applied(ops.floor, (SUM,)), r"\left\lfloor a + b \right\rfloor"),
    (Applied(ops.silu, (SUM,)), r"\left(a + b\right) \, \sigma(a + b)"),
    (Applied(ops.pow, (Applied(ops.silu, ("a",)), 2.0)), r"{\left(a \, \sigma(a)\right)}^{2}"),
    (Applied(ops.mean, tuple("abcdefgh")),
     r"\operatorname{mean}\left(a, b, c, \dots, f, g, h\right)"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "wanted"), LATEX)
def test_latex(formula: Formula, wanted: str) -> None:
    assert latex(formula) == wanted


FACTORS: list[tuple[Formula, str, str]] = [
    (SUM, "(a + b)", r"\left(a + b\right)"),
    (-2.0, "(-2)", r"\left(-2\right)"),
    (Applied(ops.mul, (2.0, "a")), "(2 * a)", r"\left(2 \cdot a\right)"),
    (Applied(ops.div, ("a", "b")), "(a / b)", r"\frac{a}{b}"),
    (Applied(ops.sin, ("a",)), "sin(a)", r"\sin \left(a\right)"),
    (Applied(ops.silu, ("a",)), "SiLU(a)", r"\left(a \, \sigma(a)\right)"),
    (Applied(ops.pow, ("a", 2.0)), "a**2", "{a}^{2}"),
]


@pytest.mark.parametrize(("formula", "as_text", "as_latex"), FACTORS)
def test_factors(formula: Formula, as_text: str, as_latex: str) -> None:
    assert (text.factor(formula), latex.factor(formula)) == (as_text, as_latex)


# --- operations of one's own --------------------------------------------------------------------


@pytest.fixture
def forget() -> Any:
    known = set(TABLE)
    yield
    for name in set(TABLE) - known:
        del TABLE[name]


@pytest.mark.usefixtures("forget")
def test_a_derivative_of_very_many_operations_is_not_written_out() -> None:
    def rule(g: Any, y: Any, x: Any) -> Any:
        for _ in range(30):  # 2**30 operations, were it written out
            g = g * x + g * x
        return g

    doubled = op("doubled", lambda x: x, rule)
    assert local_derivative(doubled, 0, ("y", 1.0), ("x",), (1.0,)) is None


@pytest.mark.usefixtures("forget")
@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        (r"\frac12 ({0} - {1})^2", r"\frac12 (\left(a + b\right) - \left(-2\right))^2"),
        (r"{0}^{{{1}}} + 1", r"\left(a + b\right)^{-2} + 1"),
        (r"\mathrm{d}({0}, {1})", r"\mathrm{d}(a + b, -2)"),  # braces need not be doubled
        (r"\left[{0}, {1}\right]", r"\left[a + b, -2\right]"),
    ],
)
def test_a_template_of_one_s_own(template: str, wanted: str) -> None:
    row = op("mine", lambda a, b: a, (lambda g, y, a, b: g, lambda g, y, a, b: 0.0), latex=template)
    assert latex(Applied(row, (SUM, -2.0))) == wanted


@pytest.mark.usefixtures("forget")
def test_an_operator_of_one_s_own_is_written_between_its_operands() -> None:
    plus = op("plus", operator.add, (lambda g, y, a, b: g,) * 2, symbol="+")
    assert text(Applied(ops.mul, (Applied(plus, ("a", "b")), "c"))) == "(a + b) * c"


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.precedence < ATOM], ids=repr)
def test_operators_are_those_of_python(row: Operation) -> None:
    assert row.symbol in {"+", "-", "*", "/", "//", "%", "**"}


# --- expressions in pictures --------------------------------------------------------------------


def leaf(name: str) -> Value:
    return Value(2.0, name=name)


EXPRESSIONS: list[tuple[Any, str]] = [
    (leaf("a") * 0.123456 - 1e-9, "a * 0.1235 - 1e-09"),
    (ops.sum([leaf("a")] * 3), "Σ(a, a, a)"),
    (ops.sum([leaf("a")] * 1_000), "Σ(1,000 operands)"),
    (ops.tanh(ops.sum([leaf("a")] * 4)), "tanh(Σ(4 operands))"),
    (ops.sin(ops.exp(ops.sin(ops.exp(leaf("a"))))), "sin(exp(sin(…)))"),
    (leaf("a long name of a leaf") * leaf("b"), "a long n…f a leaf * b"),
    (leaf("a long name of a leaf") * leaf("a long name") - leaf("c"), "… - c"),
    (Value(2.0) * Value(-3.0), "2 * (-3)"),
    (ops.hypot(leaf("a long name of a leaf"), leaf("another long name")), "hypot"),
]


@pytest.mark.parametrize(("node", "wanted"), EXPRESSIONS, ids=[row[1] for row in EXPRESSIONS])
def test_expressions_have_room_in_a_picture(node: Value, wanted: str) -> None:
    assert expression(node) == wanted
