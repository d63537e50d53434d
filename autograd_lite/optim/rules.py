"""The update rules: what one step makes of a parameter, its gradient and a little memory.

Each rule is a pure function `(parameter, gradient, state, **options) -> (parameter, state)`. The
state is a tuple of numbers, all 0 before the first step; it is what the rule remembers from step to
step. In the formulas p is the parameter, g its gradient, t the number of the step, from 1 on.

The rules are plain arithmetic, so they work on floats, elementwise on arrays (NumPy's, JAX's,
PyTorch's) and on Values alike: a state of 0s broadcasts to the shape of the first gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from ..value import Value

Number: TypeAlias = Any  # a float, an array or a Value: Python has no one type for these
State: TypeAlias = tuple[Number, ...]
Step: TypeAlias = tuple[Number, State]  # the parameter moved, and what is to be remembered
Rule: TypeAlias = Callable[..., Step]
Betas: TypeAlias = tuple[float, float]


def sgd(
    parameter: Number, gradient: Number, state: State, *,
    lr: float, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0,
) -> Step:  # fmt: skip
    r"""Gradient descent with momentum: :math:`v_t = \mu v_{t-1} + g,\; p \leftarrow p - \eta v_t`.

    Nesterov's variant looks ahead, :math:`p \leftarrow p - \eta (g + \mu v_t)`. State: (v,).
    Source: Sutskever et al., "On the importance of initialization and momentum in deep learning",
    2013, with the learning rate outside the velocity, as PyTorch has it.

    >>> sgd(1.0, 2.0, (0.5,), lr=0.25, momentum=0.5)
    (0.4375, (2.25,))
    """
    gradient = _with_decay(gradient, parameter, weight_decay)
    if not momentum:
        return parameter - lr * gradient, state
    velocity = momentum * state[0] + gradient
    direction = gradient + momentum * velocity if nesterov else velocity
    return parameter - lr * direction, (velocity,)


def adagrad(
    parameter: Number, gradient: Number, state: State, *,
    lr: float, lr_decay: float = 0.0, weight_decay: float = 0.0,
    initial_accumulator_value: float = 0.0, eps: float = 1e-10,
) -> Step:  # fmt: skip
    r"""Divide by the root of all squares so far: :math:`p \leftarrow p - \eta_t g / \sqrt{s_t}`.

    :math:`s_t = s_{t-1} + g^2`, the root has :math:`\epsilon` added, and the rate falls as
    :math:`\eta_t = \eta / (1 + (t-1) \cdot \mathrm{lr\_decay})`. State: (s, t). Source:
    Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", 2011.

    >>> adagrad(1.0, 4.0, (9.0, 1), lr=0.5, eps=0.0)
    (0.6, (25.0, 2))
    """
    total, step = state
    gradient = _with_decay(gradient, parameter, weight_decay)
    total = total + gradient * gradient
    rate = lr / (1 + step * lr_decay)
    scale = _sqrt(initial_accumulator_value + total) + eps
    return parameter - rate * (gradient / scale), (total, step + 1)


def rmsprop(
    parameter: Number, gradient: Number, state: State, *,
    lr: float, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0.0,
    momentum: float = 0.0, centered: bool = False,
) -> Step:  # fmt: skip
    r"""Divide by the root of the mean square: :math:`p \leftarrow p - \eta g / \sqrt{s_t}`.

    :math:`s_t = \alpha s_{t-1} + (1-\alpha) g^2`, and the root has :math:`\epsilon` added; with
    momentum, steps add up as in `sgd`. `centered` divides by the standard deviation, with
    the mean square less the squared mean under the root. State: (s, mean of g, velocity). Source:
    Tieleman, Hinton, "Lecture 6.5: RMSprop", 2012; centered: Graves, "Generating sequences with
    recurrent neural networks", 2013.

    >>> rmsprop(1.0, 2.0, (0.0, 0.0, 0.0), lr=0.5, alpha=0.75, eps=0.0)
    (0.0, (1.0, 0.0, 0.0))
    """
    square, mean, velocity = state
    gradient = _with_decay(gradient, parameter, weight_decay)
    square = alpha * square + (1 - alpha) * gradient * gradient
    spread = square
    if centered:
        mean = alpha * mean + (1 - alpha) * gradient
        spread = square - mean * mean
        spread = (spread + abs(spread)) / 2  # rounding alone could make it negative
    direction = gradient / (_sqrt(spread) + eps)
    if momentum:
        direction = velocity = momentum * velocity + direction
    return parameter - lr * direction, (square, mean, velocity)


def adam(
    parameter: Number, gradient: Number, state: State, *,
    lr: float, betas: Betas = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.0,
) -> Step:  # fmt: skip
    r"""Divide means: :math:`p \leftarrow p - \eta \hat m / (\sqrt{\hat v} + \epsilon)`.

    :math:`m_t = \beta_1 m_{t-1} + (1-\beta_1) g, v_t = \beta_2 v_{t-1} + (1-\beta_2) g^2` start at
    0; :math:`\hat m = m_t / (1-\beta_1^t), \hat v = v_t / (1-\beta_2^t)` make up for that. State:
    (m, v, t). Source: Kingma, Ba, "Adam: a method for stochastic optimization", 2015.

    >>> adam(1.0, 2.0, (0.0, 0.0, 0), lr=0.5, betas=(0.5, 0.75), eps=0.0)
    (0.5, (1.0, 1.0, 1))
    """
    mean, square, step = state
    beta1, beta2 = betas
    step = step + 1
    gradient = _with_decay(gradient, parameter, weight_decay)
    mean = beta1 * mean + (1 - beta1) * gradient
    square = beta2 * square + (1 - beta2) * gradient * gradient
    scale = _sqrt(square) / _sqrt(1 - beta2**step) + eps
    return parameter - lr / (1 - beta1**step) * (mean / scale), (mean, square, step)


def adamw(
    parameter: Number, gradient: Number, state: State, *,
    lr: float, betas: Betas = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.01,
) -> Step:  # fmt: skip
    r"""Adam from a decayed parameter: :math:`p \leftarrow (1 - \eta\lambda) p`, then Adam's step.

    The decay :math:`\lambda` is kept out of the gradient. State: as Adam's. Source: Loshchilov,
    Hutter, "Decoupled weight decay regularization", 2019.

    >>> adamw(1.0, 0.0, (0.0, 0.0, 0), lr=0.5, weight_decay=0.5)
    (0.75, (0.0, 0.0, 1))
    """
    parameter = parameter * (1 - lr * weight_decay)
    return adam(parameter, gradient, state, lr=lr, betas=betas, eps=eps)


def lion(
    parameter: Number, gradient: Number, state: State, *,
    lr: float, betas: Betas = (0.9, 0.99), weight_decay: float = 0.0,
) -> Step:  # fmt: skip
    r"""Follow a sign: :math:`p \leftarrow p - \eta\,\mathrm{sign}(\beta_1 m + (1-\beta_1) g)`.

    Then :math:`m \leftarrow \beta_2 m + (1-\beta_2) g`; p decays first, as in `adamw`. Every step
    is lr long, so lr is smaller than Adam's. A gradient of inf gives nan, to be seen at once.
    State: (m,). Source: Chen et al., "Symbolic discovery of optimization algorithms", 2023,
    Algorithm 2.

    >>> lion(1.0, 3.0, (0.0,), lr=0.25, betas=(0.5, 0.5))
    (0.75, (1.5,))
    """
    (mean,) = state
    beta1, beta2 = betas
    mixed = beta1 * mean + (1 - beta1) * gradient
    sign = mixed / (abs(mixed) + (mixed == 0))  # no branch, for arrays; of nan it is nan, not 0
    parameter = parameter * (1 - lr * weight_decay) - lr * sign
    return parameter, (beta2 * mean + (1 - beta2) * gradient,)


def _with_decay(gradient: Number, parameter: Number, weight_decay: float) -> Number:
    return gradient + weight_decay * parameter if weight_decay else gradient


def _sqrt(x: Number) -> Number:
    # NumPy rounds x**0.5 as a square root, Python as a power: an ulp apart now and then.
    if isinstance(x, float):
        return math.sqrt(x)
    return x.sqrt() if isinstance(x, Value) else x**0.5
