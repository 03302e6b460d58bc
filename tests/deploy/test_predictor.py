"""Nothing but the series itself decides its forecast: not the method, the batch, the thread or the dtype."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy import BundleError, InputError, Predictor
from deploy.bundle.bundle import GOLDEN, sha256

pytestmark = pytest.mark.slow

Arguments = dict[str, Any]
MakeArguments = Callable[..., Arguments]
Pick = Callable[..., Arguments]

# float32 rounding, amplified by a recurrence: the two ways through a bundle add in different orders.
METHOD_TOLERANCE = 1e-5
METHODS = ("graph", "step")
# Shorter than a patch, a patch, between, about the context, longer.
MIXED_LENGTHS = (1, 3, 5, 6, 10, 21, 22, 23, 24, 25, 60)
# More than one chunk of series, the last one not full.
MANY = 300


def many_lengths() -> list[int]:
    return [MIXED_LENGTHS[number % len(MIXED_LENGTHS)] for number in range(MANY)]


@pytest.mark.parametrize("name", ["covariates", "plain"])
def test_the_golden_cases_replay(bundles: Path, name: str) -> None:
    Predictor.load(bundles / name, verify=True)


def test_a_golden_case_that_does_not_replay_is_refused(
    copy_bundle: Callable[[], Path], change_manifest: Callable[..., None]
) -> None:
    folder = copy_bundle()
    golden = json.loads((folder / GOLDEN).read_bytes())
    golden["cases"][1]["outputs"]["quantiles"][0][0][4] *= 1.01
    data = json.dumps(golden).encode()
    (folder / GOLDEN).write_bytes(data)
    listed = {"sha256": sha256(data), "bytes": len(data)}
    change_manifest(folder, lambda manifest: manifest["files"].update({GOLDEN: listed}))
    Predictor.load(folder)
    with pytest.raises(
        BundleError, match=r"golden case 1 differs by 0\.\d+ of a series' largest value, allowed"
    ):
        Predictor.load(folder, verify=True)


@pytest.mark.parametrize("horizon", [1, "trained", "not a multiple of the patch", "longest"])
@pytest.mark.parametrize("lengths", [[24], list(MIXED_LENGTHS), many_lengths()], ids=["one", "mixed", "many"])
def test_the_graph_and_the_step_loop_agree(
    predictor: Predictor, make_arguments: MakeArguments, lengths: list[int], horizon: int | str
) -> None:
    manifest = predictor.manifest
    named = {
        "trained": manifest.horizon,
        "not a multiple of the patch": manifest.patch_length + 1,
        "longest": manifest.max_horizon,
    }
    arguments = make_arguments(predictor, lengths, named.get(str(horizon), horizon))
    graph, step = (predictor.forecast(**arguments, method=method).quantiles for method in METHODS)
    largest = np.abs(graph).max(axis=(1, -1), keepdims=True)
    assert np.max(np.abs(graph - step) / largest) <= METHOD_TOLERANCE


@pytest.mark.parametrize("method", METHODS)
def test_a_series_alone_forecasts_the_same_bits_as_in_a_batch(
    predictor: Predictor, make_arguments: MakeArguments, pick: Pick, method: str
) -> None:
    arguments = make_arguments(predictor, many_lengths())
    together = predictor.forecast(**arguments, method=method).quantiles
    alone = [predictor.forecast(**pick(arguments, [n]), method=method).quantiles for n in range(MANY)]
    np.testing.assert_array_equal(np.concatenate(alone), together)


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_a_batch_changes_no_bit(
    predictor: Predictor, make_arguments: MakeArguments, pick: Pick, method: str
) -> None:
    arguments = make_arguments(predictor, many_lengths())
    order = np.random.default_rng(0).permutation(MANY)
    shuffled = predictor.forecast(**pick(arguments, order), method=method).quantiles
    np.testing.assert_array_equal(shuffled, predictor.forecast(**arguments, method=method).quantiles[order])


@pytest.mark.parametrize("method", METHODS)
def test_eight_threads_get_the_bits_of_one(
    bundles: Path, make_arguments: MakeArguments, pick: Pick, method: str
) -> None:
    shared = Predictor.load(bundles / "covariates")  # fresh, so that its sessions are built by the threads
    arguments = make_arguments(shared, many_lengths())
    parts = [pick(arguments, range(start, MANY, 8)) for start in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda part: shared.forecast(**part, method=method).quantiles, parts * 4))
    expected = [shared.forecast(**part, method=method).quantiles for part in parts]
    for one, other in zip(found, expected * 4, strict=True):
        np.testing.assert_array_equal(one, other)


WHOLE_NUMBERS = np.array([12, 15, 11, 14, 18, 13, 12, 16, 11, 15, 19, 12], dtype=np.float32)
FORMS = {
    "float64": WHOLE_NUMBERS.astype(np.float64),
    "float16": WHOLE_NUMBERS.astype(np.float16),
    "big-endian float32": WHOLE_NUMBERS.astype(">f4"),
    "int64": WHOLE_NUMBERS.astype(np.int64),
    "uint8": WHOLE_NUMBERS.astype(np.uint8),
    "list of float": [float(value) for value in WHOLE_NUMBERS],
    "list of int": [int(value) for value in WHOLE_NUMBERS],
    "tuple": tuple(WHOLE_NUMBERS.tolist()),
    "list of numpy scalars": list(WHOLE_NUMBERS),
    "strided view": np.repeat(WHOLE_NUMBERS, 2)[::2],
    "2-D array of one": WHOLE_NUMBERS[None],
    "list of one array": [WHOLE_NUMBERS],
    "list of one list": [WHOLE_NUMBERS.tolist()],
}


@pytest.mark.parametrize("history", FORMS.values(), ids=FORMS)
def test_the_same_numbers_in_another_form_forecast_the_same_bits(plain: Predictor, history: Any) -> None:
    found, expected = plain.forecast(history).quantiles, plain.forecast(WHOLE_NUMBERS).quantiles
    np.testing.assert_array_equal(found, expected)


def test_a_masked_value_is_missing(plain: Predictor) -> None:
    mask = np.arange(len(WHOLE_NUMBERS)) == 3
    found = plain.forecast(np.ma.masked_array(WHOLE_NUMBERS, mask)).quantiles
    expected = plain.forecast(np.where(mask, np.nan, WHOLE_NUMBERS)).quantiles
    np.testing.assert_array_equal(found, expected)


def test_what_lies_before_the_context_changes_no_bit(
    predictor: Predictor, make_arguments: MakeArguments
) -> None:
    context = predictor.manifest.context_length
    arguments = make_arguments(predictor, [60, 61])
    cut = {**arguments, "history": [values[-context:] for values in arguments["history"]]}
    if predictor.manifest.known:
        cut["known"] = [rows[-context:] for rows in arguments["known"]]
    long, short = (predictor.forecast(**each).quantiles for each in (arguments, cut))
    np.testing.assert_array_equal(long, short)


def test_known_rows_before_the_history_change_no_bit(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    arguments = make_arguments(covariates, [10])
    longer = np.concatenate([np.full((7, 2), 99.0), arguments["known"][0]])
    found = covariates.forecast(**{**arguments, "known": [longer]}).quantiles
    np.testing.assert_array_equal(found, covariates.forecast(**arguments).quantiles)


def test_future_rows_beyond_the_horizon_change_no_bit(
    covariates: Predictor, make_arguments: MakeArguments
) -> None:
    arguments = make_arguments(covariates, [24, 7], 13)
    cut = {**arguments, "future_known": arguments["future_known"][:, :13]}
    found, expected = (covariates.forecast(**each).quantiles for each in (arguments, cut))
    np.testing.assert_array_equal(found, expected)


def test_an_unknown_method_is_refused(plain: Predictor) -> None:
    with pytest.raises(InputError) as error:
        plain.forecast([1.0], method="loop")  # type: ignore[arg-type]
    assert str(error.value) == "method must be 'graph' or 'step', found 'loop'"


@pytest.mark.parametrize("as_given", [str, Path], ids=["str", "Path"])
def test_a_bundle_is_found_by_text_or_path(bundles: Path, as_given: Callable[[Path], Any]) -> None:
    assert Predictor.load(as_given(bundles / "plain")).manifest.horizon == 6


def test_the_arguments_of_the_contract_are_these() -> None:
    names = list(inspect.signature(Predictor.forecast).parameters)
    expected = [
        "self",
        "history",
        "horizon",
        "last_timestamp",
        "known",
        "future_known",
        "static_cat",
        "past",
        "static",
        "method",
        "timeout",
    ]
    assert names == expected
