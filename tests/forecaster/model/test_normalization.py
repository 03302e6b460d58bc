"""Normalisation compared with slow references in numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from forecaster.model.normalization import (
    FARTHEST,
    denormalize,
    normalize,
    normalize_targets,
    observe,
    statistics,
)


def random_windows(seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    values = 50 + 5 * torch.randn(20, 30, generator=generator, dtype=torch.float64)
    values[torch.rand(20, 30, generator=generator) < 0.3] = torch.nan
    return values


@pytest.mark.parametrize("normalization", ["mean-std", "last-difference", "log-last-difference"])
def test_statistics_equal_a_loop_over_the_observed_values(normalization) -> None:
    windows, season = random_windows(), 7
    values, observed = observe(windows, normalization)
    found = statistics(values, observed, normalization, season)
    for row, location, scale in zip(windows.numpy(), found.location, found.scale, strict=True):
        row = np.log(row) if normalization.startswith("log") else row
        seen = row[~np.isnan(row)]
        differences = [abs(b - a) for a, b in zip(row[:-season], row[season:], strict=True)]
        differences = [d for d in differences if not math.isnan(d)]
        if normalization == "mean-std":
            expected = seen.mean(), seen.std()
        else:
            expected = seen[-1], max(np.mean(differences), 0.1 * seen.std())
        assert (float(location), float(scale)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("normalization", ["mean-std", "last-difference", "log-last-difference", "none"])
def test_denormalizing_gives_back_what_was_normalized(normalization) -> None:
    windows = random_windows()
    values, observed = observe(windows, normalization)
    stats = statistics(values, observed, normalization, 7)
    scaled = normalize(values, observed, stats)
    back = denormalize(scaled.unsqueeze(2), stats, normalization)[:, :, 0]
    torch.testing.assert_close(back[observed], windows[observed], rtol=1e-12, atol=0)


def test_a_constant_window_has_scale_0_and_its_own_level() -> None:
    values, observed = observe(torch.tensor([[torch.nan, 0.1, 0.1, torch.nan, 0.1]]), "mean-std")
    stats = statistics(values, observed, "mean-std", 2)
    assert (float(stats.location), float(stats.scale)) == (float(torch.tensor(0.1)), 0.0)


@pytest.mark.parametrize("normalization", ["mean-std", "last-difference"])
def test_how_far_from_0_a_window_is_changes_its_location_alone(normalization) -> None:
    windows = random_windows().round()
    near, far = (
        statistics(*observe(windows + level, normalization), normalization, 7) for level in (0, 2.0**40)
    )
    torch.testing.assert_close(far.scale, near.scale, rtol=1e-3, atol=0)  # float64 has 4 digits left there
    torch.testing.assert_close(far.location - 2.0**40, near.location, rtol=0, atol=1e-3)


def test_equal_numbers_that_were_rounded_apart_are_constant() -> None:
    values = torch.tensor([[0.1 + 0.2, 0.3, 0.3, 0.3]], dtype=torch.float64)
    assert values.unique().numel() == 2
    assert float(statistics(*observe(values, "mean-std"), "mean-std", 1).scale) == 0


def test_a_jump_out_of_all_proportion_to_its_context_teaches_nothing() -> None:
    context = torch.tensor([[5.0, 5.0, 5.000001, 5.0]], dtype=torch.float64)
    stats = statistics(*observe(context, "last-difference"), "last-difference", 1)
    scale = float(stats.scale)
    future = torch.tensor([[5 + 2 * scale, 5 + 2 * FARTHEST * scale, torch.nan, 5.0]], dtype=torch.float64)
    found = normalize_targets(future, stats, "last-difference")
    torch.testing.assert_close(
        found, torch.tensor([[2.0, torch.nan, torch.nan, 0.0]]).double(), equal_nan=True, rtol=1e-6, atol=0
    )


def test_the_deviation_of_a_high_level_survives_float32() -> None:
    wide = 1e4 + 3 * torch.randn(8, 500, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = statistics(*observe(wide.float(), "mean-std"), "mean-std", 1).scale
    reference = statistics(*observe(wide, "mean-std"), "mean-std", 1).scale
    torch.testing.assert_close(found.double(), reference, rtol=1e-3, atol=0)


def test_logarithms_take_values_up_to_0_as_missing() -> None:
    values, observed = observe(torch.tensor([[1.0, 0.0, -1.0, 1.0, torch.nan]]), "log-last-difference")
    assert observed.tolist() == [[True, False, False, True, False]]
    assert values.tolist() == [[0.0, 0.0, 0.0, 0.0, 0.0]]


def test_exponents_are_clipped_so_that_results_stay_finite() -> None:
    values, observed = observe(torch.tensor([[1.0, 2.0]]), "log-last-difference")
    stats = statistics(values, observed, "log-last-difference", 1)
    assert torch.isfinite(denormalize(torch.full((1, 1, 1), 1e6), stats, "log-last-difference")).all()
