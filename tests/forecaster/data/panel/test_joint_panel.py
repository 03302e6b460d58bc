"""Joint targets from a file to a batch: side by side in one series, and apart again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from deploy import TimeStep
from deploy.columns import Columns
from deploy.errors import ConfigError
from forecaster.config import Asked, ModelConfig
from forecaster.data import Panel, read_data
from forecaster.data.panel.seasonality import find_season
from forecaster.data.panel.targets_apart import channels_apart
from forecaster.windows.runs import Runs
from forecaster.windows.split import split

JOINT = Asked(joint=True)
NAMED = Asked(joint=True, target=("u", "v", "w"))
TWO_SERIES = """date,site,u,v,w
2024-01-01,a,1,10,100
2024-01-02,a,2,,200
2024-01-03,a,3,30,300
2024-01-01,b,4,40,400
2024-01-02,b,5,50,500
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Panel]:
    """read(text, choice): the panel of a file with that text."""

    def read_text(text: str, choice: Asked = JOINT) -> Panel:
        path = tmp_path / "data.csv"
        path.write_text(text)
        return read_data(path, choice)

    return read_text


def write_gaps(rows: int = 60, share: float = 0.2) -> str:
    """A file of two series of three channels, each with gaps of its own; never where a series begins."""
    generator = np.random.default_rng(0)
    values = generator.normal(10, 3, (2 * rows, 3)).astype(np.float32)
    values[generator.random(values.shape) < share] = np.nan
    values[[0, rows]] = 1.0
    lines = [
        f"{step},{site},{','.join('' if np.isnan(cell) else str(cell) for cell in row)}"
        for site, part in zip("ab", np.split(values, 2), strict=True)
        for step, row in enumerate(part)
    ]
    return "\n".join(["t,site,u,v,w", *lines, ""])


def one_series(values: np.ndarray[Any, Any]) -> Panel:
    """values: (rows, 2)."""
    rows = len(values)
    none = np.zeros((rows, 0), dtype=np.float32)
    return Panel(
        values=values.astype(np.float32),
        known=none,
        past=none,
        static=none[:1],
        categories=np.zeros((1, 0), dtype=np.int64),
        offsets=np.array([0, rows]),
        ends=np.array([rows]),
        starts=np.zeros(1, dtype=np.int64),
        leads=np.zeros(1, dtype=np.int64),
        step=TimeStep(1, "index"),
        columns=Columns("t", "index", ("u", "v"), (), (), (), (), joint=True),
        ids=((),),
        vocabularies=(),
    )


def test_joint_targets_stand_side_by_side(read: Callable[..., Panel]) -> None:
    panel = read(TWO_SERIES)
    assert panel.target_size == 3
    assert panel.ids == (("a",), ("b",))
    np.testing.assert_array_equal(panel.values[:3], [[1, 10, 100], [2, np.nan, 200], [3, 30, 300]])
    assert panel.values.dtype == np.float64


def test_the_channels_stand_in_the_order_in_which_targets_were_named(read: Callable[..., Panel]) -> None:
    panel = read(TWO_SERIES, JOINT.model_copy(update={"target": ("w", "u")}))
    np.testing.assert_array_equal(panel.values[0], [100, 1])


def test_a_joint_series_goes_from_the_first_to_the_last_value_of_any_channel(
    read: Callable[..., Panel],
) -> None:
    panel = read("t,u,v\n0,,\n1,,5\n2,1,6\n3,2,\n4,,\n")
    np.testing.assert_array_equal(panel.values, [[np.nan, 5], [1, 6], [2, np.nan]])
    assert (panel.offsets.tolist(), panel.ends.tolist()) == ([0, 3], [3])


def test_a_channel_that_was_not_observed_of_late_hides_no_season() -> None:
    time = np.arange(3000)
    values = np.stack([np.sin(time * 2 * np.pi / 12), np.where(time < 500, 1.0, np.nan)], axis=1)
    assert find_season(channels_apart(one_series(values))) == 12


def test_a_column_a_series_may_be_joint(read: Callable[..., Panel]) -> None:
    panel = read("t,u,v\n0,1,2\n1,3,4\n", Asked(layout="wide", joint=True))
    np.testing.assert_array_equal(panel.values, [[1, 2], [3, 4]])


def test_channels_apart_are_the_series_that_targets_are_without_joint(read: Callable[..., Panel]) -> None:
    apart, plain = channels_apart(read(TWO_SERIES)), read(TWO_SERIES, Asked())
    for name in ("values", "timestamps", "known", "past", "static", "categories", "offsets", "ends"):
        np.testing.assert_array_equal(getattr(apart, name), getattr(plain, name), err_msg=name)
    assert (apart.ids, apart.columns) == (plain.ids, plain.columns)


def test_one_target_is_not_joint(read: Callable[..., Panel]) -> None:
    with pytest.raises(ConfigError, match=r"^--joint forecasts several .*, at least 2, found u alone; name "):
        read(TWO_SERIES, JOINT.model_copy(update={"target": ("u",)}))


def test_what_is_known_ahead_of_a_single_target_is_named(read: Callable[..., Panel]) -> None:
    with pytest.raises(ConfigError, match=r"found u alone \(v known ahead\); "):
        read("t,u,v\n0,1,5\n1,2,6\n2,,7\n3,,8\n")


@pytest.mark.parametrize("layout", ["rows", "auto"])
def test_a_row_a_series_is_not_joint(read: Callable[..., Panel], layout: str) -> None:
    with pytest.raises(ConfigError, match=r"^--joint forecasts several targets together, but a row a series"):
        read("id,V2,V3,V4\na,1,2,3\nb,4,5,6\n", Asked(layout=layout, joint=True))


def test_a_joint_batch_holds_what_the_channels_hold_apart(read: Callable[..., Panel]) -> None:
    panel = read(write_gaps(), NAMED)
    config = ModelConfig(context_length=8, horizon=3, patch_length=2, season=4, target_size=3)
    train = split(panel, config).train
    apart = channels_apart(panel)
    index, longest = torch.arange(len(train)), torch.arange(len(train)) % 8 + 1
    window, future = train.gather(index, longest)
    assert (window.history.shape[1:], future.shape[1:]) == ((8, 3), (3, 3))
    for channel in range(3):
        shift = channel * len(panel.values)
        alone = replace(train, panel=apart, runs=Runs(train.series + 2 * channel, train.origins + shift))
        history, ahead = alone.gather(index, longest)
        torch.testing.assert_close(window.history[:, :, channel], history.history, equal_nan=True)
        torch.testing.assert_close(future[:, :, channel], ahead, equal_nan=True)


def test_windows_have_a_value_of_every_channel_in_their_context_and_of_one_in_their_horizon(
    read: Callable[..., Panel],
) -> None:
    config = ModelConfig(context_length=3, horizon=2, patch_length=1, season=1, target_size=3)
    parts = split(read(write_gaps(rows=300, share=0.6), NAMED), config)
    for windows in (parts.train, parts.validation):
        window, future = windows.gather(torch.arange(len(windows)))
        assert torch.isfinite(window.history).any(dim=1).all()
        assert torch.isfinite(future).flatten(1).any(dim=1).all()
        assert not torch.isfinite(future).any(dim=1).all()  # one channel is enough
