"""The benchmark of accuracy: its protocols on made-up data, and the whole of it in small."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from benchmarks import accuracy
from benchmarks.accuracy_page import section
from benchmarks.etth1 import PUBLISHED, Borders, ETTh1
from benchmarks.m4 import HORIZON, M4Hourly, to_forecasts
from deploy import Forecast, Predictor

pytestmark = pytest.mark.slow

BORDERS = Borders(train=240, validation=340, test=420)
COLUMNS = list("abcdefg")
SMALL: dict[str, Any] = {"context": 24, "patch": 12, "max_time": 1, "seed": 3}


def hours(rows: int) -> np.ndarray:
    """Days and noise in 7 columns of different sizes."""
    day = np.sin(np.arange(rows) * 2 * np.pi / 24)[:, None]
    noise = np.random.default_rng(0).normal(0, 0.1, (rows, 7))
    return 10 + (day + noise) * np.arange(1, 8)


@pytest.fixture
def transformer(tmp_path: Path) -> ETTh1:
    """A file of ETTh1's form, longer than the protocol looks."""
    frame = pd.DataFrame(hours(450), columns=COLUMNS)
    frame.insert(0, "date", pd.date_range("2016-07-01", periods=450, freq="h"))
    frame.to_csv(tmp_path / "ett.csv", index=False)
    return ETTh1(tmp_path / "ett.csv", 24, BORDERS)


@pytest.fixture
def competition(tmp_path: Path) -> M4Hourly:
    """A folder of M4's form: series with ragged ends."""
    values, lengths = hours(250).T[:3], (200, 180, 160)
    train = np.where(np.arange(200) < np.array(lengths)[:, None], values[:, :200], np.nan)
    for file, part in (("train", train), ("test", values[:, -HORIZON:])):
        columns = [f"V{number + 2}" for number in range(part.shape[1])]
        names = pd.Index(["H2", "H10", "H1"], name="V1")
        pd.DataFrame(part, names, columns).to_csv(tmp_path / f"{file}.csv")
    return M4Hourly(tmp_path)


class LastValue:
    """Stands in for a Predictor: every quantile of the future is the last value of its history."""

    class manifest:  # noqa: N801
        context_length = 30

    def __init__(self) -> None:
        self.told: list[tuple[np.ndarray, np.ndarray]] = []

    def forecast(self, history: np.ndarray, horizon: int, last_timestamp: np.ndarray) -> Forecast:
        self.told.append((history, last_timestamp))
        levels = (0.1, 0.5, 0.9)
        return Forecast(np.tile(history[:, -1:, None], (1, horizon, len(levels))), levels, None)


def test_every_window_of_the_test_rows_counts_and_no_other() -> None:
    assert len(ETTh1(Path()).origins()) == 2785
    assert ETTh1(Path(), 720).origins()[[0, -1]].tolist() == [11520, 14400 - 720]


def test_histories_end_before_what_is_forecast_and_reach_over_the_border(transformer: ETTh1) -> None:
    predictor = LastValue()
    list(transformer.forecasts(cast(Predictor, predictor)))
    histories = np.concatenate([history for history, _ in predictor.told]).reshape(-1, 7, 30)
    np.testing.assert_array_equal(histories[0], transformer.values[310:340].T.astype(np.float32))
    np.testing.assert_array_equal(histories[-1], transformer.values[366:396].T.astype(np.float32))
    times = np.concatenate([last for _, last in predictor.told])
    assert times[0] == times[6] == np.datetime64("2016-07-01") + np.timedelta64(339, "h")


def test_errors_are_in_units_of_the_deviation_of_the_rows_that_train(transformer: ETTh1) -> None:
    pairs = list(transformer.forecasts(cast(Predictor, LastValue())))
    actual = np.concatenate([actual for actual, _ in pairs])
    forecast = np.concatenate([made.median for _, made in pairs])
    trained = transformer.values[:240]
    standard = (transformer.values - trained.mean(0)) / trained.std(0)
    windows = range(340, 420 - 24 + 1)
    np.testing.assert_allclose(actual, np.concatenate([standard[o : o + 24].T for o in windows]))
    last = np.concatenate([standard[o - 1] for o in windows])
    np.testing.assert_allclose(forecast, np.tile(last[:, None], 24), atol=1e-6)  # histories are float32


def test_a_fit_trains_on_the_training_rows_alone(transformer: ETTh1) -> None:
    row, model = accuracy.fit_and_score(transformer, SMALL)
    assert transformer.trained(model)["trained"].startswith("rows 0 to 240 of every column, and the refit")
    assert row["mse"] < 1  # that of the training rows' mean
    assert 0 < row["coverage"] < 1


def test_a_file_of_another_length_is_not_etth1(transformer: ETTh1) -> None:
    with pytest.raises(SystemExit, match=r"expected at least 14400 rows and 7 columns .* found 450 and 7"):
        accuracy.make_task("etth1", transformer.file, None)


def test_data_that_are_not_the_competition_are_refused(competition: M4Hourly) -> None:
    with pytest.raises(SystemExit, match=r"the seasonal naive forecast scores .* expected .*13.912"):
        accuracy.make_task("m4-hourly", competition.folder, None)


def test_series_are_scored_by_their_names(competition: M4Hourly) -> None:
    row, model = accuracy.fit_and_score(competition, SMALL)
    made = to_forecasts(model.predict(), list(competition.histories))
    assert row["smape"] == pytest.approx(competition.score(made.median)["smape"], abs=1e-4)
    assert row["owa"] < competition.score(made.median[[1, 2, 0]])["owa"]


def test_a_table_in_another_order_gives_the_same_forecasts() -> None:
    table = pd.DataFrame({"id": list("aabb"), "time": [1, 2, 1, 2], "forecast": [1.0, 2, 3, 4]})
    table["q0.1"], table["q0.9"] = table["forecast"] - 1, table["forecast"] + 1
    assert to_forecasts(table, ["b", "a"]).median.tolist() == [[3, 4], [1, 2]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("m4-hourly", Path(), 96), "m4-hourly has 48, found 96"),
        (("etth1", Path(), 100), "etth1 has 96, 192, 336, 720, found 100"),
        (("etth1", Path("nothing.csv"), None), "nothing.csv: No such file .* --data is the file ETTh1.csv"),
    ],
)
def test_what_no_protocol_has_is_refused(arguments: tuple[str, Path, int | None], message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        accuracy.make_task(*arguments)


def test_a_summary_is_the_mean_and_the_deviation_over_seeds() -> None:
    rows = [{"seed": 0, "owa": 0.4, "worst_step": 3}, {"seed": 1, "owa": 0.5, "worst_step": 9}]
    assert accuracy.summarise(rows) == [{"of": "mean", "owa": 0.45}, {"of": "deviation", "owa": 0.0707}]
    assert accuracy.summarise(rows[:1]) == [{"of": "mean", "owa": 0.4}]


def test_members_take_seeds_that_no_other_fit_has(
    competition: M4Hourly, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = []
    whole = accuracy.fit_and_score

    def record(task: accuracy.Task, parameters: dict[str, Any]) -> Any:
        seeds.append(parameters["seed"])
        return whole(task, {**parameters, **SMALL, "seed": parameters["seed"], "verbose": False})

    monkeypatch.setattr(accuracy, "fit_and_score", record)
    result = accuracy.run(competition, 2, {"members": 2})
    assert seeds == [0, 2]
    assert [row["seed"] for row in result["rows"]] == [0, 2]


def test_published_figures_stand_beside_their_horizon() -> None:
    for horizon in ETTh1.HORIZONS:
        rows = ETTh1(Path(), horizon).published()
        assert [row["method"] for row in rows] == list(PUBLISHED)
        assert [(row["mse"], row["mae"]) for row in rows] == [each[horizon] for each in PUBLISHED.values()]


def test_the_page_has_published_figures_in_the_table_of_ours() -> None:
    ours = [{"seed": 0, "owa": 0.40}, {"seed": 1, "owa": 0.42}]
    result = {
        **{"benchmark": "accuracy", "dataset": "m4-hourly"},
        **{"trained": "some", "validated": "others", "max_time": 240.0},
        **{"rows": ours, "published": [{"method": "FFORMA", "owa": 0.484}]},
    }
    lines = section(result).splitlines()
    assert lines[2] == "2 seed(s), max_time 240. Trained: some; validated: others."
    assert lines[-2:] == [
        "| forecaster | 0.41 ± 0.01 |",
        "| FFORMA (published) | 0.484 |",
    ]
