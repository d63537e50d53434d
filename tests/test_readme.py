"""The README's programs and commands run, and its first picture is what its first program draws.

`python tests/test_readme.py` draws that picture anew.
"""

from __future__ import annotations

import os
import re
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from autograd_lite.commands import main

TOP = Path(__file__).parents[1]
README = (TOP / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^autograd-lite .*$", README, re.MULTILINE)
PROGRAMS = list(re.finditer(r"(?<=```python\n).*?(?=```)", README, re.DOTALL))
PRINTED = re.compile(r"```\n\n```text\n(.*?)```", re.DOTALL)  # what stands below a program
(FIRST_PICTURE,) = re.findall(r"\((examples/\w+\.svg)\)", README[: PROGRAMS[0].start()])
# Where a node stands and how wide it is depends on the Graphviz and the fonts of a machine.
WHERE = {"cx", "cy", "d", "height", "points", "rx", "ry", "transform", "viewBox", "width", "x", "y"}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(TOP / "examples")
    monkeypatch.chdir(tmp_path)


def run(program: re.Match[str]) -> None:
    """Run a program; an error in it names the line of the README."""
    lines_above = README.count("\n", 0, program.start())
    exec(compile("\n" * lines_above + program[0], TOP / "README.md", "exec"), {})


def test_programs_run_and_print_what_stands_below_them(capsys: pytest.CaptureFixture[str]) -> None:
    shown = 0
    for program in PROGRAMS:
        run(program)
        printed = capsys.readouterr().out
        if below := PRINTED.match(README, program.end()):
            assert printed == below[1]
            shown += 1
    assert shown == 1


def what_is_drawn(svg: Path) -> list[tuple[str, str | None, dict[str, str]]]:
    return [
        (element.tag, element.text, {k: v for k, v in element.attrib.items() if k not in WHERE})
        for element in ET.parse(svg).iter()
    ]


def test_the_picture_above_is_what_the_first_program_writes(tmp_path: Path) -> None:
    run(PROGRAMS[0])
    (written,) = tmp_path.glob("*.svg")
    assert what_is_drawn(written) == what_is_drawn(TOP / FIRST_PICTURE)


@pytest.mark.slow
def test_commands_run_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(COMMANDS) >= 6
    for command in COMMANDS:  # predict needs what train saved
        assert main(shlex.split(command)[1:]) == 0, command
        assert capsys.readouterr().err == ""


def test_there_are_two_commands_to_set_up() -> None:
    assert len(re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)) == 2


if __name__ == "__main__":
    os.chdir((TOP / FIRST_PICTURE).parent)
    run(PROGRAMS[0])
