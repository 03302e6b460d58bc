"""The curriculum: draws by their share, and passes by the loop that they equal."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from forecaster.config import ModelConfig, TrainConfig
from forecaster.model.decoder import Decoder, Start
from forecaster.model.unrolling import unroll_forced, unroll_free, unroll_steps
from forecaster.training.curriculum import Curriculum, draw


@pytest.mark.parametrize("share", [0.1, 0.5, 0.93])
@pytest.mark.parametrize(("sampling", "draws"), [("step", 256 * 24), ("sequence", 256), ("batch", 1)])
def test_the_realised_share_lies_within_three_standard_errors(share, sampling, draws) -> None:
    config = TrainConfig(sampling=sampling)
    generator = torch.Generator().manual_seed(0)
    found = [float(draw(config, share, (256, 24), generator).forced.float().mean()) for _ in range(100)]
    error = math.sqrt(share * (1 - share) / (100 * draws))
    assert abs(sum(found) / 100 - share) < 3 * error


@pytest.mark.parametrize("share", [0.0, 0.24, 0.25, 0.5, 0.99])
def test_deterministic_draws_force_the_first_steps_sequences_or_nothing(share) -> None:
    generator = torch.Generator()
    expected = {"step": int(share * 8), "sequence": int(share * 4), "batch": 0}
    for sampling, count in expected.items():
        config = TrainConfig(sampling=sampling, draw="deterministic")
        forced = draw(config, share, (4, 8), generator).forced
        along = 1 if sampling == "step" else 0
        assert torch.equal(
            forced,
            (torch.arange(8 if along else 4) < count).expand(4, 8)
            if along
            else (torch.arange(4) < count)[:, None].expand(4, 8),
        )


@pytest.mark.parametrize(
    "settings",
    [
        {"sampling": sampling, "draw": how, "gradients": gradients}
        for sampling in ("step", "sequence", "batch")
        for how in ("probabilistic", "deterministic")
        for gradients in ("flow", "stopped")
    ],
    ids=lambda settings: "-".join(settings.values()),
)
def test_every_way_to_draw_equals_the_step_loop_with_the_same_draws(settings, plain_decoder) -> None:
    start, truth = start_and_truth(batch=6)
    start = replace(start, highway=torch.randn(start.highway.shape), features=torch.randn(6, 12, 1))
    config = TrainConfig(schedule="constant", epsilon=0.6, **settings)
    shown = Curriculum(config, torch.Generator().manual_seed(4)).unroll(plain_decoder, start, truth, 0.3)
    draws = draw(config, 0.6, (6, 12), torch.Generator().manual_seed(4))
    torch.testing.assert_close(shown.hidden, unroll_steps(plain_decoder, start, truth, draws.forced))
    assert float(shown.forced) == float(draws.forced[:, 1:].double().mean())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"parallel_passes": 1}, "parallel_passes is 0 .exact. or at least 2, found 1"),
        ({"parallel_passes": 2, "sampling": "sequence"}, "approximate sampling 'step'"),
        ({"parallel_passes": 2, "gradients": "stopped"}, "with gradients 'flow'"),
    ],
)
def test_parallel_passes_are_for_per_step_sampling(settings, message) -> None:
    with pytest.raises(ValueError, match=message):
        TrainConfig(**settings)


class CountingDecoder(Decoder):
    """Remembers which of the patches that it was fed were true ones (those are all 7)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, feature_width=1)
        self.fed: list[torch.Tensor] = []

    def inputs(self, previous, features):
        self.fed.append((previous == 7).all(-1).reshape(len(previous), -1))
        return super().inputs(previous, features)

    def step(self, fed, features, state):
        self.fed.append((fed[:, : self.patch_width] == 7).all(-1).reshape(len(fed), -1))
        return super().step(fed, features, state)


@pytest.fixture
def decoder() -> CountingDecoder:
    torch.manual_seed(0)
    return CountingDecoder(ModelConfig(context_length=8, horizon=24, patch_length=2, season=2, hidden_size=4))


@pytest.fixture
def plain_decoder() -> Decoder:
    torch.manual_seed(0)
    return Decoder(ModelConfig(context_length=8, horizon=24, patch_length=2, season=2, hidden_size=4), 1)


def curriculum(share: float, sampling: str) -> Curriculum:
    config = TrainConfig(schedule="constant", epsilon=share, sampling=sampling)
    return Curriculum(config, torch.Generator().manual_seed(0))


def start_and_truth(batch: int = 200, steps: int = 12) -> tuple[Start, torch.Tensor]:
    state = (torch.zeros(1, batch, 4), torch.zeros(1, batch, 4))
    start = Start(state, torch.zeros(batch, 2), torch.zeros(batch, steps, 1), torch.zeros(batch, steps, 2))
    return start, torch.full((batch, steps, 2), 7.0)


def test_sampling_per_step_feeds_the_realised_share_of_true_patches(decoder) -> None:
    start, truth = start_and_truth()
    curriculum(0.4, "step").unroll(decoder, start, truth, 0.3)
    fed = torch.cat(decoder.fed[1:], dim=1).float()  # the first step is fed the history
    assert abs(float(fed.mean()) - 0.4) < 3 * math.sqrt(0.4 * 0.6 / fed.numel())


@pytest.mark.parametrize("gradients", ["flow", "stopped"])
def test_a_mixture_feeds_every_step_the_share_of_the_schedule(plain_decoder, gradients) -> None:
    start, truth = start_and_truth(batch=3)
    config = TrainConfig(schedule="linear", sampling="mixture", gradients=gradients, floor=0.2)
    mixing = Curriculum(config, torch.Generator().manual_seed(0))
    for progress, share in ((0.3, 0.7), (0.95, 0.2)):
        shown = mixing.unroll(plain_decoder, start, truth, progress)
        shares = torch.full(truth.shape[:2], share)
        torch.testing.assert_close(shown.hidden, unroll_steps(plain_decoder, start, truth, shares))
        assert shown.forced == pytest.approx(share)
        (bias,) = torch.autograd.grad(shown.hidden.sum(), plain_decoder.next_rows.bias, allow_unused=True)
        assert (bias is None) == (gradients == "stopped")


def test_a_mixture_begins_forced_and_ends_free(plain_decoder) -> None:
    start, truth = start_and_truth(batch=3)
    mixing = Curriculum(TrainConfig(schedule="linear", sampling="mixture"), torch.Generator())
    begun, ended = (mixing.unroll(plain_decoder, start, truth, progress) for progress in (0.0, 1.0))
    assert torch.equal(begun.hidden, unroll_forced(plain_decoder, start, truth))
    assert torch.equal(ended.hidden, unroll_free(plain_decoder, start))
    assert ended.is_free


def test_sampling_per_sequence_feeds_a_sequence_all_or_nothing(decoder) -> None:
    start, truth = start_and_truth()
    curriculum(0.4, "sequence").unroll(decoder, start, truth, 0.3)
    (fed,) = decoder.fed  # only the forced members go through the plain inputs
    assert fed[:, 1:].all()
    assert abs(len(fed) / 200 - 0.4) < 3 * math.sqrt(0.4 * 0.6 / 200)


@pytest.mark.parametrize("sampling", ["step", "sequence"])
def test_a_share_of_1_is_teacher_forcing_and_a_share_of_0_is_free_running(decoder, sampling) -> None:
    start, truth = start_and_truth()
    forced = curriculum(1.0, sampling).unroll(decoder, start, truth, 0.5)
    free = curriculum(0.0, sampling).unroll(decoder, start, truth, 0.5)
    assert torch.equal(forced.hidden, unroll_forced(decoder, start, truth))
    assert torch.equal(free.hidden, unroll_free(decoder, start))
    assert (forced.forced, free.forced) == (1.0, 0.0)


def test_a_share_just_below_1_and_just_above_0_equals_the_fused_passes_to_rounding(decoder) -> None:
    start, truth = start_and_truth()
    always, never = (torch.full((200, 12), value) for value in (True, False))
    torch.testing.assert_close(
        unroll_steps(decoder, start, truth, always), unroll_forced(decoder, start, truth)
    )
    torch.testing.assert_close(unroll_steps(decoder, start, truth, never), unroll_free(decoder, start))
