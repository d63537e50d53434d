"""Which entries of a derivative matrix can be other than 0, read off the recorded graph."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from .. import backprop, modes
from ..value import Value
from .functional import gradients, scalar
from .tracing import Argnums, Trace, trace

Places = list[tuple[int, int]]
Numbers = frozenset[int] | int  # of inputs: a set of them, or the bits of an integer

_FEW = 64


class SparseMatrix(NamedTuple):
    """A matrix as the coordinates of its entries: `values[k]` at `(rows[k], cols[k])`.

    >>> SparseMatrix([0, 1], [1, 0], [5.0, 6.0], (2, 2)).dense()
    [[0.0, 5.0], [6.0, 0.0]]
    """

    rows: list[int]
    cols: list[int]
    values: list[Any]
    shape: tuple[int, int]

    def dense(self) -> list[list[Any]]:
        """Return the matrix as a list of rows."""
        matrix: list[list[Any]] = [[0.0] * self.shape[1] for _ in range(self.shape[0])]
        for i, j, value in zip(self.rows, self.cols, self.values, strict=True):
            matrix[i][j] = value
        return matrix

    def scipy(self) -> Any:
        """Return the matrix as a scipy.sparse.coo_array.

        Raises ImportError, with what to install, where SciPy is missing.
        """
        try:
            from scipy.sparse import coo_array
        except ImportError:
            raise ImportError(
                "a SciPy sparse array needs SciPy; run: pip install scipy (rows, cols and values "
                "hold the same without it)"
            ) from None
        return coo_array((self.values, (self.rows, self.cols)), shape=self.shape)


def jacobian_sparsity(f: Callable[..., Any], *args: Any, argnums: Argnums = 0) -> Places:
    """List the places (output, input) of the Jacobian of `f` that can be other than 0.

    Inputs and outputs are counted flat. The places hold wherever `f` takes the same path through
    its branches; a derivative that happens to be 0 is among them.

    >>> jacobian_sparsity(lambda x: [x[0] * x[1], x[2]], [1.0, 2.0, 3.0])
    [(0, 0), (0, 1), (1, 2)]
    """
    traced = trace("jacobian_sparsity", f, args, {}, argnums)
    return _places(dependencies(traced.outputs, traced.inputs))


def hessian_sparsity(f: Callable[..., Any], *args: Any, argnums: Argnums = 0) -> Places:
    """List the places of the Hessian of `f` that can be other than 0, inputs counted flat.

    >>> hessian_sparsity(lambda x: x[0] ** 2 + x[1] * x[2], [1.0, 2.0, 3.0])
    [(0, 0), (1, 2), (2, 1)]
    """
    name = "hessian_sparsity"
    traced = trace(name, f, args, {}, argnums)
    return _places(symmetric(dependencies(recorded_gradient(name, traced), traced.inputs)))


def symmetric(rows: list[list[int]]) -> list[list[int]]:
    """Add the mirror images of places: where a slope is a constant 0, the graph lacks one side."""
    mirrored = [set(row) for row in rows]
    for i, row in enumerate(rows):
        for j in row:
            mirrored[j].add(i)
    return [sorted(row) for row in mirrored]


def _places(rows: list[list[int]]) -> Places:
    """List the places (row, column) of all columns of each row."""
    return [(i, j) for i, row in enumerate(rows) for j in row]


def recorded_gradient(name: str, traced: Trace) -> list[Value]:
    """Return the gradient of a function's one output, as Values."""
    # What a rule turns into a float would be lost here, too.
    with modes.no_gc(), modes.tracing(traced):
        return gradients(scalar(name, traced), traced.inputs, create_graph=True)


def dependencies(outputs: list[Value], inputs: list[Value]) -> list[list[int]]:
    """List, for each output, the numbers of the inputs that it depends on, in order."""
    order = backprop.walk(*outputs).order
    uses = [(x, node) for node in order for x in node.operands if isinstance(x, Value)]
    last_use: dict[Any, Any] = dict(uses)
    last_use.update(dict.fromkeys(outputs))
    places: dict[Any, list[int]] = {}
    for j, x in enumerate(inputs):  # a Module's parameter is given twice where the Module is
        places.setdefault(x, []).append(j)
    sets: dict[Any, Numbers] = {x: frozenset(numbers) for x, numbers in places.items()}
    for node in order:
        operands = [x for x in node.operands if isinstance(x, Value) and x in sets]
        if node not in sets and operands:
            sets[node] = _union([sets[x] for x in operands])
        for x in operands:
            if last_use[x] is node:
                sets.pop(x, None)
    return [_listed(sets.get(x, frozenset())) for x in outputs]


def _union(sets: list[Numbers]) -> Numbers:
    """Unite sets of numbers: the few are a set, the many, where a set would cost more, bits."""
    first = sets[0]
    if all(x is first for x in sets):
        return first
    joint = frozenset().union(*[x for x in sets if isinstance(x, frozenset)])
    bits = [x for x in sets if isinstance(x, int)]
    if not bits and len(joint) <= _FEW:
        return joint
    return functools.reduce(operator.or_, bits, functools.reduce(lambda a, j: a | 1 << j, joint, 0))


def _listed(numbers: Numbers) -> list[int]:
    if isinstance(numbers, frozenset):
        return sorted(numbers)
    return [j for j, bit in enumerate(reversed(f"{numbers:b}")) if bit == "1"]
