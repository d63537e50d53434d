"""From DOT text to the bytes of a picture, by whichever Graphviz there is."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from ..errors import RenderError

FORMATS = ("svg", "png", "pdf")
TIME_LIMIT = 60.0  # seconds
REMEDY = (
    "install Graphviz (apt install graphviz, or brew install graphviz), or "
    'pip install "autograd-lite[dot]"'
)
_WORKER = Path(__file__).with_name("worker.py")


def lay_out(
    dot: str,
    format: str,  # noqa: A002
    time_limit: float = TIME_LIMIT,
    engine: str = "dot",
) -> bytes:
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
