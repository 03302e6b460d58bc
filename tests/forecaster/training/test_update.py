"""The loss of one update: which rows and which values count."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fits import config_of, panel_of, waves

from forecaster.config import TrainConfig
from forecaster.model.network import Network
from forecaster.training.curriculum import Curriculum
from forecaster.training.loss import pinball
from forecaster.training.update import training_loss
from forecaster.windows.split import split

FORCED = Curriculum(TrainConfig(), torch.Generator())


def test_the_horizon_rows_train_from_the_middle_on_and_not_before() -> None:
    panel, config = panel_of(waves()), config_of().model
    window, future = split(panel, config).train.gather(torch.arange(8))
    for progress, trains in ((0.49, False), (0.5, True)):
        network = Network(config)
        loss, _ = training_loss(network, window, future, FORCED, progress)
        loss.backward()
        gradient = network.decoder.delta_rows.weight.grad
        assert (gradient is not None and bool(gradient.any())) is trains


def test_a_free_run_for_the_rows_teaches_their_widths_and_nothing_else() -> None:
    panel, config = panel_of(waves()), config_of().model
    window, future = split(panel, config).train.gather(torch.arange(8))
    gradients = {}
    for free_run in ("network", "rows"):
        train = TrainConfig(free_run=free_run, free_from=0.5)
        for progress in (0.4, 0.6):
            torch.manual_seed(0)
            network = Network(config)
            loss, _ = training_loss(network, window, future, Curriculum(train, torch.Generator()), progress)
            loss.backward()
            gradients[free_run, progress] = {
                name: part.grad for name, part in network.named_parameters() if part.grad is not None
            }
    alone, before = gradients["rows", 0.6], gradients["rows", 0.4]
    rows = {
        name for name, gradient in alone.items() if not torch.equal(gradient, before.get(name, gradient * 0))
    }
    assert rows == {"decoder.delta_rows.weight", "decoder.delta_rows.bias"}
    by_level = alone["decoder.delta_rows.weight"].unflatten(0, (config.patch_width, -1)).abs().amax((0, 2))
    is_median = torch.arange(len(by_level)) == config.median_index
    assert not by_level[is_median].any()
    assert (by_level[~is_median] > 0).all()
    whole = gradients["network", 0.6]["encoder.lstm.weight_hh_l0"]
    assert not torch.allclose(whole, gradients["network", 0.4]["encoder.lstm.weight_hh_l0"] / 2)


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
