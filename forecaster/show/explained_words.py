"""Say what forecasts rest on: a few lines, or JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.places import output_name
from forecaster.forecasts.explained import Explained
from forecaster.show.console import print_json


def print_explained(
    console: Console, explained: Explained, files: Sequence[Path], *, as_json: bool = False
) -> None:
    """Print where the parts are, and of the first series what they are made of and rest on."""
    series, horizon = explained.median.shape
    where = " and ".join(map(output_name, files))
    console.print(f"{series} series, {horizon} steps of {explained.panel.step} explained: {where}")
    if as_json:
        print_json([content_of(explained, *place) for place in explained.shown])
        return
    for apart, one, target in explained.shown:
        name = name_of(explained, apart)
        found = explained.first
        console.print(f"{name}: {found.sentence(one, target)} {found.parts_sentence(one, target)}")
    if left := series - len(explained.shown):
        console.print(f"... and {left:,} more series, whose parts are in the table")


def name_of(explained: Explained, series: int) -> str:
    """Return the name of a series, that of its target where it has none."""
    return " / ".join(explained.panel.ids[series]) or explained.panel.columns.targets[0]


def content_of(explained: Explained, apart: int, series: int, target: int) -> dict[str, Any]:
    """Return what is said of a series. apart: its number among targets apart; series, target: its own."""
    found = explained.first
    return {
        "series": list(explained.panel.ids[apart]),
        "rests_on": found.shares(series, target),
        "sentence": found.sentence(series, target),
        "parts": found.parts_sentence(series, target),
    }
