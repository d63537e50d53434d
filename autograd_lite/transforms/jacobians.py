"""Matrices of derivatives: the Jacobian and the Hessian, in as many sweeps as their colors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import inf
from typing import Any, Literal

from .. import backprop, modes, ops
from .._support.remedies import helpful
from ..value import recorded
from .coloring import column_colors, star_colors, transposed
from .functional import pull
from .sparsity import SparseMatrix, dependencies, recorded_gradient, symmetric
from .tracing import Argnums, Trace, trace

Mode = Literal["forward", "reverse"]
Entries = tuple[list[list[int]], list[list[Any]]]  # of each row, the columns and the entries there

_FEW = 16  # sweeps cost less than finding out how to save some


@helpful
def jacobian(
    f: Callable[..., Any], argnums: Argnums = 0, mode: Mode | None = None, sparse: bool = False
) -> Callable[..., Any]:
    """Return a function that gives the Jacobian of `f`.

    Every number that `f` returns is replaced by its gradient, with the structure of the argument
    `argnums` (a tuple of such where that is a tuple); an array of lists is an array. `mode` is
    "forward" (a sweep for all inputs that have no output in common, and so on), "reverse" (a sweep
    for all outputs that have no input in common), or None for the cheaper one. With `sparse` the
    answer is a SparseMatrix of outputs by inputs, both counted flat, and a SciPy sparse array where
    an argument is a NumPy array. It serves SciPy's `jac`.

    Raises ValueError for another mode, TypeError where `f` does not return numbers.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] ** 2])([2.0, 3.0])
    [[3.0, 2.0], [4.0, 0.0]]
    """
    both = _with_value("jacobian", f, argnums, mode, sparse)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


@helpful
def value_and_jacobian(
    f: Callable[..., Any], argnums: Argnums = 0, mode: Mode | None = None, sparse: bool = False
) -> Callable[..., Any]:
    """Return a function that gives the value of `f` and its Jacobian, from one call of `f`.

    Arguments and errors are those of `jacobian`.

    >>> value_and_jacobian(lambda x: [x[0] * x[1], x[0] ** 2])([2.0, 3.0])
    ([6.0, 4.0], [[3.0, 2.0], [4.0, 0.0]])
    """
    return _with_value("value_and_jacobian", f, argnums, mode, sparse)


def _with_value(
    name: str, f: Callable[..., Any], argnums: Argnums, mode: Mode | None, sparse: bool
) -> Callable[..., Any]:
    if mode not in (None, "forward", "reverse"):
        raise ValueError(f'{name}: mode is "forward", "reverse" or None, got {mode!r}')

    def value_and_matrix(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        traced = trace(name, f, args, kwargs, argnums)
        with modes.no_gc():
            entries = _jacobian(traced, traced.outputs, mode, sparse)
        if sparse:
            return traced.output(), _coordinates(traced, *entries)
        return traced.output(), traced.output_structure.rebuild(_dense(traced, *entries))

    return value_and_matrix


@helpful
def hessian(
    f: Callable[..., Any], argnums: Argnums = 0, sparse: bool = False
) -> Callable[..., Any]:
    """Return a function that gives the Hessian of `f`, which returns one number.

    The gradient is recorded once, then swept forward once a color of the inputs (forward over
    reverse). With `sparse` the answer is a SparseMatrix of inputs by inputs, counted flat, found in
    as many sweeps as a star coloring needs, and a SciPy sparse array where an argument is a NumPy
    array. It serves SciPy's `hess`.

    Raises TypeError where `f` does not return one number.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    >>> hessian(lambda x: x**3)(2.0)
    12.0
    """

    def matrix(*args: Any, **kwargs: Any) -> Any:
        traced = trace("hessian", f, args, kwargs, argnums)
        slopes = recorded_gradient("hessian", traced)
        with modes.no_gc():
            if sparse:
                return _coordinates(traced, *_sparse_hessian(traced, slopes))
            entries = _jacobian(traced, slopes, "forward", sparse=False)
        return traced.nested(_dense(traced, *entries))

    return matrix


class _Sweeps:
    """Forward sweeps through the graph of some outputs, which is put in order once."""

    def __init__(self, traced: Trace, outputs: list[Any]) -> None:
        graph = backprop.walk(*outputs)
        graph.raise_if_stale()
        self.order, self.inputs, self.outputs = graph.order, traced.inputs, outputs
        self.create_graph = traced.differentiable

    def __call__(self, group: list[int]) -> list[Any]:
        """Return the sum of the columns of a group of inputs."""
        # An input that does not move is no seed: the sweep then skips what depends on it alone.
        seeds = {self.inputs[j]: 1.0 for j in group}
        tangents = backprop.tangents(self.order, seeds, create_graph=self.create_graph)
        return [tangents.get(x, 0.0) for x in self.outputs]


def _jacobian(traced: Trace, outputs: list[Any], mode: Mode | None, sparse: bool) -> Entries:
    """Find the entries of a Jacobian: each by itself, whatever it was found together with.

    No two inputs of a color have a part in the same output, nor outputs of a color in an input. So
    what an entry is computed from, and every bit of it, is as in a sweep of its own.
    """
    inputs, shape = traced.inputs, (len(outputs), len(traced.inputs))
    if sparse or (min(shape) if mode is None else shape[mode == "forward"]) > _FEW:
        rows = dependencies(outputs, inputs)
        forward = column_colors(rows, len(inputs)) if mode != "reverse" else []
        columns = transposed(rows, len(inputs))
        reverse = column_colors(columns, len(outputs)) if mode != "forward" else []
        if not mode:
            # A sweep in reverse takes about half the time of one forward.
            fewer = 2 * len(_groups(forward)) < len(_groups(reverse))
            mode = "forward" if fewer else "reverse"
    else:
        rows = [list(range(len(inputs)))] * len(outputs)
        forward, reverse = list(range(len(inputs))), list(range(len(outputs)))
        mode = mode or ("forward" if len(inputs) < len(outputs) else "reverse")
    if mode == "forward":
        sweep = _Sweeps(traced, outputs)
        sweeps = [sweep(group) for group in _groups(forward)]
        return rows, [[sweeps[forward[j]][i] for j in row] for i, row in enumerate(rows)]
    sweeps = [_pulled(traced, [outputs[i] for i in group]) for group in _groups(reverse)]
    return rows, [[sweeps[color][j] for j in row] for color, row in zip(reverse, rows, strict=True)]


def _sparse_hessian(traced: Trace, slopes: list[Any]) -> Entries:
    rows = symmetric(dependencies(slopes, traced.inputs))
    colors = star_colors([[j for j in row if j != i] for i, row in enumerate(rows)])
    sweep = _Sweeps(traced, slopes)
    sweeps = [sweep(group) for group in _groups(colors)]
    if not all(-inf < x < inf for column in sweeps for x in column):
        # What is nan or infinite need not be so in the mirror: each entry from its own place.
        return _jacobian(traced, slopes, "forward", sparse=True)
    values = []
    for i, row in enumerate(rows):
        # Of row i, all neighbors of j's color were added up: only where j is alone is it exact.
        counts = Counter([colors[j] for j in row])
        values.append(
            [sweeps[colors[j]][i] if counts[colors[j]] == 1 else sweeps[colors[i]][j] for j in row]
        )
    return rows, values


def _dense(traced: Trace, places: list[list[int]], values: list[list[Any]]) -> list[Any]:
    """Return the entries as full rows, each nested as the arguments are."""
    rows = []
    for columns, entries in zip(places, values, strict=True):
        row: list[Any] = [0.0] * len(traced.inputs)
        for j, entry in zip(columns, entries, strict=True):
            row[j] = entry
        rows.append(traced.nested(map(traced.number, row)))
    return rows


def _coordinates(traced: Trace, rows: list[list[int]], values: list[list[Any]]) -> Any:
    """Return the entries as a SparseMatrix; floats for arguments that are arrays, as SciPy's."""
    matrix = SparseMatrix(
        [i for i, row in enumerate(rows) for _ in row],
        [j for row in rows for j in row],
        [traced.number(entry) for entries in values for entry in entries],
        (len(rows), len(traced.inputs)),
    )
    return matrix.scipy() if traced.arrays and not traced.differentiable else matrix


def _pulled(traced: Trace, outputs: list[Any]) -> list[Any]:
    """Return the sum of the rows of some outputs."""
    root = outputs[0]
    if len(outputs) > 1:  # no more than these: another's slope may be infinite, and 0 * inf is nan
        with modes.recording():
            root = recorded(ops.sum(outputs))
    return pull(root, 1.0, traced.inputs, traced.differentiable)


def _groups(colors: list[int]) -> list[list[int]]:
    """List what has each color."""
    groups: list[list[int]] = [[] for _ in range(max(colors, default=-1) + 1)]
    for i, color in enumerate(colors):
        groups[color].append(i)
    return groups
