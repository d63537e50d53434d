"""The operators and methods of Value, made from the table of operations.

Each makes its node itself, attribute by attribute: one call more is a fifth of the time of x * y.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from . import backprop, modes, ops
from ._support.validation import as_float
from .operation import BINARY_OPERATORS, TABLE, UNARY_OPERATORS, Operation
from .value import Value, failure, noted

_new = object.__new__
_clock, ZERO = backprop.clock, backprop.ZERO
_ADD, _MUL, _DOT = ops.add, ops.mul, ops.dot_row


def _unary(op: Operation) -> Callable[[Value], Value]:
    forward = op.forward

    def method(self: Value) -> Value:
        try:
            data = forward(self._data)
        except (ArithmeticError, ValueError) as error:
            raise failure(op, error, self) from None
        node = _new(Value)
        node._data = data
        node.grad = ZERO
        node.op = op
        node._a = self
        node._b = None
        node._mark = _clock.now
        return noted(node) if modes.active else node

    return method


def _binary(op: Operation) -> Callable[[Value, Any], Value]:
    forward = op.forward

    def method(self: Value, other: Any) -> Value:
        if other.__class__ is Value:
            y = other._data
        elif other.__class__ is float:
            y = other
        else:
            other = _operand(other)
            if other is NotImplemented:
                return other  # type: ignore[no-any-return]
            y = other if other.__class__ is float else other._data
        try:
            data = forward(self._data, y)
        except (ArithmeticError, ValueError) as error:
            raise failure(op, error, self, other) from None
        node = _new(Value)
        node._data = data
        node.grad = ZERO
        node.op = op
        node._a = self
        node._b = other
        node._mark = _clock.now
        return noted(node) if modes.active else node

    return method


def _add(self: Value, other: Any) -> Value:
    """Twin of `_binary(ops.add)` with the sum written out: a tenth of the time of x + y."""
    if other.__class__ is Value:
        data = self._data + other._data
    elif other.__class__ is float:
        data = self._data + other
    else:
        other = _operand(other)
        if other is NotImplemented:
            return other  # type: ignore[no-any-return]
        data = self._data + float(other)
    node = _new(Value)
    node._data = data
    node.grad = ZERO
    node.op = _ADD
    node._a = self
    node._b = other
    node._mark = _clock.now
    return noted(node) if modes.active else node


def _mul(self: Value, other: Any) -> Value:
    """Twin of `_binary(ops.mul)`, likewise."""
    if other.__class__ is Value:
        data = self._data * other._data
    elif other.__class__ is float:
        data = self._data * other
    else:
        other = _operand(other)
        if other is NotImplemented:
            return other  # type: ignore[no-any-return]
        data = self._data * float(other)
    node = _new(Value)
    node._data = data
    node.grad = ZERO
    node.op = _MUL
    node._a = self
    node._b = other
    node._mark = _clock.now
    return noted(node) if modes.active else node


def _reflected(op: Operation) -> Callable[[Value, Any], Value]:
    forward = op.forward

    def method(self: Value, other: Any) -> Value:
        if other.__class__ is not float:
            other = _operand(other)
            if other is NotImplemented:
                return other  # type: ignore[no-any-return]
        try:
            data = forward(other, self._data)
        except (ArithmeticError, ValueError) as error:
            raise failure(op, error, other, self) from None
        node = _new(Value)
        node._data = data
        node.grad = ZERO
        node.op = op
        node._a = other
        node._b = self
        node._mark = _clock.now
        return noted(node) if modes.active else node

    return method


def _general(op: Operation) -> Callable[..., Value]:
    def method(self: Value, *others: Any) -> Value:
        result: Value = op(self, *others)
        return result

    return method


def dots(rows: Iterable[tuple[Sequence[Any], Any]], xs: Sequence[Any]) -> list[Value]:
    """Return `ops.dot(weights, xs, start)` for each (weights, start), the numbers xs read once.

    Twin of `Value._record`, for what every layer of a network does; start may be None.
    """
    try:
        numbers = [x if x.__class__ is float else x._data for x in xs]
    except AttributeError:  # plain numbers of another type
        xs = [x if isinstance(x, Value) else as_float(x) for x in xs]
        numbers = [x if x.__class__ is float else x._data for x in xs]
    nodes = []
    for weights, start in rows:
        try:
            ws, first = [w._data for w in weights], 0.0 if start is None else start._data
        except AttributeError:  # constants among the weights
            ws = []
        if len(ws) != len(numbers):
            nodes.append(ops.dot(weights, xs, start))
            continue
        node = _new(Value)
        node._data = sum(map(operator.mul, ws, numbers), first)
        node.grad = ZERO
        node.op = _DOT
        node._a = (*weights, *xs) if start is None else (*weights, *xs, start)
        node._b = None
        node._mark = _clock.now
        nodes.append(noted(node) if modes.active else node)
    return nodes


def _operand(x: Any) -> Any:
    """Return a Value as it is, a plain number as a float, and NotImplemented for the rest."""
    if x.__class__ is float or isinstance(x, Value):
        return x
    if x.__class__ is not int and getattr(x, "ndim", None):  # an array: NumPy goes through it
        return NotImplemented
    try:
        return as_float(x)
    except TypeError:
        return NotImplemented


def _install(name: str, method: Callable[..., Value], op: Operation) -> None:
    method.__name__ = name
    method.__qualname__ = f"Value.{name}"
    method.__doc__ = op.doc.partition("\n\n")[0]
    setattr(Value, name, method)


for _method, _name in BINARY_OPERATORS.items():
    _install(f"__{_method}__", _binary(TABLE[_name]), TABLE[_name])
    _install(f"__r{_method}__", _reflected(TABLE[_name]), TABLE[_name])
_install("__add__", _add, ops.add)
_install("__mul__", _mul, ops.mul)
for _method, _name in UNARY_OPERATORS.items():
    _install(f"__{_method}__", _unary(TABLE[_name]), TABLE[_name])
for _name, _row in TABLE.items():
    if _row.arity is not None and getattr(ops, _name, None) is _row:  # not those of slopes only
        _install(_name, _unary(_row) if _row.arity == 1 else _general(_row), _row)

# --- NumPy ----------------------------------------------------------------------------------------

# NumPy's other names of rows. On arrays of objects its functions call methods of these names.
_NUMPY = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2",
          "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "fabs": "abs",
          "rint": "round", "deg2rad": "radians", "rad2deg": "degrees"}  # fmt: skip
for _name, _same in {**_NUMPY, "swish": "silu"}.items():
    _row = TABLE[_same]
    _install(_name, _unary(_row) if _row.arity == 1 else _general(_row), _row)
# Python's operators, which NumPy calls for objects by itself.
_OPERATORS = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
              "divide": operator.truediv, "floor_divide": operator.floordiv,
              "remainder": operator.mod, "power": operator.pow, "float_power": operator.pow,
              "negative": operator.neg, "positive": operator.pos, "absolute": abs}  # fmt: skip
# Of numbers as they are: a truth has no derivative. In a trace each is made of comparisons.
_TESTS = {
    "less": operator.lt, "less_equal": operator.le, "equal": operator.eq,
    "greater": operator.gt, "greater_equal": operator.ge, "not_equal": operator.ne,
    "isnan": lambda x: x != x, "isinf": lambda x: abs(x) == math.inf,
    "isfinite": lambda x: abs(x) < math.inf, "signbit": lambda x: ops.copysign(1.0, x) < 0.0,
    "logical_not": lambda x: x == 0.0,
    "logical_and": lambda a, b: (a != 0.0) & (b != 0.0),
    "logical_or": lambda a, b: (a != 0.0) | (b != 0.0),
}  # fmt: skip


def _array_ufunc(self: Value, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Apply a function of NumPy to Values: the row of its name, to each element of arrays."""
    name = ufunc.__name__
    function: Any = _OPERATORS.get(name) or _TESTS.get(name) or TABLE.get(_NUMPY.get(name, name))
    if method == "__call__" and not kwargs:
        if name in _TESTS and modes.recorder() is None:
            return ufunc(*[x._data if x.__class__ is Value else x for x in inputs])
        for x in inputs:
            if x.__class__ is not Value and hasattr(x, "__len__"):
                break
        else:
            if function is not None:
                return function(*[x if x.__class__ is Value else as_float(x) for x in inputs])
        if function is not None and (name not in _OPERATORS or name == "float_power"):
            ufunc = sys.modules["numpy"].frompyfunc(function, ufunc.nin, 1)
    if function is None and not any("O" in types for types in ufunc.types):
        raise TypeError(
            f"np.{name} has no rule for Values; write it with functions of autograd_lite.ops, or "
            "pass x.data where no derivative is wanted"
        )
    return getattr(ufunc, method)(*map(_boxed, inputs), **kwargs)


def _boxed(x: Any) -> Any:
    """Return a Value as the array of objects that NumPy would make of it."""
    if x.__class__ is not Value:
        return x
    box = sys.modules["numpy"].empty((), dtype=object)
    box[()] = x
    return box


Value.__array_ufunc__ = _array_ufunc  # type: ignore[method-assign]
