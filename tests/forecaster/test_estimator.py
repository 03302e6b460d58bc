"""The face of scikit-learn: the same as the commands do, on data frames and in memory."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import forecaster
from deploy import InputError, Predictor
from deploy.errors import ConfigError, DataError, RunError
from deploy.forecast import legible_digits
from forecaster import Forecaster
from forecaster.__main__ import main

pytestmark = pytest.mark.slow

SETTINGS = {"hidden_size": 8, "updates": 12, "train.epochs": 3, "threads": 1, "precision": "f32"}
SMALL: dict[str, Any] = {"horizon": 6, "context": 24, "patch": 3, "seed": 2, "settings": SETTINGS}
OPTIONS = ("--horizon", "6", "--context", "24", "--patch", "3", "--seed", "2")
SETS = tuple(part for name, value in SETTINGS.items() for part in ("--set", f"{name}={value}"))
QUANTILES = [f"q0.{digit}" for digit in range(1, 10)]
FUTURE = 9  # days that the promotion is known ahead


def wave(length: int, phase: int = 0) -> np.ndarray:
    """A week and noise."""
    noise = np.random.default_rng(phase).normal(0, 0.5, length)
    return 20 + 5 * np.sin(2 * np.pi * (np.arange(length) + phase) / 7) + noise


def shops() -> pd.DataFrame:
    """Two shops by their numbers, their regions, and a promotion that is known ahead."""
    parts = []
    for shop, region, length in ((7, "south", 70), (12, "north", 60)):
        days = pd.date_range("2024-01-01", periods=length + FUTURE)
        sales = np.append(wave(length, shop).round(4), [np.nan] * FUTURE)
        promo = (np.arange(length + FUTURE) % 5 == 0).astype(int)
        part = {"date": days, "shop": shop, "region": region, "promo": promo, "sales": sales}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return Forecaster(**SMALL, series="shop").fit(shops())


@pytest.fixture(scope="module")
def daily() -> pd.Series[float]:
    return pd.Series(wave(90), pd.date_range("2024-01-01", periods=90), name="sales")


@pytest.fixture(scope="module")
def single(daily: pd.Series[float]) -> Forecaster:
    return Forecaster(**SMALL).fit(daily)


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = ("torch", "pandas", "numpy", "sklearn")
    code = f"import sys, forecaster; sys.exit(str([name for name in {heavy} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"


def test_the_package_names_its_face_and_nothing_that_it_does_not_have() -> None:
    assert set(forecaster.__all__) <= set(dir(forecaster))
    assert forecaster.Forecaster is Forecaster
    assert forecaster.DataError is DataError
    assert forecaster.Predictor is Predictor
    with pytest.raises(AttributeError, match="no attribute 'Engine'"):
        _ = forecaster.Engine  # type: ignore[attr-defined]


def test_the_constructor_only_keeps_what_it_is_given() -> None:
    given = {**SMALL, "horizon": "not looked at yet", "known": ["promo"]}
    kept = Forecaster(**given).get_params()
    assert all(kept[name] is value for name, value in given.items())


def test_parameters_are_set_and_cloned(fitted: Forecaster) -> None:
    copied = clone(fitted).set_params(horizon=3, verbose=True)
    assert copied.get_params() == {**fitted.get_params(), "horizon": 3, "verbose": True}
    with pytest.raises(NotFittedError):
        copied.predict()


@pytest.mark.parametrize("method", ["predict", "sample_paths", "score"])
def test_what_needs_a_fit_says_so(method: str) -> None:
    with pytest.raises(NotFittedError):
        getattr(Forecaster(), method)(shops())


def test_a_forecast_has_a_row_for_each_series_and_step_in_the_types_of_the_frame(fitted: Forecaster) -> None:
    table = fitted.predict()
    assert list(table.columns) == ["shop", "date", "forecast", *QUANTILES]
    assert table["shop"].tolist() == [7] * 6 + [12] * 6
    assert table["date"].dtype == shops()["date"].dtype
    assert table["date"].head(6).tolist() == list(pd.date_range("2024-03-11", periods=6))
    assert table["forecast"].tolist() == table["q0.5"].tolist()


def test_the_history_of_the_fit_is_forecast_unless_another_is_given(fitted: Forecaster) -> None:
    pd.testing.assert_frame_equal(fitted.predict(shops()), fitted.predict(), check_exact=True)
    longer = shops().query("shop == 7 and date < '2024-03-01'")
    promised = longer.assign(sales=longer["sales"].where(longer["date"] < "2024-02-20"))
    assert fitted.predict(promised)["date"].min() == pd.Timestamp("2024-02-20")


def test_the_future_of_covariates_may_be_a_frame_of_its_own(fitted: Forecaster) -> None:
    data = shops()
    coming = data["sales"].isna()
    future = data[coming].drop(columns=["sales", "region"])
    found = fitted.predict(data[~coming], future=future)
    pd.testing.assert_frame_equal(found, fitted.predict(), check_exact=True)
    with pytest.raises(DataError, match='known covariate "promo"'):
        fitted.predict(data[~coming])


def test_another_horizon_may_be_forecast(fitted: Forecaster) -> None:
    assert len(fitted.predict(horizon=FUTURE)) == 2 * FUTURE
    with pytest.raises(InputError, match="horizon must be between 1 and 18"):
        fitted.predict(horizon=19)


def test_what_was_found_and_reached_is_kept(fitted: Forecaster) -> None:
    assert fitted.understood_.columns.known == ("promo",)
    assert fitted.config_.model.hidden_size == 8
    assert fitted.metrics_["validation"]["mase"] > 0


def test_two_fits_with_the_same_seed_are_equal(fitted: Forecaster) -> None:
    again = clone(fitted).fit(shops())
    pd.testing.assert_frame_equal(again.predict(), fitted.predict(), check_exact=True)
    other = clone(fitted).set_params(seed=3).fit(shops())
    assert not other.predict().equals(fitted.predict())


@pytest.fixture
def commanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where the commands fitted, exported and forecast the shops."""
    monkeypatch.chdir(tmp_path)
    shops().to_csv("shops.csv", index=False)
    for command in (
        ("fit", "shops.csv", "--series", "shop", *OPTIONS, *SETS, "--quiet"),
        ("export", "--quiet"),
        ("forecast", "shops.csv", "--paths", "3", "--seed", "5", "--quiet"),
    ):
        monkeypatch.setattr(sys, "argv", ["forecaster", *command])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
    return tmp_path


def test_the_commands_write_the_same_numbers(fitted: Forecaster, commanded: Path) -> None:
    """Bit for bit, but that files have the digits that a model has."""
    table, paths = fitted.predict(), fitted.sample_paths(paths=3, seed=5)
    shops = table["shop"].nunique()
    for name, made, numbers in (("forecast", table, QUANTILES), ("forecast.paths", paths, ["value"])):
        written = legible_digits(made[numbers].to_numpy().reshape(shops, -1, len(numbers)), (1, 2))
        made[numbers] = written.reshape(-1, len(numbers))
        if "forecast" in made:
            made["forecast"] = made["q0.5"]
        assert made.to_csv(index=False) == (commanded / f"{name}.csv").read_text()


def test_a_path_is_fitted_as_its_frame_is_and_its_times_are_texts(
    fitted: Forecaster, commanded: Path
) -> None:
    by_path = Forecaster(**SMALL, series="shop").fit(str(commanded / "shops.csv"))
    table = by_path.predict()
    assert table["date"].iloc[0] == "2024-03-11"
    assert by_path.understood_.file == "shops.csv"
    np.testing.assert_array_equal(table[QUANTILES], fitted.predict()[QUANTILES])


def test_an_export_serves_what_was_predicted(
    single: Forecaster, daily: pd.Series[float], tmp_path: Path
) -> None:
    predictor = Predictor.load(single.export(tmp_path / "bundle"), verify=True)
    forecast = predictor.forecast(daily.to_numpy(np.float32), last_timestamp=daily.index[-1].to_datetime64())
    np.testing.assert_array_equal(single.predict()[QUANTILES], forecast.quantiles[0])


def test_a_saved_forecaster_is_a_run_and_comes_back_the_same(fitted: Forecaster, tmp_path: Path) -> None:
    folder = fitted.save(tmp_path / "run")
    assert {path.suffix for path in folder.iterdir()} == {".json", ".jsonl", ".safetensors", ".svg"}
    loaded = Forecaster.load(folder)
    pd.testing.assert_frame_equal(loaded.predict(shops()), fitted.predict(), check_exact=True)
    assert loaded.metrics_ == fitted.metrics_
    with pytest.raises(InputError, match="say which data to forecast"):
        loaded.predict()


def test_a_loaded_forecaster_repeats_its_fit(fitted: Forecaster, tmp_path: Path) -> None:
    again = clone(Forecaster.load(fitted.save(tmp_path / "run"))).fit(shops())
    pd.testing.assert_frame_equal(again.predict(), fitted.predict(), check_exact=True)


def test_nothing_but_a_run_is_saved_over(fitted: Forecaster, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(RunError, match="is not a run folder"):
        fitted.save(tmp_path)


def test_a_fitted_forecaster_can_be_copied_after_it_has_forecast(fitted: Forecaster) -> None:
    expected = fitted.predict()
    for copied in (copy.deepcopy(fitted), pickle.loads(pickle.dumps(fitted))):
        pd.testing.assert_frame_equal(copied.predict(), expected, check_exact=True)


def test_no_sample_paths_are_no_number_of_them(fitted: Forecaster) -> None:
    with pytest.raises(InputError, match="paths must be a whole number from 1 to 100000, found 0"):
        fitted.sample_paths(paths=0)


def test_sample_paths_are_drawn_around_the_median(fitted: Forecaster) -> None:
    paths = fitted.sample_paths(paths=201, horizon=2)
    assert list(paths.columns) == ["shop", "date", "path", "value"]
    below = paths.join(fitted.predict(horizon=2).set_index(["shop", "date"]), on=["shop", "date"])
    counts = (below["value"] < below["forecast"]).groupby([below["shop"], below["date"]]).sum()
    assert set(counts) <= {100, 101}  # the path in the middle may lie on either side


def test_a_score_is_higher_for_the_forecaster_that_has_learned(
    single: Forecaster, daily: pd.Series[float]
) -> None:
    learned = Forecaster(**{**SMALL, "settings": {**SETTINGS, "updates": 150}}).fit(daily)
    assert single.score(daily) < learned.score(daily) < 0


def test_a_search_over_parameters_is_a_loop_of_clones(daily: pd.Series[float]) -> None:
    scores = {}
    for patch in np.array([2, 3]):
        candidate = clone(Forecaster(**SMALL)).set_params(patch=patch, levels=np.array([0.1, 0.9]))
        scores[int(patch)] = candidate.fit(daily[:-6]).score(daily)
        assert candidate.config_.model.patch_length == patch
    assert len(set(scores.values())) == 2


@pytest.mark.parametrize("index", ["dates", "months"])
def test_a_series_of_pandas_is_forecast_on_its_own_index(daily: pd.Series[float], index: str) -> None:
    months = pd.period_range("2015-01", periods=90, freq="M", name="month")
    series = daily if index == "dates" else daily.set_axis(months)
    table = Forecaster(**SMALL).fit(series).predict()
    times = table["month" if index == "months" else "index"]
    assert times.iloc[0] == series.index[-1] + series.index.freq
    assert times.dtype == series.index.dtype


def test_a_frame_of_another_library_is_forecast(daily: pd.Series[float], single: Forecaster) -> None:
    frame = pl.DataFrame({"day": [day.date() for day in daily.index], "sales": daily.to_numpy()})
    table = Forecaster(**SMALL).fit(frame).predict()
    assert table["day"][0] == daily.index[-1].date() + timedelta(days=1)
    np.testing.assert_array_equal(table["forecast"], single.predict()["forecast"])


def test_moments_keep_their_time_zone() -> None:
    hours = pd.date_range("2024-03-28", periods=72, freq="h", tz="Europe/Berlin")
    table = Forecaster(**SMALL).fit(pd.DataFrame({"at": hours, "load": wave(72)})).predict()
    assert table["at"].tolist() == list(pd.date_range(hours[-1], periods=7, freq="h")[1:])


def test_joint_targets_are_told_apart_by_a_column(daily: pd.Series[float]) -> None:
    both = pd.DataFrame({"a": daily, "b": 10 * daily})
    table = Forecaster(**SMALL, target=["a", "b"], joint=True).fit(both).predict()
    assert table["target"].tolist() == ["a"] * 6 + ["b"] * 6
    means = table.groupby("target")["forecast"].mean()
    assert means["b"] > 5 * means["a"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"settings": {"hidden_sizes": 8}}, "unknown setting 'hidden_sizes'; did you mean 'hidden_size'?"),
        ({"settings": {"model.updates": 8}}, r"unknown setting of \[model\] 'updates'"),
        ({"horizon": 0}, "horizon: Input should be greater than or equal to 1, found 0"),
        ({"lower": "nil"}, "expected a number or 'none', found 'nil'"),
        ({"levels": 0.9}, r"levels: expected a list of numbers in \(0, 1\), found 0.9"),
        ({"target": "profit"}, "profit"),
        ({"max_time": "soon"}, "expected a duration such as 90s"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_by_the_fit(
    daily: pd.Series[float], parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        Forecaster(**parameters).fit(daily)


def test_parameters_are_read_as_options_are(daily: pd.Series[float]) -> None:
    parameters = {**SMALL, "lower": 0, "max_time": 60, "levels": [0.9], "target": "sales"}
    config = Forecaster(**parameters).fit(daily).config_
    assert (config.model.lower, config.train.max_seconds) == (0.0, 60.0)
    assert config.model.quantile_levels == (0.5, 0.9)


def test_a_named_parameter_wins_over_settings_and_sections_are_taken(daily: pd.Series[float]) -> None:
    sections = {"model": {"hidden_size": 4, "patch_length": 2}, "train": {"updates": 2, "epochs": 1}}
    config = Forecaster(6, context=24, patch=3, settings=sections).fit(daily).config_
    assert (config.model.hidden_size, config.model.patch_length, config.train.updates) == (4, 3, 2)


def test_what_is_no_data_is_refused() -> None:
    with pytest.raises(InputError, match="expected a data frame, found dict"):
        Forecaster().fit({"sales": [1, 2]})  # type: ignore[arg-type]


def test_a_fit_is_silent_unless_it_is_to_say_what_it_does(
    daily: pd.Series[float], capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = Forecaster(**SMALL).fit(daily)
    assert capsys.readouterr() == ("", "")
    clone(quiet).set_params(verbose=True).fit(daily)
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[0] == "the frame: 1 series of 90 values, 2024-01-01 to 2024-03-30"
    assert sum(line.startswith("epoch ") for line in lines) == 3
    assert lines[-1].startswith("took ")


def test_errors_beyond_the_data_name_keywords_and_no_options(fitted: Forecaster) -> None:
    known = shops()["sales"].notna()
    with pytest.raises(DataError, match=r"with future=FILE, or forecast a shorter horizon=$"):
        fitted.predict(shops()[known])
    with pytest.raises(
        DataError,
        match=r"needs at least \d+; give more data or a shorter horizon=; .* Forecaster.pretrained\(\) needs",
    ):
        Forecaster(**SMALL, series="shop").fit(shops()[known].groupby("shop").head(12))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_named_as_a_keyword() -> None:
    with pytest.raises(ConfigError, match=r'^device="cuda": .*; device="auto" trains on'):
        Forecaster(**SMALL, series="shop", device="cuda").fit(shops())
