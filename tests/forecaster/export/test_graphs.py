"""Torch, forecast.onnx and the loop over decoder_step.onnx are one forecast."""

from __future__ import annotations

import copy
import itertools
import logging
import warnings

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from network_shapes import PLAIN
from torch import nn

from deploy import Predictor
from deploy.request.covariates import Covariates
from deploy.request.inputs import check_request
from forecaster.export.bundle import write_bundle
from forecaster.export.graphs import emit_graphs
from forecaster.export.nodes.protobuf import IR_VERSION, OPSET
from forecaster.export.samples import make_sample
from forecaster.export.verify import relative_error, to_window, with_whole_history
from forecaster.model.decoder import with_mask
from forecaster.model.ensemble import Ensemble

pytestmark = pytest.mark.slow

SHAPES = {
    "everything": {},
    "plain": PLAIN,
    "one value a step": {**PLAIN, "patch_length": 1},
    "one value a step, everything": {"patch_length": 1},
    "past covariates": {**PLAIN, "past_size": 1},
    "static numbers": {**PLAIN, "static_size": 1},
    "no highway": {"highway": 0},
    "not calibrated": {"calibrated": False},
    "not calibrated, plain": {"calibrated": False, **PLAIN},
    "a bank of linear forecasts": {"highway": 8, "context_length": 90, "season": 6, **PLAIN},
    "a bank of three, everything": {"highway": 3},
    "a bank, less than two seasons of context": {"highway": 8, "context_length": 11, **PLAIN},
    "a bank, two channels": {**PLAIN, "highway": 8, "target_size": 2},
    "a bank, two decoder layers": {"highway": 2, "decoder_layers": 2, "encoder_layers": 2, **PLAIN},
    "two encoder layers": {"encoder_layers": 2, **PLAIN},
    "two decoder layers": {"decoder_layers": 2},
    "two decoder layers, no highway": {"encoder_layers": 2, "decoder_layers": 2, "highway": 0, **PLAIN},
    "three into two layers": {"encoder_layers": 3, "decoder_layers": 2, **PLAIN},
    "mean-std": {"normalization": "mean-std"},
    "logarithms": {"normalization": "log-last-difference", "lower": 0.0},
    "no normalization": {"normalization": "none"},
    "bounded": {"lower": 1.0, **PLAIN},
    "season longer than the context": {"season": 100, **PLAIN},
    "two levels": {"quantile_levels": (0.5, 0.9), **PLAIN},
    "context of one patch": {"context_length": 5, **PLAIN},
    "three channels": {"patch_length": 4, "target_size": 3},
    "three channels, one value a step": {**PLAIN, "patch_length": 1, "target_size": 3, "lower": 0.0},
    "three channels, two decoder layers": {"decoder_layers": 2, "encoder_layers": 2, "target_size": 3},
    "two channels, logarithms": {**PLAIN, "normalization": "log-last-difference", "target_size": 2},
    "two channels, no highway": {**PLAIN, "highway": 0, "target_size": 2},
}
LENGTHS = {
    "batch of 1": [26],
    "mixed lengths": [26, 1, 13, 5, 60, 27],
    "batch of 300": [1 + n % 40 for n in range(300)],
}
HORIZONS = [1, 12, 13, 36]  # 12 is trained, 13 no multiple of the patch, 36 the longest
FLOAT32_TOLERANCE = 1e-4  # of a forecast's range, or 4 × what torch itself loses in float32


def models_of(ensemble: Ensemble) -> dict[str, onnx.ModelProto]:
    """The graphs of an ensemble as onnx reads them."""
    models = emit_graphs(ensemble.weights(), {})
    return {name: onnx.load_from_string(model.data) for name, model in models.items()}


@pytest.fixture(scope="module", params=SHAPES, ids=str)
def exported(request, run_of, tmp_path_factory):
    run = run_of(**SHAPES[request.param])
    path = tmp_path_factory.mktemp("bundle") / "bundle"
    write_bundle(run, path)
    return run.ensemble, Predictor.load(path)


@pytest.mark.parametrize("horizon", HORIZONS)
@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_torch_the_graph_and_the_loop_agree(exported, lengths, horizon) -> None:
    ensemble, predictor = exported
    horizon = min(horizon, predictor.manifest.max_horizon)
    sample = make_sample(ensemble.first.weights(), predictor.manifest, lengths, horizon)
    request = check_request(predictor.manifest, sample.history, horizon, Covariates(**sample.arguments))
    window = with_whole_history(predictor.manifest, request)
    with torch.inference_mode():
        reference = copy.deepcopy(ensemble).double().forecast(window.double()).numpy()
        float32 = ensemble.forecast(window).numpy()
    graph, loop = (
        predictor.forecast(sample.history, horizon, method=method, **sample.arguments).quantiles
        for method in ("graph", "step")
    )
    allowed = max(FLOAT32_TOLERANCE, 4 * relative_error(float32, reference))
    assert relative_error(graph, reference) < allowed < 1e-2
    assert np.abs(graph - loop).max() <= 1e-5 * np.abs(reference).max()


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(
            {"context_length": 23, "calendar_periods": (604800, 31556952), "step_seconds": 86400.0}, id="days"
        ),
        pytest.param({"context_length": 101, "normalization": "log-last-difference"}, id="logarithms"),
        pytest.param({"context_length": 37, "normalization": "mean-std", "patch_length": 1}, id="mean-std"),
        pytest.param({"encoder_layers": 2, "decoder_layers": 2, "patch_length": 3}, id="scan"),
        pytest.param({"context_length": 83, "highway": 8, "normalization": "mean-std"}, id="bank"),
        pytest.param({"context_length": 37, "patch_length": 3, "target_size": 3}, id="three channels"),
    ],
)
def test_a_series_has_the_same_bits_alone_and_in_a_batch(run_of, tmp_path, shape) -> None:
    run = run_of(**shape)
    write_bundle(run, tmp_path / "bundle")
    predictor = Predictor.load(tmp_path / "bundle")
    lengths = [1 + n % 150 for n in range(135)]
    sample = make_sample(run.ensemble.first.weights(), predictor.manifest, lengths, 12)
    for method in ("graph", "step"):
        together = predictor.forecast(sample.history, 12, method=method, **sample.arguments).quantiles
        for b in range(0, 135, 7):
            one = {name: value[b : b + 1] for name, value in sample.arguments.items()}
            alone = predictor.forecast([sample.history[b]], 12, method=method, **one).quantiles
            np.testing.assert_array_equal(alone[0], together[b])


def test_graphs_use_the_standard_domain_opset_18_and_float32_or_int64_alone(run_of) -> None:
    for model in models_of(run_of().ensemble).values():
        assert [(o.domain, o.version) for o in model.opset_import] == [("", OPSET)]
        assert model.ir_version <= IR_VERSION == 10
        ends = [*model.graph.input, *model.graph.output]
        assert {v.type.tensor_type.elem_type for v in ends} <= {
            onnx.TensorProto.FLOAT,
            onnx.TensorProto.INT64,
        }
        assert not any(tensor.external_data for tensor in model.graph.initializer)


@pytest.mark.parametrize(("layers", "kind"), [(1, "LSTM"), (2, "Scan")])
def test_free_running_is_one_lstm_where_it_folds_and_a_scan_where_not(run_of, layers, kind) -> None:
    ensemble = run_of(decoder_layers=layers, encoder_layers=layers, **PLAIN).ensemble
    nodes = [node.op_type for node in models_of(ensemble)["forecast.onnx"].graph.node]
    recurrent = [name for name in nodes if name in ("LSTM", "Scan", "Loop")]
    assert recurrent == ["LSTM"] * layers + [kind]


def test_batch_time_and_horizon_are_dynamic_and_all_else_is_fixed(run_of) -> None:
    for model in models_of(run_of().ensemble).values():
        for value in [*model.graph.input, *model.graph.output]:
            named = [d.dim_param for d in value.type.tensor_type.shape.dim if d.dim_param]
            assert set(named) <= {"batch", "time", "horizon"}


def test_the_names_and_shapes_of_the_tensors_are_the_contract(run_of) -> None:
    models = models_of(run_of().ensemble)
    shapes = {
        file: {
            value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
            for value in [*model.graph.input, *model.graph.output]
        }
        for file, model in models.items()
    }
    past = {
        "history": ["batch", "time"],
        "lengths": ["batch"],
        "timestamps": ["batch", "time"],
        "known": ["batch", "time", 2],
        "past": ["batch", "time", 3],
        "static_cat": ["batch", 2],
        "static": ["batch", 2],
    }
    state = {
        "h": ["batch", 8],
        "c": ["batch", 8],
        "previous": ["batch", 5],
        "location": ["batch", 1],
        "scale": ["batch", 1],
        "highway": ["batch", 40],
        "static_state": ["batch", 12],
    }
    assert shapes["forecast.onnx"] == {
        **past,
        "horizon": [1],
        "future_timestamps": ["batch", "horizon"],
        "future_known": ["batch", "horizon", 2],
        "quantiles": ["batch", "horizon", 9],
    }
    assert shapes["encoder.onnx"] == {**past, **state}
    assert shapes["decoder_step.onnx"] == {
        **state,
        "step": [1],
        "future_timestamps": ["batch", 5],
        "future_known": ["batch", 5, 2],
        "quantiles": ["batch", 5, 9],
        "next_quantiles": ["batch", 5, 9],
        "feedback": ["batch", 5],
        "next_h": ["batch", 8],
        "next_c": ["batch", 8],
    }


def test_the_tensors_of_a_joint_model_have_an_axis_of_channels(run_of) -> None:
    models = models_of(run_of(**{**PLAIN, "target_size": 3}).ensemble)
    shapes = {
        f"{file} {value.name}": [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        for file, model in models.items()
        for value in [*model.graph.input, *model.graph.output]
    }
    expected = {
        "forecast.onnx history": ["batch", "time", 3],
        "forecast.onnx quantiles": ["batch", "horizon", 3, 9],
        "encoder.onnx previous": ["batch", 15],
        "encoder.onnx location": ["batch", 3],
        "encoder.onnx scale": ["batch", 3],
        "encoder.onnx highway": ["batch", 120],
        "decoder_step.onnx quantiles": ["batch", 5, 3, 9],
        "decoder_step.onnx next_quantiles": ["batch", 5, 3, 9],
        "decoder_step.onnx feedback": ["batch", 15],
        "decoder_step.onnx next_h": ["batch", 8],
    }
    assert {name: shapes[name] for name in expected} == expected


class DecoderStep(nn.Module):
    """The same decoder step as decoder_step.onnx, for torch's own exporter."""

    def __init__(self, network) -> None:
        super().__init__()
        self.network = network

    def forward(self, h, c, previous, location, scale, highway, step):
        network = self.network
        config = network.config
        vector = network.step_vectors(step.clamp(max=config.decoder_steps - 1)).expand(len(h), -1)
        begin = step * config.patch_length
        added = highway.gather(1, (begin + torch.arange(config.patch_length)).expand(len(h), -1))
        state = (h.unsqueeze(0), c.unsqueeze(0))
        hidden, (next_h, next_c) = network.decoder.step(with_mask(previous), vector, state)
        rows = network.decoder.rows(hidden.unsqueeze(1), added.unsqueeze(1))

        def emit(part):
            values = location.unsqueeze(2) + scale.unsqueeze(2) * part.flatten(1, 2)
            return values.sort(dim=2).values

        feedback = network.decoder.median(hidden, added)
        return emit(rows.horizon), emit(rows.next), feedback, next_h[0], next_c[0]


def test_the_decoder_step_agrees_with_torchs_own_exporter(run_of) -> None:
    ensemble = run_of(calibrated=False, **PLAIN).ensemble
    ours = onnxruntime.InferenceSession(emit_graphs(ensemble.weights(), {})["decoder_step.onnx"].data)
    batch, generator = 4, np.random.default_rng(0)
    inputs = {
        value.name: generator.standard_normal((batch, value.shape[1])).astype(np.float32)
        for value in ours.get_inputs()
        if value.name != "step"
    }
    inputs["previous"][1, 2] = np.nan
    inputs["scale"] = np.abs(inputs["scale"])
    arguments = {name: torch.from_numpy(value) for name, value in inputs.items()} | {
        "step": torch.tensor([1])
    }
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's own
            program = torch.onnx.export(
                DecoderStep(ensemble.first), kwargs=arguments, dynamo=True, opset_version=OPSET, verbose=False
            )
    finally:
        logging.disable(logging.NOTSET)
    theirs = onnxruntime.InferenceSession(program.model_proto.SerializeToString())
    for step in range(4):
        feeds = {**inputs, "step": np.array([step])}
        wanted = [value.name for value in theirs.get_inputs()]
        found, reference = ours.run(None, feeds), theirs.run(None, {name: feeds[name] for name in wanted})
        for a, b in zip(found, reference, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_the_encoder_and_one_decoder_step_say_what_torch_says(run_of, tmp_path) -> None:
    run = run_of()
    write_bundle(run, tmp_path / "bundle")
    predictor = Predictor.load(tmp_path / "bundle")
    sample = make_sample(run.ensemble.first.weights(), predictor.manifest, [26, 4, 9], 12)
    request = check_request(predictor.manifest, sample.history, 12, Covariates(**sample.arguments))
    session = onnxruntime.InferenceSession((tmp_path / "bundle" / "encoder.onnx").read_bytes())
    outputs = dict(
        zip([o.name for o in session.get_outputs()], session.run(None, request.history), strict=True)
    )
    window = to_window(request)
    with torch.inference_mode():
        encoding = run.ensemble.first.encode(window)
        start = run.ensemble.first.start(encoding, window)
    expected = {
        "h": encoding.state[0][-1],
        "c": encoding.state[1][-1],
        "previous": encoding.previous,
        "location": encoding.stats.location,
        "scale": encoding.stats.scale,
        "static_state": encoding.static,
    }
    for name, tensor in expected.items():
        np.testing.assert_allclose(outputs[name], tensor.numpy(), rtol=1e-4, atol=1e-4, err_msg=name)
    highway = start.highway.flatten(1).numpy()
    np.testing.assert_allclose(outputs["highway"][:, : highway.shape[1]], highway, rtol=1e-4, atol=1e-4)


def test_emission_is_deterministic(run_of) -> None:
    first, second = (emit_graphs(run_of().ensemble.weights(), {"a": "b"}) for _ in range(2))
    assert first == second


def test_every_combination_of_optional_inputs_is_a_valid_graph(run_of) -> None:
    options = {
        "calendar_periods": ((), (86400,)),
        "known_size": (0, 1),
        "past_size": (0, 1),
        "static_size": (0, 1),
        "category_sizes": ((), (3,)),
        "highway": (0, 1, 2),
    }
    for values in itertools.product(*options.values()):
        for model in models_of(run_of(**dict(zip(options, values, strict=True))).ensemble).values():
            onnx.checker.check_model(model, full_check=True)
