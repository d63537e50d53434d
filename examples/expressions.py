"""Expressions remember how they were made, so that they can be differentiated.

Run it: python examples/expressions.py
"""

from autograd_lite import Value, gradients, ops

# Ordinary arithmetic on Values...
a = Value(2.0, name="a")
b = Value(-3.0, name="b")
loss = (a * b + 10).tanh() * a

# ...and one call for the derivative of the result by everything that went into it.
loss.backward()
print(f"loss = {loss.data:.6f}   d loss/d a = {a.grad:.6f}   d loss/d b = {b.grad:.6f}")

# A variable that is used twice gets the sum over both paths: d(a² · -7a)/da = 2a · -7a - 7 · a².
a = Value(3.0)
(a**2 * (-7 * a)).backward()
print(f"d(a² · -7a)/da at 3 = {a.grad}   (-21 a² = {-21 * 3.0**2})")

# The gradient is a graph as well: differentiate it again for derivatives of any order.
x = Value(0.5)
order_0 = ops.sin(x)
(order_1,) = gradients(order_0, [x], create_graph=True)
(order_2,) = gradients(order_1, [x], create_graph=True)
print(f"sin, sin', sin'' at 0.5: {order_0.data:.6f} {order_1.data:.6f} {order_2.data:.6f}")
