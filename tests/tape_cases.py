"""Rows at points, and programs: what backends that write text are tried on, against eager ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from hypothesis import strategies as st
from random_programs import programs, run

from autograd_lite import jit, ops, trace_rows, value_and_grad
from autograd_lite.compiler import Tape
from autograd_lite.compiler.tape import Input, Instruction
from autograd_lite.operation import BUILT_IN, TABLE, TRACED, Operation

inf, nan = math.inf, math.nan
LANES = (trace_rows.broadcast, trace_rows.lane_sum)
ROWS = [row for name, row in TABLE.items() if name in BUILT_IN]  # not those of other tests
ROWS += [row for row in TRACED.values() if row not in (*LANES, trace_rows.guard)]
UNARY = [-inf, -1e300, -1e9, -800.0, -61.25, -46.0, -20.5, -7.3, -3.5, -1.5, -1.0, -0.5, -1e-310,
         -0.0, 0.0, 1e-310, 1e-9, 0.3, 0.5, 0.49999999999999994, 0.99, 1.0, 1.01, 1.46, 1.5, 2.0,
         2.5, 3.0, 5.5, 9.75, 20.0, 26.5, 46.0, 61.0, 760.0, 1e9, 1e300, inf, nan]  # fmt: skip
BINARY = [-inf, -1e300, -7.0, -2.0, -1.0, -0.5, -1e-310, -0.0, 0.0, 0.3, 1.0, 2.0, 3.0, 1e300, inf,
          nan]  # fmt: skip
TERNARY = [-inf, -1.0, -0.37, -0.0, 0.0, 0.1, 0.5, 1.0, 2.0, 3.7, 1e200, 1.7e308, inf, nan]
ORDERS = {"power_log": 2, "sinc_derivative": 1, "polygamma": 1}  # and the operands beside them


def points(row: Operation) -> list[tuple[float, ...]]:
    """List points at which a row is tried, its kinks and what it raises for among them."""
    if row.name in ORDERS:
        others = BINARY if row.name == "power_log" else [x for x in UNARY if not 1e6 < abs(x) < inf]
        orders = (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 7.0, 171.0)
        return [*product(orders, *[others] * ORDERS[row.name])]
    numbers = UNARY if row.arity == 1 else BINARY if row.arity == 2 else TERNARY
    if row.arity is None:  # with it a part of norm is inf already, where all of it may be nan
        numbers = [x for x in TERNARY if x != 1.7e308]
    return [*product(numbers, repeat=row.arity or 3), *row.kinks]


class Case(NamedTuple):
    """A tape, by a name; `runs` are inputs and what is expected of them.

    That is a list of outputs, to a relative or an absolute error; the number of a guard that does
    not hold; or None for what is not finite.
    """

    name: str
    tape: Tape
    runs: list[tuple[Sequence[float], Any]]
    absolute: float = 0.0
    relative: float = 1e-13


def of_row(row: Operation) -> Case:
    """Return the case of a row alone; it is not finite where it raises."""
    some = points(row)
    n = len(some[0])
    inputs = tuple([Input("abc"[i]) for i in range(n)])
    tape = Tape(inputs, (Instruction(row, tuple(range(n))),), (n,))
    runs: list[tuple[Sequence[float], Any]] = [(point, evaluated(row, point)) for point in some]
    beside_zeros = 1e-14 if row in (ops.lgamma, ops.digamma, ops.polygamma) else 0.0
    return Case(f"row_{row.name}", tape, runs, beside_zeros)


def evaluated(row: Operation, point: Sequence[float]) -> list[float] | None:
    """Return what a row gives, None where it raises."""
    try:
        return [row.evaluate(point)]
    except (ArithmeticError, ValueError):
        return None


def of_program(name: str, leaves: list[float], steps: list[Any]) -> Case:
    """Return the case of a program with its gradient."""
    derived: Any = value_and_grad(lambda xs: run(xs, steps))
    value, slopes = derived(leaves)
    return Case(name, jit(derived).tape(leaves), [(leaves, [value, *slopes])], 1e-13)


def disagreements(case: Case, results: Sequence[Any]) -> Iterator[str]:
    """Yield what is not as expected, zeros by their signs too."""
    for (inputs, expected), found in zip(case.runs, results, strict=True):
        if expected is None:
            agreed = not math.isfinite(found[0])
        elif isinstance(expected, int):
            agreed = found == expected
        else:
            pairs = zip(found, expected, strict=True) if isinstance(found, list) else [(0.0, nan)]
            agreed = all(_equal(a, b, case) for a, b in pairs)
        if not agreed:
            yield f"{case.name}{tuple(inputs)}: {found} instead of {expected}"


def _equal(a: float, b: float, case: Case) -> bool:
    if a != a or b != b:
        return a != a and b != b
    if a == b == 0.0:
        return case.absolute > 0 or math.copysign(1.0, a) == math.copysign(1.0, b)
    return math.isclose(a, b, rel_tol=case.relative, abs_tol=case.absolute)


def of_long_program() -> Case:
    """Return the case of a program that is long enough to be cut in pieces."""
    steps = [(i % 3, i, [i, 7 * i, i + 1]) for i in range(40)]
    return of_program("program", [0.5, -1.25, 0.7], steps)


@st.composite
def some_programs(draw: st.DrawFn) -> list[Case]:
    """Draw several programs, to be compiled at once."""
    drawn = draw(st.lists(programs(), min_size=4, max_size=8))
    return [of_program(f"program{i}", *each) for i, each in enumerate(drawn)]


def branching(x: Any, y: Any) -> Any:
    """Take one of three paths, with two guards on the last."""
    if x > 1.0:
        return x * y
    return ops.log(x * x) if x == y else x - y


def of_branches() -> list[Case]:
    """Return a case for each path of `branching`; where one does not hold, the guard's number."""
    ways = [(2.0, 3.0, 0), (0.5, 0.5, 1), (0.5, 2.0, 2), (math.nan, 1.0, 2)]
    cases = []
    for taken in (0, 1, 2):
        x, y, _ = ways[taken]
        runs: list[tuple[Sequence[float], Any]] = []
        for a, b, way in ways:
            guard = 0 if taken == 0 or way == 0 else 1
            runs.append(((a, b), [branching(a, b)] if way == taken else guard))
        cases.append(Case(f"branch{taken}", jit(branching).tape(x, y), runs))
    return cases


def of_long_sums() -> Case:
    """Return the case of sums that are written in several statements."""
    xs = [0.1 * i - 3.0 for i in range(130)]
    numbers = tuple(range(130))
    rows = (ops.sum, numbers), (ops.dot_row, numbers), (ops.dot_row, numbers[:101])
    tape = Tape(
        tuple([Input(f"x{i}") for i in numbers]),
        (*[Instruction(row, some) for row, some in rows], Instruction(ops.mul, (130, 131))),
        (130, 131, 132, 133, 0, 2.5, nan, -inf),
    )
    total, dot = sum(xs), math.fsum(a * b for a, b in zip(xs[:65], xs[65:], strict=True))
    other = ops.dot(xs[:50], xs[50:100], xs[100])
    return Case(
        "sums", tape, [(xs, [total, dot, other, total * dot, xs[0], 2.5, nan, -inf])], 1e-12
    )
