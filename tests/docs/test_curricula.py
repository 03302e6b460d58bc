"""The page of curricula and its picture say what the code does."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import numpy as np
import pytest

from forecaster.config import TrainConfig
from forecaster.show.pictures.figures import svg_of
from forecaster.training.epochs import Epoch
from forecaster.training.schedules import SCHEDULES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "curricula.md").read_text(encoding="utf-8")
SETTINGS = (
    "schedule",
    "direction",
    "epsilon",
    "switch_at",
    "schedule_length",
    "floor",
    "sampling",
    "draw",
    "gradients",
    "parallel_passes",
    "free_from",
    "free_run",
)
SVG = "{http://www.w3.org/2000/svg}"
# Half a point of a picture of 230: releases of matplotlib lay figures out a little differently.
ALIKE = 0.5


def rows(heading: str) -> dict[str, str]:
    """The rows of the first table under a heading, by the name in their first cell."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return {found[1]: found[0] for found in re.finditer(r"(?m)^\| `([\w-]+)` \|.*$", section)}


def curves(svg: bytes) -> dict[str, np.ndarray]:
    """The points (count, 2) of every line that has the name of a schedule, by the id of the line."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        name = group.get("id", "")
        if name.rpartition("-")[0] in SCHEDULES:
            numbers = re.findall(r"-?\d+\.?\d*", group.find(f"{SVG}path").get("d"))
            found[name] = np.array(numbers, dtype=float).reshape(-1, 2)
    return found


def test_the_table_of_schedules_has_every_schedule() -> None:
    assert list(rows("Schedules")) == list(SCHEDULES)


def test_the_table_of_settings_has_every_setting_of_a_curriculum() -> None:
    assert list(rows("Settings")) == list(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS[1:])
def test_the_table_of_settings_has_the_default_first_then_all_other_values(name: str) -> None:
    field = TrainConfig.model_fields[name]
    choices = get_args(field.annotation)
    expected = ", ".join(f"`{choice}`" for choice in choices) if choices else f"{field.default:g}"
    assert rows("Settings")[name].split(" | ")[1] == expected
    assert not choices or choices[0] == field.default


def test_what_is_said_of_the_log_is_in_the_log() -> None:
    assert rows("Reading exposure bias").keys() <= Epoch.__dataclass_fields__.keys()


def test_the_picture_is_that_of_the_schedules_as_they_are() -> None:
    script = runpy.run_path(str(DOCS / "draw_curricula.py"))
    expected = curves(svg_of(script["draw"], script["WIDTH"], script["HEIGHT"]))
    found = curves((DOCS / "curricula.svg").read_bytes())
    assert len(expected) == 2 * len(SCHEDULES) - 1
    assert found.keys() == expected.keys()
    for name, points in expected.items():
        np.testing.assert_allclose(found[name], points, atol=ALIKE, err_msg=f"{name}: run `make docs`")
