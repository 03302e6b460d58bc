"""python -m benchmarks: all of them, or what it does."""

from __future__ import annotations

import pytest

from benchmarks import __main__ as all_of_them


@pytest.mark.parametrize(("option", "code"), [("--help", 0), ("--nonsense", 2)])
def test_an_option_runs_nothing(option: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", option])
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("a benchmark ran"))
    with pytest.raises(SystemExit) as ended:
        all_of_them.main()
    assert ended.value.code == code
