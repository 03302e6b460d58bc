"""POST /read: files go to a reader in a process of its own, whatever they do to it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from running import BUNDLES, Service

from deploy.bundle.bundle import read_bundle

pytestmark = pytest.mark.slow

HERE = Path(__file__).parents[1]
FAKE: dict[str, Any] = {"program": ["-m", "fake_reader"], "PYTHONPATH": f"{HERE}:{HERE.parents[2]}"}
NAMED = [f"{name}={BUNDLES / name}" for name in ("plain", "joint")]


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of two models with a reader that does what files say, for a second at most."""
    folder = tmp_path_factory.mktemp("reading")
    limits = ["--reading", "1", "--file", "1000"]
    running = Service(folder, *NAMED, *limits, **FAKE)
    yield running
    running.kill()


def read(service: Service, content: bytes, query: str = "") -> tuple[int, Any]:
    """Status and JSON of an answer."""
    status, _, body = service.ask("POST", f"/read{query}", content)
    return status, json.loads(body)


def test_a_service_without_a_reader_says_so(service: Service) -> None:
    status, said = read(service, b"time,y\n2024-01-01,1\n")
    assert (status, said["error"]) == (
        501,
        "this service reads no files, `forecaster serve` does; POST /forecast takes series as JSON",
    )
    assert service.get("/models")["reads"] is None
    assert "/read" not in service.get("/openapi.json")["paths"]


def test_a_service_with_a_reader_says_what_it_reads(reading: Service) -> None:
    reads = reading.get("/models")["reads"]
    assert reads["endings"] == [".csv"]
    assert {"time", "target", "na", "time_format"} <= set(reads["options"])
    described = reading.get("/openapi.json")["paths"]["/read"]["post"]
    names = [parameter["name"] for parameter in described["parameters"]]
    assert names == ["model", "name", *reads["options"]]
    assert described["parameters"][0]["schema"]["enum"] == ["plain", "joint"]


def test_the_reader_is_given_the_file_the_model_and_what_was_said(reading: Service) -> None:
    query = "?name=../../etc/sales.csv&model=joint&target=a&target=b&time=&na=n%2Fa&time_format=%25d.%25m"
    status, said = read(reading, b"x" * 300, query)
    assert status == 200
    assert said["options"] == {"target": ["a", "b"], "time": [""], "na": ["n/a"], "time_format": "%d.%m"}
    assert (said["size"], said["path"], said["model"]) == (300, "sales.csv", "joint")
    manifest = read_bundle(BUNDLES / "joint").manifest
    assert (said["digest"], said["horizon"]) == (manifest.digest, manifest.max_horizon)
    assert said["points"] == 1_000_000


def test_what_the_reader_refuses_is_passed_on(reading: Service) -> None:
    assert read(reading, b"bad")[0] == 422
    assert read(reading, b"odd")[0] == 422


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        (
            "?path=/etc/passwd",
            400,
            "the query: unknown name 'path'; known: model, name, time",
        ),
        ("?url=http://x", 400, "the query: unknown name 'url'"),
        ("?model=other", 404, "model: there is none called 'other'; there are plain, joint"),
        (f"?target={'x' * 257}", 400, "target: expected up to 256 characters"),
        ("?na=%00", 400, "na: expected up to 256 characters"),
        ("?sheet=a&sheet=b", 400, "sheet: expected one, found 'a' and 'b'"),
        ("?aggregate=null", 400, "aggregate: expected one of sum mean count last min max, found 'null'"),
        ("?" + "na=x&" * 1025, 400, "na: expected up to 1024 of them"),
    ],
)
def test_a_query_of_another_form_is_refused(reading: Service, query: str, status: int, expected: str) -> None:
    found, said = read(reading, b"x", query)
    assert (found, said["error"][: len(expected)]) == (status, expected)


def test_a_body_that_is_too_large_is_refused(reading: Service) -> None:
    assert read(reading, b"")[1]["size"] == 0  # of which the reader says what is wrong
    status, said = read(reading, b"x" * 1001)
    assert (status, said["error"]) == (413, "the body is larger than 1000 bytes")


@pytest.mark.parametrize(
    ("content", "status", "expected"),
    [
        (b"sleep", 504, "the file was not read within"),
        (b"die", 422, "the process that read the file ended with SIGSEGV: the file is too large, or damaged"),
        (b"memory", 413, "the file takes more memory than a request may have"),
        (b"write", 500, "the service failed"),
        (b"fail", 500, "the service failed"),
    ],
)
def test_a_file_that_takes_too_much_ends_its_own_answer_alone(
    reading: Service, content: bytes, status: int, expected: str
) -> None:
    found, said = read(reading, content)
    assert (found, said["error"][: len(expected)]) == (status, expected)
    assert read(reading, b"next")[0] == 200
    assert reading.get("/models")["models"]


def test_a_defect_of_the_reader_is_in_the_log(reading: Service) -> None:
    read(reading, b"fail")
    assert any("ValueError: a defect" in line.get("error", "") for line in reading.log())


def test_few_wait_for_the_reader_and_forecasts_go_on(reading: Service) -> None:
    with ThreadPoolExecutor(12) as crowd:
        waiting = [crowd.submit(read, reading, b"sleep") for _ in range(12)]
        time.sleep(0.3)
        example = reading.get("/models")["models"][0]["example"]
        assert reading.forecast({**example, "model": "plain"})["forecasts"]
        statuses = sorted(job.result()[0] for job in waiting)
    assert statuses == [503] * 4 + [504] * 8


def test_who_hangs_up_ends_the_reading(tmp_path: Path) -> None:
    service = Service(tmp_path, *NAMED, "--drain", "0.1", **FAKE)
    try:
        first = read(service, b"x")[1]["process"]
        with service.connect() as connection:
            connection.sendall(b"POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nsleep")
            time.sleep(0.3)
        status, said = read(service, b"x")
        assert status == 200
        assert said["process"] != first
        assert service.terminate() == 0
    finally:
        service.kill()
