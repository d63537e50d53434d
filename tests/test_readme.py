"""The README's programs run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from autograd_lite.commands import main

TOP = Path(__file__).parents[1]
EXAMPLES = TOP / "examples"
README = (TOP / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^autograd-lite .*$", README, re.MULTILINE)
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one folder for all programs: some read what others write."""
    made = tmp_path_factory.mktemp("readme")
    (made / "examples").symlink_to(EXAMPLES)
    return made


@pytest.fixture(autouse=True)
def _in_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_program(program: str) -> None:
    exec(compile(program.replace('"chirp"', '"chirp of the README"'), "README.md", "exec"), {})


def test_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(COMMANDS) >= 6
    for command in COMMANDS:  # predict needs what train saved
        assert main(shlex.split(command)[1:]) == 0, command
        assert capsys.readouterr().err == ""


def test_there_are_two_commands_to_set_up() -> None:
    assert len(re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)) == 2
