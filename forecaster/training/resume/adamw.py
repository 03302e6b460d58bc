"""The optimizer: AdamW for all weights at once, equal to torch's bit by bit.

The first optimizer that torch.optim makes imports torch's compiler, which takes two seconds and is not used.
Source: Loshchilov and Hutter, 2019.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

# As in torch.optim.AdamW and in clip_grad_norm_: no weight depends on either but by the last bits.
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
NORM_EPSILON = 1e-6


@dataclass
class Moment:
    """The memory of the gradients of one weight. Names of the tensors are those of torch's state."""

    step: int  # updates so far with a gradient: rows that train later count later
    exp_avg: Tensor
    exp_avg_sq: Tensor

    def tensors(self) -> dict[str, Tensor]:
        """Return the same as tensors, as a checkpoint has them."""
        return {**vars(self), "step": torch.tensor(float(self.step))}


class AdamW:
    """Moments of some weights, and the steps that these take."""

    def __init__(self, weights: Iterable[Tensor], weight_decay: float) -> None:
        self.weights = list(weights)
        self._weight_decay = weight_decay
        self.moments: dict[int, Moment] = {}  # by the number of the weight, from its first gradient on

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for weight in self.weights:
            weight.grad = None

    @torch.no_grad()
    def step(self, rate: float, gradient_norm: float) -> None:
        """Move each weight that has a gradient. gradient_norm: that of all of them together at most."""
        moving = [number for number, weight in enumerate(self.weights) if weight.grad is not None]
        if not moving:
            return
        weights = [self.weights[number] for number in moving]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        clip(gradients, gradient_norm)
        moments = [self._moment(number) for number in moving]
        means, squares = [each.exp_avg for each in moments], [each.exp_avg_sq for each in moments]
        if self._weight_decay:
            torch._foreach_mul_(weights, 1 - rate * self._weight_decay)
        torch._foreach_lerp_(means, gradients, 1 - BETA1)
        torch._foreach_mul_(squares, BETA2)
        torch._foreach_addcmul_(squares, gradients, gradients, 1 - BETA2)
        roots = torch._foreach_sqrt(squares)
        torch._foreach_div_(roots, [(1 - BETA2 ** float(each.step)) ** 0.5 for each in moments])
        torch._foreach_add_(roots, EPSILON)
        rates = [-rate / (1 - BETA1 ** float(each.step)) for each in moments]
        torch._foreach_addcdiv_(weights, means, roots, rates)

    def _moment(self, number: int) -> Moment:
        """Return the moment of a weight, an update later."""
        if number not in self.moments:
            weight = self.weights[number]
            self.moments[number] = Moment(0, torch.zeros_like(weight), torch.zeros_like(weight))
        self.moments[number].step += 1
        return self.moments[number]

    def restore(self, moments: dict[int, dict[str, Tensor]]) -> None:
        """Continue from the tensors of moments, by number. Raises LookupError or ValueError for others."""
        self.moments = {
            number: Moment(
                int(found["step"]),
                _like(self.weights[number], found["exp_avg"]),
                _like(self.weights[number], found["exp_avg_sq"]),
            )
            for number, found in moments.items()
        }


def _like(weight: Tensor, found: Tensor) -> Tensor:
    """Return a moment on the device of its weight."""
    if found.shape != weight.shape or found.dtype != weight.dtype:
        raise ValueError(f"a moment of shape {tuple(found.shape)}, expected {tuple(weight.shape)}")
    return found.to(weight.device)


def clip(gradients: list[Tensor], most: float) -> None:
    """Scale gradients down in place where their common norm is above the most; no wait for a device.

    Source: Pascanu et al., 2013; torch.nn.utils.clip_grad_norm_ computes the same.
    """
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    torch._foreach_mul_(gradients, torch.clamp(most / (norm + NORM_EPSILON), max=1.0))
