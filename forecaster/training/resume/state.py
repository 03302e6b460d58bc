"""The state of a fit: all that the next update depends on, and so the content of a checkpoint."""

import copy
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from forecaster.config import RunConfig
from forecaster.model.network import Network
from forecaster.training.epochs import Epoch, to_epoch
from forecaster.training.machine.pace import Pace
from forecaster.training.resume.adamw import AdamW

Number = float | Tensor  # of no dimensions
SOON = 10  # updates after which an average still forgets fast


@dataclass
class TrainingState:
    """A fit between two updates."""

    network: Network
    optimizer: AdamW
    generator: torch.Generator  # of all random draws
    best_weights: dict[str, Tensor]
    averaged: Network | None = None  # its weights are the average over the updates; None: no average is taken
    pace: Pace | None = None  # decided for this machine before the first update
    validated: int | None = None  # windows in an epoch, at most; decided then, too
    updates: int = 0
    progress: float = 0.0  # of its stage's budget, in updates or time: at 1 it is finished
    seconds: float = 0.0  # spent so far
    epochs: list[Epoch] = field(default_factory=list)
    # Of the running epoch, on the device until they are settled: the losses and the realised shares of truth.
    losses: list[Number] = field(default_factory=list)
    forced: list[Number] = field(default_factory=list)
    settled: int = 0  # how many of them are

    @classmethod
    def begin(cls, config: RunConfig, device: torch.device, origin: Network | None = None) -> "TrainingState":
        """Return the state before the first update, all from the seed but the weights of an `origin`."""
        train = config.train
        torch.manual_seed(train.seed)
        network = Network(config.model).to(device)
        if origin is not None:
            network.load_state_dict(origin.state_dict())
        if train.linear == "ridge" and network.highway is not None:
            network.highway.requires_grad_(False)
        optimizer = AdamW(network.parameters(), train.weight_decay)
        generator = torch.Generator(device).manual_seed(train.seed)
        return cls(network, optimizer, generator, copy.deepcopy(network.state_dict()))

    def count_update(self, loss: Tensor, forced: Number, progress: float, seconds: float) -> None:
        """Record an update. progress: of the budget; seconds: spent so far."""
        self.updates, self.progress, self.seconds = self.updates + 1, progress, seconds
        self.losses.append(loss)
        self.forced.append(forced)

    def average(self, decay: float) -> None:
        """Let the averaged weights follow, faster at first, since they begin far from their aim.

        An average over the last updates forecasts better than any of them (Polyak and Juditsky, 1992).
        """
        if self.averaged is None:
            self.averaged = copy.deepcopy(self.network)
        share = 1 - min(decay, self.updates / (self.updates + SOON))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.parameters()), list(self.network.parameters()), share)

    @property
    def evaluated(self) -> Network:
        """The network that validates and is kept."""
        return self.network if self.averaged is None else self.averaged

    def settle(self) -> None:
        """Bring the running epoch's numbers to the host, all in one copy."""
        count, device = len(self.losses) - self.settled, self.generator.device
        if not count:
            return
        new = (*self.losses[-count:], *self.forced[-count:])
        values = torch.stack([torch.as_tensor(number, device=device).double() for number in new]).tolist()
        self.losses[-count:], self.forced[-count:] = values[:count], values[count:]
        self.settled = len(self.losses)

    def end_epoch(self, epoch: Epoch) -> None:
        """Record a validated epoch; the next update begins another."""
        self.epochs = [*self.epochs, epoch]
        self.losses, self.forced, self.settled = [], [], 0

    def keep_best(self) -> None:
        """Remember the weights as they are now."""
        self.best_weights = copy.deepcopy(self.evaluated.state_dict())

    def best_network(self) -> Network:
        """Return the network with the best weights."""
        self.network.load_state_dict(self.best_weights)
        return self.network

    def tensors(self) -> dict[str, Tensor]:
        """Return everything in tensors, by name."""
        moments = {
            f"optimizer.{number}.{name}": value
            for number, moment in self.optimizer.moments.items()
            for name, value in moment.tensors().items()
        }
        average = {} if self.averaged is None else self.averaged.state_dict()
        return {
            **{f"network.{name}": value for name, value in self.network.state_dict().items()},
            **{f"average.{name}": value for name, value in average.items()},
            **{f"best.{name}": value for name, value in self.best_weights.items()},
            **moments,
            "generator": self.generator.get_state(),
        }

    def numbers(self) -> dict[str, Any]:
        """Return everything else as JSON can hold it; losses must be settled."""
        names = ("validated", "updates", "progress", "seconds", "losses", "forced")
        return {
            "pace": asdict(self.pace) if self.pace else None,
            **{name: getattr(self, name) for name in names},
            "epochs": list(map(asdict, self.epochs)),
            "moments": len(self.optimizer.moments),
        }

    def restore(self, tensors: dict[str, Tensor], numbers: dict[str, Any]) -> None:
        """Continue from the results of `tensors` and `numbers`.

        Raises KeyError, TypeError, ValueError or RuntimeError if they are damaged.
        """
        best = _below("best.", tensors)
        self.network.load_state_dict(best)  # raises if they are not those of this network
        self.best_weights = best
        self.network.load_state_dict(_below("network.", tensors))
        average = _below("average.", tensors)
        if average:
            self.averaged = copy.deepcopy(self.network)
            self.averaged.load_state_dict(average)
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in _below("optimizer.", tensors).items():
            number, key = name.split(".")
            moments.setdefault(int(number), {})[key] = value
        if len(moments) != numbers["moments"]:
            raise ValueError(f"moments of {len(moments)} weights, expected {numbers['moments']}")
        self.optimizer.restore(moments)
        self.generator.set_state(tensors["generator"])
        self.pace = Pace(**numbers["pace"])
        self.validated = numbers.get("validated")  # not in those of an early release
        self.updates, self.seconds = numbers["updates"], numbers["seconds"]
        self.progress = float(numbers["progress"])
        self.losses, self.forced = list(numbers["losses"]), list(numbers["forced"])
        self.settled = len(self.losses)
        self.epochs = [to_epoch(values) for values in numbers["epochs"]]


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
