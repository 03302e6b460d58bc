"""Series that 32-bit floats cannot hold keep their digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cases import days

from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.panel.levels import needs_level

COUNTER = (1000000123.5, 1000000100.25, 1000000188.0)


def read(folder: Path, text: str, *, keeps_level: bool = False, **asked: object) -> Panel:
    path = folder / "data.csv"
    path.write_text(text)
    return read_data(path, Asked(**asked), keeps_level=keeps_level)  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", [1, -1])
def test_values_and_level_are_the_data(tmp_path: Path, sign: int) -> None:
    panel = read(tmp_path, days(*(str(sign * value) for value in COUNTER)))
    np.testing.assert_allclose(panel.values + panel.levels[0], sign * np.array(COUNTER), rtol=0, atol=0.01)


@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_left_has_the_sign_of_the_data_and_a_thousand_spreads(tmp_path: Path, sign: int) -> None:
    panel = read(tmp_path, days(*(str(sign * value) for value in COUNTER)))
    left = sign * panel.values
    assert (left.min(), left.max()) == pytest.approx((87750, 87837.75), rel=1e-3)


@pytest.mark.parametrize(
    "cells",
    [
        ("1e9", "1.1e9"),
        ("5", "5", "5"),
        ("0", "0"),
        ("-1", "1"),
        ("100000", "100002"),
        ("1e9",),
        ("1e9", "1e9", ""),
    ],
)
def test_a_series_that_float32_holds_has_no_level(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, cells: tuple[str, ...]
) -> None:
    panel = read(tmp_path, days(*cells, *cells).replace("date", "t").replace("2024-01-", ""))
    assert (panel.levels.tolist(), caplog.messages) == ([0], [])


def test_every_series_has_a_level_of_its_own_and_one_warning_names_the_first(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cells = {"a": (5, 6, 7), "b": COUNTER, "c": ("", 2e9, 2e9 + 1), "d": ("", "", "")}
    rows = [f"2024-01-0{day + 1},{key},{cells[key][day]}\n" for day in range(3) for key in cells]
    panel = read(tmp_path, "date,id,y\n" + "".join(rows))
    assert panel.ids == (("a",), ("b",), ("c",))
    assert panel.levels.tolist() == [0, 999912350, 1999999000]
    assert caplog.messages == [
        "b and 1 more: varies by less than 1e-05 of its size, which 32-bit floats cannot hold; a level is "
        "subtracted, and added to the forecast",
        "series d has no observed value; dropped",
    ]


def test_a_level_goes_with_its_series_over_gaps_and_columns(tmp_path: Path) -> None:
    panel = read(
        tmp_path, "date,small,y\n2024-01-01,1,1000000000\n2024-01-02,2,1000000001\n2024-01-05,3,1000000002\n"
    )
    assert panel.levels.tolist() == [0, 999998000]
    np.testing.assert_array_equal(panel.values, [1, 2, np.nan, np.nan, 3, 2000, 2001, np.nan, np.nan, 2002])


def test_a_model_that_sees_values_as_they_are_keeps_the_level_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    panel = read(tmp_path, days(*map(str, COUNTER)), keeps_level=True)
    assert panel.levels.tolist() == [0]
    assert panel.values.tolist() == [1000000128, 1000000128, 1000000192]
    assert caplog.messages == [
        "the series: varies by less than 1e-05 of its size, which 32-bit floats cannot hold; "
        "differences are lost"
    ]


@pytest.mark.parametrize(
    ("normalization", "lower", "needs"),
    [
        ("mean-std", None, False),
        ("last-difference", 0.0, False),
        ("log-last-difference", 0.0, False),
        ("none", None, True),
        ("mean-std", 1e9, True),
    ],
)
def test_a_model_without_normalisation_or_with_a_bound_of_its_own_needs_the_level(
    normalization: str, lower: float | None, needs: bool
) -> None:
    assert needs_level({"normalization": normalization, "lower": lower}) is needs
