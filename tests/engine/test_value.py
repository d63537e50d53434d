"""A Value behaves as Python's float does, and remembers how it was made."""

from __future__ import annotations

import ast
import copy
import inspect
import math
import pickle
import weakref
from fractions import Fraction
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from autograd_lite import Operation, Value, no_grad, op, ops
from autograd_lite.operation import TABLE


def test_a_leaf() -> None:
    x = Value(2, name="x")
    assert (x.data, x.grad, x.op, x.operands, x.name) == (2.0, 0.0, None, (), "x")
    assert repr(x) == "Value(data=2.0, grad=0.0, name='x')"
    assert repr(Value(-4.0)) == "Value(data=-4.0, grad=0.0)"


def test_a_result_knows_its_operation_and_operands() -> None:
    x, y = Value(2.0), Value(3.0)
    z = x * y
    assert z.op is ops.mul
    assert z.operands == (x, y)
    assert (x * 2).operands == (x, 2.0)
    assert (2 - x).operands == (2.0, x)
    assert ops.sum([x, y, Value(1)]).operands == (x, y, 1.0)
    assert (x + x).operands == (x, x)


@pytest.mark.parametrize(
    "number",
    [3, 3.0, True, Fraction(3, 2), np.float32(1.5), np.float64(1.5), np.int64(3), np.array(1.5)],
)
def test_plain_numbers_become_floats(number: Any) -> None:
    v = Value(number)
    assert type(v.data) is float
    assert v.data == float(number)
    assert type((v + number).data) is float
    assert (v + number).data == (number + v).data == 2 * float(number)
    assert isinstance(number + v, Value)


@pytest.mark.parametrize(
    "bad", ["3", None, [1.0], 1j, Value(1.0), np.array([1.0]), np.complex128(1), object(), b"1"]
)
def test_anything_else_is_a_type_error(bad: Any) -> None:
    with pytest.raises(TypeError, match=r"expected a (plain )?number, got"):
        Value(bad)
    x = Value(1.0)
    with pytest.raises(TypeError, match=r"expected a (plain )?number, got"):
        x.data = bad
    assert x.data == 1.0


@pytest.mark.parametrize("bad", ["3", None, [1.0], 1j, object(), b"1"])
def test_a_bad_operand_is_a_type_error(bad: Any) -> None:
    x = Value(1.0)
    for apply in (
        lambda: x + bad,
        lambda: bad + x,
        lambda: x - bad,
        lambda: x**bad,
        lambda: bad / x,
        lambda: x < bad,
        lambda: ops.maximum(x, bad),
        lambda: ops.sum([x, bad]),
        lambda: x.atan2(bad),
    ):
        with pytest.raises(TypeError):
            apply()


def test_wrong_numbers_of_operands() -> None:
    with pytest.raises(TypeError, match=r"atan2\(\) expects 2 operands, got 1"):
        ops.atan2(Value(1.0))  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=r"leaky_relu\(\) expects 1 to 2 operands, got 3"):
        ops.leaky_relu(Value(1.0), 0.1, 0.2)
    with pytest.raises(TypeError, match=r"sum\(\) expects one sequence"):
        ops.sum(Value(1.0), Value(2.0))  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="one length, got 2 and 1"):
        ops.dot([1.0, 2.0], [3.0])


def test_custom_operations_that_do_not_fit_are_refused() -> None:
    with pytest.raises(TypeError, match=r"a vjp is a function of \(g, y, x\)"):
        op("unfit", lambda x: x, lambda g, x: g)
    with pytest.raises(TypeError, match="kinks map points to slopes"):
        op("unfit", lambda x: x, lambda g, y, x: g, kinks={(0.0, 1.0): (1.0,)})
    with pytest.raises(TypeError, match="expects a name first, got ''"):
        op("", lambda x: x, lambda g, y, x: g)
    nothing = op("nothing", lambda x: None, lambda g, y, x: g)  # type: ignore[arg-type,return-value]
    with pytest.raises(TypeError, match="expected a number, got NoneType"):
        nothing(Value(1.0))
    short = op("short", lambda *xs: sum(xs), lambda g, y, *xs: [g], variadic=True)
    with pytest.raises(TypeError, match=r"'short' should return a cotangent for each of 2 .*got 1"):
        short([Value(1.0), Value(2.0)]).backward()


def test_value_is_not_to_be_subclassed() -> None:
    with pytest.raises(TypeError, match="cannot be subclassed"):
        type("Mine", (Value,), {})


def test_modes_are_written_with_parentheses() -> None:
    with pytest.raises(TypeError, match=r"written @no_grad\(\)"):
        no_grad(lambda: None)


def test_names_are_strings() -> None:
    with pytest.raises(TypeError, match="a string or None, got int"):
        Value(1.0, name=3)  # type: ignore[arg-type]


def test_comparisons_compare_data_and_hashing_is_by_identity() -> None:
    a, b = Value(2.0), Value(2.0)
    assert a == b
    assert a == 2
    assert 2.0 == a  # noqa: SIM300
    assert a != "2"
    assert a != 3
    assert a < 3
    assert 3 > a  # noqa: SIM300
    assert a <= b
    assert a >= 2
    assert hash(a) != hash(b)
    assert len({a, b}) == 2
    assert {a: "a", b: "b"}[b] == "b"


def test_as_a_number() -> None:
    v = Value(2.567)
    assert float(v) == 2.567
    assert int(v) == 2
    assert bool(v)
    assert not Value(0.0)
    assert round(v) == 3
    assert round(v, 1) == 2.6
    assert (math.floor(v), math.ceil(v), math.trunc(v)) == (2, 3, 2)
    assert f"{v:.1f} {v:>8.2e}" == "2.6 2.57e+00"
    assert f"{v}" == "Value(data=2.567, grad=0.0)"
    assert math.sqrt(Value(4.0)) == 2.0
    q, r = divmod(Value(7.0), 2)
    assert (q.data, r.data) == (3.0, 1.0)
    q, r = divmod(7, Value(2.0))
    assert (q.data, r.data) == (3.0, 1.0)
    assert (abs(Value(-2.0)).data, (-v).data, (+v).data) == (2.0, -2.567, 2.567)


def test_builtins_work_on_values() -> None:
    values = [Value(3.0), Value(1.0), Value(2.0)]
    total = sum(values)
    assert isinstance(total, Value)
    assert total.data == 6.0
    assert max(values) is values[0]
    assert min(values) is values[1]
    assert sorted(values) == [1.0, 2.0, 3.0]
    assert Value(2.0) in values


def test_every_operation_is_a_function_a_method_and_perhaps_an_operator() -> None:
    x = Value(0.5)
    for name in ops.__all__:
        row = getattr(ops, name)
        if isinstance(row, Operation) and row.arity == 1 and name != "acosh":
            assert getattr(x, name)().data == row(x).data == row(0.5)
    assert x.swish().data == x.silu().data == ops.swish(0.5)
    assert ops.add(x, 1) == x + 1
    assert x.pow(2) == x**2
    assert x.clamp(0, 0.25) == 0.25
    assert x.fma(2, 3) == 4.0


def test_numpy_arrays_of_values_are_elementwise() -> None:
    x = Value(2.0)
    array = np.array([1.0, 2.0, 3.0])
    for product in (array * x, x * array):
        assert product.dtype == object
        assert [v.data for v in product] == [2.0, 4.0, 6.0]
        assert all(isinstance(v, Value) for v in product)
    (array * x).sum().backward()
    assert x.grad == 6.0
    values = np.array([Value(0.1), Value(0.2)])
    for f in (np.exp, np.tanh, np.arcsin, np.sqrt, np.log1p, np.square, np.arctan):
        assert [v.data for v in f(values)] == pytest.approx(f(np.array([0.1, 0.2])), rel=1e-15)
    assert np.arctan2(values, values)[0].data == math.pi / 4
    weights = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    assert [v.data for v in weights @ np.array([1.0, 10.0])] == [21.0, 43.0]
    assert isinstance(np.float64(2.0) * x, Value)
    assert isinstance(np.array(2.0) * x, Value)


def test_star_import_keeps_the_builtins() -> None:
    namespace: dict[str, Any] = {}
    exec("from autograd_lite import *", namespace)
    for name in ("sum", "max", "min", "abs", "pow", "round"):
        assert name not in namespace
        assert isinstance(getattr(__import__("autograd_lite"), name), Operation)
    assert namespace["tanh"] is ops.tanh


def test_detach_starts_a_new_leaf() -> None:
    x = Value(3.0)
    y = (x * 2).detach()
    assert (y.data, y.op) == (6.0, None)


def test_no_grad_records_nothing_in_this_thread_or_task_only() -> None:
    x = Value(3.0)

    @no_grad()
    def double(v: Value) -> Value:
        return v * 2

    with no_grad():
        y = x * 2 + ops.sum([x, x])
        with no_grad():
            pass
        z = x + 1
    assert (y.op, z.op, y.data) == (None, None, 12.0)
    assert double(x).op is None
    assert (x * 2).op is ops.mul


def test_copies() -> None:
    x = Value(3.0, name="x")
    y = x * x
    y.backward()
    again = copy.copy(y)
    assert (again.data, again.grad, again.op) == (9.0, 1.0, ops.mul)
    assert again.operands[0] is x
    deep = copy.deepcopy({"x": x, "y": y})
    assert deep["y"].operands[0] is deep["x"]
    assert deep["x"] is not x
    assert deep["x"].name == "x"
    deep["y"].backward()
    assert (deep["x"].grad, x.grad) == (12.0, 6.0)


def test_pickling_keeps_the_graph_and_what_is_shared() -> None:
    x = Value(3.0, name="x")
    h = (x * 2).tanh()
    y, z = h + 1, ops.dot([h, x], [x, 0.5], h)
    y.backward()
    h2, y2, x2, z2 = pickle.loads(pickle.dumps([h, y, x, z]))
    assert y2.operands[0] is h2
    assert h2.operands[0].operands[0] is x2
    assert z2.operands[0] is h2
    assert (x2.name, x2.grad, y2.grad, z2.data) == ("x", x.grad, 1.0, z.data)
    before = x2.grad
    y2.backward()
    assert x2.grad == 2 * before


def test_a_pickled_custom_operation_must_be_known() -> None:
    passing = op("passing_by", lambda x: x, lambda g, y, x: g)
    dumped = pickle.dumps(passing(Value(1.0)))
    assert pickle.loads(dumped).op is passing
    with pytest.raises(LookupError, match=r"define it with op\('stranger_x', ...\) first"):
        pickle.loads(dumped.replace(b"passing_by", b"stranger_xy"[:10]))


def test_weak_references_and_no_reference_cycles() -> None:
    import gc

    gc.disable()
    try:
        x = Value(3.0)
        y = (x * x).tanh()
        y.backward()
        seen = weakref.ref(y.operands[0])
        del y
        assert seen() is None
    finally:
        gc.enable()


def test_custom_operations_work_as_the_table_s_own() -> None:
    cube = op("cube", lambda x: x**3, vjp=lambda g, y, x: g * 3 * x * x)
    x = Value(2.0)
    cube(x).backward(create_graph=True)
    first = x.grad
    assert first.data == 12.0  # type: ignore[attr-defined]
    x.zero_grad()
    first.backward()  # type: ignore[attr-defined]
    assert x.grad == 12.0
    assert cube(2.0) == 8.0
    with pytest.raises(TypeError, match="forward and vjp"):
        op("nonsense", lambda x: x, vjp=3)  # type: ignore[call-overload]


def test_a_type_checker_is_told_of_every_row_s_method() -> None:
    (value,) = ast.parse(dedent(inspect.getsource(Value))).body
    (stubs,) = (node for node in ast.walk(value) if isinstance(node, ast.If)
                and ast.unparse(node.test) == "TYPE_CHECKING")  # fmt: skip
    lists = [node.targets for node in stubs.body if isinstance(node, ast.Assign)]
    told = {ast.unparse(target) for targets in lists for target in targets}
    rows = {name for name, row in TABLE.items() if row.arity and getattr(ops, name, None) is row}
    numpys = {f"arc{name}" for name in ("cos", "cosh", "sin", "sinh", "tan", "tan2", "tanh")}
    numpys |= {"deg2rad", "rad2deg", "swish", "fabs", "rint"}
    assert {name for name in told if not name.startswith("_")} == rows | numpys
    assert all(callable(getattr(Value, name)) for name in told)
