"""Drawing a graph: `draw`, `to_dot`, and micrograd's `draw_dot`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .._support.files import write_whole
from .._support.remedies import helpful
from ..errors import RenderError
from ..modes import no_gc
from ..operation import whole
from ..value import Value
from .layout import FORMATS, TIME_LIMIT, lay_out
from .model import Picture
from .picture import picture_of
from .svg import finished


def picture_format(path: str | os.PathLike[str]) -> str:
    """Return the format that a file's ending says; raise RenderError for another ending.

    >>> picture_format("graph.SVG")
    'svg'
    """
    ending = Path(path).suffix[1:].lower()
    if ending not in (*FORMATS, "dot"):
        raise RenderError(
            f"cannot tell a picture's format from {os.fspath(path)!r}; expected a name "
            "ending in .svg, .png, .pdf or .dot"
        )
    return ending


class Drawing:
    """A picture of a graph: a notebook shows it, `save` writes it, `dot` is its DOT text."""

    def __init__(self, picture: Picture, dot: str, time_limit: float = TIME_LIMIT) -> None:
        self.picture = picture
        self.dot = dot
        self.time_limit = time_limit
        self._svg: str | None = None

    def svg(self) -> str:
        """Return the picture as SVG, with a title and descriptions for reading aloud.

        Raises RenderError where there is no Graphviz, or where it fails or takes too long.
        """
        if self._svg is None:
            laid_out = lay_out(self.dot, "svg", self.time_limit).decode("utf-8")
            self._svg = finished(laid_out, self.picture)
        return self._svg

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, as its ending says: svg, png, pdf or dot.

        Raises RenderError for another ending and where there is no Graphviz, OSError where the
        file cannot be written. A save that fails leaves a file that was there as it was.
        """
        ending = picture_format(path)
        write_whole(Path(path), lambda: self._bytes(ending))
        return Path(path)

    def _bytes(self, format: str) -> bytes:  # noqa: A002
        if format == "dot":
            return self.dot.encode("utf-8")
        if format == "svg":
            return self.svg().encode("utf-8")
        return lay_out(self.dot, format, self.time_limit)

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


@helpful
def draw(
    value: Value,
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

    Raises TypeError where `value` is not a Value, ValueError for an unknown `rankdir`.

    >>> from autograd_lite import Value
    >>> a = Value(3.0, name="a")
    >>> draw(a * a)
    <Drawing: Graph of a * a, 2 nodes, 2 edges>
    """
    picture = _pictured(value, constants, collapse, parameters, limit)
    return Drawing(picture, _digraph(picture, rankdir).source, time_limit)


@helpful
def to_dot(
    value: Value,
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
    picture = _pictured(value, constants, collapse, parameters, limit)
    source: str = _digraph(picture, rankdir).source
    return source


@helpful
def draw_dot(root: Value, format: str = "svg", rankdir: str = "LR") -> Any:  # noqa: A002
    """Return the picture as a graphviz.Digraph, as micrograd's function of this name does.

    Raises TypeError where `root` is not a Value, ValueError for an unknown format or `rankdir`.

    >>> from autograd_lite import Value
    >>> a = Value(3.0, name="a")
    >>> type(draw_dot(a * a)).__name__
    'Digraph'
    """
    return _digraph(_pictured(root, True, None, (), None), rankdir, format)


def _digraph(picture: Picture, rankdir: str, *format: str) -> Any:  # noqa: A002
    from .dot import digraph_of

    with no_gc():
        return digraph_of(picture, rankdir, *format)


def _pictured(
    value: Any,
    constants: bool,
    collapse: bool | None,
    parameters: Iterable[Value],
    limit: int | None,
) -> Picture:
    if not isinstance(value, Value):
        remedy = "; write draw(model(inputs))" if callable(value) else ""
        raise TypeError(
            f"expected a Value to draw, got {type(value).__name__}: {value!r:.60}{remedy}"
        )
    most = whole(limit)
    if limit is not None and (most is None or most < 1):
        raise ValueError(f"limit is a number of nodes, 1 or more, got {limit!r}")
    with no_gc():
        return picture_of(value, constants=constants, collapse=collapse, parameters=parameters,
                          limit=most)  # fmt: skip
