"""The first sentence."""

from __future__ import annotations

import math

import pytest

from forecaster.evaluation.scores import BaselineScores, Counts, Kind, StepScores
from forecaster.evaluation.unit_table import PointScores
from forecaster.evaluation.verdict import write_verdict

NAN = math.nan
NO_STEPS = StepScores((), (), (), ())


def scores(mase: float, mae: float = 2.0) -> PointScores:
    return PointScores(mase, 10.0, mase, mae, mae, mae * mae)


def verdict(
    own: PointScores, *others: float, kind: Kind = "fresh", forecasts: int = 1200, series: int = 414
) -> str:
    counts = Counts(forecasts, forecasts, series, 99, 0, 0, 0, 0, 0)
    names = ("seasonal naive", "naive", "linear")
    baselines = {
        name: BaselineScores(scores(mase, mase * 4), NO_STEPS)
        for name, mase in zip(names, others, strict=False)
    }
    return write_verdict(own, baselines, counts, kind)


@pytest.mark.parametrize(
    ("mase", "others", "expected"),
    [
        (0.412, [0.664], "0.412 MASE on 1,200 forecasts of 414 series: 38 % better than seasonal naive"),
        (1.5, [1.0], "worse than seasonal naive by 50 %: 1.500 MASE on 1,200 forecasts of 414 series"),
        (1.001, [1.0], "no better than seasonal naive: 1.001 MASE on 1,200 forecasts of 414 series"),
        (0.5, [0.0], "0.500 MASE on 1,200 forecasts of 414 series: seasonal naive makes no error there"),
        (
            0.412,
            [0.664, 0.9, 0.5],
            "0.412 MASE on 1,200 forecasts of 414 series: 38 % better than seasonal naive, "
            "18 % better than linear, the best baseline",
        ),
        (
            0.412,
            [0.664, 0.9, NAN],
            "0.412 MASE on 1,200 forecasts of 414 series: 38 % better than seasonal naive, the best baseline",
        ),
        (
            0.5,
            [1.0, 2.0, 0.4],
            "worse than linear by 25 %: 0.500 MASE on 1,200 forecasts of 414 series; "
            "50 % better than seasonal naive",
        ),
        (
            0.5,
            [1.0, 0.501, 2.0],
            "no better than naive: 0.500 MASE on 1,200 forecasts of 414 series; "
            "50 % better than seasonal naive",
        ),
        (
            2.0,
            [1.0, 2.5, 0.8],
            "worse than linear by 150 %: 2.000 MASE on 1,200 forecasts of 414 series; "
            "worse than seasonal naive by 100 %",
        ),
        (
            0.5,
            [1.0, 2.5, 0.0],
            "0.500 MASE on 1,200 forecasts of 414 series: linear makes no error there; "
            "50 % better than seasonal naive",
        ),
        (0.5, [0.0, 2.5], "0.500 MASE on 1,200 forecasts of 414 series: seasonal naive makes no error there"),
    ],
)
def test_the_verdict_names_the_best_baseline_and_that_first_where_it_is_better(
    mase: float, others: list[float], expected: str
) -> None:
    assert verdict(scores(mase), *others) == expected


def test_validation_windows_are_called_so() -> None:
    said = verdict(scores(0.5), 1.0, kind="validation", forecasts=1, series=1)
    assert said == (
        "0.500 MASE on 1 forecast of 1 series in held-out windows, which selected the weights: "
        "50 % better than seasonal naive"
    )


def test_where_no_series_has_a_scale_the_error_itself_is_compared() -> None:
    assert verdict(scores(NAN, 2.0), 1.0).startswith("2 MAE on 1,200 forecasts of 414 series: 50 % better")


def test_without_an_observed_value_there_is_no_verdict() -> None:
    assert verdict(scores(NAN, NAN), 1.0) == "no observed value to score in 1,200 forecasts of 414 series"
