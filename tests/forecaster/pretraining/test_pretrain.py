"""Pretraining: every weight is trained, and a run that was killed continues to the same bits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from forecaster.pretrained.kinds import DAYS, FAMILIES, NORMALIZATIONS, SHORT, Family, Kind
from forecaster.pretraining import pretrain, supply
from forecaster.pretraining.pretrain import FREE_FROM, NORMALIZATION_SHARES, Pretraining, draw_kind, rate_at
from forecaster.pretraining.start import COPIES

pytestmark = pytest.mark.slow
# What begins to move with the horizon rows.
LATER = {"decoder.delta_rows.weight", "decoder.delta_rows.bias"}

FEW = (
    replace(SHORT, kinds=(SHORT.kinds[0], SHORT.kinds[5])),  # without a season, with the longest patch
    replace(DAYS, kinds=(DAYS.kinds[0], DAYS.kinds[2])),  # with two seasons, with the longest patch
)
FEW_KINDS = [(family, kind) for family in FEW for kind in family.kinds]
each_family = pytest.mark.parametrize("family", FEW, ids=["short", "days"])
small = pytest.mark.usefixtures("few_series")


@pytest.fixture
def few_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrain, "BATCH", 8)
    monkeypatch.setattr(supply, "SERIES", 8)
    monkeypatch.setattr(supply, "USES", 1)  # another pool for every update


def train_on(patch: pytest.MonkeyPatch, kind: Kind) -> None:
    patch.setattr(pretrain, "draw_kind", lambda *_: (kind, NORMALIZATIONS[0]))


def changed_by_an_update(pretraining: Pretraining) -> set[str]:
    before = {name: part.detach().clone() for name, part in pretraining.weights.items()}
    pretraining.update()
    return {name for name, part in pretraining.weights.items() if not torch.equal(part, before[name])}


@small
@each_family
def test_an_update_changes_every_weight_but_those_of_the_horizon_rows(family: Family) -> None:
    pretraining = Pretraining(family, seed=0, updates=10)
    assert changed_by_an_update(pretraining) == pretraining.weights.keys() - LATER


@small
@pytest.mark.parametrize(
    ("family", "kind"), FEW_KINDS, ids=[f"season {kind.season}" for _, kind in FEW_KINDS]
)
def test_gradients_reach_every_weight_once_the_horizon_rows_train(
    family: Family, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_on(monkeypatch, kind)
    pretraining = Pretraining(family, seed=0, updates=10, done=round(10 * FREE_FROM))
    assert changed_by_an_update(pretraining) == pretraining.weights.keys()
    weights = pretraining.weights
    maps = weights["highway.weight"].grad.abs().sum((0, 1, 3))
    assert ((maps > 0) == (torch.arange(len(maps)) >= len(maps) - kind.context)).all()
    for name in ("encoder.patch", "decoder.patch"):
        assert (weights[name].grad.abs().sum(0) > 0).all()  # every phase, and its mask
    rows = weights["decoder.next_rows.weight"].grad.abs().sum(2)
    assert (rows > 0).all()


@small
@pytest.mark.parametrize("kept_at", [2, 5])
def test_a_pretraining_that_was_killed_continues_to_the_same_bits(kept_at: int, tmp_path: Path) -> None:
    # The horizon rows begin with the fifth of these updates, so one file is written before and one after.
    whole, file = Pretraining(FEW[0], seed=1, updates=8), tmp_path / "kept.safetensors"
    whole.run(lambda *_: None, lambda: whole.save(file) if whole.done == kept_at else None, every=1)
    torch.manual_seed(99)
    resumed = Pretraining(FEW[0], seed=1, updates=8)
    resumed.resume(file)
    assert resumed.done == kept_at
    trained: list[str] = []
    resumed.run(lambda *report: trained.append(report[1]), lambda: None)
    assert len(trained) == 8 - kept_at
    assert len(set(trained)) > 1  # each update draws its own kind
    for name, part in whole.weights.items():
        assert torch.equal(part, resumed.weights[name]), name
        assert torch.equal(whole.averages[name], resumed.averages[name]), name


@small
def test_a_file_of_another_family_seed_or_number_of_updates_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kept.safetensors"
    Pretraining(FEW[0], seed=1, updates=8).save(file)
    for family, seed, updates in ((FEW[0], 2, 8), (FEW[0], 1, 9), (FEW[1], 1, 8)):
        with pytest.raises(ValueError, match=f"is of family {FEW[0].name}, seed 1 and 8 updates"):
            Pretraining(family, seed, updates).resume(file)


@small
@each_family
def test_maps_that_copy_a_patch_stay_exact_where_the_family_says_so(family: Family) -> None:
    pretraining = Pretraining(family, 0, 10)
    weight = pretraining.weights["highway.weight"]
    before = weight.detach().clone()
    for _ in range(2):
        pretraining.update()
    changed = (weight != before).flatten(1).any(1)
    is_copy = torch.zeros(len(weight), dtype=torch.bool)
    is_copy[COPIES] = True
    assert family.copies == (family.name == "days")
    assert (changed == (~is_copy if family.copies else torch.ones_like(is_copy))).all()
    assert bool(pretraining.weights["highway.bias"][COPIES].any()) != family.copies


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_kinds_and_normalisations_are_drawn_in_their_shares(family: Family) -> None:
    draw = np.random.default_rng(0)
    drawn = [draw_kind(draw, family) for _ in range(2000)]
    for kind in family.kinds:
        assert np.mean([found[0] is kind for found in drawn]) == pytest.approx(kind.share, abs=0.04)
    for name, share in zip(NORMALIZATIONS, NORMALIZATION_SHARES, strict=True):
        assert np.mean([found[1] == name for found in drawn]) == pytest.approx(share, abs=0.04)


def test_the_rate_rises_and_falls_to_nearly_nothing() -> None:
    rates = np.array([rate_at(progress) for progress in np.linspace(0, 1, 201)])
    assert rates.argmax() == 10  # after 5 % of the updates
    assert rates.max() == pytest.approx(2e-3, rel=0.01)
    assert rates[0] == rates[-1] == pytest.approx(2e-6)
    assert (np.diff(rates[10:]) < 0).all()
