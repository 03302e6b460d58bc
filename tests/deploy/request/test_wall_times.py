"""Tensors of times: those that Predictor makes are taken in every zone, and what is off is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deploy import InputError, Predictor, TimeStep
from deploy.bundle.bundle import Manifest
from deploy.request.moments import calendar_tensors, check_wall_times, read_timestamps
from deploy.time.timestep import MISSING_TIME, Timestamps

HORIZON = 5


def model(predictors: Predictor, step: TimeStep, zone: str | None) -> Manifest:
    """A model with a calendar and a context of 24."""
    columns = replace(predictors.manifest.columns, timezone=zone)
    return replace(predictors.manifest, time_step=step, columns=columns)


STEPS = [TimeStep(1, unit) for unit in ("hour", "day", "week", "business-day", "month", "month-end")]
# The hours around the end of summer time in Berlin, and around its beginning.
LASTS = [
    "2024-10-27T00:30Z",
    "2024-10-27T01:30Z",
    "2024-03-31T00:30Z",
    "2024-03-31T04:30Z",
    "2024-01-31T00:00Z",
]


@pytest.mark.parametrize("step", [*STEPS, TimeStep(15, "minute")], ids=str)
@pytest.mark.parametrize("zone", [None, "Europe/Berlin", "America/Sao_Paulo"])
def test_the_times_of_a_forecast_are_taken(covariates: Predictor, step: TimeStep, zone: str | None) -> None:
    manifest = model(covariates, step, zone)
    texts = [text if zone else text.removesuffix("Z") for text in LASTS]
    last = read_timestamps(manifest, texts, "{}")
    lengths = np.array([24, 3, 24, 1, 24])
    past, future = calendar_tensors(manifest, last, lengths, HORIZON)
    check_wall_times(manifest, past, lengths, future)


def test_months_may_be_counted_from_the_first(covariates: Predictor) -> None:
    manifest = model(covariates, TimeStep(1, "month"), None)
    begin = np.array([np.datetime64("2023-01-31").astype("datetime64[s]").astype(np.int64)])
    times = manifest.time_step.shift(begin, np.arange(24 + HORIZON))[None]
    check_wall_times(manifest, times[:, :24], np.array([24]), times[:, 24:])


def test_series_without_times_stand_next_to_others(covariates: Predictor) -> None:
    manifest, lengths = covariates.manifest, np.array([24, 24])
    past, future = calendar_tensors(manifest, np.array([10**9, 10**9]), lengths, HORIZON)
    past[1], future[1] = MISSING_TIME, MISSING_TIME
    check_wall_times(manifest, past, lengths, future)


def hours(begin: str) -> Timestamps:
    """Wall-clock times of 24 + HORIZON hours, which no clock puts forward or back: (1, time)."""
    first = np.datetime64(begin, "s").astype(np.int64)
    return first + 3600 * np.arange(24 + HORIZON)[None]


def refusal(manifest: Manifest, times: Timestamps) -> str:
    with pytest.raises(InputError) as error:
        check_wall_times(manifest, times[:, :24], np.array([24]), times[:, 24:])
    return str(error.value)


def test_the_first_time_off_is_named(covariates: Predictor) -> None:
    times = hours("2024-05-01")
    times[0, 7] += 60
    assert refusal(covariates.manifest, times) == (
        "inputs.timestamps, series 0, position 7: 2024-05-01T07:01:00 is not 1 hour after "
        "2024-05-01T06:00:00; give every step, with no value where none was observed"
    )


def test_a_future_that_does_not_follow_is_named(covariates: Predictor) -> None:
    times = hours("2024-05-01")
    times[0, 24:] += 86400
    assert refusal(covariates.manifest, times).startswith("inputs.future_timestamps, series 0, position 0: ")


def test_a_wall_clock_that_forgot_the_end_of_summer_time_is_named(covariates: Predictor) -> None:
    manifest = model(covariates, TimeStep(1, "hour"), "Europe/Berlin")
    assert "position 3: 2024-10-27T03:00:00 is not 1 hour after 2024-10-27T02:00:00" in refusal(
        manifest, hours("2024-10-27")
    )


@pytest.mark.parametrize("value", [2**62, -(2**62), 1_714_521_600_000, MISSING_TIME], ids=str)
def test_a_time_beyond_the_calendar_is_named(covariates: Predictor, value: int) -> None:
    times = hours("2024-05-01")
    times[0, 2] = value
    assert refusal(covariates.manifest, times) == (
        f"inputs.timestamps, position (0, 2): found {value}, expected seconds since 1970 in the years 1 to "
        "9999, of every step or of none"
    )
