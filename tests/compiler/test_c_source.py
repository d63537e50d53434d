"""Tapes as C99: compiled by gcc and called, against eager results."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from tape_cases import (
    ROWS,
    Case,
    disagreements,
    of_branches,
    of_long_program,
    of_long_sums,
    of_row,
    some_programs,
)  # fmt: skip

from autograd_lite import BackendError, ops, trace_rows
from autograd_lite.compiler import Tape, braces, c_source
from autograd_lite.compiler.tape import Input, Instruction
from autograd_lite.operation import Operation

FLAGS = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-shared", "-fPIC"]


def library(folder: Path, sources: Sequence[str], optimize: str = "-O2") -> ctypes.CDLL:
    """Compile sources, without a warning, to a library."""
    if not shutil.which("gcc"):
        pytest.skip("gcc, which compiles C, is missing")
    (folder / "tapes.c").write_text("\n".join(sources))
    command = ["gcc", *FLAGS, optimize, "-o", "tapes.so", "tapes.c", "-lm"]
    subprocess.run(command, check=True, cwd=folder)
    return ctypes.CDLL(str(folder / "tapes.so"))


def called(function: Any, inputs: Sequence[float], outputs: int) -> Any:
    """Return a list of outputs, or the number of a guard, which C counts from 1."""
    x, y = (ctypes.c_double * max(len(inputs), 1))(*inputs), (ctypes.c_double * max(outputs, 1))()
    failed = function(x, y)
    return failed - 1 if failed else list(y)[:outputs]


def results(folder: Path, cases: Sequence[Case], optimize: str = "-O2") -> list[list[Any]]:
    """Run cases, compiled at once."""
    loaded = library(folder, [c_source.source(x.tape, x.name) for x in cases], optimize)
    return [
        [called(getattr(loaded, x.name), inputs, len(x.tape.outputs)) for inputs, _ in x.runs]
        for x in cases
    ]


def test_rows_give_what_they_give_eagerly(tmp_path: Path) -> None:
    cases = [of_row(row) for row in ROWS]
    for case, found in zip(cases, results(tmp_path, cases), strict=True):
        assert [*disagreements(case, found)][:5] == []


@given(cases=some_programs())
@settings(max_examples=10, deadline=None)
def test_programs_and_their_gradients(cases: list[Case]) -> None:
    with TemporaryDirectory() as folder:
        for case, found in zip(cases, results(Path(folder), cases, "-O0"), strict=True):
            assert [*disagreements(case, found)] == []


def test_results_may_take_the_place_of_the_inputs(tmp_path: Path) -> None:
    function = library(tmp_path, [c_source.source(of_branches()[0].tape)]).f
    x = (ctypes.c_double * 2)(2.0, 3.0)
    assert (function(x, x), x[0]) == (0, 6.0)
    x[0] = 0.5  # a guard does not hold: nothing is written
    assert (function(x, x), x[0]) == (1, 0.5)


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_paths_long_sums_and_long_tapes(
    piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [*of_branches(), of_long_sums(), of_long_program()]
    monkeypatch.setattr(braces, "PIECE", piece)
    assert ("pieces" in c_source.source(cases[-1].tape)) == (piece < 1000)
    for case, found in zip(cases, results(tmp_path, cases, "-O0"), strict=True):
        assert [*disagreements(case, found)] == []


UNUSED = [
    Tape((), (), ()),
    Tape((), (), (2.5,)),
    Tape((Input("x"), Input("y")), (), (1,)),
    Tape((Input("y["),), (Instruction(trace_rows.guard, (0, 1.0)),), ()),
    Tape((Input("x"),), (Instruction(trace_rows.guard, (0, 1.0)),) * 2, ()),
]


@pytest.mark.parametrize("tape", UNUSED)
def test_nobody_warns_of_what_is_not_used(
    tape: Tape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(braces, "PIECE", 1)
    function = library(tmp_path, [c_source.source(tape)]).f
    assert called(function, [1.0, 2.5], len(tape.outputs)) == [2.5] * len(tape.outputs)


def test_only_the_functions_that_are_needed_are_written() -> None:
    text = c_source.source(of_row(ops.digamma).tape, "psi")
    helpers = re.findall(r"static double (\w+)", text)
    assert helpers == ["psi_polygamma_term", "psi_polygamma_above", "psi_polygamma"]


def test_what_nothing_depends_on_is_left_out_for_nothing_raises() -> None:
    tape = Tape((Input("x"), Input("y")), (Instruction(ops.log, (0,)),), (1,))
    assert "log" not in c_source.source(tape)


def test_names_of_inputs_cannot_leave_their_comment() -> None:
    tape = Tape((Input("p['\\\n*/é']"),), (), (0,))
    assert "double v0 = x[0];  // p['??*/?']\n" in c_source.source(tape)


@pytest.mark.parametrize("name", ["", "a b", "f(", "é", "1x"])
def test_a_function_needs_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="expected a name of letters"):
        c_source.source(of_row(ops.neg).tape, name)


@pytest.mark.parametrize("row", [trace_rows.broadcast, trace_rows.lane_sum])
def test_lanes_are_refused(row: Operation) -> None:
    tape = Tape((Input("x"),), (Instruction(row, (0, 3.0)),), (1,))
    with pytest.raises(BackendError, match=f"'{row.name}', .*the c backend"):
        c_source.source(tape)
