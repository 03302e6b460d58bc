"""A time zone from a file to its forecast: training windows, records, the bundle, the rows written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from deploy import Predictor, TimeStep
from deploy.bundle.bundle import read_bundle
from deploy.columns import Columns
from deploy.errors import DataError
from forecaster.__main__ import main
from forecaster.config import Asked, ModelConfig
from forecaster.data import Panel, Understood, read_data
from forecaster.forecasts.forecast_table import forecast_table
from forecaster.forecasts.through_predictor import forecast_panel
from forecaster.run.record import DataRecord
from forecaster.show.terminal import draw_forecasts
from forecaster.windows.panel_rows import times_of
from forecaster.windows.split import split
from forecaster.workflows.forecast import read_for

pytestmark = pytest.mark.slow

BERLIN = "Europe/Berlin"
PLAIN = Path(__file__).parents[2] / "deploy" / "bundles" / "plain"
COLUMNS: dict[str, Any] = {"time": "time", "targets": ["y"], "series": [], "known": [], "static": []}


def write(path: Path, times: list[str]) -> Path:
    path.write_text("time,y\n" + "".join(f"{time},{row % 24 + 1}\n" for row, time in enumerate(times)))
    return path


def iso(start: str, end: str, step: str, zone: str = BERLIN) -> list[str]:
    return [moment.isoformat() for moment in pd.date_range(start, end, freq=step, tz=zone)]


def predictor_for(panel: Panel) -> Predictor:
    """A model that reads no calendar, as if it had been trained on such a panel."""
    bundle = read_bundle(PLAIN)
    found = {"time_format": panel.columns.time_format, "timezone": panel.columns.timezone}
    columns = Columns.from_json({**COLUMNS, **found}, ())
    return Predictor(
        replace(bundle, manifest=replace(bundle.manifest, time_step=panel.step, columns=columns))
    )


@pytest.mark.parametrize(
    ("start", "end", "step", "until"),
    [
        ("2024-03-29", "2024-03-30 23:00", "h", "2024-03-31 06:00"),
        ("2024-10-25", "2024-10-26 23:00", "h", "2024-10-27 05:00"),
        ("2024-10-26", "2024-10-27 01:30", "15min", "2024-10-27 03:00"),
        ("2024-03-01", "2024-03-29", "D", "2024-04-04"),
    ],
    ids=["hours into summer", "hours into winter", "quarters into winter", "days into summer"],
)
def test_a_forecast_goes_on_as_the_clock_does(
    tmp_path: Path, start: str, end: str, step: str, until: str
) -> None:
    panel = read_data(write(tmp_path / "data.csv", iso(start, end, step)), Asked(timezone=BERLIN))
    predictor = predictor_for(panel)
    forecast = forecast_panel(predictor, panel, 6)
    written = forecast_table(panel, forecast, ())["time"].tolist()
    expected = pd.date_range(end, until, freq=step, tz=BERLIN)[1:7]
    assert written == [moment.isoformat() for moment in expected]
    np.testing.assert_array_equal(forecast.timestamps[0], expected.tz_convert(None).to_numpy())  # type: ignore[index]


def test_a_drawing_ends_at_the_time_of_the_zone(tmp_path: Path) -> None:
    times = iso("2024-03-29", "2024-03-30 23:00", "h")
    panel = read_data(write(tmp_path / "data.csv", times), Asked(timezone=BERLIN))
    drawn = draw_forecasts(panel, forecast_panel(predictor_for(panel), panel, 6))
    title, axis = " ".join(drawn.splitlines()[:2]), drawn.splitlines()[-2:]
    assert "history to 2024-03-30T23:00:00+01:00, then the median" in title
    assert title.endswith("to 2024-03-31T06:00:00+02:00")
    # The clock of the zone skips an hour that night: three steps from 00:00 to 03:00 are two.
    assert axis[0].split()[-3:] == ["00:00", "03:00", "06:00"]
    assert axis[1].split()[-2:] == ["31", "Mar"]


@pytest.mark.parametrize("step", ["h", "D"])
def test_training_windows_see_local_time(tmp_path: Path, step: str) -> None:
    days = pd.date_range("2024-03-01", "2024-04-20", freq=step, tz=BERLIN)
    times = [moment.isoformat() for moment in days]
    panel = read_data(write(tmp_path / "data.csv", times), Asked(timezone=BERLIN))
    config = ModelConfig(context_length=4, horizon=2, patch_length=1, season=1, step_seconds=3600.0)
    windows = split(panel, config).train
    window, _ = windows.gather(torch.arange(len(windows)))
    wall = days.tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.int64)
    np.testing.assert_array_equal(window.future_timestamps[:, 0].numpy(), wall[windows.origins])


def test_without_a_zone_windows_take_the_timestamps_as_they_are(tmp_path: Path) -> None:
    panel = read_data(write(tmp_path / "data.csv", iso("2024-01-01", "2024-01-05", "h", "UTC")), Asked())
    config = ModelConfig(context_length=4, horizon=2, patch_length=1, season=1, step_seconds=3600.0)
    windows = split(panel, config).train
    window, _ = windows.gather(torch.arange(len(windows)))
    np.testing.assert_array_equal(window.future_timestamps[:, 0].numpy(), panel.timestamps[windows.origins])
    assert times_of(panel).table is None  # they are a sum, which takes no memory


def test_a_record_holds_the_zone_and_the_cutoff_in_its_time(tmp_path: Path) -> None:
    path = write(tmp_path / "data.csv", iso("2024-03-30", "2024-04-02", "h"))
    panel = read_data(path, Asked(timezone=BERLIN))
    record = DataRecord.of_fit(Understood.of(path, panel, 24), "0" * 64, panel, np.array([30]))
    assert (record.columns.timezone, record.training_cutoff) == (BERLIN, ("2024-03-31T06:00:00+02:00",))


def manifest_of(timezone: str | None, step: TimeStep) -> Any:
    columns = {**COLUMNS, "time_format": "%Y-%m-%dT%H:%M:%S%:z", "timezone": timezone}
    return SimpleNamespace(
        columns=Columns.from_json(columns, ()),
        time_step=step,
        known=(),
        past=(),
        vocabularies={},
        normalization="mean-std",
        lower=None,
    )


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%z", "%s"], ids=["local", "offset", "seconds"]
)
def test_a_file_to_forecast_may_write_times_in_another_way(tmp_path: Path, form: str) -> None:
    moments = pd.date_range("2024-10-26", "2024-10-28", freq="h", tz=BERLIN)
    times = [str(int(moment.timestamp())) if form == "%s" else moment.strftime(form) for moment in moments]
    panel = read_for(write(tmp_path / "data.csv", times), manifest_of(BERLIN, TimeStep(1, "hour")))
    assert panel.timestamps.tolist() == [int(moment.timestamp()) for moment in moments]


def test_changing_offsets_do_not_fit_a_model_without_a_zone(tmp_path: Path) -> None:
    path = write(tmp_path / "data.csv", iso("2024-10-26", "2024-10-28", "h"))
    with pytest.raises(DataError, match=r"the UTC offset changes, .*, and the model has no time zone\n"):
        read_for(path, manifest_of(None, TimeStep(1, "hour")))


def test_the_command_line_goes_from_a_zone_to_its_forecast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["forecaster", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert not ended.value.code, printed.err
        return printed.err

    moments = pd.date_range("2024-10-14", "2024-10-26 23:00", freq="h", tz=BERLIN)
    write(tmp_path / "data.csv", moments.strftime("%Y-%m-%d %H:%M").tolist())
    monkeypatch.chdir(tmp_path)
    small = ("--horizon", "6", "--context", "24", "--patch", "3", "--set", "hidden_size=8")
    said = run("fit", "data.csv", "--timezone", BERLIN, *small, "--set", "updates=2", "--set", "epochs=1")
    assert "  time    time (1 hour; season 24; Europe/Berlin)\n" in said
    run("export")
    assert read_bundle(tmp_path / "run" / "bundle").manifest.columns.timezone == BERLIN
    run("forecast", "data.csv")
    written = pd.read_csv("forecast.csv")["time"].tolist()
    assert [time[-5:] for time in written] == ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00"]
