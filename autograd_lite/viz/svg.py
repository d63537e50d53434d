"""What a picture in SVG needs besides its layout: a title and texts that can be read aloud."""

from __future__ import annotations

import re

from .model import Picture

_ELEMENT = re.compile(r'(<g id="([ne]\d+|more)" class="(?:node|edge)">\s*)<title>[^<]*</title>')
_GRAPH_TITLE = re.compile(r'(<g id="graph0"[^>]*>\s*)<title>[^<]*</title>\s*')
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)


def finished(svg: str, picture: Picture) -> str:
    """Return Graphviz's SVG without its version, and with titles that say what is seen."""
    svg = _COMMENT.sub("", svg[svg.index("<svg") :])
    svg = _GRAPH_TITLE.sub(r"\1", svg)
    titles = dict(_titles(picture))
    svg = _ELEMENT.sub(
        lambda found: f"{found[1]}<title>{_text(titles.get(found[2], ''))}</title>", svg
    )
    head, _, body = svg.partition(">")
    label = _text(picture.title)
    return (
        f'{head} role="img" aria-label="{label}">\n<title>{label}</title>\n'
        f"<desc>{_text(picture.description)}</desc>{body}"
    )


def _titles(picture: Picture) -> list[tuple[str, str]]:
    named = {node.key: node for node in picture.nodes}
    titles = [(node.key, node.description) for node in picture.nodes]
    for i, edge in enumerate(picture.edges):
        says = ", ".join(line.text for line in edge.lines)
        ends = f"{named[edge.tail].title} → {named[edge.head].title}"
        titles.append((f"e{i}", f"{ends}: {says}" if says else ends))
    return titles


def _text(text: str) -> str:
    from html import escape  # with its table of entities, only when there is text to escape

    return escape(text)
