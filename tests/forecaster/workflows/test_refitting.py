"""forecaster refit: a run is replaced by a better one, judged on values that neither saw, or it stays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deploy import Predictor
from forecaster.__main__ import main
from forecaster.config import Asked
from forecaster.data import read_data
from forecaster.data.panel.panel import without_last
from forecaster.run.run import load_run
from forecaster.workflows.upkeep import refitting
from forecaster.workflows.upkeep.decisions import locked
from forecaster.workflows.upkeep.judging import Comparison, compare_runs, hold_out

pytestmark = pytest.mark.slow

HORIZON = 7
SMALL = (
    "--horizon",
    str(HORIZON),
    "--context",
    "28",
    "--season",
    "7",
    "--set",
    "hidden_size=8",
    "--start",
    "random",
)
ENOUGH = ("--set", "updates=20", "--set", "epochs=3")  # to be better than a network that hardly trained
Command = Callable[..., tuple[int, str, str]]


def sales(days: int, changes_at: int = 10_000) -> pd.DataFrame:
    """A week that repeats, under noise; from a day on, it is turned round and ten times as high."""
    noise = np.random.default_rng(0).normal(size=400)[:days]
    day = np.arange(days)
    wave = np.sin(2 * np.pi * day / 7)
    values = np.where(day < changes_at, 20 + 5 * wave, 90 - 50 * wave) + noise
    return pd.DataFrame({"date": pd.date_range("2024-01-01", periods=days), "sales": values})


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 120 days, of a network that hardly trained, with its bundle."""
    folder = tmp_path_factory.mktemp("old")
    sales(120).to_csv(folder / "old.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for arguments in (
            ("fit", "old.csv", *SMALL, "--set", "updates=2", "--set", "epochs=1"),
            ("export",),
        ):
            patch.setattr("sys.argv", ["forecaster", *arguments, "--quiet"])
            with pytest.raises(SystemExit) as end:
                main()
            assert not end.value.code
    return folder / "run"


@pytest.fixture
def run(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it in the folder of the test."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(old, "run")
    return Path("run").resolve()


def digest(run: Path) -> str:
    return Predictor.load(run / "bundle").manifest.digest


def decisions(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.with_name("run.refits.jsonl").read_text().splitlines()]


def test_a_better_run_takes_the_place_with_its_bundle_and_the_old_one_is_kept(
    command: Command, run: Path
) -> None:
    before = digest(run)
    sales(240, 125).to_csv("new.csv", index=False)
    code, out, _ = command("refit", "run", "new.csv", *ENOUGH, "--json")
    assert code == 0
    decision = json.loads(out)
    assert decision["outcome"] == "replaced"
    assert [decision] == decisions(run)
    assert decision["before"] == before == digest(run.with_name("run.1"))
    assert decision["bundle"] == digest(run) != before
    assert decision["held_out"] == 8 * HORIZON == HORIZON * decision["windows"]
    old_error, new_error = (decision["figures"][name]["mase"] for name in ("before", "candidate"))
    assert new_error < old_error
    assert load_run(run).data.last == "2024-08-27"  # of all values, those that judged as well
    assert sorted(path.name for path in run.parent.glob("run*")) == ["run", "run.1", "run.refits.jsonl"]


def test_a_run_that_is_no_better_changes_nothing(
    command: Command, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def turned_round(*arguments: Any) -> Comparison:
        found = compare_runs(*arguments)
        return Comparison(found.candidate, found.before, found.judge)

    files = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    monkeypatch.setattr(refitting, "compare_runs", turned_round)
    sales(240, 125).to_csv("new.csv", index=False)
    code, _, err = command("refit", "run", "new.csv", *ENOUGH)
    assert code == 0
    (decision,) = decisions(run)
    assert decision["outcome"] == "kept"
    assert decision["bundle"] == decision["before"] == digest(run)
    assert "worse" in decision["reason"]
    assert decision["reason"] in err.replace("\n", " ")
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == files


def test_a_gate_that_fails_keeps_the_run_and_ends_with_7(command: Command, run: Path) -> None:
    before = digest(run)
    sales(240, 125).to_csv("new.csv", index=False)
    code, _, err = command("refit", "run", "new.csv", *ENOUGH, "--gate", "mase_ratio=0.01")
    assert code == 7
    assert "quality gate failed: mase_ratio is" in err
    assert decisions(run)[0]["outcome"] == "kept"
    assert "mase_ratio is" in decisions(run)[0]["reason"]
    assert digest(run) == before


def test_too_few_new_values_decide_nothing(command: Command, run: Path) -> None:
    sales(123).to_csv("new.csv", index=False)
    code, _, err = command("refit", "run", "new.csv")
    assert code == 0
    assert "3 at most" in err
    assert decisions(run)[0]["windows"] == 0
    assert digest(run) == decisions(run)[0]["bundle"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--gate", "beauty=1"), 4, "--gate beauty=1: unknown metric"),
        (("--judge", "beauty"), 4, "--judge beauty: unknown metric"),
        (("--set", "horizon=9"), 4, "whose horizon is 7"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    command: Command, run: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    sales(240).to_csv("new.csv", index=False)
    found, _, err = command("refit", "run", "new.csv", *arguments)
    assert found == code
    assert said in err.replace("\n", " ")
    assert not run.with_name("run.refits.jsonl").exists() or decisions(run) == []


def test_a_file_that_lacks_the_columns_keeps_the_run(command: Command, run: Path) -> None:
    sales(240).rename(columns={"sales": "price"}).to_csv("new.csv", index=False)
    code, _, err = command("refit", "run", "new.csv")
    assert code == 3
    assert "sales" in err
    assert digest(run)


def test_a_fit_that_fails_leaves_the_run_and_nothing_else(
    command: Command, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise KeyboardInterrupt

    before = digest(run)
    monkeypatch.setattr(refitting, "export", fail)
    sales(240, 125).to_csv("new.csv", index=False)
    code, _, _ = command("refit", "run", "new.csv", *ENOUGH)
    assert code == 130
    assert digest(run) == before
    assert sorted(path.name for path in run.parent.glob("run*")) == ["run", "run.refits.jsonl"]


def test_two_at_a_time_are_refused(command: Command, run: Path) -> None:
    sales(240).to_csv("new.csv", index=False)
    with locked(run):
        code, _, err = command("refit", "run", "new.csv")
    assert code == 5
    assert "another refit" in err


def test_what_judges_is_half_of_what_is_new_or_as_said(run: Path) -> None:
    sales(190).to_csv("new.csv", index=False)
    panel = read_data(Path("new.csv"), Asked())
    found = load_run(run)
    assert hold_out(found, panel, None).steps == 5 * HORIZON
    assert hold_out(found, panel, 2).steps == 2 * HORIZON
    assert hold_out(found, panel, 99).steps == 10 * HORIZON


def test_series_without_their_last_values_are_those_of_a_shorter_file(tmp_path: Path) -> None:
    def written(table: pd.DataFrame) -> Any:
        path = tmp_path / "table.csv"
        table.to_csv(path, index=False)
        return read_data(path, Asked())

    first = sales(60).assign(shop="a")
    second = sales(40).assign(shop="b")
    third = sales(5).assign(shop="c")
    first.loc[48:49, "sales"] = np.nan
    whole = written(pd.concat([first, second, third]))
    shorter = written(pd.concat([first[:48], second[:30]]))
    found = without_last(whole, 10)
    assert found.ids == shorter.ids
    assert np.array_equal(found.lengths(), shorter.lengths())
    for series in range(2):
        own = slice(found.offsets[series], found.ends[series])
        other = slice(shorter.offsets[series], shorter.ends[series])
        assert np.array_equal(found.values[own], shorter.values[other])
        assert np.isnan(found.values[found.ends[series] : found.offsets[series + 1]]).all()
    assert np.array_equal(found.last_times(), shorter.last_times())
