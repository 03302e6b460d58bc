"""From a file with every kind of covariate to forecasts that use each of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.__main__ import main

pytestmark = pytest.mark.slow

STORES = {"001": ("north", 50.0), "2": ("north", 62.5), "13": ("south", 75.0)}
DAYS, AHEAD = 60, 6

Run = Callable[..., str]


def make_table() -> pd.DataFrame:
    """Stores called by numbers, each with a region and an area; promotions known ahead, visitors counted."""
    generator = np.random.default_rng(0)
    parts = []
    for store, (region, area) in STORES.items():
        time = np.arange(DAYS + AHEAD)
        observed = time < DAYS
        promo, visitors = generator.integers(0, 2, len(time)), generator.normal(100, 10, len(time))
        visitors[generator.random(len(time)) < 0.1] = np.nan
        sales = 20 + 5 * np.sin(time * 2 * np.pi / 7) + 4 * promo + generator.normal(0, 0.5, len(time))
        parts.append(
            pd.DataFrame(
                {
                    "date": pd.date_range("2024-01-01", periods=len(time)).strftime("%Y-%m-%d"),
                    "store": store,
                    "region": region,
                    "area": area,
                    "promo": promo,
                    "visitors": np.where(observed, visitors, np.nan),
                    "sales": np.where(observed, sales, np.nan),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("every")


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run("export"): runs a command in the folder of the fit and gives back what it says."""
    monkeypatch.chdir(folder)

    def command(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["forecaster", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code, capsys.readouterr().err
        return capsys.readouterr().err

    return command


@pytest.fixture
def fitted(folder: Path, run: Run) -> str:
    """What the fit said; fit and export run once."""
    said = folder / "said.txt"
    if not said.exists():
        make_table().to_csv("data.csv", index=False)
        options = ["--past", "visitors", "--horizon", "6", "--context", "21", "--set", "hidden_size=8"]
        text = run("fit", "data.csv", *options, "--set", "updates=12", "--set", "epochs=2")
        run("export")
        said.write_text(text)
    return said.read_text()


def forecast(run: Run, table: pd.DataFrame, *options: str) -> pd.DataFrame:
    table.to_csv("again.csv", index=False)
    run("forecast", "again.csv", "-o", "again-forecast.csv", *options)
    return pd.read_csv("again-forecast.csv", dtype={"store": "str"})


def test_every_role_is_understood(fitted: str) -> None:
    assert fitted.splitlines()[1:7] == [
        "  time    date (1 day; season 7)",
        "  target  sales",
        "  series  store",
        "  known   promo (6 steps ahead)",
        "  past    visitors",
        "  static  region (2 values), area (number)",
    ]


@pytest.mark.usefixtures("fitted")
def test_forecasts_are_by_the_ids_as_they_were_written(run: Run) -> None:
    assert forecast(run, make_table())["store"].unique().tolist() == ["001", "2", "13"]


@pytest.mark.usefixtures("fitted")
def test_the_graph_and_the_loop_agree(run: Run) -> None:
    graph, loop = (forecast(run, make_table(), "--method", each)["forecast"] for each in ("graph", "step"))
    np.testing.assert_allclose(graph, loop, rtol=1e-5)  # two ways through the bundle round differently


@pytest.mark.parametrize("column", ["promo", "visitors", "region", "area"])
@pytest.mark.usefixtures("fitted")
def test_every_covariate_moves_the_forecast(run: Run, column: str) -> None:
    table = make_table()
    changed = table.assign(**{column: "west" if column == "region" else table[column] + 50})
    assert (forecast(run, table)["forecast"] != forecast(run, changed)["forecast"]).all()


@pytest.mark.parametrize("column", ["visitors", "area"])
@pytest.mark.usefixtures("fitted")
def test_a_covariate_may_be_missing_throughout(run: Run, column: str) -> None:
    found = forecast(run, make_table().assign(**{column: np.nan}))
    assert np.isfinite(found["forecast"]).all()


@pytest.mark.usefixtures("fitted")
def test_past_covariates_after_the_last_value_change_nothing(run: Run) -> None:
    table = make_table()
    later = table.assign(visitors=np.where(table["sales"].isna(), 1e6, table["visitors"]))
    pd.testing.assert_frame_equal(forecast(run, table), forecast(run, later), check_exact=True)


@pytest.mark.usefixtures("fitted")
def test_the_bundle_says_what_it_takes(folder: Path) -> None:
    manifest = json.loads((folder / "run" / "bundle" / "manifest.json").read_text())
    assert manifest["columns"]["past"] == ["visitors"]
    assert manifest["columns"]["static"] == ["region", "area"]
    assert list(manifest["vocabularies"]) == ["region"]
    inputs = manifest["graphs"]["encoder.onnx"]["inputs"]
    assert inputs["past"]["shape"] == ["batch", "time", 1]
    assert inputs["static"]["shape"] == ["batch", 1]


def test_numbers_that_are_not_used_are_told(run: Run) -> None:
    options = ["--target", "sales", "--set", "updates=2", "--set", "epochs=1", "-o", "other"]
    make_table().to_csv("data.csv", index=False)
    assert "  ignored visitors (numbers: --past uses them)\n" in run("fit", "data.csv", *options)
