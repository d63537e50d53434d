"""Activation: an operation on each number, by its name or as a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .._support.validation import unknown
from .._support.wording import close_words
from ..operation import TABLE, Operation
from ..value import Value
from .module import Module

ActivationLike = str | Callable[[Value], Value] | None

# Any operation of one operand can be one; a misspelt name is more likely one of these.
_USUAL = [
    "relu", "tanh", "sigmoid", "linear", "gelu", "silu", "elu", "selu", "leaky_relu", "softplus",
    "mish", "hardtanh",
]  # fmt: skip


class Activation(Module):
    """A step that applies one function to each number.

    `activation` is the name of an operation of the table of one operand, such an operation, a
    function of one Value, or None (or "linear") for none. `function` is what is applied, None
    for nothing.

    Raises ValueError where no operation has that name, TypeError for anything else.

    >>> [y.data for y in Activation("relu")([-1.0, 2.0])]
    [0.0, 2.0]
    """

    def __init__(self, activation: ActivationLike | Activation) -> None:
        if isinstance(activation, Activation):
            activation = activation.given
        self.given: ActivationLike = activation
        self.function = _function(self.given)

    @property
    def title(self) -> str:
        """What the activation is called."""
        given = "linear" if self.given is None else self.given
        return str(given if isinstance(given, Module) else getattr(given, "__name__", given))

    def __call__(self, x: Value | float | Sequence[Value | float]) -> Any:
        """Apply to a number for a Value, to a sequence of them for a list."""
        if isinstance(x, Sequence):
            return [self(each) for each in x]
        x = x if isinstance(x, Value) else Value(x)
        return x if self.function is None else self.function(x)

    def __repr__(self) -> str:
        return f"Activation({self.title})"

    def __reduce__(self) -> tuple[type[Activation], tuple[ActivationLike], dict[str, Any]]:
        modes = {k: v for k, v in vars(self).items() if k not in ("given", "function")}
        return type(self), (self.given,), modes  # a row's method has no name to pickle it by


def _function(given: ActivationLike) -> Callable[[Value], Value] | None:
    if given is None or given == "linear":
        return None
    row = TABLE.get(given) if isinstance(given, str) else given
    if isinstance(row, Operation) and _takes_one(row):
        return getattr(Value, row.name, row)  # a row's method is its quickest form
    if isinstance(given, str):
        names = [name for name, each in TABLE.items() if _takes_one(each)]
        close = close_words(given, _USUAL) or close_words(given, names)
        complaint = f"no activation is named {given!r}"
        raise unknown(ValueError, complaint, given, close[:1] or _USUAL)
    if isinstance(given, Operation) or not callable(given):
        raise TypeError(f"an activation is a name or a function, got {given!r}")
    return given


def _takes_one(row: Operation) -> bool:
    return row.arity is not None and row.arity <= 1 + len(row.defaults)
