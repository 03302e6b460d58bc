"""The chart of README draws the means of docs/zero_shot.md, and is drawn of them."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.markdown import table

DOCS = Path(__file__).parents[2] / "docs"
ROWS = json.loads((DOCS / "zero_shot.json").read_text(encoding="utf-8"))


def texts(svg: bytes) -> list[str]:
    return [element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_figures_are_those_of_the_page() -> None:
    assert table(ROWS) in (DOCS / "zero_shot.md").read_text(encoding="utf-8")


def test_the_picture_is_drawn_of_the_figures() -> None:
    script = runpy.run_path(str(DOCS / "draw_compare.py"))
    made = script["svg_of"](script["draw"], script["WIDTH"], script["HEIGHT"])
    assert texts(made) == texts((DOCS / "compare.svg").read_bytes())


def test_every_method_stands_there_with_its_error() -> None:
    bars = runpy.run_path(str(DOCS / "draw_compare.py"))["bars"]()
    errors = {row["method"]: row["nine_mase"] for row in ROWS}
    assert len(bars) > 5
    assert [bar.error for bar in bars] == sorted(bar.error for bar in bars)
    assert {bar.error for bar in bars} <= set(errors.values())
    assert all(bar.seconds is None for bar in bars if bar.name.endswith("*"))
