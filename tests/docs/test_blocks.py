"""Every block of README, Start and Guides runs, in order, in a fresh folder, and prints what is shown."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from blocks import PORT, ROOT, alike, blocks, difference, reading

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32" or shutil.which("curl") is None, reason="needs sh and curl"),
]
DOCS = ROOT / "docs"
GUIDES = sorted((DOCS / "guides").glob("*.md"))


@pytest.fixture(autouse=True)
def _source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that blocks start are those of this checkout."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))


def follow(page: Path, folder: Path, *, is_brief: bool = False) -> None:
    """Run each block of a page in a folder."""
    found = blocks(page.read_text(encoding="utf-8"))
    assert found, "a page without a block"
    with reading(folder, is_brief=is_brief) as reader:
        for block in found:
            printed = reader.run(block)
            if block.shown is not None:
                said = difference(block.shown, printed)
                assert said is None, f"{page.name}:{block.line}\n{said}"


def fresh(folder: Path) -> Path:
    folder.mkdir()
    (folder / "sample_data").symlink_to(ROOT / "sample_data")
    return folder


@pytest.fixture(scope="module")
def after_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder as Start leaves it."""
    folder = fresh(tmp_path_factory.mktemp("start") / "reader")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        follow(DOCS / "start.md", folder)
    return folder


def test_readme(tmp_path: Path) -> None:
    follow(ROOT / "README.md", fresh(tmp_path / "reader"))


WITH_GUIDES = pytest.mark.skipif(
    "GUIDES" not in os.environ, reason="takes minutes; GUIDES=1, as in make test-long, runs it"
)


@WITH_GUIDES
def test_start(after_start: Path) -> None:
    assert (after_start / "run-new" / "bundle" / "manifest.json").exists()


@WITH_GUIDES
@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_guide(page: Path, after_start: Path, tmp_path: Path) -> None:
    """A guide continues where Start ends; its fits make a few updates alone."""
    folder = tmp_path / "reader"
    shutil.copytree(after_start, folder, symlinks=True)
    follow(page, folder, is_brief=True)


def test_what_differs_is_found() -> None:
    assert difference("a 1.00 b\n", "a 1.1 b\n") is None
    assert difference("a 1.0 b\n", "a 2.0 b\n") is not None
    assert difference("a 3 b\n", "a 4 b\n") is not None
    assert difference("first\n...\nlast\n", "first\nother\nother\nlast\n") is None
    assert difference("first\nlast\n", "first\nother\nlast\n") is not None
    assert difference("first\n", "first\nmore\n") is not None
    assert difference("first\n...\n", "first\nmore\n") is None
    assert difference("first\n", "") is not None
    assert alike("took 7 s, 5959 KiB, Python 3.11.7", "took 12 s, 60 KiB, Python 3.12.1")


def test_a_block_that_fails_is_a_failure(tmp_path: Path) -> None:
    page = "```sh\nfalse\necho no\n```\n\n```text\nno\n```\n"
    (block,) = blocks(page)
    assert block.shown == "no\n"
    with reading(fresh(tmp_path / "reader")) as reader, pytest.raises(AssertionError, match="exit code 1"):
        reader.run(block)


def test_a_file_is_written_and_a_port_is_free(tmp_path: Path) -> None:
    written, printed = blocks(f'```toml title="a.toml"\na = 1\n```\n\n```sh\ncat a.toml; echo {PORT}\n```\n')
    with reading(fresh(tmp_path / "reader")) as reader:
        assert reader.run(written) == ""
        assert reader.port != PORT
        assert reader.run(printed) == f"a = 1\n{PORT}\n"
