"""The chain rule, from two variables to a small network, with every number of the way.

The second half of "Understanding Backpropagation with Simple Derivatives"; the first half is
gradient_descent.py.

Run it: python examples/chain_rule.py
"""

from typing import Any

from autograd_lite import Value, derivative, explain, ops, trace_backward
from autograd_lite.nn import Layer, mse
from autograd_lite.optim import SGD


def named(name: str, value: Any) -> Value:
    """Give a result the name under which it appears in formulas."""
    value.name = name
    result: Value = value
    return result


# Two variables: a derivative each way, the one by the other, and one is the other's reciprocal.
x = 2.0
y = x**3
forth, back = derivative(lambda x: x**3)(x), derivative(ops.cbrt)(y)
rows = [("∂y/∂x of y = x³ at 2", forth, 12.0), ("∂x/∂y, y^(-2/3) / 3, there", back, 1 / 12)]

# One variable after the other: the product of the derivatives of neighbours.
a = Value(0.5, name="a")
b = named("b", 3 * a**4)
c = named("c", ops.sin(b))
print("c = sin(3 a⁴): ∂c/∂a = cos(b) · 12 a³\n")
print(explain(c, a), "\n")
d = named("d", c**2)
print("d = c², one more neighbour and one more factor:\n")
print(explain(d, a), "\n")

# Two ways from one variable to another: the sum over both.
a = Value(3.0, name="a")
b = named("b", a**2)
c = named("c", -7 * a)
d = named("d", b * c)
print("d = a² · (-7 a): ∂d/∂a = 2ac - 7b\n")
explanation = explain(d, a)
print(explanation, "\n")
rows.append(("∂d/∂a, 2ac - 7b at 3", explanation.total, -189.0))


# A network: three inputs, one neuron, two outputs; fully connected layers, and ReLU after each.
first, second = Layer(3, 1, "relu"), Layer(1, 2, "relu")
parameters = [*first.parameters(), *second.parameters()]
names = ["w_i0a0", "w_i1a0", "w_i2a0", "b_a0", "w_b0c0", "b_c0", "w_b0c1", "b_c1"]
start = [0.5, 1.0, -0.5, 0.0, -1.0, 0.0, 1.0, 0.0]
for parameter, name, number in zip(parameters, names, start, strict=True):
    parameter.name, parameter.data = name, number
inputs, targets = [1.0, 0.5, 1.0], [0.5, 1.0]


def forward() -> dict[str, Value]:
    """Return all results by name: the sum a0, its ReLU b0, the sums c0 and c1, the outputs."""
    a = first.weighted_sums(inputs)
    b = first.activation(a)
    c = second.weighted_sums(b)
    o = second.activation(c)
    results = zip(["a0", "b0", "c0", "c1", "o0", "o1"], [*a, *b, *c, *o], strict=True)
    return {name: named(name, result) for name, result in results}


at = forward()
error = named("E", mse([at["o0"], at["o1"]], targets))
print(f"A network with the error E = {error.data} (0.25), backwards:\n")
print(trace_backward(error), "\n")

print("The two ways to b0, one of them blocked by a ReLU:\n")
print(explain(error, at["b0"]), "\n")

# Step by step back: through the error, 2 (o - t) / n; through ReLU, times its slope, 0 or 1;
# through a fully connected layer, the sum of weights times what came back to its outputs.
error.backward()
g = {name: result.grad for name, result in at.items()}
o0, o1 = at["o0"].data, at["o1"].data
back_by_hand = {
    "o0": (2 * (o0 - 0.5) / 2, -0.5), "o1": (2 * (o1 - 1) / 2, -0.5),
    "c0": (0 * g["o0"], 0.0), "c1": (1 * g["o1"], -0.5),
    "b0": (-1 * g["c0"] + 1 * g["c1"], -0.5), "a0": (1 * g["b0"], -0.5),
}  # fmt: skip
for name, (by_hand, published) in back_by_hand.items():
    rows += [(f"∂E/∂{name}", g[name], published), (f"∂E/∂{name} by hand", by_hand, published)]

# A weight's gradient is its input times what came back to its sum, a bias's is just the latter.
optimizer = SGD(parameters, lr=0.1)
optimizer.step()
stepped = [0.55, 1.025, -0.45, 0.05, -1.0, 0.0, 1.025, 0.05]
for parameter, published in zip(parameters, stepped, strict=True):
    rows.append((f"{parameter.name} after one step of 0.1", parameter.data, published))

for what, computed, published in rows:
    print(f"{what:30}  {computed + 0.0:<9.6g} ({published:.6g})")

# Again and again. What leads to o1 is learnt; o0 stays 0, since no gradient passes its ReLU at c0.
for _ in range(200):
    at = forward()
    error = mse([at["o0"], at["o1"]], targets)
    optimizer.zero_grad()
    error.backward()
    optimizer.step()
print(f"\nAfter 200 steps more, o0 = {at['o0'].data:.4f} and o1 = {at['o1'].data:.4f}: a ReLU that")
print(f"is off for all the data, as at c0 = {at['c0'].data:.4f}, cannot learn to be on.")
