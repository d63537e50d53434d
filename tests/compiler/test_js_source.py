"""Tapes as JavaScript: run by node, against eager results."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest
from tape_cases import ROWS, Case, disagreements, of_row

from autograd_lite.compiler import js_source

pytestmark = pytest.mark.skipif(
    not shutil.which("node"), reason="node, which runs JavaScript, is missing"
)
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
    """Run cases, all by one process."""
    sources = [js_source.source(x.tape, x.name) for x in cases]
    runs = [[[repr(x).replace("inf", "Infinity") for x in xs] for xs, _ in y.runs] for y in cases]
    pairs = [f"[{x.name}, {json.dumps(y)}]" for x, y in zip(cases, runs, strict=True)]
    script = "\n".join(['"use strict";', *sources, f"const cases = [{', '.join(pairs)}];", RUN])
    done = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [
        [[*map(float, x)] if isinstance(x, list) else x for x in found]
        for found in json.loads(done.stdout)
    ]


def test_rows_give_what_they_give_eagerly() -> None:
    cases = [of_row(row) for row in ROWS]
    for case, found in zip(cases, results(cases), strict=True):
        assert [*disagreements(case, found)][:5] == []
