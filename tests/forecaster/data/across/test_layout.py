"""How a file holds its series: found or chosen; files of a row a series from fit to forecast."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from deploy import TimeStep
from deploy.columns import Columns
from deploy.errors import DataError
from forecaster.cli import cli
from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.workflows.forecast import read_for

pytestmark = pytest.mark.slow

ROWS = '"V1","V2","V3","V4"\n"H1",1,2,3\n"H2",4,5,\n"H3",6,,\n'


def read(folder: Path, text: str, **choice: object) -> Panel:
    path = folder / "data.csv"
    path.write_text(text)
    return read_data(path, Asked(**choice))  # type: ignore[arg-type]


GOOD = {
    "empty cells at the end": (ROWS, {}),
    "rows that end early": (ROWS.replace(",,", "").replace("5,", "5"), {}),
    "semicolons": (ROWS.replace(",", ";"), {}),
    "names of two kinds": (ROWS.replace('"V1"', "id"), {}),
    "rows of nothing at the end": (ROWS + ",,,\n", {}),
    "the column of ids named": (ROWS, {"series": ("V1",)}),
    "chosen": (ROWS, {"layout": "rows"}),
    "names that are no numbers": (ROWS.replace("V4", "last"), {"layout": "rows"}),
    "the ids in another column": ('"V2","id","V3","V4"\n1,H1,2,3\n4,H2,5,\n6,H3\n', {"series": ("id",)}),
}


@pytest.mark.parametrize(("text", "choice"), GOOD.values(), ids=GOOD)
def test_a_row_a_series_is_read(tmp_path: Path, text: str, choice: dict[str, object]) -> None:
    if choice.get("series") == ("id",):
        choice = {**choice, "layout": "rows"}
    panel = read(tmp_path, text, **choice)
    assert panel.ids == (("H1",), ("H2",), ("H3",))
    assert panel.values.tolist() == [1, 2, 3, 4, 5, 6]
    assert panel.timestamps.tolist() == [0, 1, 2, 0, 1, 0]
    assert panel.step == TimeStep(1, "index")
    assert (panel.columns.targets, panel.columns.time, panel.columns.layout) == (("value",), None, "rows")


def test_ids_of_digits_are_read_as_they_stand_where_rows_are_chosen(tmp_path: Path) -> None:
    panel = read(tmp_path, "id,1,2\n007,1,2\n8,3,4\n", layout="rows")
    assert panel.ids == (("007",), ("8",))
    assert panel.values.tolist() == [1, 2, 3, 4]


def test_an_empty_cell_inside_a_series_is_missing(tmp_path: Path) -> None:
    panel = read(tmp_path, "V1,V2,V3,V4\na,1,,3\nb,4,5,6\n")
    np.testing.assert_array_equal(panel.values, np.array([1, np.nan, 3, 4, 5, 6], np.float32))


def test_a_series_without_values_is_dropped_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert read(tmp_path, "V1,V2,V3\na,,\nb,4,5\n").ids == (("b",),)
    assert caplog.messages == ["series a has no observed value; dropped"]


NOT_ROWS = {
    "dates": "date,y1,y2\n2024-01-01,1,2\n2024-01-02,3,4\n",
    "names without numbers": "note,a,b\nx,1,2\ny,3,4\n",
    "names that skip a number": "note,y1,y3\nx,1,2\ny,3,4\n",
    "a single column of numbers": "note,y1\nx,1\ny,2\n",
    "ids that come again": "note,y1,y2\nx,1,2\nx,3,4\nx,5,6\n",
    "numbers alone": "y1,y2,y3\n1,2,3\n4,5,6\n",
}


@pytest.mark.parametrize("text", NOT_ROWS.values(), ids=NOT_ROWS)
def test_what_only_resembles_a_row_a_series_is_read_by_columns(tmp_path: Path, text: str) -> None:
    panel = read(tmp_path, text)
    assert panel.columns.layout == "auto"
    assert panel.columns.targets == tuple(name for name in text.split("\n")[0].split(",") if name[0] in "yab")


def test_wide_does_not_look_for_a_series_column(tmp_path: Path) -> None:
    text = "date,id,y\n2024-01-01,a,1\n2024-01-02,b,2\n2024-01-03,a,3\n"
    assert read(tmp_path, text, layout="wide").columns.series == ()
    with pytest.raises(DataError, match="timestamp 2024-01-01 appears twice"):
        read(tmp_path, text + "2024-01-01,b,4\n2024-01-02,a,4\n2024-01-03,b,4\n", layout="wide")


def test_long_takes_the_series_column_that_is_found_or_named(tmp_path: Path) -> None:
    text = "date,id,y\n2024-01-01,a,1\n2024-01-02,a,2\n2024-01-01,b,3\n2024-01-02,b,4\n"
    assert read(tmp_path, text, layout="long").columns.series == ("id",)
    assert read(tmp_path, text, layout="long", series=("id",)).columns.layout == "long"


def test_a_long_line_is_shown_by_its_beginning(tmp_path: Path) -> None:
    names = ",".join(f"V{number}" for number in range(1, 1002))
    with pytest.raises(DataError) as error:
        read(tmp_path, f"{names}\na{',1' * 999},x\nb{',1' * 1000}\n", layout="rows")
    line = str(error.value).splitlines()[1]
    assert line == "  --> data.csv:2    a" + ",1" * 79 + ", ..."


def test_a_forecast_reads_the_layout_of_the_fit(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("V1,last,first\nH9,1,2\n")  # nothing in it tells the layout
    columns = {
        "time": None, "targets": ["value"], "series": ["V1"], "known": [], "static": [], "layout": "rows"
    }  # fmt: skip
    manifest = SimpleNamespace(
        columns=Columns.from_json(columns, ()),
        known=(),
        past=(),
        vocabularies={},
        time_step=TimeStep(1, "index"),
        normalization="mean-std",
        lower=None,
    )
    panel = read_for(path, manifest)  # type: ignore[arg-type]
    assert panel.ids == (("H9",),)
    assert panel.values.tolist() == [1, 2]


def test_a_row_a_series_goes_from_fit_to_forecast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lengths = {"H1": 60, "H2": 50, "H3": 40}
    names = ",".join(f"V{number}" for number in range(1, 62))
    rows = [
        f"{id_},{','.join(f'{5 + np.sin(step):.3f}' for step in range(length))}"
        for id_, length in lengths.items()
    ]
    Path("data.csv").write_text("\n".join([names, *rows]))
    sizes = ["--horizon", "4", "--context", "12", "--patch", "2"]
    quick = ["--set", "hidden_size=8", "--set", "updates=4", "--set", "epochs=2"]
    for command in (["fit", "data.csv", *sizes, *quick], ["export"], ["forecast", "data.csv"]):
        result = CliRunner().invoke(cli, command, catch_exceptions=False)
        assert result.exit_code == 0
    table = pd.read_csv("forecast.csv")
    assert list(table.columns)[:3] == ["V1", "step", "forecast"]
    assert table["V1"].tolist() == ["H1"] * 4 + ["H2"] * 4 + ["H3"] * 4
    assert table["step"].tolist() == [60, 61, 62, 63, 50, 51, 52, 53, 40, 41, 42, 43]
