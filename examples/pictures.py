"""Four pictures of learning, written to the folder it runs in.

They need matplotlib: pip install "autograd_lite[plot]"

Run it: python examples/pictures.py
"""

from collections.abc import Sequence
from typing import Any

from autograd_lite.nn import MLP, hinge, l2_penalty
from autograd_lite.plots import (
    animate_boundary,
    plot_descent,
    plot_weight_histograms,
    save_plot,
)
from autograd_lite.train import fit, moons, sweep

# Gradient descent: at each point the tangent tells which way is down, and how steep.
axes = plot_descent(lambda x: x**3 + 3 * x**2, start=-1.9, lr=0.1, steps=10)
print(save_plot(axes, "descent.svg"))

# The learning rate: Mazur's network, without biases, from the same weights at six rates.
WEIGHTS = [0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55]


def build() -> MLP:
    """Build the network of two inputs, two hidden and two output neurons."""
    model = MLP(2, [2, 2], ["sigmoid", "sigmoid"], bias=False)
    for parameter, weight in zip(model.parameters(), WEIGHTS, strict=True):
        parameter.data = weight
    return model


rates = {"lr": [0.1, 0.2, 0.5, 0.8, 1.0, 2.0]}
sample = ([[0.05, 0.1]], [[0.01, 0.99]])
found = sweep(build, rates, sample, loss="half_squared_error", optimizer="sgd", epochs=100)
print(save_plot(found.plot(title="the same network at six learning rates"), "learning_rates.svg"))

# A network bends its boundary around two moons, and its weights spread as it does.
inputs, kinds = moons(100, noise=0.1, seed=1)
targets = [2 * kind - 1 for kind in kinds]
model = MLP(2, [16, 16, 1], seed=1)


def margin(scores: Sequence[Any], wanted: Sequence[int]) -> Any:
    """Return the hinge loss, and a little for large weights."""
    return hinge(scores, wanted) + l2_penalty(model, 1e-4)


history = fit(
    model, (inputs, targets), loss=margin, optimizer="sgd", lr=0.5, epochs=60, snapshots=4
)
snapshots = history.snapshots
print(animate_boundary(model, snapshots, inputs, targets, "moons.gif", title="two moons"))
print(save_plot(plot_weight_histograms(snapshots, match="layers.1"), "weights.svg"))
