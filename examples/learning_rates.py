"""The learning rate: the same network, trained at six of them.

Two inputs, two hidden and two output neurons, all sigmoid, without biases: the network whose
gradients two_layer_gradients.py derives. The numbers beside are those of the same training with
formulas written by hand.

Run it: python examples/learning_rates.py
"""

from autograd_lite.nn import MLP, half_squared_error
from autograd_lite.optim import SGD

inputs = [0.05, 0.1]
weights = [0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55]


def errors(lr: float, targets: list[float], steps: int) -> list[float]:
    """Return the error before the first step of descent, and after each step."""
    model = MLP(2, [2, 2], ["sigmoid", "sigmoid"], bias=False)
    for parameter, weight in zip(model.parameters(), weights, strict=True):
        parameter.data = weight
    optimizer = SGD(model.parameters(), lr=lr)
    found = []
    for _ in range(steps + 1):
        error = half_squared_error(model(inputs), targets)
        found.append(error.data)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
    return found


curves = {lr: errors(lr, [0.01, 0.99], steps=100) for lr in (0.1, 0.2, 0.5, 0.8, 1.0, 2.0)}
published = {  # after one step, and after 58
    0.1: (0.24110903876812873, 0.1712536377597933),
    0.2: (0.23970114342898322, 0.12176594682176896),
    0.5: (0.23549537787349017, 0.05427408611153918),
    0.8: (0.23131728642977417, 0.03169990265673483),
    1.0: (0.2285477652787851, 0.024194870748564995),
    2.0: (0.21490159884256635, 0.010174784525700548),
}
rows = [("error before any step", curves[1.0][0], 0.24251985734837728)]
for lr, (first, later) in published.items():
    rows.append((f"error at rate {lr} after 1 step", curves[lr][1], first))
    rows.append((f"error at rate {lr} after 58 steps", curves[lr][58], later))

# With the targets in the middle of the sigmoid's range there is less to learn.
before, after = errors(1.0, [0.5, 0.5], steps=1)
rows += [
    ("targets of 0.5: error before any step", before, 0.014181377937891659),
    ("targets of 0.5: error after 1 step", after, 0.013377915565327117),
]

print(f"{'':37}  {'computed':<21}  (published)")
for what, computed, number in rows:
    print(f"{what:37}  {computed:<21}  ({number})")

# At a small rate the error falls in a straight line at first; at a large one it is soon near 0.
print("\nrate   error after 0, 20, 40 ... 100 steps                    below 0.025 after")
for lr, curve in curves.items():
    low = next((step for step, error in enumerate(curve) if error < 0.025), None)
    when = "more than 100" if low is None else low
    print(f"{lr:<5}  {'  '.join(f'{error:.5f}' for error in curve[::20])}  {when} steps")
