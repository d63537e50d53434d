"""Compiled speed and memory, as ratios in one run: `python tests/benchmarks/compiled.py`.

What is compared takes turns on one core, so that a noisy neighbour disturbs all alike. Values and
gradients are compared with the eager engine's, or with formulas, before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from eager import moons
from scipy.special import ndtr

from autograd_lite import Value, exp, jit, log, normal_cdf, sqrt, value_and_grad, vmap
from autograd_lite.nn import MLP, hinge, l2_penalty, mse
from autograd_lite.train import fit, xor


def seconds(function, at_least=0.02):
    """Return how long one call takes, over as many as take a while."""
    calls = 1
    while True:
        start = time.perf_counter()
        for _ in range(calls):
            function()
        took = time.perf_counter() - start
        if took >= at_least:
            return took / calls
        calls = max(2 * calls, int(calls * at_least / max(took, 1e-9)))


def compare(title, ways, reference, rounds, bounds=None):
    """Time ways to compute the same thing in turns, and print how they compare to one of them."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(seconds(way))
    print(f"\n{title}")
    for name, own in times.items():
        ratio = min(own) / min(times[reference])
        middle = statistics.median(own) / statistics.median(times[reference])
        line = f"  {name:42s}{written(min(own))}   {ratio:8.3f} (medians {middle:.3f})"
        print(line + (f"   bound {bounds[name]:.3f}" if name in (bounds or {}) else ""))


def written(took):
    for unit, factor in (("s ", 1), ("ms", 1e3)):
        if took * factor >= 1:
            return f"{took * factor:9.2f} {unit}"
    return f"{took * 1e6:9.2f} us"


def check(what, found, wanted, tolerance=1e-9):
    found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    assert found.shape == wanted.shape, (what, found.shape, wanted.shape)
    worst = np.max(np.abs(found - wanted) / np.maximum(np.abs(wanted), 1e-3))
    assert worst < tolerance, f"{what}: off by {worst}"


def eagerly(f, numbers):
    """Return the value and gradient as a user of Values finds them."""
    inputs = [Value(x) for x in numbers]
    result = f(inputs)
    result.backward()
    return result.data, [x.grad for x in inputs]


def beginning(f, numbers, rounds):
    """Return how long a new compiled gradient's first two calls take, and an eager pass."""
    first, second, eager = [], [], []
    for _ in range(rounds):  # in turns
        fresh = jit(value_and_grad(f), backend="python")
        first.append(once(fresh, numbers))
        second.append(once(fresh, numbers))
        eager += [once(eagerly, f, numbers) for _ in range(3)]
    return min(first), min(second), min(eager)


def one_function(title, f, numbers, rounds, bound):
    """Compare the compiled gradient of a function with the function itself, on floats."""
    compiled = jit(value_and_grad(f), backend="python")
    value, slopes = eagerly(f, numbers)
    for _ in range(2):  # what is traced, and what is made of it
        again, gradient = compiled(numbers)
        check(title, [again, *gradient], [value, *slopes])
    ways = {
        "the plain function, on floats": lambda: f(numbers),
        "value and gradient, jit": lambda: compiled(numbers),
        "value and gradient, eager": lambda: eagerly(f, numbers),
    }
    compare(title, ways, "the plain function, on floats", rounds,
            {"value and gradient, jit": bound})  # fmt: skip
    first, second, eager = beginning(f, numbers, rounds)
    size = compiled.stats().operations
    print(f"  {size:,} operations; the first call, which traces, takes {first / eager:.1f} eager "
          f"passes (bound 40), the second, which compiles, {second / eager:.1f}")  # fmt: skip


def lotka_volterra(numbers):
    """Follow 200 steps of Runge and Kutta, and return how far off the populations end up."""
    a, b, c, d, x, y = numbers
    h, total = 0.1, 0.0

    def rates(x, y):
        return (a - b * y) * x, (d * x - c) * y

    for _ in range(200):
        k1, m1 = rates(x, y)
        k2, m2 = rates(x + h / 2 * k1, y + h / 2 * m1)
        k3, m3 = rates(x + h / 2 * k2, y + h / 2 * m2)
        k4, m4 = rates(x + h * k3, y + h * m3)
        x = x + h / 6 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        y = y + h / 6 * (m1 + 2.0 * m2 + 2.0 * m3 + m4)
        miss, other = x - 4.0, y - 2.0
        total = total + miss * miss + other * other
    return total


def rosenbrock(x):
    total = 0.0
    for a, b in pairwise(x):
        t, u = b - a * a, 1.0 - a
        total = total + 100.0 * (t * t) + u * u
    return total


# --- training -------------------------------------------------------------------------------------


def trained(model, data, epochs, compiled, **settings):
    """Train a model by `fit`, and return its parameters and the seconds of each epoch."""
    history = fit(
        model, data, epochs=epochs, optimizer="sgd", progress=False, jit=compiled, **settings
    )
    return [p.data for p in model.parameters()], [row["seconds"] for row in history.rows]


def xor_network():
    return MLP(2, [4, 1], "tanh", seed=0)


def xor_by_hand(epochs, compiled):
    """Descend in a loop of one's own."""
    inputs, targets = xor()
    model = xor_network()

    def loss(network):
        return mse([network(x) for x in inputs], targets)

    if not compiled:
        parameters = model.parameters()
        for _ in range(epochs):
            total = loss(model)
            for p in parameters:
                p.grad = 0.0
            total.backward()
            for p in parameters:
                p.data -= 0.1 * p.grad
        return [p.data for p in parameters]
    named = dict(model.named_parameters())
    step = jit(value_and_grad(loss))
    for _ in range(epochs):
        _, slopes = step(model)
        for name, slope in slopes.items():
            named[name].data -= 0.1 * slope
    return [p.data for p in model.parameters()]


def exclusive_or(epochs, rounds):
    def by_fit(compiled):
        return trained(xor_network(), xor(), epochs, compiled, lr=0.1)[0]

    wanted = xor_by_hand(epochs, compiled=False)
    ways = {
        "fit, eager": lambda: by_fit(compiled=False),
        "fit, jit": lambda: by_fit(compiled=True),
        "a loop by hand, eager": lambda: xor_by_hand(epochs, compiled=False),
        "a loop by hand, jit(value_and_grad)": lambda: xor_by_hand(epochs, compiled=True),
    }
    for name, way in ways.items():
        check(name, way(), wanted)
    compare(f"exclusive or, 2-4-1, {epochs:,} epochs, all that it takes", ways, "fit, eager",
            rounds, {"fit, jit": 1 / 8, "a loop by hand, jit(value_and_grad)": 1 / 15})  # fmt: skip


def demo(epochs, rounds):
    """Compare steps of micrograd's demo: 100 moons, MLP 2-16-16-1, max-margin loss and L2."""
    rows, labels = moons()
    rate = 0.01

    def by_fit(steps, compiled):
        model = MLP(2, [16, 16, 1], "relu", seed=1337)

        def loss(scores, targets):
            return hinge(scores, targets) + l2_penalty(model, 1e-4)

        return trained(model, (rows, labels), steps, compiled, lr=rate, loss=loss)

    def by_matrices(steps):
        layers = matrices(MLP(2, [16, 16, 1], "relu", seed=1337))
        x, y = np.array(rows), np.array(labels)
        for _ in range(steps):
            for (w, b), (dw, db) in zip(layers, matrix_slopes(layers, x, y)):
                w -= rate * dw
                b -= rate * db
        return np.concatenate([np.column_stack([w, b]).ravel() for w, b in layers])

    wanted, _ = by_fit(5, compiled=False)
    check("NumPy", by_matrices(5), wanted)
    print("\nmicrograd's demo, 100 moons, MLP 2-16-16-1: one step, and what comes before the first")
    print(
        f"  {'NumPy, matrices by hand':42s}{written(seconds(lambda: by_matrices(epochs)) / epochs)}"
    )
    for compiled in (False, True):
        name = "fit, jit" if compiled else "fit, eager"
        check(name, by_fit(5, compiled)[0], wanted)
        start = time.perf_counter()
        steps = [x for _ in range(rounds) for x in by_fit(epochs, compiled)[1]]
        before = (time.perf_counter() - start - sum(steps)) / rounds
        middle, bound = statistics.median(steps), "   bound 1.2 ms" if compiled else ""
        print(f"  {name:42s}{written(min(steps))} (median {written(middle).strip()})   "
              f"{written(max(before, 0.0))}{bound}")  # fmt: skip


def once(way, *arguments):
    start = time.perf_counter()
    way(*arguments)
    return time.perf_counter() - start


def matrices(model):
    """Return the weights and biases of each layer as arrays."""
    return [
        (
            np.array([[w.data for w in neuron.weights] for neuron in layer.neurons]),
            np.array([neuron.bias.data for neuron in layer.neurons]),
        )
        for layer in model.layers
    ]


def matrix_slopes(layers, x, y):
    """Return the gradient of the max-margin loss and the penalty, as backpropagation has it."""
    outputs = [x]
    for i, (w, b) in enumerate(layers):
        z = outputs[-1] @ w.T + b
        outputs.append(np.maximum(z, 0.0) if i < len(layers) - 1 else z)
    g = (np.where(1.0 - y * outputs[-1][:, 0] > 0.0, -y, 0.0) / len(y))[:, None]
    slopes = []
    for i in reversed(range(len(layers))):
        w, b = layers[i]
        slopes.append((g.T @ outputs[i] + 2e-4 * w, g.sum(axis=0) + 2e-4 * b))
        g = (g @ w) * (outputs[i] > 0.0)
    return slopes[::-1]


# --- many at once ---------------------------------------------------------------------------------


def call_price(spot, strike, rate, volatility, years):
    spread = volatility * sqrt(years)
    d1 = (log(spot / strike) + (rate + volatility * volatility * 0.5) * years) / spread
    return spot * normal_cdf(d1) - strike * exp(-rate * years) * normal_cdf(d1 - spread)


def greeks_by_hand(numbers, out):
    """Write price and slopes into the rows of `out`, by the formulas of the textbooks."""
    spot, strike, rate, volatility, years = numbers
    root = np.sqrt(years)
    spread = volatility * root
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / spread
    n1, n2 = ndtr(d1), ndtr(d1 - spread)
    discount = np.exp(-rate * years)
    density = spot * np.exp(-0.5 * d1 * d1) * 0.3989422804014327
    owed = strike * discount * n2
    out[0] = spot * n1 - owed
    out[1] = n1
    out[2] = -discount * n2
    out[3] = years * owed
    out[4] = density * root
    out[5] = density * volatility / (2.0 * root) + rate * owed


def black_scholes(count, rounds):
    random = np.random.default_rng(5)
    bounds = [(80, 120), (80, 120), (0, 0.1), (0.1, 0.5), (0.1, 2)]
    numbers = [random.uniform(a, b, count) for a, b in bounds]
    priced = jit(vmap(value_and_grad(call_price, (0, 1, 2, 3, 4))))
    out = np.empty((6, count))

    def in_blocks():
        for i in range(0, count, 4096):
            greeks_by_hand([x[i : i + 4096] for x in numbers], out[:, i : i + 4096])

    in_blocks()
    for _ in range(2):
        price, slopes = priced(*numbers)
        check("Black-Scholes", [price, *slopes], out)
    some = [x[:20].tolist() for x in numbers]
    price, slopes = vmap(value_and_grad(call_price, (0, 1, 2, 3, 4)))(*some)
    check("Black-Scholes, eagerly", [price, *slopes], out[:, :20])
    hand = "NumPy and SciPy by hand, blocks of 4096"
    ways = {
        hand: in_blocks,
        "the same without blocks": lambda: greeks_by_hand(numbers, out),
        "jit(vmap(value_and_grad))": lambda: priced(*numbers),
    }
    compare(f"Black and Scholes, price and 5 Greeks of {count:,} options", ways, hand, rounds,
            {"jit(vmap(value_and_grad))": 1.5})  # fmt: skip
    few = min(once(vmap(value_and_grad(call_price, (0, 1, 2, 3, 4))), *some) for _ in range(rounds))
    print(f"  vmap(value_and_grad), eager, from 20 of them {written(few / 20 * count)}")


# --- how it grows ---------------------------------------------------------------------------------


def growth(sizes):
    """Print how programs of several sizes are traced and compiled, each in its own process."""
    print("\na program of n operations: its first two calls; by operation the first, which traces, "
          "the second, which compiles, and a later one; peak memory")  # fmt: skip
    for n in sizes:
        command = [sys.executable, str(Path(__file__).with_name("growth.py")), str(n)]
        it = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        size, both = it["operations"], it["trace"] + it["compile"]
        print(
            f"  {size:9,d}  {both:8.3f} s   {it['trace'] / size * 1e6:6.2f} us  "
            f"{it['compile'] / size * 1e6:6.2f} us  {it['again'] / size * 1e9:6.1f} ns   "
            f"{it['peak']:6.0f} MB (before {it['before']:.0f})"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller sizes")
    quick = parser.parse_args().quick
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rounds = 3 if quick else 9
    one_function("Lotka and Volterra, 200 steps of Runge and Kutta, 6 derivatives", lotka_volterra,
                 [1.15, 0.38, 0.42, 0.105, 10.4, 4.8], rounds, 2.2)  # fmt: skip
    one_function("Rosenbrock in 20 dimensions, called with a list", rosenbrock,
                 [1.5 * math.sin(3.0 * i) for i in range(20)], rounds, 4.0)  # fmt: skip
    exclusive_or(100 if quick else 1000, 1 if quick else 3)
    demo(20 if quick else 100, 2 if quick else 3)
    black_scholes(100_000 if quick else 1_000_000, rounds)
    growth([10**3, 10**4, 10**5] + ([] if quick else [10**6]))


if __name__ == "__main__":
    main()
