"""What training records of the dependence within a patch."""

from __future__ import annotations

import numpy as np
import torch
from fits import config_of, panel_of

from deploy.paths.scores import scores_of
from forecaster.model.network import Network
from forecaster.training.dependence import VECTORS, record_patch_ranks
from forecaster.windows.split import split
from forecaster.windows.windows import WindowSet


def ranks_of(patch: int, series: list[np.ndarray], **model: object) -> np.ndarray:
    """Of a network that forecasts the same for every place, whatever came before."""
    config = config_of({"patch_length": patch, "highway": 0, **model}).model
    network = Network(config).eval()
    with torch.no_grad():
        network.decoder.next_rows.weight.zero_()
        scores = torch.tensor(scores_of(config.quantile_levels), dtype=torch.float32)
        network.decoder.next_rows.bias.copy_(scores.repeat(patch))
    return record_patch_ranks(network, validation(series, config))


def validation(series: list[np.ndarray], config: object) -> WindowSet:
    return split(panel_of(*series), config, torch.device("cpu")).validation


def noise(count: int, length: int = 60) -> list[np.ndarray]:
    return list(np.random.default_rng(0).standard_normal((count, length)))


def test_each_place_of_the_patch_is_ranked_by_itself() -> None:
    ranks = ranks_of(3, noise(100))
    assert ranks.shape[0] <= VECTORS
    assert ranks.shape[1] == 3
    np.testing.assert_array_equal(np.sort(ranks, axis=0), np.arange(len(ranks))[:, None].repeat(3, axis=1))


def test_values_that_go_together_have_ranks_that_do() -> None:
    together = [np.repeat(values, 20) for values in noise(200, 6)]  # mostly the same in a patch
    alone = noise(200, 80)
    both, independent = (np.corrcoef(ranks_of(2, series).T)[0, 1] for series in (together, alone))
    assert both > 0.8
    assert abs(independent) < 0.2


def test_a_patch_of_one_value_has_none() -> None:
    assert ranks_of(1, noise(5)).shape == (0, 1)


def test_the_median_alone_has_none() -> None:
    assert len(ranks_of(2, noise(5), quantile_levels=(0.5,))) == 0


def test_patches_with_gaps_are_left_out() -> None:
    gaps = [np.where(np.arange(60) % 2, values, np.nan) for values in noise(20)]
    assert len(ranks_of(2, gaps)) == 0
