"""Warnings of many things at once: one line with the first few and how many there are."""

import logging
from collections.abc import Sequence

logger = logging.getLogger("forecaster")

SHOWN = 3


def first_few(names: Sequence[str]) -> str:
    """Return the first names between commas: "a, b, c, ... (12 in all)"."""
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown}, ... ({len(names)} in all)"


def report_new_categories(column: str, known: Sequence[str], found: Sequence[str]) -> None:
    """Say which texts of a static column a model has not seen, and so takes for unknown."""
    new = [text for text in found if text not in set(known)]
    if new:
        are, count = ("are", "count") if len(new) > 1 else ("is", "counts")
        logger.warning(
            "%s %s new in column %s and %s as unknown; the model knows %s",
            *(first_few(new), are, column, count, first_few(known)),
        )
