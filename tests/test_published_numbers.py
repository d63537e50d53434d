"""The examples compute the numbers that were published for them, to the last digits."""

from __future__ import annotations

import runpy
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

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
}  # fmt: skip


def run(name: str) -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / name))


@pytest.mark.parametrize("name", NUMBERS)
def test_computed_is_published(name: str) -> None:
    rows = run(name)["rows"]
    assert [published for _, _, published in rows] == NUMBERS[name]
    for what, computed, published in rows:
        rel = AFTER_THOUSANDS_OF_STEPS if "000 steps" in what else TOLERANCE
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


def test_momentum_learns_exclusive_or_sooner() -> None:
    needed = run("xor_with_momentum.py")["needed"]
    plain, faster, fastest = needed[0.2, 0.0], needed[0.35, 0.0], needed[0.2, 0.9]
    assert sum(e < float("inf") for e in fastest) >= 18
    assert sum(fast < slow for slow, fast in zip(plain, fastest, strict=True)) >= 18
    assert median(fastest) < median(faster) < median(plain)
