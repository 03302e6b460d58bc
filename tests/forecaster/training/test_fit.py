"""The training loop on tiny panels."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from fits import Recorder, config_of, panel_of, waves

from deploy.errors import ConfigError, DataError
from forecaster.config import TrainConfig
from forecaster.model.calendar import MISSING_TIME
from forecaster.model.network import Network
from forecaster.training import loop as fitting
from forecaster.training.curriculum import Curriculum
from forecaster.training.fit import fit
from forecaster.training.loss import pinball
from forecaster.training.masking import hide, shorten
from forecaster.training.schedules import learning_rate, progress_of
from forecaster.training.update import training_loss
from forecaster.training.validation import Score
from forecaster.windows.split import split
from forecaster.windows.window import Window

FORCED = Curriculum(TrainConfig(), torch.Generator())


def score(loss: float) -> Score:
    return Score(loss, mase=1.0, free=(1.0,), forced=(1.0,), exposure_bias=1.0)


def test_a_fit_learns_and_beats_the_seasonal_naive_forecast() -> None:
    fitted = fit(panel_of(waves(600)), config_of(updates=150, learning_rate=1e-2), Recorder())
    assert fitted.best.mase < 0.9 * fitted.baselines["seasonal naive"]


@pytest.mark.parametrize(
    "train",
    [
        {"schedule": "linear", "sampling": "step"},
        {"schedule": "inverse-sigmoid", "sampling": "sequence"},
        {"schedule": "exponential", "direction": "increase"},
        {"schedule": "switch"},
        {"schedule": "constant", "epsilon": 0.5},
    ],
    ids=lambda train: train["schedule"],
)
def test_every_curriculum_trains_to_a_finite_loss(train) -> None:
    fitted = fit(panel_of(waves()), config_of(**train), Recorder())
    assert all(math.isfinite(epoch.train_loss) for epoch in fitted.logs[0])


def test_the_same_seed_gives_the_same_weights() -> None:
    first, second = (fit(panel_of(waves()), config_of(seed=3), Recorder()).ensemble.first for _ in range(2))
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name


def test_another_seed_gives_other_weights() -> None:
    first, second = (fit(panel_of(waves()), config_of(seed=s), Recorder()).ensemble.first for s in (1, 2))
    assert not torch.equal(first.decoder.next_rows.weight, second.decoder.next_rows.weight)


def test_there_is_one_optimizer_step_for_each_update_over_the_whole_sequence(monkeypatch) -> None:
    steps = []
    original = torch.optim.AdamW.step
    monkeypatch.setattr(
        torch.optim.AdamW, "step", lambda self, *a, **k: (steps.append(1), original(self, *a, **k))[1]
    )
    recorder = Recorder()
    fit(panel_of(waves()), config_of(updates=11, epochs=2, schedule="linear"), recorder)
    assert len(steps) == len(recorder.losses) == 11


def test_the_weights_kept_are_those_of_the_best_free_running_validation_loss() -> None:
    recorder = Recorder()
    fitted = fit(panel_of(waves()), config_of(updates=40, epochs=8, learning_rate=0.5), recorder)
    lowest = min(recorder.epochs, key=lambda epoch: epoch.validation_loss)
    validation = fitting.Validation(fitted.split, 6)
    assert fitted.best == lowest
    assert validation.score(fitted.ensemble.first).loss == pytest.approx(lowest.validation_loss, rel=1e-6)


def test_a_fit_stops_when_nothing_improves_any_more() -> None:
    config = config_of(updates=400, epochs=40, patience=2, learning_rate=1.0)
    fitted = fit(panel_of(waves()), config, Recorder())
    assert len(fitted.logs[0]) < 40
    assert not any(epoch.best for epoch in fitted.logs[0][-2:])


def test_patience_waits_until_the_horizon_rows_had_their_share(monkeypatch) -> None:
    scores = iter(range(100))
    monkeypatch.setattr(fitting.Validation, "score", lambda *_: score(float(next(scores))))
    fitted = fit(panel_of(waves()), config_of(updates=100, epochs=20, patience=1), Recorder())
    assert fitted.logs[0][-1].updates >= 75


def test_a_time_limit_ends_the_fit_with_its_schedule_finished(monkeypatch) -> None:
    clock = iter(np.arange(0, 10**6, 0.5))
    monkeypatch.setattr(fitting.time, "monotonic", lambda: float(next(clock)))
    config = config_of(updates=10**6, epochs=20, max_seconds=30.0, schedule="linear")
    fitted = fit(panel_of(waves()), config, Recorder())
    assert fitted.logs[0][-1].forced_share == 0.0
    assert fitted.logs[0][-1].updates < 100


def test_the_horizon_rows_train_from_the_middle_on_and_not_before() -> None:
    panel, config = panel_of(waves()), config_of().model
    window, future = split(panel, config).train.gather(torch.arange(8))
    for progress, trains in ((0.49, False), (0.5, True)):
        network = Network(config)
        loss, _ = training_loss(network, window, future, FORCED, progress)
        loss.backward()
        gradient = network.decoder.delta_rows.weight.grad
        assert (gradient is not None and bool(gradient.any())) is trains


def test_a_window_with_a_constant_context_teaches_nothing() -> None:
    panel, config = panel_of(np.r_[np.full(60, 5.0), waves(60)]), config_of().model
    window, future = split(panel, config).train.gather(torch.arange(3))
    loss, _ = training_loss(Network(config), window, future, FORCED, 0.9)
    assert loss.item() == 0.0


def test_missing_and_padded_targets_never_count() -> None:
    rows = torch.randn(3, 3, 2, 9)
    truth = torch.randn(3, 3, 2)
    truth[1, 1, 0], truth[2] = torch.nan, torch.nan
    levels = torch.linspace(0.1, 0.9, 9)
    total, count = 0.0, 0
    for b in range(3):
        for k in range(3):
            for i in range(2):
                if torch.isfinite(truth[b, k, i]):
                    error = truth[b, k, i] - rows[b, k, i]
                    total += float(torch.where(error > 0, levels * error, (levels - 1) * error).mean())
                    count += 1
    assert float(pinball(rows, truth, levels)) == pytest.approx(total / count, rel=1e-5)


def test_a_gap_in_the_future_changes_no_other_gradient() -> None:
    config = config_of().model
    window, future = split(panel_of(waves()), config).train.gather(torch.arange(4))
    gone = future.clone()
    gone[0] = torch.nan
    network = Network(config)
    loss, _ = training_loss(network, window, gone, FORCED, 0.9)
    without = torch.autograd.grad(loss, list(network.parameters()))
    window, rest = split(panel_of(waves()), config).train.gather(torch.arange(1, 4))
    loss, _ = training_loss(network, window, rest, FORCED, 0.9)
    for found, reference in zip(without, torch.autograd.grad(loss, list(network.parameters())), strict=True):
        torch.testing.assert_close(found, reference, rtol=1e-4, atol=1e-6)


def test_a_fit_that_diverges_says_so_and_keeps_nothing() -> None:
    with pytest.raises(ConfigError, match=r"training diverged: the loss of update \d+ is (nan|inf)"):
        fit(panel_of(waves()), config_of(updates=60, learning_rate=1e30), Recorder())


@pytest.mark.parametrize(("patch", "early"), [(2, False), (6, True)])
def test_an_early_epoch_is_kept_only_where_free_running_is_one_step(monkeypatch, patch, early) -> None:
    scores = iter(range(100))
    monkeypatch.setattr(fitting.Validation, "score", lambda *_: score(float(next(scores))))
    fitted = fit(panel_of(waves()), config_of({"patch_length": patch}, epochs=10, patience=9), Recorder())
    assert (fitted.best.progress <= 0.5) is early


def test_where_nothing_can_be_compared_the_last_weights_are_kept() -> None:
    stuck = np.r_[waves(150), np.full(150, 5.0)]
    fitted = fit(panel_of(stuck), config_of(), Recorder())
    assert math.isnan(fitted.best.validation_loss)
    assert fitted.best == fitted.logs[0][-1]


def test_epochs_are_spread_over_a_time_limit(monkeypatch) -> None:
    clock = iter(np.arange(0, 10**6, 0.1))
    monkeypatch.setattr(fitting.time, "monotonic", lambda: float(next(clock)))
    fitted = fit(panel_of(waves()), config_of(updates=10**6, epochs=10, max_seconds=30.0), Recorder())
    assert len(fitted.logs[0]) == 10


def test_too_short_a_series_is_refused_with_what_it_needs() -> None:
    with pytest.raises(DataError, match=r"longest series has 17 values.*needs at least 18"):
        fit(panel_of(waves(17)), config_of(), Recorder())


def test_series_too_short_to_train_alone_train_beside_longer_ones() -> None:
    fitted = fit(panel_of(waves(120), waves(9), waves(3)), config_of(), Recorder())
    assert math.isfinite(fitted.best.mase)


def test_the_rate_rises_to_its_peak_and_falls_to_nearly_nothing() -> None:
    train = TrainConfig(learning_rate=1.0, warm_up=0.2)
    rates = [learning_rate(train, step / 100) for step in range(101)]
    assert rates[0] == pytest.approx(1 / 25)
    assert max(rates) == rates[20] == pytest.approx(1.0)
    assert rates[100] == pytest.approx(1e-4)
    assert rates[:21] == sorted(rates[:21])
    assert rates[20:] == sorted(rates[20:], reverse=True)


def test_progress_is_the_share_of_updates_or_of_time_whichever_is_more() -> None:
    train = TrainConfig(updates=100, max_seconds=10.0)
    assert progress_of(train, 50, 1.0) == 0.5
    assert progress_of(train, 10, 7.0) == 0.7
    assert progress_of(train, 100, 0.0) == progress_of(train, 0, 99.0) == 1.0


def test_hiding_leaves_most_windows_alone_and_no_target_behind_a_cut_future() -> None:
    config, generator = config_of({"known_size": 1}).model, torch.Generator().manual_seed(0)
    window, future = split(panel_of(waves()), config).train.gather(torch.zeros(4000, dtype=torch.int64))
    known = torch.ones(4000, 6, 1)
    window = Window(**{**vars(window), "known": torch.ones(4000, 18, 1), "future_known": known})
    hidden, cut = hide(window, future, generator)
    lost = torch.isnan(hidden.future_known[:, :, 0])
    assert torch.equal(torch.isnan(cut), lost)
    assert not lost[:, 0].any()
    assert 0.05 < float(lost[:, -1].float().mean()) < 0.1  # a tenth is cut, a sixth of those at the very end
    unknown = (hidden.timestamps == MISSING_TIME).all(1).float().mean()
    assert 0.08 < float(unknown) < 0.12


def test_hiding_makes_some_static_numbers_and_some_past_covariates_unknown_all_along() -> None:
    config, generator = config_of().model, torch.Generator().manual_seed(0)
    window, future = split(panel_of(waves()), config).train.gather(torch.zeros(4000, dtype=torch.int64))
    given = {"past": torch.ones(4000, 18, 2), "static": torch.ones(4000, 2)}
    hidden, _ = hide(Window(**{**vars(window), **given}), future, generator)
    past, static = torch.isnan(hidden.past), torch.isnan(hidden.static)
    assert torch.equal(past.all(1), past.any(1))
    for share in (*past[:, 0].float().mean(0), *static.float().mean(0)):
        assert 0.04 < float(share) < 0.06
    assert not torch.equal(past[:, 0, 0], past[:, 0, 1])


def test_a_tenth_of_the_histories_is_shortened() -> None:
    longest = shorten(4000, 18, torch.Generator().manual_seed(0))
    assert longest.min() >= 1
    assert longest.max() == 18
    assert 0.08 < float((longest < 18).float().mean()) < 0.12
