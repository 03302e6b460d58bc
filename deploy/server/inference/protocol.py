"""The Open Inference Protocol, version 2, over HTTP: all endpoints under /v2."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ...bundle.bundle import Manifest
from ...bundle.contract import FORECAST
from ...engine.info import DISTRIBUTION
from ...errors import InputError
from ...request.inputs import Request as Checked
from ..answers import Refusal, json_answer, write_answer
from ..http.bodies import Bodies
from ..http.serving import Readiness
from ..models.models import VERSION, Models, ServedModel
from ..overload import refuse_full
from ..settings import Limits
from .infer import DATATYPES, HEADER_LENGTH, InferRequest, infer_answer, read_infer
from .tensors import check_tensors

PLATFORM = "onnxruntime_onnx"
EXTENSIONS = ("binary_tensor_data", "model_configuration", "model_repository")
DYNAMIC = -1


class OpenInference:
    """The endpoints, named as in the protocol."""

    def __init__(self, models: Models, limits: Limits, bodies: Bodies, readiness: Readiness) -> None:
        self._models, self._limits, self._bodies = models, limits, bodies
        self._readiness = readiness

    async def server(self, _request: Request) -> Response:
        """Tell the server's name, version and extensions."""
        first = self._models[self._models.default]
        version = first.info.versions["deploy"]
        return json_answer({"name": DISTRIBUTION, "version": version, "extensions": EXTENSIONS})

    async def live(self, _request: Request) -> Response:
        """Answer that the process runs."""
        return json_answer({"live": True})

    async def ready(self, _request: Request) -> Response:
        """Tell whether requests should come here: some model computes, and it was not told to stop."""
        return self._ready({}, self._models.are_up)

    async def model_ready(self, request: Request) -> Response:
        """Tell the same of a model that is there."""
        model = self._model(request)
        return self._ready({"name": model.name}, model.runner.is_up)

    async def model(self, request: Request) -> Response:
        """Describe the tensors of a model."""
        model = self._model(request)
        return json_answer(
            {
                "name": model.name,
                "versions": [VERSION],
                "platform": PLATFORM,
                "inputs": tensors_of(model.manifest, "inputs"),
                "outputs": tensors_of(model.manifest, "outputs"),
            }
        )

    async def config(self, request: Request) -> Response:
        """Tell the same as a configuration of Triton's."""
        model = self._model(request)
        return json_answer(
            {
                "name": model.name,
                "platform": PLATFORM,
                "backend": "onnxruntime",
                "max_batch_size": 0,
                "input": _configured(model.manifest, "inputs"),
                "output": _configured(model.manifest, "outputs"),
                "parameters": {"bundle_digest": {"string_value": model.manifest.digest}},
            }
        )

    async def index(self, _request: Request) -> Response:
        """List the models."""
        models = []
        for name, model in self._models.items():
            is_ready = self._readiness.is_ready and model.runner.is_up
            state = "READY" if is_ready else "UNAVAILABLE"
            models.append({"name": name, "version": VERSION, "state": state, "reason": ""})
        return json_answer(models)

    async def infer(self, request: Request) -> Response:
        """Run forecast.onnx once."""
        model = self._model(request)
        refuse_full(model.batcher.is_full)
        header = request.headers.get(HEADER_LENGTH)

        def read(body: bytes) -> tuple[InferRequest, Checked]:
            asked = read_infer(model.manifest, header, body, self._limits)
            return asked, check_tensors(model.manifest, asked.tensors, self._limits)

        try:
            asked, tensors = await self._bodies.read(request, read)
            quantiles = await model.quantiles(tensors, asked.seconds)
        except InputError as error:
            raise Refusal(400, str(error)) from None
        return await write_answer(lambda: infer_answer(model.name, asked, quantiles), quantiles.size)

    async def refuse(self, request: Request) -> Response:
        """Refuse what Triton has and the protocol does not."""
        raise Refusal(
            400,
            f"{request.method} {request.url.path} is not supported: models are those that the service was "
            "started with, tensors travel in requests, and figures are at /metrics",
        )

    def _ready(self, content: dict[str, Any], is_up: bool) -> Response:
        is_ready = self._readiness.is_ready and is_up
        return json_answer({**content, "ready": is_ready}, 200 if is_ready else 503)

    def _model(self, request: Request) -> ServedModel:
        model = self._models.find(request.path_params["model"])
        version = request.path_params.get("version", VERSION)
        if version != VERSION:
            raise Refusal(404, f"model {model.name} has no version {version!r}; it has {VERSION!r}")
        request.scope["model"] = model.name
        return model


def tensors_of(manifest: Manifest, side: str) -> list[dict[str, Any]]:
    """Return tensors of forecast.onnx; axes of any size are -1."""
    return [
        {
            "name": name,
            "datatype": DATATYPES[tensor["dtype"]],
            "shape": [DYNAMIC if isinstance(size, str) else size for size in tensor["shape"]],
        }
        for name, tensor in manifest.graphs[FORECAST][side].items()
    ]


def _configured(manifest: Manifest, side: str) -> list[dict[str, Any]]:
    return [
        {"name": tensor["name"], "data_type": f"TYPE_{tensor['datatype']}", "dims": tensor["shape"]}
        for tensor in tensors_of(manifest, side)
    ]
