"""Draw how a neuron's output was computed, and what backward did.

Run it: python examples/draw_graph.py [neuron.svg]
"""

import sys

from autograd_lite import Value, draw, to_dot

x1, x2 = Value(2.0, name="x1"), Value(0.0, name="x2")
w1, w2 = Value(-3.0, name="w1"), Value(1.0, name="w2")
bias = Value(6.8813735870195432, name="b")

output = (x1 * w1 + x2 * w2 + bias).tanh()
output.name = "output"
output.backward()

path = draw(output, parameters=[w1, w2, bias]).save(sys.argv[1] if sys.argv[1:] else "neuron.svg")
print(f"{path}: {to_dot(output).count('->')} edges; d output/d w1 = {w1.grad:.4f}")
