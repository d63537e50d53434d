"""Sequential: steps, one after the other; and Dropout, a step that leaves numbers out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import modes
from .._support.validation import Seed, number, random_source
from ..errors import DomainError
from ..operation import Operation
from ..ops import where
from ..value import Value
from .activations import Activation
from .module import Module


class Sequential(Module):
    """Steps of which each one gets what the one before returned.

    A step is a Module, the name of an activation, an operation of the table, or any function.

    Raises TypeError where a step is nothing of the kind, ValueError where there is no step or no
    activation has that name.

    >>> from autograd_lite.nn import Layer
    >>> Sequential(Layer(2, 4, None), "tanh", Dropout(0.5), Layer(4, 1, None))
    Sequential(Layer(2, 4, linear), Activation(tanh), Dropout(0.5), Layer(4, 1, linear))
    """

    def __init__(self, *steps: Callable[..., Any] | str) -> None:
        if not steps:
            raise ValueError("Sequential expects at least one step, such as Layer(2, 1)")
        self.steps = [_step(step) for step in steps]
        self.name_parameters()

    def __call__(self, inputs: Any) -> Any:
        """Return what the last step returns."""
        for step in self.steps:
            inputs = step(inputs)
        return inputs

    def __repr__(self) -> str:
        named = (getattr(s, "__name__", None) or repr(s) for s in self.steps)
        return f"Sequential({', '.join(named)})"


def _step(step: Callable[..., Any] | str) -> Callable[..., Any]:
    if isinstance(step, str) or (isinstance(step, Operation) and step.arity is not None):
        return Activation(step)
    if not callable(step):
        remedy = "; write Sequential(*steps)" if isinstance(step, list | tuple) else ""
        raise TypeError(
            f"a step is a Module, a function or an activation's name, got {step!r:.60}{remedy}"
        )
    return step


class Dropout(Module):
    """Set each number to 0 with probability `p` while training, and divide the rest by 1 - p.

    So the expected output is the input, which is what comes out after `eval()` (Srivastava et al.
    2014, section 10, "inverted" dropout). `seed` is a whole number, a random.Random to draw from,
    or None for the random module's own state.

    Raises DomainError where `p` is not a probability.

    >>> dropout = Dropout(0.5, seed=1)
    >>> [x.data for x in dropout([Value(1.0), Value(2.0), Value(3.0)])]
    [0.0, 4.0, 6.0]
    >>> [x.data for x in dropout.eval()([Value(1.0), Value(2.0), Value(3.0)])]
    [1.0, 2.0, 3.0]
    """

    def __init__(self, p: float = 0.5, *, seed: Seed = None) -> None:
        saying = "Dropout expects a probability from 0 to 1"
        self.p = number("p", p, at_least=0, at_most=1, error=DomainError, saying=saying)
        self._rng = None if seed is None else random_source(seed)

    def __call__(self, inputs: Sequence[Value | float] | Value) -> Any:
        """Return as many numbers; a Value for a Value alone."""
        if not self.training or self.p == 0:
            return inputs if isinstance(inputs, Value) else list(inputs)
        return self._kept(inputs) if isinstance(inputs, Value) else [*map(self._kept, inputs)]

    def _kept(self, x: Value | float) -> Value | float:
        rng = self._rng or random_source(None)  # looked up: a copy of it would not be Python's own
        if (recorder := modes.recorder()) is not None:  # each call will draw anew
            return where(recorder.drawn(rng) >= self.p, x / (1 - self.p), 0.0)
        return x / (1 - self.p) if rng.uniform(0, 1) >= self.p else Value(0.0)

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"
