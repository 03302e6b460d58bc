"""Commands on terminals of 80 and of 40 columns: no line wraps, no word is cut; a pipe gets whole lines."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pytest

from forecaster.cli import cli, helping
from forecaster.cli.helping import GROUPS, Command
from forecaster.show.fit_progress import epoch_line
from forecaster.show.lines import fill

ROOT = Path(__file__).parents[3]
WIDTHS = (80, 40)
COMMANDS = tuple(cli.commands)
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
SIZES = ("--horizon", "6", "--context", "24", "--patch", "3", "--start", "random", "--set", "hidden_size=8")
BRIEF = (*SIZES, "--set", "updates=8", "--set", "epochs=2")

Shown = Callable[..., list[str]]


class Screen:
    """A command on a terminal of so many columns. program: what its command line begins with."""

    def __init__(self, program: tuple[str, ...], folder: Path, columns: int, *arguments: str) -> None:
        self.columns = columns
        self._text = b""
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            os.chdir(folder)
            kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
            environment = {**kept, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
            os.execve(program[0], [*program, *arguments], environment)

    def read(self, until: str | None = None) -> list[str]:
        """Lines that were shown up to the end, or until a text is."""
        while until is None or until not in self._text.decode(errors="replace"):
            try:
                chunk = os.read(self._terminal, 1 << 16)
            except OSError:  # its end
                break
            if not chunk:
                break
            self._text += chunk
        text = CONTROL.sub("", self._text.decode(errors="replace"))
        return [line.rstrip("\r") for frame in text.split("\n") for line in frame.rstrip("\r").split("\r")]

    def end(self) -> int:
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])

    def interrupt(self) -> None:
        os.kill(self._process, signal.SIGINT)


def too_long(lines: list[str], columns: int) -> list[str]:
    """Lines that a terminal would break; a single word that is longer than any line is none."""
    return [line for line in lines if len(line) > columns and len(line.split()) > 1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of two stores whose names are long."""
    place = tmp_path_factory.mktemp("widths")
    rows = [
        f'"{store}",2024-{1 + day // 28:02}-{1 + day % 28:02} 00:00:00+00:00,'
        f"{level + np.sin(day * 0.9):.3f},{day % 3}"
        for store, level in (("the shop in the high street", 10), ("the other one, at the station", 20))
        for day in range(12 * 28)
    ]
    text = "\n".join(["store,day,amount of all goods sold,promotion", *rows])
    (place / "sales.csv").write_text(text + "\n", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def shown(preloaded: tuple[str, ...], folder: Path) -> Shown:
    """shown(80, "inspect", code=0): the lines of a command in the folder."""

    def run(columns: int, *arguments: str, code: int = 0) -> list[str]:
        screen = Screen(preloaded, folder, columns, *arguments)
        lines = screen.read()
        assert screen.end() == code, "\n".join(lines)
        return lines

    return run


@pytest.fixture(scope="module")
def fitted(shown: Shown) -> dict[int, list[str]]:
    """The lines of a fit at each width, whose last run stays."""
    options = ("--step", "1", "--past", "promotion", "--set", "schedule=linear")
    return {columns: shown(columns, "fit", "sales.csv", *options, *BRIEF) for columns in WIDTHS}


@pytest.mark.slow
@pytest.mark.parametrize("columns", WIDTHS)
def test_a_fit_fits(fitted: dict[int, list[str]], columns: int) -> None:
    lines = fitted[columns]
    assert too_long(lines, columns) == []
    epochs = [line for line in lines if re.match(r"epoch +\d+  .*validation", line)]
    assert len(epochs) >= 2
    assert any("getting ready" in line for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(
    "arguments",
    [
        ("export",),
        ("forecast", "sales.csv", "--plot", "--horizon", "5"),
        ("forecast", "sales.csv", "--pretrained", "--step", "1", "--horizon", "5"),
        ("evaluate", "sales.csv"),
        ("inspect", "sales.csv", "--step", "1"),
        ("inspect",),
        ("inspect", "run/bundle"),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("fitted")
def test_what_a_command_prints_fits(
    shown: Shown, folder: Path, columns: int, arguments: tuple[str, ...]
) -> None:
    if not (folder / "run" / "bundle").exists():
        shown(columns, "export")
    lines = shown(columns, *arguments)
    assert too_long(lines, columns) == []
    assert [line for line in lines if line.strip()]


@pytest.mark.slow
@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("fit", "none.csv", "--targets", "x"), 2),
        (("fit", "none.csv"), 3),
        (("forecast", "sales.csv", "--bundle", "none", "--horizon", "5"), 5),
        (("fit", "sales.csv", "--target", "store", "--layout", "long"), 3),
    ],
)
def test_an_error_fits(shown: Shown, columns: int, arguments: tuple[str, ...], code: int) -> None:
    lines = shown(columns, *arguments, code=code)
    rows = [line for line in lines if not line.lstrip().startswith("-->")]  # a row of the file as it is
    assert too_long(rows, columns) == []


@pytest.mark.slow
@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits(shown: Shown, columns: int, command: str) -> None:
    lines = shown(columns, *([command] if command else []), "--help")
    assert too_long(lines, columns) == []


@pytest.mark.parametrize(
    "command", [name for name, made in cli.commands.items() if isinstance(made, Command)]
)
def test_each_option_stands_in_one_group_and_an_example_at_the_foot(command: str) -> None:
    made = cli.commands[command]
    context = made.make_context(command, ["--help"], resilient_parsing=True)
    text = made.get_help(context)
    for option in (param for param in made.params if isinstance(param, click.Option)):
        assert len(re.findall(rf"^  (?:-\w, )?{option.opts[-1]}\b(?!-)", text, re.MULTILINE)) == 1
    heads = re.findall(r"^(\w[\w ]*):$", text, re.MULTILINE)
    assert heads == [head for head in (*GROUPS, helping.OTHERS, "Example") if head in heads]
    assert f"forecaster {command} " in text.rpartition("Example:")[2]


def test_the_list_of_commands_has_whole_sentences() -> None:
    text = cli.get_help(cli.make_context("forecaster", ["--help"], resilient_parsing=True))
    for name, command in cli.commands.items():
        assert command.short_help
        assert f"  {name} " in text
        assert command.short_help in text


def test_commands_stand_in_the_order_of_work() -> None:
    assert COMMANDS[0] == "inspect"
    assert [name for name in COMMANDS if name in ("fit", "evaluate", "export", "forecast", "serve")] == [
        *("fit", "evaluate", "export", "forecast", "serve")
    ]


def test_the_foot_has_the_link_that_the_distribution_names(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"Project-URL": ["Source, https://x.org/code", "Documentation, https://x.org/pages"]}

    class Metadata:
        @staticmethod
        def get_all(name: str) -> list[str] | None:
            return found.get(name)

    monkeypatch.setattr("importlib.metadata.metadata", lambda _: Metadata)
    text = cli.get_help(cli.make_context("forecaster", ["--help"], resilient_parsing=True))
    assert text.endswith("Documentation:\n  https://x.org/pages")
    found.clear()
    text = cli.get_help(cli.make_context("forecaster", ["--help"], resilient_parsing=True))
    assert "Documentation" not in text


def test_a_line_continues_below_what_it_says() -> None:
    assert fill("  target  one, two, three, four, five", 24) == "\n".join(
        ["  target  one, two,", "    three, four, five"]
    )
    assert fill("  target  one, two, three, four, five", 32) == "\n".join(
        ["  target  one, two, three, four,", "          five"]
    )
    assert fill("a very/long/path/that/no/line/holds b", 10) == "a\n  very/long/path/that/no/line/holds\n  b"
    assert fill("short\n\n  lines", 10) == "short\n\n  lines"
    assert fill("as it is, however long that may be", None) == "as it is, however long that may be"


def test_an_epoch_leaves_out_first_what_the_bar_has() -> None:
    parts = {
        **{"epoch": "epoch   3", "loss": "loss 0.1234", "validation": "validation 0.1234"},
        **{"relative": "0.987 of seasonal naive", "forced": "forced 0.50", "left": "12 s left"},
    }
    assert epoch_line(parts, None, is_best=True) == "  ".join([*parts.values(), "*"])
    assert "left" not in epoch_line(parts, 90, is_best=False)
    assert epoch_line(parts, 80, is_best=True) == (
        "epoch   3  loss 0.1234  validation 0.1234  0.987 of seasonal naive  *"
    )
    assert epoch_line(parts, 40, is_best=True) == "epoch   3  validation 0.1234  *"


@pytest.mark.slow
@pytest.mark.usefixtures("fitted")
def test_serve_greets_a_terminal_with_the_address_and_a_pipe_with_json(shown: Shown, folder: Path) -> None:
    pytest.importorskip("starlette")
    if not (folder / "run" / "bundle").exists():
        shown(80, "export")
    program = (sys.executable, "-m", "forecaster")
    screen = Screen(program, folder, 40, "serve", "--port", "0", "--drain", "0")
    lines = screen.read(until="Ctrl-C ends it")
    screen.interrupt()
    screen.read()
    assert screen.end() == 0
    assert any(re.fullmatch(r"serving at http://127\.0\.0\.1:\d+", line) for line in lines)
    assert too_long(lines, 40) == []
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    serve = [*program, "serve", "--port", "0", "--drain", "0"]
    with subprocess.Popen(serve, cwd=folder, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if json.loads(line)["event"] == "serving":
                assert json.loads(line)["url"].startswith("http://127.0.0.1:")
                break
        process.send_signal(signal.SIGINT)


COMPLETIONS = {
    "bash": ("plain,--schedule", {"COMP_WORDS": "forecaster fit --sche", "COMP_CWORD": "2"}),
    "zsh": ("plain\n--schedule\n", {"COMP_WORDS": "forecaster fit --sche", "COMP_CWORD": "2"}),
    "fish": ("plain,--schedule", {"COMP_WORDS": "forecaster fit --sche", "COMP_CWORD": "--sche"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("shell", COMPLETIONS)
def test_a_shell_completes_commands_and_options(shell: str) -> None:
    expected, words = COMPLETIONS[shell]

    def run(kind: str, **more: str) -> str:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "_FORECASTER_COMPLETE": f"{shell}_{kind}",
            **more,
        }
        program = [sys.executable, "-m", "forecaster"]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    assert "_FORECASTER_COMPLETE" in run("source")
    assert run("complete", **words).startswith(expected)


@pytest.mark.slow
def test_bash_takes_the_completion_that_is_documented(tmp_path: Path) -> None:
    script = """
        eval "$(_FORECASTER_COMPLETE=bash_source forecaster)"
        COMP_WORDS=(forecaster eva) COMP_CWORD=1
        _forecaster_completion forecaster
        echo "${COMPREPLY[@]}"
    """
    wrapper = tmp_path / "forecaster"
    wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} -m forecaster "$@"\n')
    wrapper.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "evaluate"
