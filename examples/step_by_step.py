"""A step by step backpropagation example, after Matt Mazur's of that name.

Two inputs, two hidden and two output neurons, all sigmoid. The biases, one number for each layer,
are not trained: they are plain numbers, so they are no parameters. The numbers beside are those of
the same computation with formulas written by hand, in double precision.

Run it: python examples/step_by_step.py
"""

from autograd_lite.nn import MLP, half_squared_error
from autograd_lite.optim import SGD

inputs, targets = [0.05, 0.1], [0.01, 0.99]
weights = [0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55]

model = MLP(2, [2, 2], ["sigmoid", "sigmoid"])
for layer, bias in zip(model.layers, [0.35, 0.6], strict=True):
    for neuron in layer.neurons:
        neuron.bias = bias
for parameter, weight in zip(model.parameters(), weights, strict=True):
    parameter.data = weight

error = half_squared_error(model(inputs), targets)
error.backward()
published = [4.385677344743465e-4, 8.77135468948693e-4, 4.977127352608599e-4, 9.954254705217198e-4,
             0.08216704056423077, 0.08266762784753325, -0.02260254047747507,
             -0.022740242215978222]  # fmt: skip
rows = [("error", error.data, 0.2983711087600027)]
rows += [
    (f"gradient of w{n}", w.grad, number)
    for n, (w, number) in enumerate(zip(model.parameters(), published, strict=True), 1)
]

optimizer = SGD(model.parameters(), lr=0.5)
for step in range(1, 10_001):
    optimizer.step()
    error = half_squared_error(model(inputs), targets)
    if step == 1:
        rows.append(("error after 1 step", error.data, 0.29102777369359933))
    optimizer.zero_grad()
    error.backward()
rows.append(("error after 10000 steps", error.data, 3.510187782978859e-05))

print(f"{'':23}  {'computed':<22}  (published)")
for what, computed, number in rows:
    print(f"{what:23}  {computed:<22}  ({number})")

answer = " and ".join(f"{output.data:.6f}" for output in model(inputs))
print(f"\nThe outputs are now {answer}; wanted are {targets[0]} and {targets[1]}.")
