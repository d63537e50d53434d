"""From a recorded graph to its picture: which nodes and edges there are, and what they say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from .._support.wording import legible
from ..backprop import walk
from ..notation.formula import expression
from ..notation.numbers import counted
from ..record import Known, Record
from ..value import Value
from .collapse import Box, boxes, is_parameter_name
from .model import Edge, Line, Node, Picture, Role, Tone
from .texts import number, plain, signed, summed
from .vertices import Constant, Vertex, Vertices, count_constants

LARGE = 2_000  # nodes: over these modules are boxes, and then only the nearest to the root drawn
KEPT = 100  # nodes of a picture that is cut: as many as can still be read
WORDY = 400  # nodes: more than these, and edges have no texts
ROOM = 24  # characters: a longer sum has a line of its own
PARALLEL = 8  # edges between two nodes: more than these are drawn as one


def picture_of(
    root: Value,
    *,
    constants: bool = True,
    collapse: bool | None = None,
    parameters: Iterable[Value] = (),
    limit: int | None = None,
) -> Picture:
    """Describe the picture of the graph below `root`."""
    graph = walk(root)
    if collapse is None:
        size = len(graph.order) + len(graph.leaves) + count_constants(graph.order)
        collapse = size > LARGE
    vertices = Vertices(
        root,
        graph,
        boxes(graph) if collapse else {},
        constants=constants,
        limit=LARGE if limit is None else limit,
        keep=KEPT if limit is None else limit,
    )
    # Where some gradient is nan or inf the whole pass is run: the first is looked for everywhere.
    finite = all(math.isfinite(number(x.grad)) for x in chain(graph.leaves, graph.order))
    wanted = set(vertices.nodes()) if finite else None
    seed = number(root.grad)  # where that is 0, backward has not run
    record = Record(root, seed or None, graph=graph, wanted=wanted, lenient=True)
    return _Painter(root, record, vertices, set(parameters)).paint()


class _Painter:
    """Writes what each vertex and edge says."""

    def __init__(
        self, root: Value, record: Record, vertices: Vertices, parameters: set[Value]
    ) -> None:
        self.root = root
        self.record = record
        self.has_run = record.cotangent(root) is not None
        self.vertices = vertices
        self.parameters = parameters
        self.set_since = set(record.set_since)
        self.bad_value = record.first_bad_value()
        self.bad_derivative = None if self.bad_value is not None else record.first_bad_contribution
        self.wordy = len(vertices.shown) <= WORDY
        self.key = {vertex: f"n{i}" for i, vertex in enumerate(vertices.shown)}

    def paint(self) -> Picture:
        picture = Picture(title=f"Graph of {self._title(self.root)}")
        picture.nodes = [self._node(vertex) for vertex in self.vertices.shown]
        self._add_edges(picture)
        picture.caption = list(self._caption())
        said = "; ".join(line.text for line in picture.caption)
        picture.description = f"{self._said()}. {said}."
        return picture

    def _said(self) -> str:
        """Say how large the graph is, and what it comes to."""
        size = counted(len(self.record.order), "operation")
        return f"{self._title(self.root)} = {plain(self.root.data)}, computed in {size}"

    # --- nodes ----------------------------------------------------------------------------------

    def _node(self, vertex: Vertex) -> Node:
        key = self.key[vertex]
        if isinstance(vertex, Constant):
            return Node(key, "constant", plain(vertex.data), note="constant", tone="quiet")
        if isinstance(vertex, Box):
            return self._box(key, vertex)
        role = self._role(vertex)
        lines = [*self._made_by(vertex), self._value(vertex), *self._gradient(vertex)]
        note: str = role
        if vertex in self.record.step:
            step = f"backward step {self.record.step[vertex]}"
            note = f"output · {step}" if role == "output" else step
        return Node(key, role, self._title(vertex), tuple(lines), note, self._tone(vertex))

    def _role(self, x: Any) -> Role:
        if x.op is not None:
            return "output" if x is self.root else "operation"
        return "parameter" if x in self.parameters or is_parameter_name(x.name) else "input"

    def _title(self, x: Any) -> str:
        name = x.name
        if name is not None:
            return legible(name)
        return expression(x) if x.op is not None else "unnamed"

    def _made_by(self, x: Any) -> list[Line]:
        return [Line(f"= {expression(x)}", "quiet")] if x.name is not None and x.op else []

    def _value(self, x: Any) -> Line:
        text = f"value {plain(x.data)}"
        if x is self.bad_value:
            text += " · the first"
        if x in self.set_since:
            text += " (set since)"
        return Line(text, "plain" if math.isfinite(x.data) else "bad")

    def _gradient(self, x: Any) -> list[Line]:
        total = number(x.grad)
        if not self.has_run:
            if total == 0:
                return [Line("gradient not yet", "quiet")]
            return [Line(f"gradient {signed(total)}, from before", _tone_of(total))]
        terms = [use.contribution for use in self.record.received.get(x, ())]
        known = [term for term in terms if term is not None]
        here = self.record.cotangent(x)
        if x is self.root or here is None or len(known) < len(terms):
            return [Line(f"gradient {signed(total)}", _tone_of(total))]
        if not _agree(total, here, known):
            return [
                Line(f"gradient {signed(total)}", _tone_of(total)),
                Line(f"this graph adds {summed(here, known)}", "quiet"),
            ]
        text = summed(total, known)
        if len(text) <= ROOM:
            return [Line(f"gradient {text}", _tone_of(total))]
        first, _, rest = text.partition(" = ")
        return [Line(f"gradient {first}", _tone_of(total)), Line(f"= {rest}", _tone_of(total))]

    def _tone(self, x: Any) -> Tone:
        if not math.isfinite(x.data) or not math.isfinite(number(x.grad)):
            return "bad"
        here = self.record.cotangent(x)
        return "zero" if here == 0 and number(x.grad) == 0 else "plain"

    def _box(self, key: str, box: Box) -> Node:
        grads = [number(p.grad) for p in box.parameters]
        lines = [
            Line(f"{counted(len(box.parameters), 'parameter')}"),
            Line(f"{counted(len(box.operations), 'operation')}"),
        ]
        bad = not all(math.isfinite(x.data) for x in box.operations + box.parameters)
        if not self.has_run:
            lines.append(Line("gradients not yet", "quiet"))
        elif grads:
            bad = bad or not all(map(math.isfinite, grads))
            if bad:
                lines.append(Line("nan or inf inside", "bad"))
            else:
                lines.append(Line(f"gradients {signed(min(grads))} … {signed(max(grads))}"))
        steps = [self.record.step[node] for node in box.operations]
        note = f"backward steps {min(steps)} … {max(steps)}"
        if len(steps) == 1:
            note = f"backward step {steps[0]}"
        return Node(key, "module", legible(box.title, 60), tuple(lines), note,
                    "bad" if bad else "plain")  # fmt: skip

    # --- edges ----------------------------------------------------------------------------------

    def _add_edges(self, picture: Picture) -> None:
        cut: dict[Vertex, int] = {}
        for vertex in self.vertices.shown:
            between: dict[Vertex, list[tuple[Any, int]]] = {}
            parts: dict[Any, list[Known]] = {}
            for operand, node, i in self.vertices.uses(vertex):
                between.setdefault(operand, []).append((node, i))
                if node not in parts:
                    parts[node] = self.record.contributions(node)
            local = self._local(vertex, parts)
            for operand, uses in between.items():
                if operand in self.key:
                    picture.edges += self._edges(operand, vertex, uses, parts, local)
                else:
                    cut[vertex] = cut.get(vertex, 0) + 1
        if self.vertices.hidden:
            picture.nodes.append(Node("more", "more", f"… {self.vertices.hidden:,} more",
                                      note="not drawn", tone="quiet"))  # fmt: skip
            picture.edges += [
                Edge("more", self.key[vertex],
                     (Line(counted(n, "edge"), "quiet"),) if n > 1 and self.wordy else (), "quiet")
                for vertex, n in cut.items()
            ]  # fmt: skip

    def _local(self, vertex: Vertex, parts: dict[Any, list[Known]]) -> list[Known]:
        """Return a vertex's local derivatives, where an edge into it needs them."""
        adds = parts.get(vertex)  # of a box there are none: its edges show no local derivatives
        needed = adds is not None and (self.wordy or None in adds)
        return self.record.local(vertex) if needed else [None] * len(adds or ())

    def _edges(
        self,
        operand: Vertex,
        vertex: Vertex,
        uses: list[tuple[Any, int]],
        parts: dict[Any, list[Known]],
        local: list[Known],
    ) -> list[Edge]:
        tail, head = self.key[operand], self.key[vertex]
        if isinstance(operand, Constant):
            return [Edge(tail, head, (), "quiet")]
        adds = [parts[node][i] for node, i in uses]
        if isinstance(operand, Box) or isinstance(vertex, Box) or len(uses) > PARALLEL:
            edges = [self._merged(tail, head, adds, tell=not isinstance(operand, Box))]
        elif self.wordy:
            edges = [
                Edge(tail, head, tuple(self._said_along(node, i, local[i], part)),
                     _edge_tone(local[i], part))
                for (node, i), part in zip(uses, adds, strict=True)
            ]  # fmt: skip
        else:
            edges = [
                Edge(tail, head, (), _edge_tone(local[i], part))
                for (_, i), part in zip(uses, adds, strict=True)
            ]
        return edges

    def _said_along(self, node: Any, i: int, local: Known, part: Known) -> Iterator[Line]:
        """Say what backward does from a node to one of its operands."""
        if local is None and part is None:
            yield Line("local unknown", "quiet")
            return
        slope = "?" if local is None else plain(local)
        yield Line(f"local {slope}" + (" · blocked" if local == 0 else ""),
                   "quiet" if local is None or math.isfinite(local) else "bad")  # fmt: skip
        if part is not None:
            yield Line(f"adds {signed(part)}", _tone_of(part))
            bad = self.bad_derivative
            if bad is not None and bad[0] is node and bad[1] == i:  # == would compare their data
                yield Line(f"the first {_kind(part)}", "bad")

    def _merged(self, tail: str, head: str, parts: list[Known], tell: bool) -> Edge:
        lines = [Line(counted(len(parts), "edge"), "quiet")] if len(parts) > 1 else []
        known = [part for part in parts if part is not None]
        tone: Tone = "plain"
        if tell and self.has_run and len(known) == len(parts):
            tone = _tone_of(sum(known))
            lines.append(Line(f"adds {signed(sum(known))}", tone))
        elif any(not math.isfinite(part) for part in known):
            tone = "bad"
        return Edge(tail, head, tuple(lines) if self.wordy else (), tone)

    # --- what the whole says --------------------------------------------------------------------

    def _caption(self) -> Iterable[Line]:
        steps = counted(len(self.record.order), "step")
        if self.has_run:
            yield Line(f"backward has run: {steps}, from the output to the inputs", "quiet")
        else:
            yield Line(f"backward has not run yet: it would take {steps}", "quiet")
        if self.bad_value is not None:
            kind = _kind(self.bad_value.data)
            yield Line(f"the first {kind} is the value of {self._title(self.bad_value)}", "bad")
        elif self.bad_derivative is not None:
            node, i = self.bad_derivative
            part = self.record.contributions(node)[i]
            kind = _kind(part if part is not None else math.nan)
            yield Line(f"the first {kind} is what backward adds at {self._title(node)}", "bad")
        if self.set_since:
            names = [self._title(x) for x in islice(self.record.set_since, 3)]
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
