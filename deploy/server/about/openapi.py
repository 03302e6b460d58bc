"""The OpenAPI document of this service: openapi.json, with the names, levels and limits of its models."""

from pathlib import Path

import orjson

from ..fields import Json
from ..forecast.endpoint import forecast_bodies
from ..models.models import Models
from ..settings import Settings
from .description import example

# All that does not depend on the models; of a service with a token.
DOCUMENT = Path(__file__).with_name("openapi.json")


def openapi(models: Models, settings: Settings) -> Json:
    """Return an OpenAPI 3.1 document."""
    document: Json = orjson.loads(DOCUMENT.read_bytes())
    version = models[models.default].info.versions["deploy"]
    document["info"] |= {"title": "Forecasts of " + ", ".join(models), "version": version}
    bodies = forecast_bodies(models, settings.limits)
    schemas = {f"Forecast-{name}": body.schema for name, body in bodies.items()}
    document["components"]["schemas"] = {**schemas, **document["components"]["schemas"]}
    references = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    document["paths"]["/forecast"]["post"]["requestBody"]["content"]["application/json"] = {
        "schema": references[0] if len(references) == 1 else {"anyOf": references},
        "examples": {
            name: {"value": {"model": name, **example(model.manifest, settings.limits)}}
            for name, model in models.items()
        },
    }
    named = {"type": "string", "enum": list(models)}
    for path, operations in document["paths"].items():
        if "{model}" in path:
            operations["parameters"] = [{"name": "model", "in": "path", "required": True, "schema": named}]
    return document if settings.token else _without_token(document)


def _without_token(document: Json) -> Json:
    """Return the document of a service that asks for no token."""
    del document["security"], document["components"]["securitySchemes"]
    for operations in document["paths"].values():
        for method in operations.keys() & {"get", "post"}:
            operations[method]["responses"].pop("401", None)
    return document
