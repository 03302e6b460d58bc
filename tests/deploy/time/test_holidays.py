"""Holidays as covariates: days counted in steps, next to holidays, in regions; what is damaged is refused."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.errors import InputError
from deploy.time.holidays import BY_DATE, Holidays, days_of_steps
from deploy.time.timestep import TimeStep

FIRST, LAST = "2023-01-01", "2025-12-31"
NEW_YEAR = ["2023-01-01", "2024-01-01", "2025-01-01"]
EASTER = ["2023-04-09", "2023-04-10", "2024-03-31", "2024-04-01"]
CONTENT: dict[str, Any] = {
    "column": "country",
    "names": ["New Year", "Easter"],
    "first": FIRST,
    "last": LAST,
    "days": {"DE": [NEW_YEAR, EASTER], "FR": [NEW_YEAR, []]},
}
HOLIDAYS = Holidays.from_json(CONTENT)
DAY = TimeStep(1, "day")


def seconds(*texts: str) -> np.ndarray[Any, Any]:
    return np.array(texts, dtype="datetime64[s]").astype(np.int64)


def counted(step: TimeStep, *texts: str, region: int = 0) -> list[dict[str, float]]:
    rows = HOLIDAYS.count(step, seconds(*texts), np.full(len(texts), region))
    return [{name: float(n) for name, n in zip(HOLIDAYS.columns, row, strict=True) if n} for row in rows]


def slowly(step: TimeStep, moment: int, region: str) -> list[float]:
    """The same by a loop over days."""
    begin, end = (int(day) for day in days_of_steps(step, np.array(moment)))
    days = [datetime.date(1970, 1, 1) + datetime.timedelta(day) for day in range(begin, end)]
    of_names = [{datetime.date.fromisoformat(text) for text in texts} for texts in CONTENT["days"][region]]
    every = set().union(*of_names)
    one = datetime.timedelta(1)
    counts = [sum(day in own for day in days) for own in of_names]
    counts += [sum(day in every for day in days)]
    counts += [sum(day not in every and day + one in every for day in days)]
    counts += [sum(day not in every and day - one in every for day in days)]
    return list(map(float, counts))


def test_it_writes_what_it_read() -> None:
    assert HOLIDAYS.to_json() == CONTENT
    assert HOLIDAYS.columns == ("New Year", "Easter", *BY_DATE)


def test_a_day_is_a_holiday_or_next_to_one() -> None:
    found = counted(DAY, "2024-03-30", "2024-03-31", "2024-04-01", "2024-04-02", "2024-04-03")
    assert found == [
        {"day before a holiday": 1},
        {"Easter": 1, "any holiday": 1},
        {"Easter": 1, "any holiday": 1},
        {"day after a holiday": 1},
        {},
    ]


def test_hours_are_of_their_day_and_longer_steps_count_days() -> None:
    assert counted(TimeStep(1, "hour"), "2024-03-31T23:00:00")[0]["Easter"] == 1
    week, month, end = TimeStep(1, "week"), TimeStep(1, "month"), TimeStep(1, "month-end")
    assert counted(week, "2024-03-26")[0]["Easter"] == 2
    assert counted(week, "2024-03-25")[0]["Easter"] == 1
    assert counted(month, "2023-04-01")[0] == {
        **{"Easter": 2, "any holiday": 2},
        **{"day before a holiday": 1, "day after a holiday": 1},
    }
    assert counted(end, "2023-04-30") == counted(month, "2023-04-01")


@given(
    st.integers(0, 1000),
    st.sampled_from(["DE", "FR"]),
    st.sampled_from([DAY, TimeStep(2, "week"), TimeStep(1, "month"), TimeStep(6, "hour")]),
)
def test_it_equals_a_loop_over_days(day: int, region: str, step: TimeStep) -> None:
    moment = int(seconds(FIRST)[0]) + day * 86400
    number = HOLIDAYS.regions.index(region)
    found = HOLIDAYS.count(step, np.array([moment]), np.array([number]))
    assert found[0].tolist() == slowly(step, moment, region)


def test_a_region_that_is_none_has_no_holidays() -> None:
    assert HOLIDAYS.region_of(["FR", "XX", "DE"]).tolist() == [-1, 1, -1, 0]
    assert counted(DAY, "2024-01-01", region=-1) == [{}]
    assert counted(DAY, "2024-03-31", region=1) == [{}]


def test_what_is_before_the_first_day_is_missing_and_after_the_last_is_refused() -> None:
    rows = HOLIDAYS.count(DAY, seconds("2022-12-31", FIRST), np.array([0, 0]))
    assert np.isnan(rows[0]).all()
    assert rows[1, 0] == 1
    assert counted(DAY, LAST) == [{}]
    with pytest.raises(InputError, match="known up to 2025-12-31"):
        counted(DAY, "2026-01-01")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"names": []}, "names"),
        ({"names": ["a", "a"]}, "names"),
        ({"names": "ab"}, "names"),
        ({"column": 1}, "column"),
        ({"column": None}, "column"),
        ({"days": {}}, "regions|column"),
        ({"days": {"DE": [NEW_YEAR], "FR": [NEW_YEAR]}}, "2 names"),
        ({"days": {"DE": [NEW_YEAR, ["2026-01-01"]], "FR": [[], []]}}, "first to last"),
        ({"days": {"DE": [NEW_YEAR, EASTER[::-1]], "FR": [[], []]}}, "ascend"),
        ({"days": {"DE": [NEW_YEAR, [5]], "FR": [[], []]}}, "a date"),
        ({"days": {"DE": [NEW_YEAR, ["2024-13-01"]], "FR": [[], []]}}, "Month out of range"),
        ({"first": "2025-12-31"}, "after first"),
        ({"last": "9999-12-31"}, "after first"),
        ({"more": 1}, "expected"),
    ],
)
def test_what_is_damaged_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Holidays.from_json({**CONTENT, **changed})
