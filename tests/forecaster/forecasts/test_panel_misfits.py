"""Series that a model was not fitted for are refused by their names, with what was found and expected."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deploy import TimeStep
from deploy.columns import Columns
from deploy.errors import DataError
from forecaster.forecasts.panel_misfits import refuse_misfits
from forecaster.workflows.forecast import read_for

CONTEXT = 24


def model_of(step: TimeStep, **facts: Any) -> Any:
    """A manifest of a model of `y` by `shop`."""
    columns = Columns("date", "%Y-%m-%d", ("y",), ("shop",))
    plain = {
        "lower": None,
        "positive": False,
        "normalization": "mean-std",
        "training": {},
        "vocabularies": {},
    }
    return SimpleNamespace(columns=columns, time_step=step, context_length=CONTEXT, **{**plain, **facts})


def refusal(path: Path, frame: pd.DataFrame, manifest: Any) -> str:
    """The words of the error for a file of these rows."""
    frame.to_csv(path, index=False)
    with pytest.raises(DataError) as error:
        refuse_misfits(read_for(path, manifest), manifest)
    return str(error.value)


def rows(shop: str, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of a shop at some dates, above 0."""
    return pd.DataFrame({"date": dates.strftime("%Y-%m-%d"), "shop": shop, "y": 5.0 + np.arange(len(dates))})


def every(freq: str, count: int = 20) -> pd.DatetimeIndex:
    return pd.date_range("2024-01-01", periods=count, freq=freq)


DAY, WORKDAY, MONTH = TimeStep(1, "day"), TimeStep(1, "business-day"), TimeStep(1, "month")
# step of the model, dates of the rows, how both are called
OTHER_STEPS = {
    "weeks for days": (DAY, every("7D"), "7 days", "1 day"),
    "every second day": (DAY, every("2D"), "2 days", "1 day"),
    "months for days": (DAY, every("MS"), "1 month", "1 day"),
    "month ends for days": (DAY, every("ME"), "1 month-end", "1 day"),
    "weeks for workdays": (WORKDAY, every("7D"), "5 business-days", "1 business-day"),
    "quarters for months": (MONTH, every("QS"), "3 months", "1 month"),
    "months for weeks of which some fit": (TimeStep(1, "week"), every("28D"), "4 weeks", "1 week"),
}


@pytest.mark.parametrize(("step", "dates", "found", "expected"), OTHER_STEPS.values(), ids=OTHER_STEPS)
def test_rows_of_another_step_are_refused_with_both_steps(
    tmp_path: Path, step: TimeStep, dates: pd.DatetimeIndex, found: str, expected: str
) -> None:
    regular = pd.date_range("2024-01-01", periods=100, freq={"day": "D", "week": "7D"}.get(step.unit, "MS"))
    others = rows("a", regular) if step.unit != "business-day" else rows("a", every("B", 100))
    said = refusal(tmp_path / "x.csv", pd.concat([others, rows("b", dates)]), model_of(step))
    assert said == (
        f"series b: values come every {found}, with none between, and this model's steps are {expected}; "
        f"forecast them with a model that was fitted on their step, or give a value every {expected}"
    )


def test_series_of_another_step_are_counted(tmp_path: Path) -> None:
    frame = pd.concat([rows(shop, every("7D")) for shop in "abc"])
    assert "(3 such series)" in refusal(tmp_path / "x.csv", frame, model_of(DAY))


def test_empty_cells_between_values_are_the_same_as_no_rows(tmp_path: Path) -> None:
    frame = rows("a", every("D", 100))
    frame.loc[frame.index % 7 > 0, "y"] = np.nan
    assert "series a: values come every 7 days" in refusal(tmp_path / "x.csv", frame, model_of(DAY))


def test_rows_of_a_finer_step_are_refused_with_both_steps(tmp_path: Path) -> None:
    frame = rows("a", every("D", 100))
    said = refusal(tmp_path / "x.csv", frame, model_of(MONTH))
    assert "timestamps are irregular: 1 day 99 times" in said
    assert "the model was fitted on steps of 1 month" in said


def test_rows_of_a_longer_step_off_the_grid_are_refused_with_both_steps(tmp_path: Path) -> None:
    said = refusal(tmp_path / "x.csv", rows("a", every("MS")), model_of(TimeStep(1, "week")))
    assert "timestamps are irregular: 31 days 11 times" in said
    assert "fitted on steps of 1 week: rows so far apart need a model that was fitted on their step" in said


HONEST = {
    "workdays on a model of days": every("B", 60),
    "an outage of a month": every("D", 60).union(pd.date_range("2024-04-01", periods=4)),
    "every day, with days left out at random": every("D", 200)[np.random.default_rng(0).random(200) < 0.4],
}


@pytest.mark.parametrize("dates", HONEST.values(), ids=HONEST)
def test_honest_gaps_are_none_of_another_step(tmp_path: Path, dates: pd.DatetimeIndex) -> None:
    rows("a", dates).to_csv(tmp_path / "x.csv", index=False)
    refuse_misfits(read_for(tmp_path / "x.csv", model_of(DAY)), model_of(DAY))


def test_a_model_of_sparse_series_takes_such_series(tmp_path: Path) -> None:
    rows("a", every("7D")).to_csv(tmp_path / "x.csv", index=False)
    manifest = model_of(DAY, training={"data": {"values": 134, "missing": 114}})
    refuse_misfits(read_for(tmp_path / "x.csv", manifest), manifest)


def test_a_value_below_the_bound_is_refused_by_its_series_and_time(tmp_path: Path) -> None:
    frame = pd.concat([rows("a", every("D", 40)), rows("b", every("D", 40))])
    frame.iloc[-3, 2] = -1.5
    assert refusal(tmp_path / "x.csv", frame, model_of(DAY, lower=0.0)) == (
        "value -1.5 of series b at 2024-02-07: expected at least 0, this model's lower bound (one that was "
        "fitted with lower=none takes any value) (1 such values)"
    )


@pytest.mark.parametrize("facts", [{"lower": 5.0}, {"positive": True, "lower": 0.0}], ids=str)
def test_values_at_the_bound_and_those_before_the_context_are_fine(
    tmp_path: Path, facts: dict[str, Any]
) -> None:
    frame = rows("a", every("D", 40))
    frame["y"] = np.where(np.arange(40) < 40 - CONTEXT, -7.0, 5.0)
    frame.to_csv(tmp_path / "x.csv", index=False)
    manifest = model_of(DAY, **facts)
    refuse_misfits(read_for(tmp_path / "x.csv", manifest), manifest)


def test_a_value_far_below_the_bound_is_named(tmp_path: Path) -> None:
    frame = rows("a", every("D", 40))
    frame["y"] = -1e7 - np.arange(40) / 10
    manifest = model_of(DAY, lower=0.0)
    frame.to_csv(tmp_path / "x.csv", index=False)
    panel = read_for(tmp_path / "x.csv", manifest)
    with pytest.raises(DataError, match=r"value -1e\+07 of series a at 2024-01-17: expected at least 0"):
        refuse_misfits(panel, manifest)
