"""Rows as functions: what help and inspect say of them, operands by name, rows of one's own."""

from __future__ import annotations

import copy
import functools
import inspect
import math
import pickle
import pydoc
from collections.abc import Iterator
from typing import Any

import pytest

import autograd_lite as al
from autograd_lite import Operation, Value, op, ops
from autograd_lite.operation import TABLE, TRACED


@pytest.fixture(autouse=True)
def own_table() -> Iterator[None]:
    """Leave the table as it was."""
    before = dict(TABLE)
    yield
    TABLE.clear()
    TABLE.update(before)


# --- signatures ---------------------------------------------------------------------------------

SIGNATURES = {
    "tanh": "(x)",
    "add": "(a, b)",
    "fma": "(a, b, c)",
    "clamp": "(x, low, high)",
    "leaky_relu": "(x, slope=0.01)",
    "elu": "(x, alpha=1.0)",
    "polygamma": "(n, x)",
    "floor": "(x)",  # whose rule takes any operands
    "floordiv": "(a, b)",
    "max": "(operands, /)",
}


@pytest.mark.parametrize(("name", "signature"), SIGNATURES.items(), ids=SIGNATURES)
def test_a_row_has_the_signature_of_its_rules(name: str, signature: str) -> None:
    assert str(inspect.signature(TABLE[name])) == signature


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_each_row_takes_as_many_operands_as_its_signature(row: Operation) -> None:
    parameters = inspect.signature(row).parameters.values()
    assert len(parameters) == (1 if row.arity is None else row.arity)
    defaults = [p.default for p in parameters if p.default is not inspect.Parameter.empty]
    assert tuple(defaults) == row.defaults


def test_the_class_keeps_its_own_signature_and_docstring() -> None:
    assert "forward" in inspect.signature(Operation).parameters
    assert str(inspect.getdoc(Operation)).startswith("One row of the table")


def test_a_wrapper_takes_after_a_row_as_after_a_function() -> None:
    @functools.wraps(ops.clamp)
    def mine(*operands: Any) -> Any:
        return ops.clamp(*operands)

    assert mine.__name__ == "clamp"
    assert str(inspect.signature(mine)) == "(x, low, high)"
    assert mine.__doc__ == ops.clamp.__doc__


# --- operands by name ---------------------------------------------------------------------------


def test_operands_go_by_name_too() -> None:
    assert ops.clamp(5.0, low=0.0, high=1.0) == 1.0
    assert ops.leaky_relu(slope=0.5, x=-2.0) == -1.0
    assert ops.leaky_relu(x=-2.0) == -0.02
    x = Value(2.0)
    y = ops.atan2(b=3.0, a=x)
    y.backward()
    assert y.data == math.atan2(2.0, 3.0)
    assert x.grad == pytest.approx(3 / 13)


WRONG: list[tuple[str, dict[str, float], tuple[float, ...], str]] = [
    ("exp", {"y": 1.0}, (), r"exp\(x\): missing a required argument: 'x'"),
    ("exp", {"y": 1.0}, (2.0,), r"exp\(x\): got an unexpected keyword argument 'y'"),
    ("exp", {"x": 1.0}, (2.0,), r"exp\(x\): multiple values for argument 'x'"),
    ("clamp", {"high": 1.0}, (2.0,), r"clamp\(x, low, high\): missing a required argument: 'low'"),
    ("sum", {"operands": 1.0}, (), r"sum\(operands, /\): "),
]


@pytest.mark.parametrize(("name", "named", "operands", "message"), WRONG, ids=range(len(WRONG)))
def test_wrong_names_are_errors(
    name: str, named: dict[str, float], operands: tuple[float, ...], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        TABLE[name](*operands, **named)


# --- help ---------------------------------------------------------------------------------------


@pytest.fixture
def double() -> Operation:
    return op("double", lambda u: 2 * u, lambda g, y, u: 2.0 * g, domain="any number at all",
              kinks={(0.0,): (2.0,)}, doc="Twice the number.\n\n>>> double(1.0)\n2.0")  # fmt: skip


HELP = """double(u)

Twice the number.

    y = double(u)
    dy/du = 2
    domain: any number at all
    at double(0): dy/du = 2

>>> double(1.0)
2.0"""


def test_the_help_of_a_row_is_all_that_it_says(double: Operation) -> None:
    assert double.__doc__ == inspect.getdoc(double) == HELP


def test_pydoc_documents_the_row_and_not_its_class(double: Operation) -> None:
    text = pydoc.plain(pydoc.render_doc(double))
    assert "double = <operation double>\n    double(u)\n" in text
    assert "One row of the table" not in text


SAID = {
    "tanh": ["Hyperbolic tangent.", "y = tanh(x)", "dy/dx = 1 - y**2"],
    "mul": ["y = a * b", "dy/da = b", "dy/db = a"],
    "log": ["dy/dx = 1 / x", "domain: a number > 0"],
    "acosh": ["dy/dx = 1 / sqrt(x - 1) / sqrt(x + 1)", "at acosh(1): dy/dx = inf"],
    "relu": ["dy/dx = 1 at relu(0.5), 0 at relu(-0.5)", "at relu(0): dy/dx = 0"],
    "leaky_relu": ["dy/dx = 1 at leaky_relu(0.5, 0.25), slope at leaky_relu(-0.5, 0.25)",
                   "at leaky_relu(0, 0.01): dy/dx = 0.01, dy/dslope = 0"],
    "clamp": ["dy/dhigh = 0 at clamp(0.5, 0.25, 0.75), 1 at clamp(2, 1, 1.5)"],
    "polygamma": ["dy/dn = nan", "dy/dx = polygamma(n + 1, x)"],
    "prod": ["y = Π(a, b, c)", "dy/da = c * b", "dy/db = a * c"],
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_derivatives_domains_and_kinks_are_written_out(name: str) -> None:
    lines = str(TABLE[name].__doc__).split("\n")
    assert [line for line in SAID[name] if line not in map(str.strip, lines)] == []


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_each_row_says_a_derivative_for_each_operand(row: Operation) -> None:
    names = "abc" if row.arity is None else list(inspect.signature(row).parameters)
    for name in names:
        assert f"    dy/d{name} = " in str(row.__doc__)


def test_nothing_is_said_of_a_domain_where_there_is_none() -> None:
    assert "domain" not in str(ops.tanh.__doc__)


def test_a_rule_that_fails_has_help_too() -> None:
    row = op("tabled", math.sin, lambda g, y, x: g * {0.0: 1.0}[x])
    assert row.__doc__ == "tabled(x)\n\n    y = tabled(x)"


def test_methods_of_values_keep_their_short_docstrings() -> None:
    assert Value(1.0).tanh.__doc__ == "Hyperbolic tangent."


# --- rows of one's own --------------------------------------------------------------------------


def test_a_row_of_ones_own_is_replaced_by_one_of_its_name() -> None:
    first = op("cell", lambda x: 2.0 * x, lambda g, y, x: 2.0 * g)
    x = Value(1.0)
    old = first(x)
    second = op("cell", lambda x: 3.0 * x, lambda g, y, x: 3.0 * g)
    assert TABLE["cell"] is second
    old.backward()
    assert (old.op, x.grad) == (first, 2.0)
    assert second(x).data == 3.0
    assert pickle.loads(pickle.dumps(first)) is second  # by name
    assert copy.copy(first) is first


def test_a_replacement_that_is_refused_leaves_the_row() -> None:
    row = op("kept", lambda x: x, lambda g, y, x: g)
    with pytest.raises(TypeError, match="a vjp is a function of"):
        op("kept", lambda x: x, lambda g: g)
    assert TABLE["kept"] is row


@pytest.mark.parametrize("name", ["tanh", "dot", "logsumexp", "convention"])
def test_built_in_rows_are_protected(name: str) -> None:
    row = TABLE[name]
    with pytest.raises(ValueError, match=f"named '{name}' exists already; choose another"):
        op(name, lambda x: x, lambda g, y, x: g)
    assert TABLE[name] is row
    assert al.tanh is TABLE["tanh"]


@pytest.mark.parametrize("name", TRACED)
def test_rows_of_traces_are_protected(name: str) -> None:
    with pytest.raises(ValueError, match=f"named '{name}' exists already; choose another"):
        op(name, lambda x: x, lambda g, y, x: g)
    assert name not in TABLE


def test_a_result_of_a_row_since_replaced_is_not_pickled_under_its_name() -> None:
    first = op("rows_replaced", lambda x: 2 * x, lambda g, y, x: 2.0 * g)
    x = Value(3.0)
    y = first(x)
    op("rows_replaced", lambda x: 5 * x, lambda g, y, x: 5.0 * g)
    with pytest.raises(pickle.PicklingError, match="'rows_replaced' has been replaced since"):
        pickle.dumps(y)
    copied = copy.deepcopy(y)
    copied.backward()
    assert copied.operands[0].grad == 2.0  # type: ignore[union-attr]


def test_a_graph_pickled_with_its_operations_bare_is_read() -> None:
    _, (segment, place) = (Value(2.0).tanh() * 3).__reduce__()
    rebuild, columns, grads = segment.__reduce__()
    older = tuple([[row.op for row in x] if x and hasattr(x, "index") and hasattr(x[0], "op")
                   and not isinstance(x[0], Value) else x for x in columns])  # fmt: skip
    assert older != columns
    again = rebuild(*older)
    again.__setstate__(grads)
    assert again.nodes[place].data == 3 * math.tanh(2.0)
    assert again.nodes[place].op is ops.mul
