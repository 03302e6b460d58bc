"""Files of a page: those that were there at the start, under a strict policy."""

from __future__ import annotations

import asyncio
import re
import zipfile
from pathlib import Path

import pytest
from starlette.routing import Router

from deploy.server.routes import FOLDER, POLICY, TYPES, page_routes

ROOT = Path(__file__).parents[3]
REFERENCE = re.compile(r"""(?:src|href)="([^"#]+)"|from "([^"]+)";""")


def fetch(folder: Path, path: str) -> tuple[int, dict[str, str], bytes]:
    """What the routes of a folder answer."""
    sent: list[dict[str, object]] = []

    async def send(message: object) -> None:
        sent.append(dict(message))  # type: ignore[call-overload]

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [],
        "root_path": "",
        "query_string": b"",
    }
    asyncio.run(Router(page_routes(folder), redirect_slashes=False)(scope, None, send))  # type: ignore[arg-type]
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}  # type: ignore[attr-defined]
    return sent[0]["status"], headers, sent[1]["body"]  # type: ignore[return-value]


def test_without_an_index_there_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "page.js").write_text("1")
    assert page_routes(tmp_path) == []


def test_the_index_and_what_is_beside_it_are_served_under_the_policy(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>")
    (tmp_path / "page.js").write_text("1")
    (tmp_path / "notes.txt").write_text("not of a page")
    status, headers, body = fetch(tmp_path, "/")
    assert (status, headers["content-type"], body) == (200, "text/html; charset=utf-8", b"<p>")
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert fetch(tmp_path, "/page.js")[1]["content-type"] == "text/javascript; charset=utf-8"
    assert fetch(tmp_path, "/notes.txt")[0] == 404
    assert fetch(tmp_path, "/../page.py")[0] == 404


def test_all_that_the_page_refers_to_is_served_by_its_type() -> None:
    texts = [path.read_text(encoding="utf-8") for path in [FOLDER / "index.html", *FOLDER.glob("*.js")]]
    references = {"".join(found) for text in texts for found in REFERENCE.findall(text)}
    assert {"style.css", "app.js", "./csv.js", "vendor/uplot.js", "icon.svg"} <= references
    for reference in references:
        status, headers, body = fetch(FOLDER, "/" + reference.removeprefix("./"))
        assert (status, headers["content-type"]) == (200, TYPES[Path(reference).suffix]), reference
        assert body


def test_the_policy_lets_in_nothing_but_files_of_the_service() -> None:
    directives = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert directives["default-src"] == "'none'"
    assert {directives[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert "unsafe" not in POLICY
    assert "*" not in POLICY


@pytest.mark.parametrize(
    "pattern", [r"<script(?![^>]*\bsrc=)", r"<style", r"\sstyle=", r"\son\w+=", r"https?://"]
)
def test_the_page_holds_nothing_that_the_policy_forbids(pattern: str) -> None:
    assert re.search(pattern, (FOLDER / "index.html").read_text(encoding="utf-8")) is None


def test_the_page_and_its_licences_are_in_the_wheel(tmp_path: Path) -> None:
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="needs hatchling to build a wheel")
    (built,) = wheel.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    files = {f"deploy/server/page/{path.relative_to(FOLDER).as_posix()}" for path in FOLDER.rglob("*.*")}
    with zipfile.ZipFile(built) as packed:
        assert files | {"deploy/server/page/vendor/LICENSE"} <= set(packed.namelist())
