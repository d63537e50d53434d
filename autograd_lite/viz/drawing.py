"""Drawing a graph: `draw`, `to_dot`, and micrograd's `draw_dot`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import ops
from .._support.files import format_of, write_whole
from .._support.remedies import helpful
from .._support.validation import whole
from ..compiler import Tape
from ..errors import RenderError
from ..modes import no_gc
from ..value import Value, recorded
from .layout import FORMATS, TIME_LIMIT, finished, lay_out
from .model import Picture
from .picture import Painter
from .vertices import Vertices


def picture_format(path: str | os.PathLike[str]) -> str:
    """Return the format that a file's ending says; raise RenderError for another ending.

    >>> picture_format("graph.SVG")
    'svg'
    """
    return format_of(path, (*FORMATS, "dot"), "a picture")


class Drawing:
    """A picture of a graph: a notebook shows it, `save` writes it, `dot` is its DOT text."""

    def __init__(self, picture: Picture, digraph: Any, time_limit: float = TIME_LIMIT) -> None:
        self.picture = picture
        self.digraph = digraph
        self.dot: str = digraph.source
        self.time_limit = time_limit

    def svg(self) -> str:
        """Return the picture as SVG, with a title and descriptions for reading aloud.

        Raises RenderError where there is no Graphviz, or where it fails or takes too long.
        """
        return self._svg

    @cached_property
    def _svg(self) -> str:
        laid_out = lay_out(self.dot, "svg", self.time_limit).decode("utf-8")
        return finished(laid_out, self.picture)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, as its ending says: svg, png, pdf or dot.

        Raises RenderError for another ending and where there is no Graphviz, OSError where the
        file cannot be written. A save that fails leaves a file that was there as it was.
        """
        ending = picture_format(path)

        def content() -> bytes:
            if ending in {"dot", "svg"}:
                return (self.dot if ending == "dot" else self.svg()).encode("utf-8")
            return lay_out(self.dot, ending, self.time_limit)

        write_whole(Path(path), content)
        return Path(path)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            return {"image/svg+xml": self.svg(), "text/plain": repr(self)}
        except RenderError as error:
            return {"text/plain": f"{self!r}\n{error}"}

    def _repr_svg_(self) -> str | None:
        return self._repr_mimebundle_().get("image/svg+xml")

    def __repr__(self) -> str:
        nodes, edges = len(self.picture.nodes), len(self.picture.edges)
        return f"<Drawing: {self.picture.title}, {nodes} nodes, {edges} edges>"


def _graph_of(tape: Tape) -> Value:
    """Compute a tape again, at the numbers that it was recorded with; several outputs are added."""
    names = [x.name for x in tape.inputs]
    inputs = [Value(x, name=name) for x, name in zip(tape.point, names, strict=True)]
    outputs = [recorded(y) for y in tape.evaluate(inputs)]
    return outputs[0] if len(outputs) == 1 else recorded(ops.sum(outputs))


@helpful
def draw(
    value: Value | Tape,
    *,
    rankdir: str = "LR",
    constants: bool = True,
    collapse: bool | None = None,
    parameters: Iterable[Value] = (),
    limit: int | None = None,
    time_limit: float = TIME_LIMIT,
) -> Drawing:
    """Draw how a value was computed, and what backward did.

    A node shows its value and gradient, an edge its local derivative and what it adds to the
    gradient at its tail. `constants=False` leaves constants out; `collapse` draws each module as
    one box (None: in graphs of over 2,000 nodes); `parameters` are drawn as such, as are leaves
    that a module has named; `limit` keeps so many nodes, the nearest to the value (None: of graphs
    of over 2,000 nodes, the nearest 100). `time_limit` is for the layout, in seconds.

    A tape is drawn as the graph of its operations, at the numbers that it was recorded with; of
    several outputs it is that of their sum.

    Raises TypeError where `value` is not a Value, ValueError for an unknown `rankdir`.

    >>> from autograd_lite import Value
    >>> a = Value(3.0, name="a")
    >>> draw(a * a)
    <Drawing: Graph of a * a, 2 nodes, 2 edges>
    """
    value = _graph_of(value) if isinstance(value, Tape) else value
    if not isinstance(value, Value):
        remedy = "; write draw(model(inputs))" if callable(value) else ""
        raise TypeError(
            f"expected a Value to draw, got {type(value).__name__}: {value!r:.60}{remedy}"
        )
    if limit is not None:
        limit = whole("limit", limit, at_least=1, saying="limit is a number of nodes, 1 or more")
    from .digraph import digraph_of  # here, as the graphviz package takes a while to import

    with no_gc():
        picture = Painter(value, Vertices(value, constants, collapse, limit), parameters).paint()
        return Drawing(picture, digraph_of(picture, rankdir), time_limit)


@helpful
def to_dot(
    value: Value | Tape,
    *,
    rankdir: str = "LR",
    constants: bool = True,
    collapse: bool | None = None,
    parameters: Iterable[Value] = (),
    limit: int | None = None,
) -> str:
    """Return the DOT text of the picture that `draw` makes; this needs no Graphviz.

    Raises TypeError where `value` is not a Value, ValueError for an unknown `rankdir`.

    >>> from autograd_lite import Value
    >>> a = Value(3.0, name="a")
    >>> to_dot(a * a).count("->")
    2
    """
    return draw(value, rankdir=rankdir, constants=constants, collapse=collapse,
                parameters=parameters, limit=limit).dot  # fmt: skip


@helpful
def draw_dot(root: Value, format: str = "svg", rankdir: str = "LR") -> Any:  # noqa: A002
    """Return the picture as a graphviz.Digraph, as micrograd's function of this name does.

    Raises TypeError where `root` is not a Value, ValueError for an unknown format or `rankdir`.

    >>> from autograd_lite import Value
    >>> a = Value(3.0, name="a")
    >>> type(draw_dot(a * a)).__name__
    'Digraph'
    """
    digraph = draw(root, rankdir=rankdir).digraph
    digraph.format = format
    return digraph
