"""The curriculum: which share of the patches fed to the decoder is true, as training goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from forecaster.config import TrainConfig
from forecaster.model.decoder import Decoder, Start
from forecaster.model.unrolling import unroll_forced, unroll_free, unroll_sequences, unroll_steps

# Inverse sigmoid decay k/(k + exp(i/k)) of Bengio et al. (2015), its i scaled so that [0, 1] runs from
# k/(k+1) to 1/(k+1), and 1/2 lies in the middle: 1/(1 + k^(2u−1)).
SIGMOID_K = 100.0
# Exponential decay k^i, scaled so that this share is left at the end.
EXPONENTIAL_END = 0.01


def linear(progress: float, _: TrainConfig) -> float:
    """From 1 straight to 0."""
    return 1.0 - progress


def exponential(progress: float, _: TrainConfig) -> float:
    """From 1 to EXPONENTIAL_END by the same factor in equal times."""
    return float(EXPONENTIAL_END**progress)


def inverse_sigmoid(progress: float, _: TrainConfig) -> float:
    """Close to 1 first, 1/2 in the middle, close to 0 at the end."""
    return float(1.0 / (1.0 + SIGMOID_K ** (2 * progress - 1)))


def constant(_: float, config: TrainConfig) -> float:
    """The same share throughout; it has no direction."""
    return config.epsilon


def switch(progress: float, config: TrainConfig) -> float:
    """Forced until `switch_at`, free from then on."""
    return 1.0 if progress < config.switch_at else 0.0


SCHEDULES: dict[str, Callable[[float, TrainConfig], float]] = {
    "constant": constant,
    "linear": linear,
    "exponential": exponential,
    "inverse-sigmoid": inverse_sigmoid,
    "switch": switch,
}


def forced_share(config: TrainConfig, progress: float) -> float:
    """ε, the probability that a decoder step is fed the truth, at a progress in [0, 1].

    Decaying from forced to free is scheduled sampling (Bengio et al., 2015); increasing, one minus that, is a
    flipped classroom (Teutsch and Mäder, 2022).
    """
    share = SCHEDULES[config.schedule](progress, config)
    return 1.0 - share if config.direction == "increase" else share


def draw_forced(share: float, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Independent draws, True with probability `share`."""
    return torch.rand(shape, generator=generator) < share


@dataclass(frozen=True)
class Curriculum:
    """A schedule with the random draws that carry it out."""

    config: TrainConfig
    generator: torch.Generator

    def unroll(self, decoder: Decoder, start: Start, truth: Tensor, progress: float) -> Tensor:
        """Hidden states (batch, steps, hidden) of a pass in which the due share of the fed patches is true.

        truth: (batch, steps, patch). Shares of 1 and 0 take the fused passes that equal the loop.
        """
        batch, steps, _ = truth.shape
        share = forced_share(self.config, progress)
        if share >= 1.0 or steps == 1:  # the first step is always fed the history
            return unroll_forced(decoder, start, truth)
        if share <= 0.0:
            return unroll_free(decoder, start)
        if self.config.sampling == "sequence":
            return unroll_sequences(decoder, start, truth, draw_forced(share, (batch,), self.generator))
        return unroll_steps(decoder, start, truth, draw_forced(share, (batch, steps), self.generator))
