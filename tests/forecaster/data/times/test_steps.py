"""The step between timestamps: what is inferred, what a text says, and where it leads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from deploy import TimeStep
from forecaster.data.complaints import Complaint, Misfit
from forecaster.data.times.steps import choose_step, infer_step
from forecaster.data.times.timestamps import parse_timestamps, write_timestamps

GRIDS = {
    "30 seconds": (
        ["2024-02-28T23:59:00", "2024-02-28T23:59:30", "2024-02-29T00:00:00"],
        TimeStep(30, "second"),
    ),
    "15 minutes": (
        ["2024-02-28 23:30", "2024-02-28 23:45", "2024-02-29 00:00"],
        TimeStep(15, "minute"),
    ),
    "hourly": (["2024-12-31 22:00:00", "2024-12-31 23:00:00", "2025-01-01 00:00:00"], TimeStep(1, "hour")),
    "daily over a weekend": (["2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04"], TimeStep(1, "day")),
    "business days": (["2024-03-07", "2024-03-08", "2024-03-11", "2024-03-12"], TimeStep(1, "business-day")),
    "weekly": (["2024-02-24", "2024-03-02", "2024-03-09"], TimeStep(1, "week")),
    "fortnightly": (["2024-02-24", "2024-03-09", "2024-03-23"], TimeStep(2, "week")),
    "month starts": (["2024-01-01", "2024-02-01", "2024-03-01"], TimeStep(1, "month")),
    "months without a day": (["2023-11", "2023-12", "2024-01", "2024-02"], TimeStep(1, "month")),
    "mid-months": (["2024-01-15", "2024-02-15", "2024-03-15"], TimeStep(1, "month")),
    "month ends": (["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"], TimeStep(1, "month-end")),
    "quarter starts": (["2023-10-01", "2024-01-01", "2024-04-01"], TimeStep(3, "month")),
    "quarter ends": (["2023-12-31", "2024-03-31", "2024-06-30"], TimeStep(3, "month-end")),
    "years": (["2022-01-01", "2023-01-01", "2024-01-01", "2025-01-01"], TimeStep(12, "month")),
    "year ends": (["2022-12-31", "2023-12-31", "2024-12-31"], TimeStep(12, "month")),
    "fiscal years": (["2022-07-01", "2023-07-01", "2024-07-01"], TimeStep(12, "month")),
    "fiscal years that end in February": (
        ["2022-02-28", "2023-02-28", "2024-02-29"],
        TimeStep(12, "month-end"),
    ),
    "fiscal quarters": (["2023-11-01", "2024-02-01", "2024-05-01"], TimeStep(3, "month")),
    "fiscal quarter ends": (["2023-11-30", "2024-02-29", "2024-05-31"], TimeStep(3, "month-end")),
    "half months": (["2024-01-16", "2024-02-01", "2024-02-16"], TimeStep(1, "half-month")),
    "half month ends": (["2024-01-31", "2024-02-15", "2024-02-29"], TimeStep(1, "half-month-end")),
    "the first and the 15th": (["2024-01-15", "2024-02-01", "2024-02-15"], TimeStep(1, "semi-month")),
    "dekads": (["2024-01-11", "2024-01-21", "2024-02-01", "2024-02-11"], TimeStep(1, "dekad")),
    "dekad ends": (["2024-01-20", "2024-01-31", "2024-02-10", "2024-02-20"], TimeStep(1, "dekad-end")),
    "10 days": (["2024-01-01", "2024-01-11", "2024-01-21"], TimeStep(10, "day")),
    "half years": (["2023-01-01", "2023-07-01", "2024-01-01"], TimeStep(6, "month")),
    "business days at a time of day": (
        ["2024-03-07 17:30", "2024-03-08 17:30", "2024-03-11 17:30"],
        TimeStep(1, "business-day"),
    ),
    "weekly on Wednesdays": (["2024-12-25", "2025-01-01", "2025-01-08"], TimeStep(1, "week")),
    "10 seconds over midnight": (
        ["2024-12-31 23:59:50", "2025-01-01 00:00:00", "2025-01-01 00:00:10"],
        TimeStep(10, "second"),
    ),
}


def seconds(texts: list[str]) -> np.ndarray:
    return np.array(texts, dtype="datetime64[s]").astype(np.int64)


@pytest.mark.parametrize(("texts", "step"), GRIDS.values(), ids=GRIDS.keys())
def test_the_step_of_a_regular_grid_is_inferred(texts: list[str], step: TimeStep) -> None:
    assert infer_step(seconds(texts), np.array([0, len(texts)]), has_calendar=True) == step


@pytest.mark.parametrize(("texts", "step"), GRIDS.values(), ids=GRIDS.keys())
def test_shifting_the_first_timestamp_writes_the_texts_that_were_read(
    texts: list[str], step: TimeStep
) -> None:
    parsed = parse_timestamps(pd.Series(texts))
    shifted = step.shift(np.repeat(parsed.seconds[:1], len(texts)), np.arange(len(texts)))
    assert write_timestamps(shifted, parsed.time_format) == texts


def test_the_most_frequent_difference_wins_over_gaps() -> None:
    texts = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-20", "2024-01-21"]
    assert infer_step(seconds(texts), np.array([0, 5]), has_calendar=True) == TimeStep(1, "day")


def test_a_missing_month_does_not_change_the_step() -> None:
    texts = ["2024-01-01", "2024-02-01", "2024-05-01", "2024-06-01"]
    assert infer_step(seconds(texts), np.array([0, 4]), has_calendar=True) == TimeStep(1, "month")


def test_the_jump_between_two_series_is_not_a_step() -> None:
    texts = ["2024-01-01", "2024-01-08", "2020-01-01", "2020-01-08"]
    assert infer_step(seconds(texts), np.array([0, 2, 4]), has_calendar=True) == TimeStep(1, "week")


def test_months_may_start_on_another_day_in_each_series() -> None:
    texts = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-01-15", "2024-02-15", "2024-03-15"]
    assert infer_step(seconds(texts), np.array([0, 3, 6]), has_calendar=True) == TimeStep(1, "month")


def test_fiscal_years_that_end_in_february_know_of_leap_years() -> None:
    ends = seconds(["2021-02-28", "2022-02-28", "2023-02-28"])
    step = infer_step(ends, np.array([0, 3]), has_calendar=True)
    np.testing.assert_array_equal(step.shift(ends[-1:], np.array([1])), seconds(["2024-02-29"]))


def test_business_days_with_holidays_missing_are_business_days() -> None:
    days = np.arange("2024-03-01", "2024-06-01", dtype="datetime64[D]")
    holidays = np.array(["2024-03-29", "2024-04-01", "2024-05-01", "2024-05-09"], dtype="datetime64[D]")
    worked = days[np.is_busday(days, holidays=holidays)]
    stamps = worked.astype("datetime64[s]").astype(np.int64)
    assert infer_step(stamps, np.array([0, len(stamps)]), has_calendar=True) == TimeStep(1, "business-day")


def test_a_working_week_without_a_weekend_in_it_is_daily() -> None:
    texts = ["2024-03-04", "2024-03-05", "2024-03-06", "2024-03-08"]
    assert infer_step(seconds(texts), np.array([0, 4]), has_calendar=True) == TimeStep(1, "day")


def test_counts_step_by_their_most_frequent_difference() -> None:
    assert infer_step(np.array([5, 15, 25, 45]), np.array([0, 4]), has_calendar=False) == TimeStep(
        10, "index"
    )


def test_a_single_row_has_no_step() -> None:
    with pytest.raises(Complaint, match="a single row does not show the step"):
        infer_step(np.array([0]), np.array([0, 1]), has_calendar=True)


def test_a_chosen_month_follows_month_ends_where_the_data_do() -> None:
    ends = seconds(["2024-02-29", "2024-03-31"])
    assert choose_step(TimeStep(1, "month"), ends, np.array([0, 2]), "%Y-%m-%d") == TimeStep(1, "month-end")


def test_a_chosen_step_in_hours_does_not_fit_counts() -> None:
    with pytest.raises(Misfit, match="--step is 1 hour, but the timestamps are plain counts"):
        choose_step(TimeStep(1, "hour"), np.array([0, 1]), np.array([0, 2]), "index")
