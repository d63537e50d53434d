"""Fully connected networks: Neuron, Layer, MLP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from .._support.validation import Seed, check_length, check_size, random_source
from ..errors import ShapeError
from ..operators import dots
from ..ops import dot
from ..value import Value
from .activations import Activation, ActivationLike
from .initializers import Initializer, initializer
from .module import Inputs, Module

if TYPE_CHECKING:

    class Outputs(Value, list[Value]):  # type: ignore[misc]
        """A Value of a layer of one neuron, else a list of them: to a type checker, both."""

else:
    Outputs = Any


class Neuron(Module):
    """A weighted sum of the inputs, plus a bias, as one `dot` node; then its activation.

    Weights are drawn uniformly from [-1, 1], or by the initializer `init`; the bias is 0, and
    None with `bias=False`. `activation` is the name of an operation of the table, a function of
    one Value, or None. `seed` is a whole number, a random.Random to draw from, or None for the
    random module's own state.

    Raises ShapeError where it is called with another number of inputs.

    >>> neuron = Neuron(2, "tanh", seed=1)
    >>> neuron([1.0, -2.0]).op.name
    'tanh'
    """

    bias: Any  # a Value, or None
    _one_row = True

    def __init__(
        self, nin: int, activation: ActivationLike = "relu", *,
        seed: Seed = None, init: str | Initializer = "uniform", bias: bool = True,
    ) -> None:  # fmt: skip
        check_size(nin, "inputs")
        rng, drawn = random_source(seed), initializer(init)
        self.weights = [Value(drawn(rng, nin, 1)) for _ in range(nin)]
        self.bias = Value(0.0) if bias else None
        self.activation = Activation(activation)
        self.name_parameters()

    def __call__(self, inputs: Inputs) -> Value:
        """Return the neuron's output for a sequence of `nin` numbers."""
        total = self.weighted_sum(inputs)
        activate = self.activation.function
        return total if activate is None else activate(total)

    def weighted_sum(self, inputs: Inputs) -> Value:
        """Return the weighted sum plus the bias: what the activation is then applied to.

        >>> neuron = Neuron(2, "tanh", init="ones")
        >>> neuron.weighted_sum([1.0, 2.0]).data
        3.0
        """
        if inputs.__class__ is not list or len(inputs) != len(self.weights):  # mostly it fits
            check_length(inputs, len(self.weights), "Neuron")
        total: Value = dot(self.weights, inputs, self.bias)
        return total

    def __repr__(self) -> str:
        return f"Neuron({len(self.weights)}, {self.activation.title})"


class Layer(Module):
    """Neurons that share their inputs: weighted sums, then the activation of each.

    The two steps are also there one by one: `layer.activation(layer.weighted_sums(inputs))`.

    >>> Layer(3, 2, "tanh", seed=1)
    Layer(3, 2, tanh)
    """

    _one_row = True

    def __init__(
        self, nin: int, nout: int, activation: ActivationLike = "relu", *,
        seed: Seed = None, init: str | Initializer = "uniform", bias: bool = True,
    ) -> None:  # fmt: skip
        check_size(nout, "neurons")
        rng, drawn = random_source(seed), initializer(init)

        def of_this_layer(rng: Any, fan_in: int, _: int) -> float:
            return drawn(rng, fan_in, nout)

        self.neurons = [
            Neuron(nin, activation, seed=rng, init=of_this_layer, bias=bias) for _ in range(nout)
        ]
        self.name_parameters()

    @property
    def activation(self) -> Activation:
        """The second step: what is applied to each weighted sum."""
        return self.neurons[0].activation

    def weighted_sums(self, inputs: Inputs | Value) -> list[Value]:
        """Return the first step: each neuron's weighted sum plus its bias.

        >>> layer = Layer(2, 3, "tanh", init="ones")
        >>> [total.data for total in layer.weighted_sums([1.0, 2.0])]
        [3.0, 3.0, 3.0]
        """
        inputs = [inputs] if isinstance(inputs, Value) else inputs
        return [neuron.weighted_sum(inputs) for neuron in self.neurons]

    def __call__(self, inputs: Inputs | Value) -> Outputs:
        """Return the list of the neurons' outputs; the output itself where there is one neuron.

        A Value alone counts as a sequence of one.
        """
        inputs = [inputs] if isinstance(inputs, Value) else inputs
        neurons = self.neurons
        rows = [(neuron.weights, neuron.bias) for neuron in neurons if neuron.__class__ is Neuron]
        if len(rows) < len(neurons):  # some of a user's own
            outputs = [neuron(inputs) for neuron in neurons]
        else:
            width = len(neurons[0].weights)
            if inputs.__class__ is not list or len(inputs) != width:  # mostly it fits
                check_length(inputs, width, "Neuron")
            totals, outputs = dots(rows, inputs), []
            for neuron, total in zip(neurons, totals, strict=True):
                activate = neuron.activation.function
                outputs.append(total if activate is None else activate(total))
        return cast("Outputs", outputs[0] if len(outputs) == 1 else outputs)

    def __repr__(self) -> str:
        nin, nout = len(self.neurons[0].weights), len(self.neurons)
        return f"Layer({nin}, {nout}, {self.activation.title})"


class MLP(Module):
    """A multi-layer perceptron: fully connected layers, one after the other.

    `activation` is for the hidden layers, the last one being linear; a list has one for each layer.

    Raises ShapeError where the list's length, or later the number of inputs, does not fit,
    TypeError where the sizes are no list.

    >>> model = MLP(2, [4, 1], ["tanh", None], seed=1)
    >>> len(model.parameters())
    17
    >>> next(model.named_parameters())[0]
    'layers.0.neurons.0.weights.0'
    >>> model
    MLP(Layer(2, 4, tanh), Layer(4, 1, linear))
    """

    def __init__(
        self, nin: int, nouts: Sequence[int],
        activation: ActivationLike | Sequence[ActivationLike] = "relu", *,
        seed: Seed = None, init: str | Initializer = "uniform", bias: bool = True,
    ) -> None:  # fmt: skip
        if not isinstance(nouts, Sequence):
            raise TypeError(f"MLP expects a list of sizes, such as [4, 1], got {nouts!r:.60}")
        activations = _per_layer(activation, len(nouts))
        rng = random_source(seed)
        self.layers = [
            Layer(a, b, activate, seed=rng, init=init, bias=bias)
            for a, b, activate in zip([nin, *nouts], nouts, activations, strict=False)
        ]
        self.name_parameters()

    def __call__(self, inputs: Inputs | Value) -> Outputs:
        """Return the last layer's outputs; the output itself where it has one neuron."""
        width = len(self.layers[0].neurons[0].weights)
        if inputs.__class__ is not list or len(inputs) != width:  # mostly it fits
            check_length([inputs] if isinstance(inputs, Value) else inputs, width, "MLP", "{}, ...")
        outputs: Any = inputs
        for layer in self.layers:
            outputs = layer(outputs)
        return cast("Outputs", outputs)

    def __repr__(self) -> str:
        return f"MLP({', '.join(map(repr, self.layers))})"


def _per_layer(
    activation: ActivationLike | Sequence[ActivationLike], layers: int
) -> list[ActivationLike]:
    if layers == 0:
        raise ShapeError("MLP expects at least one layer, got none; pass sizes such as [4, 1]")
    if activation is None or isinstance(activation, str) or callable(activation):
        Activation(activation)  # a name that is unknown is an error where it is not used, too
        return [activation] * (layers - 1) + [None]
    if len(activation) != layers:
        raise ShapeError(f"MLP expects {layers} activations, one a layer, got {len(activation)}")
    return list(activation)
