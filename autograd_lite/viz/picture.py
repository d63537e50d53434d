"""From a recorded graph to its picture: which nodes and edges there are, and what they say."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, partial
from itertools import chain
from typing import Any

from .._support.wording import legible
from ..notation import numbers
from ..notation.formula import expression
from ..notation.numbers import added, counted
from ..operation import primal
from ..record import Known, Record
from ..value import Value
from .collapse import Box, is_parameter_name
from .model import Edge, Line, Node, Picture, Role, Tone
from .vertices import Constant, Vertex, Vertices

WORDY = 400  # nodes: more than these, and edges have no texts
ROOM = 33  # characters of a gradient: a longer sum has a line of its own
PARALLEL = 8  # edges between two nodes: more than these are drawn as one
_TERMS = 4  # a sum shows at most so many terms

plain = partial(numbers.number, digits=4)
signed = partial(numbers.signed, digits=4)


class Painter:
    """Writes what each vertex and edge of a root's graph says."""

    def __init__(self, root: Value, vertices: Vertices, parameters: Iterable[Value]) -> None:
        self.root, self.vertices, self.parameters = root, vertices, set(parameters)
        graph, seed = vertices.graph, _number(root.grad)  # where that is 0, backward has not run
        # Where some gradient is nan or inf the whole pass is run: the first is looked for there.
        finite = all(math.isfinite(_number(x.grad)) for x in chain(graph.leaves, graph.order))
        wanted = set(vertices.nodes()) if finite else None
        self.record = Record(root, seed or None, graph=graph, wanted=wanted, lenient=True)
        self.local, self.contributions = cache(self.record.local), cache(self.record.contributions)
        self.has_run = seed != 0
        self.set_since = set(self.record.set_since)
        self.bad_value = self.record.first_bad_value()
        self.bad_part = None if self.bad_value is not None else self.record.first_bad_contribution
        self.wordy = len(vertices.shown) <= WORDY
        self.key = {vertex: f"n{i}" for i, vertex in enumerate(vertices.shown)}

    def paint(self) -> Picture:
        """Return the picture."""
        nodes = [self._vertex(key, vertex) for vertex, key in self.key.items()]
        if self.vertices.hidden:
            more = f"… {self.vertices.hidden:,} more"
            nodes.append(Node("more", "more", more, note="not drawn", tone="quiet"))
        caption = list(self._caption())
        title, size = self._title(self.root), counted(len(self.record.order), "operation")
        said = "; ".join(line.text for line in caption)
        description = f"{title} = {plain(self.root.data)}, computed in {size}. {said}."
        return Picture(f"Graph of {title}", description, nodes, list(self._edges()), caption)

    # --- nodes ----------------------------------------------------------------------------------

    def _vertex(self, key: str, vertex: Vertex) -> Node:
        if isinstance(vertex, Constant):
            return Node(key, "constant", plain(vertex.data), note="constant", tone="quiet")
        return (self._box if isinstance(vertex, Box) else self._node)(key, vertex)

    def _node(self, key: str, x: Any) -> Node:
        role = self._role(x)
        value = f"value {plain(x.data)}"
        if x is self.bad_value:
            value += " · the first"
        if x in self.set_since:
            value += " (set since)"
        lines = [Line(f"= {expression(x)}", "quiet")] if x.name is not None and x.op else []
        lines.append(Line(value, "plain" if math.isfinite(x.data) else "bad"))
        note = role if x.op is None else f"backward step {self.record.step[x]}"
        if role == "output":
            note = f"output · {note}"
        grad = _number(x.grad)
        unused = self.record.cotangent(x) == 0 == grad
        finite = math.isfinite(x.data) and math.isfinite(grad)
        tone: Tone = "bad" if not finite else "zero" if unused else "plain"
        return Node(key, role, self._title(x), (*lines, *self._gradient(x, grad)), note, tone)

    def _role(self, x: Any) -> Role:
        if x.op is not None:
            return "output" if x is self.root else "operation"
        return "parameter" if x in self.parameters or is_parameter_name(x.name) else "input"

    def _title(self, x: Any) -> str:
        if x.name is not None:
            return legible(x.name)
        return expression(x) if x.op is not None else "unnamed"

    def _gradient(self, x: Any, total: float) -> list[Line]:
        tone, text = _tone_of(total), f"gradient {signed(total)}"
        if not self.has_run:
            before = Line(f"{text}, from before", tone)
            return [before if total else Line("gradient not yet", "quiet")]
        here = self.record.cotangent(x)  # None where a contribution is not known, too
        if here is None:
            return [Line(text, tone)]
        terms = [use.contribution or 0.0 for use in self.record.received.get(x, ())]
        if not _agree(total, here, terms):
            return [Line(text, tone), Line(f"this graph adds {_summed(here, terms)}", "quiet")]
        text = f"gradient {_summed(total, terms)}"
        rows = [text] if len(text) <= ROOM else text.replace(" = ", "\n= ").split("\n")
        return [Line(row, tone) for row in rows]

    def _box(self, key: str, box: Box) -> Node:
        grads = [_number(p.grad) for p in box.parameters]
        inside = [x.data for x in (*box.operations, *box.parameters)]
        finite = all(map(math.isfinite, inside + grads if self.has_run else inside))
        lines = [Line(counted(len(box.parameters), "parameter")),
                 Line(counted(len(box.operations), "operation"))]  # fmt: skip
        if not self.has_run:
            lines.append(Line("gradients not yet", "quiet"))
        elif finite:
            lines.append(Line(f"gradients {signed(min(grads))} … {signed(max(grads))}"))
        else:
            lines.append(Line("nan or inf inside", "bad"))
        steps = [self.record.step[node] for node in box.operations]
        several = f"backward steps {min(steps)} … {max(steps)}"
        note = several if len(steps) > 1 else f"backward step {steps[0]}"
        tone: Tone = "plain" if finite else "bad"
        return Node(key, "module", legible(box.title, 60), tuple(lines), note, tone)

    # --- edges ----------------------------------------------------------------------------------

    def _edges(self) -> Iterator[Edge]:
        cut: Counter[Vertex] = Counter()
        for vertex in self.vertices.shown:
            between: dict[Vertex, list[tuple[Any, int]]] = defaultdict(list)
            for operand, node, place in self.vertices.uses(vertex):
                between[operand].append((node, place))
            for operand, uses in between.items():
                if operand not in self.key:
                    cut[vertex] += 1
                elif isinstance(operand, Constant):
                    yield self._edge(operand, vertex, (), "quiet")
                elif isinstance(operand, Box) or isinstance(vertex, Box) or len(uses) > PARALLEL:
                    yield self._merged(operand, vertex, uses)
                else:
                    yield from (self._single(operand, node, place) for node, place in uses)
        for vertex, n in cut.items():
            lines = (Line(counted(n, "edge"), "quiet"),) if n > 1 and self.wordy else ()
            yield Edge("more", self.key[vertex], lines, "quiet")

    def _edge(self, tail: Vertex, head: Vertex, lines: Iterable[Line], tone: Tone) -> Edge:
        return Edge(self.key[tail], self.key[head], tuple(lines) if self.wordy else (), tone)

    def _single(self, operand: Any, node: Any, place: int) -> Edge:
        """Say what backward does from a node to one of its operands."""
        local, part = self.local(node)[place], self.contributions(node)[place]
        slope = plain(local) if local is not None else "unknown" if part is None else "?"
        blocked = " · blocked" if local == 0 else ""
        lost = local is not None and not math.isfinite(local)
        lines = [Line(f"local {slope}{blocked}", "bad" if lost else "quiet")]
        if part is not None:
            lines.append(Line(f"adds {signed(part)}", _tone_of(part)))
            bad = self.bad_part
            if bad is not None and bad[0] is node and bad[1] == place:  # == would compare data
                lines.append(Line(f"the first {_kind(part)}", "bad"))
        return self._edge(operand, node, lines, _edge_tone(local, part))

    def _merged(self, operand: Vertex, vertex: Vertex, uses: list[tuple[Any, int]]) -> Edge:
        lines = [Line(counted(len(uses), "edge"), "quiet")] if len(uses) > 1 else []
        parts = [self.contributions(node)[place] for node, place in uses]
        known = [part for part in parts if part is not None]
        tone: Tone = "plain"
        if self.has_run and len(known) == len(parts) and not isinstance(operand, Box):
            tone = _tone_of(sum(known))
            lines.append(Line(f"adds {signed(sum(known))}", tone))
        elif not all(map(math.isfinite, known)):
            tone = "bad"
        return self._edge(operand, vertex, lines, tone)

    # --- what the whole says --------------------------------------------------------------------

    def _caption(self) -> Iterator[Line]:
        steps = counted(len(self.record.order), "step")
        if self.has_run:
            yield Line(f"backward has run: {steps}, from the output to the inputs", "quiet")
        else:
            yield Line(f"backward has not run yet: it would take {steps}", "quiet")
        if self.bad_value is not None:
            kind = _kind(self.bad_value.data)
            yield Line(f"the first {kind} is the value of {self._title(self.bad_value)}", "bad")
        elif self.bad_part is not None:
            node, i = self.bad_part
            kind = _kind(self.contributions(node)[i] or math.nan)
            yield Line(f"the first {kind} is what backward adds at {self._title(node)}", "bad")
        if self.set_since:
            names = [self._title(x) for x in self.record.set_since[:3]]
            if len(self.set_since) > 3:
                names.append(f"{len(self.set_since) - 3:,} more")
            yield Line(f"set since this was computed: {', '.join(names)}; derivatives that need "
                       "the old data are left out", "quiet")  # fmt: skip
        if self.vertices.hidden:
            yield Line(f"cut: {counted(len(self.vertices.shown), 'node')} nearest to the output "
                       f"are drawn, {self.vertices.hidden:,} more are not", "quiet")  # fmt: skip


def _agree(total: float, here: float, terms: list[float]) -> bool:
    """Tell whether two gradients are the same but for rounding, nan and inf included."""
    if total == here or (math.isnan(total) and math.isnan(here)):
        return True
    return abs(total - here) <= 1e-9 * max(map(abs, (total, here, *terms)))


def _edge_tone(local: Known, part: Known) -> Tone:
    if part is not None:
        return _tone_of(part)
    if local is None:
        return "quiet"
    return "zero" if local == 0 else "plain" if math.isfinite(local) else "bad"


def _tone_of(x: float) -> Tone:
    if not math.isfinite(x):
        return "bad"
    return "zero" if x == 0 else "plus" if x > 0 else "minus"


def _kind(x: float) -> str:
    return "nan" if math.isnan(x) else "inf"


def _number(x: Any) -> float:
    """Return the float in a gradient: a float, a recording number of `create_graph`, or None for 0.

    >>> _number(2), _number(None)
    (2.0, 0.0)
    """
    try:
        return 0.0 if x is None else primal(x)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _summed(total: float, terms: list[float]) -> str:
    """Write a gradient as the sum of what the paths add to it.

    >>> _summed(4.0, [3.0, 1.0])
    '+4 = 3 + 1'
    >>> _summed(6.0, [1.0] * 6)
    '+6 = 1 + 1 + 1 + … (6 terms)'
    """
    if len(terms) < 2:
        return signed(total)
    shown = [plain(x) for x in terms[:_TERMS]]
    if len(terms) > _TERMS:
        shown[-1] = f"… ({counted(len(terms), 'term')})"
    return f"{signed(total)} = {added(shown)}"
