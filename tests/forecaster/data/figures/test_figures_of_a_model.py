"""Numbers with signs and units read for a model: as at its fit, also where few rows tell less."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.errors import DataError
from forecaster.data import Panel, read_data
from forecaster.data.columns import AskedByModel
from forecaster.data.read import read_for_model

# Files of a fit, and rows of a later file with the values that they are.
CASES: dict[str, tuple[str, str, list[float]]] = {
    "percent": ("{d},10.4%\n{d},11.1%\n{d},11.7%\n", "{d},12.3%\n", [12.3]),
    "percent without a sign": ("{d},10.4%\n{d},11.1%\n", "{d},12.3\n", [12.3]),
    "millions": ("{d},900K\n{d},1.2M\n", "{d},1.3M\n{d},1.4M\n", [1300000, 1400000]),
    "accounts": ("{d},5\n{d},(6)\n{d},7\n", "{d},(8)\n", [-8]),
    "footnotes": ("{d},5\n{d},6p\n{d},7\n", "{d},8p\n{d},9e\n", [8, 9]),
    "a sign for missing": ("{d},5\n{d},-\n{d},7\n", "{d},8\n{d},-\n{d},9\n", [8, float("nan"), 9]),
    "spaces": ("{d},1 005\n{d},998\n", "{d},1 234\n", [1234]),
    "thousands told by another number": ('{d},"1,352.5"\n{d},"1,400"\n', '{d},"2,909"\n', [2909]),
    "decimal commas": ("{d};1,5\n{d};2,5\n", "{d};3\n{d};1.234\n", [3, 1234]),
    "decimal commas in quotes": ('{d},"1,5"\n{d},"2,5"\n', '{d},"3,123"\n', [3.123]),
    "yes and no": ("{d},yes\n{d},no\n", "{d},no\n", [0]),
}


def write(path: Path, rows: str) -> Path:
    """Write rows on consecutive days below a header."""
    lines = rows.splitlines()
    delimiter = ";" if ";" in rows else ","
    dated = [line.replace("{d}", f"2024-01-{day:02}") for day, line in enumerate(lines, start=1)]
    path.write_text("\n".join([f"date{delimiter}y", *dated]) + "\n", encoding="utf-8")
    return path


def read_later(folder: Path, fitted: str, later: str) -> Panel:
    panel = read_data(write(folder / "fit.csv", fitted))
    asked = AskedByModel.of(panel.columns, panel.step)
    return read_for_model(write(folder / "later.csv", later), asked)


@pytest.mark.parametrize("name", CASES)
def test_later_rows_are_read_as_at_the_fit(tmp_path: Path, name: str) -> None:
    fitted, later, values = CASES[name]
    assert read_later(tmp_path, fitted, later).values.tolist() == pytest.approx(values, nan_ok=True)


def test_a_model_that_saw_no_thousands_refuses_unclear_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="may mark decimals or thousands"):
        read_later(tmp_path, "{d},5\n{d},6\n", '{d},"1,234"\n')


def test_a_cell_that_is_no_number_is_to_be_written_as_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'"12/13" is not a number(?s:.*)write such cells as plain numbers'):
        read_later(tmp_path, "{d},5%\n{d},6%\n", "{d},5%\n{d},12/13\n")
