"""Bundles that change under a service: the next answers are of the new one, and none is lost or mixed."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from running import BUNDLES, PATIENCE, Service

from deploy import Calibrator, Predictor
from deploy.adaptive.calibrator import offsets_of
from deploy.bundle.bundle import digest_of
from deploy.server.models import reloading
from deploy.server.models.reloading import Reloader
from deploy.server.settings import Settings

pytestmark = pytest.mark.slow

Start = Callable[..., Service]
RELOADS = int(os.environ.get("RELOADS", "8"))
CONNECTIONS = int(os.environ.get("CONNECTIONS", "8"))
GROWTH = 40 << 20  # bytes; a model with its sessions has more than 2 MB
FAST = ("--reload", "0.05")
SERIES = {"series": [{"values": [1, 2, 3]}, {"values": [9, 4, 7, 5]}], "horizon": 9}
# Names of the levels are the model's: an answer in which they do not fit its digest is of two models.
LEVELS = [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], [0.05, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.95]]


class Versions:
    """Bundles of one interface, and the link that a service reads."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.link = folder, folder / "served"
        self.digests = [self._write(number) for number in range(len(LEVELS))]

    def _write(self, number: int) -> str:
        path = self._folder / f"version-{number}"
        shutil.copytree(BUNDLES / "plain", path)
        manifest = json.loads((path / "manifest.json").read_bytes())
        manifest["quantile_levels"] = LEVELS[number]
        manifest["digest"] = digest_of(manifest)
        (path / "manifest.json").write_text(json.dumps(manifest))
        return str(manifest["digest"])

    def swap(self, name: str | int) -> None:
        """Point the link at a version, or at another folder."""
        target = f"version-{name}" if isinstance(name, int) else name
        new = self._folder / "new"
        new.symlink_to(target)
        new.rename(self.link)


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    made = Versions(tmp_path / "bundles")
    made.swap(0)
    return made


def served(service: Service) -> str:
    return str(service.get("/models")["models"][0]["bundle"])


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def reloads(service: Service, outcome: str) -> list[dict[str, Any]]:
    return [line for line in service.log() if line["event"] == "reload" and line["outcome"] == outcome]


def resident(service: Service) -> int:
    return int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("arguments", [(), ("--isolate",)], ids=["here", "isolated"])
def test_a_bundle_that_changes_serves_without_a_lost_or_mixed_answer(
    start: Start, versions: Versions, arguments: tuple[str, ...]
) -> None:
    service = start(f"forecast={versions.link}", *FAST, *arguments, "--quiet")
    expected = {
        digest: [f"{level:g}" for level in levels]
        for digest, levels in zip(versions.digests, LEVELS, strict=True)
    }
    ended, wrong, answers = threading.Event(), list[Any](), set[str]()

    def ask() -> None:
        while not ended.is_set():
            status, _, body = service.ask("POST", "/forecast", SERIES)
            answer = json.loads(body)
            if status != 200 or list(answer["forecasts"][0]["quantiles"]) != expected[answer["bundle"]]:
                wrong.append((status, answer))
                return
            answers.add(answer["bundle"])

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    sizes = []
    try:
        for number in range(1, RELOADS + 1):
            versions.swap(number % 2)
            until(lambda: served(service) == versions.digests[number % 2], "it still serves the other one")  # noqa: B023
            sizes.append(resident(service))
    finally:
        ended.set()
        for thread in threads:
            thread.join(PATIENCE)
    assert wrong == []
    assert answers == set(versions.digests)
    assert len(reloads(service, "replaced")) == RELOADS
    assert max(sizes[len(sizes) // 2 :]) - min(sizes[: len(sizes) // 2]) < GROWTH
    figures = service.ask("GET", "/metrics")[2].decode()
    assert f'forecaster_model_reloads_total{{model="forecast",outcome="replaced"}} {RELOADS}.0' in figures
    infos = [line for line in figures.splitlines() if line.startswith("forecaster_model_info{")]
    assert len(infos) == 1
    assert versions.digests[RELOADS % 2][:12] in infos[0]


def test_threads_and_processes_of_models_that_were_replaced_end(start: Start, versions: Versions) -> None:
    service = start(f"forecast={versions.link}", *FAST, "--isolate")
    task = Path(f"/proc/{service.process.pid}/task")

    def children() -> int:
        return sum(len((thread / "children").read_text().split()) for thread in task.iterdir())

    for number in (1, 0, 1):
        versions.swap(number)
        until(lambda: served(service) == versions.digests[number], "it still serves the other one")  # noqa: B023
        service.forecast(SERIES)
    until(lambda: children() == 1, f"{children()} processes of one model")


def test_another_kind_of_model_may_take_the_place(start: Start, versions: Versions) -> None:
    service = start(f"forecast={versions.link}", *FAST)
    service.forecast(SERIES)
    versions.swap(str(BUNDLES / "covariates"))
    until(lambda: served(service) != versions.digests[0], "it still serves the other one")
    (model,) = service.get("/models")["models"]
    answer = service.forecast(model["example"])
    assert answer["bundle"] == model["bundle"] == Predictor.load(BUNDLES / "covariates").manifest.digest
    assert "future_known" in json.dumps(service.get("/openapi.json"))
    status, error = service.refusal(SERIES)
    assert status == 400
    assert "known" in error


def test_a_damaged_bundle_is_said_and_the_one_before_continues(start: Start, versions: Versions) -> None:
    service = start(f"forecast={versions.link}", *FAST)
    damaged = versions.link.parent / "damaged"
    shutil.copytree(versions.link.parent / "version-1", damaged)
    (damaged / "golden.json").write_bytes(b"{}")
    versions.swap("damaged")
    until(lambda: bool(reloads(service, "failed")), "nothing is said")
    (line,) = reloads(service, "failed")
    assert line["level"] == "error"
    assert "golden.json is damaged" in line["message"]
    assert "continues" in line["message"]
    assert service.forecast(SERIES)["bundle"] == versions.digests[0]
    shutil.copy(versions.link.parent / "version-1" / "golden.json", damaged)
    until(lambda: served(service) == versions.digests[1], "a bundle that was mended is not tried again")


def test_a_bundle_that_is_gone_for_a_while_changes_nothing(start: Start, versions: Versions) -> None:
    service = start(f"forecast={versions.link}", *FAST)
    versions.swap("nowhere")
    until(lambda: bool(reloads(service, "failed")), "nothing is said")
    assert service.forecast(SERIES)["bundle"] == versions.digests[0]
    versions.swap(0)
    time.sleep(0.3)
    versions.swap(1)
    until(lambda: served(service) == versions.digests[1], "it looks no more")


def test_sighup_looks_at_once_and_answers(start: Start, versions: Versions) -> None:
    service = start(f"forecast={versions.link}", "--reload", "0")
    versions.swap(1)
    time.sleep(0.2)
    assert served(service) == versions.digests[0]
    service.process.send_signal(signal.SIGHUP)
    until(lambda: served(service) == versions.digests[1], "SIGHUP did nothing")
    service.process.send_signal(signal.SIGHUP)
    until(lambda: bool(reloads(service, "unchanged")), "nothing is said")
    assert service.terminate() == 0


def test_offsets_that_change_next_to_a_bundle_are_taken(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "bundles" / "plain"
    shutil.copytree(BUNDLES / "plain", path)
    service = start(f"forecast={path}", *FAST)
    before = service.ask("POST", "/forecast", SERIES)[2]
    predictor = Predictor.load(path)
    values = [[20.0 * (1 + 9 * (step % 2)) for step in range(60)]]
    Calibrator.fresh(predictor.manifest).update(predictor, values, new=20).save(path)
    until(lambda: service.ask("POST", "/forecast", SERIES)[2] != before, "other intervals")


def test_how_forecasts_have_done_is_among_the_figures_while_there_are_offsets(
    start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "bundles" / "plain"
    shutil.copytree(BUNDLES / "plain", path)
    service = start(f"forecast={path}", *FAST)

    def figures() -> dict[str, float]:
        lines = service.ask("GET", "/metrics")[2].decode().splitlines()
        names = ("forecaster_running", "forecaster_alarm")
        return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith(names)}

    assert figures() == {}
    predictor = Predictor.load(path)
    values = [[20.0 * (1 + 9 * (step % 2)) for step in range(60)]]
    learnt = Calibrator.fresh(predictor.manifest).update(predictor, values, new=20)
    learnt.save(path)
    until(lambda: bool(figures()), "no figures")
    record = learnt.record
    assert figures() == {
        **{
            f'forecaster_running_coverage{{level="{level:g}",model="forecast"}}': share
            for level, share in record.coverage.items()
        },
        'forecaster_running_loss_ratio{model="forecast"}': record.loss,
        'forecaster_alarm{model="forecast"}': float(bool(record.alarm)),
    }
    offsets_of(path).unlink()
    until(lambda: not figures(), "figures of no file")


def test_a_defect_of_loading_is_said_and_looking_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    said, looks = list[Any](), threading.Event()

    def load(*_: Any) -> Any:
        if len(said) > 1:
            looks.set()
        raise RuntimeError("a defect below")

    monkeypatch.setattr(reloading, "load_model", load)
    model = SimpleNamespace(name="m", manifest=SimpleNamespace(digest="0" * 64))
    settings = Settings({"m": BUNDLES / "plain"}, reload=0.01)
    log = SimpleNamespace(write=lambda *given, **fields: said.append((given, fields)))
    metrics = SimpleNamespace(saw_reload=lambda *_: None)
    reloader = Reloader(cast(Any, {"m": model}), settings, cast(Any, metrics), cast(Any, log))
    reloader.ask()

    async def play() -> bool:
        reloader.start()
        for _ in range(3):
            await asyncio.sleep(0.05)
            reloader.ask()
        found = await asyncio.to_thread(looks.wait, PATIENCE)
        reloader.end()
        return found

    assert asyncio.run(play())
    assert "a defect below" in said[0][1]["message"]
