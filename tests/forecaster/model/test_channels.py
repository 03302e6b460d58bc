"""Joint series: each channel in its own units, all of them in one recurrence."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from forecaster.model.channels import join_channels, join_quantiles, split_channels, split_rows
from forecaster.model.unrolling import unroll_forced, unroll_free

LENGTHS = [26, 3, 60, 11, 5, 1]
SIZE = 3
NORMALIZATIONS = ["mean-std", "last-difference", "log-last-difference", "none"]


def with_channel(history, channel, values):
    changed = history.clone()
    changed[:, :, channel] = values
    return changed


def test_channels_are_the_columns_of_each_series() -> None:
    values = torch.arange(2 * 4 * SIZE).reshape(2, 4, SIZE)
    rows = split_channels(values, SIZE)
    assert torch.equal(rows[SIZE * 1 + 2], values[1, :, 2])


def test_a_joined_patch_holds_the_values_of_a_time_together() -> None:
    values = torch.arange(2 * 4 * SIZE).reshape(2, 4, SIZE)
    patches = join_channels(split_channels(values, SIZE).unflatten(1, (2, 2)), SIZE)
    assert torch.equal(patches, values.reshape(2, 2, 2 * SIZE))


def test_rows_split_into_channels_join_to_the_values_of_each_time() -> None:
    rows = torch.randn(2, 4, 5 * SIZE, 9)
    joined = join_quantiles(split_rows(rows, SIZE), SIZE)
    assert torch.equal(joined, rows.reshape(2, 20, SIZE, 9))


def test_a_joint_forecast_has_an_axis_of_channels(network, window) -> None:
    net = network(target_size=SIZE)
    assert net.forecast(window(net, LENGTHS, 12)).shape == (6, 12, SIZE, 9)


def test_one_channel_with_an_axis_of_its_own_is_the_series_without(network, window) -> None:
    net = network()
    batch = window(net, LENGTHS, 12)
    wide = replace(batch, history=batch.history.unsqueeze(2))
    assert torch.equal(net.forecast(wide), net.forecast(batch))


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_each_channel_has_the_statistics_that_it_has_alone(network, window, normalization) -> None:
    net, single = (network(target_size=size, normalization=normalization) for size in (SIZE, 1))
    batch = window(net, LENGTHS, 12)
    stats = net.encode(batch).stats
    for channel in range(SIZE):
        alone = single.encode(replace(batch, history=batch.history[:, :, channel])).stats
        assert torch.equal(stats.location[channel::SIZE], alone.location)
        assert torch.equal(stats.scale[channel::SIZE], alone.scale)


def test_a_channel_in_other_units_moves_its_own_forecast_alone(network, window) -> None:
    net = network(normalization="mean-std", target_size=SIZE).double()
    batch = window(net, LENGTHS[:5], 12).double()
    changed = with_channel(batch.history, 1, 7 * batch.history[:, :, 1] - 300)
    expected = net.forecast(batch).clone()
    expected[:, :, 1] = 7 * expected[:, :, 1] - 300
    torch.testing.assert_close(net.forecast(replace(batch, history=changed)), expected, rtol=1e-9, atol=1e-9)


def test_every_channel_moves_the_forecasts_of_the_others(network, window) -> None:
    net = network(target_size=SIZE)
    batch = window(net, [26], 12)
    before = net.forecast(batch)
    for channel in range(SIZE):
        reversed_ = with_channel(batch.history, channel, batch.history[:, :, channel].flip(1))
        after = net.forecast(replace(batch, history=reversed_))
        assert (after != before).flatten(2).any(dim=2).any(dim=1).all()
        others = [other for other in range(SIZE) if other != channel]
        assert (after[:, :, others] != before[:, :, others]).any()


def test_a_value_may_be_missing_in_one_channel_alone(network, window) -> None:
    net = network(target_size=SIZE)
    batch = window(net, [26], 12)
    gap = batch.history.clone()
    gap[0, 20, 1] = torch.nan
    mean = batch.history.clone()
    mean[0, 20, 1] = net.encode(replace(batch, history=gap)).stats.location[1]
    forecasts = [net.forecast(replace(batch, history=history)) for history in (gap, mean)]
    assert torch.isfinite(forecasts[0]).all()
    assert not torch.equal(*forecasts)  # the mask tells a gap from a value


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_a_constant_channel_forecasts_its_constant(network, window, normalization) -> None:
    net = network(normalization=normalization, target_size=SIZE)
    batch = window(net, [26, 9], 12)
    constant = replace(batch, history=with_channel(batch.history, 2, 123.456))
    forecast = net.forecast(constant)
    torch.testing.assert_close(
        forecast[:, :, 2], torch.full_like(forecast[:, :, 2], 123.456), rtol=1e-5, atol=0
    )
    assert (forecast[:, :, :2].std(dim=1) > 0).all()


def test_what_follows_a_constant_channel_is_missing_and_nothing_else_is(network, window) -> None:
    net = network(patch_length=4, target_size=SIZE)
    batch = window(net, [26, 9], 12)
    constant = replace(batch, history=with_channel(batch.history, 2, 123.456))
    truth = net.targets(torch.randn(2, 12, SIZE), net.encode(constant).stats)  # (2, 3, 4 × SIZE)
    observed = torch.isfinite(truth).unflatten(2, (4, SIZE))
    assert observed[..., :2].all()
    assert not observed[..., 2].any()


def test_targets_are_the_values_that_a_perfect_row_emits(network, window) -> None:
    net = network(normalization="mean-std", target_size=SIZE).double()
    batch = window(net, [26, 9], 12).double()
    future = 20 + torch.randn(2, 12, SIZE, dtype=torch.float64)
    stats = net.encode(batch).stats
    rows = net.targets(future, stats).nan_to_num().unsqueeze(-1).expand(-1, -1, -1, 9)
    emitted = net.emit(rows, stats)[:, :12]
    torch.testing.assert_close(emitted, future.unsqueeze(-1).expand_as(emitted))


@pytest.mark.parametrize("patch", [1, 4])
def test_fed_its_own_medians_a_forced_run_is_the_free_one(network, window, patch) -> None:
    net = network(patch_length=patch, target_size=SIZE, known_size=0).double()
    batch = window(net, LENGTHS, 12).double()
    start = net.start(net.encode(batch), batch)
    free = unroll_free(net.decoder, start)
    medians = net.decoder.median(free, start.highway)
    torch.testing.assert_close(unroll_forced(net.decoder, start, medians), free, rtol=1e-9, atol=1e-12)


def test_quantiles_of_every_channel_ascend_and_keep_the_bound(network, window) -> None:
    net = network(lower=20.5, target_size=SIZE)
    forecast = net.forecast(window(net, LENGTHS, 36))
    assert (forecast.diff(dim=3) >= 0).all()
    assert forecast.amin(dim=(0, 1, 3)).tolist() == [20.5] * SIZE
