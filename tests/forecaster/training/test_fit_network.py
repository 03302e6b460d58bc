"""The training loop on tiny panels."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from fits import Recorder, config_of, panel_of, waves

from deploy.errors import ConfigError, DataError
from forecaster.show.fit_progress import result
from forecaster.training import loop as fitting
from forecaster.training.fit_network import fit
from forecaster.training.resume.adamw import AdamW
from forecaster.training.validation import Score

pytestmark = pytest.mark.slow


def score(loss: float) -> Score:
    return Score(loss, mase=1.0, free=(1.0,), forced=(1.0,), exposure_bias=1.0)


def test_a_fit_learns_and_beats_the_seasonal_naive_forecast() -> None:
    fitted = fit(panel_of(waves(600)), config_of(updates=150, learning_rate=1e-2), Recorder())
    assert fitted.best.mase < 0.9 * fitted.baselines["seasonal naive"]


def test_a_fit_of_five_values_is_refused_before_the_first_update() -> None:
    listener = Recorder()
    with pytest.raises(DataError, match="too few values to learn from"):
        fit(panel_of(waves(5)), config_of({"horizon": 1, "context_length": 2, "season": 1}), listener)
    assert not listener.losses


def test_no_error_of_a_constant_series_is_said_to_be_not_a_number() -> None:
    fitted = fit(panel_of(np.full(60, 5.0)), config_of(), Recorder())
    said = "\n".join(result(fitted))
    assert said.startswith("free-running validation loss - (")
    assert "; no MASE, since no values that train differ from those of a season before" in said
    assert "nan" not in said


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
    original = AdamW.step
    monkeypatch.setattr(AdamW, "step", lambda self, *a, **k: (steps.append(1), original(self, *a, **k))[1])
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
