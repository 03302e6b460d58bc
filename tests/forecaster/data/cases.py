"""Files that are written in tests, and what is expected of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploy.errors import DataError
from forecaster.config import Asked

AUTO = Asked()
Understand = Callable[[Any, Asked], str]  # the fixture of conftest.py


@dataclass(frozen=True)
class Good:
    """A file, or a frame, that is read."""

    content: Any  # str, bytes or a data frame
    understood: str  # as conftest.py describes a panel
    choice: Asked = AUTO


@dataclass(frozen=True)
class Bad:
    """A file that is refused."""

    content: str | bytes
    message: str
    choice: Asked = AUTO
    error: type[Exception] = DataError


def days(*cells: str) -> str:
    """A file of consecutive days with these cells."""
    return "date,y\n" + "".join(f"2024-01-{day:02},{cell}\n" for day, cell in enumerate(cells, start=1))


def dates(*cells: str) -> str:
    """A file of these timestamps."""
    return "date,y\n" + "".join(f"{cell},{number}\n" for number, cell in enumerate(cells, start=1))
