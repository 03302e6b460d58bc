"""Time zones: arrays between UTC and the wall clock; the standard library's zoneinfo is the reference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from deploy import ForecasterError, InputError, Predictor, TimeStep
from deploy.time.clock import Clock
from deploy.time.timestep import MISSING_TIME
from deploy.time.zones import find_zone

pytestmark = pytest.mark.slow

# A half-hour change, midnight changes, half the year below zero, a change of the day, none at all.
ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "America/Havana"),
    *("Europe/Dublin", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu", "Pacific/Auckland", "UTC"),
)
FIRST, LAST = -62135596800 + 2 * 86400, 253402300799 - 2 * 86400  # as far as datetime goes in any zone
SINCE_1900, UNTIL_2100 = -2208988800, 4102444800
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds(text: str) -> int:
    return int(np.datetime64(text, "s").astype(np.int64))


def times(*texts: str) -> NDArray[np.int64]:
    return np.array(texts, dtype="datetime64[s]").astype(np.int64)


def drawn_moments() -> NDArray[np.int64]:
    generator = np.random.default_rng(0)
    near = generator.integers(SINCE_1900, UNTIL_2100, 400)
    return np.concatenate([near, generator.integers(FIRST, LAST, 200), [FIRST, LAST]])


@pytest.mark.parametrize("name", ZONES)
def test_the_wall_clock_shows_what_zoneinfo_says(name: str) -> None:
    moments, zone = drawn_moments(), ZoneInfo(name)
    shown = [(EPOCH + timedelta(seconds=moment)).astimezone(zone) for moment in moments.tolist()]
    expected = [(moment.replace(tzinfo=UTC) - EPOCH) // timedelta(seconds=1) for moment in shown]
    assert find_zone(name).to_wall(moments).tolist() == expected


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("fold", [0, 1], ids=["earlier", "later"])
def test_a_local_time_is_the_moment_that_zoneinfo_says(name: str, fold: int) -> None:
    wall, zone = drawn_moments(), ZoneInfo(name)
    local = [(EPOCH + timedelta(seconds=time)).replace(tzinfo=zone, fold=fold) for time in wall.tolist()]
    expected = [(time - EPOCH) // timedelta(seconds=1) for time in local]
    assert find_zone(name).to_utc(wall)[fold].tolist() == expected


@pytest.mark.parametrize("name", ZONES)
def test_every_clock_change_of_a_century_is_found_to_the_second(name: str) -> None:
    zone, rules = find_zone(name), ZoneInfo(name)
    hours = np.arange(SINCE_1900, UNTIL_2100, 3600)
    changes = hours[1:][np.diff(zone.offsets(hours)) != 0]
    around = (changes[:, None] + np.arange(-3600, 3600, 120)).ravel()[:4000]
    expected = [(EPOCH + timedelta(seconds=at)).astimezone(rules).utcoffset() for at in around.tolist()]
    assert [timedelta(seconds=offset) for offset in zone.offsets(around).tolist()] == expected


def test_a_time_that_occurs_twice_has_two_readings() -> None:
    early, late = find_zone("Europe/Berlin").to_utc(times("2024-10-27T02:30"))
    assert [early[0], late[0]] == times("2024-10-27T00:30", "2024-10-27T01:30").tolist()


def test_a_time_that_is_skipped_is_read_after_the_change_first() -> None:
    early, late = find_zone("Europe/Berlin").to_utc(times("2024-03-31T02:30"))
    assert [early[0], late[0]] == times("2024-03-31T01:30", "2024-03-31T00:30").tolist()


def test_half_an_hour_may_occur_twice() -> None:
    wall = times("2024-04-07T01:29", "2024-04-07T01:30", "2024-04-07T01:59", "2024-04-07T02:00")
    early, late = find_zone("Australia/Lord_Howe").to_utc(wall)
    assert (late - early).tolist() == [0, 1800, 1800, 0]


def test_an_unknown_moment_stays_unknown() -> None:
    zone, moments = find_zone("America/New_York"), np.array([MISSING_TIME, 0])
    assert zone.to_wall(moments).tolist() == [MISSING_TIME, -5 * 3600]
    assert [reading.tolist() for reading in zone.to_utc(moments)] == [[MISSING_TIME, 5 * 3600]] * 2


def test_no_moments_are_no_moments() -> None:
    assert find_zone("UTC").to_wall(np.zeros((0, 3), dtype=np.int64)).shape == (0, 3)


@pytest.mark.parametrize("name", ["Europe/Berln", "Europe", "", "../etc/passwd", "/etc/passwd"])
def test_a_zone_that_this_machine_does_not_know_names_the_package_to_install(name: str) -> None:
    with pytest.raises(ForecasterError) as error:
        find_zone(name)
    assert error.value.exit_code == 2
    assert str(error.value) == (
        f'this machine does not know the time zone "{name}"; '
        "a list of all zones comes with: pip install --upgrade tzdata"
    )


def test_a_day_that_has_no_midnight_begins_at_midnight_on_the_wall_clock() -> None:
    clock = Clock(find_zone("America/Sao_Paulo"), in_utc=False)
    moments = times("2018-11-03T03:00", "2018-11-04T03:00", "2018-11-05T02:00")
    days = times("2018-11-03", "2018-11-04", "2018-11-05")
    np.testing.assert_array_equal(clock.from_utc(moments), days)
    np.testing.assert_array_equal(clock.to_utc(days), moments)


def test_an_evening_hour_that_occurs_twice_is_not_taken_for_midnight() -> None:
    clock = Clock(find_zone("America/Sao_Paulo"), in_utc=False)
    assert clock.from_utc(times("2018-02-18T02:00")).tolist() == times("2018-02-17T23:00").tolist()


HOURS = TimeStep(1, "hour")
SAME_MOMENT: dict[str, Any] = {
    "seconds since 1970": 1711756800,
    "datetime64": np.datetime64("2024-03-30T00:00"),
    "text in UTC": "2024-03-30T00:00Z",
    "text with an offset": "2024-03-30 01:00:00+01:00",
    "text with a fraction": "2024-03-29T19:00:00.25-0500",
    "datetime in UTC": datetime(2024, 3, 30, tzinfo=UTC),
    "datetime in the zone": datetime(2024, 3, 30, 1, tzinfo=ZoneInfo("Europe/Berlin")),
    "datetime in another zone": datetime(2024, 3, 29, 20, tzinfo=ZoneInfo("America/New_York")),
}


@pytest.mark.parametrize("last", SAME_MOMENT.values(), ids=SAME_MOMENT)
def test_the_end_of_a_history_is_a_moment(zoned: Callable[..., Predictor], last: Any) -> None:
    found = zoned(HOURS, bundle="plain").forecast([1.0, 2.0], 2, last_timestamp=last).timestamps
    np.testing.assert_array_equal(
        found, np.array([["2024-03-30T01", "2024-03-30T02"]], dtype="datetime64[s]")
    )


@pytest.mark.parametrize(
    "last", ["2024-03-30", "2024-03-30T00:00", datetime(2024, 3, 30), "now", "+01:00", True], ids=repr
)
def test_a_local_time_does_not_say_the_moment(zoned: Callable[..., Predictor], last: Any) -> None:
    with pytest.raises(InputError) as error:
        zoned(HOURS, bundle="plain").forecast([1.0, 2.0], 2, last_timestamp=last)
    assert str(error.value) == (
        "last_timestamp of series 0: expected an ISO date and time with a UTC offset, in the years 1 to "
        f"9999, since the model's time zone is Europe/Berlin, found {last!r}"
    )


def test_hours_go_on_in_utc_where_the_clock_changes(zoned: Callable[..., Predictor]) -> None:
    last = "2024-10-27T01:00+02:00"
    found = zoned(HOURS, bundle="plain").forecast([1.0, 2.0], 4, last_timestamp=last).timestamps
    assert found is not None
    local = find_zone("Europe/Berlin").to_wall(found.astype(np.int64)).astype("datetime64[s]")
    assert [str(moment)[11:16] for moment in local[0]] == ["02:00", "02:00", "03:00", "04:00"]


def test_days_keep_their_local_time_where_the_clock_changes(zoned: Callable[..., Predictor]) -> None:
    last = "2024-03-30T00:00+01:00"
    found = zoned(TimeStep(1, "day"), bundle="plain").forecast([1.0], 2, last_timestamp=last).timestamps
    expected = np.array([["2024-03-30T23:00", "2024-03-31T22:00"]], dtype="datetime64[s]")
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("method", ["graph", "step"])
def test_the_graphs_see_local_time(
    zoned: Callable[..., Predictor],
    covariates: Predictor,
    make_arguments: Callable[..., dict[str, Any]],
    method: str,
) -> None:
    # Far from any change of the clock: the same as a model without a zone that is told the local time.
    arguments = {**make_arguments(covariates, [30, 12]), "method": method}
    moments = times("2024-01-15T10:00", "2024-07-15T10:00")
    local = covariates.forecast(**{**arguments, "last_timestamp": moments + np.array([3600, 7200])})
    found = zoned(HOURS).forecast(**{**arguments, "last_timestamp": moments})
    np.testing.assert_array_equal(found.quantiles, local.quantiles)


def test_a_predictor_says_that_its_zone_is_not_known_here(
    copy_bundle: Callable[[], Path], change_manifest: Callable[..., None]
) -> None:
    folder = copy_bundle()
    change_manifest(folder, lambda manifest: manifest["columns"].update(timezone="Mars/Olympus"))
    with pytest.raises(ForecasterError, match=r'^this machine does not know the time zone "Mars/Olympus"'):
        Predictor.load(folder)


def test_a_bundle_without_a_zone_loads_no_zones(bundles: Path, run_python: Callable[..., str]) -> None:
    code = f"""
import sys
from deploy import Predictor
Predictor.load({str(bundles / "plain")!r}).forecast([1.0], 1, last_timestamp="2024-01-31")
print("zoneinfo" in sys.modules)
"""
    assert run_python(code) == "False"
