"""The curriculum: how much of what the decoder is fed is true, drawn or mixed as a schedule says."""

from dataclasses import dataclass

import torch
from torch import Tensor

from forecaster.config import TrainConfig
from forecaster.model.decoder import Decoder, Start
from forecaster.model.unrolling import (
    unroll_forced,
    unroll_forced_then_free,
    unroll_free,
    unroll_mixture,
    unroll_parallel,
    unroll_sequences,
    unroll_steps,
)
from forecaster.training.schedules import forced_share


@dataclass(frozen=True)
class Pass:
    """An unrolled decoder and the share of the truth that it was fed."""

    hidden: Tensor  # (batch, steps, hidden)
    # Realised share of true patches where there was a choice; the first step is always fed the history.
    forced: float | Tensor
    is_free: bool = False  # whether it is the free run, gradients included


@dataclass(frozen=True)
class Draws:
    """Decisions whether each decoder step is fed the truth, in one of three shapes."""

    forced: Tensor  # bool (batch, steps)
    sequences: int | None = None  # the first so many sequences are forced, the others free
    steps: int | None = None  # the first so many steps are forced, the others free

    @property
    def share(self) -> Tensor:
        """The share of forced steps; the first is always fed the history and does not count."""
        return self.forced[:, 1:].double().mean()


def draw(config: TrainConfig, share: float, shape: tuple[int, int], generator: torch.Generator) -> Draws:
    """Draw which patches of a batch of `shape` = (batch, steps) are true, where a share of them is due.

    Probabilistic: each independently with probability `share`; deterministic: the first ⌊share × count⌋.
    What is drawn is a step of a sequence, a sequence, or the batch. The windows of a batch stand in random
    order, so that it does not matter which sequences come first.
    """
    batch, steps = shape
    if config.sampling == "step" and config.draw == "probabilistic":
        return Draws(torch.rand(shape, generator=generator, device=generator.device) < share)
    if config.sampling == "step":
        count = int(share * steps)
        row = torch.arange(steps, device=generator.device) < count
        return Draws(row.expand(batch, steps), steps=count)
    count = 1 if config.sampling == "batch" else batch
    if config.draw == "deterministic":
        forced = int(share * count)
    else:
        forced = int((torch.rand(count, generator=generator, device=generator.device) < share).sum())
    sequences = forced * batch // count
    column = torch.arange(batch, device=generator.device).unsqueeze(1) < sequences
    return Draws(column.expand(batch, steps), sequences=sequences)


@dataclass(frozen=True)
class Curriculum:
    """A schedule with the random draws that carry it out."""

    config: TrainConfig
    generator: torch.Generator

    def unroll(self, decoder: Decoder, start: Start, truth: Tensor, progress: float) -> Pass:
        """Unroll the decoder with the due share of true patches, by the fastest way that equals the loop.

        truth: (batch, steps, patch).
        """
        batch, steps, _ = truth.shape
        share = forced_share(self.config, progress)
        if share >= 1.0 or steps == 1:
            return Pass(unroll_forced(decoder, start, truth), 1.0, is_free=steps == 1)
        if share <= 0.0 and self.config.gradients == "flow":
            return Pass(unroll_free(decoder, start), 0.0, is_free=True)
        if self.config.sampling == "mixture":
            return Pass(self._mix(decoder, start, truth, share), share)
        draws = draw(self.config, share, (batch, steps), self.generator)
        return Pass(self._unroll(decoder, start, truth, draws), draws.share)

    def _mix(self, decoder: Decoder, start: Start, truth: Tensor, share: float) -> Tensor:
        if self.config.gradients == "stopped":
            shares = truth.new_full(truth.shape[:2], share)
            return unroll_steps(decoder, start, truth, shares, stop_gradients=True)
        return unroll_mixture(decoder, start, truth, share)

    def _unroll(self, decoder: Decoder, start: Start, truth: Tensor, draws: Draws) -> Tensor:
        if self.config.gradients == "stopped":
            return unroll_steps(decoder, start, truth, draws.forced, stop_gradients=True)
        if self.config.parallel_passes:
            return unroll_parallel(decoder, start, truth, draws.forced, self.config.parallel_passes)
        if draws.sequences is not None:
            return unroll_sequences(decoder, start, truth, draws.sequences)
        if draws.steps is not None:
            return unroll_forced_then_free(decoder, start, truth, draws.steps)
        return unroll_steps(decoder, start, truth, draws.forced)
