"""Run the blocks of code of a page in order, as a reader does, and compare what they print with the page.

A block of `sh` or `python` is run; a block of `text` right after it is what it prints. A block with a title
is a file of that name. A line `...` stands for any lines.

usage: python tests/docs/blocks.py PAGE FOLDER

writes what is printed in FOLDER into the empty blocks of text of a page.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"^```(?P<language>\w*) *(?:title=\"(?P<title>[^\"]+)\")?\n(?P<code>.*?)^```$", re.M | re.S
)
RUN = ("sh", "python")
PORT = "8000"  # of the pages; another one is taken in its place
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?")
# Others on each machine: times, sizes, releases, digests, differences of float32.
VARYING = re.compile(
    r"\d+(?:\.\d+)?(?= (?:s|ms|KiB|MiB)\b)|\d+\.\d+\.\d+(?:\+\w+)?|\b[0-9a-f]{12,}\b|\d[\d.]*e-\d+"
)
# Lines that need a network or another machine; tests/supply installs the wheel.
ELSEWHERE = ("pip install", "python -m venv", "git clone", "docker ", "crontab ", "kubectl ", "make ")
PROGRAMS = {
    "python": '#!/bin/sh\nexec "{python}" "$@"\n',
    "forecaster": '#!/bin/sh\n[ "$1" = fit ] && set -- "$@"{few}\nexec "{python}" -m forecaster "$@"\n',
}
FEW = " --set updates=2 --set epochs=1"
LOOSE = 0.25  # of a figure: processors round apart, and a fit follows
SECONDS = 300


@dataclass(frozen=True)
class Block:
    """One block to run, or a file to write (with a title)."""

    language: str
    code: str
    title: str | None
    shown: str | None  # what it prints; None: anything
    line: int


def blocks(page: str) -> list[Block]:
    """Return the blocks that are run or written, in order."""
    found = list(FENCE.finditer(page))
    made = []
    for index, match in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else None
        is_answered = (
            following is not None
            and following["language"] == "text"
            and not page[match.end() : following.start()].strip()
        )
        if match["language"] in RUN or match["title"]:
            shown = following["code"] if following is not None and is_answered else None
            line = page.count("\n", 0, match.start()) + 1
            made.append(Block(match["language"], match["code"], match["title"], shown, line))
    return made


class Reader:
    """Runs blocks in a folder: a shell a block, and one Python for all."""

    def __init__(self, folder: Path, is_brief: bool) -> None:
        self.folder = folder
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.port = free_port()
        self.groups: list[int] = []
        self.programs = folder.parent / f"{folder.name}-programs"
        self.programs.mkdir()
        for name, script in PROGRAMS.items():
            program = self.programs / name
            program.write_text(script.format(python=sys.executable, few=FEW if is_brief else ""))
            program.chmod(0o755)

    def run(self, block: Block) -> str:
        """Return what a block prints. Raises AssertionError where it fails."""
        code = block.code.replace(PORT, self.port)
        if block.title:
            (self.folder / block.title).write_text(code, encoding="utf-8")
            return ""
        said = self.in_shell(code) if block.language == "sh" else self.in_python(code)
        return said.replace(self.port, PORT)

    def in_shell(self, code: str) -> str:
        """Run lines in a shell that ends at the first failure, but those for elsewhere."""
        code = "".join(line for line in code.splitlines(keepends=True) if not line.startswith(ELSEWHERE))
        path = self.folder.parent / f"{self.folder.name}-printed"
        environment = {
            **os.environ,
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "110",
        }
        with path.open("wb") as printed:
            process = subprocess.Popen(
                ["bash", "-e", "-u", "-o", "pipefail", "-c", code],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self.groups.append(process.pid)
            status = process.wait(SECONDS)
        said = path.read_text(encoding="utf-8")
        assert status == 0, f"exit code {status} of:\n{code}\n{said}"
        return said

    def in_python(self, code: str) -> str:
        """Run lines of Python, after those of the blocks before."""
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            exec(compile(code, "<block>", "exec"), self.names)
        return printed.getvalue()

    def close(self) -> None:
        """End what blocks have left running."""
        for group in self.groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


@contextlib.contextmanager
def reading(folder: Path, *, is_brief: bool = False) -> Iterator[Reader]:
    """Give a reader of a page, and end what it left running. is_brief: fits make a few updates."""
    reader = Reader(folder, is_brief)
    try:
        yield reader
    finally:
        reader.close()


def free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


def difference(shown: str, printed: str) -> str | None:
    """Return the first line that is shown and not printed, next to what is; None where all are.

    Words and whole numbers are equal; figures with a point or a % may differ by a quarter; times, sizes and
    releases are not compared.
    """
    left = lines(printed)
    gap = False
    for line in lines(shown):
        if line == "...":
            gap = True
            continue
        while left and gap and not alike(line, left[0]):
            left.pop(0)
        if not left or not alike(line, left[0]):
            return f"shown:   {line}\nprinted: {left[0] if left else '(nothing)'}"
        left.pop(0)
        gap = False
    return None if gap or not left else f"shown:   (nothing)\nprinted: {left[0]}"


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def alike(shown: str, printed: str) -> bool:
    """Return whether two lines say the same."""
    shown, printed = (VARYING.sub("", text) for text in (shown, printed))
    if NUMBER.sub("#", shown) != NUMBER.sub("#", printed):
        return False
    pairs = zip(NUMBER.finditer(shown), NUMBER.finditer(printed), strict=True)
    return all(close(one, other) for one, other in pairs)


def close(shown: re.Match[str], printed: re.Match[str]) -> bool:
    one, other = (float(match[0].replace(",", "")) for match in (shown, printed))
    is_figure = "." in shown[0] or shown.string[shown.end() :].startswith(" %")
    return abs(one - other) <= LOOSE * abs(one) if is_figure else one == other


def main(page: Path, folder: Path) -> None:
    """Fill the empty blocks of text of a page with what the blocks before them print in a folder."""
    text = page.read_text(encoding="utf-8")
    with reading(folder, is_brief=page.parent.name == "guides") as reader:
        for block in blocks(text):
            sys.stderr.write(f"{page.name}:{block.line}\n")
            said = reader.run(block)
            if block.shown == "":
                old = f"```{block.language}\n{block.code}```\n\n```text\n```"
                text = text.replace(old, f"{old[:-3]}{said.rstrip()}\n```", 1)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
