"""Docstrings of public names: each parameter is explained, and each example prints what it says."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import deploy
import forecaster

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
FACES = ("deploy", "deploy.server", "forecaster")
PROJECT = ("deploy", "forecaster")
ENTRY = re.compile(r"^\s+\*{0,2}(\w+): \S", re.M)
# Their parameters are told by scikit-learn.
OF_SKLEARN = ("get_params", "set_params", "get_metadata_routing")


def public() -> dict[str, Any]:
    """Return the public classes and functions that are no errors."""
    found = {}
    for face in FACES:
        module = importlib.import_module(face)
        for name in module.__all__:
            one = getattr(module, name)
            if not (inspect.isclass(one) and issubclass(one, Exception)):
                found[f"{face}.{name}"] = one
    return found


def routines(name: str, one: Any) -> Iterator[tuple[str, Any]]:
    """Yield a function, or a class and its public methods, by their names."""
    yield name, one
    if inspect.isclass(one):
        for base in one.__mro__:
            if base.__module__.startswith(PROJECT):
                for key, value in vars(base).items():
                    found = value.__func__ if isinstance(value, classmethod | staticmethod) else value
                    if inspect.isfunction(found) and found.__name__ == key and is_public(key):
                        yield f"{name}.{key}", found


def is_public(name: str) -> bool:
    return not name.startswith("_") and name not in OF_SKLEARN


def parameters(one: Any) -> set[str]:
    """Return the parameters, or the fields of a dataclass, that a docstring has to explain."""
    if dataclasses.is_dataclass(one):
        return {field.name for field in dataclasses.fields(one) if not field.name.startswith("_")}
    called = one.__init__ if inspect.isclass(one) else one
    return set(inspect.signature(called).parameters) - {"self", "cls", "args", "kwargs"}


def described(one: Any) -> set[str]:
    """Return what docstrings explain: of a class those of its bases, too."""
    docs = [base.__doc__ or "" for base in one.__mro__] if inspect.isclass(one) else [one.__doc__ or ""]
    return {name for text in docs for name in ENTRY.findall(text)}


# What a class is made of by others, not by its users.
NOT_CONSTRUCTED = {"Predictor", "Stream"}


@pytest.mark.parametrize("name", public())
def test_every_parameter_of_a_public_name_is_explained(name: str) -> None:
    found = []
    for routine, one in routines(name, public()[name]):
        if routine == name and name.rpartition(".")[2] in NOT_CONSTRUCTED:
            continue
        if missing := parameters(one) - described(one):
            found.append(f"{routine}: {sorted(missing)}")
    assert found == []


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """The names that examples use: a frame of two shops, a model of it, a monthly bundle."""
    days, parts = pd.date_range("2024-01-01", periods=60), []
    for number, shop in enumerate(("harbor", "station")):
        noise = np.random.default_rng(number).normal(0, 0.5, 60)
        sales = 20 + 5 * np.sin(2 * np.pi * (np.arange(60) + number) / 7) + noise
        parts.append(pd.DataFrame({"shop": shop, "day": days, "sales": sales}))
    frame = pd.concat(parts, ignore_index=True)
    bundle = ROOT / "tests" / "deploy" / "bundles" / "plain"
    model = forecaster.Forecaster(horizon=7, settings={"updates": 4}).fit(frame)
    return {
        **{name: getattr(deploy, name) for name in deploy.__all__},
        **{name: getattr(forecaster, name) for name in forecaster.__all__},
        **{"np": np, "pd": pd, "frame": frame, "model": model, "bundle": bundle},
        "predictor": deploy.Predictor.load(bundle),
    }


@pytest.mark.filterwarnings("ignore:More than 20 figures")
@pytest.mark.parametrize("name", public())
def test_examples_print_what_they_say(
    name: str, names: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mpl.use("Agg")
    runner, finder = doctest.DocTestRunner(verbose=False), doctest.DocTestFinder(recurse=False)
    said: list[str] = []
    for routine, one in routines(name, public()[name]):
        for example in finder.find(one, routine, module=False, globs=dict(names)):
            runner.run(example, out=said.append)
    assert said == []


@pytest.mark.parametrize("name", ["deploy.Predictor", "deploy.Forecast", "forecaster.Forecaster"])
def test_what_is_used_most_has_examples(name: str) -> None:
    lacking = [
        routine
        for routine, one in routines(name, public()[name])
        if inspect.isclass(one) or parameters(one)
        if ">>>" not in (one.__doc__ or "") and not routine.endswith((".verify", ".plot", ".info"))
    ]
    assert lacking == []
