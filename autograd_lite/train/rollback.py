"""Rolling back: a training that fails before it gets anywhere leaves no trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import DivergenceError
from ..nn import Module
from ..optim import Optimizer


@contextmanager
def rolled_back(model: Module, optimizer: Optimizer, keep: Callable[[], bool]) -> Iterator[None]:
    """Where an error ends the `with` block and `keep()` is false, undo what it did to both.

    A divergence is no mistake of the caller's, and undone by nobody.

    >>> from autograd_lite.nn import Neuron
    >>> from autograd_lite.optim import SGD
    >>> neuron = Neuron(1, init="ones")
    >>> with rolled_back(neuron, SGD(neuron.parameters()), keep=lambda: False):
    ...     neuron.bias.data = 1 / neuron.bias.data
    Traceback (most recent call last):
    ZeroDivisionError: float division by zero
    """
    values = {id(p): p for p in [*optimizer.parameters, *model.state_values()]}
    numbers = [(p, p.data) for p in values.values()]
    state = optimizer.state_dict()
    try:
        yield
    except DivergenceError:
        raise
    except Exception:
        if not keep():
            for p, number in numbers:
                p.data = number
            optimizer.load_state_dict(state)
        raise
