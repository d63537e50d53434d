"""Eager speed and memory, as ratios in one run: `python tests/benchmarks/eager.py`.

Every measurement is a process of its own, forked, pinned to one core, and the engines take turns,
so that a noisy neighbour disturbs all alike. Gradients are compared before anything is timed.
Python's garbage collector is on, as it is by default; freeing the graph is left out.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from engines import MicrogptStyle, MicrogradStyle

from autograd_lite import Value, dot, ops
from autograd_lite.nn import MLP

ENGINES: dict[str, Any] = {
    "autograd_lite": Value,
    "microgpt-style": MicrogptStyle,
    "micrograd-style": MicrogradStyle,
}
WIDTH = 64
BLOCK = 10_000


def random_program(n, seed=1):
    """Return leaves and a straight-line program of n operations that all reach the last one.

    Made in blocks that start from the leaves again and are added up, so that gradients neither
    vanish nor explode; operands are among the latest results.
    """
    rng = random.Random(seed)
    leaves = [rng.uniform(-1, 1) for _ in range(WIDTH)]
    values, program = list(leaves), []

    def emit(op, a, b):
        x, y = values[a], values[b]
        values.append((x + y, x * y, math.tanh(x), math.exp(min(x, 1.0)))[op])
        program.append((op, a, b))
        return len(values) - 1

    total = None
    while len(program) < n:
        end = min(n, len(program) + BLOCK)
        waiting = list(range(WIDTH))  # results that nothing uses yet, oldest first
        head, first = 0, len(values)
        while len(program) < end - WIDTH:
            a = waiting[head]
            head += 1
            b = rng.randrange(max(first - WIDTH, len(values) - 4 * WIDTH), len(values))
            b = b if b >= first else b - first + WIDTH
            op = rng.choices((0, 1, 2, 3), (45, 35, 15, 5))[0]
            if op == 0 and abs(values[a] + values[b]) > 3:
                op = 1
            if op == 1 and abs(values[a] * values[b]) > 3:
                op = 2
            if op == 3 and values[a] > 1:
                op = 2
            waiting.append(emit(op, a, b))
        last = waiting[head]
        for other in waiting[head + 1 :]:
            last = emit(0, last, other)
        total = last if total is None else emit(0, total, last)
    return leaves, program


def run_program(values, program, tanh, exp):
    append = values.append
    for op, a, b in program:
        if op == 0:
            append(values[a] + values[b])
        elif op == 1:
            append(values[a] * values[b])
        elif op == 2:
            append(tanh(values[a]))
        else:
            append(exp(values[a]))
    return values[-1]


def random_graph(engine, n, repeats):
    leaves, program = random_program(n)
    times, memory = [], 0
    for repeat in range(repeats):
        values = [engine(x) for x in leaves]
        inputs = list(values)
        gc.collect()
        before = resident_peak()
        start = time.perf_counter()
        root = run_program(values, program, engine.tanh, engine.exp)
        root.backward()
        times.append(time.perf_counter() - start)
        if repeat == 0:
            memory = (resident_peak() - before) / len(program)
        grads = [x.grad for x in inputs]
        del values, root, inputs
        gc.collect()
    return {"times": times, "grads": grads, "bytes": memory}


def chain(engine, n, repeats):
    times = []
    for _ in range(repeats):
        x = y = engine(1.0)
        start = time.perf_counter()
        for _ in range(n // 2):
            y = y * 0.9999999 + 1e-7
        y.backward()
        times.append(time.perf_counter() - start)
        grads = [x.grad]
    return {"times": times, "grads": grads}


def moons():
    rng = random.Random(1337)
    rows, labels = [], []
    for i in range(100):
        angle = rng.uniform(0, math.pi)
        upper = i % 2 == 0
        x, y = math.cos(angle), math.sin(angle)
        x, y = (x, y) if upper else (1 - x, 0.5 - y)
        rows.append([x + rng.gauss(0, 0.1), y + rng.gauss(0, 0.1)])
        labels.append(1 if upper else -1)
    return rows, labels


def max_margin_step(engine, _, repeats):
    """One step of micrograd's demo, as its users write it."""
    rows, labels = moons()
    network = MLP(2, [16, 16, 1], seed=1337)
    model: MLP | PlainMLP = network if engine is Value else PlainMLP(engine, network)
    parameters = model.parameters()

    def loss():
        scores = [model(row) for row in rows]
        losses = [(1 + -y * score).relu() for y, score in zip(labels, scores)]
        if engine is Value:
            return ops.mean(losses) + 1e-4 * dot(parameters, parameters)
        return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in parameters)

    def step():
        total = loss()
        for p in parameters:
            p.grad = 0.0
        total.backward()
        grads = [p.grad for p in parameters]
        for p in parameters:
            p.data -= 1e-9 * p.grad
        return grads

    grads = step()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return {"times": times, "grads": grads}


class PlainMLP:
    """The same network with a node for each product and each sum."""

    def __init__(self, engine, like):
        self.engine = engine
        self.layers = [
            [([engine(w.data) for w in n.weights], engine(n.bias.data)) for n in layer.neurons]
            for layer in like.layers
        ]

    def parameters(self):
        return [p for layer in self.layers for ws, b in layer for p in (*ws, b)]

    def __call__(self, row):
        x = [self.engine(number) for number in row]
        for layer in self.layers:
            x = [sum((w * xi for w, xi in zip(ws, x)), b) for ws, b in layer]
            if layer is not self.layers[-1]:
                x = [v.relu() for v in x]
        return x[0]


def resident_peak():
    """Return the peak of the process's memory in bytes, and start a new peak."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def forked(measure, *arguments):
    """Call a function in a child process, so that each starts from the same heap."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with os.fdopen(writer, "w") as out:
            json.dump(measure(*arguments), out)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as source:
        result = json.load(source)
    os.waitpid(child, 0)
    return result


def compare(title, measure, n, rounds, repeats, bounds):
    found: dict[str, list[dict]] = {name: [] for name in ENGINES}
    for _ in range(rounds):
        for name, engine in ENGINES.items():
            found[name].append(forked(measure, engine, n, repeats))
    reference = found["micrograd-style"][0]["grads"]
    for name, results in found.items():
        worst = max(abs(a - b) / max(abs(b), 1e-3) for a, b in zip(results[0]["grads"], reference))
        assert worst < 1e-8, f"{name}: gradients are off by {worst}"
    best = {name: min(t for r in results for t in r["times"]) for name, results in found.items()}
    middle = {
        name: statistics.median(t for r in results for t in r["times"])
        for name, results in found.items()
    }
    print(f"\n{title}")
    for name in ENGINES:
        ratio = best["autograd_lite"] / best[name]
        line = f"  {name:16s} {best[name] * 1e3:9.2f} ms   ours / this: {ratio:6.4f}"
        line += f" (medians {middle['autograd_lite'] / middle[name]:6.4f})"
        line += f"   bound {bounds[name]:.4f}" if name in bounds else ""
        memory = max(r.get("bytes", 0) for r in found[name])
        print(line + (f"   {memory:.0f} bytes a node" if memory else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    quick = parser.parse_args().quick
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sys.setrecursionlimit(10**8)  # the engines compared with recurse
    rounds = 2 if quick else 6
    compare("random graph, 10,000 nodes: forward + backward", random_graph, 10_000, rounds, 8,
            {"microgpt-style": 0.8, "micrograd-style": 0.45})  # fmt: skip
    compare("random graph, 100,000 nodes: forward + backward", random_graph, 100_000, rounds, 3,
            {"microgpt-style": 0.65, "micrograd-style": 0.25})  # fmt: skip
    compare("one step of micrograd's demo (MLP 2-16-16-1, 100 points, max-margin loss, L2)",
            max_margin_step, None, max(2, rounds // 2), 5,
            {"micrograd-style": 1 / 40})  # fmt: skip
    print("\na chain: time a node, from 1,000 to 1,000,000 nodes")
    for n in (1_000, 10_000, 100_000, 1_000_000):
        seconds = min(forked(chain, Value, n, 3)["times"])
        print(f"  {n:9,d}  {seconds / n * 1e9:6.0f} ns")


if __name__ == "__main__":
    main()
