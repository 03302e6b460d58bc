"""Who may ask: with a token, whoever has it; without one, programs and pages of this machine.

A page of any site can have a browser send a POST to a service on its own machine, or look the service up
under a name of the site that now leads here. Where the service listens on loopback without a token, a request
has to be for a name of this machine, and, where a browser says so, from a page of the service itself.
"""

import hmac
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.types import Scope

from .answers import Refusal
from .settings import Settings, is_loopback

# Of Sec-Fetch-Site, which pages cannot set: from a page of the service, and from the address bar.
OWN_SITES = (b"same-origin", b"none")


class Access:
    """The check of who asks, before anything of a body is read."""

    def __init__(self, settings: Settings, open_paths: Collection[str]) -> None:
        """open_paths: what anybody may ask for."""
        self._open = frozenset(open_paths)
        self._token = None if settings.token is None else settings.token.encode()
        self._is_public = settings.is_public
        names = (settings.host, *settings.hosts)
        self._hosts = frozenset(name.lower().strip("[]").rstrip(".") for name in names)

    def check(self, scope: Scope) -> None:
        """Let a request pass. Raises Refusal: 400 for a body of two ends, 401, 403."""
        headers = dict(scope["headers"])
        _check_framing(scope, headers)
        if scope["path"] in self._open:
            return
        if self._token is not None:
            self._check_token(headers.get(b"authorization", b""))
        elif not self._is_public:
            self._check_site(headers)

    def _check_token(self, given: bytes) -> None:
        scheme, _, token = given.partition(b" ")
        # RFC 9110, 11.1: the case of a scheme means nothing.
        if scheme.lower() != b"bearer" or not hmac.compare_digest(token.strip(b" "), self._token or b""):
            message = "expected the header Authorization: Bearer TOKEN"
            raise Refusal(401, message, {"www-authenticate": "Bearer"})

    def _check_site(self, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host")
        if host is not None and not self._is_own(b"//" + host):
            raise _foreign("Host", host)
        origin = headers.get(b"origin")
        if origin is None or headers.get(b"sec-fetch-site") in OWN_SITES:
            return
        if origin.partition(b"://")[2] != host and not self._is_allowed(_name(origin)):
            raise _foreign("Origin", origin)

    def _is_own(self, url: bytes) -> bool:
        name = _name(url)
        return is_loopback(name) or self._is_allowed(name)

    def _is_allowed(self, name: str) -> bool:
        return name.rstrip(".") in self._hosts


def _name(url: bytes) -> str:
    """Return the host of a URL in lower case, without its port; empty if there is none."""
    try:
        return urlsplit(url.decode("latin-1")).hostname or ""
    except ValueError:
        return ""


def _foreign(header: str, value: bytes) -> Refusal:
    return Refusal(
        403,
        f"{header}: expected this service, as localhost, found {value.decode('latin-1')!r}; "
        "for another name start it with --allow-host NAME, or with a token",
    )


def _check_framing(scope: Scope, headers: dict[bytes, bytes]) -> None:
    """Raise Refusal for a body whose end two readers may see in two places (RFC 9112, 6.1)."""
    if b"transfer-encoding" not in headers:
        return
    if b"content-length" in headers:
        wrong = "Content-Length and Transfer-Encoding; expected one of them"
    elif scope["http_version"] == "1.0":
        wrong = "Transfer-Encoding in HTTP/1.0; expected Content-Length"
    else:
        return
    raise Refusal(400, wrong, {"connection": "close"})
