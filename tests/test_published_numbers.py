"""The examples compute the numbers that were published for them, to the last digits."""

from __future__ import annotations

import re
import runpy
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
TOLERANCE = 1e-12
AFTER_THOUSANDS_OF_STEPS = 1e-9

NUMBERS: dict[str, list[float]] = {
    "one_step_by_hand.py": [
        0.7310585786300049, 0.7310585786300049, 0.026694033379259078, 0.2310585786300049,
        0.1689173560735206, 0.022714436918237105, 0.022714436918237105,
        0.49977285563081764, 0.4983108264392648, 0.7284997828040481, 0.026106075370748587,
    ],
    "learning_rates.py": [
        0.24251985734837728,
        0.24110903876812873, 0.1712536377597933,
        0.23970114342898322, 0.12176594682176896,
        0.23549537787349017, 0.05427408611153918,
        0.23131728642977417, 0.03169990265673483,
        0.2285477652787851, 0.024194870748564995,
        0.21490159884256635, 0.010174784525700548,
        0.014181377937891659, 0.013377915565327117,
    ],
    "step_by_step.py": [
        0.2983711087600027, 4.385677344743465e-4, 8.77135468948693e-4, 4.977127352608599e-4,
        9.954254705217198e-4, 0.08216704056423077, 0.08266762784753325, -0.02260254047747507,
        -0.022740242215978222, 0.29102777369359933, 3.510187782978859e-05,
    ],
    "gradient_descent.py": [0.25, -2.0, 2.0, 0.0, 0.4, 0.16, 0.064],
    "chain_rule.py": [
        12.0, 1 / 12, -189.0,
        *[-0.5] * 4, 0.0, 0.0, *[-0.5] * 6,
        0.55, 1.025, -0.45, 0.05, -1.0, 0.0, 1.025, 0.05,
    ],
    "eleven_lines.py": [
        0.0096644916879683, 0.007865059671309264, 0.9935889804970555, 0.992119573219358,
        0.496410031903, 0.00858452565325, 0.00578945986251, 0.00462917677677, 0.00395876528027,
        0.00351012256786,
    ],
}  # fmt: skip


def run(name: str) -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / name))


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=pytest.mark.slow) if name == "eleven_lines.py" else name
    for name in NUMBERS
])  # fmt: skip
def test_computed_is_published(name: str) -> None:
    rows = run(name)["rows"]
    assert [published for _, _, published in rows] == NUMBERS[name]
    for what, computed, published in rows:
        rel = AFTER_THOUSANDS_OF_STEPS if re.search(r"\d{4} steps", what) else TOLERANCE
        assert computed == pytest.approx(published, rel=rel, abs=0), what


def test_descent_on_a_cubic_arrives_bounces_or_falls() -> None:
    found = run("gradient_descent.py")
    x, followed = -1.99, [-1.99]
    for _ in range(51):
        x -= 0.04 * (3 * x**2 + 6 * x)
        followed.append(x)
    assert found["small"] == pytest.approx(followed, rel=1e-9)
    large, beyond = found["large"], found["beyond"]
    assert all(-2 < x < 0.6 for x in large)
    assert sum(a * b < 0 for a, b in pairwise(large)) > 20
    assert found["balanced"] == [-2.0] * 52
    assert beyond == sorted(beyond, reverse=True)
    assert beyond[-1] < -50


@pytest.mark.slow
def test_momentum_learns_exclusive_or_sooner() -> None:
    needed = run("xor_with_momentum.py")["needed"]
    plain, faster, fastest = needed[0.2, 0.0], needed[0.35, 0.0], needed[0.2, 0.9]
    assert sum(e < float("inf") for e in fastest) >= 18
    assert sum(fast < slow for slow, fast in zip(plain, fastest, strict=True)) >= 18
    assert median(fastest) < median(faster) < median(plain)


def test_the_four_equations_hold() -> None:
    rows = run("four_equations.py")["rows"]
    assert [name for name, *_ in rows] == ["BP1"] * 2 + ["BP2"] * 3 + ["BP3"] * 5 + ["BP4"] * 12
    for name, what, in_graph, by_equation in rows:
        assert in_graph == pytest.approx(by_equation, rel=TOLERANCE, abs=0), (name, what)


@pytest.mark.slow
def test_digits_are_learnt_by_the_mini_batches_of_the_book() -> None:
    found = run("mini_batches.py")
    right = found["right"]
    assert right[0.0][-1] >= 75
    assert right[0.5][-1] >= 90
    assert sum(right[0.5]) > sum(right[0.0]) > sum(right[0.9])

    network = found["Network"]([3, 4, 2], seed=1)
    batch = [([0.1, 0.2, 0.3], [0.0, 1.0]), ([-1.0, 0.5, 2.0], [1.0, 0.0])]
    wanted = stepped(network, batch, eta=0.5)
    network.SGD(batch, 1, mini_batch_size=2, eta=0.5, test_data=batch)
    for layer, (w, b) in zip(network.layers, wanted, strict=True):
        for neuron, weights, bias in zip(layer.neurons, w, b, strict=True):
            assert [x.data for x in neuron.weights] == pytest.approx(list(weights), rel=TOLERANCE)
            assert neuron.bias.data == pytest.approx(bias, rel=TOLERANCE)


def stepped(network: Any, batch: list[Any], eta: float) -> list[Any]:
    """One step with gradients by the four equations, in NumPy: the weights and biases after it."""
    layers = [
        (np.array([[w.data for w in neuron.weights] for neuron in layer.neurons]),
         np.array([neuron.bias.data for neuron in layer.neurons]))
        for layer in network.layers
    ]  # fmt: skip
    after = list(layers)
    for x, y in batch:
        activations = [np.array(x)]
        for w, b in layers:
            activations.append(1 / (1 + np.exp(-(w @ activations[-1] + b))))
        back = activations[-1] - np.array(y)
        for i in reversed(range(len(layers))):
            delta = back * activations[i + 1] * (1 - activations[i + 1])
            step = eta / len(batch) * delta
            w, b = after[i]
            after[i] = (w - np.outer(step, activations[i]), b - step)
            back = layers[i][0].T @ delta
    return after
