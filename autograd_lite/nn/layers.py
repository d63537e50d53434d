"""Fully connected networks: Neuron, Layer, MLP."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, Protocol

from ..errors import ShapeError
from ..operation import TABLE, Operation
from ..ops import dot
from ..value import Value
from .module import Module

Activation = str | Callable[[Value], Value] | None
Inputs = Sequence[Value | float]


class Uniform(Protocol):
    """A source of uniform random numbers, such as the random module or a random.Random."""

    def uniform(self, a: float, b: float, /) -> float:
        """Return a random number in [a, b]."""


class Neuron(Module):
    """A weighted sum of the inputs, plus a bias, as one `dot` node; then its activation.

    Weights are drawn uniformly from [-1, 1], the bias is 0. `activation` is the name of an
    operation of the table, a function of one Value, or None. `seed` is a whole number, a
    random.Random to draw from, or None for the random module's own state.

    Raises ShapeError where it is called with another number of inputs.

    >>> neuron = Neuron(2, "tanh", seed=1)
    >>> neuron([1.0, -2.0]).op.name
    'tanh'
    """

    def __init__(
        self, nin: int, activation: Activation = "relu", *, seed: int | Uniform | None = None
    ) -> None:
        _check_size(nin, "inputs")
        rng = _generator(seed)
        self.weights = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.bias = Value(0.0)
        self.activation = activation
        self._activate = _resolved(activation)
        self.name_parameters()

    def __call__(self, inputs: Inputs) -> Value:
        """Return the neuron's output for a sequence of `nin` numbers."""
        if len(inputs) != len(self.weights):
            raise ShapeError(
                f"Neuron expects {_count(len(self.weights), 'input')}, got {len(inputs)}; build it "
                f"with Neuron({len(inputs)}) or pass {_count(len(self.weights), 'number')}"
            )
        total: Value = dot(self.weights, inputs, self.bias)
        return total if self._activate is None else self._activate(total)

    def __repr__(self) -> str:
        return f"Neuron({len(self.weights)}, {_title(self.activation)})"


class Layer(Module):
    """Neurons that share their inputs.

    >>> Layer(3, 2, "tanh", seed=1)
    Layer(3, 2, tanh)
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        *,
        seed: int | Uniform | None = None,
    ) -> None:
        _check_size(nout, "neurons")
        rng = _generator(seed)
        self.neurons = [Neuron(nin, activation, seed=rng) for _ in range(nout)]
        self.name_parameters()

    def __call__(self, inputs: Inputs) -> Any:
        """Return the list of the neurons' outputs; the output itself where there is one neuron."""
        outputs = [neuron(inputs) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def __repr__(self) -> str:
        neuron = self.neurons[0]
        return f"Layer({len(neuron.weights)}, {len(self.neurons)}, {_title(neuron.activation)})"


class MLP(Module):
    """A multi-layer perceptron: fully connected layers, one after the other.

    `activation` is for the hidden layers, the last one being linear; a list has one for each layer.

    Raises ShapeError where the list's length, or later the number of inputs, does not fit.

    >>> model = MLP(2, [4, 1], ["tanh", None], seed=1)
    >>> len(model.parameters())
    17
    >>> next(model.named_parameters())[0]
    'layers.0.neurons.0.weights.0'
    >>> model
    MLP(Layer(2, 4, tanh), Layer(4, 1, linear))
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation | Sequence[Activation] = "relu",
        *,
        seed: int | Uniform | None = None,
    ) -> None:
        activations = _per_layer(activation, len(nouts))
        rng = _generator(seed)
        sizes = [nin, *nouts]
        self.layers = [
            Layer(a, b, activate, seed=rng)
            for a, b, activate in zip(sizes[:-1], sizes[1:], activations, strict=True)
        ]
        self.name_parameters()

    def __call__(self, inputs: Inputs) -> Any:
        """Return the last layer's outputs; the output itself where it has one neuron."""
        outputs: Any = inputs
        for layer in self.layers:
            outputs = layer([outputs] if isinstance(outputs, Value) else outputs)
        return outputs

    def __repr__(self) -> str:
        return f"MLP({', '.join(map(repr, self.layers))})"


def _per_layer(activation: Activation | Sequence[Activation], layers: int) -> list[Activation]:
    if layers == 0:
        raise ShapeError("MLP expects at least one layer, got none; pass sizes such as [4, 1]")
    if activation is None or isinstance(activation, str) or callable(activation):
        return [activation] * (layers - 1) + [None]
    if len(activation) != layers:
        raise ShapeError(f"MLP expects {layers} activations, one a layer, got {len(activation)}")
    return list(activation)


def _resolved(activation: Activation) -> Callable[[Value], Value] | None:
    """Return the function behind a name; a row's method is its quickest form."""
    if activation is None or activation == "linear":
        return None
    if isinstance(activation, str):
        row = TABLE.get(activation)
        if row is None or row.arity is None or row.arity > 1 + len(row.defaults):
            close = get_close_matches(activation, TABLE, 1) or ["relu"]
            raise ValueError(f"no activation is named {activation!r}; did you mean {close[0]!r}?")
        activation = row
    if isinstance(activation, Operation):
        return getattr(Value, activation.name, activation)
    if not callable(activation):
        raise TypeError(f"an activation is a name or a function, got {activation!r}")
    return activation


def _generator(seed: int | Uniform | None) -> Uniform:
    if seed is None:
        return random
    return random.Random(seed) if isinstance(seed, int) else seed  # noqa: S311  no secrets


def _check_size(size: int, of: str) -> None:
    if not isinstance(size, int) or size < 1:
        raise ShapeError(f"expected a whole number of {of}, 1 or more, got {size!r}")


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _title(activation: Activation) -> str:
    if activation is None:
        return "linear"
    return str(getattr(activation, "name", None) or getattr(activation, "__name__", activation))
