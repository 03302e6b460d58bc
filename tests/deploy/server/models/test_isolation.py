"""serve --isolate: a model whose process crashes is back soon, and everything else does not notice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from running import BUNDLES, PATIENCE, ROOT, Service

from deploy.server.about.logs import Log
from deploy.server.answers import Refusal
from deploy.server.models import isolation, processes
from deploy.server.models.isolation import IsolatedRunner
from deploy.server.settings import Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc of Linux"),
]

Start = Callable[..., Service]
SERIES = {"series": [{"values": [1, 2, 3]}, {"values": [9, 4, 7, 5]}], "horizon": 9}
NAMES = ("plain", "covariates", "joint")
SETTINGS = Settings({"plain": BUNDLES / "plain"})


def children(process: int) -> list[int]:
    """Its processes, the oldest first."""
    found = [text for task in Path(f"/proc/{process}/task").iterdir() for text in _children(task)]
    return sorted(map(int, found))


def _children(task: Path) -> list[str]:
    return (task / "children").read_text().split()


def wait_until(holds: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.01)
    raise AssertionError(what)


def is_gone(process: int) -> bool:
    """Whether it has ended, if nobody has asked for its exit code, too."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def loads(process: int, library: str) -> bool:
    return library in Path(f"/proc/{process}/maps").read_text()


def figure(service: Service, name: str) -> float:
    lines = service.ask("GET", "/metrics")[2].decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name + "{"))


def test_forecasts_paths_and_errors_are_those_of_one_process(
    start: Start, service: Service, examples: dict[str, dict[str, Any]]
) -> None:
    isolated = start("--isolate", *[f"{name}={BUNDLES / name}" for name in NAMES])
    for asked in [
        *({**example, "model": name, "paths": 300} for name, example in examples.items()),
        SERIES,
        {**SERIES, "paths": 700, "seed": 3},
        {"series": [{"values": [1, 2, n]} for n in range(1, 100)]},
        {"series": [{"values": [3e38, 1e-38]}]},
        {"series": [{"values": [None]}]},
    ]:
        assert isolated.ask("POST", "/forecast", asked)[::2] == service.ask("POST", "/forecast", asked)[::2]
    assert isolated.get("/models") == service.get("/models")
    assert isolated.get("/v2/models/joint/ready") == {"name": "joint", "ready": True}


def test_a_process_for_each_bundle_and_none_of_onnxruntime_in_the_service(start: Start) -> None:
    named = [f"{name}={BUNDLES / name}" for name in NAMES]
    isolated = start("--isolate", *named, FORECASTER_TOKEN="a-token-of-some-length")
    processes = children(isolated.process.pid)
    assert len(processes) == len(NAMES)
    assert all(loads(process, "onnxruntime") for process in processes)
    assert not loads(isolated.process.pid, "onnxruntime")
    for process in processes:
        assert b"a-token-of-some-length" not in Path(f"/proc/{process}/environ").read_bytes()


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGFPE, signal.SIGABRT, signal.SIGKILL])
def test_a_crash_is_told_and_the_model_is_back(start: Start, number: signal.Signals) -> None:
    isolated = start("--isolate", "a=" + str(BUNDLES / "plain"), "b=" + str(BUNDLES / "joint"))
    before = isolated.forecast(SERIES)
    crashed, other = children(isolated.process.pid)
    os.kill(crashed, number)
    line = isolated.wait_for("crashed")
    assert (line["model"], line["cause"], line["level"]) == ("a", number.name, "error")
    status, headers, body = isolated.ask("POST", "/forecast", SERIES)
    assert (status, headers["retry-after"]) == (503, "1"), body
    assert b"model a is being started again" in body
    assert [isolated.ask("GET", f"/v2/{path}/ready")[0] for path in ("models/a", "models/b", "health")] == [
        503,
        200,
        200,
    ]
    assert isolated.ask("GET", "/v2/health/live")[0] == 200
    assert figure(isolated, "forecaster_model_up") == 0
    isolated.wait_for("restarted")
    assert isolated.forecast(SERIES) == before
    assert isolated.ask("GET", "/v2/models/a/ready")[0] == 200
    assert figure(isolated, "forecaster_model_up") == 1
    assert figure(isolated, "forecaster_model_restarts_total") == 1
    assert other in children(isolated.process.pid)


def test_a_service_whose_only_model_is_down_is_not_ready_and_lives(start: Start) -> None:
    isolated = start("--isolate")
    (process,) = children(isolated.process.pid)
    os.kill(process, signal.SIGBUS)
    isolated.wait_for("crashed")
    assert [isolated.ask("GET", f"/v2/health/{kind}")[0] for kind in ("ready", "live")] == [503, 200]
    isolated.wait_for("restarted")
    assert isolated.ask("GET", "/v2/health/ready")[0] == 200


def test_a_request_under_way_in_a_crash_is_answered_with_503(start: Start) -> None:
    isolated = start("--isolate")
    (process,) = children(isolated.process.pid)
    os.kill(process, signal.SIGSTOP)
    found: list[Any] = []
    asked = [SERIES, {**SERIES, "paths": 10}]
    threads = [
        threading.Thread(target=lambda body=body: found.append(isolated.ask("POST", "/forecast", body)))  # type: ignore[misc]
        for body in asked
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.3)  # both have come
    os.kill(process, signal.SIGKILL)
    for thread in threads:
        thread.join()
    assert [(status, headers["retry-after"]) for status, headers, _ in found] == [(503, "1")] * 2
    isolated.wait_for("restarted")
    assert isolated.forecast(SERIES)


def test_a_bundle_that_is_gone_from_the_disk_is_served_after_a_crash(start: Start, tmp_path: Path) -> None:
    shutil.copytree(BUNDLES / "plain", tmp_path / "bundles" / "plain")
    isolated = start("--isolate", str(tmp_path / "bundles" / "plain"))
    before = isolated.forecast(SERIES)
    shutil.rmtree(tmp_path / "bundles")
    os.kill(children(isolated.process.pid)[0], signal.SIGSEGV)
    isolated.wait_for("restarted")
    assert isolated.forecast(SERIES) == before


def test_no_process_outlives_a_service_that_is_killed(start: Start) -> None:
    isolated = start("--isolate", *[f"{name}={BUNDLES / name}" for name in NAMES])
    processes = children(isolated.process.pid)
    isolated.kill()
    for process in processes:
        wait_until(lambda process=process: is_gone(process), f"process {process} is still there")  # type: ignore[misc]


def test_sigterm_to_all_processes_drains_and_none_is_left(start: Start) -> None:
    isolated = start("--isolate", "--drain", "0.5")
    (process,) = children(isolated.process.pid)
    os.kill(process, signal.SIGTERM)
    os.kill(process, signal.SIGINT)
    isolated.process.send_signal(signal.SIGTERM)
    isolated.wait_for("draining")
    assert isolated.forecast(SERIES)
    assert isolated.process.wait(PATIENCE) == 0
    assert is_gone(process)
    assert [line["event"] for line in isolated.log() if line["event"] != "request"] == [
        "serving",
        "draining",
        "stopped",
    ]


def test_a_bundle_that_is_none_ends_an_isolated_service_as_any(tmp_path: Path) -> None:
    shutil.copytree(BUNDLES / "plain", tmp_path / "plain")
    golden = tmp_path / "plain" / "golden.json"
    golden.write_bytes(golden.read_bytes()[:-1])
    command = [sys.executable, "-m", "deploy.server", "--port", "0", str(tmp_path / "plain")]
    found, plain = (
        subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
        for more in (["--isolate"], [])
    )
    assert (found.returncode, found.stderr) == (plain.returncode, plain.stderr)
    assert found.returncode == 5


class Restarts:
    """A watch that counts."""

    count = 0

    def saw_restart(self) -> None:
        self.count += 1


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[tuple[IsolatedRunner, Restarts]]:
    with (tmp_path / "log").open("wb") as stream:
        watch = Restarts()
        found = IsolatedRunner("plain", BUNDLES / "plain", SETTINGS, Log(stream), watch)
        yield found, watch
        found.close()


def test_a_process_that_hangs_is_ended(
    runner: tuple[IsolatedRunner, Restarts], monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, watch = runner
    assert hanging._channel is not None
    monkeypatch.setattr(hanging, "_longest", 0.2)
    os.kill(hanging._channel.process.pid, signal.SIGSTOP)
    with pytest.raises(Refusal) as caught:
        hanging._ask(hanging._channel, {"do": "advance", "number": 0}, {})
    assert caught.value.status == 503
    wait_until(lambda: watch.count == 1 and hanging.is_up, "not back")


def test_pauses_get_longer_as_long_as_it_does_not_start(
    runner: tuple[IsolatedRunner, Restarts], monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing, watch = runner
    pauses: list[float] = []
    real = crashing._start

    def fail() -> Any:
        if len(pauses) < 4:
            raise OSError("no memory")
        return real()

    monkeypatch.setattr(crashing, "_start", fail)
    monkeypatch.setattr(crashing._ending, "wait", lambda pause: pauses.append(pause))
    monkeypatch.setattr(isolation, "LONGEST_PAUSE", 3.0)
    assert crashing._channel is not None
    crashing._channel.process.kill()
    wait_until(lambda: watch.count == 1, "not back")
    assert pauses == [0.5, 1.0, 2.0, 3.0]


def test_a_process_that_crashes_at_its_start_is_no_bundle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "environment", lambda: {"PYTHONPATH": str(tmp_path)})
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "__init__.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGFPE)\n"
    )
    with (tmp_path / "log").open("wb") as stream, pytest.raises(isolation.BundleError) as caught:
        IsolatedRunner("plain", BUNDLES / "plain", SETTINGS, Log(stream), Restarts())
    assert "the process of its model ended with SIGFPE before it was ready" in str(caught.value)
