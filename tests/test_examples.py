"""Each example runs, as its first lines say, and prints what it should."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lite.commands.xor import TOLERANCE, train
from autograd_lite.train import xor

EXAMPLES = Path(__file__).parents[1] / "examples"
SLOW = ["autoencoder.py", "eleven_lines.py", "iris.py", "mini_batches.py", "moons.py"]
SLOW += ["lotka_volterra.py", "pictures.py", "xor_with_momentum.py"]
PRINTED = {
    "moons.py": ["337 parameters", "in the end 100% of the points are on the right side of 0"],
    "autoencoder.py": ["Learnt within 0.05", "8 of 8 codes differ"],
    "sequence.py": ["after:  'she sells sea shells'"],
    "iris.py": ["mean of 5 splits: 9", "species is setosa, versicolor or virginica"],
    "pictures.py": ["descent.svg\nlearning_rates.svg\nmoons.gif\nweights.svg\n"],
    "optimize_rosenbrock.py": ["BFGS", "Newton-CG", "x = [1. 1. 1. 1. 1.]"],
    "lotka_volterra.py": ["  0.7882  0.1976   0.0312", "both found the same rates: True"],
    "kepler.py": [" at most, relatively: True", "r'' = -1.159818\n"],
    "black_scholes.py": ["the price is 3.898551", "strike · ∂/∂strike is the price: True"],
    "expressions.py": ["d(a² · -7a)/da at 3 = -189.0", "0.479426 0.877583 -0.479426"],
    "one_step_by_hand.py": [
        "· (a1 * (1 - a1)) · 1\n",
        "output after the step            0.7284997828040481     (0.7284997828040481)",
    ],
    "xor_with_momentum.py": ["never learnt", "the outputs are 0.5000, 0.5000, 0.5000, 0.5000."],
    "learning_rates.py": ["0.0101747845257", "  28 steps", "  more than 100 steps"],
    "step_by_step.py": ["0.2983711087600027", "The outputs are now"],
    "four_equations.py": [
        "backward, once: ∂e/∂a = 2 (2) and ∂e/∂b = 5 (5)",
        "BP1  δ of output 0",
        "BP4  ∂C/∂w of layer 1, 12",
    ],
    "mini_batches.py": ["Momentum 0.5\nEpoch 0: ", "Epoch 19: 9"],
    "eleven_lines.py": ["0.496410031902", "0.003510122567", "(0.00351012256786)"],
    "xor.py": ["[0.0, 1.0] -> 1.0000, wanted 1", "[1.0, 1.0] -> 0.0000, wanted 0"],
    "draw_graph.py": ["d output/d w1 = 1.0000"],
    "gradient_descent.py": ["step 3       0.064  (0.064)", "it stays at -2;", "way for ever"],
    "chain_rule.py": [
        "= cos(b) · 3 · (4 * a**3)",
        "= (2 * c) · cos(b) · 3 · (4 * a**3)",
        "= -126 - 63\n",
        "= 0.5 · (-1) · 1 · 0 · (-1)\n",
        "o0 = 0.0000 and o1 = 1.0000",
    ],
    "two_layer_gradients.py": [
        "E_total = 0.24251985734837728 (0.24251985734837728)",
        "= 1 · (a_o1 - t1) · (a_o1 * (1 - a_o1)) · a_h1\n",
        "by path: 0.000711649757 + -0.000523394090 = 0.000188255667",
    ],
}


@pytest.mark.parametrize("path", [
    pytest.param(path, id=path.name, marks=[pytest.mark.slow] if path.name in SLOW else [])
    for path in sorted(EXAMPLES.glob("*.py"))
])  # fmt: skip
def test_example(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(EXAMPLES.parent)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for line in PRINTED[path.name]:
        assert line in done.stdout


@pytest.mark.slow
def test_irises_held_out_are_named_rightly() -> None:
    found = runpy.run_path(str(EXAMPLES / "iris.py"))
    assert len(found["right"]) == 5
    assert sum(found["right"]) / 5 >= 0.95


@pytest.mark.slow
def test_xor_is_learnt_from_at_least_99_of_100_seeds() -> None:
    inputs, targets = xor()
    learnt = 0
    for seed in range(100):
        model, _ = train(seed, epochs=1000, lr=0.2)
        errors = [abs(model(x).data - t) for x, t in zip(inputs, targets, strict=True)]
        learnt += max(errors) < TOLERANCE
    assert learnt >= 99
