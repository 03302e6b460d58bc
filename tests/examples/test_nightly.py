"""examples/nightly.py as cron runs it: whole files or none, one run at a time, exit codes."""

from __future__ import annotations

import csv
import fcntl
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import Predictor

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HEADER = "series,time,value\n"
GOOD = "north,2024-05-01,10\nnorth,2024-06-01,12\nsouth,2024-05-01,\nsouth,2024-06-01,7\n"
EMPTY = "east,2024-05-01,\neast,2024-06-01,\n"
BUSY = 75
Run = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The forecasts, those of yesterday to begin with."""
    path = tmp_path / "forecasts.csv"
    path.write_text("yesterday")
    return path


@pytest.fixture
def run(examples: Path, bundle: Path, target: Path, tmp_path: Path) -> Run:
    """run(text): the job over histories of that text, after which nothing else lies in the folder."""

    def nightly(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "histories.csv").write_text(text)
        files = [bundle, "histories.csv", target.name]
        done = subprocess.run(
            [sys.executable, "-W", "error", examples / "nightly.py", *files],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        kept = {"histories.csv", target.name, f"{target.name}.lock"}
        assert {path.name for path in tmp_path.iterdir()} == kept
        return done

    return nightly


def rows(target: Path) -> list[dict[str, str]]:
    with target.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_series_is_forecast_with_the_numbers_of_the_predictor(
    run: Run, target: Path, predictor: Predictor
) -> None:
    done = run(HEADER + GOOD)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    expected = predictor.forecast([[10, 12], [float("nan"), 7]], last_timestamp="2024-06-01")
    found = rows(target)
    assert [row["series"] for row in found] == ["north"] * 6 + ["south"] * 6
    assert [float(row["forecast"]) for row in found] == pytest.approx(expected.median.ravel(), rel=1e-6)
    assert found[0]["time"] == "2024-07-01"


def test_a_series_without_values_costs_the_others_nothing(run: Run, target: Path) -> None:
    done = run(HEADER + EMPTY + GOOD)
    assert done.returncode == 3
    assert done.stderr.startswith("left out: series east: its last 2 values are all NaN")
    assert {row["series"] for row in rows(target)} == {"north", "south"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEADER + GOOD + "west,2024-06-01,much\n", "line 6, column value: found 'much'"),
        (HEADER + EMPTY, "series 0: its last 2 values are all NaN"),
        ("value\n\n", "has a header and no values"),
    ],
)
def test_a_file_of_no_use_leaves_the_forecasts_of_yesterday(
    run: Run, target: Path, text: str, reason: str
) -> None:
    done = run(text)
    assert done.returncode == 3
    assert reason in done.stderr
    assert target.read_text() == "yesterday"


def test_a_run_beside_another_one_changes_nothing(run: Run, target: Path) -> None:
    with Path(f"{target}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = run(HEADER + GOOD)
    assert (done.returncode, target.read_text()) == (BUSY, "yesterday")
    assert done.stderr == "another run is writing forecasts.csv\n"


def test_the_lock_of_a_run_that_was_killed_holds_nobody_up(run: Run, target: Path) -> None:
    Path(f"{target}.lock").touch()
    assert run(HEADER + GOOD).returncode == 0


def test_forecasts_that_cannot_be_written_are_said(run: Run, target: Path) -> None:
    target.unlink()
    target.mkdir()
    done = run(HEADER + GOOD)
    assert done.returncode == 4
    assert done.stderr.startswith("error: cannot write forecasts.csv")


def test_values_since_the_last_run_move_intervals(
    examples: Path, bundle: Path, target: Path, tmp_path: Path
) -> None:
    own = tmp_path / "bundle"
    shutil.copytree(bundle, own)
    wild = [
        f"north,{2019 + month // 12}-{month % 12 + 1:02}-01,{3 + 300 * (month % 2)}" for month in range(40)
    ]

    def nightly(steps: int, *options: str) -> str:
        (tmp_path / "histories.csv").write_text(HEADER + "\n".join(wild[:steps]) + "\n")
        files = [own, tmp_path / "histories.csv", target, *options]
        subprocess.run(
            [sys.executable, "-W", "error", examples / "nightly.py", *files],
            env={"PYTHONPATH": str(ROOT)},
            check=True,
        )
        return target.read_text()

    plain = nightly(40)
    nightly(30, "--adapt")
    assert (tmp_path / "bundle.offsets.json").exists()
    assert nightly(40, "--adapt") != plain
    assert nightly(40) == nightly(40, "--adapt")  # what was learnt is there for all that read the bundle
