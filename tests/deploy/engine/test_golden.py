"""A bundle proves itself by golden.json, on any machine; what no exporter writes there is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy import BundleError, Predictor
from deploy.bundle.bundle import GOLDEN

Golden = dict[str, Any]
ReplaceFile = Callable[[Path, str, bytes], None]


@pytest.mark.parametrize("method", ["graph", "step"])
def test_a_replay_says_how_many_cases_and_how_far_off(predictor: Predictor, method: Any) -> None:
    found = predictor.verify(method)
    assert (found.cases, found.tolerance) == (2, 1e-4)
    assert 0 <= found.difference <= found.tolerance


def case(**changes: Any) -> Callable[[Golden], object]:
    """Change inputs of the second case."""
    return lambda golden: golden["cases"][1]["inputs"].update(changes)


REFUSED: dict[str, tuple[Callable[[Golden], object], str]] = {
    "a tolerance of everything": (lambda golden: golden.update(tolerance=1e30), "its tolerance is 1e+30"),
    "a tolerance that is a text": (lambda golden: golden.update(tolerance="1"), "its tolerance is '1'"),
    "no tolerance": (lambda golden: golden.pop("tolerance"), "expected cases and a tolerance"),
    "no cases": (lambda golden: golden.update(cases=[]), "expected 1 to 64 cases"),
    "a thousand cases": (lambda golden: golden.update(cases=golden["cases"] * 500), "expected 1 to 64 cases"),
    "a case that is a number": (lambda golden: golden.update(cases=[1]), "does not have the inputs"),
    "a case without outputs": (lambda golden: golden["cases"][0].pop("outputs"), "does not have the inputs"),
    "a case without a history": (
        lambda golden: golden["cases"][0]["inputs"].pop("history"),
        "the inputs history",
    ),
    "an input that the graph has not": (case(x=[1]), "does not have the inputs"),
    "a history of words": (case(history=[["a"] * 22]), "could not convert string to float"),
    "a ragged history": (case(history=[[1.0], [1.0, 2.0]]), "inhomogeneous shape"),
    "a history of another length": (case(history=[[1.0] * 23]), "has shape (1, 23), expected (1, 22)"),
    "a length beyond the history": (case(lengths=[23]), "has the lengths [23], expected 1 to 22"),
    "a length of nothing": (case(lengths=[0]), "has the lengths [0], expected 1 to 22"),
    "lengths without an axis": (case(lengths=5), "has shape (), expected (1,)"),
    "no series": (case(lengths=[], history=[]), "has shape (0,), expected (0, 22)"),
    "a horizon beyond the longest": (
        case(horizon=[10**9]),
        "has the horizon [1000000000], expected at most 18",
    ),
    "a horizon of null": (case(horizon=[None]), "horizon of a case: "),
    "quantiles of another shape": (
        lambda golden: golden["cases"][1]["outputs"].update(quantiles=[[1.0]]),
        "quantiles of shape (1, 1)",
    ),
    "quantiles that are missing": (
        lambda golden: golden["cases"][1]["outputs"]["quantiles"][0][0].__setitem__(0, None),
        "or some that are not finite",
    ),
    "quantiles beyond float32": (
        lambda golden: golden["cases"][1]["outputs"]["quantiles"][0][0].__setitem__(0, 1e300),
        "or some that are not finite",
    ),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
def test_golden_cases_that_no_exporter_writes_are_refused(
    copy_bundle: Callable[[], Path],
    replace_file: ReplaceFile,
    change: Callable[[Golden], object],
    message: str,
) -> None:
    folder = copy_bundle()
    golden = json.loads((folder / GOLDEN).read_bytes())
    change(golden)
    replace_file(folder, GOLDEN, json.dumps(golden).encode())
    with pytest.raises(BundleError) as error:
        Predictor.load(folder, verify=True)
    assert str(error.value).startswith(f"{folder / GOLDEN} holds no golden cases: ")
    assert message in str(error.value)


def test_golden_cases_that_are_not_json_are_refused(
    copy_bundle: Callable[[], Path], replace_file: ReplaceFile
) -> None:
    folder = copy_bundle()
    replace_file(folder, GOLDEN, b"[" * 100_000)
    with pytest.raises(BundleError, match="holds no golden cases: nested deeper than 32"):
        Predictor.load(folder, verify=True)
