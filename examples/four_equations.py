"""The four equations of backpropagation, each checked against what backward left in the graph.

They are BP1 to BP4 of chapter 2 of Michael Nielsen's "Neural Networks and Deep Learning". Here no
one has to write them: the weighted sums z are nodes of the graph, so the errors δ = ∂C/∂z are just
their `.grad`.

Run it: python examples/four_equations.py
"""

import random
from itertools import pairwise

from autograd_lite import Value, grad, gradients, jvp
from autograd_lite.nn import Layer, half_squared_error
from autograd_lite.ops import sigmoid

# Why backwards? One sweep forward is the derivative by one input; one sweep backward is the
# derivative by all of them. (e = (a + b) · (b + 1), from Christopher Olah's "Calculus on
# Computational Graphs".)
by_a = jvp(lambda a, b: (a + b) * (b + 1), (2.0, 1.0), (1.0, 0.0))
by_b = jvp(lambda a, b: (a + b) * (b + 1), (2.0, 1.0), (0.0, 1.0))
a, b = Value(2.0), Value(1.0)
by_both = gradients((a + b) * (b + 1), [a, b])
print(f"e = (a + b) · (b + 1) at a = 2, b = 1 is {by_a[0]:g} (6)")
print(f"forward, twice: ∂e/∂a = {by_a[1]:g} (2) and ∂e/∂b = {by_b[1]:g} (5)")
print(f"backward, once: ∂e/∂a = {by_both[0]:g} (2) and ∂e/∂b = {by_both[1]:g} (5)\n")

# A network of two inputs, three hidden and two output neurons; weights and biases at random.
rng = random.Random(1)  # noqa: S311  no secrets
layers = [Layer(n, m, "sigmoid", init="normal", seed=rng) for n, m in pairwise([2, 3, 2])]
for layer in layers:
    for neuron in layer.neurons:
        neuron.bias.data = rng.gauss(0, 1)
x, y = [0.5, -1.0], [1.0, 0.0]

# Forward, as in the book: all weighted sums and all activations, layer by layer.
activations, zs = [[Value(number) for number in x]], []
for layer in layers:
    zs.append(layer.weighted_sums(activations[-1]))
    activations.append(layer.activation(zs[-1]))
cost = half_squared_error(activations[-1], y)
cost.backward()

# Backward is done. Here is what the equations say of it, from numbers alone.
sigma_prime = grad(sigmoid)
delta = [[z.grad for z in sums] for sums in zs]
last = len(layers) - 1
rows = []

for j, (a_j, y_j, z_j) in enumerate(zip(activations[-1], y, zs[-1], strict=True)):
    equation = (a_j.data - y_j) * sigma_prime(z_j.data)
    rows.append(("BP1", f"δ of output {j}", delta[last][j], equation))

for i in reversed(range(last)):
    for j, z_j in enumerate(zs[i]):
        weights = [neuron.weights[j].data for neuron in layers[i + 1].neurons]
        back = sum(w * d for w, d in zip(weights, delta[i + 1], strict=True))
        rows.append(("BP2", f"δ of hidden {j}", delta[i][j], back * sigma_prime(z_j.data)))

for i, layer in enumerate(layers):
    for j, neuron in enumerate(layer.neurons):
        rows.append(("BP3", f"∂C/∂b of layer {i}, {j}", neuron.bias.grad, delta[i][j]))

for i, layer in enumerate(layers):
    for j, neuron in enumerate(layer.neurons):
        for k, (w, a_in) in enumerate(zip(neuron.weights, activations[i], strict=True)):
            rows.append(("BP4", f"∂C/∂w of layer {i}, {j}{k}", w.grad, a_in.data * delta[i][j]))

print("BP1  δ^L = ∇_a C ⊙ σ'(z^L)               BP3  ∂C/∂b = δ")
print("BP2  δ^l = (w^(l+1)ᵀ δ^(l+1)) ⊙ σ'(z^l)  BP4  ∂C/∂w = a_in · δ\n")
print(f"{'':29}  {'in the graph':>20}  {'by the equation':>20}")
for name, what, in_graph, by_equation in rows:
    print(f"{name}  {what:24}  {in_graph:20.16f}  {by_equation:20.16f}")
