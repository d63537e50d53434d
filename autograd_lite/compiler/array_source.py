"""The backend for lanes: a tape as source over arrays, NumPy's or those of another library.

Operations on one number are written as the Python backend writes them; those in lanes as
operations on arrays, in blocks that fit the cache. A sum over lanes is complete only after all
blocks. So the tape is put in an order of stages: numbers, then lanes that depend on no sum, then
the numbers that depend on their sums, and so on. What a later stage needs of lanes is kept whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from .. import ops, trace_rows
from .array_language import BOOLS, ArrayLanguage, Pool
from .passes import simplified, without_dead_code
from .products import Dot, Sums, as_dot, grouped, widths, with_dots
from .python_source import Source, compiled_text
from .tape import Instruction, Operand, Tape
from .unfolding import unfolded
from .writing import Statement, Writer

BLOCK, FEW = 8192, 1024  # lanes in a block: at most, and at least
_CACHE = 2**20  # numbers of one, all that is computed of it included


class Stage(NamedTuple):
    """Instructions that run together: `lanes` is 0 for those on one number."""

    lanes: int
    places: list[int]


def stages(tape: Tape) -> list[Stage]:
    """Put the instructions in stages: what depends on a sum over lanes comes after it."""
    lanes, depth = tape.lanes(), [0] * len(tape.inputs)
    wide, guarded = widths(tape), 0
    sorted_places: dict[tuple[int, bool, int], list[int]] = {}
    for place, (op, operands, _) in tape.numbered():
        level = max([depth[x] for x in operands if x.__class__ is int], default=0)
        summed = op is trace_rows.lane_sum and operands[0].__class__ is int
        size = lanes[operands[0]] if summed else lanes[place]
        in_lanes = size > 0 and (wide[place] or (summed and wide[operands[0]]))
        if op is trace_rows.guard:  # none is asked before those that come before it
            level = guarded = max(level, guarded)
        depth.append(level + (summed and in_lanes))
        key = level, in_lanes, size if in_lanes else 0
        sorted_places.setdefault(key, []).append(place)
    return [Stage(key[2], sorted_places[key]) for key in sorted(sorted_places)]


def compiled(tape: Tape, namespace: Any = None) -> Callable[..., Any]:
    """Return a tape as a function of numbers and arrays."""
    writer = _ArraySource(tape, namespace)
    text = writer.text()
    names = {**writer.plain.names, **writer.language.names, "empty": Pool()}
    kernel = compiled_text(text, names)
    library, lanes = writer.language.library, [x.lanes > 0 for x in tape.inputs]

    def quietly(*numbers: Any) -> Any:
        with library.errstate(all="ignore"):  # nan and inf come as IEEE 754 has them
            return kernel(*numbers)

    def converted(*numbers: Any) -> Any:
        pairs = zip(numbers, lanes, strict=True)
        return kernel(*[library.asarray(x) if wide else float(x) for x, wide in pairs])

    return quietly if namespace is None else converted


def source(tape: Tape, namespace: Any = None) -> str:
    """Return a tape as the source of one function of numbers and arrays."""
    return _ArraySource(tape, namespace).text()


class _ArraySource:
    """Writes a tape; names are those of the Python backend, and `w` and `m` of whole arrays."""

    def __init__(self, tape: Tape, namespace: Any) -> None:
        self.plain = Source(tape)
        self.language = ArrayLanguage(namespace, self.plain.language.constant)
        tape = simplified(unfolded(tape, self.language, "array", widths(tape)))
        self.tape = without_dead_code(with_dots(tape))  # sums of fewer terms are dead
        self.blocks = namespace is None
        self.lanes, self.wide = self.tape.lanes(), widths(self.tape)
        self.stages = stages(self.tape)
        self.stage_of = {p: i for i, stage in enumerate(self.stages) for p in stage.places}
        self.kept = self._kept()
        self.summed = dict(self._summed())
        self.fused = {self._operand(y) for y, factors in self.summed.items() if len(factors) == 2}

    def _instruction(self, place: int) -> Instruction:
        return self.tape.instructions[place - len(self.tape.inputs)]

    def _operand(self, place: int) -> Operand:
        return self._instruction(place).operands[0]

    def _kept(self) -> set[int]:
        """Return the places in lanes that a later stage, or the caller, reads."""
        kept = {x for x in self.tape.outputs if x.__class__ is int and self.wide[x]}
        for place, (_, operands, _) in self.tape.numbered():
            for x in operands:
                made = x.__class__ is int and x >= len(self.tape.inputs) and self.wide[x]
                if made and self.stage_of[x] != self.stage_of[place]:
                    kept.add(x)
        return kept

    def _summed(self) -> Iterator[tuple[int, tuple[Operand, ...]]]:
        """Yield the sums over lanes: of what, or of which two it is the product, for them alone."""
        uses, inputs = self.tape.uses(), len(self.tape.inputs)
        for place, (op, operands, _) in self.tape.numbered():
            x: Operand = operands[0] if op is trace_rows.lane_sum else 0.0
            if x.__class__ is float or not self.wide[x]:
                continue
            below = self._instruction(x) if x >= inputs and uses[x] == 1 else None
            factors = below.operands if below is not None and below.op is ops.mul else (0.0,)
            alone = all(y.__class__ is int and self.wide[y] for y in factors)
            yield place, factors if alone else (x,)

    def text(self) -> str:
        """Return the source of the function."""
        parameters = ", ".join(f"v{i}" for i in range(len(self.tape.inputs)))
        lines = [f"def kernel({parameters}):"]
        guards = 0
        writer = Writer(self.tape, self.plain.language)
        for stage in self.stages:
            if stage.lanes:
                writer.language = self.language
                lines += [f"    {line}" for line in _Loop(self, stage, writer).lines()]
                continue
            writer.language = self.plain.language
            for place, text, _, _ in self._numbers(stage, writer):
                if place is None:
                    lines.append(f"    if not {text}: return {guards}")
                    guards += 1
                else:
                    lines.append(f"    v{place} = {text}")
        results = "".join(f"{self._output(x)}, " for x in self.tape.outputs)
        return "\n".join([*lines, f"    return ({results})", ""])

    def _numbers(self, stage: Stage, writer: Writer) -> Iterator[Statement]:
        for place in stage.places:
            op, operands, _ = self._instruction(place)
            if op is trace_rows.broadcast:  # as the one number that it is
                yield from writer.step(place, ops.pos, operands[:1])
            elif op is trace_rows.lane_sum:  # of a number that all lanes share
                yield from writer.step(place, ops.mul, operands)
            else:
                yield from writer.step(place, op, operands)
        yield from writer.flush()

    def _output(self, x: Operand) -> str:
        if x.__class__ is float:
            return self.plain.language.constant(x)
        if self.lanes[x] and not self.wide[x]:
            return f"np.full(({self.lanes[x]},), float(v{x}))"
        if not self.lanes[x]:
            return f"float(v{x})"
        return f"v{x}" if x >= len(self.tape.inputs) else f"v{x} + 0.0"


class _Loop:
    """The operations of one stage in lanes, block by block where there are several."""

    def __init__(self, source: _ArraySource, stage: Stage, writer: Writer) -> None:
        self.source, self.stage, self.writer = source, stage, writer
        self.before: list[str] = []  # what is the same for all blocks
        self.body: list[str] = []
        self.after: list[str] = []
        self.read: dict[int, None] = {}
        self.made: set[int] = set()
        self.stacks: dict[tuple[Operand, ...], str] = {}
        self.dots: dict[tuple[Operand, ...], list[tuple[int, Dot]]] = {}
        self.done: set[int] = set()

    def lines(self) -> Iterator[str]:
        """Yield the lines of source."""
        block = min(BLOCK, max(FEW, _CACHE // len(self.stage.places)))
        several = self.source.blocks and self.stage.lanes > block
        self._write("+=" if several else "=")
        if not several:
            yield from (*self.before, *self.body, *self.after)
            return
        size = self.stage.lanes
        whole = [x for x in self.read if self.source.wide[x] and x not in self.made]
        kept = [x for x in self.made if x in self.source.kept]
        yield from self.before
        yield from (f"w{x} = empty({size}, {self._kind(x)})" for x in kept)
        yield from (f"w{x} = v{x}" for x in whole)
        yield f"for i in range(0, {size}, {block}):"
        yield f"    j = slice(i, i + {block})"
        yield from (f"    v{x} = w{x}[j]" for x in whole)
        yield from (f"    {line}" for line in self.body)
        yield from (f"    w{x}[j] = v{x}" for x in kept)
        yield from (f"v{x} = w{x}" for x in (*kept, *whole))
        yield from self.after

    def _kind(self, place: int) -> str:
        return "bool" if self.source._instruction(place).op.name in BOOLS else "float"

    def _write(self, assign: str) -> None:
        source, wide = self.source, self.source.wide
        sums = [x for x in self.stage.places if x in source.summed]
        for place in self.stage.places:
            op, operands, _ = source._instruction(place)
            dot = as_dot(operands, wide) if op is ops.dot_row else None
            if dot is not None and len(dot.lanes) > 1:
                self.dots.setdefault(dot.lanes, []).append((place, dot))
        for place in self.stage.places:
            if place in source.summed or place in source.fused:
                continue
            op, operands, _ = source._instruction(place)
            dot = as_dot(operands, wide) if op is ops.dot_row else None
            if dot is not None and dot.lanes in self.dots:
                self._product(self.dots.pop(dot.lanes))
            if dot is None or place not in self.done:
                self._take(self.writer.step(place, op, operands))
            elif dot.start != 0.0:  # which may be known no sooner
                self.body.append(f"v{place} = v{place} + {self._named([dot.start])[0]}")
        self._take(self.writer.flush())
        for i, group in enumerate(grouped({x: source.summed[x] for x in sums})):
            self._sum(f"s{self.stage.places[0]}_{i}", group, assign)

    def _take(self, statements: Iterable[Statement]) -> None:
        for place, text, reads, _ in statements:
            self.read.update(dict.fromkeys(reads))
            if place is not None:
                self.made.add(place)
            self.body.append(f"v{place} = {text}")

    def _named(self, operands: Sequence[Operand]) -> list[str]:
        """Return the names of operands, once what waits to be written has one."""
        self._take(self.writer.named(operands))
        texts = []
        for x in operands:
            text, _, reads, _ = self.writer.operand(x)
            self.read.update(dict.fromkeys(reads))
            texts.append(text)
        return texts

    def _stack(self, operands: tuple[Operand, ...]) -> str:
        """Return the name of the matrix whose rows are numbers in lanes."""
        if operands not in self.stacks:
            self.stacks[operands] = f"m{self.stage.places[0]}_{len(self.stacks)}"
            self.body.append(f"{self.stacks[operands]} = stack(({_listed(self._named(operands))}))")
        return self.stacks[operands]

    def _product(self, group: list[tuple[int, Dot]]) -> None:
        """Write dots of the same lanes as one product of matrices."""
        matrix, name = self._stack(group[0][1].lanes), f"n{group[0][0]}"
        rows = [f"({_listed(self._named(dot.numbers))})" for _, dot in group]
        if self.source.blocks:
            self.before.append(f"{name} = np.asarray(({_listed(rows)}))")
        else:
            self.body.append(f"{name} = np.asarray(({_listed(rows)}), dtype={matrix}.dtype)")
        self.body.append(f"{_listed([f'v{place}' for place, _ in group])} = {name} @ {matrix}")
        self.made.update(place for place, _ in group)
        self.done.update(place for place, _ in group)

    def _sum(self, name: str, group: Sums, assign: str) -> None:
        """Write sums over lanes, those of products as one product of matrices."""
        if len(group.places) == 1 and len(group.places[0]) == 1:
            x, *other = self._named((*group.left, *group.right))
            text = f"{x} @ {other[0]}" if other else f"{x}.sum()"
            self.after.append(f"v{group.places[0][0]} = float({name})")
        else:
            left = self._stack(group.left)
            text = f"{left} @ {self._stack(group.right)}.T" if group.right else f"{left}.sum(1)"
            rows = [_listed([f"v{x}" for x in row]) for row in group.places]
            targets = [f"({row})" for row in rows] if group.right else [r[:-2] for r in rows]
            self.after.append(f"{_listed(targets)} = {name}.tolist()")
        if assign == "+=":
            self.before.append(f"{name} = 0.0")
            text = f"{name} + {text}"
        self.body.append(f"{name} = {text}")


def _listed(texts: Sequence[str]) -> str:
    return "".join(f"{x}, " for x in texts)
