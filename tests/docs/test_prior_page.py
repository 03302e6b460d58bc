"""The page of the prior has every generator, change and kind with its share, and pictures of their series."""

from __future__ import annotations

import inspect
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from forecaster.pretrained.kinds import FAMILIES, KINDS
from forecaster.pretraining import supply
from forecaster.pretraining.prior import augmentation, mixture
from forecaster.pretraining.prior.mixture import SHARES

pytestmark = pytest.mark.slow
DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "prior.md").read_text(encoding="utf-8")
PICTURES = ("prior-generators.svg", "prior-kinds.svg", "prior-changes.svg")
SVG = "{http://www.w3.org/2000/svg}"
ALIKE = 0.5  # points: releases of matplotlib lay figures out a little differently
FUNCTION_OF = {"arima": "seasonal_arima", "kernels": "kernel_series"}  # where it is not the name of its share
UNITS = "units"  # a change without a function of its own


def cells(heading: str) -> list[list[str]]:
    """Return the rows of the first table under a heading, without its head."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return rows[1:]


def percent(share: float) -> str:
    return f"{100 * share:g} %"


def test_the_table_of_generators_has_every_generator_and_its_share() -> None:
    found = {row[0].strip("`"): row[1] for row in cells("Generators")}
    expected = {FUNCTION_OF.get(name, name): percent(share) for name, share in SHARES.items()}
    counted = f"{percent(mixture.COUNTS)} of the series that may be 0"
    assert found == {**expected, "counts": counted}
    assert all(callable(getattr(mixture, name)) for name in found)
    assert f"{percent(mixture.AVERAGED)} of the structural ones are years of months" in PAGE


def test_the_table_of_changes_has_every_change_and_its_share() -> None:
    found = {row[0].strip("`"): row[1] for row in cells("Changes")}
    assert found == {
        "mixed": percent(augmentation.MIXED),
        "turned": f"{percent(augmentation.REVERSED)} and {percent(augmentation.NEGATED)}",
        "observe": percent(mixture.MULTIPLICATIVE),
        "censored": percent(augmentation.CENSORED),
        UNITS: "all",
        "with_gaps": percent(augmentation.MISSING),
        "averaged": "see above",
    }
    changes = {name for name in found if name not in (UNITS, "observe")}
    assert changes == set(functions(augmentation)) - {"counts"}


def functions(module: object) -> dict[str, Callable[..., object]]:
    """Return the public functions that a module defines."""
    return {
        name: member
        for name, member in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and member.__module__ == module.__name__
    }


def test_the_table_of_kinds_is_that_of_the_network() -> None:
    found = [tuple(row) for row in cells("Kinds")]
    assert found == [
        (
            f"`{family.name}`",
            *(str(number) for number in (kind.season, kind.patch, kind.context)),
            percent(kind.share),
            "yes" if kind.longer else "no",
        )
        for family in FAMILIES.values()
        for kind in family.kinds
    ]
    phases = {name: family.phases for name, family in FAMILIES.items()}
    assert phases["days"] == phases["long"]
    said = (
        f"`short` stretches every patch to {phases['short']} phases, `days` and `long` to {phases['long']}."
    )
    assert said in " ".join(PAGE.split())
    assert f"{supply.SERIES:,} series at a time" in PAGE


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    return runpy.run_path(str(DOCS / "draw_prior.py"))["pictures"]()


def lines(svg: bytes) -> dict[str, np.ndarray]:
    """Return the points (count, 2) of every series, by the id of its line."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if re.search(r"-\d(-before|-after)?$", group.get("id", "")):
            numbers = re.findall(r"-?\d+\.?\d*", group.find(f"{SVG}path").get("d"))
            found[group.get("id")] = np.array(numbers, dtype=float).reshape(-1, 2)
    return found


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_that_of_the_series_as_they_are(name: str, drawn: dict[str, bytes]) -> None:
    assert f"]({name})" in PAGE
    expected, found = lines(drawn[name]), lines((DOCS / name).read_bytes())
    assert len(expected) >= 20
    assert found.keys() == expected.keys()
    for line, points in expected.items():
        np.testing.assert_allclose(found[line], points, atol=ALIKE, err_msg=f"{line}: run `make docs`")


def test_pictures_have_a_row_for_every_generator_kind_and_change(drawn: dict[str, bytes]) -> None:
    labels = {name: svg.decode() for name, svg in drawn.items()}
    generators = {row[0].strip("`") for row in cells("Generators")}
    assert all(f">{name}" in labels["prior-generators.svg"] for name in generators)
    assert all(f">season {kind.season}<" in labels["prior-kinds.svg"] for kind in KINDS)
    assert all(
        f">{name}<" in labels["prior-changes.svg"] for name in functions(augmentation) if name != "counts"
    )


def test_the_pictures_are_small() -> None:
    assert sum((DOCS / name).stat().st_size for name in PICTURES) < 200_000


def test_the_map_links_the_page() -> None:
    assert "(prior.md)" in (DOCS / "architecture.md").read_text(encoding="utf-8")
