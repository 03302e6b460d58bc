"""`fit --by`: a run for each value of a column, and the commands that take all of them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow

SETTINGS = ("hidden_size=4", "updates=12", "epochs=2", "precision=f32", "checkpoint_seconds=0")
FIT = (
    *("--horizon", "7", "--context", "14", "--start", "random"),
    *(part for setting in SETTINGS for part in ("--set", setting)),
)
Run = Callable[..., str]
SHOPS = {"France": 3, "Italy/Nord": 2, "Malta": 1}


def write_data(folder: Path) -> pd.DataFrame:
    noise, parts = np.random.default_rng(0), []
    for country, shops in SHOPS.items():
        for shop in range(shops):
            days = 4 if country == "Malta" else 100
            sales = 20 + 5 * np.sin(2 * np.pi * np.arange(days) / 7) + noise.normal(0, 0.5, days) + shop
            dates = pd.date_range("2024-01-01", periods=days)
            part = {"date": dates, "shop": f"{country[:2]}{shop}", "country": country, "kind": "ab"[shop % 2]}
            parts.append(pd.DataFrame({**part, "sales": sales.round(3)}))
    table = pd.concat(parts)
    table.to_csv(folder / "data.csv", index=False)
    return table


@pytest.fixture
def fitted(folder: Path, run: Run) -> str:
    """What the fit said; fit and export run once."""
    said = folder / "said.txt"
    if not said.exists():
        table = write_data(folder)
        table[table.country == "France"].to_csv(folder / "france.csv", index=False)
        said.write_text(run("fit", "data.csv", "--by", "country", "--jobs", "2", *FIT, code=5))
        run("export", "runs")
    return said.read_text()


def test_failures_are_listed_and_the_others_kept(fitted: str, folder: Path) -> None:
    assert "fitting 3 segments by country, each by itself" in fitted
    assert "failed: Malta: too short: the longest series has 4 values" in fitted
    assert fitted.splitlines()[-1] == "error: 1 of 3 segments failed, as listed; the others are in runs"
    rows = [line.split()[:2] for line in fitted.splitlines() if line.startswith(tuple(SHOPS))]
    assert [name for name, count in rows if count in "123"] == ["France", "Italy/Nord", "Malta"]
    found = sorted(path.name for path in (folder / "runs").iterdir())
    assert found == ["country=France", "country=Italy%2FNord"]


@pytest.mark.usefixtures("fitted")
def test_a_segment_is_fitted_as_a_file_of_its_rows_alone(folder: Path, run: Run) -> None:
    keys = ("--series", "shop", "--series", "country")
    run("fit", "france.csv", "-o", "alone", *keys, *FIT, "--set", "threads=1")
    for name in ("model.safetensors", "calibration.json", "backtest.safetensors"):
        found = folder / "runs" / "country=France" / name
        assert found.read_bytes() == (folder / "alone" / name).read_bytes()


@pytest.mark.usefixtures("fitted")
def test_each_series_is_forecast_by_the_bundle_of_its_segment(
    folder: Path, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    said = run("forecast", "data.csv", "--bundle", "runs", "-o", "all.csv", "--paths", "3")
    assert caplog.messages == ["left out, without a model in runs: Malta, 1 series"]
    assert "5 series, 7 steps of 1 day by 2 models: all.csv and all.paths.csv" in said
    for suffix in (".csv", ".paths.csv"):
        found = pd.read_csv(folder / f"all{suffix}")
        assert len(found) == len(found.drop_duplicates())
        for place, country in (("country=France", "France"), ("country=Italy%2FNord", "Italy/Nord")):
            rows = pd.read_csv(folder / "data.csv")
            rows[rows.country == country].to_csv(folder / "part.csv", index=False)
            run(
                "forecast",
                "part.csv",
                "--bundle",
                f"runs/{place}/bundle",
                "-o",
                "part.out.csv",
                "--paths",
                "3",
            )
            expected = pd.read_csv(folder / f"part.out{suffix}")
            pd.testing.assert_frame_equal(
                found[found.country == country].reset_index(drop=True), expected, check_exact=True
            )


@pytest.mark.usefixtures("fitted")
def test_the_runs_of_all_segments_are_scored_in_one_table(folder: Path, run: Run) -> None:
    found = json.loads(run("evaluate", "data.csv", "--run", "runs", "--json"))
    rows = pd.read_csv(folder / "data.csv")
    rows[rows.country == "France"].to_csv(folder / "france.csv", index=False)
    expected = json.loads(run("evaluate", "france.csv", "--run", "runs/country=France", "--json"))
    assert [each["key"] for each in found["segments"]] == [["France"], ["Italy/Nord"]]
    assert found["segments"][0]["evaluation"]["model"] == expected["model"]
    said = run("evaluate", "data.csv", "--run", "runs", "--fail-over", "mase=0.001", code=7)
    assert "France: quality gate failed: mase" in said


@pytest.mark.usefixtures("fitted")
@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("forecast", "france.csv", "--bundle", "runs", "--save-plot", "x.svg"), 4, "a picture shows"),
        (("evaluate", "data.csv", "--run", "runs", "-o", "x.html"), 4, "a report is of one run"),
        (("export", "runs", "-o", "x"), 4, "holds runs of segments"),
        (("fit", "data.csv", "--by", "kind"), 5, "runs holds runs by country, not by kind"),
        (("fit", "data.csv", "--by", "country", "-o", "runs/country=France"), 5, "is a run, and the runs of"),
        (
            ("fit", "data.csv", "--by", "town", "-o", "other"),
            4,
            '--by "town": no such column; columns: shop, country, kind',
        ),
        (("fit", "data.csv", "--by", "country", "--from", "run"), 4, "leave out --from"),
    ],
)
def test_what_does_not_go_together_is_refused(
    run: Run, command: tuple[str, ...], code: int, said: str
) -> None:
    assert said in run(*command, code=code)


@pytest.mark.usefixtures("fitted")
def test_a_fit_that_is_resumed_fits_what_is_left_alone(folder: Path, run: Run) -> None:
    before = (folder / "runs" / "country=France" / "model.safetensors").stat().st_mtime_ns
    run("fit", "data.csv", "--by", "country", "--jobs", "2", "--resume", *FIT, code=5)
    assert (folder / "runs" / "country=France" / "model.safetensors").stat().st_mtime_ns == before


def test_ctrl_c_stops_all_segments_which_a_resumed_fit_continues(tmp_path: Path) -> None:
    write_data(tmp_path)
    command = [*(sys.executable, "-m", "forecaster", "fit", "data.csv", "--by", "country", "--jobs", "2")]
    command += [*FIT, "--set", "updates=100000", "--set", "epochs=1000", "--set", "patience=1000", "--resume"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        while not list(tmp_path.glob("runs/country=*/checkpoint/state.safetensors")):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    last = said.splitlines()[-1]
    assert last.startswith("error: interrupted with "), last
    assert last.endswith("--resume"), last
    assert not list(tmp_path.glob("runs/country=*/config.json"))


@pytest.mark.usefixtures("fitted")
def test_a_folder_of_segments_is_inspected(folder: Path, run: Run) -> None:
    found = json.loads(run("inspect", "runs", "--json"))
    assert (found["kind"], found["by"]) == ("segments", ["country"])
    assert [(each["key"], each["series"]) for each in found["segments"]] == [
        (["France"], 3),
        (["Italy/Nord"], 2),
    ]
    weights = folder / "runs" / "country=France" / "model.safetensors"
    kept = weights.read_bytes()
    weights.write_bytes(b"no weights")
    lines = run("inspect", "runs").splitlines()
    weights.write_bytes(kept)
    assert any("France" in line and "is damaged" in line for line in lines)
    assert any("Italy/Nord" in line and "2 series, " in line for line in lines)


@pytest.mark.usefixtures("fitted")
def test_files_are_scored_by_the_bundles_of_segments(folder: Path, run: Run) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    run("score", "data.csv", "scored", "--bundle", "runs")
    run("forecast", "data.csv", "--bundle", "runs", "-o", "all.csv")
    found = parquet.read_table(folder / "scored").to_pandas()
    assert set(found[found.country == "Malta"].error) == {"no bundle of country=Malta in runs"}
    expected, good = pd.read_csv(folder / "all.csv"), found[found.error.isna()]
    assert good.shop.tolist() == expected.shop.tolist()
    np.testing.assert_allclose(good["q0.5"], expected["q0.5"], rtol=1e-6)
