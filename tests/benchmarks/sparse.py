"""Sparse derivatives in time linear in the size: `python tests/benchmarks/sparse.py`.

The Jacobian of a tridiagonal function and the Hessian of the Rosenbrock function, each in three
sweeps; a few entries are checked against their formulas before anything is timed. Then the dense
ones, which take the same sweeps, against a sweep for each input, and the colorings of sparsities
that are hard on them.
"""

import os
import time
from itertools import pairwise

from autograd_lite import hessian, jacobian, ops
from autograd_lite.transforms import jacobians
from autograd_lite.transforms.coloring import column_colors, star_colors


def tridiagonal(x):
    n = len(x)
    return [
        (3 - 2 * x[i]) * x[i] - (x[i - 1] if i else 0.0) - 2 * (x[i + 1] if i < n - 1 else 0.0) + 1
        for i in range(n)
    ]


def rosenbrock(x):
    return ops.sum([100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)])


def check(matrix, x, diagonal):
    assert len(matrix.values) == 3 * len(x) - 2
    for i, j, value in zip(matrix.rows, matrix.cols, matrix.values):
        if i == j and 0 < i < len(x) - 1:
            assert abs(value - diagonal(x, i)) <= 1e-9 * max(1.0, abs(value))


def main():
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cases = {
        "tridiagonal Jacobian": (jacobian(tridiagonal, sparse=True), lambda x, i: 3 - 4 * x[i]),
        "Rosenbrock Hessian": (
            hessian(rosenbrock, sparse=True),
            lambda x, i: 1200 * x[i] ** 2 - 400 * x[i + 1] + 202,
        ),
    }
    for title, (f, diagonal) in cases.items():
        print(title)
        for n in (100, 1_000, 10_000):
            x = [0.1 + i / n for i in range(n)]
            check(f(x), x, diagonal)
            best = min(_timed(f, x) for _ in range(3))
            print(f"  {n:6,d} unknowns: {best * 1e3:9.2f} ms, {best / n * 1e6:6.1f} µs an unknown")

    print("dense, 100 unknowns")
    x = [0.1 + i / 100 for i in range(100)]
    for title, f in {
        "tridiagonal Jacobian, forward": jacobian(tridiagonal, mode="forward"),
        "tridiagonal Jacobian": jacobian(tridiagonal),
        "Rosenbrock Hessian": hessian(rosenbrock),
    }.items():
        few, times = jacobians._FEW, []
        for jacobians._FEW in (few, 10**9):
            times.append(min(_timed(f, x) for _ in range(5)) * 1e3)
        jacobians._FEW = few
        print(f"  {title:30} {times[0]:7.2f} ms, a sweep for each input {times[1]:7.2f} ms")
    print("colorings: distinct columns, stars")
    for title, sparsity in SPARSITIES.items():
        for n in (1_000, 4_000, 16_000):
            rows = sparsity(n)
            around = [[j for j in row if j != i] for i, row in enumerate(rows)]
            distinct, star = _timed(column_colors, rows, n), _timed(star_colors, around)
            print(f"  {title:10} {n:6,d}: {distinct * 1e3:8.2f} ms, {star * 1e3:8.2f} ms")


SPARSITIES = {
    "arrow": lambda n: [[*range(n)]] + [[0, i] for i in range(1, n)],
    "arrow down": lambda n: [[i, n - 1] for i in range(n - 1)] + [[*range(n)]],
    "banded": lambda n: [[*range(max(0, i - 2), min(n, i + 3))] for i in range(n)],
}


def _timed(f, *args):
    start = time.perf_counter()
    f(*args)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
