"""Hares and lynxes: four rates found by descending through a simulation, eager and compiled.

The equations of Lotka and Volterra say how prey and predators change; 100 steps of Runge and Kutta
follow them. From counts that are off by some 5 percent, Adam finds the rates by the gradient
through all of the steps. `jit` records the simulation once, and replays it: the numbers are the
same, to rounding. Where matplotlib is installed there is a picture, lotka_volterra.svg.

Run it: python examples/lotka_volterra.py
"""

import random
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from autograd_lite import Value, jit, value_and_grad
from autograd_lite.optim import Adam

STEPS, DT, EVERY = 100, 0.15, 5  # 15 years, counted every 9 months
TRUE = [1.1, 0.4, 0.8, 0.2]
START = (4.0, 2.0)  # how many there are in the beginning, in thousands
Populations = list[tuple[Any, Any]]


def change(rates: Sequence[Any], hares: Any, lynxes: Any) -> tuple[Any, Any]:
    """Return how fast both populations grow."""
    births, eaten, deaths, fed = rates
    return births * hares - eaten * hares * lynxes, fed * hares * lynxes - deaths * lynxes


def simulated(rates: Sequence[Any]) -> Populations:
    """Return both populations after each step of the classical method of Runge and Kutta."""
    x, y = START
    populations: Populations = [(x, y)]
    for _ in range(STEPS):
        k1, l1 = change(rates, x, y)
        k2, l2 = change(rates, x + DT / 2 * k1, y + DT / 2 * l1)
        k3, l3 = change(rates, x + DT / 2 * k2, y + DT / 2 * l2)
        k4, l4 = change(rates, x + DT * k3, y + DT * l3)
        x = x + DT / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        y = y + DT / 6 * (l1 + 2 * l2 + 2 * l3 + l4)
        populations.append((x, y))
    return populations


noise = random.Random(0)  # noqa: S311  nothing is kept secret by it
counts = [
    (x * noise.gauss(1, 0.05), y * noise.gauss(1, 0.05)) for x, y in simulated(TRUE)[EVERY::EVERY]
]


def misfit(rates: Sequence[Any]) -> Any:
    """Return the mean square of what the simulation is off the counts."""
    pairs = zip(simulated(rates)[EVERY::EVERY], counts, strict=True)
    return sum((x - a) ** 2 + (y - b) ** 2 for (x, y), (a, b) in pairs) / (2 * len(counts))


def fitted(slopes: Callable[..., Any], steps: int) -> tuple[list[float], float]:
    """Descend from a guess, and return the rates with the misfit that the last step began with."""
    rates = [Value(x) for x in (0.9, 0.3, 0.9, 0.3)]
    optimizer = Adam(rates, lr=0.01)
    loss = 0.0
    for _ in range(steps):
        loss, gradient = slopes([rate.data for rate in rates])
        for rate, slope in zip(rates, gradient, strict=True):
            rate.grad = slope
        optimizer.step()
    return [rate.data for rate in rates], loss


def main(steps: int = 400) -> None:
    """Fit twice, and say what came of it and how long it took."""
    print(f"{'':9}{'births':>8}{'eaten':>8}{'deaths':>8}{'fed':>8}{'misfit':>9}{'seconds':>9}")
    print(f"{'true':9}" + "".join(f"{x:8.4f}" for x in TRUE) + f"{misfit(TRUE):9.4f}")
    found: dict[str, list[float]] = {}
    slopes: dict[str, Callable[..., Any]] = {
        "eager": value_and_grad(misfit),
        "compiled": jit(value_and_grad(misfit)),
    }
    for how, function in slopes.items():
        start = perf_counter()
        found[how], loss = fitted(function, steps)
        seconds = perf_counter() - start
        print(f"{how:9}" + "".join(f"{x:8.4f}" for x in found[how]) + f"{loss:9.4f}{seconds:9.2f}")
    apart = max(abs(a - b) for a, b in zip(found["eager"], found["compiled"], strict=True))
    print(f"both found the same rates: {apart < 1e-9}")
    plot(found["compiled"])


def plot(rates: list[float]) -> None:
    """Draw the counts and the simulation that was fitted to them."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no picture: it needs matplotlib; run: pip install matplotlib")
        return
    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.subplots()
    for k, (name, color) in enumerate([("hares", "#0072b2"), ("lynxes", "#d55e00")]):
        curve = [both[k] for both in simulated(rates)]
        axes.plot([i * DT for i in range(STEPS + 1)], curve, color=color, label=name)
        years = [(i + 1) * EVERY * DT for i in range(len(counts))]
        axes.plot(years, [both[k] for both in counts], "o", color=color)
    axes.set(xlabel="years", ylabel="thousands", title="Counts, and what was fitted to them")
    axes.legend()
    figure.savefig("lotka_volterra.svg")
    print("the curves beside the counts: lotka_volterra.svg")


if __name__ == "__main__":
    main()
