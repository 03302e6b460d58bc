"""Patches of histories of several lengths."""

from __future__ import annotations

import math

import numpy as np
import torch

from forecaster.model.patching import align


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
