"""From DOT text to the bytes of a picture, by whichever Graphviz there is; its SVG reads aloud."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from ..errors import RenderError
from .model import Line, Picture

FORMATS = ("svg", "png", "pdf")
TIME_LIMIT = 60.0  # seconds
REMEDY = (
    "install Graphviz (apt install graphviz, or brew install graphviz), or "
    'pip install "autograd-lite[dot]"'
)
_WORKER = Path(__file__).with_name("worker.py")
_ELEMENT = re.compile(r'(<g id="([ne]\d+|more)" class="(?:node|edge)">\s*)<title>[^<]*</title>')
_GRAPH_TITLE = re.compile(r'(<g id="graph0"[^>]*>\s*)<title>[^<]*</title>\s*')
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)


def lay_out(dot: str, format: str, time_limit: float = TIME_LIMIT, engine: str = "dot") -> bytes:  # noqa: A002
    """Lay out a graph and return the picture's bytes, as svg, png, pdf or whatever Graphviz makes.

    Raises RenderError where there is no Graphviz, where it fails, or where it takes too long.
    """
    import subprocess  # as shutil below: only what is laid out has to wait for them

    command = _graphviz(format)
    command += ["-Gdpi=144"] if format == "png" else []
    command += [f"-K{engine}"] if engine != "dot" else []
    try:
        done = subprocess.run(  # noqa: S603  a fixed program, and no shell
            command, input=dot.encode("utf-8"), capture_output=True, timeout=time_limit, check=False
        )
    except subprocess.TimeoutExpired:
        raise RenderError(
            f"the layout of this graph was not ready after {time_limit:g} seconds; draw less of it "
            "(constants=False, collapse=True, limit=100), allow more (time_limit=...), or lay "
            "out what to_dot() returns elsewhere"
        ) from None
    except OSError as error:
        raise RenderError(f"Graphviz could not be started: {error}; {REMEDY}") from error
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["nothing"]
        raise RenderError(
            f"Graphviz made no {format}: it stopped with code {done.returncode} and said "
            f"{said[-1]!r}; try another format, or lay out what to_dot() returns elsewhere"
        )
    return done.stdout


def _graphviz(format: str) -> list[str]:  # noqa: A002
    import shutil

    system = shutil.which("dot")
    if system is not None:
        return [system, f"-T{format}"]
    if importlib.util.find_spec("pygraphviz") is not None:
        return [sys.executable, "-P", str(_WORKER), format]
    raise RenderError(
        f"drawing needs Graphviz, and none was found: {REMEDY}; to_dot() works without"
    )


# --- an SVG with a title and texts that can be read aloud ---------------------------------------


def finished(svg: str, picture: Picture) -> str:
    """Return Graphviz's SVG without its version, and with titles that say what is seen."""
    from html import escape  # here, as it brings a table of entities along

    svg = _COMMENT.sub("", svg[svg.index("<svg") :])
    svg = _GRAPH_TITLE.sub(r"\1", svg)
    titles = _titles(picture)
    svg = _ELEMENT.sub(lambda found: f"{found[1]}<title>{escape(titles[found[2]])}</title>", svg)
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
