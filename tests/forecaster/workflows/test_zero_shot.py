"""A panel forecast without a fit: which past of its series corrects the intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.export.for_season import pretrained_config
from forecaster.pretrained.shipped import POSITIVE
from forecaster.workflows.own_past import FEWEST, ORIGINS
from forecaster.workflows.zero_shot import judge_faces, pack_pretrained

HORIZON = 12


def years_of_months(series: int, rows: int, gap: slice | None = None, growth: float = 0.0) -> Panel:
    """Return waves of a year with noise; gap: rows that every series lacks; growth: a month, as a share."""
    draw, time = np.random.default_rng(0), np.arange(rows)
    frames = []
    for number in range(series):
        values = 10 + np.sin(time * 2 * np.pi / 12) + draw.normal(0, 0.1, rows)
        if growth:
            values = np.exp(values + growth * time)
        if gap:
            values[gap] = np.nan
        months = pd.date_range("1950-01-01", periods=rows, freq="MS")
        frames.append(pd.DataFrame({"shop": f"s{number}", "month": months, "sold": values}))
    return read_data(pd.concat(frames), Asked())


def corrected_on(panel: Panel) -> int:
    told: int = pack_pretrained(panel, HORIZON).content["training"]["corrected_on"]
    return told


@pytest.mark.parametrize(("series", "count"), [(30, 30 * ORIGINS), (FEWEST // ORIGINS, FEWEST), (2, 0)])
def test_forecasts_of_the_past_correct_the_intervals_where_there_are_enough(series: int, count: int) -> None:
    assert corrected_on(years_of_months(series, 120)) == count


def test_of_few_series_there_are_more_origins_of_each() -> None:
    assert corrected_on(years_of_months(1, (FEWEST + 3) * HORIZON)) == FEWEST
    assert corrected_on(years_of_months(1, (FEWEST + 3) * HORIZON - 1)) == 0


def test_faces_that_the_past_tells_apart_forecast_alone() -> None:
    assert faces(years_of_months(30, 120, growth=0.03)) == ("log-last-difference",)
    assert faces(years_of_months(30, 120)) == POSITIVE  # nothing grows, so they err alike


def test_all_faces_forecast_where_the_past_tells_too_little() -> None:
    assert faces(years_of_months(1, 40, growth=0.03)) == POSITIVE


def faces(panel: Panel) -> tuple[str, ...]:
    return judge_faces(panel, pretrained_config(12, HORIZON, positive=True, lower=0.0), POSITIVE)[0]


def test_series_that_are_too_short_have_no_past_to_tell_of() -> None:
    assert corrected_on(years_of_months(30, 40)) == 0


def test_an_origin_after_a_gap_of_a_whole_context_is_left_out() -> None:
    """The last 15 values are there, so the first origin has 3 of them; the others see the gap alone."""
    assert corrected_on(years_of_months(30, 600, slice(300, 585))) == 30
