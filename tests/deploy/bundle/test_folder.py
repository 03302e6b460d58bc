"""Files are read from within their folder, once, and to a limit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy import BundleError, Predictor
from deploy.bundle.folder import read_inside

LIMIT = 10


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "bundle"
    inside.mkdir()
    return inside


def complaint(folder: Path) -> str:
    with pytest.raises(BundleError) as error:
        read_inside(folder, "file", LIMIT)
    return str(error.value)


def test_a_file_of_the_limit_is_read(folder: Path) -> None:
    (folder / "file").write_bytes(b"x" * LIMIT)
    assert read_inside(folder, "file", LIMIT) == b"x" * LIMIT


def test_a_file_above_the_limit_is_refused(folder: Path) -> None:
    (folder / "file").write_bytes(b"x" * (LIMIT + 1))
    assert complaint(folder) == f"{folder / 'file'} is larger than 10 bytes"


def test_a_file_that_says_it_is_empty_and_is_not_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_bytes(b"x" * (LIMIT + 1))
    told = list((folder / "file").stat())
    told[6] = 0  # st_size, as files of /proc have it
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result(told))
    assert complaint(folder) == f"{folder / 'file'} is larger than 10 bytes"


def test_a_link_that_leaves_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    (folder / "file").symlink_to("../secret")
    assert complaint(folder) == (
        f"{folder / 'file'} is a link to {tmp_path / 'secret'}, outside the bundle; "
        "copy the file in its place"
    )


def test_a_link_to_a_neighbour_of_a_like_name_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle2").mkdir()
    (tmp_path / "bundle2" / "file").write_bytes(b"x")
    (folder / "file").symlink_to("../bundle2/file")
    assert "outside the bundle" in complaint(folder)


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "file").write_bytes(b"x")
    (folder / "file").symlink_to("data/file")
    assert read_inside(folder, "file", LIMIT) == b"x"


def test_a_folder_that_is_a_link_is_read(folder: Path, tmp_path: Path) -> None:
    (folder / "file").write_bytes(b"x")
    (tmp_path / "current").symlink_to("bundle")
    assert read_inside(tmp_path / "current", "file", LIMIT) == b"x"


def test_links_in_a_circle_are_refused(folder: Path) -> None:
    (folder / "file").symlink_to("file")
    assert complaint(folder).startswith(f"cannot read {folder / 'file'}: ")


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "file")
    assert complaint(folder) == f"cannot read {folder / 'file'}: not a regular file"


def test_a_bundle_whose_graph_lies_elsewhere_is_refused(bundles: Path, tmp_path: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    for file in (bundles / "plain").iterdir():
        (folder / file.name).symlink_to(file)
    with pytest.raises(BundleError, match="outside the bundle"):
        Predictor.load(folder)
