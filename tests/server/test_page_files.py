"""Files of a page: those that were there at the start, under a strict policy."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.routing import Router

from deploy.server.page import page_routes


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
