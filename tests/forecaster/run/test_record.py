"""What a fit saw of each series is found again in another file, in every form of time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from going_on import CASES, Case
from untrained import make_panel, make_run

from deploy.errors import RunError
from forecaster.config import Asked
from forecaster.data import Panel, read_data
from forecaster.data.times.timestamps import read_timestamps, write_timestamps
from forecaster.run.record import find_seen

OPTIONS = {"--time-format": "time_format", "--timezone": "timezone"}


def read_case(case: Case, folder: Path) -> Panel:
    rows = [
        f"{time},{site},{row % 7}\n"
        for site in ("north", "south")
        for row, time in enumerate(vars(case)[site])
    ]
    (folder / "data.csv").write_text("time,site,y\n" + "".join(rows))
    said = {OPTIONS[name]: value for name, value in zip(case.options[::2], case.options[1::2], strict=True)}
    return read_data(folder / "data.csv", Asked(series=("site",), **said))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_times_that_were_written_are_read_back(case: Case, tmp_path: Path) -> None:
    panel = read_case(case, tmp_path)
    form, clock = panel.columns.time_format, panel.clock
    read = read_timestamps(write_timestamps(panel.timestamps, form, clock), form, clock)
    # Of a local time that the clocks show twice only the later is read: nothing that trained is scored.
    expected = panel.timestamps
    if clock is not None and clock.in_utc and "%:z" not in form and "%z" not in form:
        expected = np.maximum(*clock.zone.to_utc(clock.to_wall(panel.timestamps)))
    np.testing.assert_array_equal(read, expected)


def test_a_text_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="'yesterday' is no time of the form %Y-%m-%d"):
        read_timestamps(["2024-01-31", "yesterday"], "%Y-%m-%d")


def test_series_are_matched_by_their_ids_in_any_order() -> None:
    run = make_run(make_panel([60, 50]), [40, 45])
    longer = make_panel([70, 70, 30])
    seen = find_seen(run.path, run.data, replace(longer, ids=(("1",), ("0",), ("2",))))
    assert (seen.trained - longer.offsets[:-1]).tolist() == [45, 40, 0]
    assert (seen.used - longer.offsets[:-1]).tolist() == [50, 60, 0]
    assert seen.is_new.tolist() == [False, False, True]


def test_a_file_that_begins_after_the_fit_ended_was_not_seen_at_all() -> None:
    run, panel = make_run(make_panel([60]), [40]), make_panel([30])
    later = replace(panel, starts=panel.starts + 60)
    assert find_seen(run.path, run.data, later).used.tolist() == [0]


def test_of_an_early_run_all_series_end_with_the_last_of_them() -> None:
    run = make_run(make_panel([60, 50]), [40, 45])
    early = replace(run, data=run.data.model_copy(update={"last_timestamps": ()}))
    panel = make_panel([70, 70])
    assert (find_seen(early.path, early.data, panel).used - panel.offsets[:-1]).tolist() == [60, 60]


def test_a_damaged_cutoff_is_an_error_of_the_run() -> None:
    run = make_run(make_panel([60]), [40])
    damaged = replace(run, data=run.data.model_copy(update={"training_cutoff": ("never",)}))
    with pytest.raises(RunError, match=r"damaged: data\.json"):
        find_seen(damaged.path, damaged.data, make_panel([70]))
