"""Two layers of neurons: each of the eight gradients as the sum of its paths.

The derivatives of the activation and of the error are those of the derivation by hand, in rows of
their own for the table of operations, so that they appear in its symbols. learning_rates.py trains
the network, step_by_step.py one like it with biases.

Run it: python examples/two_layer_gradients.py
"""

from typing import Any

from autograd_lite import Value, explain, op, ops

sigma = op("sigma", lambda x: 1 / (1 + ops.exp(-x)), vjp=lambda g, y, x: g * (y * (1 - y)),
           symbol="σ", latex=r"\sigma({0})")  # fmt: skip
error = op("error", lambda t, a: 0.5 * (t - a) ** 2,
           vjp=(lambda g, y, t, a: g * (t - a), lambda g, y, t, a: g * (a - t)),
           latex=r"\frac12 ({0} - {1})^2")  # fmt: skip


def named(name: str, value: Any) -> Value:
    """Give a result the name under which it appears in formulas."""
    value.name = name
    result: Value = value
    return result


w1, w2, w3, w4, w5, w6, w7, w8 = weights = [
    Value(x, name=f"w{n}") for n, x in enumerate([0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55], 1)
]
i1, i2 = Value(0.05, name="i1"), Value(0.1, name="i2")
t1, t2 = Value(0.01, name="t1"), Value(0.99, name="t2")

h1, h2 = named("h1", ops.dot([w1, w2], [i1, i2])), named("h2", ops.dot([w3, w4], [i1, i2]))
a_h1, a_h2 = named("a_h1", sigma(h1)), named("a_h2", sigma(h2))
o1 = named("o1", ops.dot([w5, w6], [a_h1, a_h2]))
o2 = named("o2", ops.dot([w7, w8], [a_h1, a_h2]))
a_o1, a_o2 = named("a_o1", sigma(o1)), named("a_o2", sigma(o2))
E1, E2 = named("E1", error(t1, a_o1)), named("E2", error(t2, a_o2))
E_total = named("E_total", E1 + E2)
print(f"E_total = {E_total.data} (0.24251985734837728)\n")

# What the derivation by hand comes to: the errors at o1 and o2, and each one's way to a weight.
at_o1 = (a_o1.data - t1.data) * a_o1.data * (1 - a_o1.data)
at_o2 = (a_o2.data - t2.data) * a_o2.data * (1 - a_o2.data)
slope1, slope2 = (a.data * (1 - a.data) for a in (a_h1, a_h2))
by_hand = [
    [at_o1 * w5.data * slope1 * i1.data, at_o2 * w7.data * slope1 * i1.data],
    [at_o1 * w5.data * slope1 * i2.data, at_o2 * w7.data * slope1 * i2.data],
    [at_o1 * w6.data * slope2 * i1.data, at_o2 * w8.data * slope2 * i1.data],
    [at_o1 * w6.data * slope2 * i2.data, at_o2 * w8.data * slope2 * i2.data],
    [at_o1 * a_h1.data],
    [at_o1 * a_h2.data],
    [at_o2 * a_h1.data],
    [at_o2 * a_h2.data],
]

for w, terms in zip(weights, by_hand, strict=True):
    explanation = explain(E_total, w)
    print(str(explanation).partition("\n\nwhere")[0])
    print(f"    by hand: {' + '.join(f'{x:.12f}' for x in terms)} = {sum(terms):.12f}")
    print(f"    by path: {' + '.join(f'{x:.12f}' for x in explanation.terms)}"
          f" = {explanation.total:.12f}\n")  # fmt: skip

print(explain(E_total, w1).latex())
