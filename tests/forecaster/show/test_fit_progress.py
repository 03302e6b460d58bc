"""A terminal shows at once that a fit is under way, before torch is loaded."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from rich.console import Console

from forecaster.show.fit_progress import WAITING, FitProgress

HEAVY = ("numpy", "torch", "pandas", "pydantic", "sklearn", "matplotlib", "onnx", "onnxruntime")
LIST_HEAVY = f"""
import sys
from forecaster.show.fit_progress import FitProgress
def enter(progress):
    raise SystemExit(f"heavy: {{[name for name in {HEAVY} if name in sys.modules]}}")
FitProgress.__enter__ = enter
from forecaster.__main__ import main
sys.argv = ["forecaster", "fit", "none.csv"]
main()
"""


def shown(**settings: bool) -> tuple[str, str]:
    """What a console shows when a fit begins, and what when its training does."""
    text = io.StringIO()
    with FitProgress(Console(file=text, **settings)) as progress:
        begun = text.getvalue()
        progress.on_start({"seasonal naive": 1.0})
        return begun, text.getvalue()[len(begun) :]


def test_a_terminal_shows_a_spinner_until_there_is_a_bar() -> None:
    begun, trains = shown(force_terminal=True)
    assert WAITING in begun
    assert "epoch 1" in trains
    assert WAITING not in trains.rpartition("epoch 1")[2]


@pytest.mark.parametrize("settings", [{"force_terminal": False}, {"force_terminal": True, "quiet": True}])
def test_nothing_is_shown_without_a_terminal_or_when_quiet(settings: dict[str, bool]) -> None:
    assert shown(**settings) == ("", "")


def test_an_error_while_waiting_leaves_no_spinner() -> None:
    text = io.StringIO()
    with pytest.raises(ValueError, match="wrong"), FitProgress(Console(file=text, force_terminal=True)):
        raise ValueError("wrong")
    assert (
        text.getvalue().endswith("\x1b[1A\x1b[2K") or WAITING not in text.getvalue().rpartition("\x1b[2K")[2]
    )


@pytest.mark.slow
def test_a_fit_shows_it_before_anything_heavy_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", LIST_HEAVY], capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "heavy: []"
