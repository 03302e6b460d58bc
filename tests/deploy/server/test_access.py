"""Who may ask: with a token, and on a machine without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deploy.errors import ConfigError
from deploy.server.access import Access
from deploy.server.answers import Refusal
from deploy.server.arguments import read_settings
from deploy.server.settings import Settings, is_loopback

TOKEN = "a-token-of-some-length"


def status(headers: dict[str, str], path: str = "/forecast", **settings: Any) -> int:
    """The status of a refusal, or 200."""
    access = Access(Settings({"a": Path("a")}, **settings), ["/v2/health/live"])
    listed = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    try:
        access.check({"type": "http", "path": path, "http_version": "1.1", "headers": listed})
    except Refusal as refusal:
        return refusal.status
    return 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEARER "])
def test_the_case_of_bearer_means_nothing(scheme: str) -> None:
    assert status({"Authorization": f"{scheme} {TOKEN}"}, token=TOKEN) == 200


@pytest.mark.parametrize(
    "value", ["", TOKEN, "Bearer", f"Bearer{TOKEN}", f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}"]
)
def test_another_token_is_refused(value: str) -> None:
    assert status({"Authorization": value}, token=TOKEN) == 401


OWN = ["localhost", "localhost:8000", "LOCALHOST", "app.localhost", "127.0.0.1:80", "127.9.9.9", "[::1]:8000"]
FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "192.168.0.1",
    "[::2]",
    "[",
    "",
    "a@b",
]


@pytest.mark.parametrize("host", OWN)
def test_names_of_this_machine_are_answered(host: str) -> None:
    assert status({"Host": host}) == 200
    assert status({"Host": host, "Origin": f"http://{host}"}) == 200


@pytest.mark.parametrize("host", FOREIGN)
def test_a_name_that_leads_here_from_elsewhere_is_refused(host: str) -> None:
    assert status({"Host": host}) == 403
    assert status({"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}) == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000", ""])
def test_a_page_of_another_site_is_refused(origin: str) -> None:
    for more in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert status({"Host": "localhost:8000", "Origin": origin, **more}) == 403


def test_the_page_of_the_service_is_answered_behind_a_proxy_that_changes_the_host() -> None:
    headers = {"Host": "127.0.0.1:8000", "Origin": "https://forecasts.example"}
    assert status(headers) == 403
    assert status({**headers, "Sec-Fetch-Site": "same-origin"}) == 200
    assert status(headers, hosts=("Forecasts.example",)) == 200


def test_a_name_that_is_allowed_is_answered() -> None:
    assert status({"Host": "forecasts.example:443"}, hosts=("forecasts.example",)) == 200


@pytest.mark.parametrize("settings", [{"token": TOKEN}, {"host": "0.0.0.0"}], ids=["token", "public"])
def test_elsewhere_any_name_is_answered(settings: dict[str, Any]) -> None:
    headers = {"Host": "evil.example", "Origin": "https://evil.example", "Authorization": f"Bearer {TOKEN}"}
    assert status(headers, **settings) == 200


def test_what_is_open_is_open_under_any_name() -> None:
    assert status({"Host": "evil.example"}, "/v2/health/live") == 200
    assert status({}, "/v2/health/live", token=TOKEN) == 200


def test_programs_that_name_no_host_are_answered() -> None:
    assert status({}) == 200


def test_a_token_that_is_set_and_empty_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORECASTER_TOKEN", "")
    with pytest.raises(ConfigError, match="FORECASTER_TOKEN is empty; expected a token"):
        read_settings(["a"], "serve")


def test_names_are_allowed_by_the_command_line() -> None:
    assert read_settings(["a", "--allow-host", "x", "--allow-host", "y"], "serve").hosts == ("x", "y")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.2", True), ("::1", True), ("Localhost", True), ("", False), ("0.0.0.0", False), ("a", False)],
)
def test_loopback_is_told_from_what_others_reach(host: str, expected: bool) -> None:
    assert is_loopback(host) == expected


def test_a_name_of_this_machine_for_itself_alone_is_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian gives the name of a machine the address 127.0.1.1."""
    known = {"desk": ["127.0.1.1"], "server": ["127.0.1.1", "10.0.0.1"]}

    def look_up(host: str, _port: None) -> list[tuple[Any, ...]]:
        if host not in known:
            raise OSError(host)
        return [(0, 0, 0, "", (address, 0)) for address in known[host]]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    bundles = {"a": Path("a")}
    is_public = {name: Settings(bundles, host=name).is_public for name in ("desk", "server", "who")}
    assert is_public == {"desk": False, "server": True, "who": True}
    assert status({"Host": "evil.example"}, host="desk") == 403
    assert status({"Host": "desk:8000"}, host="desk") == 200


@pytest.mark.parametrize("name", ["example.com:8443", "https://example.com", "*", "", "a b"])
def test_a_name_that_no_request_could_be_for_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"^hosts takes a name without scheme and port"):
        Settings({"a": Path("a")}, hosts=(name,))


@pytest.mark.parametrize(
    ("name", "host"),
    [("Example.COM.", "example.com"), ("fe80::1", "[fe80::1]:80"), ("[fe80::1]", "[fe80::1]")],
)
def test_an_allowed_name_may_be_written_in_any_usual_way(name: str, host: str) -> None:
    assert status({"Host": host}, hosts=(name,)) == 200
