"""The past of a panel as a judge: its loss, its offsets, the mean of several networks."""

from __future__ import annotations

import numpy as np
import pytest

from forecaster.workflows.own_past import FEWEST, SHARE, Past

LEVELS = (0.1, 0.5, 0.9)


def past(errors: list[float], *, width: float = 1.0) -> Past:
    """Return forecasts of one step, the median 0; errors: the actual values."""
    quantiles = np.tile([-width, 0.0, width], (len(errors), 1, 1))
    return Past(LEVELS, quantiles, np.array(errors)[:, None])


def test_the_loss_is_that_of_the_quantiles() -> None:
    by_hand = [0.1 * 3 + 0.5 * 2 + 0.9 * 1, 0.9 * 3 + 0.5 * 4 + 0.1 * 5]  # of 2 and of −4
    assert past([2.0, -4.0]).loss == pytest.approx(sum(by_hand) / 6)


def test_a_missing_value_is_no_error() -> None:
    assert past([2.0, np.nan]).loss == past([2.0]).loss


def test_it_tells_something_from_so_many_forecasts_on() -> None:
    assert not past([1.0] * (FEWEST - 1)).tells
    assert past([1.0] * FEWEST).tells


def test_offsets_widen_what_is_too_narrow_and_narrow_what_is_too_wide() -> None:
    errors = np.random.default_rng(0).normal(size=4000).tolist()
    for width in (0.5, 3.0):
        found = past(errors, width=width).offsets()
        assert found.shape == (1, 3)
        assert found[0] / SHARE + [-width, 0, width] == pytest.approx([-1.28, 0, 1.28], abs=0.06)


def test_a_blend_is_the_mean_forecast_of_the_same_values() -> None:
    blend = Past.blend([past([1.0, 2.0], width=1.0), past([1.0, 2.0], width=3.0)])
    np.testing.assert_array_equal(blend.quantiles, past([1.0, 2.0], width=2.0).quantiles)
    np.testing.assert_array_equal(blend.truth, [[1.0], [2.0]])
