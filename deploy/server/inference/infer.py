"""Infer requests of the Open Inference Protocol and their answers: JSON, and binary tensors behind it."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.responses import Response

from ...bundle.bundle import Manifest
from ...request.inputs import Tensors
from ..answers import Refusal, dump, in_parts, json_answer
from ..fields import Json, as_list, as_object, kind_of, parse_object, quote, text, whole
from ..models.models import VERSION
from ..settings import Limits
from .tensors import check_shape, check_sizes, declared_inputs

HEADER_LENGTH = "inference-header-content-length"
OUTPUT = "quantiles"
DATATYPES = {"float32": "FP32", "int64": "INT64"}
LITTLE_ENDIAN = {"FP32": "<f4", "INT64": "<i8"}
NAME, SIZE, TIMEOUT = text(256), whole(0, 2**31), whole(0, 2**63)
MICROSECONDS = 1e6
_KINDS: dict[str, set[type]] = {"FP32": {int, float, type(None)}, "INT64": {int}}


@dataclass(frozen=True)
class InferRequest:
    """A request whose form is right."""

    id: str | None
    tensors: Tensors
    is_binary: bool  # the answer's tensor, too
    seconds: float | None  # how long the caller waits


def read_infer(manifest: Manifest, header_length: str | None, body: bytes, limits: Limits) -> InferRequest:
    """Return a request. header_length: bytes of the JSON, if binary tensors follow it.

    Raises Refusal: 400 for the form, 413 for too much; InputError for shapes that the model does not take.
    """
    view = memoryview(body)
    size = len(body) if header_length is None else _header_length(header_length, len(body))
    content = parse_object(view[:size], "the JSON of the request")
    parameters = as_object(content.get("parameters", {}), "parameters")
    timeout = parameters.get("timeout")
    seconds = None
    if timeout is not None:
        seconds = TIMEOUT.read(timeout, "parameters.timeout") / MICROSECONDS or None
    name = NAME.read(content["id"], "id") if "id" in content else None
    tensors = _Tensors(manifest, view[size:], limits).read(content.get("inputs"))
    return InferRequest(name, tensors, _is_binary(content, parameters), seconds)


def infer_answer(model: str, asked: InferRequest, quantiles: NDArray[np.floating]) -> Response:
    """Return the answer to a request. quantiles: (batch, horizon, [D,] quantile)."""
    values = np.ascontiguousarray(quantiles, dtype="<f4")
    output: dict[str, Any] = {"name": OUTPUT, "datatype": "FP32", "shape": list(values.shape)}
    content: dict[str, Any] = {"model_name": model, "model_version": VERSION, "outputs": [output]}
    if asked.id is not None:
        content["id"] = asked.id
    if not asked.is_binary:
        output["data"] = in_parts(values.ravel(), 1)
        return json_answer(content)
    output["parameters"] = {"binary_data_size": values.nbytes}
    head = dump(content)
    headers = {HEADER_LENGTH: str(len(head))}
    return Response(head + values.tobytes(), 200, headers, "application/octet-stream")


def _header_length(text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > most:
        raise Refusal(
            400, f"Inference-Header-Content-Length: {quote(text)} does not fit a body of {most} bytes"
        )
    return int(text)


def _is_binary(content: Json, parameters: Json) -> bool:
    """Tell whether the answer is binary. Raises Refusal: 400 for an output that is not there."""
    everywhere = parameters.get("binary_data_output", False)
    outputs = content.get("outputs") or []
    if not isinstance(outputs, list):
        raise Refusal(400, f"outputs: expected a list, found {kind_of(outputs)}")
    for place, output in enumerate(outputs):
        where = f"outputs[{place}]"
        wanted = as_object(output, where)
        if wanted.get("name") != OUTPUT:
            raise Refusal(400, f"{where}.name: expected {OUTPUT!r}, found {quote(wanted.get('name'))}")
        of_output = as_object(wanted.get("parameters", {}), f"{where}.parameters")
        _refuse_unsupported(of_output, where)
        everywhere = of_output.get("binary_data", everywhere)
    if not isinstance(everywhere, bool):
        raise Refusal(400, f"binary_data: expected true or false, found {quote(everywhere)}")
    return everywhere


def _refuse_unsupported(parameters: Json, where: str) -> None:
    for name in parameters:
        if name.startswith("shared_memory"):
            raise Refusal(400, f"{where}: shared memory is not supported; send the tensor in the request")
        if name == "classification":
            raise Refusal(400, f"{where}: the model classifies nothing; leave out classification")


class _Tensors:
    """The inputs of one request."""

    def __init__(self, manifest: Manifest, binary: memoryview, limits: Limits) -> None:
        self._manifest, self._binary, self._limits = manifest, binary, limits
        self._used = 0
        self._sizes: dict[str, int] = {}

    def read(self, inputs: Any) -> Tensors:
        """Return all tensors that the model declares. Raises Refusal for any other."""
        declared = declared_inputs(self._manifest)
        found: Tensors = {}
        for place, item in enumerate(as_list(inputs, "inputs")):
            where = f"inputs[{place}]"
            content = as_object(item, where)
            name = NAME.read(content.get("name"), f"{where}.name")
            if name not in declared or name in found:
                again = "is there twice" if name in found else "is none of this model"
                raise Refusal(400, f"{where}.name: {quote(name)} {again}; it has {', '.join(declared)}")
            found[name] = self._tensor(name, content)
        missing = [name for name in declared if name not in found]
        if missing:
            raise Refusal(400, f"inputs: {', '.join(missing)} missing; the model has {', '.join(declared)}")
        if self._used != len(self._binary):
            raise Refusal(
                400, f"the inputs use {self._used} of the {len(self._binary)} bytes behind the JSON"
            )
        return found

    def _tensor(self, name: str, content: Json) -> NDArray[Any]:
        where = f"inputs.{name}"
        datatype = DATATYPES[declared_inputs(self._manifest)[name]["dtype"]]
        if content.get("datatype") != datatype:
            raise Refusal(
                400, f"{where}.datatype: expected {datatype}, found {quote(content.get('datatype'))}"
            )
        shape = [
            SIZE.read(size, f"{where}.shape[{axis}]")
            for axis, size in enumerate(as_list(content.get("shape"), f"{where}.shape"))
        ]
        check_shape(self._manifest, name, shape, self._sizes)
        check_sizes(self._manifest, self._sizes, self._limits)
        parameters = as_object(content.get("parameters", {}), f"{where}.parameters")
        _refuse_unsupported(parameters, where)
        if "binary_data_size" in parameters:
            if "data" in content:
                raise Refusal(400, f"{where}: data and binary_data_size are both there")
            return self._from_binary(where, datatype, shape, parameters["binary_data_size"])
        return _from_json(where, datatype, shape, content.get("data"))

    def _from_binary(self, where: str, datatype: str, shape: list[int], size: Any) -> NDArray[Any]:
        kind = np.dtype(LITTLE_ENDIAN[datatype])
        expected = math.prod(shape) * kind.itemsize
        left = len(self._binary) - self._used
        if type(size) is not int or size != expected or size > left:
            raise Refusal(
                400,
                f"{where}.parameters.binary_data_size: the shape {shape} takes {expected} bytes, found "
                f"{quote(size)}, and {left} are left in the body",
            )
        part = self._binary[self._used : self._used + size]
        self._used += size
        native: NDArray[Any] = np.frombuffer(part, kind).astype(kind.newbyteorder("="), copy=False)
        return native.reshape(shape)


def _from_json(where: str, datatype: str, shape: list[int], data: Any) -> NDArray[Any]:
    """Return an array of a list, flat or nested; null is NaN."""
    items = _flatten(data, f"{where}.data", shape) if _is_nested(data) else data
    if not isinstance(items, list) or len(items) != math.prod(shape):
        found = f"{len(items)} values" if isinstance(items, list) else kind_of(items)
        raise Refusal(400, f"{where}.data: the shape {shape} takes {math.prod(shape)} values, found {found}")
    allowed = _KINDS[datatype]
    if not allowed.issuperset(map(type, items)):
        place = next(place for place, item in enumerate(items) if type(item) not in allowed)
        expected = "a number or null" if datatype == "FP32" else "a whole number"
        raise Refusal(400, f"{where}.data[{place}]: expected {expected}, found {quote(items[place])}")
    try:
        with np.errstate(over="ignore"):
            values = np.array(items, dtype=np.float64 if datatype == "FP32" else np.int64)
            return values.astype(np.dtype(LITTLE_ENDIAN[datatype]).newbyteorder("=")).reshape(shape)
    except OverflowError:
        raise Refusal(400, f"{where}.data: a value is beyond what INT64 holds") from None


def _is_nested(data: Any) -> bool:
    return isinstance(data, list) and bool(data) and isinstance(data[0], list)


def _flatten(data: Any, where: str, shape: list[int]) -> list[Any]:
    """Return the values of lists in lists, which have to be as its shape says. Raises Refusal: 400."""
    if not isinstance(data, list) or len(data) != shape[0]:
        found = f"{len(data)} of them" if isinstance(data, list) else kind_of(data)
        raise Refusal(400, f"{where}: nested unlike its shape, expected {shape[0]} items, found {found}")
    if len(shape) > 1:
        return [
            value
            for place, item in enumerate(data)
            for value in _flatten(item, f"{where}[{place}]", shape[1:])
        ]
    if list in map(type, data):
        raise Refusal(400, f"{where}: nested deeper than its shape")
    return data
