"""forecaster evaluate, as users run it: from a fit to a table, to JSON, or to an exit code."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.__main__ import main

pytestmark = pytest.mark.slow

SMALL = ("--horizon", "6", "--context", "21", "--set", "hidden_size=8", "--quiet")
QUICK = ("--set", "updates=12", "--set", "epochs=2")
FITTED, AHEAD = 60, 6
DATA_ERROR, CONFIG_ERROR, RUN_ERROR, QUALITY_ERROR = 3, 4, 5, 7

Run = Callable[..., tuple[str, str]]


def shops(days: int, names: tuple[str, ...] = ("south", "north")) -> pd.DataFrame:
    """Shops with a promotion known some days ahead and visitors counted; the later days of a longer table."""
    parts = []
    for number, name in enumerate(names):
        generator = np.random.default_rng(number)
        time = np.arange(days + AHEAD)
        promo, visitors = (
            generator.integers(0, 2, 200)[: len(time)],
            generator.normal(100, 9, 200)[: len(time)],
        )
        sales = 20 + 5 * np.sin(time * 2 * np.pi / 7) + 4 * promo + generator.normal(0, 0.5, 200)[: len(time)]
        dates = pd.date_range("2024-01-01", periods=len(time)).strftime("%Y-%m-%d")
        table = {"date": dates, "shop": name, "kind": "big", "promo": promo}
        seen = time < days
        parts.append(
            pd.DataFrame(
                {
                    **table,
                    "visitors": np.where(seen, visitors, np.nan),
                    "sales": np.where(seen, sales, np.nan),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evaluate")


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run("export"): runs a command in the folder of the fit; what it says on stdout and on stderr."""
    monkeypatch.chdir(folder)

    def command(*arguments: str, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["forecaster", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert (end.value.code or 0) == code, said.err
        return said.out, said.err

    return command


@pytest.fixture
def fitted(folder: Path, run: Run) -> Run:
    """The same, after a fit of two shops and the longer file that it is scored on."""
    if not (folder / "run").exists():
        shops(FITTED).to_csv("data.csv", index=False)
        shops(FITTED + 14).to_csv("later.csv", index=False)
        run("fit", "data.csv", "--past", "visitors", *SMALL, *QUICK)
    return run


def as_json(run: Run, *arguments: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(run("evaluate", *arguments, "--json")[0])
    return content


def test_the_table_begins_with_the_verdict_and_holds_every_baseline(fitted: Run) -> None:
    out, err = fitted("evaluate", "later.csv")
    lines = out.splitlines()
    assert "MASE on 4 forecasts of 2 series" in lines[0]
    assert lines[1] == "  run, exported for this on later.csv: values that the fit never saw"
    assert lines[2] == "  4 windows of 6 steps, the first after 2024-02-29, the last up to 2024-03-12"
    names = ["model", "seasonal naive", "seasonal naive with drift", "naive", "theta"]
    names += ["pretrained network", "linear"]
    found = [line.split("  ")[0] for line in lines[4:11]]
    assert found == names
    assert err == ""


def test_the_same_file_is_scored_on_what_was_held_out_and_says_so(fitted: Run) -> None:
    found = as_json(fitted, "data.csv")
    assert found["subject"]["kind"] == "validation"
    assert found["subject"]["first_origin"] == "2024-02-17"
    assert "held-out windows, which selected the weights" in fitted("evaluate", "data.csv")[0]


def test_windows_without_their_known_covariates_are_left_out_and_counted(fitted: Run, folder: Path) -> None:
    table = shops(FITTED + 14)
    table.loc[(table["shop"] == "south") & (table["date"] == "2024-03-08"), "promo"] = np.nan
    table.to_csv(folder / "gap.csv", index=False)
    found = as_json(fitted, "gap.csv")
    assert found["counts"]["unknown_covariates"] == 1
    assert [unit["windows"] for unit in found["units"]] == [1, 2]


def test_what_is_scored_is_the_bundle_where_there_is_one(fitted: Run, folder: Path) -> None:
    exported = as_json(fitted, "later.csv")
    fitted("export", "--quiet")
    served = as_json(fitted, "later.csv")
    shutil.rmtree(folder / "run" / "bundle")
    assert (exported["subject"]["bundle"], served["subject"]["bundle"]) == (None, str(Path("run/bundle")))
    assert served["model"] == exported["model"]


def test_a_bundle_of_another_run_is_refused(fitted: Run, folder: Path) -> None:
    fitted("fit", "data.csv", "--past", "visitors", "-o", "other", *SMALL, *QUICK, "--seed", "1")
    fitted("export", "other", "-o", str(folder / "run" / "bundle"), "--quiet")
    _, err = fitted("evaluate", "later.csv", code=RUN_ERROR)
    shutil.rmtree(folder / "run" / "bundle")
    place = Path("run/bundle")
    assert err == f"error: {place} was not exported from run as it is; export it again, or remove it\n"


def test_a_report_is_written_beside_the_table(fitted: Run, folder: Path) -> None:
    out, err = fitted("evaluate", "later.csv", "-o", "report.html")
    page = (folder / "report.html").read_text(encoding="utf-8")
    verdict = out.splitlines()[0]
    assert f"<h1>{verdict[0].upper()}{verdict[1:]}.</h1>" in page
    assert "<dt>past</dt><dd><bdi>visitors</bdi></dd>" in page
    assert re.fullmatch(r"report\.html: \d+ KiB, one file that needs nothing else\n", err)


def test_the_same_evaluation_writes_the_same_report(fitted: Run, folder: Path) -> None:
    for name in ("one.html", "two.html"):
        assert fitted("evaluate", "later.csv", "-o", name, "--quiet") == ("", "")
    assert (folder / "one.html").read_bytes() == (folder / "two.html").read_bytes()


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_read(run: Run) -> None:
    _, err = run("evaluate", "missing.csv", "-o", "nowhere/report.html", code=CONFIG_ERROR)
    report = Path("nowhere/report.html")
    assert err == f"error: cannot write {report}: nowhere is not a folder; choose another with -o\n"


def test_a_report_is_written_though_a_gate_fails(fitted: Run, folder: Path) -> None:
    fitted(
        "evaluate",
        "later.csv",
        "-o",
        "gated.html",
        "--quiet",
        "--fail-over",
        "mase=0.001",
        code=QUALITY_ERROR,
    )
    assert (folder / "gated.html").exists()


def test_a_gate_that_fails_exits_with_7_and_one_line_after_the_figures(fitted: Run) -> None:
    out, err = fitted("evaluate", "later.csv", "--json", "--fail-over", "mase=0.001", code=QUALITY_ERROR)
    mase = json.loads(out)["model"]["scores"]["mase"]
    assert err == f"error: quality gate failed: mase is {mase:.6g}, over 0.001\n"


def test_gates_that_hold_exit_with_0(fitted: Run) -> None:
    gates = ("--fail-over", "mase=1e6", "--fail-over", "mase_ratio=1e6")
    assert fitted("evaluate", "later.csv", "--quiet", *gates) == ("", "")


def test_a_gate_on_what_nobody_knows_is_refused_before_anything_is_read(run: Run) -> None:
    _, err = run("evaluate", "missing.csv", "--fail-over", "beauty=1", code=CONFIG_ERROR)
    assert "unknown metric 'beauty'" in err


def test_a_file_with_other_columns_is_refused(fitted: Run, folder: Path) -> None:
    shops(FITTED + 14).rename(columns={"sales": "revenue"}).to_csv(folder / "other.csv", index=False)
    _, err = fitted("evaluate", "other.csv", code=DATA_ERROR)
    assert "other.csv is not like the data that the model was trained on" in err
    assert '"sales"' in err


def test_a_shop_that_the_fit_never_saw_is_new(fitted: Run, folder: Path) -> None:
    shops(FITTED + 14, ("north", "west")).to_csv(folder / "new.csv", index=False)
    found = as_json(fitted, "new.csv")
    assert {unit["id"][0]: unit["is_new"] for unit in found["units"]} == {"north": False, "west": True}
    assert found["counts"]["new_series"] == 1


@pytest.mark.parametrize("joint", [(), ("--joint",)], ids=["apart", "joint"])
def test_several_targets_are_scored_each_by_itself(run: Run, folder: Path, joint: tuple[str, ...]) -> None:
    table = shops(FITTED + 14).drop(columns=["promo", "kind"]).dropna()
    table.to_csv(folder / "two-later.csv", index=False)
    table[table["date"] < "2024-03-01"].to_csv(folder / "two.csv", index=False)
    name = "-".join(["two", *joint])
    run("fit", "two.csv", "-o", name, "--target", "sales", "--target", "visitors", *joint, *SMALL, *QUICK)
    found = as_json(run, "two-later.csv", "--run", name)
    ids = {tuple(unit["id"]) for unit in found["units"]}
    assert ids == {(shop, target) for shop in ("north", "south") for target in ("sales", "visitors")}
    assert (found["subject"]["kind"], found["counts"]["forecasts"]) == ("fresh", 8)
    assert found["counts"]["windows"] == (4 if joint else 8)


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%d %H:%M"])
def test_hours_of_a_time_zone_are_scored_from_where_they_trained(run: Run, folder: Path, form: str) -> None:
    times = pd.date_range("2024-03-26", periods=24 * 8, freq="h", tz="Europe/Berlin")  # into summer
    texts = [moment.isoformat() if "%:z" in form else moment.strftime(form) for moment in times]
    table = pd.DataFrame({"time": texts, "y": [f"{10 + hour % 24}" for hour in range(len(times))]})
    table[:126].to_csv(folder / "hours.csv", index=False)
    table.to_csv(folder / "hours-later.csv", index=False)
    run("fit", "hours.csv", "-o", "hours", "--timezone", "Europe/Berlin", *SMALL, *QUICK)
    found = as_json(run, "hours-later.csv", "--run", "hours")
    assert (found["subject"]["kind"], found["counts"]["windows"]) == ("fresh", (24 * 8 - 126) // 6)
    assert found["subject"]["first_origin"] == texts[125]
    shutil.rmtree(folder / "hours")
