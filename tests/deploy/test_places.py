"""Places that users name: a file is replaced in one step, all else is written through and stays as it is."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from deploy.places import (
    STANDARD,
    input_name,
    is_standard_input,
    is_standard_output,
    is_stream,
    open_input,
    output_name,
    write_output,
    write_standard,
)

DESCRIPTORS = pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="no /dev/fd")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_file_keeps_its_permissions_when_it_is_replaced() -> None:
    Path("secret.csv").write_bytes(b"old")
    Path("secret.csv").chmod(0o640)
    write_output(Path("secret.csv"), b"new")
    assert Path("secret.csv").read_bytes() == b"new"
    assert stat.S_IMODE(Path("secret.csv").stat().st_mode) == 0o640
    assert [path.name for path in Path().iterdir()] == ["secret.csv"]


def test_a_link_leads_to_its_file_and_stays() -> None:
    Path("folder").mkdir()
    Path("folder/file.csv").write_bytes(b"old")
    Path("link").symlink_to("folder/between")
    Path("folder/between").symlink_to("file.csv")
    write_output(Path("link"), b"new")
    assert Path("link").is_symlink()
    assert Path("folder/between").is_symlink()
    assert Path("folder/file.csv").read_bytes() == b"new"
    assert sorted(path.name for path in Path("folder").iterdir()) == ["between", "file.csv"]


def test_a_link_to_nothing_makes_the_file_that_it_names() -> None:
    Path("link").symlink_to("file.csv")
    write_output(Path("link"), b"new")
    assert Path("link").is_symlink()
    assert Path("file.csv").read_bytes() == b"new"


def test_a_pipe_is_written_through() -> None:
    os.mkfifo("pipe")
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(Path("pipe").read_bytes()))
    reader.start()
    write_output(Path("pipe"), b"new")
    reader.join()
    assert found == [b"new"]
    assert Path("pipe").is_fifo()


def test_a_reader_of_a_pipe_that_has_read_enough_is_no_error() -> None:
    os.mkfifo("pipe")

    def read_a_byte() -> None:
        with Path("pipe").open("rb", buffering=0) as pipe:
            pipe.read(1)

    reader = threading.Thread(target=read_a_byte)
    reader.start()
    write_output(Path("pipe"), bytes(1 << 22))
    reader.join()


@DESCRIPTORS
def test_an_open_file_is_written_where_it_stands_and_not_replaced() -> None:
    with Path("log").open("ab") as log:
        log.write(b"before\n")
        log.flush()
        write_output(Path(f"/dev/fd/{log.fileno()}"), b"new\n")
    assert Path("log").read_bytes() == b"before\nnew\n"


@DESCRIPTORS
@pytest.mark.parametrize("place", ["-", "/dev/stdout", "/dev/fd/1", "link"])
def test_standard_output_is_appended_to_as_the_shell_asked(place: str) -> None:
    Path("link").symlink_to("/dev/stdout")
    Path("log").write_text("before\n")
    code = f"from deploy.places import *; print('first'); write_output(Path({place!r}), b'then')"
    with Path("log").open("ab") as log:
        subprocess.run([sys.executable, "-c", code], stdout=log, check=True, env=environment())
    assert Path("log").read_text() == "before\nfirst\nthen"


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


@DESCRIPTORS
@pytest.mark.parametrize("name", ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_standard_input_has_many_names_and_one_for_people(name: str) -> None:
    assert is_standard_input(Path(name))
    assert is_stream(Path(name))
    assert input_name(Path(name)) == "standard input"


@DESCRIPTORS
@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_standard_output_has_many_names_and_one_for_people(name: str) -> None:
    assert is_standard_output(Path(name))
    assert output_name(Path(name)) == "standard output"


def test_a_file_is_no_stream_and_a_pipe_is_one() -> None:
    Path("file").touch()
    os.mkfifo("pipe")
    found = [is_stream(Path(name)) for name in ("file", ".", "missing", "pipe")]
    assert found == [False, False, False, True]


def test_standard_input_is_read_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\r\n")))
    with open_input(STANDARD) as content:
        assert content.read() == b"a\r\n"


@pytest.mark.parametrize("write", [write_output, write_standard])
def test_standard_output_that_is_closed_is_an_error(monkeypatch: pytest.MonkeyPatch, write: object) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OSError, match="closed"):
        write_output(STANDARD, b"new") if write is write_output else write_standard(b"new")
    write_standard()  # nothing waits


def test_standard_input_that_is_closed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(OSError, match="closed"), open_input(STANDARD):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
def test_a_file_that_is_read_only_stays() -> None:
    Path("file").write_bytes(b"old")
    Path("file").chmod(0o444)
    with pytest.raises(PermissionError):
        write_output(Path("file"), b"new")
    assert Path("file").read_bytes() == b"old"
