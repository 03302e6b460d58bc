"""Times of every Arrow type are read alike, and forecasts have them in the type that they were read in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from deploy import InputError, Predictor, TimeStep
from deploy.errors import ConfigError

pa = pytest.importorskip("pyarrow")

from deploy.arrow import score_batches  # noqa: E402

DAYS = [date(2024, 3, 29), date(2024, 3, 30), date(2024, 3, 31)]
BERLIN = ZoneInfo("Europe/Berlin")


def coming(predictor: Predictor, times: Any, count: int = 2) -> Any:
    batch = pa.record_batch({"time": times, "y": np.arange(1.0, len(times) + 1)})
    (found,) = score_batches([batch], predictor, horizon=count)
    assert found["error"].null_count == count
    return found["time"]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "+02:00"])
def test_timestamps_keep_their_unit_and_their_zone(
    with_step: Callable[[TimeStep], Predictor], unit: str, zone: str | None
) -> None:
    """Midnights of the zone are a day apart, though a day of Berlin had 23 hours."""
    info = BERLIN if zone == "Europe/Berlin" else timezone(timedelta(hours=2)) if zone == "+02:00" else None
    info = timezone.utc if zone == "UTC" else info  # noqa: UP017
    moments = [datetime(day.year, day.month, day.day, tzinfo=info) for day in DAYS]
    found = coming(with_step(TimeStep(1, "day")), pa.array(moments, pa.timestamp(unit, zone)))
    assert found.type == pa.timestamp(unit, zone)
    expected = pa.array([datetime(2024, 4, 1, tzinfo=info), datetime(2024, 4, 2, tzinfo=info)], found.type)
    assert found.equals(expected)


@pytest.mark.parametrize("kind", ["date32", "date64"])
def test_dates_stay_dates(with_step: Callable[[TimeStep], Predictor], kind: str) -> None:
    found = coming(with_step(TimeStep(1, "day")), pa.array(DAYS, getattr(pa, kind)()))
    assert found.type == getattr(pa, kind)()
    assert found.to_pylist() == [date(2024, 4, 1), date(2024, 4, 2)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-03-30", "2024-03-31"], ["2024-04-01", "2024-04-02"]),
        (["2024-03-30 06:00", "2024-03-31 06:00"], ["2024-04-01 06:00", "2024-04-02 06:00"]),
        (["2024-03-30T06:00:07", "2024-03-31T06:00:07"], ["2024-04-01T06:00:07", "2024-04-02T06:00:07"]),
        (["2024-03-30T06:00:00Z", "2024-03-31T06:00:00Z"], ["2024-04-01T06:00:00Z", "2024-04-02T06:00:00Z"]),
    ],
)
@pytest.mark.parametrize("as_dictionary", [False, True])
def test_iso_texts_keep_their_form(
    with_step: Callable[[TimeStep], Predictor], texts: list[str], expected: list[str], as_dictionary: bool
) -> None:
    column = pa.array(texts).dictionary_encode() if as_dictionary else pa.array(texts)
    assert coming(with_step(TimeStep(1, "day")), column).to_pylist() == expected


def test_other_texts_are_refused(plain: Predictor) -> None:
    with pytest.raises(InputError, match='column "time": expected texts of one form, such as 2024-01-31'):
        coming(plain, pa.array(["31.01.2024", "29.02.2024"]))


def test_integers_are_seconds_or_counts(with_step: Callable[[TimeStep], Predictor]) -> None:
    seconds = pa.array([0, 86400], pa.int32())
    assert coming(with_step(TimeStep(1, "day")), seconds).equals(pa.array([172800, 259200], pa.int32()))
    assert coming(with_step(TimeStep(2, "index")), pa.array([3, 5])).to_pylist() == [7, 9]


def test_a_missing_time_is_an_error_of_its_series(with_step: Callable[[TimeStep], Predictor]) -> None:
    times = pa.array([DAYS[0], None, *DAYS[:2], None], pa.date32())
    batch = pa.record_batch({"id": ["a", "a", "b", "b", "c"], "time": times, "y": [1.0, 2.0, 3.0, 4.0, 5.0]})
    (found,) = score_batches([batch], with_step(TimeStep(1, "day")), id="id", horizon=1)
    assert found["error"].to_pylist() == ["one of its rows has no time", None, "one of its rows has no time"]
    assert found["time"].to_pylist() == [None, DAYS[2], None]


def test_a_model_with_a_zone_counts_its_hours_in_moments(zoned: Callable[..., Predictor]) -> None:
    """The clock skips the hour from 2 to 3."""
    hours = [datetime(2024, 3, 31, hour, tzinfo=BERLIN) for hour in (0, 1)]
    predictor = zoned(TimeStep(1, "hour"), bundle="plain")
    found = coming(predictor, pa.array(hours, pa.timestamp("us", "UTC")))
    assert found.to_pylist() == [datetime(2024, 3, 31, hour, tzinfo=BERLIN) for hour in (3, 4)]
    with pytest.raises(ConfigError, match="the model's time zone is Europe/Berlin"):
        coming(predictor, pa.array([datetime(2024, 3, 31)]))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_model_with_a_zone_counts_its_days_on_the_wall(zoned: Callable[..., Predictor], zone: str) -> None:
    predictor = zoned(TimeStep(1, "day"), bundle="plain")
    midnights = [datetime(day.year, day.month, day.day, tzinfo=BERLIN) for day in DAYS]
    found = coming(predictor, pa.array(midnights, pa.timestamp("s", zone)))
    assert found.equals(pa.array([datetime(2024, 4, day, tzinfo=BERLIN) for day in (1, 2)], found.type))
    assert coming(predictor, pa.array(DAYS)).to_pylist() == [date(2024, 4, 1), date(2024, 4, 2)]


def test_types_that_do_not_fit_the_step_are_refused(with_step: Callable[[TimeStep], Predictor]) -> None:
    with pytest.raises(ConfigError, match="expected whole numbers, as this model counts rows"):
        coming(with_step(TimeStep(1, "index")), pa.array(DAYS))
    with pytest.raises(ConfigError, match="expected timestamps, as the model's step is 1 hour"):
        coming(with_step(TimeStep(1, "hour")), pa.array(DAYS))


@pytest.mark.parametrize("unit", ["month", "month-end", "business-day", "half-month", "dekad-end", "week"])
def test_rows_with_gaps_stand_on_the_steps_of_the_calendar(
    with_step: Callable[[TimeStep], Predictor], unit: str
) -> None:
    """Without the third and the eleventh row a forecast is that of a history with NaN there."""
    predictor, step = with_step(TimeStep(1, unit)), TimeStep(1, unit)
    begin = np.array(["2024-01-31"], dtype="datetime64[s]").astype(np.int64)
    times = step.shift(begin, np.arange(20))
    values = np.arange(1.0, 21)
    kept = np.ones(20, dtype=np.bool_)
    kept[[2, 10]] = False
    batch = pa.record_batch({"time": times[kept].astype("datetime64[s]"), "y": values[kept]})
    (found,) = score_batches([batch], predictor, levels=[0.5])
    expected = predictor.forecast(np.where(kept, values, np.nan), last_timestamp=[int(times[-1])])
    np.testing.assert_array_equal(found["q0.5"].to_numpy(), expected.median[0].astype(np.float32))
    assert found["error"].null_count == predictor.manifest.horizon


def test_a_series_beyond_the_calendar_is_an_error_of_its_own(
    with_step: Callable[[TimeStep], Predictor],
) -> None:
    seconds = pa.array([10**15 - 86400, 10**15, 0, 86400])
    batch = pa.record_batch({"id": ["a", "a", "b", "b"], "time": seconds, "y": [1.0, 2.0, 3.0, 4.0]})
    (found,) = score_batches([batch], with_step(TimeStep(1, "day")), id="id", horizon=1)
    assert found["error"].to_pylist() == ["its last time is not in the years 1 to 9999", None]
    assert found["time"].to_pylist() == [None, 2 * 86400]
