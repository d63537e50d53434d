"""A network of four hidden neurons learns exclusive or.

Run it: python examples/xor.py
"""

from autograd_lite.nn import MLP, mse
from autograd_lite.optim import SGD
from autograd_lite.train import xor

inputs, targets = xor()
model = MLP(2, [4, 1], "tanh", seed=0)
optimizer = SGD(model.parameters(), lr=0.2)

for epoch in range(1, 1001):
    loss = mse([model(x) for x in inputs], targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 200 == 0:
        print(f"epoch {epoch:4d}  loss {loss.data:.2e}")

for x, target in zip(inputs, targets, strict=True):
    print(f"{x} -> {model(x).data:.4f}, wanted {target:.0f}")
