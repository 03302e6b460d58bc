"""What the commands say reaches the terminal as it was meant."""

from __future__ import annotations

import pytest

from forecaster import console


def test_names_are_printed_as_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    console.messages(quiet=False).print("[red]store:smile:")
    assert capsys.readouterr().err == "[red]store:smile:\n"
