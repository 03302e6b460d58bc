"""The network as a whole: what it must not depend on, and what it must."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from deploy.time.timestep import MISSING_TIME
from forecaster.training.loss import pinball

pytestmark = pytest.mark.slow

LENGTHS = [26, 3, 60, 11, 5, 1]
LEVELS = torch.linspace(0.1, 0.9, 9, dtype=torch.float64)
NORMALIZATIONS = ["mean-std", "last-difference", "log-last-difference", "none"]


def loss_of(network, window, future):
    encoding = network.encode(window)
    start = network.start(encoding, window)
    from forecaster.model.unrolling import unroll_free

    rows = network.decoder.rows(unroll_free(network.decoder, start), start.highway).horizon
    truth = network.targets(future, encoding.stats)
    return pinball(rows, truth, LEVELS), torch.isfinite(truth).sum()


def member(window, b):
    """One series alone, without the padding that the batch gave it."""
    length = int(window.lengths[b])
    cut = dict.fromkeys(("history", "timestamps", "known", "past"), length)
    tensors = {
        name: value[b : b + 1, : cut[name]] if name in cut else value[b : b + 1]
        for name, value in vars(window).items()
        if isinstance(value, torch.Tensor)
    }
    return replace(window, **tensors)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_a_ragged_batch_forecasts_each_series_as_it_does_alone(
    network, window, normalization, layers, size
) -> None:
    net = network(normalization=normalization, encoder_layers=layers, target_size=size).double()
    batch = window(net, LENGTHS, 12).double()
    together = net.forecast(batch)
    for b in range(len(LENGTHS)):
        torch.testing.assert_close(
            net.forecast(member(batch, b)), together[b : b + 1], rtol=1e-12, atol=1e-12
        )


@pytest.mark.parametrize("shape", [{}, {"encoder_layers": 2}, {"target_size": 3}], ids=str)
def test_a_ragged_batch_has_the_gradients_of_its_series_alone(network, window, shape) -> None:
    net = network(**shape).double()
    batch = window(net, LENGTHS, 12).double()
    future = 20 + torch.randn(len(LENGTHS), 12, *batch.history.shape[2:], dtype=torch.float64)
    loss, count = loss_of(net, batch, future)
    together = torch.autograd.grad(loss * count, list(net.parameters()))
    alone = [torch.zeros_like(parameter) for parameter in net.parameters()]
    for b in range(len(LENGTHS)):
        loss, count = loss_of(net, member(batch, b), future[b : b + 1])
        parts = torch.autograd.grad(loss * count, list(net.parameters()), allow_unused=True)
        alone = [total if part is None else total + part for total, part in zip(alone, parts, strict=True)]
    for found, reference in zip(together, alone, strict=True):
        torch.testing.assert_close(found, reference, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("patch", [1, 5])
def test_without_known_covariates_a_shorter_forecast_is_the_beginning_of_a_longer_one(
    network, window, patch, size
) -> None:
    net = network(patch_length=patch, known_size=0, target_size=size).double()
    longest = window(net, LENGTHS, 36).double()
    whole = net.forecast(longest)
    for k in range(1, 37):
        torch.testing.assert_close(
            net.forecast(replace(longest, horizon=k)), whole[:, :k], rtol=1e-12, atol=0
        )


def test_what_lies_before_the_context_changes_nothing(network, window) -> None:
    net = network()
    batch = window(net, [60, 40], 12)
    changed = batch.history.clone()
    changed[0, : 60 - 26], changed[1, : 40 - 26] = 1e6, -1e6
    assert torch.equal(net.forecast(batch), net.forecast(replace(batch, history=changed)))


def test_what_lies_behind_the_end_of_a_history_changes_nothing(network, window) -> None:
    net = network()
    batch = window(net, [60, 13], 12)
    changed = batch.history.clone()
    changed[1, 13:] = 1e6
    assert torch.equal(net.forecast(batch), net.forecast(replace(batch, history=changed)))


@pytest.mark.parametrize("normalization", ["mean-std", "last-difference"])
def test_a_forecast_moves_and_stretches_with_its_history(network, window, normalization) -> None:
    net = network(normalization=normalization, known_size=0).double()
    batch = window(net, LENGTHS[:5], 12).double()
    moved = net.forecast(replace(batch, history=7 * batch.history - 300))
    torch.testing.assert_close(moved, 7 * net.forecast(batch) - 300, rtol=1e-9, atol=1e-9)


def test_in_logarithms_a_forecast_stretches_with_its_history(network, window) -> None:
    net = network(normalization="log-last-difference").double()
    batch = window(net, LENGTHS[:1], 12).double()
    stretched = net.forecast(replace(batch, history=1.001 * batch.history))
    torch.testing.assert_close(stretched, 1.001 * net.forecast(batch), rtol=1e-6, atol=0)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_a_constant_history_forecasts_its_constant(network, window, normalization) -> None:
    net = network(normalization=normalization)
    batch = window(net, [26, 9], 12)
    constant = torch.where(torch.isfinite(batch.history), 123.456, torch.nan)
    forecast = net.forecast(replace(batch, history=constant))
    torch.testing.assert_close(forecast, torch.full_like(forecast, 123.456), rtol=1e-5, atol=0)


def test_quantiles_ascend(network, window) -> None:
    net = network()
    assert (net.forecast(window(net, LENGTHS, 36)).diff(dim=2) >= 0).all()


def test_forecasts_never_fall_below_the_lower_bound(network, window) -> None:
    net = network(lower=20.5)
    forecast = net.forecast(window(net, LENGTHS, 36))
    assert forecast.min() == 20.5


def test_an_unknown_time_leaves_the_calendar_out(network, window) -> None:
    net = network()
    batch = window(net, [26], 12)
    unknown = replace(
        batch,
        timestamps=torch.full_like(batch.timestamps, MISSING_TIME),
        future_timestamps=torch.full_like(batch.future_timestamps, MISSING_TIME),
    )
    with torch.no_grad():
        before = net.forecast(unknown)
        width = net.calendar_width
        p = net.config.patch_length
        net.encoder.lstm.weight_ih_l0[:, 2 * p : 2 * p + width].normal_()
        net.decoder.lstm.weight_ih_l0[:, 2 * p : 2 * p + width].normal_()
        assert torch.equal(net.forecast(unknown), before)
        assert not torch.equal(net.forecast(batch), before)


def test_an_unknown_past_or_static_covariate_is_its_mean_under_a_mask(network, window) -> None:
    net = network()
    batch = window(net, [26], 12)
    for name in ("past", "static"):
        unknown = replace(batch, **{name: torch.full_like(getattr(batch, name), torch.nan)})
        mean = replace(batch, **{name: torch.full_like(getattr(batch, name), 0.5)})
        assert torch.isfinite(net.forecast(unknown)).all()
        assert not torch.equal(net.forecast(unknown), net.forecast(mean))


@pytest.mark.parametrize("name", ["past", "static"])
def test_past_covariates_and_static_numbers_change_the_forecast(network, window, name) -> None:
    net = network()
    batch = window(net, [26], 12)
    changed = replace(batch, **{name: getattr(batch, name) + 1})
    assert not torch.equal(net.forecast(batch), net.forecast(changed))


def test_past_covariates_behind_the_end_of_a_history_change_nothing(network, window) -> None:
    net = network()
    batch = window(net, [60, 13], 12)
    changed = batch.past.clone()
    changed[1, 13:], changed[0, : 60 - 26] = 1e6, -1e6
    assert torch.equal(net.forecast(batch), net.forecast(replace(batch, past=changed)))


def test_a_category_beyond_the_vocabulary_is_the_unknown_one(network, window) -> None:
    net = network()
    batch = window(net, [26], 12)
    strange = replace(batch, static_cat=torch.tensor([[99, -1]]))
    unknown = replace(batch, static_cat=torch.tensor([[0, 0]]))
    assert torch.equal(net.forecast(strange), net.forecast(unknown))


def test_beyond_the_trained_steps_the_last_step_vector_repeats(network, window) -> None:
    net = network()
    batch = window(net, [26], 36)
    start = net.start(net.encode(batch), batch)
    vectors = start.features[0, :, -net.config.step_width :]
    trained = net.config.decoder_steps
    assert torch.equal(vectors[trained:], vectors[trained - 1].expand(len(vectors) - trained, -1))
    assert not torch.equal(vectors[0], vectors[1])


def test_the_delta_rows_start_at_zero_so_both_sets_start_equal() -> None:
    from forecaster.config import ModelConfig
    from forecaster.model.network import Network

    net = Network(ModelConfig(context_length=8, horizon=4, patch_length=2, season=2, hidden_size=4))
    rows = net.decoder.rows(torch.randn(3, 2, 4), torch.zeros(3, 2, 2))
    assert torch.equal(rows.next, rows.horizon)
