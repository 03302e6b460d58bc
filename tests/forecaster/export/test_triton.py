"""A bundle as a model of Triton: the configuration says what the graph says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import onnx
import pytest

from deploy.bundle.bundle import read_bundle
from deploy.errors import ConfigError, RunError
from forecaster.export.triton import CONFIG, MARK, check_place, model_config, write_model

BUNDLES = sorted((Path(__file__).parents[2] / "deploy" / "bundles").iterdir())
DATA_TYPES = {"TYPE_FP32": onnx.TensorProto.FLOAT, "TYPE_INT64": onnx.TensorProto.INT64}
TOKEN = re.compile(r'#[^\n]*|"[^"\\\n]*"|[A-Za-z_]\w*|-?\d+|[{}\[\],:]')


def parse(text: str) -> dict[str, list[Any]]:
    """Protobuf's text format, as far as config.pbtxt needs it: every field is a list of what it was given."""
    assert not TOKEN.sub("", text).strip(), "not a token of the text format"
    tokens = [token for token in TOKEN.findall(text) if not token.startswith("#")]
    message = _message(tokens, end=None)
    assert not tokens
    return message


def _message(tokens: list[str], end: str | None) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    while tokens and tokens[0] != end:
        values = fields.setdefault(tokens.pop(0), [])
        if tokens[0] == ":":
            tokens.pop(0)
        values.extend(_values(tokens))
    if end:
        assert tokens.pop(0) == end
    return fields


def _values(tokens: list[str]) -> list[Any]:
    if tokens[0] == "{":
        tokens.pop(0)
        return [_message(tokens, end="}")]
    if tokens[0] != "[":
        return [_scalar(tokens.pop(0))]
    values: list[Any] = []
    while tokens.pop(0) != "]":  # "[" or ","
        values.extend(_values(tokens))
        assert tokens[0] in ",]"
    return values


def _scalar(token: str) -> str | int:
    if token.startswith('"'):
        return token[1:-1]
    return int(token) if token.lstrip("-").isdigit() else token


def tensors(values: list[onnx.ValueInfoProto]) -> dict[str, tuple[int, list[int]]]:
    """Name -> element type and dims of a graph's inputs or outputs, -1 for those of any size."""
    return {
        value.name: (
            value.type.tensor_type.elem_type,
            [-1 if dim.dim_param else dim.dim_value for dim in value.type.tensor_type.shape.dim],
        )
        for value in values
    }


@pytest.fixture(params=BUNDLES, ids=lambda path: path.name)
def written(request, tmp_path) -> tuple[Path, Path]:
    """A bundle, and the model written from it."""
    place = tmp_path / "models" / "forecast"
    write_model(read_bundle(request.param), place)
    return request.param, place


def test_the_model_is_the_graph_and_its_configuration_and_nothing_else(written) -> None:
    bundle, place = written
    files = {str(path.relative_to(place.parent)) for path in place.parent.rglob("*") if path.is_file()}
    assert files == {"forecast/config.pbtxt", "forecast/1/model.onnx"}
    assert (place / "1" / "model.onnx").read_bytes() == (bundle / "forecast.onnx").read_bytes()


def test_every_tensor_of_the_graph_is_configured_with_its_type_and_its_axes(written) -> None:
    bundle, place = written
    graph = onnx.load(bundle / "forecast.onnx").graph
    config = parse((place / CONFIG).read_text())
    for side, declared in (("input", graph.input), ("output", graph.output)):
        configured = {
            tensor["name"][0]: (DATA_TYPES[tensor["data_type"][0]], tensor["dims"]) for tensor in config[side]
        }
        assert configured == tensors(declared)


def test_the_server_runs_it_unbatched_on_one_thread_and_says_which_bundle_it_is(written) -> None:
    bundle, place = written
    config = parse((place / CONFIG).read_text())
    assert (config["name"], config["backend"], config["max_batch_size"]) == (
        ["forecast"],
        ["onnxruntime"],
        [0],
    )
    assert config["instance_group"] == [{"kind": ["KIND_CPU"], "count": [1]}]
    assert config["version_policy"] == [{"latest": [{"num_versions": [1]}]}]
    parameters = {entry["key"][0]: entry["value"][0]["string_value"][0] for entry in config["parameters"]}
    assert parameters == {
        "intra_op_thread_count": "1",
        "inter_op_thread_count": "1",
        "bundle_digest": read_bundle(bundle).manifest.digest,
    }


def test_the_other_graphs_can_be_configured_too() -> None:
    graph = read_bundle(BUNDLES[0]).manifest.graphs["decoder_step.onnx"]
    config = parse(model_config("step", graph, "0"))
    assert [tensor["name"][0] for tensor in config["output"]] == list(graph["outputs"])


def test_a_second_export_replaces_the_first(tmp_path) -> None:
    place = tmp_path / "forecast"
    write_model(read_bundle(BUNDLES[0]), place)
    write_model(read_bundle(BUNDLES[1]), place)
    assert (place / "1" / "model.onnx").read_bytes() == (BUNDLES[1] / "forecast.onnx").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["forecast"]


@pytest.mark.parametrize("content", [None, "name: 'mine'\n", "\udcff"], ids=["none", "another's", "no text"])
def test_a_folder_of_something_else_is_left_alone(tmp_path, content) -> None:
    place = tmp_path / "forecast"
    place.mkdir()
    (place / "precious").touch()
    if content is not None:
        (place / CONFIG).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(ConfigError, match="was not written by"):
        write_model(read_bundle(BUNDLES[0]), place)
    assert (place / "precious").exists()


def test_a_whole_repository_is_not_taken_for_a_model(tmp_path) -> None:
    write_model(read_bundle(BUNDLES[0]), tmp_path / "models" / "forecast")
    with pytest.raises(ConfigError, match="inside the model repository"):
        check_place(tmp_path / "models")


def test_a_file_in_the_way_is_left_alone(tmp_path) -> None:
    place = tmp_path / "forecast"
    place.write_text(MARK)
    with pytest.raises(ConfigError, match="was not written by"):
        check_place(place)


def test_an_empty_folder_is_free(tmp_path) -> None:
    (tmp_path / "forecast").mkdir()
    write_model(read_bundle(BUNDLES[0]), tmp_path / "forecast")
    assert (tmp_path / "forecast" / CONFIG).exists()


@pytest.mark.parametrize("name", ["two words", ".hidden", "ünder", 'quo"te'])
def test_a_name_that_no_url_can_hold_is_refused(tmp_path, name) -> None:
    with pytest.raises(ConfigError, match="cannot be called"):
        check_place(tmp_path / name)


def test_a_place_that_cannot_be_made_is_an_error_of_its_own(tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot write"):
        write_model(read_bundle(BUNDLES[0]), tmp_path / "file" / "forecast")
