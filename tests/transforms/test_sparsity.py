"""Sparse derivatives: colorings, and that compressing changes no bit of an entry."""

from __future__ import annotations

import struct
from functools import partial
from itertools import pairwise
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, backprop, hessian, jacobian, ops
from autograd_lite.transforms import jacobians
from autograd_lite.transforms.coloring import column_colors, star_colors
from autograd_lite.transforms.sparsity import dependencies


@st.composite
def graphs(draw: Any) -> list[list[int]]:
    n = draw(st.integers(1, 12))
    edges = draw(st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=40))
    neighbors: list[set[int]] = [set() for _ in range(n)]
    for i, j in edges:
        if i != j:
            neighbors[i].add(j)
            neighbors[j].add(i)
    return [sorted(around) for around in neighbors]


@given(graphs())
@settings(max_examples=300)
def test_a_star_coloring_gives_every_path_of_four_three_colors(graph: list[list[int]]) -> None:
    colors = star_colors(graph)
    assert set(colors) == set(range(max(colors) + 1))
    for b, around in enumerate(graph):
        for c in around:
            assert colors[b] != colors[c]
            paths = [(a, d) for a in around if a != c for d in graph[c] if d not in (a, b)]
            assert all(len({colors[a], colors[b], colors[c], colors[d]}) > 2 for a, d in paths)


@given(st.integers(1, 9), st.lists(st.sets(st.integers(0, 8), max_size=5), max_size=9))
def test_no_two_columns_of_a_color_meet_in_a_row(n: int, sets: list[set[int]]) -> None:
    rows = [sorted({j % n for j in row}) for row in sets]
    colors = column_colors(rows, n)
    for row in rows:
        assert len({colors[j] for j in row}) == len(row)
    assert set(colors) == set(range(max(colors) + 1))


def arrow(n: int, center: int) -> list[list[int]]:
    return [[j for j in range(n) if j != i] if i == center else [center] for i in range(n)]


def banded(n: int, width: int) -> list[list[int]]:
    return [
        [j for j in range(max(0, i - width), min(n, i + width + 1)) if j != i] for i in range(n)
    ]


# Sizes at which a step for every two columns, or every two entries of a row, would not come back.
COUNTS: dict[str, tuple[list[list[int]], int, int]] = {
    "arrow": (arrow(100_000, 0), 2, 100_000),
    "arrow down": (arrow(100_000, 99_999), 2, 100_000),
    "tridiagonal": (banded(50_000, 1), 3, 3),
    "five diagonals": (banded(50_000, 2), 5, 5),
    "full": (banded(1000, 1000), 1000, 1000),
    "no entry": ([[] for _ in range(10)], 1, 1),
    "nothing": ([], 0, 0),
}


@pytest.mark.parametrize("name", COUNTS)
def test_how_many_colors_known_sparsities_take(name: str) -> None:
    neighbors, star, distinct = COUNTS[name]
    assert max(star_colors(neighbors), default=-1) + 1 == star
    rows = [sorted([i, *around]) for i, around in enumerate(neighbors)]
    assert max(column_colors(rows, len(rows)), default=-1) + 1 == distinct


def prefix_sums(x: list[Any]) -> list[Any]:
    sums = [x[0] * 2.0]
    for a in x[1:]:
        sums.append(sums[-1] + a)
    return sums


def test_dependencies_of_many_and_of_few() -> None:
    inputs = [Value(float(i)) for i in range(200)]
    sums = prefix_sums(inputs)
    assert dependencies(sums, inputs) == [list(range(i + 1)) for i in range(200)]
    assert dependencies([ops.sum(inputs[9:])], inputs) == [[*range(9, 200)]]
    mixed = [sums[150] + inputs[199], inputs[7], sums[10] * 2.0, sums[70] * inputs[3], Value(1.0)]
    wanted = [[*range(151), 199], [7], [*range(11)], [*range(71)], []]
    assert dependencies(mixed, inputs) == wanted
    assert dependencies([inputs[3], sums[3], sums[3]], inputs) == [[3], [0, 1, 2, 3], [0, 1, 2, 3]]


MODES: list[Literal["forward", "reverse"]] = ["forward", "reverse"]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-300, 1e300, -1e300]
# Functions of two numbers with kinks, infinite slopes, and slopes that are not numbers.
HARD: list[Any] = [
    lambda a, b: ops.sqrt(ops.abs(a)) * b,
    lambda a, b: ops.hypot(a, b),
    lambda a, b: ops.abs(a) ** b,
    lambda a, b: ops.maximum(a, b) ** 2,
    lambda a, b: ops.clamp(a, -1.0, 1.0) * ops.cbrt(b),
    lambda a, b: ops.where(a > b, a * a, b),
    lambda a, b: ops.relu(a) * ops.sign(b) + ops.atan2(a, b),
    lambda a, b: ops.norm([a, b, 0.0]) * a,
    lambda a, b: a * 1e200 * b,
    lambda a, b: a,
]
terms = st.lists(
    st.tuples(st.sampled_from(range(len(HARD))), st.integers(0, 19), st.integers(0, 19)),
    min_size=1,
    max_size=20,
)


def bits(matrix: Any) -> list[bytes]:
    # One nan is as good as another, whatever its sign.
    numbers = [x.data if isinstance(x, Value) else x for row in matrix for x in row]
    return [struct.pack("d", x if x == x else float("nan")) for x in numbers]


def compressed_and_not(monkeypatch: pytest.MonkeyPatch, compute: Any) -> tuple[Any, Any]:
    results = []
    for few in (0, 1000):
        with monkeypatch.context() as patched:
            patched.setattr(jacobians, "_FEW", few)
            try:
                results.append(compute())
            except (ArithmeticError, ValueError) as error:
                results.append(type(error))
    return results[0], results[1]


@given(terms, st.lists(st.sampled_from(SPECIAL), min_size=20, max_size=20))
@settings(max_examples=150)
def test_compressing_changes_no_bit(picks: Any, x: list[float]) -> None:
    def f(x: list[Any]) -> list[Any]:
        return [HARD[k](x[i], x[j]) for k, i, j in picks]

    def total(x: list[Any]) -> Any:
        return ops.sum(f(x))

    with pytest.MonkeyPatch.context() as monkeypatch:
        for mode in MODES:
            dense, sparse = jacobian(f, mode=mode), jacobian(f, mode=mode, sparse=True)
            one, other = compressed_and_not(monkeypatch, partial(dense, x))
            if isinstance(one, type) or isinstance(other, type):
                assert one is other
            else:
                assert bits(one) == bits(other) == bits(sparse(x).dense())
        one, other = compressed_and_not(monkeypatch, lambda: hessian(total)(x))
        if isinstance(one, type) or isinstance(other, type):
            assert one is other
        else:
            assert bits(one) == bits(other)


def test_an_infinite_slope_stays_with_its_own_entries() -> None:
    def f(x: list[Any]) -> list[Any]:
        return [ops.sqrt(a) for a in x]

    x = [0.0, 4.0, 0.0, 1.0]
    wanted = [[float("inf"), 0, 0, 0], [0, 0.25, 0, 0], [0, 0, float("inf"), 0], [0, 0, 0, 0.5]]
    for mode in MODES:
        assert jacobian(f, mode=mode, sparse=True)(x).dense() == wanted
        assert jacobian(f, mode=mode)(x * 10)[1][:4] == wanted[1]
    curved = hessian(lambda x: ops.sum([ops.sqrt(a) ** 3 for a in x]), sparse=True)([0.0, 4.0])
    assert curved.dense()[1][1] == 0.375


def test_sparse_hessians_have_nan_where_dense_ones_do() -> None:
    def f(x: list[Any]) -> Any:
        return HARD[6](x[0], x[2]) + HARD[4](x[3], x[0]) + x[1] * x[0]

    x = [0.0, -1.0, -1e300, 1e300]
    dense = hessian(f)(x)
    assert [[a != a for a in row] for row in dense] == [
        [True, False, False, True],
        *[[False] * 4] * 3,
    ]
    assert bits(hessian(f, sparse=True)(x).dense()) == bits(dense)
    assert bits(hessian(f, sparse=True)([Value(a) for a in x]).dense()) == bits(dense)


def test_dense_matrices_take_as_few_sweeps_as_sparse_ones(monkeypatch: Any) -> None:
    def rosenbrock(x: list[Any]) -> Any:
        return ops.sum([100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)])

    def differences(x: list[Any]) -> list[Any]:
        return [b - a * a for a, b in pairwise(x)]

    sweeps: list[int] = []
    for module, name in ((backprop, "tangents"), (jacobians, "pull")):
        original = getattr(module, name)

        def counted(*args: Any, of: Any = original, **kwargs: Any) -> Any:
            sweeps.append(1)
            return of(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)
    x = [0.1 * i for i in range(40)]
    cases: list[tuple[Any, int]] = [
        (lambda: hessian(rosenbrock)(x), 3),
        (lambda: jacobian(differences)(x), 2),
        (lambda: jacobian(differences, mode="forward")(x), 2),
        (lambda: jacobian(differences, mode="reverse")(x), 2),
        (lambda: jacobian(prefix_sums)(x), 40),
        (lambda: jacobian(lambda x: x[:1], mode="forward")(x), 1),
        (lambda: jacobian(lambda x: [x[0]] + x * 3, mode="reverse")(x), 4),
        (lambda: jacobian(lambda x: [ops.sum(x)])(x), 1),
    ]
    for compute, count in cases:
        sweeps.clear()
        compute()
        assert len(sweeps) == count
