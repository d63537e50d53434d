"""A network that reads digits, in the shape of the one in Michael Nielsen's book.

`Network(sizes)` with `SGD(training_data, epochs, mini_batch_size, eta, test_data)` is chapter 1 of
"Neural Networks and Deep Learning"; all that is left of its `backprop` is a call of `backward`. The
digits are made here: 3 by 5 pixels, with noise.

Run it: python examples/mini_batches.py
"""

import random
from itertools import pairwise
from typing import Any

from autograd_lite import Value, no_grad, optim
from autograd_lite.nn import Layer, Module, half_squared_error

Sample = tuple[list[float], list[float]]  # pixels, and 1 at the place of the digit


class Network(Module):
    """Sigmoid neurons, layer by layer; weights and biases are normally distributed at first."""

    def __init__(self, sizes: list[int], seed: int = 0) -> None:
        self.rng = random.Random(seed)  # noqa: S311  no secrets
        self.num_layers, self.sizes = len(sizes), sizes
        self.layers = [
            Layer(n, m, "sigmoid", init="normal", seed=self.rng) for n, m in pairwise(sizes)
        ]
        for layer in self.layers:
            for neuron in layer.neurons:
                neuron.bias.data = self.rng.gauss(0, 1)

    def feedforward(self, a: list[float]) -> list[Value]:
        """Return the outputs for an input."""
        outputs: list[Any] = a
        for layer in self.layers:
            outputs = layer(outputs)
        return outputs

    def SGD(  # noqa: N802  the book's name
        self,
        training_data: list[Sample],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: list[Sample],
        momentum: float = 0.0,
    ) -> list[int]:
        """Train by stochastic gradient descent; return how many tests were right each epoch."""
        optimizer = optim.SGD(self.parameters(), lr=eta, momentum=momentum)
        samples, right = list(training_data), []
        for epoch in range(epochs):
            self.rng.shuffle(samples)
            for k in range(0, len(samples), mini_batch_size):
                self.update_mini_batch(samples[k : k + mini_batch_size], optimizer)
            right.append(self.evaluate(test_data))
            print(f"Epoch {epoch}: {right[-1]} / {len(test_data)}")
        return right

    def update_mini_batch(self, mini_batch: list[Sample], optimizer: optim.SGD) -> None:
        """Take one step against the mean of the mini-batch's gradients."""
        outputs = [self.feedforward(x) for x, _ in mini_batch]
        cost = half_squared_error(outputs, [y for _, y in mini_batch]) / len(mini_batch)
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()

    def evaluate(self, test_data: list[Sample]) -> int:
        """Count the inputs whose largest output is in the right place."""
        with no_grad():
            outputs = [self.feedforward(x) for x, _ in test_data]
        pairs = zip(outputs, test_data, strict=True)
        return sum(found.index(max(found)) == y.index(1.0) for found, (_, y) in pairs)


DIGITS = """
###  .#.  ###  ###  #.#  ###  ###  ###  ###  ###
#.#  ##.  ..#  ..#  #.#  #..  #..  ..#  #.#  #.#
#.#  .#.  ###  .##  ###  ###  ###  .#.  ###  ###
#.#  .#.  #..  ..#  ..#  ..#  #.#  .#.  #.#  ..#
###  ###  ###  ###  ..#  ###  ###  .#.  ###  ###
"""


def noisy_digits(n: int, noise: float, seed: int) -> list[Sample]:
    """Return n samples, as many of each digit; the noise is added to each pixel."""
    rng = random.Random(seed)  # noqa: S311  no secrets
    lines = [line.split() for line in DIGITS.split("\n") if line]
    samples = []
    for i in range(n):
        digit = i % 10
        pixels = "".join(line[digit] for line in lines)
        x = [(pixel == "#") + rng.gauss(0, noise) for pixel in pixels]
        samples.append((x, [float(place == digit) for place in range(10)]))
    return samples


training_data = noisy_digits(200, noise=0.2, seed=1)
test_data = noisy_digits(100, noise=0.2, seed=2)

# Momentum carries on in the direction of the steps before: a little gets there sooner. With more,
# at the same rate, the steps are so long that the neurons saturate, where gradients are all but 0.
right = {}
for momentum in (0.0, 0.5, 0.9):
    print(f"Momentum {momentum}")
    network = Network([15, 12, 10], seed=0)
    right[momentum] = network.SGD(training_data, 20, 10, 3.0, test_data, momentum)
