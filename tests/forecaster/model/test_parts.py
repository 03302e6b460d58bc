"""Normalisation, calendar, patches and highway against slow references in numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from forecaster.config import ModelConfig
from forecaster.model.calendar import MISSING_TIME, calendar_features, calendar_width
from forecaster.model.gate import Gate
from forecaster.model.highway import Highway
from forecaster.model.normalization import denormalize, normalize, observe, statistics
from forecaster.model.patching import align
from forecaster.workflows.recipe import DAY, WEEK, YEAR, calendar_periods

HOUR = 3600.0


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
            expected = seen.mean(), max(seen.std(), 1e-4 * abs(seen.mean()))
        else:
            spread = max(np.mean(differences), 0.1 * seen.std())
            expected = seen[-1], max(spread, 1e-4 * abs(seen[-1]))
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


@pytest.mark.parametrize(
    ("step_seconds", "expected"),
    [
        (60, (DAY, WEEK, YEAR)),
        (HOUR, (DAY, WEEK, YEAR)),
        (DAY / 2, (DAY, WEEK, YEAR)),
        (DAY, (WEEK, YEAR)),
        (WEEK, (YEAR,)),
        (YEAR / 12, (YEAR,)),
        (YEAR / 2, (YEAR,)),
        (YEAR, ()),
        (0, ()),
    ],
)
def test_a_period_is_used_if_it_spans_two_steps_and_days_only_for_short_steps(step_seconds, expected) -> None:
    assert calendar_periods(step_seconds) == expected


def test_calendar_features_equal_their_formula_before_and_after_1970() -> None:
    moments = [-(10**9) - 7, -1, 0, 86399, 1_700_000_000]
    found = calendar_features(torch.tensor(moments), (DAY, YEAR), HOUR, torch.float64)
    for moment, row in zip(moments, found.tolist(), strict=True):
        expected = []
        for period in (DAY, YEAR):
            angles = [2 * math.pi * k * (moment % period) / period for k in (1, 2, 3, 4)]
            expected += [math.sin(a) for a in angles] + [math.cos(a) for a in angles]
        assert row == pytest.approx(expected, abs=1e-12)
    assert found.shape[1] == calendar_width((DAY, YEAR), HOUR)


def test_float32_calendar_features_do_not_drift_far_from_1970() -> None:
    moments = torch.tensor([4_102_444_800 + 1234])
    single = calendar_features(moments, (DAY,), HOUR, torch.float32)
    double = calendar_features(moments, (DAY,), HOUR, torch.float64)
    assert (single - double).abs().max() < 1e-5


def test_the_features_of_a_missing_time_are_zero() -> None:
    assert not calendar_features(torch.tensor([MISSING_TIME]), (DAY, WEEK), HOUR, torch.float32).any()


def test_patches_are_anchored_at_the_end_and_only_the_first_is_partly_outside() -> None:
    history = torch.arange(20.0).expand(4, 20)
    where = align(torch.tensor([20, 7, 3, 12]), 20, context_length=12, patch_length=5)
    values = torch.where(where.inside, history.gather(1, where.index), torch.nan)
    n = math.nan
    expected = [
        [n, n, n, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
        [n, n, n, n, n, n, n, n, 0, 1, 2, 3, 4, 5, 6],
        [n, n, n, n, n, n, n, n, n, n, n, n, 0, 1, 2],
        [n, n, n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    ]
    np.testing.assert_array_equal(values.numpy(), np.array(expected))
    assert where.padding(5).tolist() == [[False] * 3, [True, False, False], [True, True, False], [False] * 3]


NOTHING = torch.zeros(0)  # a highway of one map has no gate that would look at it


def test_a_rolled_highway_is_one_affine_map() -> None:
    torch.manual_seed(0)
    config = ModelConfig(context_length=14, horizon=9, patch_length=3, season=7)
    highway = Highway(config).double()
    torch.nn.init.normal_(highway.weight, std=0.2)
    torch.nn.init.normal_(highway.bias)
    context = torch.randn(5, 14, dtype=torch.float64)
    weight, bias = highway.as_matrix(6)
    torch.testing.assert_close(context @ weight + bias, highway(context, NOTHING, 6).flatten(1))


@pytest.mark.parametrize("patch", [1, 3])
def test_a_highway_rolls_on_its_own_output(patch: int) -> None:
    torch.manual_seed(0)
    config = ModelConfig(context_length=12, horizon=6, patch_length=patch, season=6)
    highway = Highway(config).double()
    torch.nn.init.normal_(highway.weight, std=0.2)
    torch.nn.init.normal_(highway.bias)
    context = values = torch.randn(3, 12, dtype=torch.float64)
    for _ in range(5):
        values = torch.cat([values, values[:, -12:] @ highway.weight[0].T + highway.bias[0]], dim=1)
    torch.testing.assert_close(highway(context, NOTHING, 5).flatten(1), values[:, 12:])


def test_a_bank_of_maps_is_mixed_by_the_gate_after_each_is_rolled() -> None:
    torch.manual_seed(0)
    config = ModelConfig(context_length=30, horizon=6, patch_length=3, season=2, hidden_size=4, highway=5)
    highway = Highway(config).double()
    torch.nn.init.normal_(highway.weight, std=0.1)
    assert highway.gate is not None
    torch.nn.init.normal_(highway.gate.linear.weight)
    context, hidden = torch.randn(6, 30, dtype=torch.float64), torch.randn(6, 4, dtype=torch.float64)
    shares = highway.gate(context, hidden)
    assert torch.allclose(shares.sum(1), torch.ones(6, dtype=torch.float64))
    alone = Highway(config.model_copy(update={"highway": 1})).double()
    expected = torch.zeros(6, 4, 3, dtype=torch.float64)
    for number in range(5):
        alone.weight.data, alone.bias.data = highway.weight.data[[number]], highway.bias.data[[number]]
        expected += shares[:, number, None, None] * alone(context, NOTHING, 4)
    torch.testing.assert_close(highway(context, hidden, 4), expected)


def test_a_gate_without_a_cycle_twice_in_its_context_goes_by_the_encoder_alone() -> None:
    config = ModelConfig(context_length=11, horizon=6, patch_length=3, season=6, hidden_size=4, highway=3)
    gate, hidden = Gate(config), torch.randn(4, config.hidden_size)
    assert gate.lags == ()
    torch.nn.init.normal_(gate.linear.weight)
    one, other = (gate(torch.full((4, 11), level), hidden) for level in (0.0, 5.0))
    assert torch.equal(one, other)
    torch.testing.assert_close(one.sum(1), torch.ones(4))


def test_a_gate_knows_how_strong_each_cycle_is_and_how_the_level_moves() -> None:
    config = ModelConfig(context_length=84, horizon=6, patch_length=6, season=6, hidden_size=4, highway=2)
    gate, time = Gate(config), torch.arange(84.0)
    assert gate.lags == (6, 42)
    wave, other = torch.sin(time * 2 * math.pi / 6), torch.sin(time * 2 * math.pi / 4)
    weekly, at_once = gate.autocorrelations(torch.stack([wave, other]))[:, 0].tolist()
    assert weekly == pytest.approx(78 / 84, abs=0.01)
    assert at_once == pytest.approx(-78 / 84, abs=0.01)
    np.testing.assert_allclose((time[None] @ gate.changes).numpy(), [[6, 42]], rtol=1e-5)
    assert not gate.autocorrelations(torch.zeros(1, 84)).any()


def test_the_maps_of_a_bank_begin_as_what_series_of_many_kinds_repeat() -> None:
    config = ModelConfig(context_length=56, horizon=4, patch_length=4, season=4, highway=8)
    context = torch.arange(56.0)[None]
    rows = Highway(config).roll(context, 1)[:, 0]
    assert rows[1].tolist() == [14, 15, 16, 17]  # means of 0 and 28 ...
    assert rows[2].tolist() == [50, 51, 52, 53]  # of the last two seasons
    assert rows[3].tolist() == [53.5] * 4  # the level of the last
    assert rows[4].tolist() == [28, 29, 30, 31]
    assert rows[5].tolist() == [52, 53, 54, 55]
    assert rows[6].tolist() == [55] * 4
    assert rows[7].tolist() == [27.5] * 4


def test_an_untrained_highway_repeats_the_mean_of_its_seasons() -> None:
    config = ModelConfig(context_length=23, horizon=7, patch_length=7, season=7)
    context = torch.arange(23.0)[None]
    expected = [np.mean([2 + day, 9 + day, 16 + day]) for day in range(7)]
    assert Highway(config)(context, NOTHING, 1).flatten().tolist() == pytest.approx(expected)


def test_an_untrained_highway_without_a_season_repeats_the_last_value() -> None:
    config = ModelConfig(context_length=5, horizon=3, patch_length=1, season=1)
    assert Highway(config)(torch.arange(5.0)[None], NOTHING, 3).flatten().tolist() == [4.0, 4.0, 4.0]
