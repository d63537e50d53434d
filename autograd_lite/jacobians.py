"""Matrices of derivatives: the Jacobian and the Hessian, dense or by colouring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from . import backprop
from .coloring import column_colors, star_colors
from .remedies import helpful
from .sparsity import SparseMatrix, dependencies, recorded_gradient, symmetric
from .tracing import Trace, trace
from .transforms import Argnums, checked, pull

Mode = Literal["forward", "reverse"]


@helpful
def jacobian(
    f: Callable[..., Any], argnums: Argnums = 0, mode: Mode | None = None, sparse: bool = False
) -> Callable[..., Any]:
    """Return a function that gives the Jacobian of `f`.

    Every number that `f` returns is replaced by its gradient, with the structure of the argument
    `argnums` (a tuple of such where that is a tuple). `mode` is "forward" (a sweep an input),
    "reverse" (a sweep an output), or None for the cheaper one. With `sparse` the answer is a
    SparseMatrix of outputs by inputs, both counted flat, found in as many sweeps as a colouring
    of its columns or rows needs.

    Raises ValueError for another mode, TypeError where `f` does not return numbers.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] ** 2])([2.0, 3.0])
    [[3.0, 2.0], [4.0, 0.0]]
    """
    if mode not in (None, "forward", "reverse"):
        raise ValueError(f'jacobian: mode is "forward", "reverse" or None, got {mode!r}')

    def matrix(*args: Any, **kwargs: Any) -> Any:
        traced = trace("jacobian", f, args, kwargs, checked("jacobian", argnums, args))
        if sparse:
            return _sparse_jacobian(traced, mode)
        if mode == "forward" or (mode is None and len(traced.inputs) < len(traced.outputs)):
            rows = _swept(traced, traced.outputs)
        else:
            rows = [_pulled(traced, output) for output in traced.outputs]
        return _nested(traced, rows, argnums)

    return matrix


@helpful
def hessian(
    f: Callable[..., Any], argnums: Argnums = 0, sparse: bool = False
) -> Callable[..., Any]:
    """Return a function that gives the Hessian of `f`, which returns one number.

    The gradient is recorded once, then swept forward once an input (forward over reverse). With
    `sparse` the answer is a SparseMatrix of inputs by inputs, counted flat, found in as many sweeps
    as a star colouring needs. It serves SciPy's `hess`.

    Raises TypeError where `f` does not return one number.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    >>> hessian(lambda x: x**3)(2.0)
    12.0
    """

    def matrix(*args: Any, **kwargs: Any) -> Any:
        traced = trace("hessian", f, args, kwargs, checked("hessian", argnums, args))
        slopes = recorded_gradient("hessian", traced)
        if sparse:
            return _sparse_hessian(traced, slopes)
        rest = iter([_arguments(traced, row, argnums) for row in _swept(traced, slopes)])
        by_row = [
            structure.rebuild([next(rest) for _ in variables])
            for structure, variables in zip(traced.structures, traced.variables, strict=True)
        ]
        return tuple(by_row) if isinstance(argnums, list | tuple) else by_row[0]

    return matrix


class _Sweeps:
    """Forward sweeps through the graph of some outputs, which is put in order once."""

    def __init__(self, traced: Trace, outputs: list[Any]) -> None:
        met = backprop.walk(*outputs)
        met.raise_if_stale()
        self.order, self.inputs, self.outputs = met.order, traced.inputs, outputs
        self.create_graph = traced.differentiable

    def __call__(self, directions: list[float]) -> list[Any]:
        # An input that does not move is no seed: the sweep then skips what depends on it alone.
        seeds = {x: d for x, d in zip(self.inputs, directions, strict=True) if d}
        found = backprop.tangents(self.order, seeds, create_graph=self.create_graph)
        return [found.get(x, 0.0) for x in self.outputs]


def _sparse_jacobian(traced: Trace, mode: Mode | None) -> SparseMatrix:
    n_out, n_in = len(traced.outputs), len(traced.inputs)
    rows = dependencies(traced.outputs, traced.inputs)
    columns: list[list[int]] = [[] for _ in range(n_in)]
    for i, row in enumerate(rows):
        for j in row:
            columns[j].append(i)
    forward, reverse = column_colors(rows, n_in), column_colors(columns, n_out)
    cheaper = "forward" if max(forward, default=0) <= max(reverse, default=0) else "reverse"
    places = [(i, j) for i, row in enumerate(rows) for j in row]
    if (mode or cheaper) == "forward":
        sweep = _Sweeps(traced, list(traced.outputs))
        found = [sweep([float(c == color) for c in forward]) for color in _colors(forward)]
        values = [found[forward[j]][i] for i, j in places]
    else:
        groups = [[float(c == color) for c in reverse] for color in _colors(reverse)]
        found = [_pulled(traced, traced.weighted(group)) for group in groups]
        values = [found[reverse[i]][j] for i, j in places]
    return _coordinates(traced, places, values, (n_out, n_in))


def _sparse_hessian(traced: Trace, slopes: list[Any]) -> SparseMatrix:
    n = len(traced.inputs)
    rows = symmetric(dependencies(slopes, traced.inputs))
    around = [[j for j in row if j != i] for i, row in enumerate(rows)]
    colors = star_colors(around)
    sweep = _Sweeps(traced, slopes)
    found = [sweep([float(c == color) for c in colors]) for color in _colors(colors)]
    places = [(i, j) for i, row in enumerate(rows) for j in row]
    values = []
    for i, j in places:
        # Of row i, all neighbours of j's colour were added up: only where j is alone is it exact.
        alone = i == j or sum(colors[k] == colors[j] for k in around[i]) == 1
        values.append(found[colors[j]][i] if alone else found[colors[i]][j])
    return _coordinates(traced, places, values, (n, n))


def _coordinates(
    traced: Trace, places: list[tuple[int, int]], values: list[Any], shape: tuple[int, int]
) -> SparseMatrix:
    return SparseMatrix(
        [i for i, _ in places], [j for _, j in places], [traced.number(v) for v in values], shape
    )


def _swept(traced: Trace, outputs: list[Any]) -> list[list[Any]]:
    """Return the rows of a Jacobian, its columns found one by one."""
    sweep, n = _Sweeps(traced, outputs), len(traced.inputs)
    columns = [sweep([float(k == j) for k in range(n)]) for j in range(n)]
    return [[column[i] for column in columns] for i in range(len(outputs))]


def _pulled(traced: Trace, root: Any) -> list[Any]:
    return pull(root, 1.0, traced.inputs, traced.differentiable)


def _nested(traced: Trace, rows: list[list[Any]], argnums: Argnums) -> Any:
    return traced.output_structure.rebuild([_arguments(traced, row, argnums) for row in rows])


def _arguments(traced: Trace, row: list[Any], argnums: Argnums) -> Any:
    by_argument = traced.by_argument(row)
    return tuple(by_argument) if isinstance(argnums, list | tuple) else by_argument[0]


def _colors(colors: list[int]) -> range:
    return range(max(colors, default=-1) + 1)
