"""Sequential: steps, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..operation import Operation
from .activations import Activation
from .module import Module


class Sequential(Module):
    """Steps of which each one gets what the one before returned.

    A step is a Module, the name of an activation, an operation of the table, or any function.

    Raises TypeError where a step is nothing of the kind, ValueError where there is no step or no
    activation has that name.

    >>> from autograd_lite.nn import Dropout, Layer
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
        outputs = inputs
        for step in self.steps:
            outputs = step(outputs)
        return outputs

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
