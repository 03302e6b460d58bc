"""The benchmark of small files: the files, the rows of methods, and who is first."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import small_files
from benchmarks.single_files import MADE, SingleFile, made, single
from benchmarks.small_file_ranks import rank, ranked_with, summarise
from benchmarks.statistical_peers import PeerForecasts
from benchmarks.zero_shot import OURS
from benchmarks.zero_shot_means import NAIVE
from benchmarks.zero_shot_page import small_files as page_of_small_files
from benchmarks.zero_shot_tasks import seasonal_naive


def a_file(length: int = 60) -> SingleFile:
    """Months with a season of 12, the last 6 to forecast."""
    noise = np.random.default_rng(0).normal(0, 0.1, length)
    return single("made", "months", 10 + np.sin(np.arange(length) * np.pi / 6) + noise, 12, 6, "MS")


def test_what_is_forecast_is_not_in_the_history() -> None:
    file = single("made", "numbers", np.arange(10.0), 1, 4, "D")
    assert file.task.histories[0].tolist() == [0, 1, 2, 3, 4, 5]
    assert file.task.actual.tolist() == [[6, 7, 8, 9]]
    frame = file.frame()
    assert frame["value"].tolist() == [0, 1, 2, 3, 4, 5]
    assert frame["time"].iloc[-1] == pd.Timestamp("1980-01-06")


def test_made_files_are_the_same_each_time_and_their_naive_forecast_is_never_perfect() -> None:
    first, again = list(made()), list(made())
    assert [file.task.name for file in first] == list(MADE)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.task.histories[0], other.task.histories[0])
        assert len(one.task.histories[0]) + one.task.horizon == MADE[one.task.name][1]
        assert one.task.score(one.task.naive_quantiles())["mase"] > 0


def test_a_week_is_in_the_sales() -> None:
    (history,) = next(made()).task.histories
    days = pd.Series(history).groupby(np.arange(len(history)) % 7).mean()
    assert days.max() > 1.5 * days.min()


def test_a_file_that_is_refused_has_a_reason_and_no_score() -> None:
    (row,) = [
        row
        for row in small_files.rows_of_file(a_file(8), None, {small_files.RANDOM: {"start": "random"}}, 1)
        if row["method"] == small_files.RANDOM
    ]
    assert "mase" not in row
    assert row["refused"]


def test_a_file_has_a_row_a_method_and_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    def fitted(file: SingleFile, parameters: dict[str, object]) -> np.ndarray:
        told.append(parameters)
        return file.task.naive_quantiles()

    monkeypatch.setattr(small_files, "fitted", fitted)
    kinds = {small_files.FIT: {}, small_files.RANDOM: {"start": "random"}}
    rows = list(small_files.rows_of_file(a_file(), seasonal_naive, kinds, 2))
    assert [row["method"] for row in rows] == [NAIVE, OURS, *[small_files.FIT, small_files.RANDOM] * 2]
    assert told == [{"seed": 0}, {"start": "random", "seed": 0}, {"seed": 1}, {"start": "random", "seed": 1}]
    assert rows[0]["mase"] == rows[1]["mase"] == rows[2]["mase"]


def test_peers_forecast_all_files_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    file = a_file()
    answer = PeerForecasts(file.task.naive_quantiles(), np.array([0.5]), np.array([0]))
    monkeypatch.setattr(small_files, "statistical", lambda *_: [answer, answer])
    rows = list(small_files.rows_of_peer(Path("python"), "AutoETS", [file, file], None))
    assert [(row["method"], row["cpu_s"]) for row in rows] == [("AutoETS", 0.5)] * 2


@pytest.mark.parametrize(
    ("mases", "places"),
    [
        ({"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 1, "b": 2, "c": 3}),
        ({"a": 1.0, "b": 1.0, "c": 0.5}, {"a": 2.5, "b": 2.5, "c": 1}),
        ({"a": 1.0}, {"a": 1, "b": 2.5, "c": 2.5}),
    ],
)
def test_equal_methods_share_a_place_and_refused_ones_the_last(
    mases: dict[str, float], places: dict[str, float]
) -> None:
    assert {method: rank(mases, method, 3) for method in places} == places


def test_means_are_over_seeds_then_files_that_every_method_forecasts() -> None:
    def row(file: str, method: str, mase: float | None, seed: int = 0) -> dict[str, object]:
        scores = {} if mase is None else {"mase": mase, "cpu_s": 2.0}
        return {"group": "made", "file": file, "method": method, "seed": seed, **scores}

    rows = [row("x", NAIVE, 2.0), row("x", "fit", 0.5, 0), row("x", "fit", 1.5, 1)]
    rows += [row("y", NAIVE, 1.0), row("y", "fit", None), row("z", NAIVE, 2.0), row("z", "fit", 4.0)]
    naive, fit = summarise(rows)
    assert naive["over_naive"] == 1
    assert fit["over_naive"] == 1  # of 1 / 2 and 4 / 2
    assert (fit["files"], fit["compared"], fit["refused"], fit["rank"]) == (3, 2, 1, 2)
    assert fit["cpu_s"] == 2


def test_a_run_without_fits_ends_in_one_line_that_the_page_reads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = "benchmarks.zero_shot_tasks:seasonal_naive"
    given = ["small_files", "--only", "made", "--limit", "2", "--no-fits", "--ours", place, "--json"]
    monkeypatch.setattr("sys.argv", given)
    small_files.main()
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(result["rows"]) == 4
    assert "| made | ours, frozen | 2 | 2 | 1.0 | 1.5 |" in page_of_small_files(result)


@pytest.mark.slow
def test_a_fit_forecasts_a_small_file() -> None:
    parameters = {"context": 24, "patch": 12, "max_time": 1, "seed": 0}
    file = a_file()
    quantiles = small_files.fitted(file, parameters)
    assert quantiles.shape == (1, 6, 9)
    assert file.task.score(quantiles)["mase"] < 3


@pytest.mark.parametrize(
    ("method", "rivals"),
    [
        (OURS, [NAIVE, OURS, "AutoETS"]),
        (small_files.RANDOM, [NAIVE, small_files.RANDOM, "AutoETS"]),
        ("AutoETS", [NAIVE, small_files.FIT, "AutoETS"]),
    ],
)
def test_a_way_of_our_own_is_ranked_without_the_others(method: str, rivals: list[str]) -> None:
    every = [NAIVE, OURS, small_files.FIT, small_files.RANDOM, "AutoETS"]
    assert ranked_with(method, every) == rivals
    without_fits = [NAIVE, OURS, "AutoETS"]
    assert ranked_with("AutoETS", without_fits) == without_fits
