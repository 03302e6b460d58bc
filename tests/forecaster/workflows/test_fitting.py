"""The workflow of a fit: what a signal leaves that comes when nothing trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecaster.show.console import plain_console
from forecaster.show.fit_progress import FitProgress
from forecaster.training.resume.interruption import Interrupted
from forecaster.workflows import fit as workflow

pytestmark = pytest.mark.slow

SETTINGS = {
    "data": {},
    "model": {"horizon": 4, "context_length": 8, "hidden_size": 4},
    "train": {"updates": 4, "epochs": 1, "batch_size": 8, "threads": 1, "precision": "f32"},
}


def test_ctrl_c_as_the_run_is_written_keeps_the_checkpoint_and_says_how_to_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"2024-{1 + n // 28:02}-{1 + n % 28:02},{n % 7 + n / 50}" for n in range(80)]
    (tmp_path / "data.csv").write_text("\n".join(["date,sales", *lines]) + "\n")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    request = workflow.FitRequest(tmp_path / "data.csv", SETTINGS, tmp_path / "run", resume=True)
    with monkeypatch.context() as patch, FitProgress(plain_console(quiet=True)) as progress:
        patch.setattr(workflow, "save_run", interrupt)
        with pytest.raises(Interrupted, match="the last checkpoint stays") as stop:
            workflow.fit(request, progress)
    assert stop.value.exit_code == 130
    with FitProgress(plain_console(quiet=True)) as progress:
        result = workflow.fit(request, progress)
    assert result.run.path == tmp_path / "run"
    assert not (tmp_path / "run" / "checkpoint").exists()
