"""RNNCell: a state that each input moves on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..errors import ShapeError
from ..operators import dots
from ..value import Value
from .activations import Activation, ActivationLike
from .initialisers import Initialiser, Seed, Uniform, generator, initialiser
from .module import Module
from .sizes import check_length, check_size, count

Inputs = Sequence[Value | float]


class RNNCell(Module):
    r"""One step of a simple recurrent network: :math:`h' = \tanh(W x + U h + b)` (Elman 1990).

    Each number of the new state is one `dot` node and its activation. Weights are drawn uniformly
    from [-1, 1] / sqrt(nstate), or by the initialiser `init`; biases are 0.

    Raises ShapeError where the input or the state has another length.

    >>> cell = RNNCell(2, 3, seed=1)
    >>> state = None
    >>> for x in ([1.0, 0.0], [0.0, 1.0]):
    ...     state = cell(x, state)
    >>> len(state)
    3
    """

    _one_row = True

    def __init__(
        self,
        nin: int,
        nstate: int,
        activation: ActivationLike = "tanh",
        *,
        seed: Seed = None,
        init: str | Initialiser | None = None,
    ) -> None:
        check_size(nin, "inputs")
        check_size(nstate, "numbers in the state")
        rng, bound = generator(seed), 1 / math.sqrt(nstate)
        drawn = Uniform(-bound, bound) if init is None else initialiser(init)

        def matrix(columns: int) -> list[list[Value]]:
            row = range(columns)
            return [[Value(drawn(rng, columns, nstate)) for _ in row] for _ in range(nstate)]

        self.input_weights = matrix(nin)
        self.state_weights = matrix(nstate)
        self.biases = [Value(0.0) for _ in range(nstate)]
        self.activation = Activation(activation)
        self.name_parameters()

    def __call__(self, inputs: Inputs, state: Inputs | None = None) -> list[Any]:
        """Return the next state from an input and a state; None is the first one, all 0."""
        nin, nstate = len(self.input_weights[0]), len(self.biases)
        check_length(inputs, nin, "RNNCell", f"{{}}, {nstate}")
        if state is None:
            state = [0.0] * nstate
        if len(state) != nstate:
            raise ShapeError(f"RNNCell has a state of {count(nstate, 'number')}, got {len(state)}")
        units = zip(self.input_weights, self.state_weights, self.biases, strict=True)
        rows = [((*w, *u), b) for w, u, b in units]
        return [self.activation(total) for total in dots(rows, [*inputs, *state])]

    def __repr__(self) -> str:
        sizes = f"{len(self.input_weights[0])}, {len(self.biases)}"
        return f"RNNCell({sizes}, {self.activation.title})"
