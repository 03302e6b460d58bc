"""Windows against a slow reference that slices one window at a time, and no look into the future."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from deploy import TimeStep
from deploy.columns import Columns
from deploy.errors import ConfigError, DataError
from forecaster.config import ModelConfig
from forecaster.data import Panel
from forecaster.model.network import Network
from forecaster.training.fit_network import standardize_covariates
from forecaster.windows.runs import Runs
from forecaster.windows.split import VALIDATION, Split, refuse_too_few, rows_enough, split
from forecaster.windows.windows import WindowSet

pytestmark = pytest.mark.slow

STEP = TimeStep(1, "hour")


def make_panel(*lengths: int, ahead: int = 0, seed: int = 0) -> Panel:
    """Random series with gaps, two known covariates that go on `ahead` rows, and all other kinds."""
    generator = np.random.default_rng(seed)
    rows = np.array(lengths) + ahead
    offsets = np.concatenate([[0], np.cumsum(rows)])
    ends = offsets[:-1] + lengths
    position = np.arange(offsets[-1]) - np.repeat(offsets[:-1], rows)
    values = generator.normal(10, 3, offsets[-1]).astype(np.float32)
    values[generator.random(len(values)) < 0.2] = np.nan
    values[np.concatenate([offsets[:-1], ends - 1])] = 7.0  # the first and the last are observed
    values[position >= np.repeat(lengths, rows)] = np.nan
    known = generator.normal(5, 2, (len(values), 2)).astype(np.float32)
    known[generator.random(known.shape) < 0.1] = np.nan
    return Panel(
        values=values,
        known=known,
        past=generator.normal(-5, 2, (len(values), 1)).astype(np.float32),
        static=generator.normal(50, 20, (len(lengths), 2)).astype(np.float32),
        categories=generator.integers(0, 3, (len(lengths), 2)),
        offsets=offsets,
        ends=ends,
        starts=np.arange(len(lengths)) * 86400,
        leads=np.zeros(len(lengths), dtype=np.int64),
        step=STEP,
        columns=Columns("time", "%Y-%m-%d %H:%M", ("y",), ("id",), ("k", "l"), ("g", "h"), ()),
        ids=tuple((str(number),) for number in range(len(lengths))),
        vocabularies=(("a", "b"), ("c", "d")),
    )


def make_config(**changes: Any) -> ModelConfig:
    shape = {"context_length": 8, "horizon": 3, "patch_length": 2, "season": 4, "hidden_size": 4}
    sizes = {"known_size": 2, "past_size": 1, "static_size": 2, "category_sizes": (3, 3)}
    return ModelConfig(**{**shape, **sizes, **changes})


def every_window(panel: Panel, context: int, horizon: int) -> WindowSet:
    """A window at each row that has a history; the last ones run over the end of their series."""
    pairs = [
        (series, row)
        for series in range(panel.series_count)
        for row in range(panel.offsets[series] + 1, panel.ends[series] + 1)
        if row < len(panel.values)
    ]
    series, origins = np.array(pairs).T
    return WindowSet(panel, context, horizon, Runs(series, origins))


def slow_window(windows: WindowSet, number: int, longest: int) -> dict[str, np.ndarray]:
    """One window, cut from the panel by slices."""
    panel, series, origin = windows.panel, windows.series[number], windows.origins[number]
    first = max(panel.offsets[series], origin - longest)
    past = slice(first, origin)
    end = min(origin + windows.horizon, panel.ends[series])
    stop = min(origin + windows.horizon, panel.offsets[series + 1])
    future = np.full(windows.horizon, np.nan, dtype=np.float32)
    future[: max(0, end - origin)] = panel.values[origin:end]
    return {
        "history": panel.values[past],
        "timestamps": panel.timestamps[past],
        "known": panel.known[past],
        "past": panel.past[past],
        "static": panel.static[series],
        "future": future,
        "future_timestamps": panel.timestamps[origin:stop],
        "future_known": panel.known[origin:stop],
        "static_cat": panel.categories[series],
    }


def targets_of(windows: WindowSet) -> np.ndarray:
    """(windows, horizon): the rows of the panel that each window forecasts."""
    return windows.origins[:, None] + np.arange(windows.horizon)


@pytest.mark.parametrize("ahead", [0, 4])
@pytest.mark.parametrize("shortest", [None, 3])
def test_a_batch_equals_windows_that_are_cut_one_by_one(ahead: int, shortest: int | None) -> None:
    windows = every_window(make_panel(20, 5, 11, ahead=ahead), context=8, horizon=3)
    longest = np.arange(len(windows)) % 8 + 1 if shortest else np.full(len(windows), 8)
    batch, future = windows.gather(
        torch.arange(len(windows)), torch.from_numpy(longest) if shortest else None
    )
    found = {name: tensor.numpy() for name, tensor in batch.tensors().items()}
    for number in range(len(windows)):
        expected = slow_window(windows, number, int(longest[number]))
        length = len(expected["history"])
        assert found["lengths"][number] == length
        for name in ("history", "timestamps", "known", "past"):
            np.testing.assert_array_equal(found[name][number, :length], expected[name])
        assert np.isnan(found["history"][number, length:]).all()
        np.testing.assert_array_equal(future[number], expected["future"])
        for name in ("future_timestamps", "future_known"):
            np.testing.assert_array_equal(found[name][number, : len(expected[name])], expected[name])
        for name in ("static_cat", "static"):
            np.testing.assert_array_equal(found[name][number], expected[name])


def test_a_batch_holds_the_windows_that_were_asked_for_in_that_order() -> None:
    windows = every_window(make_panel(20, 5), context=8, horizon=3)
    all_of_them, _ = windows.gather(torch.arange(len(windows)))
    some, _ = windows.gather(torch.tensor([7, 2, 7]))
    torch.testing.assert_close(some.history, all_of_them.history[[7, 2, 7]], rtol=0, atol=0, equal_nan=True)


def test_without_covariates_and_categories_a_batch_has_none() -> None:
    panel = make_panel(20)
    names = ("known", "past", "static", "categories")
    bare = replace(panel, **{name: getattr(panel, name)[:, :0] for name in names})
    batch, _ = every_window(bare, context=8, horizon=3).gather(torch.arange(2))
    given = (batch.known, batch.future_known, batch.static_cat, batch.past, batch.static)
    assert given == (None,) * 5


@st.composite
def random_split(draw: st.DrawFn) -> Split:
    """A split of ragged series of which one at least is long enough to validate."""
    horizon, context = draw(st.integers(1, 6)), draw(st.integers(1, 20))
    lengths = draw(st.lists(st.integers(1, 60), max_size=5))
    lengths.insert(draw(st.integers(0, len(lengths))), draw(st.integers(3 * horizon, 90)))
    config = make_config(
        horizon=horizon, context_length=context, patch_length=1, season=draw(st.integers(1, 12))
    )
    panel = make_panel(*lengths, ahead=draw(st.integers(0, 5)))
    try:
        return split(panel, config)
    except DataError:  # a context so short that every one of them is a gap
        reject()


@settings(deadline=None)
@given(random_split())
def test_no_training_target_lies_at_or_after_a_validation_target_of_its_series(parts: Split) -> None:
    trained, validated = targets_of(parts.train), targets_of(parts.validation)
    for series in np.unique(parts.validation.series):
        first = validated[parts.validation.series == series].min()
        assert trained[parts.train.series == series].max(initial=-1) < first


@settings(deadline=None)
@given(random_split())
def test_every_training_window_has_a_history_and_all_its_targets_before_the_cutoff(parts: Split) -> None:
    assert len(parts.train) > 0
    series = parts.train.series
    assert (parts.train.origins > parts.train.panel.offsets[series]).all()
    assert (targets_of(parts.train).max(axis=1) < parts.train_ends[series]).all()


@settings(deadline=None)
@given(random_split())
def test_every_validation_window_lies_wholly_between_the_cutoff_and_the_end_of_its_series(
    parts: Split,
) -> None:
    assert len(parts.validation) > 0
    series = parts.validation.series
    assert (targets_of(parts.validation).min(axis=1) >= parts.train_ends[series]).all()
    assert (targets_of(parts.validation).max(axis=1) < parts.validation.panel.ends[series]).all()


@settings(deadline=None)
@given(random_split())
def test_no_window_is_there_twice(parts: Split) -> None:
    for windows in (parts.train, parts.validation):
        assert len(np.unique(windows.origins)) == len(windows)


def change_after_the_cutoff(panel: Panel, parts: Split) -> Panel:
    """The panel with every value and covariate after the training part of its series changed."""
    row = np.arange(len(panel.values))
    series = np.searchsorted(panel.offsets, row, side="right") - 1
    after = row >= parts.train_ends[series]
    assert after.any()
    values, known, past = panel.values.copy(), panel.known.copy(), panel.past.copy()
    values[after], known[after], past[after] = 1e6, -1e6, 1e6
    return replace(panel, values=values, known=known, past=past)


def test_what_comes_after_the_cutoff_changes_no_forecast_in_training() -> None:
    panel, config = make_panel(60, 7, 33, ahead=4), make_config()
    parts = split(panel, config)
    changed = split(change_after_the_cutoff(panel, parts), config)
    torch.manual_seed(0)
    network, index = Network(config), torch.arange(len(parts.train))
    with torch.inference_mode():
        before, after = (
            network.forecast(windows.gather(index)[0]) for windows in (parts.train, changed.train)
        )
    assert torch.equal(before, after)


def test_what_comes_after_the_cutoff_changes_no_training_batch() -> None:
    panel, config = make_panel(60, 7, 33, ahead=4), make_config()
    parts = split(panel, config)
    changed = split(change_after_the_cutoff(panel, parts), config)
    index = torch.arange(len(parts.train))
    (window, future), (other, other_future) = parts.train.gather(index), changed.train.gather(index)
    inside = torch.arange(config.context_length) < window.lengths.unsqueeze(1)
    pairs = [
        (window.history, other.history),
        (window.known[inside], other.known[inside]),  # type: ignore[index]
        (window.past[inside], other.past[inside]),  # type: ignore[index]
        (window.future_known, other.future_known),
        (future, other_future),
    ]
    for before, after in pairs:
        torch.testing.assert_close(before, after, rtol=0, atol=0, equal_nan=True)


def test_what_comes_after_the_cutoff_does_not_change_how_covariates_are_standardised() -> None:
    panel, config = make_panel(60, 7, 33, ahead=4), make_config()
    parts = split(panel, config)
    changed = change_after_the_cutoff(panel, parts)
    networks = Network(config), Network(config)
    standardize_covariates(networks[0], parts)
    standardize_covariates(networks[1], split(changed, config))
    for one, other in zip(networks[0].buffers(), networks[1].buffers(), strict=True):
        assert torch.equal(one, other)


def test_covariates_are_standardised_by_the_mean_and_deviation_of_the_training_rows() -> None:
    panel, config = make_panel(60, 7, 33, ahead=4), make_config()
    parts = split(panel, config)
    network = Network(config)
    standardize_covariates(network, parts)
    begins, ends = panel.offsets[:-1], parts.train_ends
    for standardizer, column in ((network.known, panel.known), (network.past, panel.past)):
        rows = np.concatenate([column[a:b] for a, b in zip(begins, ends, strict=True)]).astype(np.float64)
        # The buffers are float32.
        np.testing.assert_allclose(standardizer.location.numpy(), np.nanmean(rows, axis=0), rtol=1e-6)
        np.testing.assert_allclose(standardizer.scale.numpy(), np.nanstd(rows, axis=0), rtol=1e-6)


def test_static_numbers_are_standardised_over_the_series_that_train() -> None:
    panel, config = make_panel(60, 2, 33), make_config()  # the second is too short
    panel.static[:] = [[1, np.nan], [1000, 1000], [3, 5]]
    network = Network(config)
    standardize_covariates(network, split(panel, config))
    assert network.static.location.tolist() == [2, 5]
    assert network.static.scale.tolist() == [1, 1]


def test_a_covariate_without_a_value_in_training_does_not_spoil_the_network() -> None:
    panel, config = make_panel(60), make_config()
    panel.known[:, 1] = np.nan
    network = Network(config)
    standardize_covariates(network, split(panel, config))
    assert torch.isfinite(network.known.location).all()
    assert torch.isfinite(network.known.scale).all()


def test_a_short_series_trains_and_does_not_validate() -> None:
    parts = split(make_panel(60, 8), make_config())  # three horizons are 9
    assert (parts.train.series == 1).any()
    assert not (parts.validation.series == 1).any()
    assert parts.train_ends[1] == parts.train.panel.ends[1]


def test_a_series_of_three_horizons_trains_and_validates() -> None:
    parts = split(make_panel(9), make_config())
    assert len(parts.train) > 0
    assert parts.validation.origins.tolist() == [6]


def test_a_series_no_longer_than_a_horizon_takes_no_part() -> None:
    parts = split(make_panel(60, 3), make_config())
    assert not (parts.train.series == 1).any()
    assert not (parts.validation.series == 1).any()


def test_a_long_series_trains_from_a_third_of_a_context_on() -> None:
    parts = split(make_panel(200), make_config())
    assert parts.train.origins.min() == 3


def test_a_fifth_of_a_series_is_held_out() -> None:
    parts = split(make_panel(50, 500), make_config())
    assert (parts.train.panel.ends - parts.train_ends).tolist() == [10, 100]


def test_many_series_hold_out_four_horizons_each() -> None:
    parts = split(make_panel(*[500] * 200), make_config())
    assert set((parts.train.panel.ends - parts.train_ends).tolist()) == {12}


def test_the_first_half_of_what_is_held_out_validates_and_the_second_calibrates() -> None:
    parts = split(make_panel(500), make_config())
    assert parts.validation.origins[[0, -1]].tolist() == [400, 447]
    assert parts.calibration.origins[[0, -1]].tolist() == [450, 497]


def test_series_that_hold_out_a_horizon_take_turns() -> None:
    parts = split(make_panel(9, 9, 9), make_config())
    assert (parts.validation.series.tolist(), parts.calibration.series.tolist()) == ([0, 2], [1])


def test_one_short_series_validates_and_does_not_calibrate() -> None:
    parts = split(make_panel(9), make_config())
    assert (len(parts.validation), len(parts.calibration)) == (1, 0)


def test_all_that_is_held_out_stands_by_series_and_time() -> None:
    parts = split(make_panel(60, 9, 9), make_config())
    held_out = parts.held_out
    assert len(held_out) == len(parts.validation) + len(parts.calibration)
    assert np.lexsort((held_out.origins, held_out.series)).tolist() == list(range(len(held_out)))


def test_a_refit_sees_every_value() -> None:
    parts = split(make_panel(500, 60), make_config())
    last = [parts.whole.origins[parts.whole.series == series].max() for series in (0, 1)]
    assert last == [497, 557]


def test_validation_may_be_said_to_be_the_last_values_of_each_series() -> None:
    parts = split(make_panel(500, 60), make_config(), held_out=40)
    assert (parts.train.panel.ends - parts.train_ends).tolist() == [40, 40]
    assert parts.validation.origins[[0, -1]].tolist() == [460, 537]


def test_a_series_barely_longer_than_what_validates_trains_only() -> None:
    parts = split(make_panel(500, 45), make_config(), held_out=40)
    assert parts.train_ends[1] == parts.train.panel.ends[1]
    assert not (parts.validation.series == 1).any()


def test_a_part_that_validates_no_horizon_is_refused() -> None:
    with pytest.raises(ConfigError, match="held_out: expected a horizon at least, 3, found 2"):
        split(make_panel(500), make_config(), held_out=2)


def test_series_too_short_for_what_is_to_validate_are_refused() -> None:
    with pytest.raises(DataError, match="needs at least 46; give more data or a smaller held_out"):
        split(make_panel(45), make_config(), held_out=40)


def test_validation_of_many_series_is_thinned_out_over_all_of_them() -> None:
    parts = split(make_panel(*[60] * 2000), make_config())
    assert len(parts.validation) <= VALIDATION.most
    assert len(np.unique(parts.validation.series)) > 1000


@pytest.mark.parametrize("lengths", [(8,), (1,), (3, 8, 5)])
def test_series_too_short_to_train_and_to_validate_are_refused(lengths: tuple[int, ...]) -> None:
    with pytest.raises(DataError) as error:
        split(make_panel(*lengths), make_config())
    assert str(error.value) == (
        f"too short: the longest series has {max(lengths)} values; to train and to validate a horizon of 3 "
        "needs at least 9; give more data or a shorter --horizon; forecasting with --pretrained needs no fit"
    )


def test_a_context_or_a_horizon_without_any_value_is_no_window() -> None:
    panel = make_panel(200)
    values = panel.values.copy()
    values[150:190] = np.nan
    parts = split(replace(panel, values=values), make_config())
    for windows in (parts.train, parts.validation):
        window, future = windows.gather(torch.arange(len(windows)))
        assert torch.isfinite(window.history).any(1).all()
        assert torch.isfinite(future).any(1).all()


@pytest.mark.parametrize(("weighting", "share"), [("windows", 0.9), ("series", 0.5)])
def test_a_long_series_is_drawn_by_its_windows_or_as_often_as_a_short_one(
    weighting: str, share: float
) -> None:
    windows = split(make_panel(400, 60), make_config()).train
    index = windows.draw(4000, weighting, torch.Generator().manual_seed(0))
    expected = float((windows.series == 0).mean()) if weighting == "windows" else share
    found = float((windows.series[index.numpy()] == 0).mean())
    assert abs(found - expected) < 3 * (expected * (1 - expected) / 4000) ** 0.5


def test_every_window_of_a_series_is_as_likely() -> None:
    windows = split(make_panel(40, 200), make_config()).train
    index = windows.draw(40000, "series", torch.Generator().manual_seed(0)).numpy()
    for series in (0, 1):
        members = np.flatnonzero(windows.series == series)
        counts = np.bincount(index, minlength=len(windows))[members]
        assert counts.min() > 0
        assert abs(counts / counts.mean() - 1).max() < 6 / counts.mean() ** 0.5


def panel_of(values: np.ndarray) -> Panel:
    return replace(make_panel(len(values)), values=values.astype(np.float32))


def parts_of(values: np.ndarray, **lengths: int) -> tuple[Split, ModelConfig]:
    model = ModelConfig(**{"context_length": 4, "horizon": 1, "patch_length": 1, "season": 1, **lengths})
    return split(panel_of(values), model), model


def test_five_values_are_too_few_to_learn_from_and_it_says_how_many_are_enough() -> None:
    with pytest.raises(DataError) as error:
        refuse_too_few(*parts_of(np.arange(5.0), context_length=2))
    assert str(error.value) == (
        "too few values to learn from: the longest series has 5 values, of which 4 train, in 3 windows; "
        "a context of 2 and a horizon of 1 need 7 values; give more data; forecasting with --pretrained "
        "needs no fit"
    )


def test_many_short_series_are_enough_though_none_is_as_long_as_a_season() -> None:
    model = ModelConfig(context_length=6, horizon=2, patch_length=1, season=52)
    refuse_too_few(split(make_panel(*[12] * 10), model), model)


def test_windows_that_gaps_leave_are_too_few() -> None:
    values = np.full(60, np.nan)
    values[:2] = 1.0, 2.0
    values[48:] = 1.0
    with pytest.raises(DataError, match=r"too few observed values: .* expected 5 or more; give more data"):
        refuse_too_few(*parts_of(values, horizon=1, context_length=1, season=1, patch_length=1))


@pytest.mark.parametrize("season", [1, 7, 12, 52])
@pytest.mark.parametrize("horizon", [1, 2, 5, 12])
@pytest.mark.parametrize("context", [2, 6, 24, 60])
def test_as_many_values_as_are_said_to_be_enough_are(season: int, horizon: int, context: int) -> None:
    model = ModelConfig(context_length=context, horizon=horizon, patch_length=1, season=season)
    enough = rows_enough(model)
    values = np.random.default_rng(0).normal(size=enough)
    refuse_too_few(split(panel_of(values), model), model)
    with pytest.raises(DataError, match=f"need {enough} values|needs at least {enough}"):
        refuse_too_few(split(panel_of(values[:-1]), model), model)
