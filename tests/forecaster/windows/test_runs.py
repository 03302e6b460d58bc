"""Origins as runs, and the times of rows as sums, against lists with an entry for each window and row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from untrained import make_panel

from deploy import TimeStep
from deploy.time.timestep import UNITS
from forecaster.config import Asked, ModelConfig
from forecaster.data import Panel, read_data
from forecaster.data.panel import panel as panel_module
from forecaster.data.panel.panel import count_observed
from forecaster.model.network import Network
from forecaster.training import fit_network
from forecaster.training.fit_network import standardize_covariates
from forecaster.windows import runs as runs_module
from forecaster.windows.panel_rows import times_of
from forecaster.windows.runs import Runs
from forecaster.windows.split import _origins, _training_windows, split
from forecaster.windows.windows import WindowSet, observed_windows

CONFIG = ModelConfig(context_length=6, horizon=3, patch_length=1, season=2)
NONE = Runs(np.empty(0, int), np.empty(0, int))


def listed_windows(panel: Panel, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The series and the origin of every window that trains, one by one."""
    firsts, lasts = _origins(lengths, CONFIG)
    found = []
    for series, (begin, end) in enumerate(zip(panel.offsets[:-1], panel.ends, strict=True)):
        for origin in range(begin + firsts[series], begin + lasts[series] + 1):
            context = panel.values[max(begin, origin - CONFIG.context_length) : origin].reshape(
                -1, panel.target_size
            )
            coming = panel.values[origin : min(end, origin + CONFIG.horizon)]
            if np.isfinite(context).any(axis=0).all() and np.isfinite(coming).any():
                found.append((series, origin))
    return tuple(np.array(found, dtype=np.int64).reshape(-1, 2).T)


@st.composite
def gappy_panels(draw: st.DrawFn) -> Panel:
    """Series with gaps of any length, some of them joint."""
    lengths = draw(st.lists(st.integers(3, 60), min_size=1, max_size=6))
    targets = draw(st.sampled_from([("y",), ("u", "v")]))
    panel = make_panel(lengths, targets=targets, seed=draw(st.integers(0, 99)))
    values = panel.values.reshape(sum(lengths), -1).copy()
    for begin, length in draw(st.lists(st.tuples(st.integers(0, sum(lengths)), st.integers(1, 20)))):
        values[begin : begin + length, draw(st.integers(0, len(targets) - 1))] = np.nan
    return replace(panel, values=values.reshape(panel.values.shape))


@settings(deadline=None)
@given(gappy_panels(), st.sampled_from([4, 7, 1 << 18]))
def test_the_windows_of_runs_are_those_that_are_listed_one_by_one(panel: Panel, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs_module, "BLOCK", block)
        windows = _training_windows(WindowSet(panel, 6, 3, NONE), panel.lengths(), CONFIG)
    series, origins = listed_windows(panel, panel.lengths())
    np.testing.assert_array_equal(windows.series, series)
    np.testing.assert_array_equal(windows.origins, origins)
    assert len(windows) == len(origins)
    listed = replace(windows, runs=Runs(series, origins))
    assert len(observed_windows(listed)) == len(listed)
    for weighting in ("windows", "series") if len(listed) else ():
        drawn = [
            one.draw(50, weighting, torch.Generator().manual_seed(1)).tolist() for one in (windows, listed)
        ]
        assert drawn[0] == drawn[1]
    if len(listed):
        index = torch.arange(len(listed))
        (batch, future), (expected, actual) = windows.gather(index), listed.gather(index)
        torch.testing.assert_close(future, actual, rtol=0, atol=0, equal_nan=True)
        for name, tensor in expected.tensors().items():
            torch.testing.assert_close(
                batch.tensors()[name], tensor, rtol=0, atol=0, equal_nan=True, msg=name
            )


@settings(deadline=None)
@given(gappy_panels())
def test_windows_without_a_gap_are_a_run_a_series(panel: Panel) -> None:
    whole = replace(panel, values=np.ones_like(panel.values))
    windows = _training_windows(WindowSet(whole, 6, 3, NONE), whole.lengths(), CONFIG)
    assert len(windows.runs.first) == len(np.unique(windows.series))


def test_a_gap_that_a_context_and_a_horizon_bridge_cuts_no_run() -> None:
    panel = make_panel([60])
    panel.values[20:22] = np.nan
    windows = _training_windows(WindowSet(panel, 6, 3, NONE), panel.lengths(), CONFIG)
    assert len(windows.runs.first) == 1


@pytest.mark.parametrize("unit", UNITS)
def test_the_times_of_rows_are_those_of_the_panel(unit: str) -> None:
    lengths = [30, 9, 25]
    day = 86400
    panel = replace(
        make_panel(lengths),
        step=TimeStep(2, unit),
        starts=TimeStep(1, unit).shift(np.array([0, 29 * day, 31 * day]), np.array([0, 3, 3])),
        leads=np.array([0, 4, 2]),
    )
    times, places = times_of(panel), [torch.arange(length) for length in lengths]
    found = [times.at(torch.tensor([n]), place.unsqueeze(0))[0].numpy() for n, place in enumerate(places)]
    np.testing.assert_array_equal(np.concatenate(found), panel.timestamps)
    np.testing.assert_array_equal(panel.times_between(slice(25, 45)), panel.timestamps[25:45])
    np.testing.assert_array_equal(panel.last_times(), panel.timestamps[panel.ends - 1])


def test_series_that_begin_together_share_a_table_of_times() -> None:
    panel = replace(make_panel([30, 9, 25]), step=TimeStep(1, "month"))
    table = times_of(panel).table
    assert table is not None
    assert len(table) == 30


@pytest.mark.parametrize("unit", ["hour", "month", "business-day"])
def test_the_row_after_a_moment_is_the_one_that_a_search_finds(unit: str) -> None:
    panel = replace(make_panel([30, 9, 25]), step=TimeStep(1, unit))
    for moment in (-1, 0, 5 * 3600, 40 * 86400, 900 * 86400):
        found = panel.rows_after(np.full(3, moment))
        parts = np.split(panel.timestamps, panel.offsets[1:-1])
        expected = [np.searchsorted(part, moment, side="right") for part in parts]
        assert (found - panel.offsets[:-1]).tolist() == expected


def test_a_series_that_is_first_observed_late_in_a_month_keeps_the_day_of_its_rows(tmp_path: Path) -> None:
    days = ["2023-01-30", "2023-02-28", "2023-03-30", "2023-04-30", "2023-05-30", "2023-06-30"]
    cells = ["", "2", "3", "4", "5", "6"]
    lines = [f"{day},{cell}" for day, cell in zip(days, cells, strict=True)]
    (tmp_path / "data.csv").write_text("\n".join(["day,y", *lines, ""]))
    panel = read_data(tmp_path / "data.csv", Asked(step="1month"))
    found = panel.timestamps.astype("datetime64[s]").astype("datetime64[D]").astype(str)
    assert found.tolist() == days[1:]


def test_covariates_are_standardized_by_the_same_rows_in_blocks_of_any_size() -> None:
    panel = make_panel([60, 45, 80])
    covariate = np.random.default_rng(0).normal(5, 2, (185, 2)).astype(np.float32)
    covariate[::7, 1] = np.nan
    known = replace(panel, known=covariate, columns=replace(panel.columns, known=("k", "l")))
    shape = {"context_length": 6, "horizon": 3, "patch_length": 1, "season": 2, "hidden_size": 4}
    config = ModelConfig(**shape, known_size=2)
    parts, found = split(known, config), []
    for rows in (1 << 22, 16):
        network = Network(config)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fit_network, "STANDARDIZED_ROWS", rows)
            standardize_covariates(network, parts)
        found.append((network.known.location.numpy(), network.known.scale.numpy()))
    trains = np.concatenate(
        [covariate[begin:end] for begin, end in zip(known.offsets[:-1], parts.train_ends, strict=True)]
    )
    for location, scale in found:
        np.testing.assert_allclose(location, np.nanmean(trains, axis=0), rtol=1e-6)
        np.testing.assert_allclose(scale, np.nanstd(trains, axis=0), rtol=1e-6)


def test_observed_rows_and_values_are_counted_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = make_panel([30, 9, 25], targets=("u", "v"))
    panel.values[5:20] = np.nan
    panel.values[31:35, 0] = np.nan
    for rows in (1 << 20, 8):
        monkeypatch.setattr(panel_module, "BLOCK_ROWS", rows)
        rows_of_series, values = count_observed(panel)
        assert (rows_of_series.tolist(), values) == ([15, 9, 25], 2 * (15 + 9 + 25) - 4)
