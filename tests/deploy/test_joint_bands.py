"""Bands of whole trajectories, from factors of the manifest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy import BundleError, InputError, Predictor
from deploy.bundle.bundle import digest_of
from deploy.shown.joint_bands import JointBands

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
QUANTILES = np.array([[[6.0, 9.0, 10.0, 12.0, 16.0], [8.0, 9.0, 10.0, 11.0, 13.0]]])
FACTORS = ((1.5, 2.0), (2.0, 3.0))


def test_intervals_are_stretched_about_the_median_by_the_factor_of_so_many_steps() -> None:
    bands = JointBands((0.8, 0.4), FACTORS)
    low, high = bands.of(QUANTILES, LEVELS, 0.8)
    np.testing.assert_allclose([low, high], [[[2, 6]], [[22, 16]]])
    low, high = bands.of(QUANTILES[:, :1], LEVELS, 0.4)
    np.testing.assert_allclose([low, high], [[[8]], [[14]]])


def test_bands_keep_the_bounds_of_a_model() -> None:
    low, _ = JointBands((0.8, 0.4), FACTORS, lower=5.0).of(QUANTILES, LEVELS, 0.8)
    np.testing.assert_array_equal(low, [[5, 6]])
    low, high = JointBands((0.8, 0.4), FACTORS, multiplies=True).of(QUANTILES, LEVELS, 0.8)
    np.testing.assert_allclose(low[0, 0], 10 * 0.6**2)
    np.testing.assert_allclose(high[0, 0], 10 * 1.6**2)


def test_what_was_not_calibrated_is_refused() -> None:
    bands = JointBands((0.8, 0.4), FACTORS)
    with pytest.raises(InputError, match=r"expected a level of 0\.8, 0\.4, found 0\.5"):
        bands.of(QUANTILES, LEVELS, 0.5)
    with pytest.raises(InputError, match="trajectories of up to 2 steps were calibrated, found 4"):
        bands.of(np.repeat(QUANTILES, 2, axis=1), LEVELS, 0.8)


def test_bundles_of_early_releases_say_so(plain: Predictor) -> None:
    with pytest.raises(InputError, match="exported before there were any"):
        plain.forecast([1.0, 2.0, 3.0]).joint(0.8)


def with_joint(bundles: Path, folder: Path, joint: Any) -> Path:
    path = folder / "bundle"
    shutil.copytree(bundles / "plain", path)
    manifest = json.loads((path / "manifest.json").read_bytes())
    manifest["joint"] = joint
    manifest["digest"] = digest_of(manifest)
    (path / "manifest.json").write_text(json.dumps(manifest))
    return path


def test_a_bundle_has_bands_of_its_forecasts_and_streams(bundles: Path, tmp_path: Path) -> None:
    joint = {"intervals": [0.8], "factors": [[1.0 + step] for step in range(6)]}
    predictor = Predictor.load(with_joint(bundles, tmp_path, joint))
    found = predictor.forecast([1.0, 2.0, 3.0, 2.0], 1)
    low, high = found.joint(0.8)
    np.testing.assert_allclose(low, found.quantiles[..., 0])
    np.testing.assert_allclose(high, found.quantiles[..., -1])
    low, high = predictor.stream([1.0, 2.0, 3.0, 2.0]).forecast().joint(0.8)
    assert low.shape == high.shape == (1, 6)
    assert (low > 0).all()
    assert (low < high).all()


@pytest.mark.parametrize(
    "joint",
    [
        [],
        {"intervals": [0.8]},
        {"intervals": [0.5], "factors": [[1.0]] * 6},
        {"intervals": [0.8], "factors": [[1.0]] * 5},
        {"intervals": [0.8], "factors": [[1.0, 2.0]] * 6},
        {"intervals": [0.8], "factors": [[1e300]] * 6},
    ],
)
def test_damaged_factors_are_refused(bundles: Path, tmp_path: Path, joint: Any) -> None:
    with pytest.raises(BundleError, match="joint"):
        Predictor.load(with_joint(bundles, tmp_path, joint))
