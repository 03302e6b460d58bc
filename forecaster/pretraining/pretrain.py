"""Pretraining, to be read from top to bottom: made-up windows of a kind, its network, a gradient step.

Each update draws from a generator of its own, of the seed and its number, so a run that was killed goes the
same way when it continues.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from forecaster.config.shape import Normalization
from forecaster.model.network import Network
from forecaster.model.unrolling import unroll_forced, unroll_free
from forecaster.pretrained.kinds import NORMALIZATIONS, Family, Kind
from forecaster.pretrained.transplant import transplant
from forecaster.pretraining.start import COPIES, first_weights
from forecaster.pretraining.supply import Pool
from forecaster.training.loss import pinball
from forecaster.windows.window import Window

BATCH = 256
RATE, LEAST_RATE, RISING = 2e-3, 2e-6, 0.05  # peak, end, share of the updates with a rising rate
FREE_FROM = 0.4  # progress from which the horizon rows train
AVERAGING = 0.999
NORMALIZATION_SHARES = (0.45, 0.4, 0.15)
GRADIENT_NORM, WEIGHT_DECAY = 1.0, 1e-4
HIGHWAY = ("highway.weight", "highway.bias")
# What the optimizer keeps of a weight, from its first gradient on: that of the horizon rows comes later.
MOMENTS = ("step", "exp_avg", "exp_avg_sq")

# Made-up series may repeat to the last digit and then jump: so many scales from the last season, a window
# would outweigh a hundred.
FARTHEST = 30.0
Report = Callable[[int, str, float], None]  # update, what it trained, its loss


@dataclass
class Pretraining:
    """A pretraining under way: what the next update depends on."""

    family: Family
    seed: int
    updates: int  # of the whole run
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    done: int = 0

    def __post_init__(self) -> None:
        torch.manual_seed(self.seed)
        self.weights = {name: part.to(self.device) for name, part in first_weights(self.family).items()}
        self.averages = {name: part.clone() for name, part in self.weights.items()}
        exact = HIGHWAY if self.family.copies else ()
        self.exact = {name: self.weights[name][COPIES].clone() for name in exact}
        for part in self.weights.values():
            part.requires_grad_()
        self.optimizer = torch.optim.AdamW(self.weights.values(), lr=RATE, weight_decay=WEIGHT_DECAY)
        self.pools = {
            (kind, name): Pool(kind, name, self.seed) for kind in self.family.kinds for name in NORMALIZATIONS
        }
        self.objectives = {
            key: Objective(Network(pool.config).to(self.device)) for key, pool in self.pools.items()
        }

    def run(self, report: Report, save: Callable[[], None], every: int = 1000) -> None:
        """Train until all updates are done. save: called after every so many, and at the end."""
        while self.done < self.updates:
            kind, normalization, loss = self.update()
            report(self.done, f"{kind.season} {normalization}", loss)
            if self.done % every == 0 or self.done == self.updates:
                save()

    def update(self) -> tuple[Kind, Normalization, float]:
        """Update the weights once. Returns what they were trained on, and the loss."""
        draw = np.random.default_rng((self.seed, self.done))
        kind, normalization = draw_kind(draw, self.family)
        window, future = self.pools[kind, normalization].draw(BATCH, draw)
        objective, progress = self.objectives[kind, normalization], self.done / self.updates
        state = transplant(self.weights, objective.network.config, torch)
        loss = torch.func.functional_call(
            objective,
            {f"network.{name}": part for name, part in state.items()},
            (window.to(self.device), future.to(self.device), 0.5 * (progress >= FREE_FROM)),
        )
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights.values(), GRADIENT_NORM)
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(progress)
        self.optimizer.step()
        with torch.no_grad():
            for name, part in self.exact.items():
                self.weights[name][COPIES] = part
        self.done += 1
        self._average(min(AVERAGING, self.done / (self.done + 9)))
        return kind, normalization, loss.item()

    def save(self, path: Path) -> None:
        """Write all of it into one file, replaced in one step."""
        kept: dict[str, Tensor] = {}
        for name, part in self.weights.items():
            moments = self.optimizer.state.get(part, {})
            kept |= {f"weights/{name}": part.detach(), f"averages/{name}": self.averages[name]}
            kept |= {f"{key}/{name}": moments[key] for key in MOMENTS if key in moments}
        used = {f"used/{number}": torch.tensor(pool.used) for number, pool in enumerate(self.pools.values())}
        unfinished = path.with_suffix(".unfinished")
        about = {**self._budget(), "done": str(self.done)}
        save_file({**kept, **used}, unfinished, about)
        unfinished.replace(path)

    def resume(self, path: Path) -> None:
        """Continue where a file of the same family, seed and updates was written.

        Raises ValueError for another.
        """
        with safe_open(path, "pt") as file:
            about = file.metadata()
        if any(about[name] != value for name, value in self._budget().items()):
            raise ValueError(
                f"{path} is of family {about['family']}, seed {about['seed']} and {about['updates']} updates"
            )
        kept, self.done = load_file(path, device=str(self.device)), int(about["done"])
        with torch.no_grad():
            for name, part in self.weights.items():
                part.copy_(kept[f"weights/{name}"])
                self.averages[name].copy_(kept[f"averages/{name}"])
                if f"step/{name}" in kept:
                    self.optimizer.state[part] = {key: kept[f"{key}/{name}"] for key in MOMENTS}
                    self.optimizer.state[part]["step"] = kept[f"step/{name}"].cpu()  # where AdamW has it
        for number, pool in enumerate(self.pools.values()):
            pool.used = int(kept[f"used/{number}"])

    def _budget(self) -> dict[str, str]:
        """Return what a file to continue from has to be of."""
        return {"family": self.family.name, "seed": str(self.seed), "updates": str(self.updates)}

    def _average(self, decay: float) -> None:
        with torch.no_grad():
            for average, part in zip(self.averages.values(), self.weights.values(), strict=True):
                average.lerp_(part, 1 - decay)


def draw_kind(draw: Generator, family: Family) -> tuple[Kind, Normalization]:
    """Draw what an update trains."""
    shares = np.array([kind.share for kind in family.kinds])
    kind = family.kinds[draw.choice(len(shares), p=shares / shares.sum())]
    return kind, NORMALIZATIONS[draw.choice(len(NORMALIZATIONS), p=NORMALIZATION_SHARES)]


def rate_at(progress: float) -> float:
    """Return the learning rate of one cycle: straight up, then a cosine down to nearly nothing."""
    if progress < RISING:
        return RATE * progress / RISING + LEAST_RATE
    phase = (progress - RISING) / (1 - RISING)
    return LEAST_RATE + RATE * (1 + math.cos(math.pi * phase)) / 2


class Objective(nn.Module):
    """The loss of a network on a batch, as a module, so that weights can be handed in from outside."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, window: Window, future: Tensor, free_share: float) -> Tensor:
        """Return the loss of `next` rows, forced, and in a share that of `horizon` rows, free-running.

        future: (batch, horizon) in data units, NaN = missing.
        """
        network = self.network
        encoding = network.encode(window)
        start = network.start(encoding, window)
        truth = network.targets(future, encoding.stats)
        change = (truth - self._last_season(encoding.context, truth)).abs()
        farthest = torch.nan_to_num(change, nan=0.0).amax((1, 2), keepdim=True)
        truth = torch.where(farthest < FARTHEST, truth, torch.nan)
        decoder, levels = network.decoder, network.levels
        forced = decoder.rows(unroll_forced(decoder, start, truth), start.highway)
        loss = pinball(forced.next, truth, levels)
        if not free_share:
            return loss
        free = decoder.rows(unroll_free(decoder, start), start.highway)
        return (1 - free_share) * loss + free_share * pinball(free.horizon, truth, levels)

    def _last_season(self, context: Tensor, truth: Tensor) -> Tensor:
        """Return the last season again and again, shaped as the truth; without one the last value, 0."""
        season = self.network.config.season
        if season == 1:
            return torch.zeros_like(truth)
        coming = torch.arange(truth[0].numel(), device=truth.device)
        return context[:, coming % season - season].reshape(truth.shape)
