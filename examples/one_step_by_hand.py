"""Backpropagation by hand: every number of one step of a small network, beside the published one.

The network has two inputs, two sigmoid neurons and one output that is just a weighted sum; all its
weights are 0.5. It is the walk-through of gokadin's "Backpropagation algorithm".

Run it: python examples/one_step_by_hand.py
"""

from autograd_lite import explain, trace_backward
from autograd_lite.nn import MLP, Constant, half_squared_error
from autograd_lite.optim import SGD

inputs, target = [1.0, 1.0], 0.5
model = MLP(2, [2, 1], "sigmoid", init=Constant(0.5), bias=False)
optimizer = SGD(model.parameters(), lr=0.01)
hidden, last = model.layers

# Forward, in the two steps of a layer: the weighted sums, then the activation of each.
z = hidden.weighted_sums(inputs)
a = hidden.activation(z)
output = last(a)
error = half_squared_error(output, target)

# Neuron 1 of the hidden layer sums up w11 and w21; u1 leads from it to the output.
nodes = [*model.parameters(), *z, *a, output, error]
names = ["w11", "w21", "w12", "w22", "u1", "u2", "z1", "z2", "a1", "a2", "y", "E"]
for node, name in zip(nodes, names, strict=True):
    node.name = name
w11, u1 = hidden.neurons[0].weights[0], last.neurons[0].weights[0]

print("The backward pass, node by node:\n")
print(trace_backward(error), "\n")
for weight in (u1, w11):
    print(str(explain(error, weight)).partition("\n\nwhere")[0], "\n")

# The delta of a neuron, ∂E by its weighted sum, needs no formula: backward leaves it at the node.
# The output's sum is the output itself, so its delta is just output - target.
error.backward()
rows = [
    ("output of a hidden neuron", a[0].data, 0.7310585786300049),
    ("output of the network", output.data, 0.7310585786300049),
    ("half the squared error", error.data, 0.026694033379259078),
    ("delta of the output", output.grad, 0.2310585786300049),
    ("gradient of an output weight", u1.grad, 0.1689173560735206),
    ("delta of a hidden neuron", z[0].grad, 0.022714436918237105),
    ("gradient of a hidden weight", w11.grad, 0.022714436918237105),
]

optimizer.step()
output = model(inputs)
rows += [
    ("a hidden weight after the step", w11.data, 0.49977285563081764),
    ("an output weight after the step", u1.data, 0.4983108264392648),
    ("output after the step", output.data, 0.7284997828040481),
    ("error after the step", half_squared_error(output, target).data, 0.026106075370748587),
]

print("                                 computed               (published)")
for what, computed, published in rows:
    print(f"{what:32} {computed:<22} ({published})")
