"""The committed bundles and what to ask of them. tests/make_golden_bundle.py wrote them; no torch here.

covariates: hourly, patches of 5 over a context of 24, horizon 12 up to 40, calendar, 2 known, 2 past,
2 static categories, 2 static numbers.
plain: monthly, patches of 1 over a context of 22, horizon 6 up to 18, logarithms, nothing beside the history.
explained: hourly, patches of 4 over a context of 20, horizon 8 up to 24, two maps, calendar, 1 known,
1 static category; the others were exported before graphs named the parts of a forecast.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import deploy
from deploy import Predictor, TimeStep
from deploy.bundle.bundle import MANIFEST, Manifest, digest_of, read_bundle, sha256

BUNDLES = Path(__file__).parent / "bundles"
GAP_SHARE = 0.05
Arguments = dict[str, Any]


@pytest.fixture(scope="session")
def bundles() -> Path:
    """The folder of the committed bundles."""
    return BUNDLES


@pytest.fixture(scope="session")
def covariates() -> Predictor:
    return Predictor.load(BUNDLES / "covariates")


@pytest.fixture(scope="session")
def plain() -> Predictor:
    return Predictor.load(BUNDLES / "plain")


@pytest.fixture(scope="session")
def joint() -> Predictor:
    return Predictor.load(BUNDLES / "joint")


@pytest.fixture(scope="session")
def explained() -> Predictor:
    return Predictor.load(BUNDLES / "explained")


@pytest.fixture(params=["covariates", "plain", "joint"])
def predictor(request: pytest.FixtureRequest) -> Predictor:
    """Each bundle in turn."""
    found: Predictor = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def make_arguments() -> Callable[..., Arguments]:
    """make_arguments(predictor, lengths, horizon=None): arguments of Predictor.forecast, the same each time.

    Seasonal series above 0 of many levels, with noise and gaps, and every covariate that the model has.
    """

    def make(predictor: Predictor, lengths: Sequence[int], horizon: int | None = None) -> Arguments:
        manifest = predictor.manifest
        generator = np.random.default_rng([len(lengths), *lengths])
        history = [make_history(generator, length, manifest) for length in lengths]
        starts = generator.integers(0, 2 * 10**9, len(lengths))
        arguments: Arguments = {"history": history, "horizon": horizon, "last_timestamp": starts}
        if manifest.known:
            width = len(manifest.known)
            arguments["known"] = [10 * generator.standard_normal((length, width)) for length in lengths]
            coming = 10 * generator.standard_normal((len(lengths), manifest.max_horizon, width))
            arguments["future_known"] = coming
        if manifest.past:
            width = len(manifest.past)
            arguments["past"] = [10 * generator.standard_normal((length, width)) for length in lengths]
        if manifest.static:
            arguments["static"] = 10 * generator.standard_normal((len(lengths), len(manifest.static)))
        if manifest.vocabularies:
            texts = list(manifest.vocabularies.values())
            arguments["static_cat"] = [[generator.choice(column) for column in texts] for _ in lengths]
        return arguments

    return make


def make_history(generator: np.random.Generator, length: int, manifest: Manifest) -> NDArray[np.float32]:
    """(length,), of a joint model (length, D)."""
    if not manifest.channels:
        return make_series(generator, length, manifest.season)
    return np.stack([make_series(generator, length, manifest.season) for _ in manifest.channels], axis=1)


def make_series(generator: np.random.Generator, length: int, season: int) -> NDArray[np.float32]:
    level = 10 ** generator.uniform(0, 3)
    wave = 1 + 0.5 * np.sin(2 * np.pi * (np.arange(length) / season + generator.uniform()))
    values = level * (wave + 0.05 * np.abs(generator.standard_normal(length)))
    values[:-1][generator.random(length - 1) < GAP_SHARE] = np.nan
    return values.astype(np.float32)


@pytest.fixture(scope="session")
def pick() -> Callable[..., Arguments]:
    """pick(arguments, series): the arguments of some of the series, in that order."""

    def pick_series(arguments: Arguments, series: Sequence[int]) -> Arguments:
        kept = {"horizon": arguments["horizon"]}
        return kept | {
            name: [values[number] for number in series]
            for name, values in arguments.items()
            if name != "horizon"
        }

    return pick_series


@pytest.fixture(scope="session")
def with_step() -> Callable[[TimeStep], Predictor]:
    """with_step(step): the plain model as if it had been trained on that step; it reads no calendar."""

    def load(step: TimeStep) -> Predictor:
        bundle = read_bundle(BUNDLES / "plain")
        return Predictor(replace(bundle, manifest=replace(bundle.manifest, time_step=step)))

    return load


@pytest.fixture(scope="session")
def zoned() -> Callable[..., Predictor]:
    """zoned(step, zone="Europe/Berlin", bundle="covariates"): the model as if trained in that time zone."""

    def load(step: TimeStep, zone: str = "Europe/Berlin", bundle: str = "covariates") -> Predictor:
        found = read_bundle(BUNDLES / bundle)
        columns = replace(found.manifest.columns, timezone=zone)
        return Predictor(replace(found, manifest=replace(found.manifest, time_step=step, columns=columns)))

    return load


@pytest.fixture
def copy_bundle(tmp_path: Path) -> Callable[[], Path]:
    """copy_bundle(): a copy of the plain bundle that may be damaged."""
    return lambda: Path(shutil.copytree(BUNDLES / "plain", tmp_path / "bundle"))


@pytest.fixture(scope="session")
def change_manifest() -> Callable[..., None]:
    """change_manifest(folder, change, sign=True): let `change` edit manifest.json, then sign it."""

    def edit(folder: Path, change: Callable[[dict[str, Any]], object], *, sign: bool = True) -> None:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        change(manifest)
        if sign:
            manifest["digest"] = digest_of(manifest)
        (folder / MANIFEST).write_text(json.dumps(manifest))

    return edit


@pytest.fixture(scope="session")
def replace_file() -> Callable[[Path, str, bytes], None]:
    """replace_file(folder, name, data): another file in a bundle, listed and signed as its own."""
    return list_and_sign


def list_and_sign(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][name] = {"sha256": sha256(data), "bytes": len(data)}
    manifest["digest"] = digest_of(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.fixture(scope="session")
def run_python() -> Callable[..., str]:
    """run_python(code, **environment): what a fresh interpreter prints; a variable of None is unset."""

    def run(code: str, **environment: str | None) -> str:
        wanted = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd=Path(deploy.__file__).parents[1],
            env=wanted,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
