"""What is more than a service takes on."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from running import Service

from deploy.errors import ConfigError
from deploy.server.settings import Limits

pytestmark = pytest.mark.slow

Start = Callable[..., Service]


def series(count: int, length: int = 3) -> list[dict[str, Any]]:
    return [{"values": list(range(1, length + 1))} for _ in range(count)]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from running import BUNDLES

    limits = ("--series", "4", "--points", "170", "--horizon", "5", "--paths", "10")
    running = Service(tmp_path_factory.mktemp("small"), str(BUNDLES / "plain"), *limits)
    yield running
    running.kill()


def test_too_many_series_are_refused(small: Service) -> None:
    assert small.refusal({"series": series(5)}) == (413, "series: 5 of them, at most 4 in a request")


def test_too_many_values_are_refused(small: Service) -> None:
    found = small.refusal({"series": series(2, 101)})
    assert found == (413, "series: 202 values, at most 170 in a request")


def test_too_large_an_answer_is_refused(small: Service) -> None:
    found = small.refusal({"series": series(4), "paths": 2, "horizon": 5})
    assert found == (413, "the forecast: 220 values, at most 170 in a request")


def test_too_many_paths_in_all_are_refused(small: Service) -> None:
    found = small.refusal({"series": series(2), "paths": 6})
    assert found == (413, "paths: 6 of 2 series, at most 10 in a request")


def test_too_many_values_of_paths_are_refused(start: Start) -> None:
    few = start("--draws", "120")
    assert few.refusal({"series": series(2), "paths": 10, "horizon": 7}) == (
        413,
        "paths: 10 of 2 series over 7 steps are 140 values, at most 120 in a request; ask for fewer paths, "
        "steps or series",
    )
    assert len(few.forecast({"series": series(2), "paths": 10, "horizon": 6})["forecasts"][1]["paths"]) == 10
    assert few.get("/models")["limits"]["draws"] == 120


def test_long_answers_are_written_in_parts_as_they_are_at_once(service: Service) -> None:
    asked = {"series": series(2), "paths": 3000, "horizon": 3, "seed": 4}
    whole = service.forecast(asked)
    assert [len(item["paths"]) for item in whole["forecasts"]] == [3000, 3000]
    for item, alone in zip(
        whole["forecasts"], service.forecast({**asked, "paths": 0})["forecasts"], strict=True
    ):
        assert {name: item[name] for name in alone} == alone
    many = service.forecast({"series": series(1024), "horizon": 18})["forecasts"]
    assert many == [many[0]] * 1024


def test_too_long_a_horizon_is_refused_and_what_is_left_is_the_default(small: Service) -> None:
    status, error = small.refusal({"series": series(1), "horizon": 6})
    assert (status, error) == (400, "horizon: expected a whole number from 1 to 5, found 6")
    assert small.forecast({"series": series(1)})["horizon"] == 5
    assert small.get("/models")["models"][0]["max_horizon"] == 5


def infer(batch: int, time: int, horizon: int) -> dict[str, Any]:
    tensors = [("history", "FP32", [batch, time]), ("lengths", "INT64", [batch]), ("horizon", "INT64", [1])]
    data = {"history": [1.0] * batch * time, "lengths": [1] * batch, "horizon": [horizon]}
    return {
        "inputs": [
            {"name": name, "datatype": datatype, "shape": shape, "data": data[name]}
            for name, datatype, shape in tensors
        ]
    }


@pytest.mark.parametrize(
    ("asked", "status"),
    [((5, 1, 1), 413), ((2, 101, 1), 413), ((1, 1, 6), 400), ((4, 5, 5), 413), ((4, 5, 4), 200)],
)
def test_the_same_limits_hold_for_tensors(small: Service, asked: tuple[int, int, int], status: int) -> None:
    assert small.ask("POST", "/v2/models/forecast/infer", infer(*asked))[0] == status


HUGE = [2**31, 2**31]
SHAPES: list[tuple[Any, int]] = [
    (HUGE, 413),
    ([2**62, 4], 400),
    ([2**64, 2**64], 400),
    ([1e308, 1], 400),
    ([-1, 3], 400),
    ([0, 3], 400),
    ([3, 0], 400),
    ([True, 3], 400),
    (["1", 3], 400),
    ([], 400),
    (3, 400),
    (None, 400),
]


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize(("shape", "status"), SHAPES, ids=[str(shape) for shape, _ in SHAPES])
def test_a_shape_that_is_none_or_overflows_is_refused(
    service: Service, shape: Any, status: int, binary: bool
) -> None:
    tensor: dict[str, Any] = {"name": "history", "datatype": "FP32", "shape": shape}
    tensor |= {"parameters": {"binary_data_size": 0}} if binary else {"data": []}
    found, error = service.refusal({"inputs": [tensor]}, "/v2/models/plain/infer")
    assert (found, "history" in error) == (status, True), error


def test_a_full_queue_is_answered_with_503_and_all_others_with_200(start: Start) -> None:
    narrow = start("--queue", "20")
    found: list[int] = []
    body = json.dumps({"series": series(100, 22), "horizon": 18}).encode()

    def ask() -> None:
        status, headers, _ = narrow.ask("POST", "/forecast", body)
        assert status == 200 or (status, headers["retry-after"]) == (503, "1")
        found.append(status)

    threads = [threading.Thread(target=ask) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 24
    assert set(found) == {200, 503}
    assert narrow.forecast({"series": series(1)})


def test_a_timeout_is_answered_with_504(start: Start) -> None:
    hasty = start("--timeout", "0.05")
    status, error = hasty.refusal({"series": series(10, 22), "paths": 1000, "horizon": 18})
    assert (status, error) == (504, "the forecast took longer than its timeout of 0.05 s")
    assert hasty.forecast({"series": series(1)})


@pytest.mark.parametrize("name", ["body", "series", "points", "horizon", "paths", "queue", "timeout"])
def test_a_limit_is_above_0(name: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name} must be a number above 0, found 0$"):
        Limits(**{name: 0})
    with pytest.raises(ConfigError, match=f"^{name} must be a number above 0, found '9'$"):
        Limits(**{name: "9"})
