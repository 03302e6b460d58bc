"""Forecasts as people see them: short in a console, a chart and a table in a notebook, columns for others."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from deploy import ExtraMissingError, Forecast, InputError, Predictor
from deploy.bundle.bundle import read_bundle
from deploy.errors import ConfigError
from deploy.shown.intervals import borders_of, choose_levels, intervals_of, nixtla_columns
from deploy.shown.notebook import chart, number, rows_of, table
from deploy.shown.plotted import SeriesPlot

LEVELS = (0.1, 0.5, 0.9)
SHORT = 250  # characters


def made(batch: int = 2, horizon: int = 3, levels: tuple[float, ...] = LEVELS) -> Forecast:
    quantiles = np.arange(batch * horizon * len(levels), dtype=float).reshape(batch, horizon, len(levels))
    days = np.array("2024-01-31", "datetime64[s]") + np.arange(horizon) * np.timedelta64(86_400, "s")
    return Forecast(quantiles, levels, np.tile(days, (batch, 1)))


def plotted(**given: object) -> SeriesPlot:
    fields: dict[str, object] = {
        "name": "a",
        "history_times": ("mon", "tue"),
        "history": np.array([1.0, 2.0]),
        "times": ("wed", "thu"),
        "quantiles": np.array([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]),
        "levels": LEVELS,
        "median": np.array([2.0, 3.0]),
        "moments": np.arange(-1, 3),
        "has_calendar": False,
    }
    return SeriesPlot(**{**fields, **given})  # type: ignore[arg-type]


def test_what_a_console_shows_is_short(bundles: Path) -> None:
    predictor = Predictor.load(bundles / "plain")
    stream = predictor.stream([1.0, 2.0, 3.0], last_timestamp="2024-01-31")
    shown = [made(40), predictor, stream, predictor.manifest, read_bundle(bundles / "plain")]
    assert [repr(one) for one in shown if len(repr(one)) > SHORT or "\n" in repr(one)] == []
    assert repr(made()) == "Forecast(2 series, 3 steps, levels 0.1, 0.5, 0.9)"
    assert "3 values until 2024-01-31" in repr(stream)


def test_a_notebook_shows_a_chart_and_a_table_without_scripts_or_styles() -> None:
    html = made()._repr_html_()
    root = ElementTree.fromstring(html)
    assert {"svg", "table"} <= {element.tag for element in root.iter()}
    assert not {"script", "style", "link", "img"} & {element.tag for element in root.iter()}
    assert "2 series, 3 steps; the first series" in html
    assert "2024-01-31" in html


def test_names_in_a_notebook_are_text() -> None:
    evil = "<script>alert(1)</script>\"'&"
    plot = plotted(name=evil, times=(evil, evil), history_times=(evil, evil))
    for html in (chart(plot), f"<div>{table(plot)}</div>", rows_of([evil], [[evil]])):
        assert "<script" not in html
        ElementTree.fromstring(html)


def test_a_chart_has_gaps_where_values_are_missing_and_stays_within_its_frame() -> None:
    plot = plotted(history=np.array([1.0, np.nan, 5.0, 7.0]), history_times=("a", "b", "c", "d"))
    root = ElementTree.fromstring(chart(plot))
    paths = [element.attrib["d"] for element in root.iter("path") if element.attrib.get("fill") == "none"]
    assert paths[0].count("M") == 2
    assert "h0" in paths[0]  # a value without neighbours
    numbers = re.findall(r"[ML]([\d.]+) ([\d.]+)", " ".join(paths))
    assert all(0 <= float(x) <= 560 and 0 <= float(y) <= 180 for x, y in numbers)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1234567.8, "1,234,568"),
        (0.0, "0"),
        (0.00012345, "0.00012345"),
        (-12.5, "-12.500"),
        (float("nan"), "–"),
        (1e300, "1e+300"),
    ],
)
def test_numbers_have_five_digits(value: float, written: str) -> None:
    assert number(value) == written


def test_one_step_of_a_constant_series_is_drawn_too() -> None:
    flat = Forecast(np.full((1, 1, 1), 3.0), (0.5,), None)
    ElementTree.fromstring(flat._repr_html_())


def test_columns_of_nixtla_are_the_median_and_each_central_interval() -> None:
    columns = made(levels=(0.025, 0.1, 0.3, 0.5, 0.9, 0.975)).to_nixtla(["a", "b"])
    assert list(columns) == [
        *("unique_id", "ds", "LSTM", "LSTM-lo-80", "LSTM-hi-80", "LSTM-lo-95", "LSTM-hi-95")
    ]
    assert columns["unique_id"].tolist() == ["a"] * 3 + ["b"] * 3
    assert columns["LSTM"].tolist() == [3, 9, 15, 21, 27, 33]
    assert columns["LSTM-lo-80"].tolist() == [1, 7, 13, 19, 25, 31]


def test_a_joint_forecast_has_an_id_for_each_series_and_target() -> None:
    joint = Forecast(np.arange(2 * 3 * 2 * 1.0).reshape(2, 3, 2, 1), (0.5,), None)
    columns = joint.to_nixtla(["a/x", "a/y", "b/x", "b/y"])
    assert columns["LSTM"].tolist() == [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]
    assert columns["ds"].tolist() == [1, 2, 3] * 4
    with pytest.raises(InputError, match="an id for each of the 4 series, found 2"):
        joint.to_nixtla(["a", "b"])


def test_a_level_in_percent_is_two_quantiles() -> None:
    assert borders_of([80, 95]) == (0.025, 0.1, 0.9, 0.975)
    assert intervals_of((0.1, 0.2, 0.5, 0.8, 0.9)) == (60.0, 80.0)
    with pytest.raises(ConfigError, match=r"from 1 to 99\.9, such as 80, found 0"):
        borders_of([0])
    with pytest.raises(ConfigError, match=r"level 0.025 was not trained; .* \(central intervals: 80 %\)"):
        nixtla_columns(made().quantiles, LEVELS, "LSTM", [95])


def test_a_level_that_is_off_by_rounding_is_found() -> None:
    assert choose_levels((0.1, 0.5, 1 - 0.1), (1 - 0.9, 0.9)) == (0.1, 0.9)


def test_a_plot_needs_matplotlib_and_says_so(run_python: Callable[..., str]) -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\nimport numpy as np\nfrom deploy import Forecast\n"
        "try:\n    Forecast(np.ones((1, 2, 1)), (0.5,), None).plot()\nexcept Exception as error:\n"
        "    print(type(error).__name__, error)"
    )
    assert run_python(code) == f"{ExtraMissingError.__name__} a plot needs matplotlib; pip install matplotlib"


def test_a_series_that_is_not_there_is_not_drawn() -> None:
    with pytest.raises(InputError, match="series: expected a number from 0 to 1, found 2"):
        made().plot(2)
