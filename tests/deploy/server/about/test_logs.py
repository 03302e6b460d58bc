"""A log is bounded: in bytes of a line, in bytes that wait, and in lines that say the same."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.server.about import logs
from deploy.server.about.logs import LONGEST_TEXT, MOST_BYTES, TROUBLES_AT_ONCE, LibraryHandler, Log


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Any]:
    """A log, and a function that ends it and returns its lines."""
    with (tmp_path / "log").open("wb", buffering=0) as file:
        log = Log(file)

        def lines() -> list[dict[str, Any]]:
            log.close()
            return [json.loads(line) for line in (tmp_path / "log").read_bytes().splitlines()]

        yield log, lines


def test_a_long_text_is_cut_in_the_middle(written: Any) -> None:
    log, lines = written
    log.write("request", method="A" * 60_000, error="first" + "\0" * 60_000 + "last")
    (line,) = lines()
    assert len(line["method"]) == LONGEST_TEXT + 1
    assert line["error"].startswith("first")
    assert line["error"].endswith("last")


def test_what_waits_for_a_reader_has_a_bound_in_bytes() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb") as stream:
        log = Log(stream)
        for _ in range(3 * MOST_BYTES // LONGEST_TEXT):
            log.write("request", error="a" * LONGEST_TEXT)
        assert log._size <= MOST_BYTES
        first = source.readline()
        while log._lost:
            os.read(reader, 1 << 16)
            log.write("request", error="b")
        log.close()
    assert json.loads(first)["error"] == "a" * LONGEST_TEXT


def test_of_many_requests_that_fail_at_once_some_are_written(
    written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, lines = written
    now = log._troubles["warning"]._then
    monkeypatch.setattr(logs.time, "monotonic", lambda: now)
    for _ in range(TROUBLES_AT_ONCE + 50):
        log.write("request", "warning", status=400)
        log.write("request", status=200)
    now += 1.0
    log.write("request", "warning", status=400)
    found = lines()
    assert sum(line["status"] == 400 for line in found) == TROUBLES_AT_ONCE + 1
    assert sum(line["status"] == 200 for line in found) == TROUBLES_AT_ONCE + 50
    assert found[-1]["left_out"] == 50


def test_a_library_says_the_same_once_a_second(written: Any) -> None:
    log, lines = written
    logger = logging.Logger("asyncio")
    logger.addHandler(LibraryHandler(log))
    for number in range(1000):
        logger.error("out of files: %d", number)
    logger.error("another")
    assert [line["message"] for line in lines()] == ["out of files: 0", "another"]
