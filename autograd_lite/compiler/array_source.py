"""The backend for lanes: a tape as source over arrays, NumPy's or those of another library.

Operations on one number are written as the Python backend writes them; those in lanes as
operations on arrays, in blocks that fit the cache. A sum over lanes is complete only after all
blocks. So the tape is put in an order of stages: numbers, then lanes that depend on no sum, then
the numbers that depend on their sums, and so on. What a later stage needs of lanes is kept whole.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from .. import ops, trace_rows
from ..operation import Operation
from .python_source import Source, compiled_text
from .tape import Operand, Tape
from .writing import Language, Statement, Writer

BLOCK = 4096  # lanes: 32 KiB an array

TEMPLATES = {
    "add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "div": "({0} / {1})",
    "quotient": "({0} / {1})", "floordiv": "({0} // {1})", "mod": "({0} % {1})",
    "neg": "(-{0})", "pos": "{0}", "abs": "abs({0})", "pow": "({0} ** {1})",
    "square": "({0} * {0})", "reciprocal": "(1.0 / {0})", "detach": "{0}", "broadcast": "{0}",
    "less": "({0} < {1})", "less_equal": "({0} <= {1})", "equal": "({0} == {1})",
    "both": "({0} & {1})", "either": "({0} | {1})", "negation": "(~{0})",
    "select": "where({0}, {1}, {2})", "convention": "{0}",
}  # fmt: skip
# What NumPy, JAX, PyTorch and CuPy call by these names, and rows of theirs under other ones.
SHARED = {"exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan",
          "sinh", "cosh", "tanh", "hypot", "sign", "copysign", "fmod", "maximum", "minimum",
          "floor", "ceil", "round", "trunc"}  # fmt: skip
RENAMED = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
           "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh"}  # fmt: skip
SPECIAL = {"erf": "erf", "erfc": "erfc", "lgamma": "gammaln", "digamma": "digamma", "cbrt": "cbrt"}


class Stage(NamedTuple):
    """Instructions that run together: `lanes` is 0 for those on one number."""

    lanes: int
    places: list[int]


def stages(tape: Tape) -> list[Stage]:
    """Put the instructions in stages: what depends on a sum over lanes comes after it."""
    lanes, depth = tape.lanes(), [0] * len(tape.inputs)
    wide = _wide(tape)
    sorted_places: dict[tuple[int, bool, int], list[int]] = {}
    for place, (op, operands, _) in tape.numbered():
        level = max([depth[x] for x in operands if x.__class__ is int], default=0)
        size = lanes[operands[0]] if op is trace_rows.lane_sum else lanes[place]
        in_lanes = size > 0 and (wide[place] or (op is trace_rows.lane_sum and wide[operands[0]]))
        depth.append(level + (op is trace_rows.lane_sum and in_lanes))
        key = level, in_lanes, size if in_lanes else 0
        sorted_places.setdefault(key, []).append(place)
    return [Stage(key[2], sorted_places[key]) for key in sorted(sorted_places)]


def _wide(tape: Tape) -> list[bool]:
    """Tell of each place whether its lanes may differ: those of a broadcast number do not."""
    wide = [x.lanes > 0 for x in tape.inputs]
    for op, operands, _ in tape.instructions:
        different = any(wide[x] for x in operands if x.__class__ is int)
        wide.append(different and op is not trace_rows.lane_sum)
    return wide


def compiled(tape: Tape, namespace: Any = None) -> Callable[..., Any]:
    """Return a tape as a function of numbers and arrays."""
    writer = _ArraySource(tape, namespace)
    return compiled_text(writer.text(), writer.names)


def source(tape: Tape, namespace: Any = None) -> str:
    """Return a tape as the source of one function of numbers and arrays."""
    return _ArraySource(tape, namespace).text()


class _ArraySource:
    def __init__(self, tape: Tape, namespace: Any) -> None:
        self.numpy = importlib.import_module("numpy") if namespace is None else namespace
        self.blocks = namespace is None
        self.tape = tape
        self.plain = Source(tape)
        self.names = self.plain.names
        self.names.update(np=self.numpy, where=self.numpy.where, abs=abs)
        self.lanes, self.wide = tape.lanes(), _wide(tape)
        self.language = Language(TEMPLATES, self.plain.language.constant, self._called)
        self.stages = stages(tape)
        self.stage_of = {p: i for i, stage in enumerate(self.stages) for p in stage.places}
        self.kept = self._kept()
        self.fused = self._fused()

    def _called(self, op: Operation) -> str:
        name = f"lanes_{op.name}"
        self.names[name] = _function(op, self.numpy)
        return name

    def _kept(self) -> set[int]:
        """Return the places in lanes that a later stage, or the caller, reads."""
        kept = {x for x in self.tape.outputs if x.__class__ is int and self.wide[x]}
        for place, (_, operands, _) in self.tape.numbered():
            for x in operands:
                made = x.__class__ is int and x >= len(self.tape.inputs) and self.wide[x]
                if made and self.stage_of[x] != self.stage_of[place]:
                    kept.add(x)
        return kept

    def _fused(self) -> dict[int, tuple[Operand, Operand]]:
        """Return the products that are only summed over lanes: one dot product each."""
        uses, first = self.tape.uses(), len(self.tape.inputs)
        fused: dict[int, tuple[Operand, Operand]] = {}
        for op, operands, _ in self.tape.instructions:
            x: Any = operands[0] if operands else 0.0
            if op is not trace_rows.lane_sum or x.__class__ is float or x < first:
                continue
            product = self.tape.instructions[x - first]
            both = all(y.__class__ is int and self.wide[y] for y in product.operands)
            if product.op is ops.mul and both and uses[x] == 1:
                fused[x] = (product.operands[0], product.operands[1])
        return fused

    def text(self) -> str:
        """Return the source of the function."""
        parameters = ", ".join(f"v{i}" for i in range(len(self.tape.inputs)))
        lines = [f"def kernel({parameters}):"]
        guards = 0
        writer = Writer(self.tape, self.plain.language)
        for stage in self.stages:
            if stage.lanes:
                lines += [f"    {line}" for line in self._loop(stage, writer)]
                continue
            writer.language = self.plain.language
            for place, text, _, _ in self._statements(stage, writer):
                if place is None:
                    lines.append(f"    if not {text}: return {guards}")
                    guards += 1
                else:
                    lines.append(f"    v{place} = {text}")
        results = "".join(f"{self._output(x)}, " for x in self.tape.outputs)
        return "\n".join([*lines, f"    return ({results})", ""])

    def _statements(self, stage: Stage, writer: Writer) -> Iterator[Statement]:
        first = len(self.tape.inputs)
        for place in stage.places:
            if place in self.fused:
                continue
            op, operands, _ = self.tape.instructions[place - first]
            if op is trace_rows.broadcast:
                yield from writer.alias(place, operands[0])
            elif op is trace_rows.lane_sum:
                yield from self._sum(place, operands, writer)
            else:
                yield from writer.step(place, op, operands)
        yield from writer.flush()

    def _sum(self, place: int, operands: Sequence[Operand], writer: Writer) -> Iterator[Statement]:
        x, n = operands
        if x.__class__ is float or not self.wide[x]:
            yield from writer.step(place, ops.mul, (x, float(n)))
            return
        if x in self.fused:
            a, b = self.fused[x]
            yield from writer.named((a, b))
            yield Statement(place, f"v{a}.dot(v{b})", (a, b))
            return
        yield from writer.named((x,))
        yield Statement(place, f"v{x}.sum()", (x,))

    def _loop(self, stage: Stage, writer: Writer) -> Iterator[str]:
        """Write the operations of a stage in lanes, block by block where there are several."""
        writer.language = self.language
        statements = list(self._statements(stage, writer))
        made = {s.place for s in statements}
        read = dict.fromkeys(x for s in statements for x in s.reads if x not in made)
        whole = [x for x in read if self.wide[x]]
        sums = [s.place for s in statements if s.place is not None and not self.wide[s.place]]
        several = self.blocks and stage.lanes > BLOCK
        if not several:
            for place, text, _, _ in statements:
                yield f"v{place} = {text}"
            return
        kept = [x for x in made if x in self.kept]
        yield from (f"v{x} = 0.0" for x in sums)
        yield from (f"w{x} = np.empty({stage.lanes})" for x in kept)
        yield from (f"w{x} = v{x}" for x in whole)
        yield f"for i in range(0, {stage.lanes}, {BLOCK}):"
        yield f"    j = slice(i, i + {BLOCK})"
        yield from (f"    v{x} = w{x}[j]" for x in whole)
        for place, text, _, _ in statements:
            yield f"    v{place} {'+' if place in sums else ''}= {text}"
        yield from (f"    w{x}[j] = v{x}" for x in kept)
        yield from (f"v{x} = w{x}" for x in (*kept, *whole))

    def _output(self, x: Operand) -> str:
        if x.__class__ is float:
            return self.plain.language.constant(x)
        if self.lanes[x] and not self.wide[x]:
            return f"np.full({self.lanes[x]}, float(v{x}))"
        if not self.lanes[x]:
            return f"float(v{x})"
        return f"v{x}" if x >= len(self.tape.inputs) else f"v{x} + 0.0"


def _function(op: Operation, numpy: Any) -> Any:
    """Return a function of arrays for a row: the library's, SciPy's, or one called lane by lane."""
    name = RENAMED.get(op.name, op.name)
    if op.name in SHARED or op.name in RENAMED:
        known = getattr(numpy, name, getattr(numpy, op.name, None))
        if known is not None:
            return known
    if op.name in SPECIAL:
        own = getattr(numpy, op.name, None) or getattr(numpy, "special", None)
        if callable(own):
            return own
        try:
            return getattr(importlib.import_module("scipy.special"), SPECIAL[op.name])
        except ImportError:
            pass
    vectorized = numpy.frompyfunc(_quiet(op), op.arity or 1, 1)
    return lambda *xs: vectorized(*xs).astype(float)


def _quiet(op: Operation) -> Callable[..., float]:
    """Return the forward rule of a row with nan where it raises, as lanes have it."""

    def forward(*xs: float) -> float:
        try:
            return op.evaluate(map(float, xs))
        except (ArithmeticError, ValueError):
            return math.nan

    return forward
