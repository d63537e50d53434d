"""What type checkers see is what runs: mypy and pyright on a user's program."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_lite
from autograd_lite import errors, ops

PACKAGE = Path(autograd_lite.__file__).parents[1]

# Each line with the type that both checkers should reveal, or with the word "error".
PROGRAM = """
from autograd_lite import *
from autograd_lite import Value, gradients, grad, jit, jvp, ops, value_and_grad
from autograd_lite.nn import MLP, Layer, Neuron, cross_entropy, mse
from autograd_lite.optim import SGD

x = Value(2.0, name="x")
model = MLP(2, [4, 1], "tanh")

def cube(x: Value) -> Value:
    return x**3

reveal_type(x * 2)  # Value
reveal_type(2 / x)  # Value
reveal_type(-x)  # Value
reveal_type(x.tanh())  # Value
reveal_type(x.clamp(0.0, 1.0))  # Value
reveal_type(x.data)  # float
reveal_type(tanh(x))  # Value
reveal_type(tanh(1))  # float
reveal_type(atan2(1.0, x))  # Value
reveal_type(clamp(x, low=0.0, high=1.0))  # Value
reveal_type(leaky_relu(0.5, 0.1))  # float
reveal_type(ops.sum([x, 1.0]))  # Value
reveal_type(ops.sum([1.0, 2.0]))  # float
reveal_type(mean([x, x]))  # Value
reveal_type(softmax([x, 1.0]))  # list[Value]
reveal_type(dot([x, 1.0], [2.0, 3.0]))  # Value
reveal_type(where(x > 0, x, 0.0))  # Value
reveal_type(where(x > 0, 1.0, 0.0))  # float
reveal_type(Neuron(2)([1.0, x]))  # Value
reveal_type(model([1.0, x]) - 1.0)  # Value
reveal_type(model([1.0, x])[0])  # Value
reveal_type(mse([x], [1.0]))  # Value
reveal_type(mse([1.0], [2.0]))  # float
reveal_type(cross_entropy(model([1.0, x]), 0))  # Value
reveal_type(grad(cube)(2.0))  # float
reveal_type(grad(cube)(x))  # Value
reveal_type(grad(cube)([2.0]))  # list[float]
reveal_type(jit(cube)(x))  # Value
reveal_type(jit(max_paths=8)(cube)(x))  # Value
reveal_type(jit(grad(cube))([2.0]))  # Any
jit(cube)("2")  # error
jit(cube)(x, 2.0)  # error
reveal_type(value_and_grad(cube)(2.0))  # tuple[float, float]
reveal_type(jvp(cube, (2.0,), (1.0,)))  # tuple[float, float]
reveal_type(gradients(x * x, [x]))  # list[float]
reveal_type(gradients(x * x, [x], create_graph=True))  # list[Value]
x.grda  # error
x.backwards()  # error
x.tanh(1.0)  # error
model.paramters()  # error
model([1.0, x]).grda  # error
tanh("a")  # error
tanh(x, x)  # error
atan2(x)  # error
ops.sum(x, x)  # error
Value("3")  # error
gradients(x, x)  # error
mse([x], [1.0], reduction="men")  # error
SGD([x], lr="0.1")  # error
""".lstrip()


def wanted() -> dict[int, str]:
    lines = enumerate(PROGRAM.splitlines(), 1)
    return {n: line.rpartition("  # ")[2] for n, line in lines if "  # " in line}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


def run(program: Path, *command: str) -> str:
    """Run a checker on the program, with the package that these tests import."""
    return subprocess.run(
        [sys.executable, "-m", *command, str(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=program.parent,
        env={**os.environ, "MYPYPATH": str(PACKAGE)},
    ).stdout


def test_mypy_sees_what_runs(program: Path) -> None:
    output = run(program, "mypy", "--strict", "--cache-dir", str(program.parent / "cache"))
    seen: dict[int, str] = {}
    for line, kind, text in re.findall(r"program\.py:(\d+): (error|note): (.*)", output):
        if kind == "error":
            seen[int(line)] = "error"
        elif revealed := re.match(r'Revealed type is "(.*)"', text):
            seen.setdefault(int(line), re.sub(r"\b[a-z_]+\.([\w.]+\.)?", "", revealed[1]))
    assert seen == wanted()


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("basedpyright") is None,
    reason="basedpyright is not installed: pip install basedpyright",
)
def test_pyright_sees_what_runs(program: Path) -> None:
    settings = {"typeCheckingMode": "standard", "extraPaths": [str(PACKAGE)]}
    (program.parent / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    output = run(program, "basedpyright", "--outputjson", "--pythonpath", sys.executable)
    seen: dict[int, str] = {}
    for remark in json.loads(output)["generalDiagnostics"]:
        line = remark["range"]["start"]["line"] + 1
        if remark["severity"] == "error":
            seen[line] = "error"
        elif revealed := re.match(r'Type of ".*" is "(.*)"', remark["message"]):
            seen.setdefault(line, revealed[1])
    assert seen == wanted()


def test_a_star_import_has_what_the_table_and_the_errors_export() -> None:
    exported = set(autograd_lite.__all__)
    assert exported >= {*ops.__all__, *errors.__all__}
    assert len(exported) == len(autograd_lite.__all__)
    assert all(hasattr(autograd_lite, name) for name in exported)
