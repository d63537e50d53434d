"""What a picture consists of: nodes and edges with their texts, and nothing of how it is drawn."""

from __future__ import annotations

from typing import Literal, NamedTuple

Role = Literal["input", "parameter", "constant", "operation", "output", "module", "more"]
Tone = Literal["plain", "quiet", "plus", "minus", "zero", "bad"]


class Line(NamedTuple):
    """One line of text in a node, on an edge, or below the picture."""

    text: str
    tone: Tone = "plain"


class Node(NamedTuple):
    """A node: `title` above its lines; `note` is what kind it is and when backward visits it."""

    key: str
    role: Role
    title: str
    lines: tuple[Line, ...] = ()
    note: str = ""
    tone: Tone = "plain"


class Edge(NamedTuple):
    """An edge from an operand to a result."""

    tail: str
    head: str
    lines: tuple[Line, ...] = ()
    tone: Tone = "plain"


class Picture(NamedTuple):
    """A graph as it is to be drawn: the same for the same graph, in every process."""

    title: str
    description: str
    nodes: list[Node]
    edges: list[Edge]
    caption: list[Line]
