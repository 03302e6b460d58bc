"""Errors that are raised through Python name its parameters, and no options of the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deploy import Predictor
from deploy.errors import ForecasterError
from forecaster import Forecaster

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
OPTION = re.compile(r"(?<![\w`-])--[a-z]")
CODE = re.compile(r"`[^`]*`")  # a command that is to be typed
# What a command alone reaches: its options are right there.
OF_COMMANDS = (
    *("forecaster/cli", "forecaster/__main__.py", "forecaster/bare.py", "forecaster/pretraining"),
    *("forecaster/workflows/upkeep", "forecaster/workflows/segments", "forecaster/workflows/serve.py"),
    *("forecaster/workflows/service", "forecaster/export/triton.py", "forecaster/training/resume"),
    "forecaster/workflows/explain.py",
    *("deploy/command", "deploy/__main__.py", "deploy/server", "deploy/arrow/files", "forecaster/show"),
)
# Texts of shared rooms that Python does not reach, each with the reason.
UNREACHED = {
    ("forecaster/config/settings.py", "--set "): "reads the command line",
    ("forecaster/config/config.py", "weights before"): "describes a setting of a run",
    ("forecaster/data/audience.py", "--na "): "how the command line writes it; Python has its own",
    ("forecaster/data/complaints.py", "--"): "how the command line writes options; Python has its own",
    ("forecaster/data/understand/targets/no_targets.py", "flag of"): "written in Python's way when shown",
    ("forecaster/evaluation/verdict.py", "--fail-over"): "gates are those of a command",
    ("forecaster/run/folder.py", "--from "): "a fit in Python has no origin",
    ("forecaster/run/folder.py", "the unfinished fit"): "of a fit into a folder, which is a command",
    ("forecaster/run/run.py", "the fit at "): "names the command that made the run",
    ("forecaster/workflows/evaluate.py", "--json "): "where standard output goes",
    ("forecaster/workflows/export.py", ""): "triton is an option of the command",
    ("forecaster/workflows/forecast.py", ""): "which files a command writes",
    ("deploy/time/zones.py", "this machine"): "an option of pip",
    ("deploy/sources/databases.py", "--"): "how the command line says it; Query has its own",
}


def texts(path: Path) -> Iterator[str]:
    """Yield the texts of a module that are no docstrings; those in brackets stand for themselves."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in joined for part in ast.walk(node)}
    for node in joined:
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs | parts:
            yield node.value


def test_texts_that_python_reaches_name_no_options() -> None:
    found, used = [], set()
    for package in ("forecaster", "deploy"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name.startswith(OF_COMMANDS):
                continue
            for text in texts(path):
                if OPTION.search(CODE.sub("", text)):
                    key = next((key for key in UNREACHED if key[0] == name and text.startswith(key[1])), None)
                    used.add(key)
                    found += [] if key else [f"{name}: {text}"]
    assert found == []
    assert {key for key in UNREACHED if key not in used and key[1] != "--"} == set(), "not needed"


def shops(length: int = 60) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=length)
    sales = 20 + 5 * np.sin(2 * np.pi * np.arange(length) / 7)
    return pd.DataFrame({"day": days, "sales": sales.round(3)})


SMALL: dict[str, Any] = {
    "horizon": 7,
    "context": 14,
    "settings": {"hidden_size": 4, "updates": 2, "train.epochs": 1, "threads": 1, "precision": "f32"},
}


@pytest.fixture(scope="module")
def model() -> Forecaster:
    return Forecaster(**SMALL).fit(shops())


@pytest.fixture(scope="module")
def with_known() -> Forecaster:
    return Forecaster(**SMALL, known="promo").fit(shops().assign(promo=np.arange(60) % 5 == 0))


def changed(**cells: Any) -> pd.DataFrame:
    frame = shops().astype(dict.fromkeys(cells, object))
    for name, value in cells.items():
        frame.loc[3, name] = value
    return frame


def said_by(*calls: Callable[[], object], caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the errors of calls, and what was logged."""
    said = []
    for call in calls:
        try:
            call()
        except ForecasterError as error:
            said.append(str(error))
    return [*said, *caplog.messages]


def with_options(said: list[str]) -> list[str]:
    return [text for text in said if OPTION.search(CODE.sub("", text))]


FRAMES = {
    "a cell that is no number": changed(sales="n/a?"),
    "a number with a unit": changed(sales="12 apples"),
    "a time that is none": changed(day="soon"),
    "a date that is none": changed(day="13.13.2024"),
    "times twice": pd.concat([shops(), shops().assign(sales=1.0)]),
    "rows off the grid": shops().assign(day=shops()["day"] + pd.to_timedelta(np.arange(60), "h")),
    "no rows": shops().head(0),
    "few rows": shops(9),
    "no numbers": shops().assign(sales="x"),
    "no values": shops().assign(sales=np.nan),
    "infinite values": shops().assign(sales=np.inf),
    "no time": shops()[["sales"]].assign(other=shops()["sales"] * 2),
    "several times": pd.DataFrame({"a": shops()["day"], "b": shops()["day"], "sales": 1.0}),
    "months and days": shops().assign(day=shops()["day"].dt.strftime("%m/%d/%Y")).head(12),
}


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.filterwarnings("ignore")
def test_what_is_wrong_with_data_is_said_in_python(
    name: str, model: Forecaster, caplog: pytest.LogCaptureFixture
) -> None:
    data = FRAMES[name]
    said = said_by(
        lambda: Forecaster(**SMALL).fit(data),
        lambda: model.predict(data),
        lambda: model.evaluate(data),
        caplog=caplog,
    )
    assert said
    assert with_options(said) == []


PARAMETERS: list[dict[str, Any]] = [
    *({"time": "nothing"}, {"target": "nothing"}, {"series": "sales", "target": "sales"}, {"known": "day"}),
    *({"timezone": "Mars/Olympus"}, {"time_format": "%d/%m/%Y"}, {"step": "7x"}, {"step": "1h"}),
    *({"aggregate": "sum"}, {"layout": "wide", "series": "sales"}, {"lower": "low"}, {"lower": 30}),
    *({"season": 0}, {"members": 0}, {"device": "tpu"}, {"effort": "endless"}, {"max_time": "-3"}),
    *({"joint": True}, {"context": 1000}, {"horizon": 50}, {"patch": 50}, {"level": [101]}),
    *({"start": "run"}, {"settings": {"nothing": 1}}, {"settings": {"normalization": "log-last-difference"}}),
]


@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
@pytest.mark.filterwarnings("ignore")
def test_what_is_wrong_with_parameters_is_said_in_python(
    parameters: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    given = {**SMALL, **parameters, "settings": {**SMALL["settings"], **parameters.get("settings", {})}}
    said = said_by(
        lambda: Forecaster(**given).fit(shops()),
        lambda: Forecaster.pretrained(**parameters).predict(shops(9)),
        caplog=caplog,
    )
    assert with_options(said) == []


def test_a_database_is_named_as_python_does(tmp_path: Path) -> None:
    place = tmp_path / "sales.duckdb"
    place.write_bytes(b"\0" * 8 + b"DUCK" + b"\0" * 100)
    with pytest.raises(ForecasterError) as error:
        Forecaster(**SMALL).fit(place)
    assert 'forecaster.Query("SELECT * FROM TABLE", "sales.duckdb")' in str(error.value)


def test_covariates_and_bounds_are_named_as_python_does(
    with_known: Forecaster, model: Forecaster, caplog: pytest.LogCaptureFixture
) -> None:
    said = said_by(
        lambda: with_known.predict(),
        lambda: with_known.predict(shops()),
        lambda: model.predict(shops().assign(sales=-5.0)),
        lambda: model.predict(shops(), future=shops()),
        lambda: model.predict(horizon=500),
        lambda: model.sample_paths(paths=0),
        lambda: model.evaluate(shops(63)),
        lambda: Predictor.load("nowhere"),
        lambda: Forecaster.load("nowhere"),
        lambda: Forecaster.pretrained(joint=True, target=["a", "b"]).predict(shops()),
        lambda: Forecaster.pretrained(7).export("bundle"),
        caplog=caplog,
    )
    assert len(said) >= 8
    assert with_options(said) == []
