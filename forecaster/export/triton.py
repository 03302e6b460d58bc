"""A bundle's forecast.onnx as a model of NVIDIA Triton: its folder in a model repository.

Only the whole forecast is served. The loop over decoder_step.onnx would be a round trip for every patch, with
the state sent to and fro, and computes the same.
"""

import os
import re
from pathlib import Path
from typing import Any

from deploy.bundle.bundle import Bundle
from deploy.errors import ConfigError
from forecaster.files import folder_in_one_step, write_atomically

GRAPH = "forecast.onnx"
CONFIG = "config.pbtxt"
VERSION = "1"
MODEL = "model.onnx"  # the backend's default file name
MARK = "# Written by `forecaster export --triton`."
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
DATA_TYPES = {"float32": "TYPE_FP32", "int64": "TYPE_INT64"}
DYNAMIC = -1

# The horizon is one number for all series of a call, so Triton cannot join requests: with a batch size of 0
# the batch is an axis of each tensor. The graph is small and its loop sequential: one thread is fastest.
HEAD = """\
{mark}
name: "{name}"
backend: "onnxruntime"
max_batch_size: 0
version_policy {{ latest {{ num_versions: 1 }} }}
instance_group [ {{ kind: KIND_CPU count: 1 }} ]
parameters {{ key: "intra_op_thread_count" value {{ string_value: "1" }} }}
parameters {{ key: "inter_op_thread_count" value {{ string_value: "1" }} }}
parameters {{ key: "bundle_digest" value {{ string_value: "{digest}" }} }}
"""
TENSOR = """\
{side} {{
  name: "{name}"
  data_type: {data_type}
  dims: [ {dims} ]
}}
"""


def check_place(place: Path) -> None:
    """Raise ConfigError if a model cannot have this name, or if a folder of something else is there."""
    resolved = Path(os.path.realpath(place))
    name = resolved.name
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"--triton {place}: a model cannot be called {name!r}; expected a folder whose name has letters, "
            "digits, '_', '-' and '.' only and begins with a letter or a digit, such as models/forecast"
        )
    if resolved == Path.cwd():
        raise ConfigError(f"--triton {place} is the current folder, which cannot be replaced; choose another")
    if place.is_dir() and not any(place.iterdir()):
        return
    if os.path.lexists(place) and not _is_ours(place):
        raise ConfigError(
            f"--triton {place} exists and was not written by `forecaster export`; expected a folder of the "
            "model's own inside the model repository, such as models/forecast"
        )


def write_model(bundle: Bundle, place: Path) -> None:
    """Write config.pbtxt and 1/model.onnx; an earlier export is replaced in one step.

    Raises ConfigError as check_place, RunError if the folder cannot be written.
    """
    check_place(place)
    manifest = bundle.manifest
    text = model_config(place.resolve().name, manifest.graphs[GRAPH], manifest.digest)
    with folder_in_one_step(place) as folder:
        (folder / VERSION).mkdir()
        write_atomically(folder / VERSION / MODEL, bundle.files[GRAPH])
        write_atomically(folder / CONFIG, text.encode())


def model_config(name: str, signature: dict[str, Any], digest: str) -> str:
    """Return config.pbtxt of a graph. signature: its tensors as in a manifest, {name: {dtype, shape}}."""
    tensors = [
        TENSOR.format(side=side, name=tensor, data_type=DATA_TYPES[of["dtype"]], dims=_dims(of["shape"]))
        for side, key in (("input", "inputs"), ("output", "outputs"))
        for tensor, of in signature[key].items()
    ]
    return HEAD.format(mark=MARK, name=name, digest=digest) + "".join(tensors)


def _dims(shape: list[str | int]) -> str:
    """Return the sizes of the axes, -1 for any size."""
    return ", ".join(str(DYNAMIC if isinstance(size, str) else size) for size in shape)


def _is_ours(place: Path) -> bool:
    """Return whether all files of a folder are of an earlier export."""
    try:
        found = {str(path.relative_to(place)) for path in place.rglob("*") if not path.is_dir()}
        is_marked = (place / CONFIG).read_text(encoding="utf-8").startswith(MARK)
        return is_marked and found <= {CONFIG, str(Path(VERSION, MODEL))}
    except (OSError, UnicodeDecodeError):
        return False
