"""Timestamps of a request: on the step of the model, on its clock, or refused with the first that is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deploy import Predictor, TimeStep
from deploy.bundle.bundle import Manifest
from deploy.server.answers import Refusal
from deploy.server.forecast.body import ForecastBody
from deploy.server.settings import Limits


def model(predictors: dict[str, Predictor], step: TimeStep, zone: str | None = None) -> Manifest:
    """The plain model as if trained on that step."""
    manifest = predictors["plain"].manifest
    return replace(manifest, time_step=step, columns=replace(manifest.columns, timezone=zone))


def last_of(manifest: Manifest, times: list[Any]) -> Any:
    series = {"values": [1.0] * len(times), "timestamps": times}
    return ForecastBody(manifest, Limits(), "plain").read({"series": [series]}).given.last_timestamp[0]


HOUR, MONTH, DAY = TimeStep(1, "hour"), TimeStep(1, "month"), TimeStep(1, "day")
RIGHT: dict[str, tuple[TimeStep, str | None, list[Any]]] = {
    "hours": (HOUR, None, ["2024-01-01T23:00", "2024-01-02T00:00", "2024-01-02 01:00:00"]),
    "seconds since 1970": (HOUR, None, [0, 3600, 7200.0]),
    "months from the 31st": (MONTH, None, ["2024-01-31", "2024-02-29", "2024-03-31"]),
    "months up to the 29th": (MONTH, None, ["2023-12-29", "2024-01-29", "2024-02-29"]),
    "ends of months": (TimeStep(1, "month-end"), None, ["2024-01-31", "2024-02-29", "2024-03-31"]),
    "working days": (TimeStep(1, "business-day"), None, ["2024-03-28", "2024-03-29", "2024-04-01"]),
    "counts": (TimeStep(2, "index"), None, [7, 9, 11]),
    "hours while clocks change": (
        HOUR,
        "Europe/Berlin",
        ["2024-03-31T01:00+01:00", "2024-03-31T03:00+02:00", "2024-03-31T04:00+02:00"],
    ),
    "days while clocks change": (
        DAY,
        "Europe/Berlin",
        ["2024-03-30T00:00+01:00", "2024-03-31T00:00+01:00", "2024-04-01T00:00+02:00"],
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_times_a_step_apart_are_taken(predictors: dict[str, Predictor], name: str) -> None:
    step, zone, times = RIGHT[name]
    assert last_of(model(predictors, step, zone), times) == times[-1]


WRONG: dict[str, tuple[TimeStep, str | None, list[Any], str]] = {
    "a step left out": (
        DAY,
        None,
        ["2024-01-01", "2024-01-02", "2024-01-04"],
        "[2]: '2024-01-04' is not 1 day",
    ),
    "a day twice": (DAY, None, ["2024-01-01", "2024-01-01"], "[1]: '2024-01-01' is not 1 day after"),
    "backwards": (DAY, None, ["2024-01-02", "2024-01-01"], "[1]: '2024-01-01' is not 1 day after"),
    "no date": (DAY, None, ["2024-01-01", "2024-02-30"], "[1]: expected an ISO date"),
    "an offset without a zone": (DAY, None, ["2024-01-01T00:00Z"], "[0]: expected an ISO date"),
    "no offset in a zone": (
        HOUR,
        "Europe/Berlin",
        ["2024-01-01T00:00"],
        "[0]: expected an ISO date and time with",
    ),
    "local hours while clocks change": (
        HOUR,
        "Europe/Berlin",
        ["2024-03-31T01:00+01:00", "2024-03-31T02:00+02:00"],
        "[1]: '2024-03-31T02:00+02:00' is not 1 hour after",
    ),
    "a text of a model that counts": (
        TimeStep(1, "index"),
        None,
        ["2024-01-01"],
        "[0]: expected a whole number",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_first_time_that_is_wrong_is_named(predictors: dict[str, Predictor], name: str) -> None:
    step, zone, times, message = WRONG[name]
    with pytest.raises(Refusal) as caught:
        last_of(model(predictors, step, zone), times)
    assert caught.value.status == 422
    assert f"series[0].timestamps{message}" in caught.value.message


def test_times_before_the_context_are_not_looked_at(predictors: dict[str, Predictor]) -> None:
    manifest = model(predictors, DAY)
    days = [f"2024-01-{day:02}" for day in range(1, 31)]
    assert last_of(manifest, ["1999-01-01", *days[8:]]) == "2024-01-30"
    with pytest.raises(Refusal) as caught:
        last_of(manifest, [*days[:20], *days[21:]])
    assert "series[0].timestamps[20]: '2024-01-22' is not" in caught.value.message
