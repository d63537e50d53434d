"""An expression is a text made of numbers, names and the table's operations, and nothing else."""

import math
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd_lite import AutogradError, DomainError, ExpressionError, RangeError, Value
from autograd_lite._support.wording import did_you_mean, shortened
from autograd_lite.notation.reading import MAX_DEPTH, MAX_LENGTH, evaluate, parse
from autograd_lite.operation import TABLE

AT = {"x": 2.0, "y": -3.0}

# --- what is allowed, and its value at x = 2, y = -3 ----------------------------------------------

ALLOWED = {
    "7": 7.0,
    "1_000": 1000.0,
    "0x10": 16.0,
    "2.5e-3": 0.0025,
    "x": 2.0,
    "-x": -2.0,
    "+x": 2.0,
    "--x": 2.0,
    "x + y": -1.0,
    "x - y - 1": 4.0,
    "x * y": -6.0,
    "y / x": -1.5,
    "y // x": -2.0,
    "y % x": 1.0,
    "x ** 3 ** 2": 512.0,
    "-x ** 2": -4.0,
    "x ** -1": 0.5,
    "7 // 2": 3.0,
    "1 if x > 0 else 2": 1.0,
    "1 if x else 2": 1.0,
    "1 if 1 < x < 3 else 2": 1.0,
    "1 if 1 < x < 2 else 2": 2.0,
    "1 if x > 0 and not y > 0 else 2": 1.0,
    "1 if x < 0 or y < 0 else 2": 1.0,
    "1 if x == 2 != y else 2": 1.0,
    "1 if x <= 2 >= y else 2": 1.0,
    "1if x else 2": 1.0,
    "abs(y)": 3.0,
    "relu(x) + relu(y)": 2.0,
    "swish(0)": 0.0,
    "leaky_relu(y)": -0.03,
    "leaky_relu(y, 0.5)": -1.5,
    "clamp(x, 0, 1)": 1.0,
    "sum([x, y])": -1.0,
    "sum((x, y))": -1.0,
    "sum(x, y, 1)": 0.0,
    "sum([])": 0.0,
    "max(x, y, 9)": 9.0,
    "max(x)": 2.0,
    "norm([3, 4])": 5.0,
    "dot([x, y], [10, 1])": 17.0,
    "dot([x, y], (10, 1), 0.5)": 17.5,
    "where(x > 0, x, log(y))": 2.0,
    "cos(pi)": -1.0,
    "tau / pi": 2.0,
    "log(e)": 1.0,
    "tanh(-inf)": -1.0,
    "x\n+ y": -1.0,
    "\t x + y \n": -1.0,
}


@pytest.mark.parametrize("text", ALLOWED)
def test_allowed(text: str) -> None:
    assert evaluate(text, AT).data == ALLOWED[text]


@pytest.mark.parametrize("name", sorted({*TABLE} - {"atanh", "dot"}))
def test_every_operation_of_the_table_can_be_called_by_its_name(name: str) -> None:
    count = TABLE[name].arity or 3
    operands = ", ".join(["x"] * count)
    assert evaluate(f"{name}({operands})", {"x": 1.0}).data == TABLE[name].apply((1.0,) * count)


def test_names_are_leaves_and_constants_are_not() -> None:
    x = Value(3.0, name="x")
    y = evaluate("x * x * 2", {"x": x})
    y.backward()
    assert y.operands[1] == 2.0
    assert not isinstance(y.operands[1], Value)
    assert x.grad == 12.0


def test_a_name_is_one_leaf_however_often_it_is_used() -> None:
    product = evaluate("x * x", {"x": 3.0})
    left, right = product.operands
    assert left is right
    assert isinstance(left, Value)
    assert left.name == "x"


def test_variables_shadow_constants() -> None:
    assert evaluate("e + pi", {"e": 1.0, "pi": 2.0}).data == 3.0


def test_variables_do_not_shadow_operations() -> None:
    assert evaluate("max(max, 1)", {"max": 5.0}).data == 5.0


def test_names_in_the_order_they_are_written() -> None:
    assert parse("b * a + tanh(c) ** b").names == ("b", "a", "c")


def test_letters_that_python_takes_for_one() -> None:
    micro_sign, mu = "\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}"
    assert evaluate(f"{micro_sign} + {mu}", {micro_sign: 2.0}).data == 4.0


def test_only_the_branch_taken_is_evaluated() -> None:
    assert evaluate("log(x) if x > 0 else 0", {"x": -1.0}).data == 0.0
    assert evaluate("where(x > 0, log(x), 0)", {"x": -1.0}).data == 0.0
    assert evaluate("1 if x > 0 or log(x) > 0 else 0", {"x": 1.0}).data == 1.0


# --- what is not ----------------------------------------------------------------------------------

REFUSED = {
    "": "empty",
    " \n ": "empty",
    "x +": "not an expression",
    "2x": "a product is written 2 \\* x",
    "x = 3": "== compares, and values are given apart",
    "x y": "invalid syntax at column 3",
    "(x": "never closed",
    "x)": "unmatched",
    "x; y": "invalid syntax",
    "x # the input\n+ y": "comment",
    "x\\\n+ y": "not an expression",
    "\0": "'.*' (is not an expression|has a character that is no text)",
    "\ud800": "has a character that is no text",
    "\N{MULTIPLICATION SIGN}": "invalid character",
    "True": "'True' at column 1 is a truth value; write 1 or 0",
    "None": "'None' at column 1 is not allowed; allowed are numbers",
    "...": "not allowed",
    "1j": "a complex number",
    "'x'": "a text",
    "b'x'": "a text",
    "f'{x}'": "an f-string",
    "f'{__import__(\"os\")}'": "an f-string",
    "().__class__": "'().__class__' at column 1 is an attribute; allowed are",
    "x.real": "an attribute",
    "x.__class__.__mro__[-1]": "an index",
    "x[0]": "an index",
    "x[:]": "an index",
    "(x := 2)": "an assignment",
    "lambda: x": "a lambda",
    "(lambda: x)()": "a call of something else than an operation's name",
    "[x for x in y]": "a comprehension",
    "{x for x in y}": "a comprehension",
    "{x: x for x in y}": "a comprehension",
    "sum(x for x in y)": "a comprehension",
    "{}": "a dict",
    "{x}": "a set",
    "[x]": "a list, not a number",
    "x, y": "several numbers, not one",
    "3,5": "a decimal point is written 3.5",
    "()": "several numbers",
    "max([x, y], 2)": "a list, not a number",
    "max([[x]])": "a list, not a number",
    "max(*[x, y])": "a starred operand",
    "max(**x)": "keywords",
    "tanh(x=1)": "keywords",
    "await x": "not allowed",
    "yield x": "not an expression",
    "import os": "not an expression",
    "del x": "not an expression",
    "x @ y": "not allowed",
    "x ^ 2": "write \\*\\* for a power",
    "x & y": "write `and` between conditions",
    "x | y": "write `or` between conditions",
    "x << 2": "not allowed",
    "~x": "not allowed",
    "x > y": "a condition, not a number; write 1 if ... else 0",
    "not x": "a condition, not a number",
    "x and y": "a condition, not a number",
    "(x > y) * 2": "a condition, not a number",
    "1 if x is y else 2": "not a comparison by",
    "1 if x in [y] else 2": "not a comparison by",
    "__import__('os')": "'__import__' at column 1 is not an operation",
    "eval(x)": "not an operation",
    "x + open('/etc/passwd')": "'open' at column 5 is not an operation",
    "softmax([x, y])": "not an operation",
    "x(2)": "not an operation",
    "tahn(x)": "did you mean 'tan' or 'tanh'?",
    "ln(x)": "did you mean 'log'?",
    "tanh()": "'tanh' at column 1 expects 1 operand, got 0",
    "tanh(x, y)": "expects 1 operand, got 2",
    "hypot(x)": "expects 2 operands, got 1",
    "leaky_relu()": "expects 1 to 2 operands, got 0",
    "where(x, y)": "expects 3 operands, got 2",
    "dot(x, y)": "two lists of one length",
    "dot([x], [x, y])": "two lists of one length",
    "dot([x], [y], 1, 2)": "two lists of one length",
    "1e999": "too large for a float",
    "9" * 400: "too large for a float",
    "0x" + "f" * 400: "too large for a float",
    "9" * 5000: "the number at column 1 has 5000 digits",
    "z": "'z' has no value; add z=...",
    "x + z + w": "'z', 'w' have no value; add z=... w=...",
    "xx * y": "'xx' has no value",
    "tanh * x": "'tanh' is an operation, not a number; write tanh(...)",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(shortened(text)))
def test_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match=REFUSED[text].replace("()", r"\(\)")) as caught:
        evaluate(text, AT)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 250


@pytest.mark.parametrize("branch", ["foo(x)", "x.real", "z"])
def test_a_branch_not_taken_is_checked_too(branch: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(f"1 if x > 0 else {branch}", AT)


TOO_LARGE = {
    "characters": "x" * (MAX_LENGTH + 1),
    "a hundred thousand": "x + " * 25_000 + "x",
    "parentheses": "(" * 10_000 + "x" + ")" * 10_000,
    "parentheses, short": "(" * 4_000 + "x" + ")" * 4_000,
    "never closed": "(" * 9_000,
    "brackets": "[" * 4_000,
    "braces": "{" * 4_000,
    "signs": "-" * 9_000 + "x",
    "some signs": "-" * MAX_DEPTH + "x",
    "powers": "**".join("x" * 3_000),
    "choices": "x if x else " * 800 + "x",
    "not": "1 if " + "not " * 2_000 + "x else 0",
    "lambdas": "lambda: " * 1_000 + "x",
    "attributes": "x" + ".x" * 4_900,
}


@pytest.mark.parametrize("text", TOO_LARGE.values(), ids=TOO_LARGE)
def test_too_large(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"the most is|nests too deeply") as caught:
        parse(text)
    assert len(str(caught.value)) < 250


def test_a_chain_is_as_long_as_pythons_parser_takes() -> None:
    chain = "+".join("x" * 5_000)
    if sys.version_info >= (3, 13):
        assert evaluate(chain, {"x": Value(2.0)}).data == 10_000.0
    else:
        with pytest.raises(ExpressionError, match="chains too many operators"):
            parse(chain)


LARGEST = {
    "parentheses": "(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH,
    "signs": "-" * (MAX_DEPTH - 2) + "x",
    "calls": "tanh(" * (MAX_DEPTH - 2) + "x" + ")" * (MAX_DEPTH - 2),
    "lists": "sum([" * (MAX_DEPTH // 2 - 1) + "x" + "])" * (MAX_DEPTH // 2 - 1),
    "powers": "1 ** " * (MAX_DEPTH - 2) + "x",
    "choices": "x if x < 0 else " * (MAX_DEPTH - 3) + "x",
    "conditions": "1 if " + "not " * (MAX_DEPTH - 4) + "x else x",
    "a sum": "x" + " + x" * 2_000,
}


@pytest.mark.parametrize("text", LARGEST.values(), ids=LARGEST)
def test_the_largest_that_is_accepted(text: str) -> None:
    x = Value(1.0, name="x")
    evaluate(text, {"x": x}).backward()
    assert math.isfinite(x.grad)


@pytest.mark.parametrize("text", [None, 3, b"x", Value(1.0)])
def test_an_expression_is_a_text(text: object) -> None:
    with pytest.raises(TypeError, match="an expression is a text, got"):
        parse(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["3", None, [1.0], 1j])
def test_a_value_is_a_number(value: object) -> None:
    with pytest.raises(TypeError, match="expected a number"):
        evaluate("x", {"x": value})  # type: ignore[dict-item]


UNDEFINED = {
    "9**9**9**9": RangeError,
    "exp(1000)": RangeError,
    "1 / 0": DomainError,
    "1 / (x - 2)": DomainError,
    "1 % 0": DomainError,
    "0 ** -1": DomainError,
    "(-2) ** 0.5": DomainError,
    "log(y)": DomainError,
    "max()": DomainError,
    "mean([])": DomainError,
    "clamp(x, 3, 1)": DomainError,
}


@pytest.mark.parametrize("text", UNDEFINED)
def test_undefined_as_the_operations_are(text: str) -> None:
    with pytest.raises(UNDEFINED[text]):
        evaluate(text, AT)


# --- properties -----------------------------------------------------------------------------------

REFERENCE = {
    "abs": abs, "atan": math.atan, "exp": math.exp, "hypot": math.hypot, "log": math.log,
    "sin": math.sin, "sqrt": math.sqrt, "tanh": math.tanh,
}  # fmt: skip


def _larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    comparison = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    conditions = st.one_of(
        st.builds("{} {} {}".format, parts, comparison, parts),
        st.builds("{} < {} <= {}".format, parts, parts, parts),
        st.builds("not {} > {} and {}".format, parts, parts, parts),
        st.builds("{} or {} != {}".format, parts, parts, parts),
    )
    return st.one_of(
        st.builds("({})".format, parts),
        st.builds("-{}".format, parts),
        st.builds(
            "{} {} {}".format, parts, st.sampled_from(["+", "-", "*", "/", "//", "%"]), parts
        ),
        st.builds("({}) ** {}".format, parts, st.sampled_from(["2.0", "3.0", "-1.0", "0.0"])),
        st.builds("{}({})".format, st.sampled_from(sorted({*REFERENCE} - {"hypot"})), parts),
        st.builds("hypot({}, {})".format, parts, parts),
        st.builds("({} if {} else {})".format, parts, conditions, parts),
    )


texts = st.recursive(st.sampled_from(["x", "y", "0.0", "1.5", "2e3", ".25"]), _larger)
numbers = st.floats(-10, 10)


@given(text=texts, x=numbers, y=numbers)
def test_floats_agree_with_python_itself(text: str, x: float, y: float) -> None:
    try:
        expected = eval(text, {"__builtins__": {}, **REFERENCE}, {"x": x, "y": y})
    except (ArithmeticError, ValueError):
        with pytest.raises(AutogradError):
            evaluate(text, {"x": x, "y": y})
    else:
        assert repr(evaluate(text, {"x": x, "y": y}).data) == repr(expected)


@given(text=texts, x=numbers, y=numbers)
def test_gradients_agree_with_the_same_expression_in_python(text: str, x: float, y: float) -> None:
    functions = {name: TABLE[name] for name in REFERENCE}
    ours, theirs = ({name: Value(at, name=name) for name, at in (("x", x), ("y", y))} for _ in "ab")
    try:
        expected = eval(text, {"__builtins__": {}, **functions}, {**theirs})
    except (ArithmeticError, ValueError):
        return
    result = evaluate(text, ours)
    result.backward()
    if isinstance(expected, Value):
        expected.backward()
    assert [repr(v.grad) for v in ours.values()] == [repr(v.grad) for v in theirs.values()]


TOKENS = """
x y 1 2.5 9999 1e999 1j 'a' f'{x}' ( ) [ ] { } + - * ** / // % @ ^ ~ < > == = := , : . ; # \\
if else and or not is in for lambda await yield True None pi nan λ ² × __class__ __import__(
tanh( max( dot( where(
"""
tokens = st.sampled_from([*TOKENS.split(), "\n", "\0"])


@given(st.one_of(st.text(), st.lists(tokens, max_size=30).map(" ".join)))
@example("1" * 5000)
@example("(" * 199)
def test_any_text_is_evaluated_or_refused_in_one_line(text: str) -> None:
    message = ""
    try:
        evaluate(text, AT)
    except AutogradError as error:
        message = str(error)
    assert message.isprintable()


def test_did_you_mean() -> None:
    assert did_you_mean("hyptot", TABLE) == "; did you mean 'hypot'?"
    assert did_you_mean("qqqq", TABLE) == ""
    assert did_you_mean("x" * 100_000, TABLE) == ""
