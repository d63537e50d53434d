"""From a picture to DOT text, by the graphviz package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache, wraps
from html import escape
from pathlib import Path
from typing import Any, Literal

import graphviz

from .._support.files import write_whole
from .layout import lay_out
from .model import Line, Node, Picture, Role, Tone

DIRECTIONS = ("LR", "TB", "RL", "BT")
SPRAWLING = 400  # nodes: more than these are laid out with less care, so that it ends
BUSY = 40  # edges from one node: more than these are drawn straight, for the same reason

# Dark on light, on a light panel of its own: legible on a dark page as on a light one. Blue and
# orange are told apart by every kind of eye, and red is kept for what is broken.
PANEL = "#fcfcfe"
INK = {"plain": "#1c2333", "quiet": "#667085", "plus": "#0b62b8", "minus": "#b54708",
       "zero": "#7a8394", "bad": "#c5221f"}  # fmt: skip
LINE = {**INK, "plain": "#667085", "quiet": "#a4acb9", "zero": "#b7bdc8"}
_FONT = "Helvetica,Arial,sans-serif"

_LOOK: dict[Role, dict[str, str]] = {
    "input": {"shape": "ellipse", "fillcolor": "#dcebfd", "color": "#5b8fd0", "margin": "0"},
    "parameter": {"shape": "box", "fillcolor": "#fdf0cd", "color": "#c79a2b"},
    "constant": {"shape": "box", "fillcolor": "#f2f3f6", "color": "#a4acb9",
                 "style": "filled,dashed", "margin": "0.06,0.03", "height": "0.2", "width": "0.2"},
    "operation": {"shape": "box", "fillcolor": "#ffffff", "color": "#667085",
                  "style": "filled,rounded"},
    "output": {"shape": "box", "fillcolor": "#dff5e5", "color": "#2f8a52",
               "style": "filled,rounded", "peripheries": "2"},
    "module": {"shape": "box3d", "fillcolor": "#eee8fb", "color": "#7d64c0"},
    "more": {"shape": "box", "fillcolor": PANEL, "color": "#a4acb9", "style": "filled,dashed"},
}  # fmt: skip
_NODE_TONE: dict[Tone, dict[str, str]] = {
    "zero": {"color": LINE["zero"], "fillcolor": "#f2f3f6"},
    "bad": {"color": INK["bad"], "fillcolor": "#fde7e6", "penwidth": "2"},
}
_EDGE_TONE: dict[Tone, dict[str, str]] = {
    "zero": {"style": "dashed"}, "quiet": {"style": "dashed"}, "bad": {"penwidth": "2"},
}  # fmt: skip


class Digraph(graphviz.Digraph):  # type: ignore[misc]  # the package has no types
    """A graphviz.Digraph that is also drawn where there is no Graphviz but pygraphviz's.

    Its methods raise RenderError where there is neither.
    """

    def pipe(self, format: str | None = None, *args: Any, **options: Any) -> Any:  # noqa: A002
        """Return the picture's bytes, or its text where an encoding is passed."""
        try:
            return super().pipe(format, *args, **options)
        except graphviz.ExecutableNotFound:
            engine, encoding = options.get("engine") or self.engine, options.get("encoding")
            picture = lay_out(self.source, format or self.format, engine=engine)
            return picture.decode(encoding) if encoding else picture

    @wraps(graphviz.Digraph.render)
    def render(self, filename: Any = None, *args: Any, **options: Any) -> str:
        """Save the DOT text and its picture, and return the path of the picture."""
        try:
            return str(super().render(filename, *args, **options))
        except graphviz.ExecutableNotFound:  # by then the arguments are checked, the text saved
            options |= zip(("directory", "view", "cleanup", "format"), args, strict=False)
            format, outfile = options.get("format"), options.get("outfile")
            path = Path(f"{self.filepath}.{format or self.format}")
            if outfile is not None:
                path = Path(self.directory if options.get("directory") is None else "", outfile)
            picture = self.pipe(format or path.suffix[1:].lower(), engine=options.get("engine"))
            write_whole(path, lambda: picture)
            if options.get("cleanup"):
                Path(self.filepath).unlink()
            if options.get("view") or options.get("quiet_view"):
                graphviz.view(path)
            return str(path)


def digraph_of(picture: Picture, rankdir: str) -> Any:
    """Write a picture as a graphviz.Digraph.

    Raises ValueError where `rankdir` is not one of LR, TB, RL, BT.
    """
    if rankdir not in DIRECTIONS:
        raise ValueError(f"rankdir is one of {', '.join(DIRECTIONS)}, got {rankdir!r}")
    digraph = Digraph()
    digraph.attr("graph", rankdir=rankdir, bgcolor=PANEL, pad="0.25", nodesep="0.25", ranksep="0.4",
                 fontname=_FONT, labelloc="b", label=_stacked(picture.caption, 10))  # fmt: skip
    uses = Counter(edge.tail for edge in picture.edges)
    busy = max(uses.values(), default=0) > BUSY
    if busy or len(picture.nodes) > SPRAWLING:
        digraph.attr("graph", nslimit="1", nslimit1="1", mclimit="0.1")
    if busy:
        digraph.attr("graph", splines="line")
    digraph.attr("node", fontname=_FONT, fontcolor=INK["plain"], style="filled", penwidth="1.2",
                 margin="0.1,0.05")  # fmt: skip
    digraph.attr("edge", fontname=_FONT, arrowsize="0.7", penwidth="1.2")
    # Lines of its body, since its methods write each attribute anew, at five times the price.
    for node in picture.nodes:
        look = _look(node.role, node.tone).replace("ID", node.key)
        digraph.body.append(f"\t{node.key} [label={_node_label(node)} {look}]\n")
    for i, edge in enumerate(picture.edges):
        label = f"label={_stacked(edge.lines, 10)} " if edge.lines else ""
        look = _look("edge", edge.tone).replace("ID", f"e{i}")
        digraph.body.append(f"\t{edge.tail} -> {edge.head} [{label}{look}]\n")
    return digraph


@cache
def _look(role: Role | Literal["edge"], tone: Tone) -> str:
    """Return the attributes of a node or an edge as the graphviz package writes them, id=ID too."""
    if role == "edge":
        look = {"color": LINE[tone]} | _EDGE_TONE.get(tone, {})
    else:
        look = _LOOK[role] | _NODE_TONE.get(tone, {})
    return str(graphviz.quoting.a_list(kwargs=look | {"id": "ID"}))


def _node_label(node: Node) -> str:
    if node.role in {"constant", "more"}:
        return _stacked([Line(node.title, "quiet")], 11)
    title = Line(node.title, "zero" if node.tone == "zero" else "plain")
    note = _text(Line(node.note, "quiet"), 9)
    return _table([f"<B>{_text(title, 13)}</B>", *(_text(line, 11) for line in node.lines), note])


def _stacked(lines: Iterable[Line], size: int) -> str:
    return _table([_text(line, size) for line in lines])


def _table(rows: list[str]) -> str:
    cells = "".join(f"<TR><TD>{row}</TD></TR>" for row in rows)
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{cells}</TABLE>>'


def _text(line: Line, size: int) -> str:
    return f'<FONT COLOR="{INK[line.tone]}" POINT-SIZE="{size}">{escaped(line.text)}</FONT>'


def escaped(text: str) -> str:
    r"""Write any text so that an HTML-like label of Graphviz shows it as it is.

    In such labels as in others a backslash starts an escape (`\N` is the name of the node), also
    where it is written as an entity.

    >>> escaped('"><script>{|}\\N')
    '&quot;&gt;&lt;script&gt;{|}\\\\N'
    """
    return escape(text).replace("\\", "\\\\")
