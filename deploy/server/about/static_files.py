"""Static files of a page, where there are any, under a policy that lets nothing else in."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from ..routes import NamedRoute

FOLDER = Path(__file__).parents[1] / "page"
INDEX = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page_routes(folder: Path = FOLDER) -> list[NamedRoute]:
    """A route a file, index.html at /; none without it. The files are read once, so no path is looked up."""
    if not (folder / INDEX).is_file():
        return []
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in TYPES)
    names = {path: path.relative_to(folder).as_posix() for path in files}
    return [_route("/" if name == INDEX else f"/{name}", path) for path, name in names.items()]


def _route(url: str, path: Path) -> NamedRoute:
    content, kind = path.read_bytes(), TYPES[path.suffix]

    async def answer(_request: Request) -> Response:
        headers = {"content-security-policy": POLICY, "referrer-policy": "no-referrer"}
        return Response(content, headers={**headers, "content-type": kind})

    return NamedRoute(url, answer)
