"""POST /forecast gives what Predictor gives, and says what is wrong with what it cannot take."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from running import Service

from deploy import Forecast, Predictor
from deploy.forecast import legible_digits

pytestmark = pytest.mark.slow

Json = dict[str, Any]
VALUES = [112.0, 118.0, None, 129.0, 121.0, 135.0, 148.0, 148.0, 136.0, 119.0, 104.0, 118.0]


def plain(**series: Any) -> Json:
    return {"series": [{"values": VALUES, **series}]}


def as_array(values: list[float | None]) -> np.ndarray[Any, Any]:
    return np.array(values, dtype=np.float64)


def written(forecast: Forecast) -> Forecast:
    """The forecast of one target as it is written."""
    return replace(forecast, quantiles=legible_digits(forecast.quantiles, (1, 2)))


def test_quantiles_are_those_of_the_predictor_as_they_are_written(
    service: Service, predictors: dict[str, Predictor]
) -> None:
    found = service.forecast({**plain(), "horizon": 7})["forecasts"][0]
    made = predictors["plain"].forecast(as_array(VALUES), 7)
    expected = written(made)
    for place, level in enumerate(expected.quantile_levels):
        assert found["quantiles"][f"{level:g}"] == expected.quantiles[0, :, place].tolist()
    assert found["median"] == expected.median[0].tolist()
    np.testing.assert_allclose(found["median"], made.median[0], rtol=1e-6)


def test_covariates_go_by_their_names(service: Service, predictors: dict[str, Predictor]) -> None:
    manifest = predictors["covariates"].manifest
    generator = np.random.default_rng(0)
    values, horizon = generator.uniform(5, 9, 20), 6
    known, past = generator.normal(size=(20, 2)), generator.normal(size=(20, 2))
    future = generator.normal(size=(horizon, 2))
    series = {
        "values": values.tolist(),
        "last_timestamp": "2024-03-01T07:00:00",
        # in the other order than the tensors have them
        "known": {"temperature": known[:, 1].tolist(), "promo": known[:, 0].tolist()},
        "future_known": {"temperature": future[:, 1].tolist(), "promo": future[:, 0].tolist()},
        "past": {name: past[:, place].tolist() for place, name in enumerate(manifest.past)},
        "static": {"age": 3.0, "kind": "toys", "shop": "south", "area": None},
    }
    found = service.forecast({"model": "covariates", "series": [series], "horizon": horizon})["forecasts"][0]
    expected = predictors["covariates"].forecast(
        values,
        horizon,
        last_timestamp="2024-03-01T07:00:00",
        known=known,
        future_known=future,
        past=past,
        static_cat=[["south", "toys"]],
        static=[[np.nan, 3.0]],
    )
    assert found["median"] == written(expected).median[0].tolist()
    assert found["timestamps"][0] == "2024-03-01T08:00:00"


def test_a_joint_model_has_its_targets_by_name(
    service: Service, predictors: dict[str, Predictor], examples: dict[str, Json]
) -> None:
    asked = copy.deepcopy(examples["joint"])
    columns = asked["series"][0]["values"]
    columns["y"] = [2 * value for value in columns["y"]]
    found = service.forecast({"model": "joint", **asked, "paths": 3, "seed": 5})["forecasts"][0]
    history = np.stack([columns[name] for name in ("x", "y", "z")], axis=1)
    known = np.zeros((len(history), 1))
    given = {
        "known": known,
        "future_known": known[: asked["horizon"]],
        "last_timestamp": asked["series"][0]["last_timestamp"],
    }
    expected = predictors["joint"].forecast(history, asked["horizon"], **given)
    paths = predictors["joint"].sample_paths(history, asked["horizon"], 3, 5, **given)
    for place, name in enumerate(("x", "y", "z")):
        quantiles = legible_digits(expected.quantiles[:, :, place], (1, 2))
        assert found["median"][name] == quantiles[0, :, 4].tolist()
        drawn = [path[name] for path in found["paths"]]
        np.testing.assert_array_equal(drawn, legible_digits(paths[..., place], (1, 2))[0])


def test_the_same_seed_gives_the_same_paths(service: Service) -> None:
    first, again, other = (
        service.forecast({**plain(), "paths": 4, "seed": seed})["forecasts"][0]["paths"] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert np.shape(first) == (4, 6)


def test_every_series_is_answered_in_its_place(service: Service) -> None:
    series = [
        {"id": str(scale), "values": [scale * value for value in range(1, 9)]} for scale in (1, 10, 100)
    ]
    found = service.forecast({"series": series})["forecasts"]
    assert [answer["id"] for answer in found] == ["1", "10", "100"]
    alone = [service.forecast({"series": [one]})["forecasts"][0] for one in series]
    assert found == alone


def test_in_company_every_request_has_the_bits_that_it_has_alone(
    service: Service, predictors: dict[str, Predictor]
) -> None:
    generator = np.random.default_rng(3)
    asked = [(generator.uniform(1, 99, 1 + 7 * (n % 5)).round(2), 1 + n % 4) for n in range(120)]

    def ask(one: tuple[np.ndarray[Any, Any], int]) -> list[float]:
        content = {"series": [{"values": one[0].tolist()}], "horizon": one[1]}
        median: list[float] = service.forecast(content)["forecasts"][0]["median"]
        return median

    with ThreadPoolExecutor(24) as threads:
        together = list(threads.map(ask, asked))
    for (values, horizon), found in zip(asked, together, strict=True):
        assert found == written(predictors["plain"].forecast(values, horizon)).median[0].tolist()


def test_a_series_without_an_id_has_none_in_the_answer(service: Service) -> None:
    assert "id" not in service.forecast(plain())["forecasts"][0]


def test_the_levels_asked_for_are_given_and_no_others(service: Service) -> None:
    found = service.forecast({**plain(), "levels": [0.9, 0.1]})["forecasts"][0]
    assert list(found["quantiles"]) == ["0.1", "0.9"]
    assert len(found["median"]) == 6


def test_timestamps_say_when_the_forecast_is(service: Service) -> None:
    times = [f"2023-{month:02}-01" for month in range(1, 13)]
    found = service.forecast(plain(timestamps=times))["forecasts"][0]
    assert found["timestamps"] == [f"2024-{month:02}-01" for month in range(1, 7)]
    assert service.forecast(plain(last_timestamp="2023-12-01"))["forecasts"][0] == found
    assert "timestamps" not in service.forecast(plain())["forecasts"][0]


def test_a_request_without_a_content_type_is_read(service: Service) -> None:
    status, headers, _ = service.ask("POST", "/forecast", plain())
    assert (status, headers["content-type"]) == (200, "application/json")


Change = Callable[[Json], object]
BAD: list[tuple[Change, int, str]] = [
    (lambda body: body.pop("series"), 400, "the body: the field series is missing"),
    (lambda body: body.update(series=[]), 400, "series: expected a list of at least one item"),
    (lambda body: body.update(series={}), 400, "series: expected a list"),
    (lambda body: body.update(horizon=0), 400, "horizon: expected a whole number from 1 to 18, found 0"),
    (lambda body: body.update(horizon=19), 400, "horizon: expected a whole number from 1 to 18, found 19"),
    (lambda body: body.update(horizon=True), 400, "horizon: expected a whole number"),
    (lambda body: body.update(horizon=1.5), 400, "horizon: expected a whole number"),
    (lambda body: body.update(steps=3), 400, "unknown field 'steps'; known: model, series, horizon"),
    (lambda body: body.update(levels=[0.25]), 400, "levels[0]: 0.25 was not trained; trained levels: 0.1"),
    (lambda body: body.update(levels=[0.1, 0.1]), 400, "levels: one of them is there twice"),
    (lambda body: body.update(paths=-1), 400, "paths: expected a whole number from 0 to 10000"),
    (lambda body: body.update(seed="1"), 400, "seed: expected a whole number"),
    (lambda body: body.update(model="nothing"), 404, "none called 'nothing'; there are plain, covariates"),
    (lambda body: body["series"][0].pop("values"), 400, "series[0]: the field values is missing"),
    (
        lambda body: body["series"][0].update(values=[1, "2"]),
        400,
        "series[0].values[1]: expected a number or",
    ),
    (lambda body: body["series"][0].update(values=[1, True]), 400, "series[0].values[1]: expected a number"),
    (lambda body: body["series"][0].update(values=[[1]]), 400, "series[0].values[0]: expected a number"),
    (lambda body: body["series"][0].update(values=[]), 400, "series[0].values: expected a list of at least"),
    (lambda body: body["series"][0].update(values=[None]), 422, "series 0: its last 1 values are all NaN"),
    (lambda body: body["series"][0].update(values=[1, -1]), 422, "series 0, position 1: found -1.0"),
    (lambda body: body["series"][0].update(values=[1e300]), 422, "series 0, position 0: found 1e+300"),
    (lambda body: body["series"][0].update(known={"a": [1]}), 400, "series[0]: unknown field 'known'"),
    (lambda body: body["series"][0].update(id=7), 400, "series[0].id: expected a text"),
    (lambda body: body["series"][0].update(last_timestamp=True), 400, "series[0].last_timestamp: expected"),
    (lambda body: body["series"][0].update(last_timestamp="x"), 422, "last_timestamp of series 0: expected"),
    (lambda body: body["series"][0].update(timestamps=["2024-01"]), 422, "timestamps: 1 of them for 12"),
    (
        lambda body: body["series"][0].update(values=[1, 2], timestamps=["2024-01", "2024-03"]),
        422,
        "series[0].timestamps[1]: '2024-03' is not 1 month after '2024-01'",
    ),
    (
        lambda body: body["series"].append({"values": [1], "last_timestamp": "2024-01"}),
        422,
        "series[0] has no timestamps, and others have",
    ),
]


@pytest.mark.parametrize(("change", "status", "message"), BAD, ids=[f"{s} {text[:40]}" for _, s, text in BAD])
def test_what_is_wrong_is_named(service: Service, change: Change, status: int, message: str) -> None:
    body = plain()
    change(body)
    found, error = service.refusal(body)
    assert (found, message in error) == (status, True), error


BODIES = [b"", b"[]", b"{", b'{"series": NaN}', b'{"a": 1e999}', b"\xff", b"[" * 5000, b'{"a":' * 5000]


@pytest.mark.parametrize("body", BODIES, ids=[repr(body[:12]) for body in BODIES])
def test_what_is_no_json_object_is_named(service: Service, body: bytes) -> None:
    status, error = service.refusal(body)
    assert (status, error.startswith("the body")) == (400, True)


def test_covariates_that_are_missing_are_named(service: Service, examples: dict[str, Json]) -> None:
    body = {"model": "covariates", **copy.deepcopy(examples["covariates"])}
    del body["series"][0]["future_known"]["promo"]
    assert service.refusal(body) == (400, "series[0].future_known: the field promo is missing")


def test_covariates_that_are_too_short_are_named(service: Service, examples: dict[str, Json]) -> None:
    body = {"model": "covariates", **copy.deepcopy(examples["covariates"])}
    for column in body["series"][0]["future_known"].values():
        column.pop()
    assert service.refusal(body) == (422, "future_known: covers 11 steps, the horizon is 12")


def test_the_example_of_every_model_works(service: Service, examples: dict[str, Json]) -> None:
    for name, example in examples.items():
        found = service.forecast({"model": name, **example})
        assert (found["model"], found["horizon"]) == (name, example["horizon"])


def test_an_error_stays_short_and_printable(service: Service) -> None:
    name = "\x1b[31m" + "é" * 300_000
    status, _, body = service.ask("POST", "/forecast", json.dumps({name: 1}, ensure_ascii=False).encode())
    assert (status, len(body) < 2048, b"\x1b" in body) == (400, True, False)
