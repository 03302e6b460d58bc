"""Tasks in processes: what they are given, return and ask, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tasks

from deploy.errors import ConfigError
from forecaster.jobs.crew import Crew, Outcome, Task, WorkerLostError
from forecaster.jobs.messages import load_shared, save_shared

pytestmark = pytest.mark.slow

VALUES = np.arange(1000.0)


def unasked(*asked: Any) -> None:
    raise AssertionError(asked)


def run(*given: Task, size: int = 2, shared: Any = None, answer: Any = unasked) -> list[Outcome]:
    found = list(Crew(size, shared).run(given, answer))
    return sorted(found, key=lambda outcome: outcome.number)


def test_every_task_is_done_once_by_a_few_processes_on_the_value_that_they_share() -> None:
    found = run(*[(tasks.total, (n, n + 10)) for n in range(7)], size=2, shared=VALUES)
    assert [outcome.result[1] for outcome in found] == [VALUES[n : n + 10].sum() for n in range(7)]
    processes = {outcome.result[0] for outcome in found}
    assert os.getpid() not in processes
    assert 1 <= len(processes) <= 2


def test_a_process_has_one_thread() -> None:
    assert run((tasks.threads, ()))[0].result == "1"


def test_what_a_process_writes_into_the_shared_value_is_its_own() -> None:
    values = VALUES.copy()
    found = run((tasks.overwrite, ()), (tasks.total, (0, 1)), size=1, shared=values)
    assert found[0].result == 7.0
    assert values[1] == 1.0


def test_a_result_may_refer_to_the_shared_value_which_is_not_sent() -> None:
    shared = {"values": VALUES}
    assert run((tasks.give_back, ()), shared=shared)[0].result["same"] is shared


@pytest.mark.parametrize(
    "value",
    [
        VALUES,
        np.empty((0, 3), np.float32),
        {"a": np.arange(6).reshape(2, 3).T, "b": [np.array(["x", None], object), "text"]},
        None,
    ],
    ids=["numbers", "empty", "several", "none"],
)
def test_a_shared_value_is_read_as_it_was_written(value: Any, tmp_path: Path) -> None:
    save_shared(value, tmp_path)
    found = load_shared(tmp_path)
    assert repr(found) == repr(value)
    if isinstance(found, np.ndarray):
        assert (found.dtype, found.shape, found.flags.writeable) == (value.dtype, value.shape, True)


def test_a_task_asks_whoever_gave_it() -> None:
    def answer(number: int, name: str, *arguments: Any) -> str:
        return f"{number} {name} {arguments}"

    found = run((tasks.ask, ("first",)), (tasks.ask, ("second",)), answer=answer)
    assert [outcome.result for outcome in found] == ["0 question ('first',)", "1 question ('second',)"]


def test_a_warning_is_passed_on_and_what_is_printed_is_no_message() -> None:
    said: list[Any] = []
    assert run((tasks.warn, ()), answer=lambda *told: said.append(told))[0].error is None
    assert said == [(0, "log", 30, "beware of dogs")]


def test_errors_end_their_own_task() -> None:
    expected, defect, odd, whole = run(
        (tasks.fail, ()), (tasks.fail_unexpectedly, ()), (tasks.fail_oddly, ()), (tasks.threads, ()), size=1
    )
    assert isinstance(expected.error, ConfigError)
    assert str(expected.error) == "expected 1, found 2"
    assert isinstance(defect.error, TypeError)
    assert "fail_unexpectedly" in defect.error.__notes__[0]
    assert "OddError: ab" in str(odd.error)
    assert whole.result == "1"


def test_a_result_that_cannot_be_sent_is_an_error_of_its_task() -> None:
    unsent, whole = run((tasks.return_function, ()), (tasks.threads, ()), size=1)
    assert "return_function" in str(unsent.error)
    assert whole.result == "1"


def test_a_process_that_is_killed_loses_its_task_alone_and_is_replaced() -> None:
    lost, left, whole = run((tasks.die, ()), (tasks.leave, ()), (tasks.threads, ()), size=1)
    assert isinstance(lost.error, WorkerLostError)
    assert str(lost.error).startswith("its process was ended by SIGKILL; too little memory is a usual reason")
    assert str(left.error) == "its process was ended with exit code 3"
    assert whole.result == "1"


def test_processes_that_cannot_start_are_an_error_and_not_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(WorkerLostError, match="exit code 1"):
        run((tasks.threads, ()))


def test_what_an_answer_raises_ends_all_processes(tmp_path: Path) -> None:
    began: list[int] = []

    def answer(number: int, _name: str) -> None:
        began.append(number)
        if len(began) == 2:
            raise ConfigError("enough")

    with pytest.raises(ConfigError, match="enough"):
        run((tasks.wait, (str(tmp_path),)), (tasks.wait, (str(tmp_path),)), answer=answer)
    assert [path.read_text() for path in tmp_path.glob("*")] != []
    assert_gone(int(path.name) for path in tmp_path.glob("*"))


def assert_gone(processes: Any) -> None:
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_what_is_being_done_in_order_and_nothing_else_begins(
    tmp_path: Path, number: int
) -> None:
    began: list[int] = []

    def answer(task: int, _name: str) -> None:
        began.append(task)
        if len(began) == 2:
            os.kill(os.getpid(), number)

    crew = Crew(2)
    found = list(crew.run([(tasks.wait, (str(tmp_path),))] * 4, answer))
    assert crew.stopped == number
    assert sorted(began) == sorted(outcome.number for outcome in found) == [0, 1]
    assert all(isinstance(outcome.error, KeyboardInterrupt) for outcome in found)
    assert [path.read_text() for path in tmp_path.glob("*")] == ["stopped in order"] * 2


def test_processes_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = """
        import sys
        sys.path[:] = {path!r}
        import tasks
        from forecaster.jobs.crew import Crew
        for _ in Crew(1).run([(tasks.ask_for_ever, ({file!r},))], lambda *_: None):
            pass
    """
    file = tmp_path / "process"
    code = textwrap.dedent(script).format(path=sys.path, file=str(file))
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        until(lambda: file.exists() and file.read_text())
        parent.kill()
    until(lambda: is_gone(int(file.read_text())))


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{process}/stat").read_text().split()[2] == "Z"  # nobody has asked how it ended


def until(holds: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
