"""A bundle is written whole and verified, or not at all."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest

from deploy import BundleError, Predictor
from deploy.bundle.bundle import FILES, GOLDEN, MANIFEST, read_bundle
from deploy.request.misfits import expects_gaps
from deploy.time.timestep import MISSING_TIME
from forecaster.export import bundle as bundle_module
from forecaster.export import packing
from forecaster.export.bundle import write_bundle
from forecaster.export.golden import nested
from forecaster.export.graphs import emit_graphs
from forecaster.export.verify import relative_error

pytestmark = pytest.mark.slow


def test_a_bundle_holds_its_files_and_nothing_else(run_of, tmp_path) -> None:
    write_bundle(run_of(), tmp_path / "bundle")
    assert {file.name for file in (tmp_path / "bundle").iterdir()} == {*FILES, MANIFEST}
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_the_parity_that_was_measured_is_in_the_manifest(run_of, tmp_path) -> None:
    manifest = write_bundle(run_of(), tmp_path / "bundle")
    assert set(manifest.parity) == {"graph", "step_loop", "float32_torch"}
    assert 0 < manifest.parity["graph"] <= max(1e-4, 4 * manifest.parity["float32_torch"])


@pytest.mark.parametrize(("missing", "expected"), [(10, False), (88, True)])
def test_a_model_that_was_fitted_on_sparse_series_expects_these(run_of, tmp_path, missing, expected) -> None:
    run = run_of()
    facts = run.data.model_copy(update={"values": 99, "missing": missing})
    assert expects_gaps(write_bundle(replace(run, data=facts), tmp_path / "bundle")) is expected


def test_the_graphs_carry_the_manifest_as_metadata(run_of, tmp_path) -> None:
    manifest = write_bundle(run_of(), tmp_path / "bundle")
    model = onnx.load(tmp_path / "bundle" / "forecast.onnx")
    (entry,) = model.metadata_props
    carried = json.loads(entry.value)
    assert entry.key == "manifest"
    assert carried["context_length"] == manifest.context_length
    assert not {"files", "digest"} & set(carried)


def test_a_bundle_whose_graph_is_wrong_is_never_written(run_of, tmp_path, monkeypatch) -> None:
    def emit_another_network(ensemble, metadata):
        (network,) = ensemble.members
        network.decoder.next_rows.bias[:] += 1e-2  # a copy of the run's
        return emit_graphs(ensemble, metadata)

    monkeypatch.setattr(packing, "emit_graphs", emit_another_network)
    with pytest.raises(BundleError):
        write_bundle(run_of(), tmp_path / "bundle")
    assert not list(tmp_path.iterdir())


def test_a_failed_export_leaves_the_old_bundle_as_it_was(run_of, tmp_path, monkeypatch) -> None:
    old = write_bundle(run_of(), tmp_path / "bundle")

    def fail(*_):
        raise BundleError("no parity")

    monkeypatch.setattr(bundle_module, "verify_bundle", fail)
    with pytest.raises(BundleError, match="no parity"):
        write_bundle(run_of(hidden_size=4), tmp_path / "bundle")
    assert read_bundle(tmp_path / "bundle").manifest == old
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_second_export_replaces_the_first(run_of, tmp_path) -> None:
    write_bundle(run_of(), tmp_path / "bundle")
    manifest = write_bundle(run_of(hidden_size=4), tmp_path / "bundle")
    assert Predictor.load(tmp_path / "bundle", verify=True).manifest.digest == manifest.digest
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_an_error_counts_in_units_of_each_series_own_range() -> None:
    reference = np.zeros((2, 3, 2))
    reference[0, :, 1], reference[1, :, 1] = 1000.0, 0.001
    found = reference.copy()
    found[1, 0, 0] = 0.0001  # large for the second series, nothing for the first
    assert relative_error(found, reference) == pytest.approx(0.1)


def test_a_golden_case_has_times_and_another_none(run_of, tmp_path) -> None:
    write_bundle(run_of(), tmp_path / "bundle")
    cases = json.loads((tmp_path / "bundle" / GOLDEN).read_bytes())["cases"]
    unknown = [np.array(case["inputs"]["timestamps"]) == MISSING_TIME for case in cases]
    assert [times.any() for times in unknown] == [False, True]
    assert unknown[1].all()


def test_nested_lists_give_back_every_float32_and_null_for_nan() -> None:
    values = np.random.default_rng(0).standard_normal((3, 5)).astype(np.float32)
    values[1, 2] = np.nan
    written = json.loads(json.dumps(nested(values)))
    assert written[1][2] is None
    np.testing.assert_array_equal(np.array(written, dtype=np.float32), values)
