"""Routes that say which of them it is, and those of the page, where there is one."""

from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

ENDPOINT = "forecaster.endpoint"  # in a scope: the path as it is routed

FOLDER = Path(__file__).with_name("page")
INDEX = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
# The page loads its own files and asks its own service, and nothing else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class NamedRoute(Route):
    """A route of starlette, whose older releases do not tell which one answers."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as starlette does, with the path in the scope."""
        match, found = super().matches(scope)
        return match, {**found, ENDPOINT: self.path} if found else found


def page_routes(folder: Path = FOLDER) -> list[NamedRoute]:
    """Return a route a file, index.html at /; none without it. Each file is read once, here."""
    if not (folder / INDEX).is_file():
        return []
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in TYPES)
    names = {path: path.relative_to(folder).as_posix() for path in files}
    headers = {"content-security-policy": POLICY, "referrer-policy": "no-referrer"}
    return [
        fixed("/" if name == INDEX else f"/{name}", path.read_bytes(), TYPES[path.suffix], headers)
        for path, name in names.items()
    ]


def fixed(
    path: str, content: bytes, content_type: str, headers: Mapping[str, str] | None = None
) -> NamedRoute:
    """Return a route whose answer is the same for as long as the service runs."""
    given = {**(headers or {}), "content-type": content_type}

    async def answer(_request: Request) -> Response:
        return Response(content, headers=given)

    return NamedRoute(path, answer)


def kept(path: str, make: Callable[[], bytes], content_type: str, changes: Callable[[], int]) -> NamedRoute:
    """Return a route whose answer is the same until a count of changes is another."""
    made: tuple[int, bytes] = changes(), make()

    async def answer(_request: Request) -> Response:
        nonlocal made
        if made[0] != changes():
            made = changes(), make()
        return Response(made[1], headers={"content-type": content_type})

    return NamedRoute(path, answer)
