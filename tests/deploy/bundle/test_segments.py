"""Folders of runs by the values of some columns: their names, and what is found in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.bundle.segments import find_segments, segment_folder
from deploy.errors import BundleError

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=9)


@given(column=TEXTS.filter(bool), value=TEXTS)
@settings(max_examples=300)
def test_any_column_and_value_has_a_folder_that_says_them(
    tmp_path_factory: pytest.TempPathFactory, column: str, value: str
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    place = segment_folder(folder, (column,), (value,))
    assert place.parent == folder
    place.mkdir()
    found = find_segments(folder)
    assert found is not None
    assert (found.by, dict(found.places)) == ((column,), {(value,): place})


def test_two_columns_are_two_levels(tmp_path: Path) -> None:
    keys = [("France", "Food"), ("France", "Toys"), ("Italy", "Food")]
    for key in keys:
        segment_folder(tmp_path, ("country", "kind"), key).mkdir(parents=True)
    found = find_segments(tmp_path)
    assert found is not None
    assert (found.by, list(found.places)) == (("country", "kind"), keys)
    assert found.places["Italy", "Food"] == tmp_path / "country=Italy" / "kind=Food"


def test_what_a_fit_moved_aside_is_no_segment(tmp_path: Path) -> None:
    for name in ("country=F.R", "country=France.previous", "country=France.1", "notes", "=x"):
        (tmp_path / name).mkdir()
    place = segment_folder(tmp_path, ("country",), ("F.R",))
    place.mkdir()
    found = find_segments(tmp_path)
    assert found is not None
    assert list(found.places) == [("F.R",)]


@pytest.mark.parametrize("names", [[], ["bundle"], ["members/2"]])
def test_a_run_a_bundle_and_nothing_hold_no_segments(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).mkdir(parents=True)
    assert find_segments(tmp_path) is None
    assert find_segments(tmp_path / "missing") is None


def test_segments_of_other_columns_side_by_side_are_refused(tmp_path: Path) -> None:
    (tmp_path / "country=France").mkdir()
    (tmp_path / "kind=Food").mkdir()
    with pytest.raises(BundleError, match="by country and kind; expected the same of all"):
        find_segments(tmp_path)


def test_bundles_lie_in_the_runs_and_those_without_are_named(tmp_path: Path) -> None:
    for name in "abcde":
        (tmp_path / f"x={name}" / "bundle").mkdir(parents=True)
    (tmp_path / "x=a" / "bundle" / "manifest.json").touch()
    found = find_segments(tmp_path)
    assert found is not None
    with pytest.raises(BundleError, match="x=d and 1 more; `forecaster export"):
        found.bundles()
    for name in "bcde":
        (tmp_path / f"x={name}" / "bundle" / "manifest.json").touch()
    assert found.bundles()["b",] == tmp_path / "x=b" / "bundle"
