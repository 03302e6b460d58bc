"""Masking: how much is hidden, and that what is hidden is wholly so."""

from __future__ import annotations

import torch
from fits import config_of, panel_of, waves

from deploy.time.timestep import MISSING_TIME
from forecaster.training.masking import hide, shorten
from forecaster.windows.split import split
from forecaster.windows.window import Window


def test_hiding_leaves_most_windows_alone_and_no_target_behind_a_cut_future() -> None:
    config, generator = config_of({"known_size": 1}).model, torch.Generator().manual_seed(0)
    window, future = split(panel_of(waves()), config).train.gather(torch.zeros(4000, dtype=torch.int64))
    known = torch.ones(4000, 6, 1)
    window = Window(**{**vars(window), "known": torch.ones(4000, 18, 1), "future_known": known})
    hidden, cut = hide(window, future, generator)
    lost = torch.isnan(hidden.future_known[:, :, 0])
    assert torch.equal(torch.isnan(cut), lost)
    assert not lost[:, 0].any()
    assert 0.05 < float(lost[:, -1].float().mean()) < 0.1  # a tenth is cut, a sixth of those at the very end
    unknown = (hidden.timestamps == MISSING_TIME).all(1).float().mean()
    assert 0.08 < float(unknown) < 0.12


def test_hiding_makes_some_static_numbers_and_some_past_covariates_unknown_all_along() -> None:
    config, generator = config_of().model, torch.Generator().manual_seed(0)
    window, future = split(panel_of(waves()), config).train.gather(torch.zeros(4000, dtype=torch.int64))
    given = {"past": torch.ones(4000, 18, 2), "static": torch.ones(4000, 2)}
    hidden, _ = hide(Window(**{**vars(window), **given}), future, generator)
    past, static = torch.isnan(hidden.past), torch.isnan(hidden.static)
    assert torch.equal(past.all(1), past.any(1))
    for share in (*past[:, 0].float().mean(0), *static.float().mean(0)):
        assert 0.04 < float(share) < 0.06
    assert not torch.equal(past[:, 0, 0], past[:, 0, 1])


def test_a_tenth_of_the_histories_is_shortened() -> None:
    longest = shorten(4000, 18, torch.Generator().manual_seed(0))
    assert longest.min() >= 1
    assert longest.max() == 18
    assert 0.08 < float((longest < 18).float().mean()) < 0.12
