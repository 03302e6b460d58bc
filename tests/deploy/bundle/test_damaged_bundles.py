"""Bundles with a changed byte, and thousands of others, end in a forecast or in an error of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import deploy.engine.sessions
from deploy import BundleError, Predictor
from deploy.bundle.bundle import FILES, MANIFEST, parse_manifest

pytestmark = pytest.mark.slow

# `make test-long` sets it to 2,000.
COUNT = int(os.environ.get("BUNDLES", "100"))
FIRST_SEED = 100
POSITIONS = 40  # in a file
LIMITED = pytest.mark.skipif(
    sys.platform != "linux", reason="the memory of a process is limited as Linux does"
)
SCRIPT = Path(__file__).parents[1] / "try_mutations.py"


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_refused_before_a_session_is_built(
    copy_bundle: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delattr(deploy.engine.sessions, "open_session")
    path = copy_bundle() / name
    whole = path.read_bytes()
    for number in range(POSITIONS):
        place = number * (len(whole) - 1) // (POSITIONS - 1)
        changed = bytearray(whole)
        changed[place] ^= 1 << number % 8
        path.write_bytes(changed)
        with pytest.raises(BundleError, match="is damaged"):
            Predictor.load(path.parent)
    path.write_bytes(whole)
    Predictor.load(path.parent)


def test_every_changed_byte_of_a_manifest_is_refused_or_means_the_same(bundles: Path) -> None:
    folder = bundles / "plain"
    whole = (folder / MANIFEST).read_bytes()
    meant, read = parse_manifest(whole, folder), 0
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        try:
            assert parse_manifest(bytes(changed), folder) == meant
            read += 1
        except BundleError:
            pass
    assert read < 10  # the 17th digit of a float


def try_bundles(module: str, folder: Path) -> dict[str, int]:
    """Make bundles in a process of their own, and return how many ended how."""
    done = subprocess.run(
        [
            *(sys.executable, "-W", "error", str(SCRIPT), module),
            *(str(folder), str(FIRST_SEED), str(FIRST_SEED + COUNT)),
        ],
        env={**os.environ, "PYTHONPATH": str(Path(deploy.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr[-2000:]
    assert done.returncode == 0, f"ended with {done.returncode} (below 0: by a signal) after these: {last}"
    counts: dict[str, int] = json.loads(done.stdout)
    assert sum(counts.values()) == COUNT
    return counts


@LIMITED
def test_damaged_bundles_that_were_signed_again_end_in_a_forecast_or_in_an_error_of_ours(
    tmp_path: Path,
) -> None:
    try_bundles("mutations", tmp_path / "bundle")


@LIMITED
def test_hostile_graphs_end_in_a_forecast_or_in_an_error_of_ours(tmp_path: Path) -> None:
    counts = try_bundles("hostile_graphs", tmp_path / "bundle")
    assert counts["refused"] < 0.8 * COUNT  # the others reach onnxruntime
