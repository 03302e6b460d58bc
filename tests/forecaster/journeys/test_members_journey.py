"""`fit --members`: from a CSV to one graph that averages several networks, killed on the way or not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from deploy.bundle.bundle import read_bundle
from forecaster import Forecaster
from forecaster.config import RunConfig
from forecaster.model.ensemble import Ensemble
from forecaster.run.folder import RunFolder
from forecaster.run.run import load_run
from forecaster.workflows.fit import save_run

pytestmark = pytest.mark.slow

SETTINGS = ("hidden_size=8", "updates=12", "epochs=2", "threads=1", "precision=f32", "checkpoint_seconds=0")
FIT = (
    *("fit", "data.csv", "--members", "2", "--seed", "4"),
    *("--horizon", "6", "--context", "24", "--patch", "3"),
    *(part for setting in SETTINGS for part in ("--set", setting)),
)
FILES = [
    *("backtest.safetensors", "calibration.json", "config.json", "data.json", "log.jsonl"),
    *("members/2/backtest.safetensors", "members/2/log.jsonl", "members/2/model.safetensors"),
    *("metrics.json", "model.safetensors", "ranks.json", "training.svg"),
]

Run = Callable[..., str]


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def write_data(folder: Path) -> None:
    time = np.arange(130)
    noise = np.random.default_rng(0).normal(0, 0.5, 130)
    sales = (20 + 5 * np.sin(2 * np.pi * time / 7) + noise).round(3)
    days = pd.date_range("2024-01-01", periods=130)
    pd.DataFrame({"date": days, "sales": sales}).to_csv(folder / "data.csv", index=False)


@pytest.fixture
def fitted(folder: Path, run: Run) -> str:
    """What the fit said; fit and export run once."""
    said = folder / "said.txt"
    if not said.exists():
        write_data(folder)
        said.write_text(run(*FIT))
        run("export")
    return said.read_text()


def test_a_fit_says_which_member_is_training_and_what_each_reached(fitted: str) -> None:
    lines = [line for line in fitted.splitlines() if line.startswith(("member", "epoch", "that is"))]
    assert [tuple(line.split()[1:5]) for line in lines[:8]] == [
        *(
            ("1", "of", "2", "epoch"),
            ("1", "of", "2", "epoch"),
            ("1", "of", "2", "the"),
            ("1", "of", "2", "the"),
        ),
        *(
            ("2", "of", "2", "epoch"),
            ("2", "of", "2", "epoch"),
            ("2", "of", "2", "the"),
            ("2", "of", "2", "the"),
        ),
    ]
    assert lines[3] == "member 1 of 2  the best weights continue with all values"
    assert lines[8].startswith("that is the mean of 2 members; each alone: ")


@pytest.mark.usefixtures("fitted")
def test_the_first_member_lies_where_a_run_does_and_the_others_below(folder: Path) -> None:
    files = [name for name in listing(folder / "run") if not name.startswith("bundle/")]
    assert files == FILES


@pytest.mark.usefixtures("fitted")
def test_a_run_of_members_is_read_and_written_again_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    read = load_run(folder / "run")
    assert [len(log) for log in read.logs[1:]] == [2]
    save_run(RunFolder(tmp_path / "again"), read)
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (folder / "run" / name).read_bytes()


@pytest.mark.usefixtures("fitted")
def test_the_bundle_and_inspect_say_how_many_members_there_are(folder: Path, run: Run) -> None:
    assert read_bundle(folder / "run" / "bundle").manifest.members == 2
    shown = run("inspect", "run/bundle").splitlines()
    assert "members                    2" in shown
    metrics = json.loads((folder / "run" / "metrics.json").read_text())
    assert metrics["members"]["seed"] == [4, 5]


@pytest.mark.usefixtures("fitted")
def test_the_graph_forecasts_the_mean_and_the_loop_the_first_member(folder: Path, run: Run) -> None:
    run("forecast", "data.csv", "-o", "mean.csv")
    run("forecast", "data.csv", "-o", "first.csv", "--method", "step")
    tables = {name: pd.read_csv(folder / f"{name}.csv") for name in ("mean", "first")}
    whole = load_run(folder / "run")
    alone = RunConfig(model=whole.config.model)
    for number, network in enumerate(whole.ensemble.networks):
        only = replace(whole, config=alone, ensemble=Ensemble([network]), backtest=None, logs=whole.logs[:1])
        save_run(RunFolder(folder / f"only{number}"), only)
        run("export", f"only{number}")
        run("forecast", "data.csv", "--bundle", f"only{number}/bundle", "-o", f"only{number}.csv")
        tables[f"only{number}"] = pd.read_csv(folder / f"only{number}.csv")
    numbers = {name: table.drop(columns="date").to_numpy() for name, table in tables.items()}
    rounding = 1e-5  # of the largest forecast: another graph
    np.testing.assert_allclose(numbers["first"], numbers["only0"], rtol=rounding)
    np.testing.assert_allclose(numbers["mean"], (numbers["only0"] + numbers["only1"]) / 2, rtol=rounding)


@pytest.mark.usefixtures("fitted")
def test_all_members_go_on_with_from_unless_fewer_are_asked_for(folder: Path, run: Run) -> None:
    still = ("--set", "learning_rate=1e-30", "--set", "updates=1", "--set", "epochs=1", "--quiet")
    run("fit", "data.csv", "--from", "run", "-o", "more", *still)
    run("fit", "data.csv", "--from", "run", "-o", "fewer", "--members", "1", *still)
    for member in ("", "members/2"):
        before = load_file(folder / "run" / member / "backtest.safetensors")
        after = load_file(folder / "more" / member / "model.safetensors")
        assert all(np.array_equal(before[weight], after[weight]) for weight in before)
    assert not (folder / "fewer" / "members").exists()


@pytest.mark.usefixtures("fitted")
def test_a_fit_killed_in_its_second_member_resumes_to_the_same_weights(
    preloaded: tuple[str, ...], folder: Path, tmp_path: Path
) -> None:
    write_data(tmp_path)
    command = [sys.executable, "-m", "forecaster", *FIT, "--resume"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as killed:
        assert killed.stderr is not None
        for line in killed.stderr:
            if line.startswith("member 2"):
                break
        killed.send_signal(signal.SIGKILL)
        killed.communicate(timeout=60)
    command = [*preloaded, *FIT, "--resume"]
    resumed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)
    assert "member 1 of 2  continues" in resumed.stderr
    assert "member 1 of 2  epoch" not in resumed.stderr
    assert listing(tmp_path / "run") == FILES
    for name in ("model.safetensors", "members/2/model.safetensors"):
        assert (tmp_path / "run" / name).read_bytes() == (folder / "run" / name).read_bytes()


@pytest.mark.usefixtures("fitted")
def test_the_face_of_scikit_learn_trains_the_same_members(folder: Path) -> None:
    settings = dict(setting.split("=") for setting in SETTINGS)
    shape = {"horizon": 6, "context": 24, "patch": 3, "seed": 4, "members": 2}
    data = pd.read_csv(folder / "data.csv")
    made = Forecaster(**shape, settings=settings).fit(data)
    read = Forecaster.load(folder / "run")
    pd.testing.assert_frame_equal(made.predict(), read.predict(data), check_exact=True)
