"""Ctrl-C on a terminal: the first finishes the fit with its best weights, a second ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")
pytestmark = pytest.mark.slow

FIT = [
    *("fit", "data.csv", "--horizon", "6", "--context", "12", "--set", "hidden_size=4", "--set", "threads=1"),
    *("--set", "batch_size=16", "--set", "precision=f32", "--set", "updates=4000", "--set", "epochs=100"),
    *("--set", "patience=100"),
]


@pytest.fixture
def terminal(preloaded: tuple[str, ...], tmp_path: Path) -> Iterator[Terminal]:
    lines = [f"2024-{1 + n // 28:02}-{1 + n % 28:02},{n % 7 + n / 50}" for n in range(130)]
    (tmp_path / "data.csv").write_text("\n".join(["date,sales", *lines]) + "\n")
    found = Terminal(preloaded, tmp_path)
    yield found
    found.process.kill()
    found.process.wait()
    os.close(found.end)


class Terminal:
    """A fit whose stderr is a terminal, and what it says there."""

    def __init__(self, program: tuple[str, ...], folder: Path) -> None:
        self.end, other = pty.openpty()
        environment = {**os.environ, "TERM": "dumb", "COLUMNS": "500", "LINES": "50"}
        self.process = subprocess.Popen([*program, *FIT], cwd=folder, stderr=other, env=environment)
        os.close(other)
        self.said = ""

    def wait_for(self, text: str) -> None:
        while text not in self.said:
            self._read()

    def finish(self) -> tuple[int, str]:
        try:
            while True:
                self._read()
        except OSError:  # the other end is closed
            return self.process.wait(), self.said

    def _read(self) -> None:
        if not (data := os.read(self.end, 1 << 16)):
            raise OSError("the terminal is closed")
        self.said += data.decode()


def test_the_first_finishes_the_fit_and_says_so(terminal: Terminal, tmp_path: Path) -> None:
    terminal.wait_for("epoch   2")
    terminal.process.send_signal(signal.SIGINT)
    code, said = terminal.finish()
    assert code == 0, said
    assert ": finishing with the best weights so far; press Ctrl-C again to end at once" in said
    assert "kept are the best weights until then" in said
    where = json.loads((tmp_path / "run" / "metrics.json").read_text())["interrupted"]
    assert f"interrupted {where}" in said
    assert not (tmp_path / "run" / "checkpoint").exists()


def test_a_second_ends_it_with_a_checkpoint_and_says_where_a_resumed_fit_continues(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.wait_for("epoch   2")
    terminal.process.send_signal(signal.SIGINT)
    terminal.wait_for("press Ctrl-C again")
    terminal.process.send_signal(signal.SIGINT)
    code, said = terminal.finish()
    last = said.splitlines()[-1]
    assert code == 130, said
    assert last.startswith("error: interrupted again; the checkpoint is that after update "), last
    assert last.endswith("--resume"), last
    assert (tmp_path / "run" / "checkpoint" / "state.safetensors").exists()
    assert not (tmp_path / "run" / "config.json").exists()
