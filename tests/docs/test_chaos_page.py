"""The table of the mixture in docs/chaos.md says what docs/chaos.json holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from statistics import median

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_says_the_medians_and_seconds_that_were_measured() -> None:
    _, section = (DOCS / "chaos.md").read_text().split("## A mixture")
    rows = json.loads((DOCS / "chaos.json").read_text())
    curricula = {row["curriculum"] for row in rows}
    assert len(rows) == 6 * len(curricula)
    for name in curricula:
        (line,) = re.findall(rf"^\| {name} \|(.*)\|$", section.split("![")[0], re.MULTILINE)
        cells = [re.findall(r"[\d.]+", cell) for cell in line.split("|")]
        measured = [row for row in rows if row["curriculum"] == name]
        for (error, seconds), row in zip(cells, measured, strict=True):
            assert float(error) == pytest.approx(median(row["seeds"]), rel=0.006)
            assert float(seconds) == pytest.approx(row["core_s"], abs=0.51)
