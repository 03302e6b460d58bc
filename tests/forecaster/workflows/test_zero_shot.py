"""A panel forecast without a fit: which past of its series corrects the intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.workflows.zero_shot import FEWEST, ORIGINS, pack_pretrained

HORIZON = 12


def years_of_months(series: int, rows: int, gap: slice | None = None) -> Panel:
    """Return waves of a year with noise; gap: rows that every series lacks."""
    draw, time = np.random.default_rng(0), np.arange(rows)
    frames = []
    for number in range(series):
        values = 10 + np.sin(time * 2 * np.pi / 12) + draw.normal(0, 0.1, rows)
        if gap:
            values[gap] = np.nan
        months = pd.date_range("1950-01-01", periods=rows, freq="MS")
        frames.append(pd.DataFrame({"shop": f"s{number}", "month": months, "sold": values}))
    return read_data(pd.concat(frames), Asked())


def corrected_on(panel: Panel) -> int:
    told: int = pack_pretrained(panel, HORIZON).content["training"]["corrected_on"]
    return told


@pytest.mark.parametrize(("series", "count"), [(30, 30 * ORIGINS), (FEWEST // ORIGINS, FEWEST), (4, 0)])
def test_forecasts_of_the_past_correct_the_intervals_where_there_are_enough(series: int, count: int) -> None:
    assert corrected_on(years_of_months(series, 120)) == count


def test_series_that_are_too_short_have_no_past_to_tell_of() -> None:
    assert corrected_on(years_of_months(30, 40)) == 0


def test_an_origin_after_a_gap_of_a_whole_context_is_left_out() -> None:
    """The last 15 values are there, so the first origin has 3 of them; the others see the gap alone."""
    assert corrected_on(years_of_months(30, 600, slice(300, 585))) == 30
