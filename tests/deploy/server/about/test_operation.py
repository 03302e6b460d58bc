"""Figures, logs, the token, a page: what those who run a service look at."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from running import BUNDLES, PATIENCE, ROOT, Service

pytestmark = pytest.mark.slow

Start = Callable[..., Service]
ASKED = {"series": [{"values": [1, 2, 3]}]}
TOKEN = "a-token-of-some-length"
MEMORY = 120 << 20  # bytes resident with one bundle
SECONDS = 1.0  # from the import of the service to ready


def figures(service: Service) -> dict[tuple[str, ...], float]:
    """Values by name and labels."""
    status, headers, body = service.ask("GET", "/metrics")
    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def test_requests_and_runs_are_counted(start: Start) -> None:
    counted = start()
    for _ in range(3):
        counted.forecast({"series": ASKED["series"] * 5})
    counted.ask("POST", "/forecast", b"{")
    counted.ask("GET", "/nothing/" + "x" * 100)
    found = figures(counted)
    assert found["forecaster_requests_total", "/forecast", "200"] == 3
    assert found["forecaster_requests_total", "/forecast", "400"] == 1
    assert found["forecaster_requests_total", "404", "other"] == 1
    assert found["forecaster_errors_total", "bad_request"] == 1
    assert found["forecaster_request_seconds_count", "/forecast"] == 4
    assert found["forecaster_run_seconds_count", "forecast"] == 3
    assert found["forecaster_run_series_sum", "forecast"] == 15
    assert found["forecaster_run_requests_sum", "forecast"] == 3
    assert found["forecaster_queue_series", "forecast"] == 0
    assert found[("process_resident_memory_bytes",)] > 0


def test_the_figures_say_what_is_served(service: Service) -> None:
    models = [name for name in figures(service) if name[0] == "forecaster_model_info"]
    assert len(models) == 3
    assert all("CPUExecutionProvider" in labels for labels in models)


def test_a_log_line_names_the_request_as_the_answer_does(start: Start) -> None:
    logged = start()
    _, headers, _ = logged.ask("POST", "/forecast", ASKED)
    logged.ask("POST", "/forecast", b"[1, secret]", {"X-Request-ID": "mine-7"})
    lines = requests_in(logged, 2)
    assert lines[0]["id"] == headers["x-request-id"]
    expected = {"method": "POST", "endpoint": "/forecast", "status": 200, "model": "forecast"}
    assert expected.items() <= lines[0].items()
    assert (lines[1]["id"], lines[1]["status"], lines[1]["level"]) == ("mine-7", 400, "warning")
    assert b"secret" not in logged.log_file.read_bytes()


def test_an_id_that_could_be_anything_is_not_taken_over(service: Service) -> None:
    _, headers, _ = service.ask("GET", "/v2", headers={"X-Request-ID": 'a" b'})
    assert headers["x-request-id"] != 'a" b'


def test_a_quiet_service_logs_what_went_wrong_alone(start: Start) -> None:
    quiet = start("--quiet")
    quiet.forecast(ASKED)
    quiet.ask("POST", "/forecast", b"{")
    assert [line["status"] for line in requests_in(quiet, 1)] == [400]


def test_a_log_that_nobody_reads_holds_nothing_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "deploy.server",
        str(BUNDLES / "plain"),
        "--port",
        str(port),
        "--drain",
        "0",
    ]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert b"serving" in process.stderr.readline()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        for _ in range(600):  # more lines than a pipe holds
            connection.request("GET", "/v2", headers={"X-Request-ID": "x" * 128})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        connection.close()
        process.terminate()
        assert process.wait(PATIENCE) == 0


def requests_in(service: Service, count: int) -> list[dict[str, Any]]:
    """So many lines of requests, once they are written."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = [line for line in service.log() if line["event"] == "request"]
        if len(found) >= count:
            return found
        time.sleep(0.01)
    raise AssertionError(service.log())


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "token").write_text(TOKEN + "\n")
    running = Service(folder, str(BUNDLES / "plain"), "--token-file", str(folder / "token"))
    yield running
    running.kill()


@pytest.mark.parametrize(
    "path", ["/models", "/openapi.json", "/metrics", "/v2", "/v2/models/forecast", "/nothing"]
)
def test_without_the_token_nothing_is_told(guarded: Service, path: str) -> None:
    for value in (None, "", TOKEN, "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}"):
        status, headers, body = guarded.ask("GET", path, headers={"Authorization": value} if value else {})
        assert (status, headers["www-authenticate"]) == (401, "Bearer")
        assert json.loads(body) == {"error": "expected the header Authorization: Bearer TOKEN"}


def test_with_the_token_all_is_as_without_one(guarded: Service) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.ask("POST", "/forecast", ASKED, headers)[0] == 200
    assert guarded.ask("GET", "/metrics", headers=headers)[0] == 200


def test_health_needs_no_token(guarded: Service) -> None:
    assert guarded.ask("GET", "/v2/health/live")[0] == 200
    assert guarded.ask("GET", "/v2/health/ready")[0] == 200


def test_a_service_is_ready_within_a_second_and_small(start: Start) -> None:
    small = start()
    assert small.wait_for("serving")["seconds"] < SECONDS
    for length in range(1, 60):
        small.forecast({"series": [{"values": list(range(1, length + 1))}]})
    pages = int(Path(f"/proc/{small.process.pid}/statm").read_text().split()[1])
    assert pages * os.sysconf("SC_PAGE_SIZE") < MEMORY


def test_what_is_not_there_is_said_so(service: Service) -> None:
    status, _, body = service.ask("GET", "/nothing")
    assert (status, json.loads(body)) == (404, {"error": "there is nothing here"})


def test_a_wrong_method_names_the_right_one(service: Service) -> None:
    status, headers, _ = service.ask("GET", "/forecast")
    assert (status, headers["allow"]) == (405, "POST")


def test_answers_are_not_stored_nor_guessed_at(service: Service) -> None:
    _, headers, _ = service.ask("GET", "/models")
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert "server" not in headers
