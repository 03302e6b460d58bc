"""The step loop is the reference; every other way to unroll a decoder must equal it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from forecaster.model.decoder import Decoder, Start, with_mask
from forecaster.model.network import Network
from forecaster.model.unrolling import (
    unroll_forced,
    unroll_forced_then_free,
    unroll_free,
    unroll_mixture,
    unroll_parallel,
    unroll_sequences,
    unroll_steps,
)

pytestmark = pytest.mark.slow

LENGTHS = [26, 3, 60, 11, 5, 1]
STEPS = 7

SHAPES = [
    pytest.param({"patch_length": 1, "highway": 1}, id="patch-1-highway"),
    pytest.param({"patch_length": 1, "highway": 0}, id="patch-1"),
    pytest.param({"patch_length": 5, "highway": 1}, id="patch-5-highway"),
    pytest.param({"patch_length": 5, "highway": 0, "encoder_layers": 2}, id="patch-5-two-layers"),
    pytest.param({"patch_length": 1, "target_size": 3}, id="patch-1-three-channels"),
    pytest.param({"patch_length": 4, "target_size": 3}, id="patch-4-three-channels"),
]


def begin(network: Network, window, dtype: torch.dtype) -> tuple[Decoder, Start, Tensor]:
    """The decoder, its start with an incomplete previous patch, and a truth with gaps."""
    batch = window(network, LENGTHS, STEPS * network.config.patch_length)
    network = network.to(dtype)
    batch = batch.double() if dtype == torch.float64 else batch
    start = network.start(network.encode(batch), batch)
    generator = torch.Generator().manual_seed(1)
    missing = torch.rand(start.previous.shape, generator=generator) < 0.3
    previous = torch.randn(start.previous.shape, generator=generator, dtype=dtype)
    start = replace(start, previous=torch.where(missing, torch.nan, previous))
    truth = torch.randn(start.highway.shape, generator=generator, dtype=dtype)
    truth[torch.rand(truth.shape, generator=generator) < 0.2] = torch.nan
    return network.decoder, start, truth


def relative(found: Tensor, reference: Tensor) -> float:
    return float((found.detach() - reference.detach()).abs().max() / reference.detach().abs().max())


def gradients(hidden: Tensor, decoder: Decoder, start: Start) -> list[Tensor]:
    """Of a loss on the rows, in every decoder weight and in all that the decoder starts from."""
    rows = decoder.rows(hidden, start.highway)
    weight = torch.linspace(-1, 1, rows.horizon.numel(), dtype=hidden.dtype).reshape(rows.horizon.shape)
    loss = (rows.horizon * weight).sum() + (rows.next.square() * weight).sum()
    wanted = [*decoder.parameters(), *start.state, start.features, start.highway]
    return list(torch.autograd.grad(loss, [w for w in wanted if w.requires_grad], retain_graph=True))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_folded_free_run_equals_the_step_loop_in_float64(network, window, shape) -> None:
    decoder, start, _ = begin(network(**shape), window, torch.float64)
    assert relative(unroll_free(decoder, start), unroll_steps(decoder, start)) < 1e-9


@pytest.mark.parametrize("shape", SHAPES)
def test_the_folded_free_run_has_the_gradients_of_the_step_loop_in_float64(network, window, shape) -> None:
    decoder, start, _ = begin(network(**shape), window, torch.float64)
    folded = gradients(unroll_free(decoder, start), decoder, start)
    looped = gradients(unroll_steps(decoder, start), decoder, start)
    for found, reference in zip(folded, looped, strict=True):
        assert relative(found, reference) < 1e-8


@pytest.mark.parametrize("shape", SHAPES)
def test_the_folded_free_run_equals_the_step_loop_in_float32_at_initial_weights(
    network, window, shape
) -> None:
    decoder, start, _ = begin(network(**shape), window, torch.float32)
    assert relative(unroll_free(decoder, start), unroll_steps(decoder, start)) < 1e-5


def test_a_deeper_decoder_runs_free_by_the_step_loop(network, window) -> None:
    decoder, start, _ = begin(network(encoder_layers=2, decoder_layers=2), window, torch.float32)
    assert torch.equal(unroll_free(decoder, start), unroll_steps(decoder, start))


@pytest.mark.parametrize("shape", SHAPES)
def test_teacher_forcing_in_one_call_equals_the_step_loop_on_the_truth(network, window, shape) -> None:
    decoder, start, truth = begin(network(**shape), window, torch.float64)
    always = torch.ones(truth.shape[:2], dtype=torch.bool)
    assert relative(unroll_forced(decoder, start, truth), unroll_steps(decoder, start, truth, always)) < 1e-12


def test_in_the_step_loop_epsilon_1_is_teacher_forcing_bit_for_bit(network, window) -> None:
    decoder, start, truth = begin(network(), window, torch.float32)
    drawn = torch.rand(truth.shape[:2]) < 1.0
    looped = unroll_steps(decoder, start, truth, drawn)
    state, previous, hiddens = start.state, start.previous, []
    for k in range(truth.shape[1]):  # teacher forcing, written out
        hidden, state = decoder.step(with_mask(previous), start.features[:, k], state)
        previous = truth[:, k]
        hiddens.append(hidden)
    assert torch.equal(looped, torch.stack(hiddens, dim=1))


def test_in_the_step_loop_epsilon_0_is_free_running_bit_for_bit(network, window) -> None:
    decoder, start, truth = begin(network(), window, torch.float32)
    drawn = torch.rand(truth.shape[:2]) < 0.0
    assert torch.equal(unroll_steps(decoder, start, truth, drawn), unroll_steps(decoder, start))


def test_sampling_per_step_equals_a_loop_written_by_hand(network, window) -> None:
    decoder, start, truth = begin(network(), window, torch.float64)
    forced = torch.rand(truth.shape[:2], generator=torch.Generator().manual_seed(3)) < 0.5
    looped = unroll_steps(decoder, start, truth, forced)
    for b in range(len(truth)):
        alone, state, previous = start.select(slice(b, b + 1)), None, start.previous[b : b + 1]
        state = alone.state
        for k in range(truth.shape[1]):
            hidden, state = decoder.step(with_mask(previous), alone.features[:, k], state)
            assert relative(looped[b, k], hidden[0]) < 1e-12
            known = k + 1 < truth.shape[1] and bool(forced[b, k + 1])
            previous = truth[b : b + 1, k] if known else decoder.median(hidden, alone.highway[:, k])


@pytest.mark.parametrize("forced", [0, 1, 4, 6])
def test_sampling_per_sequence_equals_the_step_loop_and_its_gradients(network, window, forced) -> None:
    decoder, start, truth = begin(network(), window, torch.float64)
    members = (torch.arange(6) < forced)[:, None].expand(-1, truth.shape[1])
    looped, fused = (
        unroll_steps(decoder, start, truth, members),
        unroll_sequences(decoder, start, truth, forced),
    )
    assert relative(fused, looped) < 1e-12
    for found, expected in zip(
        gradients(fused, decoder, start), gradients(looped, decoder, start), strict=True
    ):
        assert relative(found, expected) < 1e-8


@pytest.mark.parametrize("forced", [0, 1, 2, 5, STEPS])
def test_forced_then_free_equals_the_step_loop_and_its_gradients(network, window, forced) -> None:
    decoder, start, truth = begin(network(), window, torch.float64)
    steps = (torch.arange(STEPS) < forced).expand(len(truth), -1)
    looped = unroll_steps(decoder, start, truth, steps)
    fused = unroll_forced_then_free(decoder, start, truth, forced)
    assert relative(fused, looped) < 1e-12
    for found, expected in zip(
        gradients(fused, decoder, start), gradients(looped, decoder, start), strict=True
    ):
        assert relative(found, expected) < 1e-8


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_folded_mixture_equals_the_step_loop_and_its_gradients(network, window, shape, share) -> None:
    decoder, start, truth = begin(network(**shape), window, torch.float64)
    looped = unroll_steps(decoder, start, truth, torch.full(truth.shape[:2], share, dtype=torch.float64))
    folded = unroll_mixture(decoder, start, truth, share)
    assert relative(folded, looped) < 1e-9
    for found, expected in zip(
        gradients(folded, decoder, start), gradients(looped, decoder, start), strict=True
    ):
        assert relative(found, expected) < 1e-8


def test_a_mixture_equals_a_loop_written_by_hand(network, window) -> None:
    decoder, start, truth = begin(network(), window, torch.float64)
    found, share, state, fed = unroll_mixture(decoder, start, truth, 0.3), 0.3, start.state, start.previous
    values, mask = fed.nan_to_num(nan=0.0), fed.isfinite().double()
    for k in range(STEPS):
        inputs = torch.cat([values, mask, start.features[:, k]], dim=-1).unsqueeze(1)
        hidden, state = decoder.lstm(inputs, state)
        assert relative(found[:, k], hidden[:, 0]) < 1e-12
        median = decoder.rows(hidden, start.highway[:, k : k + 1]).next[:, 0, :, decoder.median_index]
        values = share * truth[:, k].nan_to_num(nan=0.0) + (1 - share) * median
        mask = share * truth[:, k].isfinite().double() + (1 - share)


def test_a_mixture_goes_from_free_running_to_teacher_forcing(network, window) -> None:
    decoder, start, truth = begin(network(), window, torch.float64)
    assert relative(unroll_mixture(decoder, start, truth, 0.0), unroll_free(decoder, start)) < 1e-12
    assert relative(unroll_mixture(decoder, start, truth, 1.0), unroll_forced(decoder, start, truth)) < 1e-12


def test_a_deeper_decoder_mixes_by_the_step_loop(network, window) -> None:
    decoder, start, truth = begin(network(encoder_layers=2, decoder_layers=2), window, torch.float64)
    shares = torch.full(truth.shape[:2], 0.3, dtype=torch.float64)
    mixed = unroll_mixture(decoder, start, truth, 0.3)
    assert torch.equal(mixed, unroll_steps(decoder, start, truth, shares))


def test_parallel_sampling_with_as_many_passes_as_steps_is_the_step_loop(network, window) -> None:
    decoder, start, truth = begin(network(), window, torch.float64)
    forced = torch.rand(truth.shape[:2], generator=torch.Generator().manual_seed(3)) < 0.5
    looped = unroll_steps(decoder, start, truth, forced)
    assert relative(unroll_parallel(decoder, start, truth, forced, STEPS), looped) < 1e-12
    assert relative(unroll_parallel(decoder, start, truth, forced, 2), looped) > 1e-6


def test_parallel_sampling_has_no_gradient_through_what_is_fed_back(network, window) -> None:
    decoder, start, truth = begin(network(), window, torch.float64)
    hidden = unroll_parallel(decoder, start, truth, torch.zeros(truth.shape[:2], dtype=torch.bool), 3)
    (bias,) = torch.autograd.grad(hidden.sum(), decoder.next_rows.bias, allow_unused=True)
    assert bias is None


def test_stopped_gradients_change_no_value_and_do_not_flow(network, window) -> None:
    decoder, start, truth = begin(network(), window, torch.float64)
    forced = torch.rand(truth.shape[:2], generator=torch.Generator().manual_seed(3)) < 0.5
    stopped = unroll_steps(decoder, start, truth, forced, stop_gradients=True)
    assert torch.equal(stopped, unroll_steps(decoder, start, truth, forced))
    assert torch.autograd.grad(stopped.sum(), decoder.next_rows.bias, allow_unused=True) == (None,)


def test_gradients_flow_through_values_that_are_fed_back(network, window) -> None:
    decoder, start, _ = begin(network(), window, torch.float64)
    hidden = unroll_steps(decoder, start)
    (bias,) = torch.autograd.grad(hidden[:, -1].sum(), decoder.next_rows.bias)
    fed_back = bias.unflatten(0, (decoder.patch_width, decoder.levels))[:, decoder.median_index]
    assert (fed_back.abs() > 0).all()


def test_only_the_median_row_is_fed_back(network, window) -> None:
    decoder, start, _ = begin(network(), window, torch.float64)
    (bias,) = torch.autograd.grad(unroll_free(decoder, start).sum(), decoder.next_rows.bias)
    others = bias.unflatten(0, (decoder.patch_width, decoder.levels)).clone()
    others[:, decoder.median_index] = 0
    assert not others.any()
