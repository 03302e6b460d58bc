"""Units as columns: each of them is a value of its own once it is looked at."""

from __future__ import annotations

import math

import numpy as np

from forecaster.evaluation.unit_table import PointScores, UnitScores, UnitTable
from forecaster.evaluation.units import rank_units


def table(mase: list[float], values: list[int] | None = None, targets: tuple[str, ...] = ()) -> UnitTable:
    count = len(mase)
    number = np.arange(count, dtype=np.float64)
    points = np.stack([np.array(mase), *(number + place for place in range(1, 6))], axis=1)
    texts = np.array([f"day {unit}" for unit in range(count)], dtype=object)
    return UnitTable(
        ids=tuple((f"s{series}",) for series in range(count)),
        targets=targets,
        unit=np.arange(count),
        is_new=np.zeros(count, dtype=np.bool_),
        windows=np.ones(count, dtype=np.int64),
        values=np.array(values or [1] * count),
        first_origin=texts,
        last_target=texts,
        scale=number,
        points=points,
        crps=number,
        wql=number,
        coverage=np.stack([number, number + 1], axis=1),
        width=np.empty((count, 0)),
        baselines_mae={"naive": number},
    )


def test_a_unit_has_its_row_of_every_column_as_plain_python() -> None:
    assert table([0.5, 2.5])[1] == UnitScores(
        *(("s1",), False, 1, 1, "day 1", "day 1", 1.0),
        *(PointScores(2.5, 2.0, 3.0, 4.0, 5.0, 6.0), 1.0, 1.0, (1.0, 2.0), (), {"naive": 1.0}),
    )
    assert type(table([0.5, 2.5])[1].windows) is int


def test_targets_of_a_joint_series_are_units_that_have_its_id() -> None:
    assert [unit.id for unit in table([1, 2, 3], targets=("y", "z"))] == [
        ("s0", "y"),
        ("s0", "z"),
        ("s1", "y"),
    ]


def test_a_slice_is_some_of_the_units() -> None:
    assert [unit.id for unit in table([1, 2, 3])[1:]] == [("s1",), ("s2",)]


def test_units_are_ranked_by_mase_and_the_first_of_equals_is_the_best() -> None:
    found = rank_units(table([2.0, 1.0, math.nan, 1.0, 3.0]))
    assert {role: unit.id for role, unit in found.items()} == {
        "best": ("s1",),
        "median": ("s3",),
        "worst": ("s4",),
    }


def test_without_mase_units_with_values_are_ranked_by_mae() -> None:
    found = rank_units(table([math.nan] * 3, values=[0, 2, 1]))
    assert {role: unit.id for role, unit in found.items()} == {"best": ("s1",), "worst": ("s2",)}


def test_there_is_nothing_to_rank_without_a_value() -> None:
    assert rank_units(table([math.nan], values=[0])) == {}
