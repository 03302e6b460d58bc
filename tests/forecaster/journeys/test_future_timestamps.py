"""A forecast goes on, series by series, after the last value and in the form that the times were read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import torch
from click.testing import CliRunner
from going_on import CASES, Case, times

from forecaster.cli import cli

pytestmark = pytest.mark.slow

QUICK = [
    *("--horizon", "4", "--context", "8", "--patch", "2", "--quiet"),
    *("--set", "hidden_size=4", "--set", "updates=2", "--set", "epochs=1"),
]
Forecast = Callable[..., pd.DataFrame]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks as small as these take ten times as long where threads wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def forecast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forecast:
    """Fits a model on a file, exports it and forecasts the file: forecast(content, *options of fit)."""
    monkeypatch.chdir(tmp_path)

    def run(content: str, *options: str) -> pd.DataFrame:
        Path("data.csv").write_text(content)
        fit = ["fit", "data.csv", *QUICK, *options]
        for command in (fit, ["export", "--quiet"], ["forecast", "data.csv", "--quiet"]):
            result = CliRunner().invoke(cli, command, catch_exceptions=False)
            assert result.exit_code == 0, (command, result.output)
        return pd.read_csv("forecast.csv", dtype=str)

    return run


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_series_goes_on_in_the_form_of_the_file(forecast: Forecast, case: Case) -> None:
    series = {"north": case.north, "south": case.south}
    rows = [
        f"{time},{name},{row % 7}\n" for name, column in series.items() for row, time in enumerate(column)
    ]
    table = forecast("time,site,y\n" + "".join(rows), "--series", "site", *case.options)
    assert table["site"].tolist() == ["north"] * 4 + ["south"] * 4
    assert table["time"].tolist() == [*case.after_north.split("|"), *case.after_south.split("|")]


def test_each_of_several_targets_goes_on_after_its_own_last_value(forecast: Forecast) -> None:
    days = times("2024-02-28", "D", "%Y-%m-%d")
    rows = [f"{day},{row % 7},{row % 5 if row < 22 else ''}\n" for row, day in enumerate(days)]
    table = forecast("day,long,short\n" + "".join(rows), "--target", "long", "--target", "short")
    assert table["target"].tolist() == ["long"] * 4 + ["short"] * 4
    assert table["day"].tolist() == [
        *("2024-02-29", "2024-03-01", "2024-03-02", "2024-03-03"),
        *("2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"),
    ]


def test_a_gap_in_a_series_moves_none_of_its_steps(forecast: Forecast) -> None:
    days = times("2024-02-28", "D", "%Y-%m-%d")
    rows = [f"{day},{row % 7}\n" for row, day in enumerate(days) if row not in (3, 4, 22)]
    table = forecast("day,y\n" + "".join(rows))
    assert table["day"].tolist() == ["2024-02-29", "2024-03-01", "2024-03-02", "2024-03-03"]


def test_rows_without_times_are_numbered_on_in_each_series(forecast: Forecast) -> None:
    rows = [f"{name},{row % 7}\n" for name, count in (("a", 24), ("b", 30)) for row in range(count)]
    table = forecast("site,y\n" + "".join(rows), "--series", "site")
    assert table["site"].tolist() == ["a"] * 4 + ["b"] * 4
    assert table["row"].tolist() == ["24", "25", "26", "27", "30", "31", "32", "33"]


def test_values_of_a_row_a_series_are_counted_on_in_each(forecast: Forecast) -> None:
    names = ",".join(f"V{number}" for number in range(1, 32))
    rows = [
        f"{name},{','.join('1234567'[row % 7] for row in range(count))}\n"
        for name, count in (("a", 24), ("b", 30))
    ]
    table = forecast(f"{names}\n" + "".join(rows))
    assert table["V1"].tolist() == ["a"] * 4 + ["b"] * 4
    assert table["step"].tolist() == ["24", "25", "26", "27", "30", "31", "32", "33"]
