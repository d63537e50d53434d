"""gradcheck: the derivatives of a function held against its values."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

from .._support.validation import whole
from ..errors import GradcheckError, ShapeError
from ..modes import recording
from ..operation import primal
from ..transforms.pytree import Structure, flatten
from ..value import Value, recorded
from .slope_check import Function, Recording, Vector, blamed, first_fault, report, slopes_of


@recording()  # inside no_grad(), too
def gradcheck(f: Callable[..., Any], inputs: Any, order: int = 2, *, rtol: float = 1e-9) -> bool:
    """Check the derivatives of `f` at `inputs`, up to `order`, and return True where they hold.

    `inputs` is the sequence of arguments, as for `f(*inputs)`, or a single one that is no sequence.
    They and the result may be numbers, or nested lists, tuples, dicts, arrays and Modules of them.
    Each derivative is held against central differences, extrapolated and with an error estimate
    (`differences`), along every input and in random directions, always the same; beyond 12 inputs
    in directions only. `rtol` is the relative error allowed beyond the estimate. The second order
    checks the gradient's own graph in the same way.

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
    highest = whole("", order, at_least=1, saying="gradcheck expects an order of 1, 2, ...")
    program = _Program(f, inputs if isinstance(inputs, list | tuple) else (inputs,))
    point, names, labels = program.point, program.names, program.labels
    run: Function = program
    graphs: list[list[Value]] = []  # the outputs of each order, the highest first
    for _ in range(highest):
        fault, outputs = first_fault(run, point, rtol), run(point).outputs
        if fault is not None:
            culprit = blamed(fault, [[outputs[fault.output]], *graphs], rtol)
            raise GradcheckError(report(fault, labels[fault.output], names, point, culprit))
        graphs.insert(0, outputs)
        run, labels = slopes_of(run, labels, names)
    return True


class _Program:
    """A function as one of plain numbers: the point to check it at, and what to call its parts."""

    def __init__(self, f: Callable[..., Any], inputs: Sequence[Any]) -> None:
        self._f = f
        self._parts = [(x, *flatten(x, f"gradcheck: inputs[{i}]")) for i, x in enumerate(inputs)]
        self.point: list[float] = []
        self.names: list[str] = []
        for i, (_, numbers, structure) in enumerate(self._parts):
            for x, path in zip(numbers, structure.paths, strict=True):
                if not math.isfinite(primal(x)):
                    got = f"inputs[{i}]{path} = {primal(x)!r}"
                    raise ValueError(f"gradcheck expects finite inputs, got {got}")
                self.point.append(primal(x))
                self.names.append(getattr(x, "name", None) or f"inputs[{i}]{path}")
        if not self.point:
            raise ValueError("gradcheck expects at least one number in inputs, got none")
        _, outputs, structure = self._called(self.point)
        self.labels = [f"f{path}" for path in structure.paths]
        _raise_if_unfit(self.labels, outputs, self._called(self.point)[1])

    def __call__(self, numbers: Vector) -> Recording:
        """Record a run of the function."""
        leaves, outputs, _ = self._called(numbers)
        if len(outputs) != len(self.labels):
            raise ShapeError(
                f"gradcheck: f returned {len(self.labels)} numbers, then {len(outputs)}; the "
                "result should have one shape near the inputs"
            )
        return Recording(leaves, [recorded(x) for x in outputs])

    def _called(self, numbers: Vector) -> tuple[list[Value], list[Any], Structure]:
        """Call the function with new Values; return them, and the numbers in its result."""
        rest = iter(numbers)
        leaves: list[Value] = []
        called = []
        for argument, before, structure in self._parts:
            fresh = [Value(next(rest), name=getattr(x, "name", None)) for x in before]
            leaves += fresh
            if hasattr(argument, "named_parameters"):  # a copy of the Module that has them instead
                instead = {id(x): y for x, y in zip(before, fresh, strict=True)}
                called.append(copy.deepcopy(argument, instead))
            else:
                called.append(structure.rebuild(fresh))
        result = self._f(*called)
        if result is None:
            raise TypeError("gradcheck: f returned None; did it forget to return its result?")
        return leaves, *flatten(result, "gradcheck: the result of f")


def _raise_if_unfit(labels: list[str], outputs: list[Any], again: list[Any]) -> None:
    """Refuse results that are none, not finite, or not the same when called again."""
    if not outputs:
        raise ValueError("gradcheck: f returned no numbers; it should return at least one")
    for label, x, y in zip(labels, outputs, again, strict=False):
        once, twice = primal(x), primal(y)
        if not math.isfinite(once):
            raise GradcheckError(f"gradcheck: {label} is {once!r} at the inputs; choose others")
        if once != twice:
            raise GradcheckError(
                f"gradcheck: f is not deterministic: called twice with the same inputs, {label} "
                f"is {once!r} and then {twice!r}; fix its seed, or pass in what it draws"
            )
