"""Texts that were escaped for spreadsheets, as forecasts are, and are read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
from panels import make_forecast, make_panel

from forecaster.config import Asked
from forecaster.data import read_data
from forecaster.forecasts.forecast_table import forecast_table, to_csv

HOSTILE = (("=1+1", "@x"), ("\t=b", "\uff0d2"), ("'=1+1", "-3"), ("O'Hare", "a;+b"), ("\nc", "a\r\n=b"))


def test_a_forecast_is_read_again_with_the_series_that_it_was_made_of(tmp_path: Path) -> None:
    panel = make_panel(ids=HOSTILE[:2], series=("=shop", "-item"))
    for ids in zip(HOSTILE, (*HOSTILE[1:], HOSTILE[0]), strict=True):
        table = forecast_table(make_panel(ids=ids, series=("=shop", "-item")), make_forecast(2), (0.5,))
        path = tmp_path / "forecast.csv"
        path.write_bytes(b"".join(to_csv(panel, table)))
        found = read_data(path, Asked(target=("forecast",), series=("=shop", "-item"), static=()))
        assert found.ids == ids
        assert found.columns.time == "date"


def test_times_that_begin_as_formulas_are_escaped_and_read_again(tmp_path: Path) -> None:
    panel = make_panel(time="@")
    panel = replace(panel, columns=replace(panel.columns, time_format="=%Y-%m-%d"))
    lines = b"".join(to_csv(panel, forecast_table(panel, make_forecast(2), (0.5,)))).decode().splitlines()
    assert [line.split(",")[1] for line in lines] == ["'@", *["'=1970-01-03", "'=1970-01-04"] * 2]
    (tmp_path / "forecast.csv").write_text("\n".join(lines))
    asked = Asked(time="@", time_format="=%Y-%m-%d", target=("forecast",), series=("shop",))
    assert read_data(tmp_path / "forecast.csv", asked).timestamps[:2].tolist() == [2 * 86400, 3 * 86400]


def test_categories_are_read_as_they_were(tmp_path: Path) -> None:
    rows = [(f"2024-01-{day:02}", "a", kind, day) for kind in ["'=big", "''=big"] for day in range(1, 11)]
    table = pd.DataFrame(rows, columns=["date", "id", "'@kind", "y"])
    table["id"] = table["id"] + table["'@kind"]
    table.to_csv(tmp_path / "data.csv", index=False)
    panel = read_data(tmp_path / "data.csv", Asked(series=("id",), static=("@kind",)))
    assert panel.columns.static == ("@kind",)
    assert panel.vocabularies == (("'=big", "=big"),)
