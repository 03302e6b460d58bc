"""Whole numbers as time: dates without dashes, seconds since 1970, or counts that stay counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from deploy.errors import ConfigError
from forecaster.data.times.counts import looks_like_dates, parse_counts, understand_counts
from forecaster.data.times.timestamps import write_timestamps

HOURS = np.arange(5) * 3600 + 1_700_000_000
CASES = {
    "days": (np.array([20240130, 20240131, 20240201]), "%Y%m%d"),
    "hours of days": (np.array([2024013122, 2024013123, 2024020100]), "%Y%m%d%H"),
    "minutes of days": (np.array([202401312345, 202402010000]), "%Y%m%d%H%M"),
    "seconds of days": (np.array([20240131234530, 20240201000000]), "%Y%m%d%H%M%S"),
    "months of years": (np.array([202311, 202312, 202401]), "%Y%m"),
    "seconds since 1970": (HOURS, "%s"),
    "milliseconds since 1970": (HOURS * 1000, "%s000"),
    "milliseconds since 1970 with a rest": (HOURS * 1000 + 7, "%s007"),
    "microseconds since 1970": (HOURS * 10**6, "%s000000"),
    "nanoseconds since 1970": (HOURS * 10**9, "%s000000000"),
    "with a gap": (HOURS[[0, 1, 2, 4]], "%s"),
    "months since 1970": (np.array([1704067200, 1706745600, 1709251200]), "%s"),
    "counts": (np.array([1, 2, 3]), "index"),
    "negative counts": (np.array([-20240101, 20240102]), "index"),
    "years": (np.array([1999, 2000, 2001]), "index"),
    "a day that no month has": (np.array([20240131, 20240132]), "index"),
    "a year far off": (np.array([30240130, 30240131]), "index"),
    "irregular large numbers": (np.array([1700000000, 1700000100, 1700000201, 1700000301]), "index"),
    "large numbers before 1990": (np.array([600000000, 600003600, 600007200]), "index"),
    "one large number": (np.array([1700000000]), "index"),
    "none": (np.array([], dtype=np.int64), "index"),
}


@pytest.mark.parametrize(("numbers", "form"), CASES.values(), ids=CASES)
def test_numbers_are_understood_and_written_back(numbers: np.ndarray, form: str) -> None:
    assert understand_counts(numbers) == form
    moments, valid = parse_counts(numbers, form)
    assert valid.all()
    assert write_timestamps(moments, form) == [str(number) for number in numbers]


def test_numbers_are_the_moments_that_they_say() -> None:
    expected = np.array(["2024-01-31"], dtype="datetime64[s]").astype(np.int64)
    for number, form in ((20240131, "%Y%m%d"), (2024013100, "%Y%m%d%H"), (1706659200000, "%s000")):
        np.testing.assert_array_equal(parse_counts(np.array([number]), form)[0], expected)


@pytest.mark.parametrize("trained", ["index", "%s000", "%Y%m%d%H"])
def test_the_form_of_the_training_file_is_tried_first(trained: str) -> None:
    numbers = np.array([1700000000000]) if trained == "%s000" else np.array([2024013100])
    assert understand_counts(numbers, trained) == trained


def test_a_number_that_is_not_of_the_form_is_not_valid() -> None:
    assert parse_counts(np.array([20240131, 1, 20240230, -5]), "%Y%m%d")[1].tolist() == [
        True,
        False,
        False,
        False,
    ]
    assert parse_counts(np.array([1000, 1001]), "%s000")[1].tolist() == [True, False]
    assert not parse_counts(np.array([20240131]), "%Y-%m-%d")[1].any()


def test_only_digits_follow_the_seconds_since_1970() -> None:
    with pytest.raises(ConfigError, match=r"only digits may follow %s, such as %s000"):
        parse_counts(np.array([1]), "%s %Y")


def test_a_column_of_amounts_is_not_time() -> None:
    assert looks_like_dates(pd.Series([20240131, 20240201, 20240202]))
    assert not looks_like_dates(pd.Series([20240131, 20240201]))  # too few to tell
    assert not looks_like_dates(pd.Series([5, 6, 7]))
    assert not looks_like_dates(pd.Series([20240131.0, 20240201.0, 20240202.0]))
