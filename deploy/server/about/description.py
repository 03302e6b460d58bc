"""The description of the models and of the service: GET /models and /openapi.json."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import orjson

from ...bundle.bundle import Manifest
from ...request.misfits import expects_gaps
from ..fields import Json
from ..forecast.endpoint import forecast_bodies
from ..models.models import Models
from ..reading.asked_reading import SEVERAL, SINGLE
from ..reading.readers import Reader
from ..settings import Limits, Settings

# All of the OpenAPI document that does not depend on the models; of a service with a token.
FOREIGN = "The request is for a name, or from a page, of another machine."
DOCUMENT = Path(__file__).with_name("openapi.json")
LONGEST_EXAMPLE = 48  # values
FIRST_DAY, FIRST_COUNT = "2024-01-01", 100


def describe(models: Models, settings: Settings, reader: Reader | None = None) -> Json:
    """Return all models, the default first, the limits of a request, and whether POST /read reads files."""
    reads = None if reader is None else {"endings": reader.endings, "options": [*SEVERAL, *SINGLE]}
    limits = settings.limits
    described: list[Json] = []
    for name, model in models.items():
        segment = settings.segments.get(name)
        about = describe_model(name, model.manifest, model.info.provider, limits)
        described.append({**about, "segment": segment and asdict(segment)})
    return {"models": described, "limits": asdict(limits), "reads": reads}


def describe_model(name: str, manifest: Manifest, provider: str, limits: Limits) -> Json:
    """Return all that a caller needs to ask for a forecast, and an example that works."""
    step = manifest.time_step
    columns = manifest.columns
    return {
        "name": name,
        "bundle": manifest.digest,
        "provider": provider,
        "context_length": manifest.context_length,
        "horizon": min(manifest.horizon, limits.longest_horizon(manifest)),
        "max_horizon": limits.longest_horizon(manifest),
        "levels": manifest.quantile_levels,
        "season": manifest.season,
        "step": {"count": step.count, "unit": step.unit, "text": str(step)},
        "has_calendar": step.has_calendar,
        "uses_calendar": manifest.uses_calendar,
        "needs_timestamps": manifest.holidays is not None,
        "holidays": list(manifest.holidays.columns) if manifest.holidays else [],
        "timezone": columns.timezone,
        "joint": bool(manifest.channels),
        "time": columns.time,
        "time_parts": list(dict(columns.time_parts)),
        "series": columns.series,
        "targets": columns.targets,
        "known": manifest.known,
        "past": manifest.past,
        "expects_gaps": expects_gaps(manifest),
        "static": [{"name": name, "categories": manifest.vocabularies.get(name)} for name in columns.static],
        "positive": manifest.positive,
        "lower": manifest.lower,
        "members": manifest.members,
        "calibrated": manifest.is_calibrated,
        "pretrained": manifest.training.get("pretrained") is True,
        "paths": len(manifest.quantile_levels) > 1,
        "example": example(manifest, limits),
    }


def example(manifest: Manifest, limits: Limits) -> Json:
    """Return a body of POST /forecast that is answered."""
    horizon = min(manifest.horizon, limits.longest_horizon(manifest))
    length = max(2, min(manifest.context_length, 2 * manifest.season, LONGEST_EXAMPLE))
    wave = np.round(100 + 10 * np.sin(2 * np.pi * np.arange(length) / max(2, manifest.season)), 2).tolist()
    series: Json = {
        "id": "a",
        "values": dict.fromkeys(manifest.channels, wave) if manifest.channels else wave,
    }
    if not manifest.time_step.has_calendar:
        series["last_timestamp"] = FIRST_COUNT
    else:
        zoned = manifest.columns.timezone is not None
        series["last_timestamp"] = f"{FIRST_DAY}T00:00:00Z" if zoned else FIRST_DAY
    if manifest.known:
        series["known"] = dict.fromkeys(manifest.known, [0.0] * length)
        series["future_known"] = dict.fromkeys(manifest.known, [0.0] * horizon)
    if manifest.past:
        series["past"] = dict.fromkeys(manifest.past, [0.0] * length)
    if manifest.columns.static:
        texts = manifest.vocabularies
        series["static"] = {
            name: texts[name][0] if texts.get(name) else 1.0 for name in manifest.columns.static
        }
    return {"series": [series], "horizon": horizon}


def openapi(models: Models, settings: Settings, *, reads: bool = False) -> Json:
    """Return an OpenAPI 3.1 document. reads: whether it reads files."""
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
    if reads:
        document["paths"]["/read"]["post"]["parameters"][0]["schema"] = named
    else:
        del document["paths"]["/read"]
        for name in ("Read", "Options", "Unreadable"):
            del document["components"]["schemas"][name]
    for path, operations in document["paths"].items():
        if "{model}" in path:
            operations["parameters"] = [{"name": "model", "in": "path", "required": True, "schema": named}]
    return document if settings.token else _without_token(document, settings.is_public)


def _without_token(document: Json, is_public: bool) -> Json:
    """Return the document of a service that asks for no token, but on loopback for a name of its own."""
    del document["security"], document["components"]["securitySchemes"]
    for operations in document["paths"].values():
        for method in operations.keys() & {"get", "post"}:
            refused = operations[method]["responses"].pop("401", None)
            if refused and not is_public:
                operations[method]["responses"]["403"] = {**refused, "description": FOREIGN}
    return document
