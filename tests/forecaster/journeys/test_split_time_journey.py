"""A time that is split over columns, from a file to its forecast and back into the file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from deploy.bundle.bundle import read_bundle
from forecaster import Forecaster
from forecaster.__main__ import main
from forecaster.workflows.forecast import read_for

pytestmark = pytest.mark.slow

SMALL = ("--horizon", "6", "--context", "24", "--patch", "3", "--set", "hidden_size=8")
SHORT = ("--set", "updates=2", "--set", "epochs=1")
HOURS = pd.date_range("2024-03-01", periods=200, freq="h")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["forecaster", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code


def test_a_forecast_has_the_columns_of_the_file_and_can_be_appended_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{time:%d.%m.%Y};{time.hour + 1:02};{region};{10 + time.hour}"
        for region in ("a", "b")
        for time in HOURS
    ]
    Path("data.csv").write_text("\n".join(["Day;Hour Ending;region;load", *rows]) + "\n")
    run(monkeypatch, "fit", "data.csv", *SMALL, *SHORT)
    assert "  time    Day, Hour Ending (1 hour; season 24)\n" in capsys.readouterr().err
    run(monkeypatch, "export")
    run(monkeypatch, "forecast", "data.csv", "--paths", "2", "--seed", "1")
    table = pd.read_csv("forecast.csv", dtype=str)
    assert table.columns[:4].tolist() == ["region", "Day", "Hour Ending", "forecast"]
    assert table["Day"].tolist() == ["09.03.2024"] * 12
    assert table["Hour Ending"].tolist() == 2 * ["09", "10", "11", "12", "13", "14"]
    paths = pd.read_csv("forecast.paths.csv", dtype=str)
    assert paths.columns.tolist() == ["region", "Day", "Hour Ending", "path", "value"]
    later = [";".join(row) for row in table[["Day", "Hour Ending", "region", "forecast"]].to_numpy()]
    Path("later.csv").write_text("\n".join(["Day;Hour Ending;region;load", *rows, *later]) + "\n")
    panel = read_for(Path("later.csv"), read_bundle(Path("run/bundle")).manifest)
    assert panel.lengths().tolist() == [206, 206]
    run(monkeypatch, "forecast", "later.csv")
    assert pd.read_csv("forecast.csv", dtype=str)["Hour Ending"].tolist()[:2] == ["15", "16"]
    run(monkeypatch, "evaluate", "later.csv")


def test_a_frame_gets_its_columns_back() -> None:
    months = pd.date_range("2010-01-01", periods=96, freq="MS")
    frame = pd.DataFrame({"year": months.year, "month": months.month, "sales": range(96)})
    small = {"hidden_size": 8, "updates": 2, "epochs": 1}
    model = Forecaster(horizon=3, context=12, patch=3, settings=small).fit(frame)
    made = model.predict()
    assert made[["year", "month"]].to_numpy().tolist() == [[2018, 1], [2018, 2], [2018, 3]]
    named = Forecaster(horizon=3, context=12, patch=3, time=["month", "year"], settings=small).fit(frame)
    assert named.predict()["month"].tolist() == [1, 2, 3]
