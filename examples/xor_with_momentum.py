"""Exclusive or with two hidden neurons, from twenty seeds: how much sooner momentum gets there.

The network has two inputs, two sigmoid neurons and one output that is just a weighted sum, and a
bias for each. Each epoch is one step on the sum of the half squared errors of all four rows. It has
learnt where every output is within 0.1 of its target; from a few seeds it never does.

Run it: python examples/xor_with_momentum.py
"""

from statistics import median

from autograd_lite.nn import MLP, half_squared_error
from autograd_lite.optim import SGD
from autograd_lite.train import xor

SEEDS, MOST = range(20), 2200
NEVER = float("inf")
inputs, targets = xor()


def epochs_to_learn(seed: int, lr: float, momentum: float) -> float:
    """Train from a seed; return the number of steps until every output is within 0.1."""
    model = MLP(2, [2, 1], "sigmoid", seed=seed)
    optimizer = SGD(model.parameters(), lr=lr, momentum=momentum)
    for epoch in range(MOST):
        outputs = [model(x) for x in inputs]
        if all(abs(y - t) < 0.1 for y, t in zip(outputs, targets, strict=True)):
            return epoch
        optimizer.zero_grad()
        half_squared_error(outputs, targets).backward()
        optimizer.step()
    return NEVER


# Momentum adds up the steps of the same direction, which are up to 1 / (1 - 0.9) = 10 times as long
# then. Plain descent with longer steps is no substitute: at 0.5 it jumps about, and never learns.
needed = {}
print(f"rate  momentum  learnt of {len(SEEDS)}  median epochs of all (∞ where never learnt)")
for lr, momentum in [(0.2, 0.0), (0.35, 0.0), (0.5, 0.0), (0.2, 0.9)]:
    epochs = needed[lr, momentum] = [epochs_to_learn(seed, lr, momentum) for seed in SEEDS]
    learnt = sum(e < NEVER for e in epochs)
    print(f"{lr:<4}  {momentum:<8}  {learnt:<12}  {median(epochs):g}".replace("inf", "∞"))

pairs = list(zip(needed[0.2, 0.0], needed[0.2, 0.9], strict=True))
sooner = sum(fast < slow for slow, fast in pairs)
print(f"\nFrom the same seed, at rate 0.2, momentum was sooner for {sooner} of {len(pairs)}.")

# Without the sigmoid the whole network is linear, and the best it can do is 0.5 everywhere.
linear = MLP(2, [2, 1], None, seed=0)
optimizer = SGD(linear.parameters(), lr=0.2, momentum=0.9)
for _ in range(1000):
    optimizer.zero_grad()
    half_squared_error([linear(x) for x in inputs], targets).backward()
    optimizer.step()
without_sigmoid = [linear(x).data for x in inputs]
print(f"Without the sigmoid the outputs are {', '.join(f'{y:.4f}' for y in without_sigmoid)}.")
