"""forecaster forecast DATA --pretrained: a forecast without a fit, and what is said of it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

Run = Callable[..., str]
MONTHS = [f"{2000 + month // 12}-{month % 12 + 1:02}-01" for month in range(240)]
RETAIL = ("time,shop,region,promo,sold", [("a", "north"), ("b", "south")])


def write(name: str, header: str, rows: list[str]) -> str:
    Path(name).write_text("\n".join([header, *rows]) + "\n")
    return name


def monthly(name: str, values: list[object]) -> str:
    return write(name, "time,y", [f"{month},{value}" for month, value in zip(MONTHS, values, strict=False)])


def forecasts(name: str = "forecast.csv") -> list[dict[str, str]]:
    with Path(name).open() as file:
        return list(csv.DictReader(file))


def medians(name: str = "forecast.csv") -> list[float]:
    return [float(row["forecast"]) for row in forecasts(name)]


def test_a_file_is_read_as_by_a_fit_and_forecast_at_once(run: Run) -> None:
    wave = [round(10 * np.sin(2 * np.pi * month / 12) + month / 10, 3) for month in range(120)]
    said = run("forecast", monthly("wave.csv", wave), "--pretrained").splitlines()
    assert said == [
        "wave.csv: 1 series of 120 values, 2000-01-01 to 2009-12-01",
        "  time    time (1 month; season 12)",
        "  target  y",
        "forecasting 12 steps from the last 144, season 12, by the pretrained network: it learned from "
        "made-up series, and nothing is fitted",
        "intervals as pretrained: too few forecasts of the file's own past to correct them by",
        "1 series, 12 steps of 1 month: forecast.csv",
    ]
    rows = forecasts()
    assert [row["time"] for row in rows] == MONTHS[120:132]
    ahead = [10 * np.sin(2 * np.pi * month / 12) + month / 10 for month in range(120, 132)]
    assert np.allclose(medians(), ahead, atol=2)
    assert all(float(row["q0.1"]) < float(row["forecast"]) < float(row["q0.9"]) for row in rows)


def test_warnings_of_reading_are_those_of_a_fit(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    rows = [f"{month},{number}" for number, month in enumerate(MONTHS[:40])]
    run("forecast", write("mixed_up.csv", "time,y", rows[::-1]), "--pretrained")
    assert caplog.messages == ["mixed_up.csv: rows are not in order of time; sorted"]


def test_covariates_are_left_out_and_it_says_so(run: Run) -> None:
    header, shops = RETAIL
    rows = [
        f"{month},{shop},{region},{number % 2},{number % 12 + 5 if number < 60 else ''}"
        for shop, region in shops
        for number, month in enumerate(MONTHS[:66])
    ]
    said = run("forecast", write("shops.csv", header, rows), "--pretrained")
    assert "left out: promo, region (a fit uses covariates)" in said
    assert {row["shop"] for row in forecasts()} == {"a", "b"}
    assert forecasts()[0]["time"] == MONTHS[60]


def test_a_panel_with_enough_of_a_past_corrects_its_intervals_by_it(run: Run) -> None:
    draws = np.random.default_rng(0).normal(size=(6, 120))
    rows = [
        f"{month},{series},{draws[series][n]:.3f}"
        for series in range(6)
        for n, month in enumerate(MONTHS[:120])
    ]
    said = run("forecast", write("panel.csv", "time,id,y", rows), "--series", "id", "--pretrained")
    assert "intervals corrected by the errors of 24 forecasts of the file's own past" in said


def test_constants_and_gaps_tell_nothing_of_the_intervals(run: Run) -> None:
    draws = np.random.default_rng(0).normal(size=(5, 120)).round(3)
    draws[0], draws[1, -96:] = 5, np.nan
    draws[1, -1] = 0
    rows = [
        f"{month},{series},{'' if np.isnan(draws[series][n]) else draws[series][n]}"
        for series in range(5)
        for n, month in enumerate(MONTHS[:120])
    ]
    write("flat.csv", "time,id,y", rows)
    said = run("forecast", "flat.csv", "--series", "id", "--pretrained", "--horizon", "12")
    assert "intervals as pretrained" in said
    assert {row["q0.1"] for row in forecasts() if row["id"] == "0"} == {"5.0"}


def test_series_of_any_length_in_one_file(run: Run) -> None:
    rows = [
        f"{month},{name},{number % 12 + 3}"
        for name, length in (("one", 1), ("three", 3), ("year", 12), ("long", 200))
        for number, month in enumerate(MONTHS[:length])
    ]
    run(
        "forecast",
        write("lengths.csv", "time,id,y", rows),
        "--series",
        "id",
        "--pretrained",
        "--horizon",
        "4",
    )
    assert [row["id"] for row in forecasts()] == [
        name for name in ("one", "three", "year", "long") for _ in range(4)
    ]
    assert np.isfinite(medians()).all()


@pytest.mark.parametrize("count", [2, 3, 5, 20])
def test_a_file_too_short_for_a_fit_is_forecast(run: Run, count: int) -> None:
    run("forecast", monthly("short.csv", ([5, 7, 6, 8, 9] * 4)[:count]), "--pretrained", "--horizon", "3")
    assert len(medians()) == 3
    assert np.isfinite(medians()).all()


def test_one_value_needs_its_step_and_is_forecast_as_it_is(run: Run) -> None:
    assert "--step names it" in run("forecast", monthly("one.csv", [5]), "--pretrained", code=3)
    run("forecast", "one.csv", "--pretrained", "--step", "1month", "--horizon", "2")
    assert medians() == [5, 5]


@pytest.mark.parametrize("value", [0, 5, -3])
def test_a_constant_is_forecast_to_stay(run: Run, value: int) -> None:
    run("forecast", monthly("constant.csv", [value] * 60), "--pretrained")
    assert all(float(cell) == value for row in forecasts() for name, cell in row.items() if name != "time")


def test_gaps_are_no_values(run: Run) -> None:
    holes = ["" if month % 3 == 1 else month % 12 for month in range(60)]
    said = run("forecast", monthly("gaps.csv", holes), "--pretrained")
    assert "60 values (20 missing)" in said
    assert np.isfinite(medians()).all()


def test_counts_without_a_time_have_the_season_that_they_show(run: Run) -> None:
    said = run("forecast", write("counts.csv", "y", [f"{n % 7}" for n in range(100)]), "--pretrained")
    assert "values are counted (1 row; season 7)" in said
    assert forecasts()[0]["row"] == "100"


def test_steps_below_an_hour(run: Run) -> None:
    rows = [f"2024-01-{1 + n // 96:02} {n // 4 % 24:02}:{n % 4 * 15:02},{n % 96}" for n in range(960)]
    said = run("forecast", write("quarters.csv", "time,y", rows), "--pretrained")
    assert "96 steps of 15 minutes" in said
    assert forecasts()[0]["time"] == "2024-01-11 00:00"


def test_options_of_reading_are_those_of_a_fit(run: Run) -> None:
    rows = [f"{number};{month};x{number};{number * 2}" for number, month in enumerate(MONTHS[:50])]
    said = run(
        *(
            "forecast",
            write("named.csv", "a;when;note;b", rows),
            "--pretrained",
            "--target",
            "a",
            "--target",
            "b",
        ),
        *("--time", "when", "--season", "4", "--horizon", "5", "--level", "0.1", "-o", "named.out"),
    )
    assert "season 4" in said
    assert "targets a, b" in said
    assert list(forecasts("named.out")[0]) == ["when", "target", "forecast", "q0.1"]
    assert len(medians("named.out")) == 10


def test_paths_pictures_and_the_other_method(run: Run) -> None:
    wave = [month % 12 + 1 for month in range(60)]
    said = run(
        *("forecast", monthly("drawn.csv", wave), "--pretrained", "--paths", "3", "--seed", "1", "--plot"),
        *("--save-plot", "drawn.png", "-o", "drawn.out.csv"),
    )
    assert "history to 2004-12-01, then the median" in said
    assert len(forecasts("drawn.out.paths.csv")) == 3 * 12
    assert Path("drawn.png").read_bytes().startswith(b"\x89PNG")


def test_standard_output_takes_the_table_and_nothing_else(run: Run) -> None:
    quiet = run("forecast", monthly("piped.csv", list(range(30))), "--pretrained", "--quiet", "-o", "-")
    assert quiet.startswith("time,forecast,")
    assert len(quiet.splitlines()) == 1 + 6


def test_a_season_that_no_network_follows_is_left_out_with_a_warning(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    said = run("forecast", monthly("odd.csv", list(range(90))), "--pretrained", "--season", "37")
    assert "cannot follow a season of 37 steps, and forecasts without one" in caplog.text
    assert "(1 month; no season)" in said


@pytest.mark.parametrize(
    "option", [("--time", "time"), ("--season", "12"), ("--step", "1month"), ("--joint",)]
)
def test_options_of_reading_need_pretrained(run: Run, option: tuple[str, ...]) -> None:
    said = run("forecast", monthly("data.csv", list(range(30))), *option, code=4)
    assert f"leave out {option[0]}, or forecast without a bundle by --pretrained" in said


def test_there_is_one_model(run: Run) -> None:
    monthly("data.csv", list(range(30)))
    assert "leave out --bundle" in run("forecast", "data.csv", "--pretrained", "--bundle", "b", code=4)
    assert "leave out --future" in run("forecast", "data.csv", "--pretrained", "--future", "data.csv", code=4)


def test_targets_together_need_a_fit(run: Run) -> None:
    rows = [f"{number * 37 % 11 / 2},{number * 2.5}" for number in range(50)]
    said = run("forecast", write("two.csv", "a,b", rows), "--pretrained", "--joint", code=4)
    assert "leave out --joint, or fit" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("time,y\n", "a header and no rows"),
        ("time,y\n2024-01-01,\n", "no column of numbers"),
    ],
)
def test_a_file_without_values_is_refused_as_by_a_fit(run: Run, text: str, said: str) -> None:
    Path("nothing.csv").write_text(text)
    assert said in run("forecast", "nothing.csv", "--pretrained", code=3)


def test_interrupted_it_writes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("forecaster.workflows.zero_shot.forecast_past", stop)
    said = run(
        "forecast", monthly("data.csv", list(range(90))), "--pretrained", "-o", "stopped.csv", code=130
    )
    assert said.strip() == "error: interrupted"
    assert not Path("stopped.csv").exists()
