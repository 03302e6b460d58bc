"""The optimizer takes the very steps of torch's, which is the slow reference."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from forecaster.training.resume.adamw import AdamW, clip

UPDATES = 50
SHAPES = ((7, 5), (5,), (3, 4, 2), (1,))
LATE = 20  # updates before the last weight has a gradient, as the horizon rows have from the middle on


def weights(seed: int = 0) -> list[Tensor]:
    torch.manual_seed(seed)
    return [torch.randn(shape).requires_grad_() for shape in SHAPES]


def gradients(update: int) -> list[Tensor | None]:
    """Gradients of which about half are clipped; the first are tiny, the last weight has none at first."""
    generator = torch.Generator().manual_seed(update)
    size = 1e-6 if update < 3 else 0.15
    found: list[Tensor | None] = [size * torch.randn(shape, generator=generator) for shape in SHAPES]
    if update < LATE:
        found[-1] = None
    return found


def give(those: list[Tensor], update: int) -> None:
    for weight, gradient in zip(those, gradients(update), strict=True):
        weight.grad = None if gradient is None else gradient.clone()


def rate_of(update: int) -> float:
    return 1e-3 * (1 + update % 7)


@pytest.mark.parametrize("weight_decay", [0.0, 1e-4, 0.3])
@pytest.mark.parametrize("foreach", [False, True])
def test_50_updates_equal_those_of_torch_bit_by_bit(weight_decay: float, foreach: bool) -> None:
    ours, theirs = weights(), weights()
    optimizer = AdamW(ours, weight_decay)
    reference = torch.optim.AdamW(theirs, weight_decay=weight_decay, foreach=foreach)
    norms = []
    for update in range(UPDATES):
        give(ours, update)
        give(theirs, update)
        optimizer.step(rate_of(update), 1.0)
        norms.append(float(torch.nn.utils.clip_grad_norm_(theirs, 1.0)))
        reference.param_groups[0]["lr"] = rate_of(update)
        reference.step()
        assert all(map(torch.equal, ours, theirs)), f"update {update}"
    assert min(norms) < 1.0 < max(norms)  # some were clipped, some were not
    for number, state in reference.state_dict()["state"].items():
        assert_same(optimizer.moments[number].tensors(), state)


def assert_same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == value.dtype, name
        assert torch.equal(found[name], value), name


@pytest.mark.parametrize("size", [1e-30, 1e-3, 1.0, 1e3])
def test_gradients_are_clipped_as_torch_clips_them(size: float) -> None:
    ours, theirs = weights(), weights()
    for weight, other in zip(ours, theirs, strict=True):
        weight.grad, other.grad = size * weight.detach(), size * other.detach()
    clip([weight.grad for weight in ours if weight.grad is not None], 1.0)
    torch.nn.utils.clip_grad_norm_(theirs, 1.0)
    for weight, other in zip(ours, theirs, strict=True):
        assert torch.equal(weight.grad, other.grad)


def test_the_optimizer_continues_from_the_state_of_torch() -> None:
    """So checkpoints that torch's optimizer left can be resumed."""
    ours, theirs = weights(), weights()
    reference = torch.optim.AdamW(theirs, weight_decay=0.1)
    for update in range(LATE + 5):
        give(theirs, update)
        torch.nn.utils.clip_grad_norm_(theirs, 1.0)
        reference.step()
    with torch.no_grad():
        for weight, other in zip(ours, theirs, strict=True):
            weight.copy_(other)
    optimizer = AdamW(ours, 0.1)
    optimizer.restore(copy.deepcopy(reference.state_dict()["state"]))
    give(ours, UPDATES)
    give(theirs, UPDATES)
    optimizer.step(1e-3, 1e9)
    reference.step()
    assert all(map(torch.equal, ours, theirs))


@pytest.mark.parametrize(
    "damage",
    [
        lambda moments: moments[0].pop("exp_avg"),
        lambda moments: moments[0].pop("step"),
        lambda moments: moments.update({9: moments[0]}),
        lambda moments: moments[1].update(exp_avg_sq=torch.zeros(4)),
        lambda moments: moments[1].update(exp_avg=torch.zeros(5, dtype=torch.float64)),
    ],
)
def test_moments_of_other_weights_are_refused(damage: Callable[[dict], object]) -> None:
    moments = {
        number: {"step": torch.tensor(1.0), "exp_avg": torch.zeros(shape), "exp_avg_sq": torch.zeros(shape)}
        for number, shape in enumerate(SHAPES)
    }
    AdamW(weights(), 0.0).restore(moments)
    damage(moments)
    with pytest.raises((LookupError, ValueError)):
        AdamW(weights(), 0.0).restore(moments)


def test_an_update_without_any_gradient_moves_nothing() -> None:
    ours = weights()
    optimizer = AdamW(ours, 0.1)
    optimizer.zero_grad()
    optimizer.step(1e-3, 1.0)
    assert all(map(torch.equal, ours, weights()))
    assert optimizer.moments == {}


@pytest.mark.slow
def test_a_fit_loads_no_compiler() -> None:
    program = (
        "import sys, fits; from forecaster.training.members.members import fit_members;"
        "fit_members(fits.panel_of(fits.waves()), fits.config_of(refit=0.2, averaging=0.9), fits.Recorder());"
        "print([name for name in ('torch._dynamo', 'torch._inductor', 'sympy') if name in sys.modules])"
    )
    folder = str(Path(__file__).parents[1])
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {folder!r}); {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"
