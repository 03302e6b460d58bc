"""`python -m deploy score`: what it prints, its errors of one line, its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deploy.__main__ import main

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pytestmark = pytest.mark.slow
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], bundles: Path) -> Run:
    """run(*arguments): exit code, standard output and standard error of score with the plain bundle."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        code = main(["score", *map(str, arguments), "--bundle", str(bundles / "plain")])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three series, of which one holds a value that the model does not take."""
    months = np.arange("2021-01", "2022-01", dtype="datetime64[M]").astype("datetime64[s]")
    values = np.arange(1.0, 37.0)
    values[30] = -1.0
    columns = {"id": np.repeat(["a", "b", "c"], 12), "time": np.tile(months, 3), "y": values}
    pq.write_table(pa.table(columns), tmp_path / "in.parquet")
    return tmp_path / "in.parquet"


def test_it_says_how_many_series_were_forecast_and_how_many_were_not(
    run: Run, data: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    code, out, err = run(data, output, "--id", "id", "--level", "0.5")
    assert (code, err) == (0, "")
    assert out == f"{output}: 3 series in 1 files; 1 without a forecast, whose column error says why\n"
    found = pq.read_table(output / "in.00000.parquet")
    assert found.schema.names == ["id", "time", "q0.5", "error"]
    assert (
        found["error"].to_pylist()[-1]
        == "position 6: found -1.0, expected above 0 (this model takes logarithms)"
    )
    assert json.loads((output / "_score.json").read_text())["errors"] == 1
    assert run(data, output, "--id", "id", "--level", "0.5", "--quiet") == (0, "", "")


def test_the_last_values_are_judged_where_asked(run: Run, data: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    code, out, err = run(data, output, "--id", "id", "--level", "0.5", "--anomalies", "2")
    assert (code, err) == (0, "")
    assert out == f"{output}: 3 series in 1 files; 1 without a forecast, whose column error says why\n"
    found = pq.read_table(output / "in.00000.parquet")
    assert found.schema.names == ["id", "time", "step", "value", "anomaly", "q0.5", "error"]
    assert found["value"].drop_null().to_pylist() == [11.0, 12.0, 23.0, 24.0, 35.0, 36.0]
    assert json.loads((output / "_score.json").read_text())["options"]["anomalies"] == 2
    code, _, err = run(data, tmp_path / "other", "--id", "id", "--anomalies", "99")
    assert code == 4
    assert "anomalies: expected at most the 6 steps of the horizon, found 99" in err


def test_a_share_of_the_files_says_that_others_are_not_done(run: Run, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(2):
        table = pq.read_table(data)
        ids = pa.array([f"{id_}{number}" for id_ in table["id"].to_pylist()])
        pq.write_table(table.set_column(0, "id", ids), folder / f"{number}.parquet")
    output = tmp_path / "out"
    first = run(folder, output, "--id", "id", "--part", "1/2")
    assert first[0] == 0
    assert first[1].startswith(f"{output}: part 1/2 is done; others are not, and the last of them checks ")
    assert run(folder, output, "--id", "id", "--part", "2/2")[1].startswith(
        f"{output}: 6 series in 2 files; 2 "
    )


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ((), 3, "error: in.parquet: the series: its times go back, from 2021-12-01T00:00:00 to "),
        (("--id", "sku"), 4, 'error: no column "sku" among id, time, y; name the column by id=\n'),
        (("--id", "id", "--part", "2"), 4, "error: --part: expected I/N, such as 3/8, found '2'\n"),
        (("--id", "id", "--level", "0.42"), 4, "error: level 0.42 was not trained; trained levels: 0.1, "),
        (("--id", "id", "--horizon", "99"), 3, "error: horizon must be between 1 and 18 steps, found 99\n"),
    ],
)
def test_errors_are_a_line_and_an_exit_code(
    run: Run, data: Path, tmp_path: Path, options: tuple[str, ...], code: int, message: str
) -> None:
    found = run(data, tmp_path / "out", *options)
    assert found[:2] == (code, "")
    assert found[2].startswith(message)
    assert found[2].count("\n") == 1


def test_forecaster_score_is_the_same_command(data: Path, tmp_path: Path, bundles: Path) -> None:
    pytest.importorskip("click")
    command = [sys.executable, "-m", "forecaster", "score", str(data), str(tmp_path / "out"), "--id", "id"]
    done = subprocess.run(
        [*command, "--bundle", str(bundles / "plain")], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"{tmp_path / 'out'}: 3 series in 1 files; 1 without a forecast")
    helped = subprocess.run([*command[:4], "--help"], capture_output=True, text=True, check=True)
    assert helped.stdout.startswith("usage: forecaster score INPUT OUTPUT")
