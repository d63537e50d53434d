"""Tapes as JavaScript: run by node, against eager results."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from tape_cases import (
    ROWS,
    Case,
    disagreements,
    evaluated,
    of_branches,
    of_long_program,
    of_long_sums,
    of_row,
    some_programs,
)  # fmt: skip

from autograd_lite import BackendError, ops, trace_rows
from autograd_lite.compiler import Tape, braces, js_source
from autograd_lite.compiler.tape import Input, Instruction
from autograd_lite.operation import Operation

# Numbers go as strings, since JSON has neither nan nor inf, nor tells -0 from 0.
RUN = """
const shown = (x) => typeof x !== "number" ? typeof x : Object.is(x, -0) ? "-0.0" : String(x);
const results = cases.map(([f, runs]) => runs.map((xs) => {
    const found = f(xs.map(Number));
    return Array.isArray(found) ? found.map(shown) : found;
}));
require("fs").writeFileSync(1, JSON.stringify(results));
"""


def results(cases: Sequence[Case]) -> list[list[Any]]:
    """Run cases, all by one process; guards are counted from 1."""
    if not shutil.which("node"):
        pytest.skip("node, which runs JavaScript, is missing")
    sources = [js_source.source(x.tape, x.name) for x in cases]
    runs = [[[repr(x).replace("inf", "Infinity") for x in xs] for xs, _ in y.runs] for y in cases]
    pairs = [f"[{x.name}, {json.dumps(y)}]" for x, y in zip(cases, runs, strict=True)]
    script = "\n".join(['"use strict";', *sources, f"const cases = [{', '.join(pairs)}];", RUN])
    done = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [
        [[*map(float, x)] if isinstance(x, list) else x - 1 for x in found]
        for found in json.loads(done.stdout)
    ]


def test_rows_give_what_they_give_eagerly() -> None:
    cases = [of_row(row) for row in ROWS]
    for case, found in zip(cases, results(cases), strict=True):
        assert [*disagreements(case, found)][:5] == []


@given(cases=some_programs())
@settings(max_examples=10, deadline=None)
def test_programs_and_their_gradients(cases: list[Case]) -> None:
    for case, found in zip(cases, results(cases), strict=True):
        assert [*disagreements(case, found)] == []


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_paths_long_sums_and_long_tapes(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(braces, "PIECE", piece)
    cases = [*of_branches(), of_long_sums(), of_long_program()]
    assert ("pieces" in js_source.source(cases[-1].tape)) == (piece < 1000)
    for case, found in zip(cases, results(cases), strict=True):
        assert [*disagreements(case, found)] == []


@pytest.mark.parametrize("row", [ops.erf, ops.erfc, ops.lgamma, ops.normal_cdf, ops.fma], ids=str)
def test_functions_that_javascript_lacks(row: Operation) -> None:
    """Many points, for they are our own."""
    draw = Random(1)
    some: list[Any] = [(draw.uniform(-40.0, 40.0) * draw.random() ** 3,) for _ in range(3000)]
    if row is ops.fma:
        some = [(a, b, c * -a * b) for (a,), (b,) in pairwise(some)
                for c in (1.0, draw.uniform(0.999999, 1.0))]  # fmt: skip
    runs: list[tuple[Sequence[float], Any]] = [(x, evaluated(row, x)) for x in some]
    case = of_row(row)._replace(runs=runs, relative=5e-15)
    assert [*disagreements(case, results([case])[0])][:5] == []


EXACT = [
    (ops.lgamma, (1.0,)), (ops.lgamma, (2.0,)), (ops.fma, (1e308, 2.0, -1.5e308)),
    (ops.fma, (1e300, 0.1, -1e299)), (ops.fma, (0.1, 1e300, -1e299)), (ops.fma, (0.1, 0.1, -0.01)),
]  # fmt: skip


@pytest.mark.parametrize(("row", "inputs"), EXACT)
def test_their_digits_where_all_others_cancel(row: Operation, inputs: tuple[float, ...]) -> None:
    case = of_row(row)._replace(runs=[(inputs, evaluated(row, inputs))])
    assert results([case])[0] == [evaluated(row, inputs)]


def test_only_the_functions_that_are_needed_are_written() -> None:
    text = js_source.source(of_row(ops.erfc).tape, "g")
    assert re.findall(r"function (\w+)", text) == ["g_erfc_above", "g_erf", "g_erfc", "g"]


def test_names_of_inputs_cannot_leave_their_comment() -> None:
    tape = Tape((Input("p['\u2028\n*/']"),), (), (0,))
    assert "let v0 = x[0];  // p['??*/']\n" in js_source.source(tape)


@pytest.mark.parametrize("row", [trace_rows.broadcast, trace_rows.lane_sum])
def test_lanes_are_refused(row: Operation) -> None:
    tape = Tape((Input("x"),), (Instruction(row, (0, 3.0)),), (1,))
    with pytest.raises(BackendError, match=f"'{row.name}', .*the js backend"):
        js_source.source(tape)
