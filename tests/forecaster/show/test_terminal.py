"""Forecasts as lines of text: what a line shows, how wide it is, and what is said of the others."""

from __future__ import annotations

import numpy as np
import pytest
from panels import make_forecast, make_panel

from forecaster.show.terminal import LONGEST_NAME, MOST_SERIES, draw_lines, sparkline

WIDTH = 60


def test_the_lowest_value_is_the_lowest_block_and_the_highest_the_highest() -> None:
    assert sparkline(np.arange(8.0), 0, 7) == "▁▂▃▄▅▆▇█"


def test_a_missing_value_is_a_gap() -> None:
    assert sparkline(np.array([0.0, np.nan, 1.0]), 0, 1) == "▁ █"


def test_values_that_are_all_alike_are_a_flat_line() -> None:
    assert sparkline(np.full(3, 5.0), 5, 5) == "▁▁▁"


def test_a_line_is_the_name_the_history_a_bar_the_median_and_both_ends() -> None:
    lines = draw_lines(make_panel(), make_forecast(2), WIDTH, coloured=False).splitlines()
    assert lines[0] == "2 series: history, then the median of 2 steps"
    assert lines[1].split() == ["b", "▁▃│▁█", "2", "→", "4"]
    assert lines[2].split() == ["a", "▁▁│▆█", "2", "→", "10"]


def test_lines_are_no_wider_than_the_terminal_and_alike() -> None:
    panel = make_panel(ids=(("a",), ("a much longer name of a shop in some town",)))
    lines = draw_lines(panel, make_forecast(2, 90), WIDTH, coloured=False).splitlines()[1:]
    assert {len(line) for line in lines} == {WIDTH}


def test_few_series_of_many_are_drawn_and_the_others_counted() -> None:
    ids = tuple((str(number),) for number in range(MOST_SERIES + 5))
    lines = draw_lines(make_panel(ids=ids), make_forecast(len(ids)), WIDTH, coloured=False).splitlines()
    assert len(lines) == MOST_SERIES + 2
    assert lines[-1] == "… and 5 more series"


def test_long_names_are_cut() -> None:
    panel = make_panel(ids=(("x" * 100,), ("y",)))
    line = draw_lines(panel, make_forecast(2), WIDTH, coloured=False).splitlines()[1]
    assert line.startswith("x" * (LONGEST_NAME - 1) + "…  ")


def test_the_terminal_obeys_no_name() -> None:
    panel = make_panel(ids=(("\x1b[2Jshop\n",), ("y",)))
    assert "\x1b" not in draw_lines(panel, make_forecast(2), WIDTH, coloured=False)


def test_on_a_terminal_the_forecast_is_coloured() -> None:
    line = draw_lines(make_panel(), make_forecast(2), WIDTH, coloured=True).splitlines()[1]
    assert "│\x1b[36m▁█\x1b[0m" in line


def test_series_that_need_their_digits_keep_them() -> None:
    panel = make_panel(level=1e9)
    assert "1000000002 →" in draw_lines(panel, make_forecast(2), WIDTH, coloured=False)


@pytest.mark.parametrize("width", [1, 30])
def test_a_narrow_terminal_gets_short_lines(width: int) -> None:
    assert "│" in draw_lines(make_panel(), make_forecast(2, 50), width, coloured=False)
