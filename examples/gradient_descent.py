"""Gradient descent on one number: where it goes, where it stops, what the learning rate does to it.

The first half of "Understanding Backpropagation with Simple Derivatives"; the second half is
chain_rule.py.

Run it: python examples/gradient_descent.py
"""

from collections.abc import Callable

from autograd_lite import Value, grad
from autograd_lite.nn import mse
from autograd_lite.optim import SGD

Function = Callable[[Value], Value]


def descend(f: Function, start: float, lr: float, steps: int) -> list[float]:
    """Return where x was before the first step of x ← x - lr · f'(x), and after each step."""
    x = Value(start, name="x")
    optimizer = SGD([x], lr=lr)
    path = [x.data]
    for _ in range(steps):
        optimizer.zero_grad()
        f(x).backward()
        optimizer.step()
        path.append(x.data)
    return path


def show(path: list[float]) -> None:
    """Draw one line for each x, from -2 on the left to 1 on the right."""
    for x in path:
        print(f"{x:9.4f}  |{' ' * round(20 * (x + 2))}•")


def square(x: Value) -> Value:
    """Have one minimum, at 0."""
    return x**2


def cubic(x: Value) -> Value:
    """Have a minimum at 0, though no lowest value: left of -2 it falls for ever."""
    return x**3 + 3 * x**2


# What to minimise, when a network answers 0 and 0.5 where -0.5 and 1 are wanted.
rows = [("mean squared error of two outputs", mse([0.0, 0.5], [-0.5, 1.0]), 0.25)]

# The slope is negative left of the minimum, positive right of it and 0 at it: so, against it.
for at, slope in [(-1.0, -2.0), (1.0, 2.0), (0.0, 0.0)]:
    rows.append((f"slope of x² at {at:g}", grad(square)(at), slope))
to_minimum = descend(square, 1.0, lr=0.3, steps=3)
for n, (x, published) in enumerate(zip(to_minimum[1:], [0.4, 0.16, 0.064], strict=True), 1):
    rows.append((f"x² from 1 at rate 0.3, step {n}", x, published))
for what, computed, published in rows:
    print(f"{what:33}  {computed:6.4g}  ({published:g})")

print("\nx³ + 3x² from -1.99 at rate 0.04, every third step: fastest where the slope is steepest,")
print("at -1, and on to the minimum at 0")
small = descend(cubic, -1.99, lr=0.04, steps=51)
show(small[::3])

print("\nAt rate 0.45: too long a step, so it bounces back and forth and never arrives")
large = descend(cubic, -1.99, lr=0.45, steps=51)
show(large[:18])

# The minimum it finds is the one downhill from where it starts, if there is one.
balanced = descend(cubic, -2.0, lr=0.04, steps=51)
beyond = descend(cubic, -2.01, lr=0.04, steps=27)
print(f"\nFrom -2, where the slope is 0, it stays at {balanced[-1]:g};")
print(f"from -2.01 it is at {beyond[-1]:.4g} after {len(beyond) - 1} steps, on its way for ever.")
