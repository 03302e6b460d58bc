"""The chart of README draws the means of docs/compare.md, and is drawn of them."""

import json
import runpy
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.markdown import table

DOCS = Path(__file__).parents[2] / "docs"
ROWS = json.loads((DOCS / "compare.json").read_text(encoding="utf-8"))["means"]
SCRIPT = runpy.run_path(str(DOCS / "draw_compare.py"))


def texts(svg: bytes) -> list[str]:
    return [element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_figures_are_those_of_the_page() -> None:
    assert table(ROWS) in (DOCS / "compare.md").read_text(encoding="utf-8")


def test_the_picture_is_drawn_of_the_figures() -> None:
    made = SCRIPT["svg_of"](SCRIPT["draw"], SCRIPT["WIDTH"], SCRIPT["height"]())
    assert texts(made) == texts((DOCS / "compare.svg").read_bytes())


def test_every_method_stands_there_with_its_error() -> None:
    bars = SCRIPT["bars"]()
    errors = [row["mase"] for row in ROWS if row["method"] != SCRIPT["NAIVE"]]
    assert len(bars) > 5
    assert [bar.error for bar in bars] == sorted(errors)
    assert all(bar.seconds is None for bar in bars if bar.name.endswith("*"))
    assert set(SCRIPT["NAMES"].values()) <= {bar.name for bar in bars}
