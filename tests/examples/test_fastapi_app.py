"""examples/fastapi_app.py answers with the numbers of Predictor.forecast, and refuses with its words."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deploy import BundleError, DeadlineError, Predictor

with warnings.catch_warnings():  # starlette would rather have httpx2
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

VALUES: list[float | None] = [112.0, 118.0, None, 129.0, 121.0, 135.0]


@pytest.fixture
def module(examples: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(examples)
    monkeypatch.setenv("BUNDLE", str(bundle))
    return importlib.import_module("fastapi_app")


@pytest.fixture
def client(module: Any) -> Iterator[TestClient]:
    with TestClient(module.app) as client:
        yield client


def ask(client: TestClient, values: list[Any], **fields: Any) -> Any:
    answer = client.post("/forecast", json={"series": [{"values": values}], **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(client: TestClient, body: str) -> str:
    answer = client.post("/forecast", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    text: str = answer.json()["detail"]
    return text


def test_the_numbers_are_those_of_the_predictor(client: TestClient, predictor: Predictor) -> None:
    found = ask(client, VALUES, horizon=4, last_timestamp="2024-06-01")
    history = [float("nan") if value is None else value for value in VALUES]
    expected = predictor.forecast(history, 4, last_timestamp="2024-06-01")
    assert found["median"] == expected.median.tolist()
    assert found["quantiles"][0]["0.9"] == expected.quantiles[0, :, -1].tolist()


def test_threads_share_the_predictor(client: TestClient, predictor: Predictor) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: ask(client, [1.0 + number, 2.0]), range(64)))
    for number, answer in enumerate(found):
        assert answer["median"] == predictor.forecast([1.0 + number, 2.0]).median.tolist()


def test_what_the_predictor_refuses_is_answered_with_its_words(client: TestClient) -> None:
    text = refusal(client, '{"series": [{"values": [1, 2]}, {"values": [null]}]}')
    assert text.startswith("series 1: its last 1 values are all NaN")


@pytest.mark.parametrize("value", ["Infinity", "1e999"])
def test_a_value_that_is_not_finite_is_refused(client: TestClient, value: str) -> None:
    assert "expected a finite number" in refusal(client, f'{{"series": [{{"values": [1, {value}]}}]}}')


def test_what_is_not_of_the_form_is_named_and_not_repeated(client: TestClient) -> None:
    text = refusal(client, '{"series": [{"values": [NaN, "1"], "valeus": [5]}]}')
    assert text.startswith("body.series.0.values.1: ")
    assert "body.series.0.valeus: Extra inputs are not permitted" in text


def test_more_steps_than_the_model_goes_are_refused(client: TestClient) -> None:
    text = refusal(client, '{"series": [{"values": [1, 2]}], "horizon": 99}')
    assert text == "horizon must be between 1 and 18 steps, found 99"


def test_a_forecast_that_takes_too_long_is_given_up(
    client: TestClient, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: Any, **__: Any) -> None:
        raise DeadlineError("too late")

    monkeypatch.setattr(module.app.state.predictor, "forecast", late)
    answer = client.post("/forecast", json={"series": [{"values": [1]}]})
    assert (answer.status_code, answer.json()) == (504, {"detail": "too late"})


def test_a_damaged_bundle_ends_the_start(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUNDLE", str(tmp_path))
    with pytest.raises(BundleError), TestClient(module.app):
        pass
