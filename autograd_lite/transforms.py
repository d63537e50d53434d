"""Derivatives as functions of a recorded result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import backprop, modes
from .value import Value, recorded


def gradients(result: Value, inputs: Iterable[Value], create_graph: bool = False) -> list[Any]:
    """Return d(result)/d(input) for each input, leaving every `.grad` alone.

    They are floats, and with `create_graph` Values: the gradient's own graph, which can be drawn,
    explained and differentiated again. An input that the result does not depend on has 0.

    Raises TypeError where anything but Values is passed, StaleError where a leaf's data was set
    since the result was computed.

    >>> x, y = Value(2.0), Value(3.0)
    >>> gradients(x * x * y, [x, y])
    [12.0, 4.0]
    >>> (dx,) = gradients(x**3, [x], create_graph=True)
    >>> gradients(dx, [x])
    [12.0]
    """
    inputs = list(inputs)
    for x in (result, *inputs):
        if not isinstance(x, Value):
            raise TypeError(f"gradients() expects Values, got {type(x).__name__}: {x!r}")
    watch = modes.current().watch if modes.active else None
    found = backprop.cotangents(result, 1.0, create_graph=create_graph, watch=watch)
    grads = [found.get(x, 0.0) for x in inputs]
    return [recorded(grad) for grad in grads] if create_graph else grads
