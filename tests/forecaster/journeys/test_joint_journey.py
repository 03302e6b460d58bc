"""A coupled system from a CSV to its forecast, by the commands that users run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deploy import Predictor
from forecaster.run.run import load_run

pytestmark = pytest.mark.slow

SMALL = ("--horizon", "5", "--context", "20", "--patch", "2", "--set", "hidden_size=8")
QUICK = ("--set", "updates=12", "--set", "epochs=2")
# Two ways through the bundle round differently; in units of the largest forecast.
METHODS_AGREE = 1e-5
DATA_ERROR, CONFIG_ERROR = 3, 4

Run = Callable[..., str]


def coupled_csv() -> str:
    """Two sites where prey and predators chase each other around a cycle, and a temperature known ahead."""
    lines = ["date,site,prey,predators,temperature"]
    for site, phase in (("north", 0.0), ("south", 1.0)):
        for day in range(84):
            angle = 0.5 * day + phase
            prey, predators = f"{50 + 20 * np.sin(angle):.3f}", f"{500 + 200 * np.sin(angle - 1):.3f}"
            if day % 11 == 5:
                predators = ""
            observed = f"{prey},{predators}" if day < 78 else ","
            lines.append(f"{np.datetime64('2024-01-01') + day},{site},{observed},{10 + day % 7}")
    return "\n".join([*lines, ""])


@pytest.fixture
def fitted(folder: Path, run: Run) -> str:
    """What the fit said; fit, export and forecast run once."""
    said = folder / "said.txt"
    if not said.exists():
        (folder / "data.csv").write_text(coupled_csv())
        text = run("fit", "data.csv", "--joint", *SMALL, *QUICK)
        run("export")
        run("forecast", "data.csv")
        said.write_text(text)
    return said.read_text()


def test_the_fit_says_that_its_targets_are_joint(fitted: str) -> None:
    assert "2 series of 78 values" in fitted
    assert "  targets prey, predators (joint)\n" in fitted


@pytest.mark.usefixtures("fitted")
def test_the_run_and_the_bundle_know_the_joint_targets(folder: Path) -> None:
    read = load_run(folder / "run")
    assert (read.config.model.target_size, read.data.columns.joint, read.data.ids) == (
        2,
        True,
        (("north",), ("south",)),
    )
    assert (read.data.values, read.data.missing) == (2 * 78 * 2, 2 * 7)
    manifest = json.loads((folder / "run" / "bundle" / "manifest.json").read_bytes())
    assert manifest["columns"]["joint"] is True
    assert manifest["graphs"]["forecast.onnx"]["inputs"]["history"]["shape"] == ["batch", "time", 2]


@pytest.mark.usefixtures("fitted")
def test_a_joint_forecast_is_written_target_by_target_as_that_of_several_targets(
    folder: Path, run: Run
) -> None:
    run("fit", "data.csv", "-o", "apart", *SMALL, *QUICK)
    run("export", "apart")
    run("forecast", "data.csv", "--bundle", "apart/bundle", "-o", "apart.csv")
    joint, apart = (pd.read_csv(folder / name) for name in ("forecast.csv", "apart.csv"))
    assert list(joint.columns) == list(apart.columns)
    same = ["site", "date", "target"]
    pd.testing.assert_frame_equal(joint[same], apart[same])
    quantiles = joint.filter(like="q0.")
    assert (np.diff(quantiles, axis=1) >= 0).all()


@pytest.mark.usefixtures("fitted")
def test_the_rows_of_a_target_are_its_channel(folder: Path) -> None:
    table, data = (pd.read_csv(folder / name) for name in ("forecast.csv", "data.csv"))
    history = data[data.site == "south"].head(78)
    predictor = Predictor.load(folder / "run" / "bundle")
    found = predictor.forecast(
        history[["prey", "predators"]],
        last_timestamp=history.date.iloc[-1],
        known=history[["temperature"]],
        future_known=data[data.site == "south"].temperature.iloc[78:83].to_numpy()[:, None],
    )
    for channel, target in enumerate(("prey", "predators")):
        rows = table[(table.site == "south") & (table.target == target)]
        np.testing.assert_allclose(rows.forecast, found.median[0, :, channel], rtol=1e-5)


@pytest.mark.usefixtures("fitted")
def test_the_step_loop_forecasts_the_same(folder: Path, run: Run) -> None:
    run("forecast", "data.csv", "--method", "step", "-o", "step.csv")
    graph, step = (pd.read_csv(folder / name).forecast for name in ("forecast.csv", "step.csv"))
    assert np.abs(graph - step).max() <= METHODS_AGREE * graph.abs().max()


@pytest.mark.usefixtures("fitted")
def test_each_target_of_a_joint_forecast_is_drawn(run: Run) -> None:
    drawn = run("forecast", "data.csv", "--plot", "-o", "plot.csv").splitlines()
    names = [line.split("  ")[0] for line in drawn[1:5]]
    assert sorted(names) == ["north / predators", "north / prey", "south / predators", "south / prey"]


@pytest.mark.usefixtures("fitted")
def test_a_file_without_one_of_the_channels_is_not_like_the_data(folder: Path, run: Run) -> None:
    pd.read_csv(folder / "data.csv").drop(columns="prey").to_csv(folder / "less.csv", index=False)
    said = run("forecast", "less.csv", code=DATA_ERROR)
    assert (
        'less.csv is not like the data that the model was trained on: column "prey": no such column' in said
    )


@pytest.mark.usefixtures("fitted")
def test_a_target_without_a_recent_value_is_named(folder: Path, run: Run) -> None:
    table = pd.read_csv(folder / "data.csv")
    table.loc[(table.site == "south") & (table.index % 84 > 40), "predators"] = np.nan
    table.to_csv(folder / "gap.csv", index=False)
    said = run("forecast", "gap.csv", code=DATA_ERROR)
    assert 'target "predators" of series south has no value in the last 20 steps; a joint forecast ' in said


@pytest.mark.usefixtures("fitted")
def test_a_value_that_has_no_logarithm_is_named_with_its_target(folder: Path, run: Run) -> None:
    run(
        "fit",
        "data.csv",
        "--joint",
        "-o",
        "logs",
        *SMALL,
        *QUICK,
        "--set",
        "normalization=log-last-difference",
    )
    run("export", "logs")
    table = pd.read_csv(folder / "data.csv")
    table.loc[(table.site == "south") & (table.date == "2024-03-01"), "predators"] = 0.0
    table.to_csv(folder / "zero.csv", index=False)
    said = run("forecast", "zero.csv", "--bundle", "logs/bundle", code=DATA_ERROR)
    assert "value 0 of series south/predators at 2024-03-01: expected above 0" in said


@pytest.mark.usefixtures("fitted")
def test_joint_with_a_single_target_is_refused(run: Run) -> None:
    said = run("fit", "data.csv", "--joint", "--target", "prey", "-o", "single", code=CONFIG_ERROR)
    assert "--joint forecasts several targets together, at least 2, found prey alone" in said


def test_the_size_of_the_target_is_no_setting(folder: Path, run: Run) -> None:
    (folder / "plain.csv").write_text(coupled_csv())
    said = run("fit", "plain.csv", "--set", "target_size=2", "-o", "size", code=CONFIG_ERROR)
    assert "target_size follows from the data: 1, not 2; leave it out" in said


@pytest.mark.usefixtures("fitted")
def test_sample_paths_are_written_target_by_target(folder: Path, run: Run) -> None:
    run("forecast", "data.csv", "--paths", "2", "-o", "drawn.csv")
    paths, forecast = pd.read_csv(folder / "drawn.paths.csv"), pd.read_csv(folder / "drawn.csv")
    keys = ["site", "date", "target"]
    one = paths[paths["path"] == 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(one[keys], forecast[keys])
    means = paths.groupby("target")["value"].mean()
    assert means["predators"] > 5 * means["prey"]
