"""Whether a fit begins at the pretrained network, and what follows from that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from deploy import Predictor
from deploy.errors import ConfigError, DataError
from forecaster import Forecaster
from forecaster.config.settings import collect_named
from forecaster.pretrained.kinds import HIDDEN, MAPS
from forecaster.pretrained.shipped import POSITIVE
from forecaster.pretrained.transplant import mirrored
from forecaster.workflows.preparation import Prepared, pretrained_network
from forecaster.workflows.preparation import prepare as prepare_fit
from forecaster.workflows.recipes.start_recipe import (
    CLEARLY_BETTER,
    FEW,
    MANY_PATCHES,
    MUCH,
    MUCH_WITH_KNOWN,
)
from forecaster.workflows.recipes.training_recipe import PANEL_SERIES


def waves(rows: int = 200, *, low: float = 5.0, step: str = "MS") -> pd.DataFrame:
    """Return one series with a season of a year."""
    time = np.arange(rows)
    noise = np.random.default_rng(0).normal(0, 0.3, rows)
    values = low + 2 * np.sin(time * 2 * np.pi / 12) + 0.01 * time + noise
    return pd.DataFrame({"date": pd.date_range("2000-01-01", periods=rows, freq=step), "y": values})


def prepare(frame: pd.DataFrame, **settings: Any) -> Prepared:
    return prepare_fit(frame, collect_named(settings, {}))


def test_a_fit_begins_at_the_pretrained_network_by_default() -> None:
    prepared = prepare(waves())
    config = prepared.config
    assert (config.train.start, config.model.highway, config.model.hidden_size) == (
        "pretrained",
        MAPS,
        HIDDEN,
    )
    assert (config.model.patch_length, config.model.context_length) == (12, 144)
    assert (config.train.free_from, len(prepared.origins)) == (0.0, 4)


def test_few_values_are_forecast_by_all_faces_of_the_pretrained_network() -> None:
    prepared = prepare(waves())
    assert prepared.config.train.normalizations == POSITIVE
    found = [network.config.normalization for network in prepared.origins]
    assert found == [*POSITIVE, *POSITIVE]
    shapes = [network.config for network in prepared.origins[:2]]
    for plain, turned, shape in zip(prepared.origins[:2], prepared.origins[2:], shapes, strict=True):
        state = {name: part.numpy() for name, part in plain.state_dict().items()}
        expected = mirrored(state, shape)
        for name, part in turned.state_dict().items():
            np.testing.assert_array_equal(part.numpy(), expected[name])


def test_what_may_be_0_is_forecast_by_amounts_alone() -> None:
    train = prepare(waves(low=0.0)).config.train
    assert (train.members, train.normalizations) == (2, ("last-difference",))


def test_many_values_train_one_network_unless_more_are_asked_for() -> None:
    many = waves(FEW, step="h")
    assert (prepare(many).config.train.members, prepare(many).config.train.normalizations) == (1, ())
    assert prepare(many, members=3).config.train.normalizations == POSITIVE
    assert prepare(waves(), members=1).config.train.members == 1


def test_a_run_of_several_faces_reads_back_and_exports_equal(tmp_path: Path) -> None:
    fitted = Forecaster(horizon=12, members=2, settings={"updates": 0}).fit(waves())
    fitted.save(tmp_path / "run")
    again = Forecaster.load(tmp_path / "run")
    assert [network.config.normalization for network in again.run_.ensemble.networks] == [
        *POSITIVE,
    ]
    pd.testing.assert_frame_equal(again.predict(waves()), fitted.predict(waves()))
    fitted.export(tmp_path / "bundle")
    history = waves()["y"].to_numpy()
    served = Predictor.load(tmp_path / "bundle").forecast(history).median.ravel()
    np.testing.assert_allclose(served, fitted.predict()["forecast"], rtol=1e-4)


def test_a_run_of_several_faces_is_continued_with_each(tmp_path: Path) -> None:
    Forecaster(horizon=12, settings={"updates": 4, "epochs": 2}).fit(waves()).save(tmp_path / "run")
    prepared = prepare_fit(waves(230), collect_named({}, {}), tmp_path / "run")
    assert (prepared.config.train.members, prepared.config.train.normalizations) == (4, POSITIVE)
    assert [network.config.normalization for network in prepared.origins] == [*POSITIVE, *POSITIVE]
    assert prepared.config.train.start == "run"


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden_size": 64},
        {"highway": 1},
        {"decoder_layers": 2},
        {"normalization": "none"},
        {"patch_length": 2},
        {"patch_length": 6},
    ],
)
def test_a_network_of_another_shape_begins_at_random(settings: dict[str, Any]) -> None:
    prepared = prepare(waves(), **settings)
    assert (prepared.config.train.start, prepared.origins) == ("random", ())


def test_random_weights_may_be_asked_for() -> None:
    assert prepare(waves(), start="random").config.train.start == "random"


def test_a_pretrained_start_that_cannot_be_is_refused_with_the_setting() -> None:
    with pytest.raises(
        ConfigError, match="pretrained network cannot be the start: its hidden_size is 128, not 9"
    ):
        prepare(waves(), start="pretrained", hidden_size=9)


@pytest.mark.parametrize("length", [{"season": 37}, {"season": 12, "context_length": 7}])
def test_a_pretrained_start_of_other_lengths_is_refused(length: dict[str, int]) -> None:
    assert prepare(waves(), **length).config.train.start == "random"
    with pytest.raises(ConfigError, match="the pretrained network cannot be the start"):
        prepare(waves(), start="pretrained", **length)


def test_a_patch_and_a_context_that_are_said_stand() -> None:
    model = prepare(waves(), patch_length=12, context_length=50).config.model
    assert (model.patch_length, model.context_length, model.highway) == (12, 50, MAPS)


def test_logarithms_are_taken_where_the_network_forecasts_better_by_them() -> None:
    rows, draw = np.arange(240), np.random.default_rng(0)
    wave = np.sin(rows * 2 * np.pi / 12)
    growing = np.exp(0.03 * rows + 0.8 * wave) * np.exp(draw.normal(0, 0.02, 240))
    falling = 400 - 1.58 * rows + 8 * wave + draw.normal(0, 1, 240)  # to 20
    alone = [prepare(waves(240).assign(y=y), members=1).config for y in (growing, falling)]
    found = [config.model.normalization for config in alone]
    assert found[0] == "log-last-difference"
    assert found[1] != "log-last-difference"


def test_no_logarithm_is_taken_of_what_is_not_positive() -> None:
    assert "log" not in prepare(waves(low=0.0)).config.model.normalization


def test_more_values_are_learned_from_for_longer() -> None:
    few, many = (prepare(waves(rows)).config.train.updates for rows in (FEW, 10 * FEW))
    assert few < many


@pytest.mark.parametrize(("shops", "days"), [(1, 28), (PANEL_SERIES - 1, 28), (PANEL_SERIES, 14)])
def test_many_series_of_hours_look_back_on_two_weeks(shops: int, days: int) -> None:
    panel = pd.concat([waves(700, step="h").assign(shop=f"s{number}") for number in range(shops)])
    assert prepare(panel).config.model.context_length == days * 24


@pytest.mark.parametrize(
    ("shops", "start"), [(1, "random"), (PANEL_SERIES - 1, "random"), (PANEL_SERIES, "pretrained")]
)
def test_a_few_series_that_teach_much_begin_at_random_weights(shops: int, start: str) -> None:
    rows = -(-MUCH // shops)
    panel = pd.concat([waves(rows, step="h").assign(shop=f"s{number}") for number in range(shops)])
    assert prepare(panel).config.train.start == start
    assert prepare(panel.groupby("shop").head(rows - 1), season=24).config.train.start == "pretrained"


def test_what_is_known_ahead_is_learned_from_random_weights_unless_by_a_panel() -> None:
    shop = waves(MUCH_WITH_KNOWN).assign(price=np.arange(MUCH_WITH_KNOWN) % 7)
    assert prepare(shop, known=["price"]).config.train.start == "random"
    assert prepare(shop, past=["price"]).config.train.start == "pretrained"
    assert prepare(shop.iloc[1:], known=["price"]).config.train.start == "pretrained"
    panel = pd.concat([shop.iloc[:200].assign(shop=f"s{number}") for number in range(PANEL_SERIES)])
    assert prepare(panel, known=["price"]).config.train.start == "pretrained"


def test_of_few_values_what_was_trained_has_to_be_clearly_better_unless_there_are_covariates() -> None:
    few = waves(FEW - 1)
    assert prepare(few).config.train.tolerance == CLEARLY_BETTER < 0
    assert prepare(waves(FEW)).config.train.tolerance > 0
    with_price = few.assign(price=np.arange(len(few)) % 7)
    assert prepare(with_price, known=["price"]).config.train.tolerance > 0


def test_short_series_are_learned_from_gently_however_many_there_are() -> None:
    def panel(rows: int) -> pd.DataFrame:
        return pd.concat([waves(rows).assign(shop=f"s{number}") for number in range(FEW // 100)])

    short, long = (prepare(panel(rows)).config.train for rows in (MANY_PATCHES * 12 - 1, MANY_PATCHES * 12))
    assert (short.members, long.members) == (4, 1)
    assert short.learning_rate < long.learning_rate / 2
    assert short.tolerance == CLEARLY_BETTER < 0 < long.tolerance


def test_short_series_with_covariates_need_only_be_learned_from_with_some_success() -> None:
    shops = pd.concat([waves(100).assign(shop=f"s{number}", price=1.0) for number in range(FEW // 100)])
    assert prepare(shops, known=["price"]).config.train.tolerance == 0


def test_a_fit_without_updates_is_judged_and_calibrated() -> None:
    fitted = Forecaster(horizon=12, settings={"updates": 0}).fit(waves())
    assert [epoch.updates for log in fitted.run_.logs for epoch in log] == [0] * 4
    assert np.isfinite(fitted.metrics_["validation"]["mase"])
    assert fitted.metrics_["calibration"]["windows"] > 0
    for origin, network in zip(prepare(waves()).origins, fitted.run_.ensemble.networks, strict=True):
        start, kept = origin.state_dict(), network.state_dict()
        assert all(torch.equal(kept[name], start[name]) for name in start)


def test_random_weights_without_updates_are_refused() -> None:
    with pytest.raises(ConfigError, match="updates is 0, and random weights forecast nothing"):
        prepare(waves(), start="random", updates=0)


@pytest.mark.parametrize("start", ["pretrained", "random"])
def test_effort_moves_the_updates(start: str) -> None:
    frame = waves(1500)
    usual = prepare(frame, start=start).config.train.updates
    assert prepare(frame, start=start, effort="fast").config.train.updates == pytest.approx(usual / 4, abs=1)
    assert prepare(frame, start=start, effort="thorough").config.train.updates == pytest.approx(
        4 * usual, abs=2
    )
    assert prepare(frame, start=start, effort="fast", updates=7).config.train.updates == 7


def test_a_thorough_fit_of_many_values_trains_all_faces() -> None:
    assert prepare(waves(FEW, step="h"), effort="thorough").config.train.members == 4


def test_an_effort_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="effort"):
        prepare(waves(), effort="lazy")


def test_new_inputs_change_nothing_before_they_are_trained() -> None:
    frame = waves().assign(price=np.arange(200.0))
    plain, told = prepare(waves()), prepare(frame, known=["price"])
    networks = [pretrained_network(each.config.model) for each in (plain, told)]
    steps, width = told.config.model.encoder_steps, networks[0].encoder.lstm.input_size
    rows = torch.randn(2, steps, width)
    extra = networks[1].encoder.lstm.input_size - width
    padding = torch.zeros(rows.shape[:2], dtype=torch.bool)
    with torch.no_grad():
        small = networks[0].encoder(rows, padding)
        large = networks[1].encoder(torch.cat([rows, torch.randn(2, steps, extra)], dim=2), padding)
    assert extra > 0
    torch.testing.assert_close(small, large)


def test_a_run_says_where_it_began(tmp_path: Path) -> None:
    fitted = Forecaster(horizon=12, settings={"updates": 4, "epochs": 2}).fit(waves())
    fitted.save(tmp_path / "run")
    assert Forecaster.load(tmp_path / "run").config_.train.start == "pretrained"
    log = fitted.run_.logs[0]
    assert [(epoch.epoch, epoch.updates) for epoch in log] == [(0, 0), (1, 2), (2, 4)]


def test_the_start_is_kept_where_no_update_improves_it() -> None:
    """A rate that destroys what is known: the first candidate, without an update, stays the best."""
    settings = {"updates": 6, "epochs": 2, "learning_rate": 1.0, "averaging": 0.0}
    fitted = Forecaster(horizon=12, settings=settings).fit(waves())
    assert fitted.metrics_["validation"]["updates"] == 0
    for origin, network in zip(prepare(waves()).origins, fitted.run_.ensemble.networks, strict=True):
        start, kept = origin.state_dict(), network.state_dict()
        assert all(torch.equal(kept[name], start[name]) for name in start)
    assert fitted.run_.backtest is None


@pytest.mark.parametrize("rows", [3, 20])
def test_series_that_are_too_short_to_train_are_forecast_as_they_are(
    rows: int, caplog: pytest.LogCaptureFixture
) -> None:
    fitted = Forecaster(horizon=18).fit(waves(rows))
    assert "the pretrained network forecasts" in caplog.text
    table = fitted.predict()
    assert len(table) == 18
    assert np.isfinite(table.select_dtypes("number").to_numpy()).all()
    without = Forecaster.pretrained(18).predict(waves(rows))
    np.testing.assert_allclose(table["forecast"], without["forecast"], rtol=1e-4)


def test_random_weights_are_not_served_where_there_are_too_few_values() -> None:
    with pytest.raises(DataError, match="too short"):
        Forecaster(horizon=18, start="random").fit(waves(20))
