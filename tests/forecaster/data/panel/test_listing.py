"""Warnings of many series at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecaster.config import Asked
from forecaster.data import read_data
from forecaster.data.panel.listing import report_flat


def test_quantiles_that_one_value_makes_equal_are_said_to_be_no_intervals(
    caplog: pytest.LogCaptureFixture,
) -> None:
    table = pd.DataFrame(
        {
            "date": ["2024-01-01", "2024-01-02", "2024-01-02", "2024-01-01", "2024-01-02"],
            "shop": ["a", "a", "b", "c", "c"],
            "y": [1.0, 2.0, 5.0, 3.0, 3.0],
        }
    )
    panel = read_data(table, Asked(series=("shop",)))
    equal = np.ones((3, 2, 9))
    report_flat(panel, equal)
    (said,) = caplog.messages
    assert said.startswith("series b: one value does not tell how a series varies")
    report_flat(panel, equal + np.arange(9))
    assert len(caplog.messages) == 1
