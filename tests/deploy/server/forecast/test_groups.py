"""A folder of runs of segments as one name: a request says its segment, and the right bundle answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import BUNDLES, Service

from deploy import Predictor
from deploy.bundle.bundle import digest_of
from deploy.errors import BundleError, ConfigError
from deploy.server.answers import Refusal
from deploy.server.forecast.endpoint import Groups
from deploy.server.settings import Segment, expand

Start = Callable[..., Service]
VALUES = [5.0, 6.0, 9.0, 7.0]


def bundle(path: Path, **changed: Any) -> str:
    """A copy of the plain bundle with a digest of its own."""
    shutil.copytree(BUNDLES / "plain", path)
    manifest = json.loads((path / "manifest.json").read_bytes())
    manifest["training"] = {"data": {"file": str(changed)}}
    manifest["digest"] = digest_of(manifest)
    (path / "manifest.json").write_text(json.dumps(manifest))
    return str(manifest["digest"])


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder of runs by country, and the digest of each bundle."""
    folder = tmp_path / "bundles" / "runs"
    digests = {
        name: bundle(folder / f"country={name}" / "bundle", name=name) for name in ("France", "Côte d'Or")
    }
    return folder, digests


@pytest.mark.slow
def test_a_request_is_answered_by_the_bundle_of_its_segment(
    start: Start, runs: tuple[Path, dict[str, str]]
) -> None:
    folder, digests = runs
    service = start(f"all={BUNDLES / 'plain'}", f"sales={folder}")
    expected = Predictor.load(BUNDLES / "plain").forecast(VALUES, 3).median[0]
    for name, digest in digests.items():
        for named in ({"model": "sales"}, {}):
            asked = {**named, "segment": {"country": name}, "series": [{"values": VALUES}], "horizon": 3}
            answer = service.forecast(asked)
            assert answer["bundle"] == digest
            assert answer["forecasts"][0]["median"] == pytest.approx(expected.tolist(), rel=1e-6)
    described = {model["name"]: model["segment"] for model in service.get("/models")["models"]}
    assert described == {
        "all": None,
        "sales.France": {"group": "sales", "values": {"country": "France"}},
        "sales.C-te-d-Or": {"group": "sales", "values": {"country": "Côte d'Or"}},
    }
    assert service.forecast({"series": [{"values": VALUES}]})["model"] == "all"
    assert (
        service.forecast({"model": "sales.France", "series": [{"values": VALUES}]})["bundle"]
        == digests["France"]
    )
    status, error = service.refusal({"segment": {"country": "Spain"}, "series": [{"values": VALUES}]})
    assert status == 404
    assert "sales has no model of 'Spain'; it has country=" in error
    status, error = service.refusal({"model": "sales", "series": [{"values": VALUES}]})
    assert status == 400
    assert error == 'segment: expected {"country": "..."}, found None'


def test_what_has_no_segments_is_as_before() -> None:
    groups = Groups({})
    for content in ({"series": []}, {"model": "sales", "segment": {"a": "b"}}, {"model": 5}):
        assert groups.named(content) == content


@pytest.mark.parametrize(
    "segment", [None, "France", {"country": 5}, {}, {"country": "France", "shop": "a"}, [1]]
)
def test_a_segment_of_another_form_is_refused(segment: Any) -> None:
    groups = Groups({"sales.France": Segment("sales", {"country": "France"})})
    with pytest.raises(Refusal) as refused:
        groups.named({"model": "sales", "segment": segment})
    assert refused.value.status == 400


def test_names_are_told_apart(runs: tuple[Path, dict[str, str]]) -> None:
    folder, _ = runs
    bundle(folder / "country=C te d Or" / "bundle", name="another")
    with pytest.raises(ConfigError, match=r"two segments .* would be the model sales\.C-te-d-Or"):
        expand({"sales": folder})


def test_a_run_without_a_bundle_is_named(runs: tuple[Path, dict[str, str]]) -> None:
    folder, _ = runs
    shutil.rmtree(folder / "country=France" / "bundle")
    with pytest.raises(BundleError, match="country=France"):
        expand({"sales": folder})
