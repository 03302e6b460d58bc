"""What is shown of a run to people."""

from __future__ import annotations

from forecaster.show.inspection import render


def shown(value: object) -> str:
    return render({"kind": "run", "losses": value}).splitlines()[-1].removeprefix("losses").strip()


def test_a_short_list_is_shown_whole() -> None:
    assert shown([0.1, None, 0.25]) == "0.1, -, 0.25"


def test_a_long_list_shows_its_ends_and_its_length() -> None:
    assert shown([step / 4 for step in range(300)]) == "0, 0.25, 0.5, … 74.25, 74.5, 74.75 (300)"
