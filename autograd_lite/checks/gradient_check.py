"""gradcheck: the derivatives of a function held against its values."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import GradcheckError, ShapeError
from ..modes import recording
from ..operation import primal, whole
from ..transforms.pytree import flatten
from ..value import Value, recorded
from .gradient_faults import report
from .slope_check import Function, Recording, SlopeCheck, Vector, slopes_of


@recording()  # inside no_grad(), too
def gradcheck(f: Callable[..., Any], inputs: Any, order: int = 2, *, rtol: float = 1e-7) -> bool:
    """Check the derivatives of `f` at `inputs`, up to `order`, and return True where they hold.

    `inputs` is the sequence of arguments, as for `f(*inputs)`, or a single one that is no sequence.
    They and the result may be numbers, or nested lists, tuples, dicts, arrays and Modules of them.
    Each derivative is held against central differences, extrapolated and with an error estimate
    (`differences`), along every input and in random directions, always the same; beyond 12 inputs
    in directions only. Where all operations are analytic it is held against a complex step too
    (`complex_step`), to 9 digits. `rtol` is the relative error allowed beyond the estimate. The
    second order checks the gradient's own graph in the same way.

    Raises GradcheckError where a derivative is off, naming the input, the operation whose rule is
    to blame, both numbers and the step; where `f` or its slope has a kink, an edge of its domain or
    an infinite slope, or rests on a convention (norm at 0), whose own slope is nan; and where two
    calls give different results. Raises TypeError where `f` takes or returns anything but (nested)
    numbers, ValueError where there is nothing to check.

    `detect_anomaly` finds where a nan or inf comes from; gradcheck finds which finite number is
    wrong.

    >>> from autograd_lite import gradcheck, op, relu, sin
    >>> gradcheck(lambda x, y: x * sin(y), (2.0, 3.0))
    True
    >>> gradcheck(relu, 0.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autograd_lite.errors.GradcheckError: gradcheck: f is not differentiable here: left slope 0, ...
    >>> wrong_cube = op("wrong_cube", lambda x: x**3, vjp=lambda g, y, x: g * 2.0 * x * x)
    >>> gradcheck(wrong_cube, 2.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autograd_lite.errors.GradcheckError: gradcheck: d f/d inputs[0] is 8 by the derivative and 12...
    """
    if not callable(f):
        raise TypeError(f"gradcheck expects a function first, got {type(f).__name__}")
    highest = whole(order)
    if highest is None or highest < 1:
        raise ValueError(f"gradcheck expects an order of 1, 2, ..., got {order!r}")
    arguments = _Arguments(inputs if isinstance(inputs, list | tuple) else (inputs,))
    run, labels = _recorder(f, arguments)
    lower: list[list[Value]] = []
    for _ in range(highest):
        check = SlopeCheck(run, arguments.numbers, rtol)
        fault = check.fault()
        if fault is not None:
            raise GradcheckError(report(fault, check, lower, labels, arguments.names))
        lower.append(check.recording.outputs)
        run, labels = slopes_of(run, labels, arguments.names)
    return True


class _Arguments:
    """The numbers in the arguments, what to call them, and the call with others in their place."""

    def __init__(self, inputs: Sequence[Any]) -> None:
        self.numbers: list[float] = []
        self.names: list[str] = []
        self._parts = []
        for i, argument in enumerate(inputs):
            held, structure = flatten(argument, f"gradcheck: inputs[{i}]")
            self._parts.append((argument, held, structure))
            paths = [f"inputs[{i}]{path}" for path in structure.paths]
            for x, path in zip(held, paths, strict=True):
                self.names.append((x.name if isinstance(x, Value) else None) or path)
                self.numbers.append(primal(x))
                if not math.isfinite(primal(x)):
                    raise ValueError(f"gradcheck expects finite inputs, got {path} = {primal(x)!r}")
        if not self.numbers:
            raise ValueError("gradcheck expects at least one number in inputs, got none")

    def call(self, f: Callable[..., Any], numbers: Vector) -> tuple[list[Value], Any]:
        """Call `f` with new Values for the numbers; return them and the result."""
        rest = iter(numbers)
        leaves: list[Value] = []
        called = []
        for argument, held, structure in self._parts:
            fresh = [Value(next(rest), name=getattr(x, "name", None)) for x in held]
            leaves += fresh
            if hasattr(argument, "named_parameters"):  # a copy of the Module that has them instead
                instead = {id(x): y for x, y in zip(held, fresh, strict=True)}
                called.append(copy.deepcopy(argument, instead))
            else:
                called.append(structure.rebuild(list(fresh)))
        return leaves, f(*called)


def _recorder(f: Callable[..., Any], arguments: _Arguments) -> tuple[Function, list[str]]:
    """Return `f` as a function of plain numbers, and what to call its outputs."""

    def outputs(numbers: Vector) -> tuple[list[Value], list[Any], Any]:
        leaves, result = arguments.call(f, numbers)
        if result is None:
            raise TypeError("gradcheck: f returned None; did it forget to return its result?")
        held, structure = flatten(result, "gradcheck: the result of f")
        return leaves, held, structure

    _, held, structure = outputs(arguments.numbers)
    labels = [f"f{path}" for path in structure.paths]
    _raise_if_unfit(labels, held, outputs(arguments.numbers)[1])

    def run(numbers: Vector) -> Recording:
        leaves, found, _ = outputs(numbers)
        if len(found) != len(held):
            raise ShapeError(
                f"gradcheck: f returned {len(held)} numbers, then {len(found)}; the result "
                "should have one shape near the inputs"
            )
        return Recording(leaves, [recorded(x) for x in found])

    return run, labels


def _raise_if_unfit(labels: list[str], held: list[Any], again: list[Any]) -> None:
    """Refuse results that are none, not finite, or not the same when called again."""
    if not held:
        raise ValueError("gradcheck: f returned no numbers; it should return at least one")
    for label, x, y in zip(labels, held, again, strict=False):
        once, twice = primal(x), primal(y)
        if not math.isfinite(once):
            raise GradcheckError(f"gradcheck: {label} is {once!r} at the inputs; choose others")
        if once != twice:
            raise GradcheckError(
                f"gradcheck: f is not deterministic: called twice with the same inputs, {label} "
                f"is {once!r} and then {twice!r}; fix its seed, or pass in what it draws"
            )
