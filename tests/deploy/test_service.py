"""What a service relies on: the same bits in any thread and batch, level memory, no files, no connections.

make test-long runs more of each: FORECASTS=100000.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import deploy
from deploy import Predictor
from deploy.bundle.bundle import read_bundle

pytestmark = pytest.mark.slow

Arguments = dict[str, Any]
MakeArguments = Callable[..., Arguments]
Pick = Callable[..., Arguments]
METHODS = ("graph", "step")
FORECASTS = int(os.environ.get("FORECASTS", "2000"))
THREADS = 32
SERIES = 70  # more than a chunk
LENGTHS = (1, 3, 5, 10, 17, 22, 24, 60)
GROWTH = 5 << 20  # bytes of resident memory; a leak of 52 bytes a forecast shows in the long form


@pytest.fixture
def pool(predictor: Predictor, make_arguments: MakeArguments) -> Arguments:
    """70 series of all lengths, with all that the model has beside them."""
    return make_arguments(predictor, [LENGTHS[number % len(LENGTHS)] for number in range(SERIES)])


@pytest.fixture
def bundle(predictor: Predictor, bundles: Path) -> Path:
    """The folder that the predictor was loaded from."""
    digest = predictor.manifest.digest
    return next(path for path in bundles.iterdir() if read_bundle(path).manifest.digest == digest)


@pytest.mark.parametrize("method", METHODS)
def test_every_batch_gives_a_series_the_same_bits(
    predictor: Predictor, pool: Arguments, pick: Pick, method: str
) -> None:
    alone = [predictor.forecast(**pick(pool, [n]), method=method).quantiles[0] for n in range(SERIES)]
    generator = np.random.default_rng(0)
    for size in range(1, SERIES + 1):
        series = generator.permutation(SERIES)[:size]
        found = predictor.forecast(**pick(pool, series), method=method).quantiles
        np.testing.assert_array_equal(found, np.stack([alone[n] for n in series]))


@pytest.mark.parametrize("method", METHODS)
def test_32_threads_get_the_bits_of_one(
    predictor: Predictor, bundle: Path, pool: Arguments, pick: Pick, method: str
) -> None:
    serial = [predictor.forecast(**pick(pool, [n]), method=method).quantiles for n in range(SERIES)]
    shared = Predictor.load(bundle)  # fresh, so that its sessions are built by the threads
    each = max(2, FORECASTS // 200)

    def forecast_all(thread: int) -> bool:
        series = np.random.default_rng(thread).integers(0, SERIES, each).tolist()
        return all(
            np.array_equal(shared.forecast(**pick(pool, [n]), method=method).quantiles, serial[n])
            for n in series
        )

    with ThreadPoolExecutor(THREADS) as threads:
        assert all(threads.map(forecast_all, range(THREADS)))


GROW = """
import os, sys
import numpy as np
from deploy import Predictor

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

predictor = Predictor.load({bundle!r}, providers="cpu")
history = 10 + np.sin(np.arange({length}))
def forecasts(count):
    for number in range(count):
        method = "step" if number % 10 == 0 else "graph"
        predictor.forecast(history + number % 7, last_timestamp=number, method=method)

forecasts(300)
before = resident()
forecasts({count})
print(resident() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
def test_forecasts_leave_no_memory_behind(bundles: Path, run_python: Callable[..., str]) -> None:
    code = GROW.format(bundle=str(bundles / "plain"), length=22, count=FORECASTS)
    assert int(run_python(code)) < GROWTH


ONE = """
from deploy import Predictor
for method in ("graph", "step"):
    Predictor.load({bundle!r}, verify=True).forecast([1.0, 2.0], last_timestamp="2024-01-31", method=method)
"""


def test_an_empty_home_stays_empty(bundles: Path, run_python: Callable[..., str], tmp_path: Path) -> None:
    code = ONE.format(bundle=str(bundles / "plain"))
    run_python(code, HOME=str(tmp_path), TMPDIR=str(tmp_path), XDG_CACHE_HOME=None)
    assert list(tmp_path.rglob("*")) == []


def test_nothing_is_connected_to(bundles: Path, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    record = tmp_path / "calls"
    traced = [strace, "-f", "-e", "trace=network", "-o", str(record), sys.executable]
    root = Path(deploy.__file__).parents[1]
    if subprocess.run([*traced, "-c", ""], capture_output=True, check=False).returncode != 0:
        pytest.skip("strace may not trace here")
    code = ONE.format(bundle=str(bundles / "plain"))
    subprocess.run([*traced, "-W", "error", "-c", code], cwd=root, check=True)
    assert "connect(" not in record.read_text()
    assert "socket(" not in record.read_text()
