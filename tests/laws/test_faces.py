"""The public faces: __all__ is what is there, sorted, and each name is documented."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

TYPING = ("annotations", "TYPE_CHECKING", "Any")
FACES = ("deploy", "deploy.server", "forecaster", "forecaster.data")


@pytest.mark.parametrize("name", FACES)
def test_all_names_what_is_bound_and_nothing_else(name: str) -> None:
    face = importlib.import_module(name)
    bound = {
        key
        for key, value in vars(face).items()
        if not key.startswith("_") and not isinstance(value, ModuleType) and key not in TYPING
    }
    assert bound <= set(face.__all__)
    assert face.__all__ == sorted(face.__all__)


@pytest.mark.parametrize("name", FACES)
def test_every_public_name_is_documented(name: str) -> None:
    face = importlib.import_module(name)
    assert all(getattr(face, key).__doc__ for key in face.__all__)
