"""Checks: where a nan or inf comes from."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from .._support.wording import calling_line
from ..errors import AnomalyError, AnomalyWarning
from ..modes import Mode, ModeBlock, current
from ..operation import primal
from ..value import Value

_MOST = 4  # operands that are written out


class detect_anomaly(ModeBlock):
    """Raise AnomalyError at the first nan or inf inside the block, forward or backward.

    The message names the operation, its operands and the source line that made it. Watching takes
    time and keeps every result of the block alive until it ends: use it to find a fault. Where a
    result is turned into a plain float, as `math.sin(x)` does, it warns (AnomalyWarning): what is
    computed from that has no derivative. A number that is finite but wrong is found by `gradcheck`.

    >>> from autograd_lite import Value
    >>> x = Value(0.0, name="x")
    >>> with detect_anomaly():  # doctest: +ELLIPSIS
    ...     x.sqrt().backward()
    Traceback (most recent call last):
    autograd_lite.errors.AnomalyError: the derivative of sqrt(x=0.0) = 0.0 gave inf for operand ...
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[Value, str] = {}

    def _changed(self, mode: Mode) -> Mode:
        if mode.recorder is not None:  # compiled code is not watched
            mode.recorder.failed("it detects anomalies")
            return mode
        return mode._replace(watch=self)

    def __exit__(self, *exception: object) -> None:
        super().__exit__(*exception)
        if current().watch is not self:  # the outermost block of this object has ended
            self._lines.clear()

    def forward(self, node: Value) -> None:
        """Note where a result is made, and raise if it is nan or inf."""
        self._lines[node] = calling_line()
        if not math.isfinite(node.data):
            raise AnomalyError(f"{_written(node)}, at {self._lines[node]}")

    def cast(self, node: Value) -> None:
        """Warn that a result is turned into a plain float: nothing is recorded from there on."""
        if node.op is not None:
            warnings.warn(
                f"{_written(node)} is turned into a plain float at {calling_line()}; what is "
                "computed from it has no derivative (detach() it first if that is meant)",
                AnomalyWarning,
                stacklevel=3,
            )

    def backward(self, node: Value, operand: Value, cotangent: Any) -> None:
        """Raise if what the node's derivative gave for its operand is nan or inf."""
        number = primal(cotangent)
        if math.isfinite(number):
            return
        place = [x is operand for x in node.operands].index(True)
        line = self._lines.get(node, "a line before detect_anomaly() began")
        raise AnomalyError(
            f"the derivative of {_written(node)} gave {number!r} for operand "
            f"{place} ({_shown(operand)}); the operation was recorded at {line}"
        )


def _written(node: Value) -> str:
    operands = ", ".join(map(_shown, _telling(node.operands)))
    if (more := len(node.operands) - _MOST) > 0:
        operands += f", ... {more} smaller ones"
    name = "" if node.op is None else node.op.name
    return f"{name}({operands}) = {node.data!r}"


def _telling(operands: Sequence[Value | float]) -> Sequence[Value | float]:
    """Return the operands, of many the ones that are nan or largest: a result is as bad as they."""
    if len(operands) <= _MOST:
        return operands
    return sorted(operands, key=lambda x: math.inf if x != x else abs(primal(x)))[-_MOST:]


def _shown(operand: Value | float) -> str:
    if not isinstance(operand, Value):
        return repr(operand)
    return repr(operand.data) if operand.name is None else f"{operand.name}={operand.data!r}"
