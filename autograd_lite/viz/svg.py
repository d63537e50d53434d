"""What a picture in SVG needs besides its layout: a title and texts that can be read aloud."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from .model import Line, Picture

_ELEMENT = re.compile(r'(<g id="([ne]\d+|more)" class="(?:node|edge)">\s*)<title>[^<]*</title>')
_GRAPH_TITLE = re.compile(r'(<g id="graph0"[^>]*>\s*)<title>[^<]*</title>\s*')
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)


def finished(svg: str, picture: Picture) -> str:
    """Return Graphviz's SVG without its version, and with titles that say what is seen."""
    svg = _COMMENT.sub("", svg[svg.index("<svg") :])
    svg = _GRAPH_TITLE.sub(r"\1", svg)
    titles = _titles(picture)
    svg = _ELEMENT.sub(
        lambda found: f"{found[1]}<title>{escape(titles.get(found[2], ''))}</title>", svg
    )
    head, _, body = svg.partition(">")
    label = escape(picture.title)
    return (
        f'{head} role="img" aria-label="{label}">\n<title>{label}</title>\n'
        f"<desc>{escape(picture.description)}</desc>{body}"
    )


def _titles(picture: Picture) -> dict[str, str]:
    named = {node.key: node.title for node in picture.nodes}
    titles = {x.key: _said(f"{x.title} ({x.note})", x.lines) for x in picture.nodes}
    for i, edge in enumerate(picture.edges):
        titles[f"e{i}"] = _said(f"{named[edge.tail]} → {named[edge.head]}", edge.lines)
    return titles


def _said(title: str, lines: Iterable[Line]) -> str:
    says = ", ".join(line.text for line in lines)
    return f"{title}: {says}" if says else title
