"""The highway as a ridge regression that stays, and the share of the LSTMs' part of the median."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from fits import Recorder, Stopping, assert_same, checkpoints_in, config_of, panel_of, waves

from forecaster.model.network import Network
from forecaster.model.unrolling import unroll_free
from forecaster.training.fit_network import begin, cut, fit
from forecaster.training.resume.interruption import Interrupted
from forecaster.training.ridge import PENALTIES, best_share, fit_linear, weigh
from forecaster.training.validation import batches
from forecaster.windows.split import Split, split
from forecaster.windows.window import Window

CPU = torch.device("cpu")


def network_of(**model: object) -> Network:
    torch.manual_seed(0)
    network = Network(config_of(model).model)
    torch.nn.init.normal_(network.decoder.delta_rows.weight, std=0.1)
    torch.nn.init.normal_(network.decoder.delta_rows.bias, std=0.1)
    return network


def parts_of(*series: np.ndarray) -> Split:
    return split(panel_of(*series), config_of().model)


def persistent(length: int = 600) -> np.ndarray:
    """Waves whose level stays a while where it went: the last values tell more than the first."""
    noise = np.random.default_rng(0).standard_normal(length)
    level = np.zeros(length)
    for row in range(1, length):
        level[row] = 0.9 * level[row - 1] + noise[row]
    return waves(length) + 2 * level


def rows_of(network: Network, window: Window) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The highway, the horizon rows and the `next` rows of a free run."""
    with torch.inference_mode():
        start = network.start(network.encode(window), window)
        rows = network.decoder.rows(unroll_free(network.decoder, start), start.highway)
    return start.highway.unsqueeze(-1), rows.horizon, rows.next


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_share_scales_what_the_lstms_add_to_the_median_and_keeps_widths_and_next_rows(share: float) -> None:
    network = network_of()
    window, _ = next(batches(parts_of(waves()).validation))
    linear, before, following = rows_of(network, window)
    weigh(network, share)
    _, after, following_after = rows_of(network, window)
    middle = slice(network.config.median_index, network.config.median_index + 1)
    moved = linear + share * (before[..., middle] - linear)
    assert torch.allclose(after[..., middle], moved, atol=1e-6)
    assert torch.allclose(after - after[..., middle], before - before[..., middle], atol=1e-6)
    assert torch.equal(following_after, following)


@pytest.mark.parametrize(("times", "share"), [(1.0, 1.0), (2.0, 0.5), (-1.0, 0.0)])
def test_the_share_is_that_which_forecasts_the_held_out_windows_best(times: float, share: float) -> None:
    # A line: the map of the seasons' mean leaves the same of each window.
    parts, network = parts_of(np.arange(240.0) + waves() / 1000), network_of(season=1)
    window, future = next(batches(parts.validation))
    decoder, middle = network.decoder, network.config.median_index
    with torch.no_grad():
        encoding = network.encode(window)
        left = network.targets(future, encoding.stats) - network.start(encoding, window).highway
        for rows in (decoder.next_rows, decoder.delta_rows):
            torch.nn.init.zeros_(rows.weight)
            torch.nn.init.zeros_(rows.bias)
        decoder.delta_rows.bias.unflatten(0, (2, -1))[:, middle] = times * left.median()
    assert best_share(network, parts.validation) == share


def test_the_map_is_the_ridge_regression_of_the_first_patch_around_the_mean_of_seasons() -> None:
    parts, network = parts_of(persistent()), network_of()
    first = network.highway.weight.detach().double().numpy()[0]  # (patch, context)
    penalty = fit_linear(network, parts)
    window, future = parts.train.gather(torch.arange(len(parts.train)))
    with torch.inference_mode():
        encoding = network.encode(window)
        truth = network.targets(future, encoding.stats)[:, 0].double().numpy()
    x = encoding.context.double().numpy()
    squares = x.T @ x / len(x)
    divisor = squares + penalty * np.trace(squares) / len(squares) * np.eye(len(squares))
    expected = first + np.linalg.solve(divisor, x.T @ (truth - x @ first.T) / len(x)).T
    assert penalty in PENALTIES[:-1]  # the last leaves the map as it is
    assert np.allclose(network.highway.weight.detach().numpy()[0], expected, atol=1e-5)


def test_a_map_that_nothing_improves_stays() -> None:
    parts, network = parts_of(np.random.default_rng(0).standard_normal(240)), network_of()
    before = network.highway.weight.detach().clone()
    fit_linear(network, parts)
    # Of noise the mean is the best forecast, and few lags of the ridge are far from it.
    assert (network.highway.weight - before).abs().max() < 0.1


def test_the_map_of_a_joint_series_is_that_of_its_channels_apart() -> None:
    channels = persistent(), persistent()[::-1].copy()
    joint = network_of(target_size=2)
    fit_linear(joint, split(panel_of(np.stack(channels, axis=1)), joint.config))
    apart = network_of()
    fit_linear(apart, parts_of(*channels))
    assert torch.allclose(joint.highway.weight, apart.highway.weight, atol=1e-5)


@pytest.mark.slow
def test_a_ridge_stays_through_all_stages_and_the_twin_and_the_served_network_have_one_share() -> None:
    config, panel = config_of(linear="ridge", refit=0.5, averaging=0.9), panel_of(persistent())
    expected = begin(cut(panel, config, CPU), config, CPU, None).network.highway.weight
    fitted = fit(panel, config, Recorder())
    for ensemble in (fitted.ensemble, fitted.backtest):
        assert torch.equal(ensemble.first.highway.weight, expected)
        assert ensemble.first.decoder.next_rows.weight.requires_grad


@pytest.mark.slow
def test_a_resumed_fit_has_the_same_ridge_and_share(tmp_path: Path) -> None:
    config, panel = config_of(linear="ridge", checkpoint_seconds=0.0), panel_of(persistent())
    with pytest.raises(Interrupted):
        fit(panel, config, Stopping(after=7), checkpoints_in(tmp_path, config, panel, resume=False))
    resumed = fit(panel, config, Recorder(), checkpoints_in(tmp_path, config, panel))
    assert_same(resumed, fit(panel, config, Recorder()))
