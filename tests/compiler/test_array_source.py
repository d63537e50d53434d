"""Tapes over arrays: each row in lanes, and what is asked of a library of arrays."""

from __future__ import annotations

import math
import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tape_cases import LANES, ROWS, evaluated, points

from autograd_lite import grad, jit, mean, nn, ops, value_and_grad, vmap
from autograd_lite.compiler import Tape, array_source
from autograd_lite.compiler.array_language import BOOLS, Pool
from autograd_lite.compiler.tape import Input, Instruction
from autograd_lite.errors import BackendError
from autograd_lite.operation import Operation

ON_ARRAYS = [row for row in ROWS if row not in LANES and row.name not in BOOLS]
TINY = 1e-300  # SciPy's lgamma is infinite below


def of_row(row: Operation, count: int, lanes: int) -> Tape:
    """Return the tape of a row alone, its operands in lanes."""
    inputs = tuple([Input("abc"[i], lanes) for i in range(count)])
    return Tape(inputs, (Instruction(row, tuple(range(count))),), (count,))


def check_row(row: Operation, library: Any = None) -> None:
    """Compare a row in lanes with each number's own; where that raises, it is not finite."""
    some = [p for p in points(row) if row is not ops.lgamma or not 0 < abs(p[0]) < TINY]
    columns = [np.array(column) for column in zip(*some, strict=True)]
    run = array_source.compiled(of_row(row, len(columns), len(some)), library)
    with np.errstate(all="ignore"):
        found = np.broadcast_to(run(*columns)[0], len(some))
    for point, y in zip(some, found.tolist(), strict=True):
        expected = evaluated(row, point)
        if expected is None or math.isnan(expected[0]):
            assert not math.isfinite(y), (point, y)
        else:
            assert y == pytest.approx(expected[0], rel=1e-12, abs=1e-14), point


@pytest.mark.parametrize("row", ON_ARRAYS, ids=lambda row: row.name)
def test_each_row_in_lanes_is_that_of_each_number(row: Operation) -> None:
    check_row(row)


@pytest.mark.parametrize("row", [ops.erf, ops.erfc, ops.lgamma, ops.normal_cdf, ops.digamma,
                                 ops.gelu], ids=lambda row: row.name)  # fmt: skip
def test_without_scipy_too(row: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "scipy"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    check_row(row)


def test_composed_rows_are_unfolded_and_not_called_number_by_number() -> None:
    composed = [row for row in ON_ARRAYS if row.formula and row.arity]
    assert len(composed) > 10
    for row in composed:
        tape = of_row(row, row.arity or 0, 3)
        assert "frompyfunc" not in array_source.source(tape)
        names = array_source._ArraySource(tape, None).language.names
        assert "<lambda>" not in [getattr(f, "__name__", "") for f in names.values()], row


# --- other libraries ------------------------------------------------------------------------------


class Strict(ModuleType):
    """NumPy, with what other libraries have alone, and as strict as each of them is."""

    ONE = ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan",
           "sinh", "cosh", "tanh", "sign", "floor", "ceil", "round", "trunc", "arcsin", "arccos",
           "arctan", "arcsinh", "arccosh", "arctanh")  # fmt: skip
    TWO = ("hypot", "copysign", "fmod", "maximum", "minimum", "arctan2")

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.calls: list[str] = []
        for each in (*self.ONE, *self.TWO):
            setattr(self, each, self._strict(each))

    def _strict(self, name: str) -> Any:
        def function(*arrays: Any) -> Any:
            assert len(arrays) == (1 if name in self.ONE else 2)
            assert all(isinstance(x, np.ndarray) for x in arrays), f"{name} of a number"
            self.calls.append(name)
            return getattr(np, name)(*arrays)

        return function

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        assert isinstance(condition, np.ndarray)
        assert condition.dtype == bool
        return np.where(condition, a, b)

    def stack(self, arrays: Any) -> Any:
        assert all(isinstance(x, np.ndarray) and x.ndim == 1 for x in arrays)
        return np.stack(arrays)

    def asarray(self, x: Any, dtype: Any = None) -> Any:
        if dtype is None and isinstance(x, float | tuple):
            dtype = np.float32  # of numbers alone, as PyTorch
        self.calls.append("asarray")
        return np.asarray(x, dtype=dtype)

    def full(self, shape: Any, number: float) -> Any:
        assert (type(shape), type(number)) == (tuple, float)
        return np.full(shape, number)


SPECIAL = ("erf", "erfc", "lgamma", "cbrt")  # functions that this one has not
UNKNOWN = [row for row in ON_ARRAYS if row.name in (*SPECIAL, "fma", "power_log", "polygamma",
                                                    "sinc_derivative")]  # fmt: skip
FROM_UNKNOWN = [
    row for row in ON_ARRAYS if row.name in ("normal_cdf", "gelu", "digamma", "sinc", "select")
]  # select is of bools


@pytest.mark.parametrize(
    "row",
    [row for row in ON_ARRAYS if row not in (*UNKNOWN, *FROM_UNKNOWN)],
    ids=lambda row: row.name,
)
def test_each_row_on_another_library(row: Operation) -> None:
    check_row(row, Strict("strict"))


@pytest.mark.parametrize("row", UNKNOWN, ids=lambda row: row.name)
def test_what_a_library_has_not_is_refused_before_anything_runs(row: Operation) -> None:
    tape = of_row(row, len(points(row)[0]), 3)
    with pytest.raises(BackendError, match="is not known to the array backend on this library"):
        array_source.compiled(tape, Strict("strict"))


@pytest.mark.parametrize("row", [ops.erf, ops.erfc, ops.normal_cdf], ids=lambda row: row.name)
def test_special_functions_are_those_beside_the_library(row: Any) -> None:
    check_row(row, Strict("numpy.strict"))


def layers(c: Any, model: Any, rows: Any, targets: Any) -> Any:
    """Return a loss whose gradient is one of matrices, with choices and kept lanes."""

    def one(r: Any, target: Any) -> Any:
        return ops.where(target > 0.5, 1.0, c) * (model([*r]) - target) ** 2

    errors = vmap(one)(rows, targets)
    middle = mean(errors)
    return middle + mean(vmap(lambda e: ops.maximum(e, 0.25) * ops.atan2(middle, 2.0) + c)(errors))


def test_a_program_on_another_library() -> None:
    random, model, library = np.random.default_rng(0), nn.MLP(2, [3, 1], "tanh"), Strict("strict")
    rows, targets = random.normal(size=(5, 2)), random.uniform(size=5)
    gradient = jit(value_and_grad(layers, (0, 1)))
    tape = gradient.tape(2.0, model, rows, targets)
    given = [2.0, rows[:, 0], rows[:, 1], targets, *[p.data for p in model.parameters()]]
    assert [x.lanes for x in tape.inputs] == [5 * hasattr(x, "shape") for x in given]
    found = array_source.compiled(tape, library)(*given)
    assert [type(x) for x in found] == [float] * len(found)
    value, (slope, slopes) = value_and_grad(layers, (0, 1))(2.0, model, rows, targets)
    assert found == pytest.approx([float(value), float(slope), *map(float, slopes.values())])
    assert library.calls.count("asarray") >= 3
    assert {"tanh", "maximum"} <= {*library.calls}


def test_lanes_that_come_out_are_the_librarys() -> None:
    f: Any = vmap(lambda c, x: (x, c, c * x, 3.0, x > 0 and x * x), (None, 0))
    tape = jit(lambda c, xs: f(c, xs)[:4]).tape(2.0, np.array([1.0, 2.0]))
    found = array_source.compiled(tape, Strict("strict"))(2.0, [1.0, 2.0])
    assert [np.broadcast_to(x, 2).tolist() for x in found] == [[1, 2], [2, 2], [2, 4], [3, 3]]


# --- what the source is like ----------------------------------------------------------------------


@pytest.mark.parametrize("block", [2, 3, 7, 100])
def test_blocks_of_any_size_give_the_same(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def f(c: Any, xs: Any) -> Any:
        ys = vmap(lambda x: ops.where(x > c, ops.sin(x), x * c))(xs)
        total = ops.sum(ys)
        zs = vmap(lambda x, y: x * total if x > 1 and y > 0 else y)(xs, ys)
        return mean(vmap(lambda z, x: ops.where((z > 0) & (x > c), z * c, x))(zs, xs))

    xs = np.random.default_rng(1).normal(size=7)
    monkeypatch.setattr(array_source, "BLOCK", block)
    for transformed in (f, grad(f), grad(grad(f))):
        expected = transformed(0.5, xs)
        compiled = jit(transformed)
        for _ in range(2):
            assert compiled(0.5, xs) == pytest.approx(expected, rel=1e-12)


def test_a_layer_is_a_product_of_matrices_however_wide() -> None:
    rows = np.random.default_rng(0).normal(size=(6, 2))

    def loss(model: Any, rows: Any) -> Any:
        return mean(vmap(lambda r: model([*r]))(rows))

    models = [nn.MLP(2, [n, n, 1], "relu") for n in (4, 9)]
    texts = [jit(value_and_grad(loss)).source("array", model, rows) for model in models]
    assert 0 < texts[0].count(" @ ") == texts[1].count(" @ ")


def test_results_stay_what_they_are_while_someone_has_them() -> None:
    n = 2 * array_source.BLOCK
    compiled = jit(vmap(lambda x, y: (x * y, ops.sin(x))))
    kept: list[Any] = []
    for i in range(5):
        xs = np.arange(n) + float(i)
        product, sine = compiled(xs, xs + 1.0)
        kept.append((xs * (xs + 1.0), product if i % 2 else product[5:], sine.copy()))
        del product, sine
    for expected, product, _ in kept:
        np.testing.assert_array_equal(product, expected[-len(product) :])


def test_memory_that_nobody_has_is_used_again() -> None:
    pool = Pool()
    first, second = pool(3, float), pool(3, float)
    assert first is not second
    place, part = id(first), second[1:]
    del first, second
    again, other = pool(3, float), pool(3, float)
    assert id(again) == place
    assert not np.shares_memory(other, part)
    assert pool(3, bool).dtype == bool
    for _ in range(100):
        pool(len(pool.arrays), float)
    assert len(pool.arrays) <= 16


def test_threads_get_arrays_of_their_own() -> None:
    n = 2 * array_source.BLOCK
    compiled = jit(vmap(lambda x: x * x + 1.0))
    compiled(np.ones(n))

    def run(k: int) -> bool:
        xs = np.full(n, float(k))
        return all((compiled(xs) == k * k + 1.0).all() for _ in range(20))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(run, range(8)))


class Remote:
    """An array of another library, in its own memory."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.ndim, self.dtype, self.shape = array.ndim, array.dtype, array.shape

    def reshape(self, *shape: int) -> Remote:
        return Remote(self.array.reshape(*shape))

    def __getitem__(self, key: Any) -> Remote:
        return Remote(self.array[key])

    def __float__(self) -> float:
        return float(self.array)

    def tolist(self) -> Any:
        return self.array.tolist()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(self.array, dtype=dtype)


class Owner(Strict):
    def asarray(self, x: Any, dtype: Any = None) -> Any:
        return super().asarray(x.array if isinstance(x, Remote) else x, dtype)


def test_a_function_on_the_arrays_of_another_library() -> None:
    def loss(weights: Any, rows: Any, targets: Any) -> Any:
        def one(row: Any, target: Any) -> Any:
            return (ops.tanh(weights[0] * row[0] + weights[1] * row[1]) - target) ** 2

        return ops.mean(vmap(one)(rows, targets))

    rows, targets = np.arange(12.0).reshape(6, 2) / 6, np.linspace(-1, 1, 6)
    wanted = value_and_grad(loss)([0.5, -1.5], rows, targets)
    library = Owner("strict")
    f = jit(value_and_grad(loss), on=library)
    for _ in range(3):
        value, slopes = f([0.5, -1.5], Remote(rows), Remote(targets))
        assert value == pytest.approx(wanted[0], rel=1e-13)
        assert slopes == pytest.approx(wanted[1], rel=1e-12)
    assert "tanh" in library.calls
    assert f([0.5, -1.5], rows, targets)[0] == pytest.approx(wanted[0], rel=1e-13)
    first = jit(lambda x: x[0] * x[1], on=library)  # as numbers
    assert [first(Remote(targets)) for _ in range(2)] == [targets[0] * targets[1]] * 2
