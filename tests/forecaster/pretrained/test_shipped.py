"""The weights that come with the package, and the card that says what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.errors import RunError
from forecaster.pretrained import shipped
from forecaster.pretrained.kinds import FAMILIES, Family

MEGABYTE = 1 << 20
each_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the weights and the card to a place where they may be damaged."""
    place = Path(shipped.__file__).parent / shipped.FOLDER
    for file in place.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(shipped, "FOLDER", str(tmp_path))
    shipped.pretrained_weights.cache_clear()
    yield tmp_path
    shipped.pretrained_weights.cache_clear()


@each_family
def test_the_card_is_of_the_budget_that_the_command_makes_again(family: Family) -> None:
    told = shipped.card()["families"][family.name]
    assert (told["updates"], told["seed"]) == (family.updates, 0)
    assert told["seasons"] == [kind.season for kind in family.kinds]


def test_all_weights_together_are_small() -> None:
    sizes = [told["bytes"] for told in shipped.card()["families"].values()]
    files = [
        len((Path(shipped.__file__).parent / shipped.FOLDER / f"{name}.safetensors").read_bytes())
        for name in FAMILIES
    ]
    assert sorted(sizes) == sorted(files)
    assert sum(sizes) < 4 * MEGABYTE


@each_family
def test_a_file_with_a_byte_changed_is_refused(elsewhere: Path, family: Family) -> None:
    path = elsewhere / f"{family.name}.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match=f"{family.name}.safetensors are not those that were shipped"):
        shipped.pretrained_weights(family.name)


def test_a_file_that_is_missing_is_named(elsewhere: Path) -> None:
    (elsewhere / "long.safetensors").unlink()
    with pytest.raises(RunError, match=r"long\.safetensors cannot be read; install again"):
        shipped.pretrained_weights("long")
