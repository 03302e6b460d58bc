"""Where scored forecasts start, and what they may see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from untrained import make_panel

from forecaster.evaluation.origins import (
    Rolling,
    first_origins,
    latest,
    panel_of_windows,
    rolling_origins,
    with_known_futures,
)
from forecaster.windows.runs import Runs

ROLLING = Rolling(context_length=10, horizon=4, stride=4)


def origins(lengths: list[int], first: list[int], rolling: Rolling = ROLLING) -> list[list[int]]:
    """Of each series, counted from its own first row."""
    panel = make_panel(lengths)
    rows = panel.offsets[:-1] + np.array(first)
    windows = rolling_origins(panel, first_origins(panel, rows, rolling), rolling)
    return [
        (windows.origins[windows.series == series] - panel.offsets[series]).tolist()
        for series in range(len(lengths))
    ]


def test_origins_follow_each_other_by_a_horizon_as_long_as_one_is_whole() -> None:
    assert origins([31, 28, 27], [20, 20, 24]) == [[20, 24], [20, 24], []]


def test_a_stride_may_be_shorter() -> None:
    assert origins([27], [20], Rolling(10, 4, 1)) == [[20, 21, 22, 23]]


def test_a_series_that_the_fit_never_saw_starts_a_context_later() -> None:
    assert origins([19], [0]) == [[10, 14]]


def test_a_new_series_shorter_than_a_context_is_forecast_once_before_its_end() -> None:
    assert origins([9], [0]) == [[5]]


def test_a_new_series_of_a_horizon_leaves_nothing_to_forecast_from() -> None:
    assert origins([4, 3], [0, 0]) == [[], []]


def test_the_latest_windows_of_each_series_are_kept() -> None:
    panel = make_panel([40, 26])
    windows = latest(rolling_origins(panel, panel.offsets[:-1] + 20, ROLLING), 2)
    assert windows.series.tolist() == [0, 0, 1]
    assert windows.origins.tolist() == [32, 36, 40 + 20]


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), min_size=1, max_size=4), st.integers(1, 6))
def test_no_target_lies_before_the_first_that_may_be_scored(
    series: list[tuple[int, int]], stride: int
) -> None:
    lengths, first = [length for length, _ in series], [min(pair) for pair in series]
    for length, begin, found in zip(
        lengths, first, origins(lengths, first, Rolling(10, 4, stride)), strict=True
    ):
        assert all(max(begin, 1) <= origin <= length - 4 for origin in found)


def test_a_window_sees_its_context_and_nothing_of_its_future() -> None:
    covariate = np.arange(30, dtype=np.float32)[:, None]
    panel = make_panel([30], known=covariate, past=covariate + 100)
    seen = panel_of_windows(replace_origins(panel, [12, 5]))
    assert seen.offsets.tolist() == [0, 14, 23]
    assert (seen.ends - seen.offsets[:-1]).tolist() == [10, 5]
    np.testing.assert_array_equal(seen.values[:14], [*panel.values[2:12], *[np.nan] * 4])
    np.testing.assert_array_equal(seen.past[:14, 0], [*range(102, 112), *[np.nan] * 4])
    np.testing.assert_array_equal(seen.known[:14, 0], range(2, 16))
    np.testing.assert_array_equal(seen.timestamps[14:], range(9))


def test_windows_change_nothing_of_their_panel() -> None:
    panel = make_panel([30])
    before = panel.values.copy()
    panel_of_windows(replace_origins(panel, [12]))
    np.testing.assert_array_equal(panel.values, before)


def test_a_window_without_its_known_future_is_left_out() -> None:
    known = np.zeros((30, 2), dtype=np.float32)
    known[16, 1] = np.nan
    windows = with_known_futures(replace_origins(make_panel([30], known=known), [12, 13, 16, 17]))
    assert windows.origins.tolist() == [12, 17]


def replace_origins(panel, chosen: list[int]):
    windows = rolling_origins(panel, panel.offsets[:-1] + 10, ROLLING)
    return replace(windows, runs=Runs(np.zeros(len(chosen), dtype=np.int64), np.array(chosen)))


@pytest.mark.parametrize("most", [1, 3, 9])
def test_a_limit_never_adds_windows(most: int) -> None:
    panel = make_panel([40, 26])
    windows = rolling_origins(panel, panel.offsets[:-1] + 20, ROLLING)
    kept = latest(windows, most)
    assert np.bincount(kept.series).tolist() == np.minimum(np.bincount(windows.series), most).tolist()
