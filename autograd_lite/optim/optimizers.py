"""The optimizers: each an update rule of rules.py, with its options, under the name it is known by.

The options are PyTorch's, and so are their defaults. To add one, write its rule there, and here a
class with the rule and the number of 0s that its state starts with; add it to `OPTIMIZERS` and
`__all__`. An `__init__` of its own names the options, so that type checkers and errors know them.
"""

from __future__ import annotations

from .._support.validation import named
from . import rules
from .optimizer import Optimizer, Parameters

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Lion", "RMSprop", "optimizer_named"]


class SGD(Optimizer):
    r"""Gradient descent: :math:`p \leftarrow p - \mathrm{lr} \cdot \partial L / \partial p`.

    With momentum it is rules.sgd's formula. Raises as Optimizer does.

    >>> from autograd_lite import Value
    >>> x = Value(1.0)
    >>> optimizer = SGD([x], lr=0.3)
    >>> (x**2).backward()
    >>> optimizer.step()
    >>> x.data
    0.4
    """

    rule = staticmethod(rules.sgd)
    state_size = 1

    def __init__(
        self, parameters: Parameters, lr: float = 0.001, momentum: float = 0.0, *,
        weight_decay: float = 0.0, nesterov: bool = False,
    ) -> None:  # fmt: skip
        options = {"momentum": momentum, "weight_decay": weight_decay, "nesterov": nesterov}
        super().__init__(parameters, lr, **options)


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients (Duchi et al., 2011).

    The formula is at rules.adagrad. Raises as Optimizer does.

    >>> from autograd_lite import Value
    >>> x = Value(1.0)
    >>> x.grad = 8.0
    >>> Adagrad([x], lr=0.25).step()
    >>> round(x.data, 6)
    0.75
    """

    rule = staticmethod(rules.adagrad)
    state_size = 2

    def __init__(
        self, parameters: Parameters, lr: float = 0.01, lr_decay: float = 0.0,
        weight_decay: float = 0.0, initial_accumulator_value: float = 0.0, eps: float = 1e-10,
    ) -> None:  # fmt: skip
        super().__init__(
            parameters, lr, lr_decay=lr_decay, weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value, eps=eps,
        )  # fmt: skip


class RMSprop(Optimizer):
    """Steps divided by the root of the mean squared gradient of late (Tieleman, Hinton, 2012).

    The formula is at rules.rmsprop. Raises as Optimizer does.

    >>> from autograd_lite import Value
    >>> x = Value(1.0)
    >>> x.grad = 8.0
    >>> RMSprop([x], lr=0.25, alpha=0.75).step()
    >>> round(x.data, 6)
    0.5
    """

    rule = staticmethod(rules.rmsprop)
    state_size = 3

    def __init__(
        self, parameters: Parameters, lr: float = 0.01, alpha: float = 0.99, eps: float = 1e-8,
        weight_decay: float = 0.0, momentum: float = 0.0, *, centered: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            parameters, lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum,
            centered=centered,
        )  # fmt: skip


class Adam(Optimizer):
    """The mean gradient over the root of the mean squared gradient (Kingma, Ba, 2015).

    The formula is at rules.adam. Raises as Optimizer does.

    >>> from autograd_lite import Value
    >>> x = Value(1.0)
    >>> x.grad = 8.0
    >>> Adam([x], lr=0.25).step()
    >>> round(x.data, 6)
    0.75
    """

    rule = staticmethod(rules.adam)
    state_size = 3

    def __init__(
        self, parameters: Parameters, lr: float = 0.001, betas: rules.Betas = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay)


class AdamW(Optimizer):
    """Adam, with a weight decay that does not go through the gradient (Loshchilov, Hutter, 2019).

    The formula is at rules.adamw. Raises as Optimizer does.

    >>> from autograd_lite import Value
    >>> x = Value(1.0)
    >>> AdamW([x], lr=0.5, weight_decay=0.5).step()
    >>> x.data
    0.75
    """

    rule = staticmethod(rules.adamw)
    state_size = 3

    def __init__(
        self, parameters: Parameters, lr: float = 0.001, betas: rules.Betas = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0.01,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay)


class Lion(Optimizer):
    """Steps of one length, against the sign of a mean gradient (Chen et al., 2023).

    The formula is at rules.lion. PyTorch has no Lion; the defaults are the paper's. Raises as
    Optimizer does.

    >>> from autograd_lite import Value
    >>> x = Value(1.0)
    >>> x.grad = 8.0
    >>> Lion([x], lr=0.25).step()
    >>> x.data
    0.75
    """

    rule = staticmethod(rules.lion)
    state_size = 1

    def __init__(
        self, parameters: Parameters, lr: float = 1e-4, betas: rules.Betas = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, betas=betas, weight_decay=weight_decay)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD, "adagrad": Adagrad, "rmsprop": RMSprop, "adam": Adam, "adamw": AdamW, "lion": Lion,
}  # fmt: skip


def optimizer_named(name: str) -> type[Optimizer]:
    """Return the optimizer of a name, in capitals or not.

    Raises ValueError where none is named so, TypeError where the name is no text.

    >>> from autograd_lite import Value
    >>> optimizer_named("adam")([Value(1.0)], lr=0.1).lr
    0.1
    """
    return named("optimiser", name.lower() if isinstance(name, str) else name, OPTIMIZERS)
