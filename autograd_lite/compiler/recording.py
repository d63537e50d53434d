"""Recording: what a function does with Values is written down, its decisions too.

The engine makes Values as ever, and hands each result to the `Recorder` of the running block. A
comparison gives a `Condition`: asked for its truth, as `if` asks, it answers for the numbers at
hand and leaves a guard, so that the tape says for which numbers it holds.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from .. import backprop, modes, trace_rows
from ..errors import TracingError
from ..operation import TABLE, TRACED, Arithmetic, Operation
from ..value import Value
from .tape import Input, Instruction, Operand, Tape

_PACKAGE = str(Path(__file__).parents[1])
_OWN = {TABLE["pos"], TRACED["detach"]}  # what transforms add of their own
_NEAR = 4  # how many calls up a line of the user's is looked for: derivatives have none


# Of each comparison: its row, whether the operands change places, and the outcome asked for.
COMPARISONS = {"lt": ("less", False, True), "le": ("less_equal", False, True),
               "gt": ("less", True, True), "ge": ("less_equal", True, True),
               "eq": ("equal", False, True), "ne": ("equal", False, False)}  # fmt: skip


class Guard(NamedTuple):
    """A decision: a condition had this outcome."""

    condition: Value
    outcome: bool


class Condition(Arithmetic):
    """What a comparison of traced Values gives: a bool to whoever asks, and a choice to `where`."""

    __slots__ = ("holds", "node", "recorder")

    def __init__(self, recorder: Recorder, node: Value, holds: bool = True) -> None:
        self.recorder, self.node, self.holds = recorder, node, holds

    def _select(self, a: Any, b: Any) -> Any:
        return applied(trace_rows.select, (self.node, *((a, b) if self.holds else (b, a))))

    def __bool__(self) -> bool:
        return self.recorder.decide(self.node) is self.holds

    def as_row(self) -> Any:
        """Return the condition as a node that is 1 where it holds."""
        return self.node if self.holds else trace_rows.negation(self.node)

    def _combined(self, row: Operation, other: Any) -> Any:
        if isinstance(other, Condition):
            return Condition(self.recorder, row(self.as_row(), other.as_row()))
        if isinstance(other, bool):
            return self if other is (row is trace_rows.both) else other
        return bool(self) & other if row is trace_rows.both else bool(self) | other

    def __and__(self, other: Any) -> Any:
        return self._combined(trace_rows.both, other)

    def __or__(self, other: Any) -> Any:
        return self._combined(trace_rows.either, other)

    def __xor__(self, other: Any) -> Any:
        return self != other if isinstance(other, Condition | bool) else bool(self) ^ other

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __repr__(self) -> str:
        return f"<condition {self.node.op.name}>"  # type: ignore[union-attr]

    @staticmethod
    def _record(op: Operation, operands: tuple[Any, ...]) -> Any:
        """Apply an operation to conditions as to the numbers 1 and 0."""
        return applied(op, tuple(map(_number, operands)))


def _of_bool(f: Callable[..., Any]) -> Any:
    return lambda self, *more: f(bool(self), *more)


def _of_number(f: Callable[..., Any]) -> Any:
    return lambda self, other: f(_number(self), _number(other))


_AS_BOOL: dict[str, Callable[..., Any]] = {
    "index": int, "invert": lambda x: ~int(x), "hash": hash, "str": str, "format": format,
}  # fmt: skip
for _name, _function in _AS_BOOL.items():
    setattr(Condition, f"__{_name}__", _of_bool(_function))
for _name in COMPARISONS:
    setattr(Condition, f"__{_name}__", _of_number(getattr(operator, _name)))


def _number(x: Any) -> Any:
    return x._select(1.0, 0.0) if isinstance(x, Condition) else x


def applied(op: Operation, operands: tuple[Any, ...]) -> Any:
    """Apply a row; where other numbers than Values record, it is for them to record it."""
    for x in operands:
        if not isinstance(x, Value) and hasattr(x.__class__, "_record"):
            return x._record(op, operands)
    return op.apply(operands)


class Recorder:
    """Writes down results and decisions in the order in which they are made."""

    def __init__(self, inputs: list[Value], names: Sequence[Input] = (), what: str = "jit") -> None:
        self.inputs, self.names, self.what = inputs, list(names), what
        self.same: list[tuple[Value, Value]] = []  # stand-ins for an input with another number
        self.steps: list[Any] = []  # results and guards
        self.lines: list[int] = []  # of each step: its place in `_seen`, or -1
        self.began = backprop.clock.tick()  # leaves that were set before come from outside
        self.unfit: str | None = None  # why what is recorded is not all that is done
        self.deriving = 0  # how many derivatives are being computed around here
        self.forward = 0
        self._decided: dict[int, bool] = {}
        self._taken, self._counted = set[int](), 0  # ids of steps, where they are asked for
        self.values: dict[int, bool] = {}  # of inputs and results: see `is_value`
        self.all_values = False  # whether transforms around make Values of all results
        self._seen: dict[tuple[int, int], int] = {}
        self._codes: list[tuple[Any, int]] = []

    # --- what the engine calls ------------------------------------------------------------------

    def result(self, node: Value, recording: bool) -> Value:
        """Take in a result; one made under `no_grad` is handed on as a constant."""
        self.steps.append(node)
        self.lines.append(self._line(sys._getframe(3)))
        self.forward += not (self.deriving or node.op in _OWN)
        if recording or node.op is trace_rows.detach:
            return node
        with modes.recording():
            return TRACED["detach"].apply((node,))  # type: ignore[no-any-return]

    def returned(self, x: Value, given: Sequence[Value]) -> Value:
        """Return what stands for a transform's result: a constant where eagerly it is a float."""
        is_value = self.all_values or any(map(self.is_value, given))
        result: Value = (TABLE["pos"] if is_value else TRACED["detach"]).apply((x,))
        self.values[id(result)] = is_value
        return result

    def is_value(self, x: Value) -> bool:
        """Tell whether this is a Value where the function is called eagerly, too.

        Those from outside are, inputs that were called with one, and what is computed from them,
        while what a transform returned is a float unless one of its arguments is a Value.
        """
        known, stack = self.values, [x]

        def told(y: Value) -> bool:
            return known.get(id(y), y.op is None and y._b < self.began)

        while stack:
            node = stack[-1]
            below = [y for y in node.operands if isinstance(y, Value)]
            unknown = [y for y in below if not (id(y) in known or y.op is None)]
            if id(node) in known or not unknown:
                if node.op is not None:
                    known.setdefault(id(node), any(map(told, below)))
                stack.pop()
            else:
                stack += unknown
        return told(x)

    def compared(self, row: str, a: Any, b: Any, holds: bool = True) -> Condition:
        """Return the condition that a comparison has this outcome."""
        for x in (a, b):  # Python compares whole numbers and fractions exactly
            if not isinstance(x, Value | Condition | float) and float(x) != x:
                self.failed("a Value was compared with a number that is no float")
        with modes.recording():
            return Condition(self, TRACED[row].apply((_number(a), _number(b))), holds)

    def has(self, x: Any) -> bool:
        """Tell whether a Value is an input, or a result that was taken in."""
        new = self.steps[self._counted :]
        self._counted += len(new)
        self._taken.update(map(id, new))
        return id(x) in self._taken or any(x is y for y in self.inputs)

    def failed(self, why: str) -> None:
        """Take in that what is recorded is not all that is done."""
        self.unfit = self.unfit or why

    def refusal(self, what: str, remedy: str) -> TracingError:
        """Build the error for what would leave the trace."""
        frame = sys._getframe(1)
        while frame.f_back and frame.f_code.co_filename.startswith(_PACKAGE):
            frame = frame.f_back
        where = _written(frame.f_code.co_filename, frame.f_lineno)
        self.failed(f"{what}, and the function caught the error")
        return TracingError(
            f"{what} at {where}, inside of a function that {self.what} compiles: that number is "
            f"one of many to come; {remedy}"
        )

    def decide(self, node: Value) -> bool:
        """Return the outcome of a condition at the numbers at hand, and guard it."""
        known = self._decided.get(id(node))
        if known is None:
            known = bool(self.resolve(node))
            self._decided[id(node)] = known
            self.steps.append(Guard(node, known))
            self.lines.append(self._line(sys._getframe(2), far=True))
        return known

    def resolve(self, node: Value) -> float:
        """Return the number that a node holds at this call."""
        return node._data

    def _line(self, frame: FrameType | None, far: bool = False) -> int:
        for _ in range(1000 if far else _NEAR):
            if frame is None:
                break
            code = frame.f_code
            if not code.co_filename.startswith(_PACKAGE):
                key = id(code), frame.f_lasti  # the hash of code itself takes long
                line = self._seen.setdefault(key, len(self._codes))
                if line == len(self._codes):
                    self._codes.append((code, frame.f_lineno))
                return line
            frame = frame.f_back
        return -1

    def source_lines(self) -> tuple[str, ...]:
        """Return the source lines that steps came from."""
        return tuple([_written(code.co_filename, line) for code, line in self._codes])


def _written(filename: str, line: int) -> str:
    return f"{Path(filename).name}:{line}"


# --- from the graph to the tape -------------------------------------------------------------------


class Lowered(NamedTuple):
    """A tape, and the Values from outside of the function whose numbers it takes as inputs."""

    tape: Tape
    outside: list[Value]


def lower(recorder: Recorder, outputs: Sequence[Any]) -> Lowered:
    """Lay what was recorded out as a tape, without what nothing depends on.

    An operation that may raise is never left out.

    Raises ValueError where what was recorded is not all that was done.
    """
    if recorder.unfit:
        raise ValueError(recorder.unfit)
    live, outside = _live(recorder, outputs)
    places = {id(x): i for i, x in enumerate([*recorder.inputs, *outside])}
    places |= {id(again): places[id(x)] for again, x in recorder.same}
    inputs = (*recorder.names, *[Input(x.name or f"outside[{i}]") for i, x in enumerate(outside)])
    floats = not (recorder.all_values or True in recorder.values.values())
    instructions: list[Instruction] = []  # of floats alone nobody asks for a derivative
    written: dict[int, str] = {}

    def place(x: Any) -> Operand:
        if x.__class__ is float:
            return x
        known = places.get(id(x))
        return x._data if known is None else known

    for step, line in zip(recorder.steps, recorder.lines, strict=True):
        if step.__class__ is Guard:
            operands: tuple[Operand, ...] = (place(step.condition), float(step.outcome))
            instructions.append(Instruction(trace_rows.guard, operands, line))
        elif id(step) in live:
            a, b = step._a, step._b
            if a.__class__ is tuple:
                operands = tuple([place(x) for x in a])
            else:
                operands = (place(a),) if b is None else (place(a), place(b))
            here = places[id(step)] = len(inputs) + len(instructions)
            op = TABLE["pos"] if floats and step.op is trace_rows.detach else step.op
            instructions.append(Instruction(op, operands, line))
            if hasattr(step, "_name"):
                written[here] = step._name
    tape = Tape(
        inputs, tuple(instructions), tuple([place(x) for x in outputs]),
        recorder.source_lines(), written, recorder.forward,
        sum(step.__class__ is not Guard for step in recorder.steps),
        tuple([x._data for x in (*recorder.inputs, *outside)]),
    )  # fmt: skip
    return Lowered(tape, outside)


def _live(recorder: Recorder, outputs: Sequence[Any]) -> tuple[set[int], list[Value]]:
    """Return the ids of the results that are needed, and the Values from outside that are used."""
    results = {id(step) for step in recorder.steps}
    known = {id(x) for x in recorder.inputs} | {id(x) for x, _ in recorder.same}
    live = {id(x) for x in outputs}
    outside: dict[int, Value] = {}

    def meet(x: Any) -> None:
        inside = x.op is None and x._b >= recorder.began  # a leaf made here is a constant
        if not (inside or id(x) in known):
            outside[id(x)] = x

    for x in outputs:
        if x.__class__ is Value and id(x) not in results:
            meet(x)
    for step in reversed(recorder.steps):
        if step.__class__ is Guard:
            operands: tuple[Any, ...] = (step.condition,)
        elif id(step) in live or not step.op.total:
            live.add(id(step))
            operands = step.operands
        else:
            continue
        for x in operands:
            if x.__class__ is not float and id(x) not in live:
                live.add(id(x))
                if id(x) not in results:
                    meet(x)
    return live, list(reversed(outside.values()))
