"""A bundle is read whole and unharmed, or refused before a session sees a byte of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

import deploy.bundle.folder
import deploy.engine.sessions
from deploy import BundleError, Manifest, Predictor
from deploy.bundle.bundle import FILES, MANIFEST, SCHEMA_VERSION, digest_of, read_bundle, sha256

CopyBundle = Callable[[], Path]
ChangeManifest = Callable[..., None]
Change = Callable[[dict[str, Any]], object]

# Without schema_version it is no manifest at all.
NEEDED = [
    field.name for field in fields(Manifest) if field.default is MISSING and field.name != "schema_version"
]


@pytest.fixture
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Building a session fails the test: what is damaged must be refused before."""

    def fail(*_: object) -> None:
        raise AssertionError("a session was built from a bundle that should have been refused")

    monkeypatch.setattr(deploy.engine.sessions, "open_session", fail)


def complaint(folder: Path) -> str:
    """The message of the error that loading with verification raises."""
    with pytest.raises(BundleError) as error:
        Predictor.load(folder, verify=True)
    return str(error.value)


def read_manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    return manifest


def test_a_bundle_holds_the_bytes_of_its_files(bundles: Path) -> None:
    folder = bundles / "plain"
    assert read_bundle(folder).files == {name: (folder / name).read_bytes() for name in FILES}


def test_a_manifest_survives_a_round_trip(bundles: Path) -> None:
    written = json.loads((bundles / "covariates" / MANIFEST).read_bytes())
    read = read_bundle(bundles / "covariates").manifest.to_json()
    assert json.loads(json.dumps(read)) == written


def test_a_manifest_tells_how_a_model_was_made(bundles: Path) -> None:
    manifest = read_bundle(bundles / "covariates").manifest
    assert manifest.training["config"]["model"]["hidden_size"] == 8
    assert manifest.training["data"]["file"] == "covariates.csv"


@pytest.mark.parametrize("name", ["covariates", "plain", "joint"])
def test_a_bundle_names_no_place_on_the_machine_that_wrote_it(bundles: Path, name: str) -> None:
    checkout = str(bundles.parents[2]).encode()
    assert not any(checkout in (bundles / name / file).read_bytes() for file in (MANIFEST, *FILES))


def test_the_names_of_the_known_covariates_are_in_the_order_of_the_tensors(bundles: Path) -> None:
    assert read_bundle(bundles / "covariates").manifest.known == ("promo", "temperature")


def test_the_median_is_found_among_the_levels(bundles: Path) -> None:
    assert read_bundle(bundles / "plain").manifest.median_index == 4


@pytest.mark.usefixtures("no_session")
def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nothing"
    assert complaint(path) == f"no bundle at {path}: not a folder; `forecaster export` writes one"


@pytest.mark.usefixtures("no_session")
def test_a_file_in_place_of_the_folder_is_refused(bundles: Path) -> None:
    path = bundles / "plain" / "forecast.onnx"
    assert complaint(path) == f"no bundle at {path}: not a folder; `forecaster export` writes one"


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("name", [MANIFEST, *FILES])
def test_a_missing_file_is_refused(copy_bundle: CopyBundle, name: str) -> None:
    folder = copy_bundle()
    (folder / name).unlink()
    assert complaint(folder) == f"cannot read {folder / name}: No such file or directory"


@pytest.mark.usefixtures("no_session")
def test_a_folder_in_place_of_a_file_is_refused(copy_bundle: CopyBundle) -> None:
    folder = copy_bundle()
    (folder / "forecast.onnx").unlink()
    (folder / "forecast.onnx").mkdir()
    assert complaint(folder) == f"cannot read {folder / 'forecast.onnx'}: not a regular file"


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0], ids=["first", "middle", "last"])
@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_refused(copy_bundle: CopyBundle, name: str, place: float) -> None:
    path = copy_bundle() / name
    data = bytearray(path.read_bytes())
    data[round(place * (len(data) - 1))] ^= 1
    path.write_bytes(data)
    size, listed = len(data), read_manifest(path.parent)["files"][name]["sha256"]
    assert complaint(path.parent) == (
        f"{path} is damaged: found {size} bytes with sha256 {sha256(bytes(data))[:12]}…, "
        f"expected {size} with {listed[:12]}…; export it again"
    )


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.999], ids=["empty", "half", "almost whole"])
@pytest.mark.parametrize("name", [MANIFEST, *FILES])
def test_a_truncated_file_is_refused(copy_bundle: CopyBundle, name: str, kept: float) -> None:
    path = copy_bundle() / name
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    assert complaint(path.parent).startswith(f"{path} is ")


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_grew_is_refused(copy_bundle: CopyBundle, name: str) -> None:
    path = copy_bundle() / name
    path.write_bytes(path.read_bytes() + b"\0")
    assert complaint(path.parent).startswith(f"{path} is damaged: found ")


@pytest.mark.usefixtures("no_session")
def test_a_file_of_another_bundle_is_refused(bundles: Path, copy_bundle: CopyBundle) -> None:
    folder = copy_bundle()
    (folder / "encoder.onnx").write_bytes((bundles / "covariates" / "encoder.onnx").read_bytes())
    assert complaint(folder).startswith(f"{folder / 'encoder.onnx'} is damaged: found ")


@pytest.mark.usefixtures("no_session")
def test_a_file_that_is_too_large_is_not_read(
    copy_bundle: CopyBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_bundle()
    limit = (folder / "forecast.onnx").stat().st_size - 1  # the largest file
    monkeypatch.setattr(deploy.bundle.folder, "MAX_GRAPH_BYTES", limit)
    assert complaint(folder) == f"{folder / 'forecast.onnx'} is larger than {limit} bytes"


NOT_JSON = {
    "words": b"hello",
    "not UTF-8": b'{"\xff": 1}',
    "an unfinished object": b'{"schema_version": 1',
    "two objects": b"{}{}",
    "100,000 brackets": b"[" * 100_000,
}


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("content", NOT_JSON.values(), ids=NOT_JSON)
def test_a_manifest_that_is_not_json_is_refused(copy_bundle: CopyBundle, content: bytes) -> None:
    path = copy_bundle() / MANIFEST
    path.write_bytes(content)
    assert complaint(path.parent).startswith(f"{path} is not JSON: ")


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("content", [b"[]", b"{}", b"1", b"null", b'"schema_version"'], ids=bytes.decode)
def test_json_that_is_no_manifest_is_refused(copy_bundle: CopyBundle, content: bytes) -> None:
    path = copy_bundle() / MANIFEST
    path.write_bytes(content)
    assert complaint(path.parent) == f"{path} is not a manifest: schema_version is missing"


WHAT_TO_DO = {
    SCHEMA_VERSION - 1: "export the run again, or install the release that wrote it",
    SCHEMA_VERSION + 1: "install a newer lstm-forecaster, or export the run with this one",
}


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("version", WHAT_TO_DO, ids=["older", "newer"])
def test_another_schema_version_says_what_to_do(
    copy_bundle: CopyBundle, change_manifest: ChangeManifest, version: int
) -> None:
    folder = copy_bundle()
    change_manifest(folder, lambda manifest: manifest.update(schema_version=version))
    assert complaint(folder) == (
        f"{folder} has schema version {version}; this release reads version 1: {WHAT_TO_DO[version]}"
    )


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("version", ["1", None, True, 1.0, [1]], ids=repr)
def test_a_schema_version_that_is_no_whole_number_is_refused(
    copy_bundle: CopyBundle, change_manifest: ChangeManifest, version: Any
) -> None:
    folder = copy_bundle()
    change_manifest(folder, lambda manifest: manifest.update(schema_version=version))
    assert complaint(folder) == f"{folder} has schema version {version!r}, expected the number 1"


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("name", NEEDED)
def test_a_manifest_that_lacks_a_field_is_refused(
    copy_bundle: CopyBundle, change_manifest: ChangeManifest, name: str
) -> None:
    folder = copy_bundle()
    change_manifest(folder, lambda manifest: manifest.pop(name), sign=name != "digest")
    assert complaint(folder) == f"{folder / MANIFEST} lacks {name}"


@pytest.mark.usefixtures("no_session")
def test_all_fields_that_are_lacking_are_named(
    copy_bundle: CopyBundle, change_manifest: ChangeManifest
) -> None:
    folder = copy_bundle()
    change_manifest(folder, lambda manifest: [manifest.pop(name) for name in ("season", "horizon")])
    assert complaint(folder) == f"{folder / MANIFEST} lacks horizon, season"


CHANGES: dict[str, Change] = {
    "horizon": lambda manifest: manifest.update(horizon=7),
    "time_step": lambda manifest: manifest["time_step"].update(count=2),
    "a level": lambda manifest: manifest["quantile_levels"].__setitem__(0, 0.05),
    "lower": lambda manifest: manifest.update(lower=None),
    "columns": lambda manifest: manifest["columns"]["known"].append("promo"),
    "training": lambda manifest: manifest["training"]["metrics"].update(loss=0.0),
    "sha256": lambda manifest: manifest["files"]["golden.json"].update(sha256="0" * 64),
    "digest": lambda manifest: manifest.update(digest="0" * 64),
    "an extra key": lambda manifest: manifest.update(author="nobody"),
}


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_manifest_that_was_changed_is_refused(
    copy_bundle: CopyBundle, change_manifest: ChangeManifest, change: Change
) -> None:
    folder = copy_bundle()
    change_manifest(folder, change, sign=False)
    assert complaint(folder).startswith(
        (f"{folder / MANIFEST} was changed: ", f"{folder / MANIFEST} is damaged: ")
    )


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("name", FILES)
def test_a_manifest_that_lists_another_size_is_refused(
    copy_bundle: CopyBundle, change_manifest: ChangeManifest, name: str
) -> None:
    folder = copy_bundle()
    size = (folder / name).stat().st_size
    change_manifest(folder, lambda manifest: manifest["files"][name].update(bytes=size + 1))
    assert f"{folder / name} is damaged: found {size} bytes" in complaint(folder)
    assert f"expected {size + 1} with" in complaint(folder)


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("name", FILES)
def test_a_manifest_that_does_not_list_a_file_is_refused(
    copy_bundle: CopyBundle, change_manifest: ChangeManifest, name: str
) -> None:
    folder = copy_bundle()
    change_manifest(folder, lambda manifest: manifest["files"].pop(name))
    assert complaint(folder) == f"{folder / MANIFEST} is damaged: files does not list {name}"


# Signed, so that the digest is right and the content is what is wrong.
WRONG_CONTENT: dict[str, Change] = {
    "time_step of an unknown unit": lambda manifest: manifest["time_step"].update(unit="fortnight"),
    "time_step without a unit": lambda manifest: manifest["time_step"].pop("unit"),
    "time_step of no length": lambda manifest: manifest["time_step"].update(count=0),
    "time_step that is text": lambda manifest: manifest.update(time_step="1 hour"),
    "quantile_levels that are text": lambda manifest: manifest.update(quantile_levels=["low", "high"]),
    "quantile_levels without the median": lambda manifest: manifest.update(quantile_levels=[0.1, 0.9]),
    "horizon that is text": lambda manifest: manifest.update(horizon="6"),
    "horizon that is null": lambda manifest: manifest.update(horizon=None),
    "patch_length of nothing": lambda manifest: manifest.update(patch_length=0),
    "files that are a list": lambda manifest: manifest.update(files=list(FILES)),
    "a time format that is no text": lambda manifest: manifest["columns"].update(time_format=5),
    "past covariates that are a text": lambda manifest: manifest["columns"].update(past="visitors"),
    "a time zone that is no text": lambda manifest: manifest["columns"].update(timezone=1),
    "joint that is no truth value": lambda manifest: manifest["columns"].update(joint="yes"),
    "joint targets of one name": lambda manifest: manifest["columns"].update(joint=True),
    "columns that are a list": lambda manifest: manifest.update(columns=["y"]),
    "vocabularies that are a list": lambda manifest: manifest.update(vocabularies=["shop"]),
    "graphs of nothing": lambda manifest: manifest.update(graphs={}),
}


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize("change", WRONG_CONTENT.values(), ids=WRONG_CONTENT)
def test_a_signed_manifest_with_wrong_content_is_refused(
    copy_bundle: CopyBundle, change_manifest: ChangeManifest, change: Change
) -> None:
    folder = copy_bundle()
    change_manifest(folder, change)
    assert complaint(folder).startswith(f"{folder / MANIFEST} is damaged: ")


def test_a_signed_key_that_this_release_does_not_know_is_ignored(
    copy_bundle: CopyBundle, change_manifest: ChangeManifest
) -> None:
    folder = copy_bundle()
    change_manifest(folder, lambda manifest: manifest.update(author="nobody"))
    Predictor.load(folder, verify=True)


def test_a_bundle_from_before_past_covariates_is_read(
    copy_bundle: CopyBundle, change_manifest: ChangeManifest
) -> None:
    folder = copy_bundle()
    change_manifest(folder, lambda manifest: manifest["columns"].pop("past"))
    predictor = Predictor.load(folder, verify=True)
    assert predictor.manifest.past == predictor.manifest.static == ()


def test_a_file_that_is_not_listed_is_ignored(copy_bundle: CopyBundle) -> None:
    folder = copy_bundle()
    (folder / "notes.txt").write_text("for the next reader")
    Predictor.load(folder, verify=True)


@pytest.mark.parametrize("layout", [{"indent": 8}, {"separators": (",", ":")}, {"sort_keys": True}], ids=str)
def test_the_layout_of_a_manifest_does_not_matter(copy_bundle: CopyBundle, layout: dict[str, Any]) -> None:
    path = copy_bundle() / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_bytes()), **layout))
    Predictor.load(path.parent)


def test_the_digest_leaves_out_itself() -> None:
    assert digest_of({"a": 1, "digest": "x"}) == digest_of({"a": 1, "digest": "y"}) == digest_of({"a": 1})


def test_the_digest_of_a_bundle_never_changes() -> None:
    # sha256 of {"a":[1,2.5,"ä"],"b":null} in ASCII with sorted keys: other releases must agree.
    expected = sha256(rb'{"a":[1,2.5,"\u00e4"],"b":null}')
    assert digest_of({"b": None, "a": [1, 2.5, "ä"]}) == expected


def test_loading_builds_no_session(bundles: Path, no_session: None) -> None:  # noqa: ARG001
    Predictor.load(bundles / "plain")
