"""Tapes as C99: compiled by gcc and called, against eager results."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tape_cases import ROWS, Case, disagreements, of_row

from autograd_lite.compiler import c_source

FLAGS = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-shared", "-fPIC"]
pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="gcc, which compiles C, is missing")


def library(folder: Path, sources: Sequence[str], optimize: str = "-O2") -> ctypes.CDLL:
    """Compile sources, without a warning, to a library."""
    (folder / "tapes.c").write_text("\n".join(sources))
    command = ["gcc", *FLAGS, optimize, "-o", "tapes.so", "tapes.c", "-lm"]
    subprocess.run(command, check=True, cwd=folder)
    return ctypes.CDLL(str(folder / "tapes.so"))


def called(function: Any, inputs: Sequence[float], outputs: int) -> Any:
    """Return a list of outputs, or which guard does not hold."""
    x, y = (ctypes.c_double * max(len(inputs), 1))(*inputs), (ctypes.c_double * max(outputs, 1))()
    failed = function(x, y)
    return failed or list(y)[:outputs]


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
