"""examples/consumer.py as a process between pipes: no line is lost, and none ends it."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from deploy import Predictor

pytestmark = pytest.mark.slow

PATIENCE = 30.0  # seconds that a process may take on a busy machine
ROOT = Path(__file__).parents[2]
Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def dead(tmp_path: Path) -> Path:
    """Where the dead letters go."""
    return tmp_path / "dead.jsonl"


@pytest.fixture
def start(examples: Path, bundle: Path, dead: Path) -> Iterator[Start]:
    """start(): a worker that ends with the test."""
    started = []

    def begin() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "error", examples / "consumer.py", bundle, dead]
        pipe = subprocess.PIPE
        started.append(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env={"PYTHONPATH": str(ROOT)})
        )
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def module(examples: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same in this process."""
    monkeypatch.syspath_prepend(examples)
    return importlib.import_module("consumer")


def run(start: Start, lines: list[str | bytes]) -> list[dict[str, Any]]:
    """The answers to some lines."""
    data = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
    process = start()
    out, err = process.communicate(data, PATIENCE)
    assert (process.returncode, err) == (0, b"")
    return [json.loads(line) for line in out.splitlines()]


def letters(dead: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in dead.read_text().splitlines()]


def test_every_message_is_answered_with_the_numbers_of_the_predictor(
    start: Start, predictor: Predictor, dead: Path
) -> None:
    asked = [
        {"id": number, "values": [1.0 + number, None, 3.0], "horizon": 1 + number % 3}
        for number in range(100)
    ]
    found = {answer["id"]: answer["quantiles"] for answer in run(start, [json.dumps(one) for one in asked])}
    assert len(found) == 100
    for one in asked:
        expected = predictor.forecast([one["values"][0], float("nan"), 3.0], one["horizon"])
        assert found[one["id"]]["0.5"] == expected.median[0].tolist()
    assert letters(dead) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Expecting property name"),
        ("[1, 2]", "expected an object with a list called values"),
        (b"\xff", "invalid start byte"),
        ("[" * 100_000, "recursion"),
        ('{"values": [null]}', "its last 1 values are all NaN"),
        ('{"values": ["a"]}', "expected numbers"),
        ('{"values": [1], "horizon": 99}', "horizon must be between 1 and 18 steps"),
        ('{"values": [1], "horizon": []}', "unhashable"),
        ('{"values": [1], "last_timestamp": "soon"}', "expected an ISO date"),
        ('{"values": [1], "deadline": 5}', "its deadline 5 is over"),
        ('{"values": [1], "deadline": "soon"}', "not supported between"),
    ],
)
def test_a_poisoned_message_is_buried_and_the_others_are_answered(
    start: Start, dead: Path, line: str | bytes, reason: str
) -> None:
    good = ['{"id": 1, "values": [1, 2]}', '{"id": 2, "values": [3], "last_timestamp": "2024-06-01"}']
    found = run(start, [good[0], line, good[1], ""])
    assert {answer["id"] for answer in found} == {1, 2}
    (letter,) = letters(dead)
    assert reason in letter["error"]
    assert letter["line"] == (line if isinstance(line, str) else r"\xff")


def test_an_answer_comes_while_the_input_stays_open(start: Start) -> None:
    process = start()
    assert process.stdin
    assert process.stdout
    process.stdin.write(b'{"id": "first", "values": [1, 2]}\n{"id": "sec')
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == "first"
    process.stdin.write(b'ond", "values": [1, 2]}\n')
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == "second"


def test_sigterm_ends_it_with_an_answer_to_all_that_was_read(start: Start, dead: Path) -> None:
    process = start()
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"".join(b'{"id": %d, "values": [1, 2]}\n' % number for number in range(100)))
    process.stdin.write(b'{"id": "cut o')
    process.stdin.flush()
    first = process.stdout.readline()
    process.terminate()
    began = time.monotonic()
    rest = process.stdout.read()
    assert process.wait(PATIENCE) == 0
    assert time.monotonic() - began < 5
    found = [json.loads(line)["id"] for line in (first + rest).splitlines()]
    assert found == list(range(100))
    assert [letter["line"] for letter in letters(dead)] == ['{"id": "cut o']


def test_what_waits_together_is_one_run(module: Any, predictor: Predictor) -> None:
    class Counting:
        runs = 0

        def forecast(self, *arguments: Any, **options: Any) -> Any:
            self.runs += 1
            return predictor.forecast(*arguments, **options)

    counting, answers, dead = Counting(), StringIO(), StringIO()
    worker = module.Worker(counting, answers, dead)
    worker.work([b'{"values": [1, 2]}'] * 50)
    assert (counting.runs, answers.getvalue().count("\n"), dead.getvalue()) == (1, 50, "")


def test_a_line_without_an_end_does_not_fill_the_memory(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE", 1000)
    reader, writer = os.pipe()
    batches = module.read_batches(reader, threading.Event())
    os.write(writer, b"x" * 2000)
    assert next(batches) == [b"x" * 2000]
    os.write(writer, b"rest\nshort\n")
    assert next(batches) == [b"rest", b"short"]
    os.close(reader)
    os.close(writer)


def test_a_bundle_that_is_missing_is_said_in_a_line(examples: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, examples / "consumer.py", tmp_path / "none", tmp_path / "dead"],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 5
    assert done.stderr.startswith("error: no bundle at ")
    assert done.stderr.count("\n") == 1
