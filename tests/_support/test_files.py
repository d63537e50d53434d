"""Writing files whole or not at all: what an error says, and who may read what was written."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from autograd_lite._support.files import text_written, write_whole
from autograd_lite.commands import main

POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions and limits are POSIX's")


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.chmod"])
def test_an_error_while_writing_names_the_file(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "out.txt"
    path.write_text("before")
    monkeypatch.setattr(step, full)
    with pytest.raises(OSError, match="No space left") as caught:
        text_written("after", path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_in_the_content_stays_as_it_is(tmp_path: Path) -> None:
    def content() -> bytes:
        raise FileNotFoundError(errno.ENOENT, "No such file", "font.ttf")

    with pytest.raises(FileNotFoundError) as caught:
        write_whole(tmp_path / "out.txt", content)
    assert caught.value.filename == "font.ttf"
    assert list(tmp_path.iterdir()) == []


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o444, 0o755])
def test_a_file_that_is_replaced_keeps_its_permissions(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("before")
    path.chmod(mode)
    text_written("after", path)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("after", mode)


@POSIX
def test_what_is_secret_is_so_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.touch(0o600)

    def content() -> bytes:
        return " ".join(oct(stat.S_IMODE(p.stat().st_mode)) for p in tmp_path.iterdir()).encode()

    write_whole(path, content)
    assert path.read_text() == "0o600 0o600"


@POSIX
def test_a_new_file_has_the_permissions_of_any(tmp_path: Path) -> None:
    (tmp_path / "any.txt").touch()
    text_written("new", tmp_path / "out.txt")
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is set as on Linux")
def test_the_command_names_the_file_that_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import resource

    monkeypatch.chdir(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        code = main(["train", "xor", "--hidden", "32", "--epochs", "1", "--save", "big.json"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    said = capsys.readouterr().err
    assert code == 2
    assert said.endswith("big.json': File too large\n")
    assert said.startswith("autograd-lite: error: cannot open or write '")


@POSIX
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        text_written("through", path)
        assert os.read(end, 100) == b"through"
    finally:
        os.close(end)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert list(tmp_path.iterdir()) == [path]
