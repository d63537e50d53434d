"""The samples that a plot shows: inputs and targets, and what a Dataset calls them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Samples(NamedTuple):
    """Inputs and targets; of a Dataset, also the names of its columns and classes."""

    inputs: Sequence[Any]
    targets: Sequence[Any]
    features: tuple[str, ...] = ()
    target: str = ""
    classes: tuple[str, ...] = ()


def samples_of(inputs: Any, targets: Sequence[Any] | None) -> Samples:
    """Return a Dataset in parts, or the inputs and targets given; targets given come first.

    A Dataset is known by what it has, as pictures do not import training. Raises TypeError where
    there are no targets.

    >>> samples_of([[0.0]], [1]).targets
    [1]
    """
    if hasattr(inputs, "inputs") and hasattr(inputs, "targets"):
        return Samples(
            inputs.inputs,
            inputs.targets if targets is None else targets,
            tuple(getattr(inputs, "features", None) or ()),
            getattr(inputs, "target", None) or "",
            tuple(getattr(inputs, "classes", None) or ()),
        )
    if targets is None:
        raise TypeError("the targets are missing; expected inputs and targets, or a Dataset")
    return Samples(inputs, targets)
