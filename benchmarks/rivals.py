"""The same forecast by other ways: what a service would do without this project's graphs and loop."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from deploy.bundle.bundle import Bundle
from deploy.bundle.contract import ENCODER
from deploy.engine.providers import choose_providers
from deploy.engine.sessions import open_session
from forecaster.model.decoder import with_mask
from forecaster.model.network import Network
from forecaster.model.normalization import Statistics
from forecaster.model.unrolling import unroll_steps
from forecaster.windows.window import Window

Array = NDArray[np.float32]


def torch_lstm(network: Network, history: Array, horizon: int) -> Callable[[], Any]:
    """torch, nn.LSTM once a decoder step."""

    def forecast() -> Tensor:
        with torch.inference_mode():
            encoding, start = _begin(network, history, horizon)
            hidden = unroll_steps(network.decoder, start)
            return network.emit(network.decoder.rows(hidden, start.highway).horizon, encoding.stats)

    return forecast


def torch_cell(network: Network, history: Array, horizon: int) -> Callable[[], Any]:
    """torch, nn.LSTMCell once a decoder step, which is cheaper than nn.LSTM for one."""
    decoder = network.decoder
    cell = nn.LSTMCell(decoder.lstm.input_size, decoder.lstm.hidden_size)
    cell.load_state_dict(
        {name.removesuffix("_l0"): value for name, value in decoder.lstm.state_dict().items()}
    )

    def forecast() -> Tensor:
        with torch.inference_mode():
            encoding, start = _begin(network, history, horizon)
            h, c = (part[0] for part in start.state)
            previous, hidden = start.previous, []
            for step in range(start.features.shape[1]):
                h, c = cell(decoder.inputs(previous, start.features[:, step]), (h, c))
                previous = decoder.median(h, start.highway[:, step])
                hidden.append(h)
            rows = decoder.rows(torch.stack(hidden, 1), start.highway)
            return network.emit(rows.horizon, encoding.stats)

    return forecast


def _begin(network: Network, history: Array, horizon: int) -> tuple[Any, Any]:
    window = Window(torch.from_numpy(history[None]), torch.tensor([len(history)]), horizon)
    encoding = network.encode(window)
    return encoding, network.start(encoding, window)


def run_and_feeds(bundle: Bundle, history: Array, horizon: int, step: bytes) -> Callable[[], Any]:
    """One run() with named arrays a step, in sessions of one thread. step: a graph of the decoder step."""
    cpu = choose_providers("cpu")
    encoder, decoder = open_session(bundle.files[ENCODER], cpu), open_session(step, cpu)
    inputs = {"history": history[None], "lengths": np.array([len(history)])}
    names = [[output.name for output in session.get_outputs()] for session in (encoder, decoder)]
    steps = -(-horizon // bundle.manifest.patch_length)

    def forecast() -> Array:
        state = dict(zip(names[0], encoder.run(None, inputs), strict=True))
        quantiles = []
        for number in range(steps):
            state["step"] = np.array([number])
            outputs = dict(zip(names[1], decoder.run(None, state), strict=True))
            quantiles.append(outputs["quantiles"])
            state["h"], state["c"] = outputs["next_h"], outputs["next_c"]
            state["previous"] = outputs["feedback"]
        return np.concatenate(quantiles, axis=1)

    return forecast


class ExportedStep(nn.Module):
    """The decoder step as a user of torch.onnx would write it, without covariates."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        h: Tensor,
        c: Tensor,
        previous: Tensor,
        location: Tensor,
        scale: Tensor,
        highway: Tensor,
        step: Tensor,
    ) -> tuple[Tensor, ...]:
        """The tensors of decoder_step.onnx."""
        network, config = self.network, self.network.config
        vectors = network.step_vectors(step.clamp(max=config.decoder_steps - 1)).expand(h.shape[0], -1)
        columns = step * config.patch_length + torch.arange(config.patch_length)
        added = highway.index_select(1, columns)
        hidden, (h, c) = network.decoder.step(with_mask(previous), vectors, (h.unsqueeze(0), c.unsqueeze(0)))
        rows = network.decoder.rows(hidden.unsqueeze(1), added.unsqueeze(1))
        stats = Statistics(location, scale)
        feedback = network.decoder.median(hidden, added)
        return network.emit(rows.horizon, stats), network.emit(rows.next, stats), feedback, h[0], c[0]


def exported_by_torch(network: Network, bundle: Bundle) -> bytes:
    """decoder_step.onnx as torch.onnx.export writes it."""
    graph = bundle.manifest.graphs["decoder_step.onnx"]
    example = {
        name: torch.zeros(
            [2 if size == "batch" else size for size in tensor["shape"]],
            dtype=getattr(torch, tensor["dtype"]),
        )
        for name, tensor in graph["inputs"].items()
    }
    batch = torch.export.Dim("batch")
    shapes = {name: {0: batch} if name != "step" else {} for name in example}
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # the exporter's own
        logging.disable(logging.WARNING)
        program = torch.onnx.export(
            ExportedStep(network).eval(),
            kwargs=example,
            dynamo=True,
            dynamic_shapes=shapes,
            output_names=["quantiles", "next_quantiles", "feedback", "next_h", "next_c"],
            verbose=False,
        )
        logging.disable(logging.NOTSET)
    if program is None:
        raise RuntimeError("torch.onnx.export wrote nothing")
    return program.model_proto.SerializeToString()
