"""forecaster explain: a table of parts, sentences, JSON and a picture."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deploy.__main__ import main as deploy_main
from forecaster.__main__ import main
from forecaster.export.for_season import SeasonModel, pack_season
from forecaster.export.packing import save

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run("explain", ...): the exit code, and what was printed."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["forecaster", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return command


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Seven shops with a year of seasons, all above 0."""
    generator, time = np.random.default_rng(0), np.arange(60)
    dates = pd.date_range("2020-01-01", periods=60, freq="MS").strftime("%Y-%m")
    parts = [
        pd.DataFrame(
            {
                "month": dates,
                "shop": name,
                "sales": 50 + 10 * np.sin(2 * np.pi * time / 12) + generator.normal(size=60),
            }
        )
        for name in "abcdefg"
    ]
    path = tmp_path / "sales.csv"
    pd.concat(parts).round(2).to_csv(path, index=False)
    return path


def test_parts_sum_to_the_forecast_and_the_first_series_are_put_in_words(run: Run, data: Path) -> None:
    code, out, err = run("explain", data.name, "--pretrained", "--save-plot", "explained.svg")
    assert (code, out) == (0, "")
    table = pd.read_csv("explanation.csv")
    assert list(table)[:6] == ["shop", "month", "forecast", "level", "linear", "recurrent"]
    assert len(table) == 7 * 12
    np.testing.assert_allclose(table.level + table.linear + table.recurrent, table.forecast, rtol=1e-5)
    factors = table.level * table.linear_factor * table.recurrent_factor
    np.testing.assert_allclose(factors, table.forecast, rtol=1e-5)
    lines = err.splitlines()
    assert lines[0] == "7 series, 12 steps of 1 month explained: explanation.csv and explained.svg"
    assert lines[1].startswith("a: It rests to ")
    assert "on earlier seasons (12 steps)" in lines[1]
    assert " The level is " in lines[1]
    assert lines[-1] == "... and 2 more series, whose parts are in the table"
    assert Path("explained.svg").read_text().count("rests on") == 5


def test_json_holds_the_shares(run: Run, data: Path) -> None:
    code, out, _ = run("explain", data.name, "--pretrained", "--json", "--horizon", "3")
    assert code == 0
    found = json.loads(out)
    assert [one["series"] for one in found] == [["a"], ["b"], ["c"], ["d"], ["e"]]
    assert sum(found[0]["rests_on"].values()) == pytest.approx(1)
    assert found[0]["sentence"].startswith("It rests to ")


def test_without_torch_it_is_the_command_of_deploy(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, output = tmp_path / "bundle", tmp_path / "parts.csv"
    save(pack_season(SeasonModel(12)), bundle)
    table = pd.read_csv(data).rename(columns={"shop": "series", "sales": "value"})[["series", "value"]]
    table.to_csv(tmp_path / "values.csv", index=False)
    command = ["explain", str(bundle), "--history", str(tmp_path / "values.csv"), "-o", str(output)]
    assert deploy_main(command) == 0
    parts = pd.read_csv(output)
    assert list(parts) == ["series", "forecast", "level", "linear", "recurrent", "bound"]
    np.testing.assert_allclose(parts.iloc[:, 2:].sum(axis=1), parts.forecast, rtol=1e-5)
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in said] == list("abcde")


def test_a_picture_of_no_form_and_an_output_over_the_data_are_refused(run: Run, data: Path) -> None:
    code, _, err = run("explain", data.name, "--pretrained", "--save-plot", "explained.doc")
    assert code == 4
    assert "expected one of .svg, .png, .pdf" in err
    code, _, err = run("explain", data.name, "--pretrained", "-o", data.name)
    assert code == 4
    assert "sales.csv" in err
