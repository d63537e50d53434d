"""Andrew Trask's "A Neural Network in 11 lines of Python", and its version of three layers.

Both networks are sigmoid without biases, trained on all four rows at once at rate 1. The initial
weights are those that NumPy's generator drew there from seed 1; the published numbers are those
that the original prints, in Python 2's twelve digits or in full.

Run it: python examples/eleven_lines.py (it takes about ten seconds)
"""

from collections.abc import Sequence

from autograd_lite.nn import MLP, half_squared_error, mae
from autograd_lite.optim import SGD

INPUTS = [[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]]


def network(syn0: list[list[float]], syn1: list[float] | None = None) -> MLP:
    """Return a network of these weights: syn0 has a row for each input, syn1 a number a neuron."""
    neurons = len(syn0[0])
    sizes = [neurons] if syn1 is None else [neurons, 1]
    model = MLP(len(syn0), sizes, ["sigmoid"] * len(sizes), bias=False)
    numbers = [row[j] for j in range(neurons) for row in syn0] + (syn1 or [])
    for weight, number in zip(model.parameters(), numbers, strict=True):
        weight.data = number
    return model


def train(model: MLP, targets: list[float], watched: Sequence[int]) -> list[list[float]]:
    """Train; return the outputs of the watched iterations, counted from 0, before their updates."""
    optimizer = SGD(model.parameters(), lr=1.0)
    seen = []
    for iteration in range(max(watched) + 1):
        outputs = [model(x) for x in INPUTS]
        if iteration in watched:
            seen.append([output.data for output in outputs])
        optimizer.zero_grad()
        half_squared_error(outputs, targets).backward()
        optimizer.step()
    return seen


# Two layers: the target is the first input, which a single neuron can find. The original prints
# the outputs of its last iteration, which is number 9,999.
syn0 = [[-0.165955990594852], [0.4406489868843162], [-0.9997712503653102]]
(outputs,) = train(network(syn0), [0.0, 0.0, 1.0, 1.0], watched=[9_999])
published = [0.0096644916879683, 0.007865059671309264, 0.9935889804970555, 0.992119573219358]
rows = [
    (f"2 layers: output for {x} after 9999 steps", output, number)
    for x, output, number in zip(INPUTS, outputs, published, strict=True)
]

# Three layers: the target is the exclusive or of the first two inputs, which needs hidden neurons.
syn0 = [
    [-0.165955990594852, 0.4406489868843162, -0.9997712503653102, -0.39533485473632046],
    [-0.7064882183657739, -0.8153228104624044, -0.6274795772446582, -0.3088785459139045],
    [-0.20646505153866013, 0.07763346800671389, -0.1616109711934104, 0.370439000793519],
]
syn1 = [-0.5910955005369651, 0.7562348727818908, -0.9452248136041477, 0.34093502035680445]
targets, watched = [0.0, 1.0, 1.0, 0.0], range(0, 60_000, 10_000)
published = [0.496410031903, 0.00858452565325, 0.00578945986251, 0.00462917677677, 0.00395876528027,
             0.00351012256786]  # fmt: skip
rows += [
    (f"3 layers: mean error after {iteration} steps", mae(outputs, targets), number)
    for iteration, outputs, number in zip(
        watched, train(network(syn0, syn1), targets, watched), published, strict=True
    )
]

print(f"{'':54}  {'computed':<21}  (published)")
for what, computed, number in rows:
    print(f"{what:54}  {computed:<21}  ({number})")
