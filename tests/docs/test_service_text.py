"""docs/service.md against the service: its options, its statuses, its paths, its example."""

from __future__ import annotations

import json
import re
from pathlib import Path

from deploy.server.answers import KINDS
from deploy.server.arguments import LIMIT_HELP, read_settings
from deploy.server.settings import Limits

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
LIMIT = re.compile(r"^\| `--(\w+)` \| ([^|]+) \|", re.MULTILINE)
STATUS = re.compile(r"^\| ((?:\d{3}, )*\d{3}) \|", re.MULTILINE)


def test_every_limit_stands_there_with_its_default() -> None:
    shown = dict(LIMIT.findall(PAGE))
    assert set(shown) == set(LIMIT_HELP)
    for name, text in shown.items():
        value = getattr(Limits(), name)
        if value is None:
            continue
        number = float(text.replace(",", "").split()[0]) * (1 << 20 if "MiB" in text else 1)
        assert number == value, name


def test_every_error_has_a_line() -> None:
    named = {int(status) for line in STATUS.findall(PAGE) for status in line.split(", ")}
    assert named == set(KINDS)


def test_every_option_of_the_page_is_one() -> None:
    options = set(re.findall(r"`(--[a-z-]+)", PAGE))
    for option in options - {f"--{name}" for name in LIMIT_HELP}:
        values = [] if option in ("--quiet", "--isolate", "--health") else ["1"]
        if option in ("--overload", "--token-file", "--pretrained"):
            continue
        assert read_settings(["bundle", option, *values], "serve")


def test_the_example_is_json() -> None:
    bodies = re.findall(r"-d '([^']+)'", PAGE)
    assert bodies
    for body in bodies:
        assert set(json.loads(body)) == {"series", "horizon"}
