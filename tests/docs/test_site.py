"""The site builds without a warning, loads nothing from elsewhere, and names all that is public."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from deploy import errors
from forecaster.cli import cli
from forecaster.config import Asked, ModelConfig, TrainConfig

pytest.importorskip("mkdocs", reason="install the extra: docs")
pytest.importorskip("material", reason="install the extra: docs")
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
FACES = ("deploy", "deploy.server", "forecaster", "forecaster.data")
# What a browser loads when it shows a page; links that people follow may lead anywhere.
LOADED = re.compile(
    r"<(?:script|img|iframe|source)[^>]* src=\"?([^\" >]+)"
    r"|<link(?![^>]*rel=\"?(?:canonical|next|prev)\b)[^>]* href=\"?([^\" >]+)"
)
IMPORTED = re.compile(r"@import|url\(\s*['\"]?(?:https?:)?//")
MOST_WORDS = 1000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site") / "site"
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = built.stdout + built.stderr
    assert built.returncode == 0, said
    assert "WARNING" not in said
    return folder


def page(site: Path, name: str) -> str:
    return (site / name / "index.html").read_text(encoding="utf-8")


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    loaded = {
        match[1] or match[2]
        for path in site.rglob("*.html")
        for match in LOADED.finditer(path.read_text(encoding="utf-8"))
    }
    assert loaded
    assert {place for place in loaded if re.match(r"(?:https?:)?//", place)} == set()
    styles = [path for path in site.rglob("*.css") if IMPORTED.search(path.read_text(encoding="utf-8"))]
    assert styles == []


@pytest.mark.parametrize("face", FACES)
def test_every_public_name_is_on_the_reference(site: Path, face: str) -> None:
    text = page(site, "reference/python")
    missing = []
    for name in importlib.import_module(face).__all__:
        found = getattr(importlib.import_module(face), name)
        places = (face, getattr(found, "__module__", face))
        if not any(f'id="{place}.{name}"' in text for place in places):
            missing.append(name)
    assert missing == []


def test_every_setting_option_and_error_is_on_the_reference(site: Path) -> None:
    settings = page(site, "reference/settings")
    for model in (Asked, ModelConfig, TrainConfig):
        assert [name for name in model.model_fields if f"<code>{name}</code>" not in settings] == []
    commands = page(site, "reference/commands")
    for command in cli.commands.values():
        options = [option for one in command.params if isinstance(one, click.Option) for option in one.opts]
        assert [option for option in options if not re.search(rf"{option}\b", commands)] == []
    kinds = [name for name, one in vars(errors).items() if isinstance(one, type)]
    assert kinds
    assert [name for name in kinds if name not in page(site, "reference/errors")] == []


def test_without_npm_a_page_says_that_its_forecast_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "site"))
    hooks, in_browser = (importlib.import_module(name) for name in ("hooks", "in_browser"))
    monkeypatch.setattr(in_browser, "is_possible", lambda: False)
    page = SimpleNamespace(file=SimpleNamespace(src_uri="try.md"))
    text = (ROOT / "docs" / "try.md").read_text(encoding="utf-8")
    assert "<iframe" in text
    shown = hooks.on_page_markdown(text, page, None, SimpleNamespace(src_uris=()))
    assert "<iframe" not in shown
    assert "This site was built without npm" in shown
    with caplog.at_level("INFO"):
        hooks.on_post_build(SimpleNamespace(site_dir=str(tmp_path)))
    assert "left out: tests/node/node_modules/onnxruntime-web/dist is missing" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= MOST_WORDS
