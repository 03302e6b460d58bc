"""Names of files that are sent: the last part of a path, and nothing that a system takes for more."""

from __future__ import annotations

import pytest

from deploy.server.reading.asked_reading import LONGEST_NAME, file_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sales.csv", "sales.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\Umsätze 2024.xlsx", "Umsätze 2024.xlsx"),
        ("a\nb\0c.csv", "abc.csv"),
        *((text, "data") for text in ("", "-", ".", "..", "/", "a/", " . ")),
        (".hidden", "hidden"),
        ("\ud800.csv", "csv"),
    ],
)
def test_a_name_is_that_of_a_file(text: str, name: str) -> None:
    assert file_name(text) == name


def test_a_long_name_keeps_its_ending() -> None:
    name = file_name("é" * 500 + ".parquet")
    assert name.endswith("é.parquet")
    assert len(name.encode()) <= LONGEST_NAME
