"""Two moons told apart: the demo of Karpathy's micrograd, with `fit`.

A hundred points lie on two interleaving half circles, which no straight line parts. A network of
337 parameters learns a score for each, below 0 for the one moon and above 0 for the other, by at
least a margin of 1. In the end there is a picture of what it says over the plane, and where
matplotlib is installed moons.svg, one in colours.

Run it: python examples/moons.py
"""

from collections.abc import Sequence
from typing import Any

from autograd_lite import RenderError, no_grad
from autograd_lite.nn import MLP, hinge, l2_penalty
from autograd_lite.optim import LinearLR
from autograd_lite.plots import plot_decision_boundary, save_plot
from autograd_lite.train import accuracy, fit, moons

EPOCHS = 100

points, classes = moons(100, noise=0.1, seed=1)
targets = [2 * k - 1 for k in classes]  # -1 and 1: the sign that each score is to have
model = MLP(2, [16, 16, 1], "relu", seed=0)
print(f"{model}: {len(model.parameters())} parameters\n")


def loss(scores: Sequence[Any], targets: Sequence[Any]) -> Any:
    """Return what is missing to the margin, on the average; large weights cost a little too."""
    return hinge(scores, targets) + l2_penalty(model, 1e-4)


# Each epoch is one step, on all the points. The rate falls from 1 to 0.1 in a straight line: long
# strides first, short ones to settle.
history = fit(
    model,
    (points, targets),
    loss=loss,
    metrics="accuracy",
    optimizer="sgd",
    lr=1.0,
    schedule=LinearLR(1.0, 0.1, EPOCHS),
    epochs=EPOCHS,
)
for row in history.rows[::20] + history.rows[-1:]:
    print(f"epoch {row['epoch']:3}  loss {row['loss']:.4f}  accuracy {row['accuracy']:.0%}")
right = accuracy([model(point) for point in points], targets)
print(f"in the end {right:.0%} of the points are on the right side of 0")

# A point is shown as o or x, and where the score is above 0 the plane is hatched.
columns, lines = 57, 21
left, width, bottom, height = -1.5, 4.0, -1.0, 2.5
picture = []
with no_grad():
    for i in range(lines):
        y = bottom + height * (1 - i / (lines - 1))
        xs = [left + width * j / (columns - 1) for j in range(columns)]
        picture.append(["/" if model([x, y]) > 0 else " " for x in xs])
for (x, y), target in zip(points, targets, strict=True):
    i, j = 1 - (y - bottom) / height, (x - left) / width
    picture[round(i * (lines - 1))][round(j * (columns - 1))] = "x" if target > 0 else "o"
print("\n" + "\n".join("".join(line).rstrip() for line in picture) + "\n")

try:
    axes = plot_decision_boundary(model, points, targets, title="Two moons")
    print(f"the same in colours: {save_plot(axes, 'moons.svg')}")
except RenderError as error:
    print(f"no picture in colours: {error}")
