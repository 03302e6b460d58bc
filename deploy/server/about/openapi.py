"""The OpenAPI document of this service: the names, levels and limits of its models are in it."""

from typing import Any

from ..fields import Json, closed
from ..forecast.answer import FORECAST_ANSWER
from ..forecast.endpoint import forecast_bodies
from ..models.models import Models
from ..settings import Settings
from .description import example

REQUEST_ID = {"description": "Names the request in the log.", "schema": {"type": "string"}}
ERRORS = {
    "400": "Not of the form that is described here.",
    "401": "The token is missing.",
    "404": "There is no such model.",
    "408": "The request was not there whole in time.",
    "413": "More than a request may bring or ask for.",
    "415": "A body that is compressed.",
    "422": "Of the right form, and no forecast comes of it: lengths that do not fit each other, no value "
    "that is observed, times that are not on the step.",
    "503": "Too much waits; try again later.",
    "504": "Not done within the timeout.",
}
ERROR = closed({"error": {"type": "string"}}, ["error"])
READY = {
    "type": "object",
    "properties": {"ready": {"type": "boolean"}, "name": {"type": "string"}},
    "required": ["ready"],
}


def openapi(models: Models, settings: Settings) -> Json:
    """Return an OpenAPI 3.1 document."""
    first = models[models.default]
    forms = forecast_bodies(models, settings.limits)
    schemas = {f"Forecast-{name}": form.schema for name, form in forms.items()}
    references = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    body = {
        "schema": references[0] if len(references) == 1 else {"anyOf": references},
        "examples": {
            name: {"value": {"model": name, **example(model.manifest, settings.limits)}}
            for name, model in models.items()
        },
    }
    document: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "Forecasts of " + ", ".join(models),
            "version": first.info.versions["deploy"],
            "description": "Beside what is described here, the service speaks the Open Inference Protocol: "
            "POST /v2/models/{model}/infer takes the tensors of forecast.onnx as JSON or in binary.",
        },
        "paths": _paths(models, body),
        "components": {"schemas": {**schemas, "Forecasts": FORECAST_ANSWER, "Error": ERROR}},
    }
    if settings.token is not None:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
        for path in document["paths"].values():
            for operation in (path[method] for method in ("get", "post") if method in path):
                if "security" not in operation:
                    operation["responses"] |= _errors("401")
    return document


def _paths(models: Models, body: Json) -> Json:
    anything = {"type": "object"}
    model = {
        "name": "model",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": list(models)},
    }
    described = [
        ("/models", "The models, with an example of a request each.", anything),
        ("/openapi.json", "This document.", anything),
        ("/v2", "The server: its name, version and extensions.", anything),
        ("/v2/models/{model}", "The tensors of a model.", anything),
        ("/v2/models/{model}/config", "The same as a configuration of Triton's.", anything),
        ("/v2/models/{model}/ready", "Whether a model should be asked now.", READY),
        ("/v2/health/live", "The process answers.", anything),
        ("/v2/health/ready", "Whether requests should come here.", READY),
    ]
    paths: Json = {path: {"get": _get(path, summary, schema)} for path, summary, schema in described}
    for path in paths:
        if "{model}" in path:
            paths[path]["parameters"] = [model]
        if "health" in path:
            paths[path]["get"]["security"] = []
    paths["/metrics"] = {"get": _get("/metrics", "Figures for Prometheus.", None)}
    paths["/forecast"] = {
        "post": {
            "operationId": "forecast",
            "summary": "Forecasts of series.",
            "requestBody": {"required": True, "content": {"application/json": body}},
            "responses": {
                "200": _answer("Forecasts.", {"$ref": "#/components/schemas/Forecasts"}),
                **_errors(*(code for code in ERRORS if code != "401")),
            },
        }
    }
    return paths


def _get(path: str, summary: str, schema: Any) -> Json:
    answer = _answer(summary, schema)
    if schema is None:
        answer["content"] = {"text/plain": {"schema": {"type": "string"}}}
    codes = ["404"] if "{" in path else []
    if path.endswith("ready"):
        return _operation(
            path, summary, {"200": answer, "503": _answer("Not now.", schema), **_errors(*codes)}
        )
    return _operation(path, summary, {"200": answer, **_errors(*codes)})


def _operation(path: str, summary: str, responses: Json) -> Json:
    name = "".join(part.strip("{}").capitalize() for part in path.replace(".", "/").split("/"))
    return {"operationId": f"get{name}", "summary": summary, "responses": responses}


def _answer(description: str, schema: Any) -> Json:
    return {
        "description": description,
        "headers": {"x-request-id": REQUEST_ID},
        "content": {"application/json": {"schema": schema}},
    }


def _errors(*codes: str) -> Json:
    reference = {"$ref": "#/components/schemas/Error"}
    return {code: _answer(ERRORS[code], reference) for code in codes}
