"""Forecaster as Python uses it: scores, rolling origins, plots, levels in percent, frames of any library."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError

from deploy.errors import ConfigError, DataError, InputError, RunError
from forecaster import Forecaster
from forecaster.data import Library

pytestmark = pytest.mark.slow

SETTINGS = {"hidden_size": 8, "updates": 6, "train.epochs": 2, "threads": 1, "precision": "f32"}
SMALL: dict[str, Any] = {"h": 7, "context": 21, "patch": 7, "level": [80], "settings": SETTINGS}
DAYS = 60
KEYS = ["shop", "day"]


def shops(length: int = DAYS) -> pd.DataFrame:
    parts = []
    for number, shop in enumerate(("harbor", "station")):
        days = pd.date_range("2024-01-01", periods=length)
        noise = np.random.default_rng(number).normal(0, 0.5, length)
        sales = 20 + 5 * np.sin(2 * np.pi * (np.arange(length) + number) / 7) + noise
        parts.append(pd.DataFrame({"shop": shop, "day": days, "sales": sales.round(4)}))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def model() -> Forecaster:
    return Forecaster(**SMALL).fit(shops())


def test_h_and_level_are_horizon_and_levels(model: Forecaster) -> None:
    assert model.config_.model.horizon == 7
    assert model.config_.model.quantile_levels == (0.1, 0.5, 0.9)
    same = Forecaster(**{**SMALL, "h": None, "level": None}, horizon=7, levels=(0.1, 0.9)).fit(shops())
    pd.testing.assert_frame_equal(same.predict(h=3), model.predict(horizon=3), check_exact=True)
    assert list(model.predict(level=80)) == [*KEYS, "forecast", "q0.1", "q0.9"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda _: Forecaster(7, h=8).fit(shops()), ConfigError, "horizon=7 and h=8 mean the same"),
        (lambda model: model.predict(horizon=1, h=2), ConfigError, "horizon=1 and h=2 mean the same"),
        (lambda _: Forecaster(level=0.8).fit(shops()), ConfigError, "percents from 1 to 99.9.*found 0.8"),
        (lambda _: Forecaster(level="80").fit(shops()), ConfigError, "percents such as"),
        (
            lambda model: model.predict(level=[80, 95]),
            ConfigError,
            r"level=95: the model has no quantiles 0.025 and 0.975; it has the levels 80 "
            r"\(quantiles 0.1, 0.5, 0.9\); fit with level=\[95\]",
        ),
        (lambda model: model.predict(format="prophet"), InputError, 'format="prophet": expected "own"'),
        (lambda model: model.cross_validation(windows=0), ConfigError, "windows: .* from 1, found 0"),
        (lambda model: model.evaluate(stride=1.5), ConfigError, "stride: .* from 1, found 1.5"),
        (lambda model: model.cross_validation(level=95), ConfigError, "0.025 was not trained.*80 %"),
        (
            lambda model: model.plot(axes=[None] * 3),
            InputError,
            "axes: expected at most 2, one for each",
        ),
        (lambda _: Forecaster().evaluate(shops()), NotFittedError, "not fitted yet"),
        (lambda _: Forecaster.pretrained().evaluate(shops()), RunError, "cross_validation needs none"),
        (
            lambda _: Forecaster(**SMALL).cross_validation(shops(20), windows=3),
            DataError,
            "before 3 windows of 7 steps: expected more than 21 values, found 20 at most",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_its_name_in_python(
    model: Forecaster, call: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call(model)


def test_scores_are_frames_a_verdict_and_a_report(model: Forecaster, tmp_path: Path) -> None:
    longer = shops(DAYS + 14)
    scores = model.evaluate(longer)
    assert "4 forecasts of 2 series" in scores.verdict
    by_model = scores.by_model().set_index("model")
    assert by_model.loc["model", "mae"] == scores.overall["mae"]
    assert "seasonal naive" in by_model.index
    assert scores.by_series()["shop"].tolist() == ["harbor", "station"]
    assert len(scores.by_step()) == 7
    report = scores.write_report(tmp_path / "report.html").read_text()
    assert "4 forecasts" in report
    assert len(repr(scores)) < 250


def test_rolling_origins_are_what_an_evaluation_scores(model: Forecaster) -> None:
    longer = shops(DAYS + 14)
    made = model.cross_validation(longer, level=[80])
    assert list(made) == [*KEYS, "cutoff", "actual", "forecast", "q0.1", "q0.9"]
    assert len(made) == 2 * 2 * 7
    assert made["cutoff"].dtype == longer["day"].dtype
    assert made["cutoff"].min() == longer["day"].iloc[DAYS - 1]
    actual = made.merge(longer, on=KEYS)
    pd.testing.assert_series_equal(actual["actual"], actual["sales"], check_names=False)
    error = (made["actual"] - made["forecast"]).abs().mean()
    assert error == pytest.approx(model.evaluate(longer).overall["mae"], rel=1e-6)


def test_a_forecast_from_an_origin_is_that_of_the_values_before(model: Forecaster) -> None:
    longer = shops(DAYS + 14)
    last = model.cross_validation(longer, windows=1)
    before = longer[longer["day"] <= last["cutoff"].iloc[0]]
    alone = model.predict(before)
    np.testing.assert_allclose(last["forecast"], alone["forecast"], rtol=1e-6)


def test_where_nothing_is_new_weights_that_have_not_seen_it_forecast(model: Forecaster) -> None:
    held_out = model.cross_validation()
    assert held_out["day"].max() > shops()["day"].max() - pd.Timedelta(days=7)
    before = shops()[shops()["day"] <= held_out["cutoff"].max()]
    assert not np.allclose(held_out["forecast"].tail(7), model.predict(before)["forecast"].tail(7), rtol=1e-9)


@pytest.mark.parametrize("refit", [False, True])
def test_without_a_fit_networks_see_nothing_of_what_they_forecast(refit: bool) -> None:
    windows = 2
    made = Forecaster(**SMALL).cross_validation(shops(), windows=windows, stride=3, refit=refit)
    changed = shops()
    first = made["cutoff"].min()
    changed.loc[changed["day"] > first, "sales"] *= 3  # what follows the first origin
    again = Forecaster(**SMALL).cross_validation(changed, windows=windows, stride=3, refit=refit)
    of_first = made["cutoff"] == first
    assert of_first.sum() == len(made) / windows
    pd.testing.assert_frame_equal(
        made[of_first].drop(columns="actual"), again[of_first].drop(columns="actual"), check_exact=True
    )
    assert not np.allclose(made["forecast"][~of_first], again["forecast"][~of_first])


def test_a_fitted_forecaster_stays_as_it_is(model: Forecaster) -> None:
    before = model.predict()
    model.cross_validation(refit=True)
    pd.testing.assert_frame_equal(model.predict(), before, check_exact=True)


def test_the_pretrained_network_is_cross_validated_on_what_follows() -> None:
    made = Forecaster.pretrained(h=7).cross_validation(shops(), windows=2)
    changed = shops()
    changed.loc[changed["day"] > made["cutoff"].min(), "sales"] *= 3
    again = Forecaster.pretrained(h=7).cross_validation(changed, windows=2)
    first = (made["cutoff"] == made["cutoff"].min()).to_numpy()
    np.testing.assert_array_equal(made["forecast"][first], again["forecast"][first])


def test_joint_targets_keep_their_rows_apart() -> None:
    both = shops().assign(visits=lambda frame: 10 * frame["sales"])
    parameters = {**SMALL, "target": ["sales", "visits"], "joint": True}
    made = Forecaster(**parameters).fit(both).cross_validation(windows=1)
    assert list(made)[:5] == [*KEYS, "target", "cutoff", "actual"]
    wide = made.pivot_table(index=KEYS, columns="target", values="actual")
    np.testing.assert_allclose(wide["visits"], 10 * wide["sales"])
    wanted = both.set_index(KEYS).loc[wide.index, "sales"]
    np.testing.assert_allclose(wide["sales"], wanted)


def test_a_column_that_is_called_as_one_of_ours_is_refused() -> None:
    with pytest.raises(DataError, match='"cutoff" is called as a column of the cross-validation'):
        Forecaster.pretrained(h=7).cross_validation(shops().rename(columns={"shop": "cutoff"}))


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow", "lazy"])
def test_frames_come_back_in_their_library_with_their_types(library: str) -> None:
    frame = shops().assign(shop=lambda one: one["shop"].map({"harbor": 7, "station": 12}).astype("int32"))
    data = {
        "pandas": frame,
        "polars": pl.from_pandas(frame).with_columns(pl.col("day").cast(pl.Date)),
        "pyarrow": pa.Table.from_pandas(frame, preserve_index=False),
        "lazy": pl.from_pandas(frame).lazy(),
    }[library]
    kind = {"pandas": pd.DataFrame, "pyarrow": pa.Table}.get(library, pl.DataFrame)
    model = Forecaster.pretrained(7, series="shop", target="sales")
    made = [
        model.predict(data),
        model.sample_paths(data, paths=2),
        model.cross_validation(data),
        model.predict(data, format="nixtla"),
    ]
    assert [type(one) for one in made] == [kind] * 4
    for one, names in ((made[0], KEYS), (made[2], [*KEYS, "cutoff"]), (made[3], ["unique_id", "ds"])):
        found, given = Library.of(one).types, Library.of(data).types
        wanted = {"unique_id": "shop", "ds": "day", "cutoff": "day"}
        if library != "pandas":  # whose texts become int64, as they always did
            assert [found[name] for name in names] == [given[wanted.get(name, name)] for name in names]
    numbers = [np.asarray(one["forecast"]) for one in (made[0], model.predict(frame))]
    np.testing.assert_array_equal(*numbers)


def test_a_time_zone_comes_back_in_another_library() -> None:
    hours = pd.date_range("2024-03-28", periods=72, freq="h", tz="Europe/Berlin")
    load = 20 + 5 * np.sin(2 * np.pi * np.arange(72) / 24)
    data = pl.from_pandas(pd.DataFrame({"at": hours, "load": load}))
    made = Forecaster.pretrained(7).predict(data)
    assert made.schema["at"] == data.schema["at"]
    assert made["at"].to_list() == [
        t.to_pydatetime() for t in pd.date_range(hours[-1], periods=8, freq="h")[1:]
    ]
    zoned = Forecaster.pretrained(7).predict(data, format="nixtla")
    assert zoned["ds"].to_list() == made["at"].to_list()


def test_scores_are_frames_of_the_library(model: Forecaster) -> None:
    assert isinstance(model.evaluate(pl.from_pandas(shops(DAYS + 7))).by_model(), pl.DataFrame)


def test_nixtla_evaluates_the_cross_validation(model: Forecaster) -> None:
    pytest.importorskip("utilsforecast", reason="install the extra: dev")
    from utilsforecast.evaluation import evaluate
    from utilsforecast.losses import coverage, mae

    made = model.cross_validation(shops(DAYS + 14), format="nixtla")
    assert list(made) == ["unique_id", "ds", "cutoff", "y", "LSTM", "LSTM-lo-80", "LSTM-hi-80"]
    found = evaluate(made.drop(columns="cutoff"), metrics=[mae, coverage], level=[80])
    errors = found[found["metric"] == "mae"].set_index("unique_id")["LSTM"]
    wanted = model.evaluate(shops(DAYS + 14)).by_series().set_index("shop")["mae"]
    np.testing.assert_allclose(errors, wanted, rtol=1e-6)
    assert found[found["metric"] == "coverage_level80"]["LSTM"].between(0, 1).all()


def test_nixtla_reconciles_a_forecast() -> None:
    pytest.importorskip("hierarchicalforecast", reason="install the extra: dev")
    from hierarchicalforecast.core import HierarchicalReconciliation
    from hierarchicalforecast.methods import BottomUp, MinTrace
    from hierarchicalforecast.utils import aggregate

    data = shops().rename(columns={"day": "ds", "sales": "y"}).assign(country="all")
    series, sums, tags = aggregate(data, [["country"], ["country", "shop"]])
    made = Forecaster.pretrained(7, series="unique_id", target="y").predict(
        series, format="nixtla", level=[80]
    )
    reconciler = HierarchicalReconciliation([BottomUp(), MinTrace(method="ols")])
    found = reconciler.reconcile(
        Y_hat_df=made, S_df=sums, tags=tags, level=[80], intervals_method="normality"
    )
    summed = found.pivot_table(index="ds", columns="unique_id", values="LSTM/MinTrace_method-ols")
    np.testing.assert_allclose(summed["all"], summed["all/harbor"] + summed["all/station"])
    assert (found["LSTM/BottomUp-lo-80"] <= found["LSTM/BottomUp-hi-80"]).all()


def test_counts_and_files_have_the_names_of_nixtla(tmp_path: Path) -> None:
    shops().assign(day=lambda frame: frame["day"].dt.strftime("%d.%m.%Y")).to_csv(
        tmp_path / "shops.csv", index=False
    )
    made = Forecaster.pretrained(7).predict(tmp_path / "shops.csv", format="nixtla")
    assert made["ds"].tolist()[:7] == list(pd.date_range("2024-03-01", periods=7))
    counted = Forecaster.pretrained(3).predict(
        pd.DataFrame({"sales": shops()["sales"][:DAYS]}), format="nixtla"
    )
    assert counted["ds"].tolist() == [DAYS, DAYS + 1, DAYS + 2]
    assert counted["unique_id"].tolist() == ["sales"] * 3


def test_a_plot_has_axes_for_each_series(model: Forecaster) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot

    drawn = model.plot(h=3)
    assert [axes.get_title() for axes in drawn] == ["harbor", "station"]
    assert model.plot(axes=drawn[0]) == [drawn[0]]
    labels = {line.get_label() for line in drawn[0].lines}
    assert {"history", "forecast, median"} <= labels
    forecast = model._predictor().forecast([1.0, 2.0, 3.0], last_timestamp="2024-01-31")
    axes = forecast.plot(history=[1.0, 2.0, 3.0])
    median = axes.lines[0].get_xdata()
    assert len(median) == 1 + 7  # joined to the history
    pyplot.close("all")


def test_a_console_and_a_notebook_show_little(model: Forecaster) -> None:
    shown = (model, Forecaster(7), Forecaster.pretrained(7), model.evaluate(windows=1))
    for one in shown:
        assert len(repr(one)) < 250
        html = one._repr_html_()
        ElementTree.fromstring(html)
        assert not re.search(r"<(script|style|link|img)", html)
    assert repr(shown[2]) == "Forecaster.pretrained(horizon=7)"
    assert "<svg" in model._repr_html_()
    assert model._repr_mimebundle_()["text/html"] == model._repr_html_()
    assert "seasonal naive" in model._repr_html_()


def test_names_from_data_are_text_in_a_notebook() -> None:
    evil = shops().replace({"shop": {"harbor": "<img src=x>", "station": "&amp;"}})
    html = Forecaster(**SMALL).fit(evil)._repr_html_()
    assert "<img" not in html
    ElementTree.fromstring(html)


def test_what_cannot_be_forecast_is_shown_without_a_chart() -> None:
    promoted = shops().assign(promo=lambda frame: (frame["day"].dt.day == 1).astype(int))
    fitted = Forecaster(**SMALL, known="promo").fit(promoted)
    assert "<svg" not in fitted._repr_html_()
