"""What reads a sequence: Embedding, numbers for each item, and RNNCell, a state that moves on."""

from __future__ import annotations

import math
import operator
from typing import Any

from .._support.validation import Seed, check_length, check_size, is_sequence, random_source
from .._support.wording import count as counted
from ..errors import DomainError, ShapeError
from ..operators import dots
from ..value import Value
from .activations import Activation, ActivationLike
from .initializers import Initializer, Uniform, initializer
from .module import Inputs, Module


def _drawn(rows: int, columns: int, draw: Initializer, rng: Any, fans: Any) -> list[list[Value]]:
    return [[Value(draw(rng, *fans)) for _ in range(columns)] for _ in range(rows)]


class Embedding(Module):
    """Rows of `size` Values, one for each whole number below `count`.

    They are drawn from the standard normal distribution, or by the initializer `init` (Bengio et
    al. 2003, section 2: the matrix C).

    Raises DomainError where an index is out of range, TypeError where it is no whole number.

    >>> embedding = Embedding(27, 2, seed=1)
    >>> [x.name for x in embedding(5)]
    ['rows.5.0', 'rows.5.1']
    >>> len(embedding([0, 5, 5]))
    3
    """

    def __init__(
        self, count: int, size: int, *, seed: Seed = None, init: str | Initializer = "normal"
    ) -> None:
        check_size(count, "rows")
        check_size(size, "numbers a row")
        self.rows = _drawn(count, size, initializer(init), random_source(seed), (count, size))
        self.name_parameters()

    def __call__(self, index: Any) -> list[Any]:
        """Return the row of a whole number, the list of the rows of a sequence of them."""
        if is_sequence(index):
            return [self(each) for each in index]
        try:
            place = operator.index(index)
        except TypeError:
            raise TypeError(f"Embedding expects a whole number, got {index!r}") from None
        if not 0 <= place < len(self.rows):
            raise DomainError(
                f"Embedding has rows 0 to {len(self.rows) - 1}, got {place}; pass an index of "
                f"those, or build it with more rows"
            )
        return list(self.rows[place])

    def __repr__(self) -> str:
        return f"Embedding({len(self.rows)}, {len(self.rows[0])})"


class RNNCell(Module):
    r"""One step of a simple recurrent network: :math:`h' = \tanh(W x + U h + b)` (Elman 1990).

    Each number of the new state is one `dot` node and its activation. Weights are drawn uniformly
    from [-1, 1] / sqrt(nstate), or by the initializer `init`; biases are 0.

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
        self, nin: int, nstate: int, activation: ActivationLike = "tanh", *,
        seed: Seed = None, init: str | Initializer | None = None,
    ) -> None:  # fmt: skip
        check_size(nin, "inputs")
        check_size(nstate, "numbers in the state")
        rng, bound = random_source(seed), 1 / math.sqrt(nstate)
        draw = Uniform(-bound, bound) if init is None else initializer(init)
        self.input_weights = _drawn(nstate, nin, draw, rng, (nin, nstate))
        self.state_weights = _drawn(nstate, nstate, draw, rng, (nstate, nstate))
        self.biases = [Value(0.0) for _ in range(nstate)]
        self.activation = Activation(activation)
        self.name_parameters()

    def __call__(self, inputs: Inputs, state: Inputs | None = None) -> list[Any]:
        """Return the next state from an input and a state; None is the first one, all 0."""
        nin, nstate = len(self.input_weights[0]), len(self.biases)
        check_length(inputs, nin, "RNNCell", f"{{}}, {nstate}")
        state = [0.0] * nstate if state is None else state
        if len(state) != nstate:
            numbers = counted(nstate, "number")
            raise ShapeError(f"RNNCell has a state of {numbers}, got {len(state)}")
        units = zip(self.input_weights, self.state_weights, self.biases, strict=True)
        rows = [((*w, *u), b) for w, u, b in units]
        return [self.activation(total) for total in dots(rows, [*inputs, *state])]

    def __repr__(self) -> str:
        sizes = f"{len(self.input_weights[0])}, {len(self.biases)}"
        return f"RNNCell({sizes}, {self.activation.title})"
