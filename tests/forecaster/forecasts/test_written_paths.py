"""`forecaster forecast --paths`: possible futures beside the forecast, for any kind of series."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow

SMALL = ("--horizon", "5", "--context", "48", "--patch", "3", "--set", "hidden_size=8")
QUICK = ("--set", "updates=12", "--set", "epochs=2", "--timezone", "Europe/Berlin")
KEYS = ["shop", "time", "target"]
CONFIG_ERROR = 4
COUNTER = 1e9  # a level that float32 cannot hold beside what the series varies by

Run = Callable[..., str]


def hourly_csv() -> str:
    """Two shops of a time zone, up to a night that the clock jumps, with a counter and a known promotion."""
    lines = ["shop,time,promo,sales,counter"]
    start = np.datetime64("2024-03-24T00:00:00")
    for number, shop in enumerate(("=north", "south")):
        for hour in range(168):
            noise = np.random.default_rng([number, hour]).normal()
            wave = 20 + 5 * np.sin(hour * np.pi / 12 + number) + noise
            observed = f"{wave:.4f},{COUNTER + 10 * wave:.1f}" if hour < 160 else ","
            lines.append(f"{shop},{start + 3600 * hour}Z,{int(hour % 5 == 0)},{observed}")
    return "\n".join([*lines, ""])


@pytest.fixture
def exported(folder: Path, run: Run) -> Path:
    """The folder, after a fit and an export that run once."""
    if not (folder / "run" / "bundle").exists():
        (folder / "data.csv").write_text(hourly_csv())
        targets = ("--target", "sales", "--target", "counter")
        run("fit", "data.csv", *targets, *SMALL, *QUICK)
        run("export")
    return folder


def draw(run: Run, folder: Path, *arguments: str) -> pd.DataFrame:
    run("forecast", "data.csv", *arguments)
    return pd.read_csv(folder / "forecast.paths.csv")


def test_paths_are_written_beside_the_forecast_and_the_command_says_so(exported: Path, run: Run) -> None:
    said = run("forecast", "data.csv", "--paths", "3", "-o", "next.csv")
    assert said.endswith("4 series, 5 steps of 1 hour: next.csv and next.paths.csv\n")
    assert (exported / "next.csv").exists()
    assert (exported / "next.paths.csv").exists()


def test_paths_have_the_series_and_the_times_of_the_forecast(exported: Path, run: Run) -> None:
    paths = draw(run, exported, "--paths", "3")
    forecast = pd.read_csv(exported / "forecast.csv")
    assert list(paths.columns) == [*KEYS, "path", "value"]
    for number in (1, 2, 3):
        own = paths[paths["path"] == number].reset_index(drop=True)
        pd.testing.assert_frame_equal(own[KEYS], forecast[KEYS])
    assert len(paths) == 3 * len(forecast)


def test_times_keep_their_form_and_names_are_escaped(exported: Path, run: Run) -> None:
    paths = draw(run, exported, "--paths", "2")
    assert paths["time"].head(5).tolist() == [f"2024-03-30T{hour}:00:00Z" for hour in range(16, 21)]
    assert paths["shop"].unique().tolist() == ["'=north", "south"]


def test_paths_lie_where_the_quantiles_do_the_level_of_a_counter_included(exported: Path, run: Run) -> None:
    paths = draw(run, exported, "--paths", "200")
    quantiles = pd.read_csv(exported / "forecast.csv").set_index(KEYS)
    below = paths.join(quantiles, on=KEYS)
    share = (below["value"] <= below["q0.5"]).groupby(below["target"]).mean()
    assert share.to_dict() == pytest.approx({"sales": 0.5, "counter": 0.5}, abs=0.01)
    spread = paths[paths["target"] == "counter"]["value"] - COUNTER
    assert spread.abs().max() < COUNTER / 1e5


def test_a_seed_gives_the_same_paths_and_another_seed_others(exported: Path, run: Run) -> None:
    first = draw(run, exported, "--paths", "3", "--seed", "7")
    again = draw(run, exported, "--paths", "3", "--seed", "7")
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert not first["value"].equals(draw(run, exported, "--paths", "3")["value"])


def test_the_forecast_is_the_same_with_and_without_paths(exported: Path, run: Run) -> None:
    run("forecast", "data.csv", "-o", "alone.csv")
    draw(run, exported, "--paths", "3")
    assert (exported / "alone.csv").read_bytes() == (exported / "forecast.csv").read_bytes()
    assert not (exported / "alone.paths.csv").exists()


def test_a_seed_without_paths_is_refused(exported: Path, run: Run) -> None:
    said = run("forecast", "data.csv", "--seed", "1", "-o", "none.csv", code=CONFIG_ERROR)
    assert "--seed is that of sample paths; say how many with --paths N" in said
    assert not (exported / "none.csv").exists()


@pytest.mark.usefixtures("exported")
def test_paths_that_cannot_be_written_are_refused_before_anything_is(folder: Path, run: Run) -> None:
    (folder / "taken.paths.csv").mkdir()
    said = run("forecast", "data.csv", "--paths", "3", "-o", "taken.csv", code=CONFIG_ERROR)
    assert "cannot write taken.paths.csv: it is a folder" in said
    assert not (folder / "taken.csv").exists()
