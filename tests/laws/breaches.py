"""What breaks a law today, line by line: the list may only become shorter.

A test fails while the list is not exactly what is found. `WRITE_BREACHES=1 pytest tests/laws` takes away what
is mended; read what it changed, since it also writes what is new.
"""

from __future__ import annotations

import os
from pathlib import Path

FILE = Path(__file__).with_name("breaches.txt")


def known(law: str) -> list[str]:
    """The breaches of a law that are known."""
    lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.exists() else []
    return [line.removeprefix(f"{law}: ") for line in lines if line.startswith(f"{law}: ")]


def check(law: str, found: list[str]) -> None:
    """Fails for a breach that is new, and for a known one that is gone and still listed."""
    if os.environ.get("WRITE_BREACHES"):
        lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.exists() else []
        others = [line for line in lines if not line.startswith(f"{law}: ")]
        FILE.write_text(
            "".join(f"{line}\n" for line in sorted([*others, *(f"{law}: {one}" for one in found)]))
        )
    assert sorted(found) == known(law)
