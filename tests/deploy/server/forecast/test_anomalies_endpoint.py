"""POST /forecast judges the last values of each series where asked."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from running import BUNDLES, Service

from deploy import Predictor

pytestmark = pytest.mark.slow
NAMES = ("plain", "covariates", "joint")
CHANCE = 1e-4  # a stream keeps what it has said in float32


@pytest.fixture(scope="module", params=[(), ("--isolate",)], ids=["here", "isolated"])
def serving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service in its process, and in others."""
    named = [f"{name}={BUNDLES / name}" for name in NAMES]
    running = Service(tmp_path_factory.mktemp("judging"), *named, *request.param)
    yield running
    running.kill()


def series_of(model: dict[str, Any], length: int, seed: int = 0) -> dict[str, Any]:
    """Values above 0, of which the last but one is unusual and one is missing, and what goes with them."""
    generator, horizon = np.random.default_rng([seed, length]), model["horizon"]

    def column(size: int, last: float) -> list[Any]:
        values: list[Any] = np.round(10 * np.exp(0.1 * generator.standard_normal(size)), 3).tolist()
        values[-2:] = [last, values[-1]]
        values[-4] = None
        return values

    values: Any = column(length, 25.0)
    if model["joint"]:
        values = {name: column(length, 25.0) for name in model["targets"]}
    example = model["example"]["series"][0]
    found: dict[str, Any] = {"values": values, "last_timestamp": example["last_timestamp"]}
    for name, size in (("known", length), ("past", length), ("future_known", horizon)):
        columns = model["known" if name == "future_known" else name]
        if columns:
            found[name] = {column: generator.standard_normal(size).round(3).tolist() for column in columns}
    return found | ({"static": example["static"]} if "static" in example else {})


def table(model: dict[str, Any], columns: Any) -> np.ndarray:
    """A column, or those of a joint model: (time, D)."""
    rows = [columns[name] for name in model["targets"]] if model["joint"] else [columns]
    return np.array([[np.nan if value is None else value for value in row] for row in rows]).T


def rows(columns: dict[str, list[float]] | None) -> np.ndarray | None:
    return None if columns is None else np.array(list(columns.values())).T


def p_values_of_streams(model: dict[str, Any], series: dict[str, Any], steps: int) -> np.ndarray:
    """Those of streams that were opened before the last values and observed none of those between."""
    predictor = Predictor.load(BUNDLES / model["name"])
    values, known, past = table(model, series["values"]), rows(series.get("known")), rows(series.get("past"))
    values = values if model["joint"] else values[:, 0]
    before = {
        name: None if along is None else along[:-steps] for name, along in (("known", known), ("past", past))
    }
    static: dict[str, Any] = {}
    for column in model["static"]:
        kind = "static" if column["categories"] is None else "static_cat"
        static.setdefault(kind, [[]])[0].append(series["static"][column["name"]])
    manifest = predictor.manifest
    last = np.datetime64(series["last_timestamp"].removesuffix("Z"), "s").astype(np.int64)
    opened = manifest.time_step.shift(last, np.array(-steps))
    stream = predictor.stream(values[:-steps], last_timestamp=int(opened), **before, **static)
    stream.forecast(steps, **({} if known is None else {"future_known": known[-steps:]}))
    found = []
    for lead in range(steps):
        one = copy.copy(stream)
        fresh = np.full_like(values[-steps:][: lead + 1], np.nan)
        fresh[-1] = values[len(values) - steps + lead]
        along = {
            name: None if column is None else column[-steps:][: lead + 1]
            for name, column in (("known", known), ("past", past))
        }
        one.update(fresh, **along)
        found.append(np.full(values.shape[1:], np.nan) if one.anomaly is None else one.anomaly)
    return np.array(found, dtype=float).reshape(steps, -1)


@pytest.mark.parametrize("name", NAMES)
def test_the_last_values_have_the_p_values_that_streams_give_them(serving: Service, name: str) -> None:
    (model,) = (one for one in serving.get("/models")["models"] if one["name"] == name)
    steps = model["horizon"]
    several = [series_of(model, length) for length in (40, 60)]
    body = {"model": name, "series": several, "anomalies": steps}
    found = serving.forecast(body)["forecasts"]
    plain = serving.forecast({"model": name, "series": several})["forecasts"]
    for forecast, expected, series in zip(found, plain, several, strict=True):
        judged = forecast.pop("anomalies")
        assert forecast == expected
        p_values = table(model, judged["p_values"])
        assert p_values.shape == (steps, len(model["targets"]) if model["joint"] else 1)
        np.testing.assert_allclose(p_values, p_values_of_streams(model, series, steps), rtol=CHANCE)
        assert p_values[-2].max() < 1e-3
        assert np.isnan(p_values[-4]).all()
        assert set(judged["quantiles"]) == set(forecast["quantiles"])
        assert table(model, judged["quantiles"]["0.5"]).shape == p_values.shape


def test_of_short_series_the_second_half_is_judged_and_what_cannot_be_says_why(serving: Service) -> None:
    (model,) = (one for one in serving.get("/models")["models"] if one["name"] == "covariates")
    several = [series_of(model, length) for length in (7, 40)]
    gap = series_of(model, 40)
    gap["known"][model["known"][0]][-1] = None
    one = series_of(model, 5)
    one["values"] = [None, None, None, None, 3.0]
    asked = {"model": "covariates", "series": [*several, gap, one], "anomalies": 6, "levels": [0.1, 0.9]}
    found = [forecast["anomalies"] for forecast in serving.forecast(asked)["forecasts"]]
    assert [len(judged["p_values"]) for judged in found] == [3, 6, 0, 0]
    assert [len(judged["quantiles"]["0.9"]) for judged in found] == [3, 6, 0, 0]
    assert [*found[0]["quantiles"]] == ["0.1", "0.9"]
    assert "error" not in found[0] | found[1]
    assert "series 2" in found[2]["error"]
    assert "is nan at step 6" in found[2]["error"]
    assert found[3]["error"] == "there are no values before the last ones"


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"anomalies": True}, 400, "anomalies: expected a whole number"),
        ({"anomalies": 7}, 400, "anomalies: expected a whole number from 0 to 6, found 7"),
    ],
)
def test_no_more_than_a_horizon_is_judged(
    serving: Service, change: dict[str, Any], status: int, said: str
) -> None:
    series = [{"values": [1.0, 2.0, 3.0], "last_timestamp": "2024-01-01"}]
    found = serving.refusal({"series": series, **change})
    assert found[0] == status
    assert said in found[1]
