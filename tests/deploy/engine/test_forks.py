"""A child process forecasts after a fork, whatever the threads of its parent were doing."""

import gc
import os
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import Predictor

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
]
# SECONDS: a forecast takes milliseconds; a child that waits for a lock waits for ever.
BEGIN = """
import gc, multiprocessing, os, sys, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork with threads, which is what is tried
from deploy import Predictor, Stream
SECONDS = 60
predictor = Predictor.load({bundle!r})
history = [[3.0, 4.0, 5.0, 4.0]]
expected = predictor.forecast(history, 6).quantiles
assert predictor.forecast(history, 6, method="step").quantiles.shape == expected.shape

def forecast():
    assert (predictor.forecast(history, 6).quantiles == expected).all()
    assert predictor.forecast(history, 6, method="step").quantiles.shape == expected.shape

def fork(target, *given):
    child = multiprocessing.get_context("fork").Process(target=target, args=given)
    child.start()
    child.join(SECONDS)
    if child.exitcode is None:
        child.kill()
    child.join()
    return child.exitcode
"""


@pytest.fixture
def in_parent(bundles: Path, run_python: Callable[..., str]) -> Callable[[str], str]:
    """in_parent(code): what a process prints that has forecast, and runs this."""
    return lambda code: run_python(BEGIN.format(bundle=str(bundles / "plain")) + code)


def test_a_child_forecasts_while_threads_of_its_parent_do(in_parent: Callable[[str], str]) -> None:
    code = """
ended = threading.Event()
def work():
    while not ended.is_set():
        predictor.forecast(history * 64, 6)
        predictor.forecast(history * 3, 6, method="step")
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
try:
    print([fork(forecast) for _ in range(20)])
finally:
    ended.set()
"""
    assert in_parent(code) == str([0] * 20)


@pytest.mark.parametrize("lock", ["predictor._sessions._lock", "predictor.engine.loops._lock"])
def test_a_child_waits_for_no_lock_of_its_parent(in_parent: Callable[[str], str], lock: str) -> None:
    code = f"""
SECONDS = 10
with {lock}:
    print(fork(forecast))
forecast()
"""
    assert in_parent(code) == "0"


def test_a_stream_is_updated_in_a_child_whatever_its_parent_updates(in_parent: Callable[[str], str]) -> None:
    code = """
SECONDS = 10
stream = predictor.stream(history[0])
def update():
    stream.update(5.0)
    assert len(stream) == 5
with stream._lock:
    print(fork(update), len(stream))
"""
    assert in_parent(code) == "0 4"


def test_a_fork_waits_until_a_session_is_built(in_parent: Callable[[str], str]) -> None:
    code = """
import deploy.engine.forks as forks
found = []
with forks.building():
    thread = threading.Thread(target=lambda: found.append(fork(forecast)))
    thread.start()
    thread.join(0.2)
    print(found)
thread.join()
print(found)
"""
    assert in_parent(code) == "[]\n[0]"


def test_a_grandchild_forecasts_and_all_of_them_end_by_themselves(in_parent: Callable[[str], str]) -> None:
    code = """
def child(generation):
    forecast()
    if generation:
        pid = os.fork()
        if pid == 0:
            child(generation - 1)
            gc.collect()
            sys.exit(0)
        assert os.waitpid(pid, 0)[1] == 0
print(fork(child, 3))
"""
    assert in_parent(code) == "0"


def test_a_child_says_that_it_has_verified_nothing_yet(in_parent: Callable[[str], str]) -> None:
    code = """
predictor.verify()
def child():
    assert not predictor.info().verified
    predictor.verify()
    assert predictor.info().verified
print(fork(child), predictor.info().verified)
"""
    assert in_parent(code) == "0 True"


def test_a_predictor_that_nobody_uses_is_freed(bundles: Path) -> None:
    predictor = Predictor.load(bundles / "plain")
    stream = predictor.stream([3.0, 4.0])
    left = [weakref.ref(thing) for thing in (predictor, predictor._sessions, predictor.engine.loops, stream)]
    del predictor, stream
    gc.collect()
    assert [reference() for reference in left] == [None] * 4
