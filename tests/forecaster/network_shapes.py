"""Shapes of small networks that many tests build: with every input that there is, or none but values."""

from __future__ import annotations

from typing import Any

LENGTHS: dict[str, Any] = {
    "context_length": 26,
    "horizon": 12,
    "patch_length": 5,
    "season": 6,
    "hidden_size": 8,
}
EVERYTHING: dict[str, Any] = {
    **LENGTHS,
    "normalization": "last-difference",
    "calendar_periods": (86400, 604800),
    "step_seconds": 3600.0,
    "known_size": 2,
    "past_size": 3,
    "static_size": 2,
    "category_sizes": (3, 4),
}
# Of one of them, what makes it one of plain values.
PLAIN: dict[str, Any] = {
    "calendar_periods": (),
    "step_seconds": 0.0,
    "known_size": 0,
    "past_size": 0,
    "static_size": 0,
    "category_sizes": (),
}
