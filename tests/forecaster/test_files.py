"""A reader finds the old content or the new one, whatever happens to the writer."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from deploy.errors import RunError
from forecaster.files import folder_in_one_step, remove_partials, to_json, write_atomically


def listing(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too; folders as empty names."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def break_at(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Every call of os.<name> fails as on a full disk."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, name, fail)


def write_folder(path: Path, text: str) -> None:
    with folder_in_one_step(path) as folder:
        (folder / "file").write_text(text)


def test_a_file_is_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"new")
    assert listing(tmp_path) == {"file": b"new"}


def test_a_file_replaces_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    write_atomically(tmp_path / "file", b"new")
    assert listing(tmp_path) == {"file": b"new"}


def test_a_write_that_fails_midway_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    break_at(monkeypatch, "fsync")
    with pytest.raises(RunError, match=r"cannot write .*file: No space left"):
        write_atomically(tmp_path / "file", b"new")
    assert listing(tmp_path) == {"file": b"old"}


def test_a_file_cannot_replace_a_folder_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(RunError, match=r"cannot write .*folder: Is a directory"):
        write_atomically(tmp_path / "folder", b"new")
    assert listing(tmp_path) == {"folder": b""}


def test_what_killed_writers_left_of_files_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".model.1234.partial").write_bytes(b"half")
    (tmp_path / ".bundle.1234.partial").mkdir()  # an export that may be under way
    (tmp_path / "notes.partial").write_bytes(b"")
    remove_partials(tmp_path)
    remove_partials(tmp_path / "missing")
    assert listing(tmp_path) == {".bundle.1234.partial": b"", "notes.partial": b""}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_null_in_json(number: float) -> None:
    assert json.loads(to_json({"a": [number, 1.5], "b": {"c": (number,)}})) == {
        "a": [None, 1.5],
        "b": {"c": [None]},
    }


def test_json_ends_in_a_newline_and_reads_back() -> None:
    content = {"a": [1, 2.5, None, True], "é": {"b": "text"}}
    data = to_json(content)
    assert data.endswith(b"}\n")
    assert json.loads(data) == content


def test_a_folder_appears_with_all_its_files(tmp_path: Path) -> None:
    with folder_in_one_step(tmp_path / "run") as folder:
        (folder / "file").write_text("new")
        assert not (tmp_path / "run").exists()
    assert listing(tmp_path) == {"run": b"", "run/file": b"new"}


def test_a_folder_is_made_with_the_folders_above_it(tmp_path: Path) -> None:
    write_folder(tmp_path / "a" / "b" / "run", "new")
    assert (tmp_path / "a" / "b" / "run" / "file").read_text() == "new"


def test_a_folder_replaces_the_old_one_with_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "other").write_text("old")
    write_folder(tmp_path / "run", "new")
    assert listing(tmp_path) == {"run": b"", "run/file": b"new"}


@pytest.mark.parametrize("interruption", [OSError, KeyboardInterrupt, SystemExit])
def test_a_folder_that_is_not_finished_leaves_the_old_one_and_nothing_else(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    write_folder(tmp_path / "run", "first")
    before = listing(tmp_path)

    def write_and_stop() -> None:
        with folder_in_one_step(tmp_path / "run") as folder:
            (folder / "file").write_text("second")
            raise interruption

    with pytest.raises(interruption):
        write_and_stop()
    assert listing(tmp_path) == before


def test_the_old_folder_comes_back_when_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path / "run", "old")
    rename = Path.rename

    def rename_unless_new(self: Path, target: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_unless_new)
    with pytest.raises(OSError, match="Input/output"):
        write_folder(tmp_path / "run", "new")
    assert (tmp_path / "run" / "file").read_text() == "old"


def test_what_a_killed_writer_left_does_not_get_into_the_new_folder(tmp_path: Path) -> None:
    partial = tmp_path / f".run.{os.getpid()}.partial"
    partial.mkdir()
    (partial / "stale").write_text("half")
    write_folder(tmp_path / "run", "new")
    assert listing(tmp_path) == {"run": b"", "run/file": b"new"}
