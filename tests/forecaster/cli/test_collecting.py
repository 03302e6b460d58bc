"""How often Python looks for circles of objects: seldom in a command that ends, as usual in a service."""

from __future__ import annotations

import pytest

from forecaster import __main__ as command_line


@pytest.mark.parametrize(("arguments", "is_set"), [(["fit", "--help"], True), (["serve", "--help"], False)])
def test_commands_that_end_collect_seldom(
    arguments: list[str], is_set: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    thresholds: list[int] = []
    monkeypatch.setattr("gc.set_threshold", thresholds.append)
    monkeypatch.setattr("sys.argv", ["forecaster", *arguments])
    with pytest.raises(SystemExit):
        command_line.main()
    assert thresholds == ([command_line.OBJECTS] if is_set else [])
