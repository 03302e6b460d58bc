"""What the commands say reaches the terminal as it was meant."""

from __future__ import annotations

import logging
import math
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.data import Understood, read_data
from forecaster.show import console, fit_progress
from forecaster.training.calibration import Calibration
from forecaster.training.epochs import Epoch


def test_names_are_printed_as_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    console.messages(quiet=False).print("[red]store:smile:")
    assert capsys.readouterr().err == "[red]store:smile:\n"


def test_warnings_are_one_line_each_without_the_places_they_come_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    long = "series " + ", ".join(f"shop {number}" for number in range(40))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        console.messages(quiet=False)
        warnings.warn("overflow encountered in cast", RuntimeWarning, stacklevel=1)
        logging.getLogger("forecaster").warning("%s", long)
    assert capsys.readouterr().err == f"WARNING  overflow encountered in cast\nWARNING  {long}\n"


def understood_with(note: str) -> Understood:
    panel = read_data(pd.DataFrame({"date": ["2024-01-01", "2024-01-02"], "y": [1.0, 2.0]}))
    return Understood.of("data.csv", replace(panel, notes=(note,)), 1)


@pytest.mark.parametrize("quiet", [False, True])
def test_a_note_stands_in_the_block_or_is_logged_but_not_both(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, quiet: bool
) -> None:
    with console.NotesInBlock() as notes:
        logging.getLogger("forecaster.notes").warning("took 1/2 for a month (--time-format)")
        assert not caplog.messages
        notes.print_block(console.plain_console(quiet=quiet), understood_with("took 1/2 for a month"))
    assert ("  WARNING took 1/2" in capsys.readouterr().err, len(caplog.messages)) == (not quiet, int(quiet))


def test_notes_on_what_was_then_refused_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with console.NotesInBlock():
        logging.getLogger("forecaster.notes").warning("took 1/2 for a month")
    assert caplog.messages == ["took 1/2 for a month"]


def epoch_of(**changed: Any) -> Epoch:
    """The best epoch of a fit with three decoder steps."""
    losses = {"exposure_bias": 1.25, "free_loss": (0.1, 0.12, 0.15), "forced_loss": (0.1, 0.1, 0.1)}
    others = {name: 1 for name in Epoch.__dataclass_fields__ if name not in losses}
    return Epoch(**{**others, **losses, **changed})


def test_exposure_bias_is_said_in_all_and_for_the_last_step() -> None:
    assert fit_progress.exposure_bias(epoch_of()) == (
        "exposure bias 1.250: free-running over teacher-forced loss of the next rows; "
        "1.500 in the last of 3 decoder steps (0.1500 over 0.1000)"
    )


TOGETHER = "all steps together, since these are few"


@pytest.mark.parametrize(
    ("windows", "by_step", "line"),
    [
        (105, True, "intervals calibrated on 105 held-out windows without overlap: each step by itself"),
        (1, False, "intervals calibrated on 1 held-out window without overlap: " + TOGETHER),
        (0, False, "intervals not calibrated: too few values to hold out any for it"),
    ],
)
def test_a_fit_says_what_calibrated_its_intervals(windows: int, line: str, *, by_step: bool) -> None:
    assert fit_progress.calibrated(Calibration(np.zeros((1, 9)), windows, by_step=by_step)) == line


@pytest.mark.parametrize("last", [math.nan, 0.0])
def test_a_last_step_without_a_loss_is_not_compared(last: float) -> None:
    line = fit_progress.exposure_bias(epoch_of(free_loss=(0.1, last), forced_loss=(0.1, last)))
    assert line == "exposure bias 1.250: free-running over teacher-forced loss of the next rows"


def test_an_exposure_bias_that_is_not_known_is_no_number() -> None:
    assert fit_progress.exposure_bias(epoch_of(exposure_bias=math.nan)) == (
        "exposure bias not known: no teacher-forced loss to compare with"
    )
