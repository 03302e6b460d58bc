"""What GET /models says of a model for those who show it to people."""

from __future__ import annotations

import dataclasses

import pytest
from running import BUNDLES, Service

from deploy.bundle.bundle import read_bundle
from deploy.request.misfits import expects_gaps
from deploy.server.about.description import describe_model
from deploy.server.settings import Limits


def test_a_model_says_which_column_was_its_time(service: Service) -> None:
    models = {model["name"]: model for model in service.get("/models")["models"]}
    assert {model["time"] for model in models.values()} == {"time"}
    assert models["plain"]["expects_gaps"] is False


@pytest.mark.parametrize(
    ("training", "expected"),
    [
        ({"data": {"missing": 50, "values": 100}}, True),
        ({"data": {"missing": 30, "values": 100}}, False),
        ({"data": {"missing": "many", "values": 100}}, False),
        ({"data": None}, False),
        ({}, False),
    ],
)
def test_gaps_are_expected_where_training_had_many(training: dict[str, object], expected: bool) -> None:
    manifest = dataclasses.replace(read_bundle(BUNDLES / "plain").manifest, training=training)
    assert expects_gaps(manifest) is expected


@pytest.mark.parametrize(
    ("training", "expected"), [({"pretrained": True}, True), ({"pretrained": "yes"}, False), ({}, False)]
)
def test_a_model_says_whether_nothing_was_fitted(training: dict[str, object], expected: bool) -> None:
    manifest = dataclasses.replace(read_bundle(BUNDLES / "plain").manifest, training=training)
    assert describe_model("a", manifest, "CPU", Limits())["pretrained"] is expected
