"""The OpenAPI document is true: what it allows is answered, what it does not is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from running import Service

pytestmark = pytest.mark.slow

Start = Callable[..., Service]
EXAMPLES = int(os.environ.get("FUZZES", "2000")) // 700
# Of schemathesis; `coverage` makes thousands of requests, however few examples are asked for.
PHASES = "examples,coverage,fuzzing" if "FUZZES" in os.environ else "examples,fuzzing"


@pytest.fixture(scope="session")
def document(service: Service) -> Any:
    return service.get("/openapi.json")


def test_the_document_is_one_of_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_example_is_allowed_and_answered_as_described(service: Service, document: Any) -> None:
    content = document["paths"]["/forecast"]["post"]["requestBody"]["content"]["application/json"]
    schemas = document["components"]["schemas"]
    answers = jsonschema_rs.validator_for(schemas["Forecasts"])
    assert set(content["examples"]) == {"plain", "covariates", "joint"}
    for name, example in content["examples"].items():
        jsonschema_rs.validator_for(schemas[f"Forecast-{name}"]).validate(example["value"])
        answers.validate(service.forecast({**example["value"], "paths": 2, "anomalies": 2}))


def test_every_path_of_the_document_is_there(service: Service, document: Any) -> None:
    for path, operations in document["paths"].items():
        found = {
            method: service.ask(method.upper(), path.format(model="plain"))[0]
            for method in operations
            if method in ("get", "post")
        }
        assert found in ({"get": 200}, {"post": 400}), path


def test_a_token_is_in_the_document_and_asked_for(start: Start) -> None:
    guarded = start(FORECASTER_TOKEN="a-long-token")
    assert guarded.ask("GET", "/openapi.json")[0] == 401
    status, _, body = guarded.ask("GET", "/openapi.json", headers={"Authorization": "Bearer a-long-token"})
    assert status == 200
    assert b'"security":[{"token":[]}]' in body


def test_without_a_token_the_document_says_who_is_refused(service: Service, document: Any) -> None:
    responses = document["paths"]["/forecast"]["post"]["responses"]
    assert ("401" in responses, "403" in responses) == (False, True)
    status, body = service.ask("POST", "/forecast", b"{}", {"Host": "evil.example"})[::2]
    assert status == 403
    assert b"--allow-host" in body


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """Of schemathesis: what else than 200 may come of what the schema allows, and of what it does not."""
    file = tmp_path / "schemathesis.toml"
    file.write_text(
        "[checks.positive_data_acceptance]\nexpected-statuses = [200, 413, 422]\n"
        "[checks.negative_data_rejection]\nexpected-statuses = [400, 404, 405, 413, 422]\n"
    )
    return file


def test_schemathesis_finds_nothing(service: Service, configuration: Path) -> None:
    program = str(Path(sys.executable).with_name("schemathesis"))
    address = f"http://127.0.0.1:{service.port}/openapi.json"
    options = [
        "--max-examples",
        str(EXAMPLES),
        "--seed",
        "1",
        "--no-color",
        "--phases",
        PHASES,
    ]
    done = subprocess.run(
        [program, "--config-file", str(configuration), "run", address, *options],
        cwd=configuration.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
