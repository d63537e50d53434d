"""Layout and files: which Graphviz draws, what its absence says, files written whole."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path
from typing import Any

import graphviz
import pytest

from autograd_lite import RenderError, Value
from autograd_lite.viz import Drawing, draw, draw_dot, layout, to_dot

SVG = "{http://www.w3.org/2000/svg}"
HAS_GRAPHVIZ = bool(shutil.which("dot") or importlib.util.find_spec("pygraphviz"))
needs_pygraphviz = pytest.mark.skipif(
    not importlib.util.find_spec("pygraphviz"), reason="pygraphviz is not installed"
)
needs_graphviz = pytest.mark.skipif(not HAS_GRAPHVIZ, reason="no Graphviz is installed")


def drawing(name: str = "a", time_limit: float = 60.0) -> Drawing:
    y = Value(2.0, name=name) * 3
    y.backward()
    return draw(y, time_limit=time_limit)


@pytest.fixture
def without_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


def fake_dot(folder: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Put a `dot` of our own on the PATH."""
    dot = folder / "dot"
    dot.write_text(f"#!{sys.executable}\nimport sys\nasked = sys.argv[1:]\n{program}\n")
    dot.chmod(dot.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


# --- with Graphviz ------------------------------------------------------------------------------


@needs_graphviz
def test_the_svg_can_be_read_aloud() -> None:
    root = ET.fromstring(drawing().svg())
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == "Graph of a * 3"
    assert "a * 3 = 6" in str(root.findtext(f"{SVG}desc"))
    titles = [title.text for title in root.iterfind(f".//{SVG}g/{SVG}title")]
    assert titles[0] == "a (input): value 2, gradient +3"
    assert "a → a * 3: local 3, adds +3" in titles
    assert "3 → a * 3" in titles


@needs_graphviz
@pytest.mark.parametrize("name", ['"><script>{|}\\N', "a\x00\n\ud800\\", "<b>&amp;", "\\G\\l\\r"])
def test_any_name_is_text_in_the_svg(name: str) -> None:
    svg = drawing(name).svg()
    shown = [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]
    assert name.encode("unicode_escape").decode().replace("\\\\", "\\") in shown
    assert "<script" not in svg


@needs_graphviz
def test_the_svg_names_no_version_and_is_the_same_again() -> None:
    assert drawing().svg() == drawing().svg()
    assert "graphviz" not in drawing().svg().lower()


STARTS = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph", "SVG": b"<svg"}


@needs_graphviz
@pytest.mark.parametrize("ending", STARTS)
def test_the_ending_tells_the_format(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"graph.{ending}"
    assert drawing('"><script>{|}\\N').save(path) == path
    assert path.read_bytes().startswith(STARTS[ending])
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@needs_graphviz
def test_a_notebook_shows_it() -> None:
    shown = drawing()
    assert shown._repr_svg_() == shown._repr_mimebundle_()["image/svg+xml"] == shown.svg()


def test_a_system_dot_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_dot(tmp_path, monkeypatch, "print('<?xml?><svg width=\"1\">', asked, '</svg>')")
    assert drawing().svg().endswith("['-Tsvg'] </svg>\n")


# --- draw_dot: a graphviz.Digraph ---------------------------------------------------------------


def digraph() -> Any:
    return draw_dot(Value(2.0, name="a") * 3)


@pytest.fixture
def without_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


RENDERED: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "as in the lecture": ({"format": "svg"}, "g.svg", ["g", "g.svg"]),
    "png": ({"format": "png"}, "g.png", ["g", "g.png"]),
    "the digraph's format": ({}, "g.svg", ["g", "g.svg"]),
    "in a new folder": ({"directory": "new"}, "new/g.svg", ["new/g", "new/g.svg"]),
    "the picture only": ({"cleanup": True}, "g.svg", ["g.svg"]),
    "to a file": ({"outfile": "pic.pdf"}, "pic.pdf", ["g", "pic.pdf"]),
}


@needs_pygraphviz
@pytest.mark.usefixtures("without_dot")
@pytest.mark.parametrize("case", RENDERED)
def test_a_digraph_is_rendered_without_a_system_dot(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options, path, files = RENDERED[case]
    graph = digraph()
    assert graph.render("g", **options) == path
    assert Path(path).read_bytes().startswith((b"<?xml", b"\x89PNG", b"%PDF"))
    assert sorted(str(p) for p in Path().rglob("*") if p.is_file()) == files
    if "g" in files:
        assert Path("g").read_text() == graph.source


@needs_pygraphviz
@pytest.mark.usefixtures("without_dot")
@pytest.mark.filterwarnings("ignore:.*positional")
def test_a_digraph_takes_its_arguments_in_order_and_has_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    graph = digraph()
    assert graph.render("g", "new", False, True, "png") == "new/g.png"
    assert [str(p) for p in Path().rglob("*") if p.is_file()] == ["new/g.png"]
    graph.directory = "own"
    assert graph.render("g", outfile="pic.svg") == "own/pic.svg"
    assert Path("own/pic.svg").exists()


@needs_pygraphviz
@pytest.mark.usefixtures("without_dot")
def test_a_digraph_is_shown_and_piped_without_a_system_dot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewed: list[Path] = []
    monkeypatch.setattr(graphviz, "view", viewed.append)
    graph = digraph()
    assert graph.view("g", directory=tmp_path) == str(tmp_path / "g.svg")
    assert viewed == [tmp_path / "g.svg"]
    assert graph.pipe().startswith(b"<?xml")
    assert graph.pipe(encoding="utf-8") == graph.pipe().decode()
    assert graph.pipe(format="png").startswith(b"\x89PNG")
    assert graph.pipe() != graph.pipe(engine="circo")
    assert "<svg" in graph._repr_image_svg_xml()


def test_a_digraph_goes_to_a_system_dot_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_dot(tmp_path, monkeypatch, "open(asked[-1] + '.svg', 'w').write(str(asked))")
    rendered = digraph().render("g", directory=tmp_path, format="svg")
    assert Path(rendered).read_text() == "['-Kdot', '-Tsvg', '-O', 'g']"


@pytest.mark.usefixtures("without_graphviz", "without_dot")
def test_a_digraph_without_any_graphviz_tells_the_remedy(tmp_path: Path) -> None:
    for draws in (digraph().pipe, partial(digraph().render, tmp_path / "g")):
        with pytest.raises(RenderError, match=r'pip install "autograd-lite\[dot\]"'):
            draws()


def test_a_digraph_can_be_drawn_on(tmp_path: Path) -> None:
    graph = digraph()
    graph.node("mine", label="{ x | data 1.0 }", shape="record")
    graph.edge("mine", "n0")
    with graph.subgraph(name="cluster_mine") as cluster:
        cluster.attr(color="red")
    assert graph.source.count("mine") == 3
    assert Path(graph.save(tmp_path / "g.gv")).read_text() == graph.source


# --- without, and when it fails -----------------------------------------------------------------


@pytest.mark.usefixtures("without_graphviz")
def test_without_graphviz_the_remedies_are_told_and_dot_still_works(tmp_path: Path) -> None:
    with pytest.raises(RenderError) as caught:
        drawing().svg()
    for remedy in ["apt install graphviz", "brew install graphviz",
                   'pip install "autograd-lite[dot]"', "to_dot() works without"]:  # fmt: skip
        assert remedy in str(caught.value)
    assert to_dot(Value(1.0)).startswith("digraph")
    drawing().save(tmp_path / "graph.dot")


@pytest.mark.usefixtures("without_graphviz")
def test_without_graphviz_a_notebook_shows_the_remedy() -> None:
    assert drawing()._repr_svg_() is None
    assert "apt install graphviz" in drawing()._repr_mimebundle_()["text/plain"]


def test_a_layout_that_takes_too_long_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: object, **options: float) -> None:
        raise subprocess.TimeoutExpired("dot", options["timeout"])

    monkeypatch.setattr(layout, "_graphviz", lambda _: ["dot"])
    monkeypatch.setattr(subprocess, "run", never)
    with pytest.raises(RenderError, match=r"after 5 seconds; draw less .*collapse=True.*to_dot"):
        drawing(time_limit=5).svg()


def test_a_graphviz_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_dot(tmp_path, monkeypatch, "sys.exit('no fonts here')")
    with pytest.raises(RenderError, match="code 1 and said 'no fonts here'"):
        drawing().svg()


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["graph", "graph.gif", "graph.svg.txt", ".svg"])
def test_an_unknown_ending_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"expected a name ending in \.svg, \.png, \.pdf or"):
        drawing().save(tmp_path / name)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "graph.svg"
    folder.mkdir()
    with pytest.raises(IsADirectoryError, match=r"graph\.svg"):
        drawing().save(folder)


def test_a_path_that_no_file_can_have_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="is not the name of a file"):
        drawing().save(tmp_path / "a\0b.svg")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing/graph\.svg"):
        drawing().save(tmp_path / "missing" / "graph.svg")


@pytest.mark.usefixtures("without_graphviz")
def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "graph.svg"
    path.write_text("before")
    with pytest.raises(RenderError):
        drawing().save(path)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("graph.svg", "before")]


PROGRAM = """
import sys
from autograd_lite import Value, draw
from autograd_lite.nn import MLP
out = MLP(2, [3, 1], "tanh", seed=1)([Value(0.5, name="x"), 2.0])
out.backward()
sys.stdout.buffer.write(draw(out).svg().encode())
"""


@needs_graphviz
def test_two_processes_lay_out_the_same_bytes() -> None:
    pictures = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(pictures) == 1
    assert b"<title>" in pictures.pop()
