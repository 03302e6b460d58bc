"""Forecasts as text: a line of a series, a chart with its axes, how wide they are, what is said of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from panels import make_forecast, make_panel

from deploy.shown.plotted import SeriesPlot
from forecaster.show.terminal import LONGEST_NAME, MOST_SERIES, draw_forecasts, draw_lines, sparkline
from forecaster.show.terminal_chart import draw_chart

WIDTH = 60
HOUR, BLANK, LEVEL = 3600, "\N{BRAILLE PATTERN BLANK}", "⠉⠒⠤⣀"


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
    *series, _, _ = lines  # then the times, in two lines
    assert {len(line) for line in series} == {WIDTH}
    assert max(map(len, lines)) == WIDTH


def test_few_series_of_many_are_drawn_and_the_others_counted() -> None:
    ids = tuple((str(number),) for number in range(MOST_SERIES + 5))
    lines = draw_lines(make_panel(ids=ids), make_forecast(len(ids)), WIDTH, coloured=False).splitlines()
    names = [line.split()[0] for line in lines[1 : MOST_SERIES + 1]]
    assert names == [str(number) for number in range(MOST_SERIES)]
    assert not any(line.split()[0] == str(MOST_SERIES) for line in lines[MOST_SERIES + 1 :])
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


def hourly(history: list[float], horizon: int = 24, scale: float = 1.0) -> SeriesPlot:
    """A wave that begins at midnight of 1 April 2024, and its forecast."""
    first = int(np.datetime64("2024-04-01", "s").astype(np.int64))
    count = len(history)
    moments = first + HOUR * np.arange(count + horizon)
    wave = 10 + np.sin(np.arange(horizon) / 4)
    quantiles = scale * np.stack([wave - 1, wave, wave + 1], 1)
    texts = tuple(map(str, moments))
    past = scale * np.array(history, float)
    return SeriesPlot(
        "a", texts[:count], past, texts[count:], quantiles, (0.1, 0.5, 0.9), quantiles[:, 1], moments
    )


def axis_of(lines: list[str]) -> list[str]:
    """The texts left of a chart."""
    return [line.split("┤")[0].strip() for line in lines if "┤" in line]


def test_values_of_a_chart_are_round_and_evenly_apart() -> None:
    plot = hourly([7.3, 13.1] * 24)
    assert axis_of(draw_chart(plot, 80, coloured=False)) == ["14", "12", "10", "8", "6"]
    assert axis_of(draw_chart(hourly([7.3, 13.1] * 24, scale=1e5), 80, coloured=False))[0] == "1,400,000"


@pytest.mark.parametrize(
    ("width", "times"),
    [
        (80, ["00:00 12:00 00:00 12:00 00:00 12:00", "1 Apr 2024 2 Apr 3 Apr"]),
        (40, ["1 Apr 2 Apr 3 Apr", "2024"]),
    ],
)
def test_a_chart_has_as_many_dates_as_fit(width: int, times: list[str]) -> None:
    lines = draw_chart(hourly([10.0, 11.0] * 24), width, coloured=False)
    assert [" ".join(line.split()) for line in lines[-2:]] == times
    assert lines[-3].count("┬") == len(lines[-2].replace(" Apr", "_Apr").split())


@pytest.mark.parametrize("width", [1, 20, 40, 80, 100])
@pytest.mark.parametrize("horizon", [1, 2, 24, 500])
@pytest.mark.parametrize("count", [0, 1, 2, 48])
def test_a_chart_is_no_wider_than_the_terminal(width: int, horizon: int, count: int) -> None:
    lines = draw_chart(hourly([5.0, 20.0] * count, horizon), width, coloured=False)
    assert max(map(len, lines)) <= max(width, 17)  # below that no line could be told from another


@pytest.mark.parametrize(("last", "is_joined"), [(10.0, True), (np.nan, False)])
def test_the_last_value_is_joined_to_the_forecast_if_it_is_known(last: float, *, is_joined: bool) -> None:
    plot = replace(hourly([10.0] * 3 + [last], horizon=4), median=np.full(4, 10.0))
    longest = max(draw_chart(plot, 80, coloured=False)[:-3], key=lambda line: sum(map(line.count, LEVEL)))
    assert (BLANK in longest[4:].strip(BLANK)) is not is_joined


def test_missing_values_are_gaps_of_a_chart() -> None:
    lines = draw_chart(hourly([10.0] * 10 + [np.nan] * 4 + [10.0] * 10), 80, coloured=False)
    longest = max(lines[:-3], key=lambda line: sum(map(line.count, LEVEL)))
    assert BLANK * 4 in longest[4:].strip(BLANK)


def test_a_chart_of_missing_values_is_that_of_the_forecast() -> None:
    assert draw_chart(hourly([np.nan] * 24), 80, coloured=False)


def test_a_chart_says_where_the_history_and_the_forecast_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    title = draw_forecasts(make_panel(ids=(("b",),)), make_forecast(1)).splitlines()[0]
    assert title == "b: history to 1970-01-02, then the median and the quantiles 0.1 and 0.9 to 1970-01-04"


def test_on_a_terminal_a_chart_is_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in "".join(draw_chart(hourly([10.0] * 24), 80, coloured=True))
    assert "\x1b[" not in "".join(draw_chart(hourly([10.0] * 24), 80, coloured=False))


def test_times_stand_below_lines_of_series_that_have_the_same() -> None:
    ids = (("a",), ("b",))
    assert draw_lines(make_panel(ids=ids), make_forecast(2, 30), WIDTH, coloured=False).splitlines()[3:]
    panel = make_panel(ids=ids, future=(1.0, 1.0))
    panel.starts[1] += 86_400
    assert len(draw_lines(panel, make_forecast(2, 30), WIDTH, coloured=False).splitlines()) == 3
