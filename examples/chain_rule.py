"""The chain rule, from two variables to a small network, with every number of the way.

Run it: python examples/chain_rule.py
"""

from typing import Any

from autograd_lite import Value, explain, ops, trace_backward
from autograd_lite.nn import mse


def named(name: str, value: Any) -> Value:
    """Give a result the name under which it appears in formulas."""
    value.name = name
    result: Value = value
    return result


# One variable after the other: the product of the derivatives of neighbours.
a = Value(0.5, name="a")
b = named("b", 3 * a**4)
c = named("c", ops.sin(b))
print("c = sin(3 a⁴): ∂c/∂a = cos(b) · 12 a³\n")
print(explain(c, a), "\n")

# Two ways from one variable to another: the sum over both.
a = Value(3.0, name="a")
b = named("b", a**2)
c = named("c", -7 * a)
d = named("d", b * c)
print("d = a² · (-7 a): ∂d/∂a = 2ac - 7b\n")
print(explain(d, a), "\n")

# A network: three inputs, one neuron, two outputs, ReLU after each, and one step of descent.
weights = [Value(x, name=f"w_i{i}a0") for i, x in enumerate([0.5, 1.0, -0.5])]
w0, w1 = Value(-1.0, name="w_b0c0"), Value(1.0, name="w_b0c1")
bias, bias0, bias1 = (Value(0.0, name=name) for name in ("b_a0", "b_c0", "b_c1"))

a0 = named("a0", ops.dot(weights, [1.0, 0.5, 1.0], bias))
b0 = named("b0", ops.relu(a0))
c0, c1 = named("c0", w0 * b0 + bias0), named("c1", w1 * b0 + bias1)
o0, o1 = named("o0", ops.relu(c0)), named("o1", ops.relu(c1))
error = named("E", mse([o0, o1], [0.5, 1.0]))

print(f"A network with the error E = {error.data} (0.25), backwards:\n")
trace = trace_backward(error)
print(trace, "\n")
gradient = {step.name: step.gradient for step in trace}
published = {"o0": -0.5, "o1": -0.5, "c0": 0, "c1": -0.5, "b0": -0.5, "a0": -0.5}
for name, number in published.items():
    print(f"∂E/∂{name} = {gradient[name] + 0.0:g} ({number})")

print("\nThe two ways to b0, one of them blocked by a ReLU:\n")
print(explain(error, b0), "\n")

error.backward()
for parameter, number in [(w0, -1), (w1, 1.025), (bias0, 0), (bias1, 0.05), (weights[0], 0.55),
                          (weights[1], 1.025), (weights[2], -0.45), (bias, 0.05)]:  # fmt: skip
    parameter.data -= 0.1 * parameter.grad
    print(f"{parameter.name:7} after one step of 0.1: {parameter.data:6g} ({number})")
