"""One thread for every test, and for every process that one starts; commands of a journey."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# Tiny networks on several threads wait for each other; torch reads it when it is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A shell ignores it for what it starts in the background, and so would every process that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

Run = Callable[..., str]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def preloaded() -> Iterator[tuple[str, ...]]:
    """How a command line begins whose process is forked from one with all libraries; see preloaded.py."""
    if not hasattr(os, "pipe2"):  # where forking is sound, too
        yield sys.executable, "-m", "forecaster"
        return
    program = str(Path(__file__).with_name("preloaded.py"))
    with tempfile.TemporaryDirectory() as folder:  # of a short name, as sockets need
        serve = [sys.executable, "-P", program, "serve", f"{folder}/socket"]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(serve, env=environment, start_new_session=True, **pipes) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            yield sys.executable, "-P", "-S", program, "call", f"{folder}/socket"


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands of a module run, one after the other."""
    return tmp_path_factory.mktemp(request.module.__name__)


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run("export", code=0): runs a command in the folder and gives back what it says."""
    monkeypatch.chdir(folder)

    def command(*arguments: str, code: int = 0) -> str:
        from forecaster.__main__ import main

        monkeypatch.setattr(sys, "argv", ["forecaster", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert (end.value.code or 0) == code, said.err
        return said.out + said.err

    return command


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in an empty folder: its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        from forecaster.__main__ import main

        monkeypatch.setattr("sys.argv", ["forecaster", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return run
