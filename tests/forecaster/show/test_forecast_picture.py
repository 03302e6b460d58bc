"""Pictures of forecasts: forms, contents, names of anybody's series, and what cannot be drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from panels import make_forecast, make_panel

from deploy import Forecast, TimeStep
from deploy.errors import ConfigError
from deploy.shown.drawing import BLUE, draw_series
from deploy.shown.plotted import SeriesPlot, bands
from forecaster.show.pictures.forecast_picture import MOST_SERIES, check_picture, save_picture

pytestmark = pytest.mark.slow

TEXT = "{http://www.w3.org/2000/svg}text"


def texts(path: Path) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(path.read_bytes()).iter(TEXT)]


@pytest.mark.parametrize(
    ("name", "begin"), [("plot.png", b"\x89PNG"), ("plot.svg", b"<?xml"), ("plot.PDF", b"%PDF")]
)
def test_the_end_of_the_name_is_the_form(tmp_path: Path, name: str, begin: bytes) -> None:
    save_picture(tmp_path / name, make_panel(), make_forecast(2))
    assert (tmp_path / name).read_bytes().startswith(begin)


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_forecast_gives_the_same_bytes(tmp_path: Path, form: str) -> None:
    for name in ("one", "two"):
        save_picture(tmp_path / f"{name}.{form}", make_panel(), make_forecast(2))
    assert (tmp_path / f"one.{form}").read_bytes() == (tmp_path / f"two.{form}").read_bytes()


@pytest.mark.parametrize(
    ("name", "found"),
    [("plot.jpg", "ends in .jpg"), ("plot", "has no ending"), ("plot.svg.gz", "ends in .gz")],
)
def test_another_form_is_refused_with_those_there_are(tmp_path: Path, name: str, found: str) -> None:
    with pytest.raises(ConfigError, match=rf"its name {found}, expected one of \.svg, \.png, \.pdf"):
        check_picture(tmp_path / name)


def test_it_names_the_series_their_times_and_every_line(tmp_path: Path) -> None:
    save_picture(tmp_path / "plot.svg", make_panel(), make_forecast(2))
    wanted = {
        "b",
        "a",
        "1 Jan",
        "1970",
        "2 Jan",
        "4 Jan",
        "forecast, median",
        "80 % interval",
        "history",
    }
    assert wanted <= set(texts(tmp_path / "plot.svg"))


def test_of_many_series_the_first_are_drawn_and_it_says_so(tmp_path: Path) -> None:
    ids = tuple((f"shop {number}",) for number in range(MOST_SERIES + 3))
    save_picture(tmp_path / "plot.svg", make_panel(ids=ids), make_forecast(len(ids)))
    found = texts(tmp_path / "plot.svg")
    assert f"{MOST_SERIES} of {MOST_SERIES + 3} series" in found
    assert [name for name in found if name.startswith("shop")] == [f"shop {n}" for n in range(MOST_SERIES)]


@pytest.mark.parametrize("name", ["$x^2$ \\frac{", "<b>&", "店\x07"])
@pytest.mark.parametrize("form", ["svg", "png"])
def test_names_are_texts_whatever_they_hold(tmp_path: Path, name: str, form: str) -> None:
    save_picture(tmp_path / f"plot.{form}", make_panel(ids=((name,),)), make_forecast(1))
    if form == "svg":
        assert name.replace("\x07", "\N{REPLACEMENT CHARACTER}") in texts(tmp_path / "plot.svg")


def test_large_values_are_written_out(tmp_path: Path) -> None:
    panel = make_panel(level=1e9)
    forecast = make_forecast(2)
    save_picture(tmp_path / "plot.svg", panel, replace(forecast, quantiles=forecast.quantiles + 1e9))
    found = texts(tmp_path / "plot.svg")
    assert "1,000,000,002" in found
    assert not any("1e" in text for text in found)


def test_a_single_step_is_drawn(tmp_path: Path) -> None:
    save_picture(tmp_path / "plot.svg", make_panel(), make_forecast(2, 1))
    assert "80 % interval" in texts(tmp_path / "plot.svg")


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((0.1, 0.5, 0.9), [(0, 2, "80 % interval")]),
        ((0.1, 0.25, 0.5, 0.75, 0.9), [(0, 4, "80 % interval, inner ones stronger"), (1, 3, "_nolegend_")]),
        ((0.05, 0.5), [(0, 1, "quantiles 0.05 to 0.5")]),
        ((0.5,), []),
    ],
)
def test_bands_are_pairs_of_levels_from_the_outside_in(
    levels: tuple[float, ...], expected: list[tuple[int, int, str]]
) -> None:
    assert bands(levels) == expected


def test_a_shortened_course_keeps_the_latest_history() -> None:
    plot = SeriesPlot(
        "a", ("1", "2", "3"), np.arange(3.0), ("4",), np.zeros((1, 1)), (0.5,), np.zeros(1), np.arange(4)
    )
    assert plot.shortened(2).history_times == ("2", "3")
    assert plot.shortened(2).history.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("last", "first"), [(3.0, 0), (np.nan, 1)])
def test_the_forecast_begins_at_the_last_value_of_the_history_if_it_is_known(last: float, first: int) -> None:
    history, ahead = np.array([1.0, last]), np.array([[4.0, 5.0, 6.0], [5.0, 6.0, 7.0]])
    plot = SeriesPlot(
        name="a",
        history_times=("1", "2"),
        history=history,
        times=("3", "4"),
        quantiles=ahead,
        levels=(0.1, 0.5, 0.9),
        median=ahead[:, 1],
        moments=np.arange(1, 5),
        has_calendar=False,
        actual=np.array([8.0, 9.0]),
        baselines={"naive": np.array([2.0, 2.0])},
    )
    axes = Figure().subplots()
    draw_series(axes, plot)
    lines = {str(line.get_label()): line.get_xydata() for line in axes.lines}
    joined = [[0.0, 3.0]][: 1 - first]
    assert np.array_equal(lines["forecast, median"], [*joined, [1, 5], [2, 6]])
    assert np.array_equal(lines["actual"], [*joined, [1, 8], [2, 9]])
    assert np.array_equal(lines["naive"], [*joined, [1, 2], [2, 2]])
    (band,) = axes.collections
    assert to_hex(band.get_facecolor()[0]) == BLUE
    assert band.get_paths()[0].vertices[:, 0].min() == first


def test_ticks_stand_at_the_values_whose_times_are_known() -> None:
    plot = SeriesPlot(
        "a",
        ("", ""),
        np.ones(2),
        ("", ""),
        np.ones((2, 1)),
        (0.5,),
        np.ones(2),
        np.array([7, 8]),
        has_calendar=False,
    )
    assert [(tick.at, tick.text) for tick in plot.ticks(80)] == [(1, "7"), (2, "8")]


@pytest.mark.parametrize(
    ("step", "texts"),
    [(TimeStep(1, "month"), ["Apr", "Jul", "Oct", "Jan", "Apr"]), (None, ["Jan", "Apr"])],
)
def test_a_history_has_dates_where_the_step_is_known(step: TimeStep | None, texts: list[str]) -> None:
    times = np.array([["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]], "datetime64[s]")
    forecast = Forecast(np.ones((1, 4, 1)), (0.5,), times, step=step)
    axes = forecast.plot(history=np.ones(10), axes=Figure().subplots())
    assert [label.get_text().split("\n")[0] for label in axes.get_xticklabels()] == texts
