"""Free running in a graph, as in model/unrolling.py: folded into one LSTM, or a Scan of decoder steps."""

from forecaster.export.graph.decoder import Start, decoder_inputs, decoder_step, median
from forecaster.export.graph.folding import unroll_folded
from forecaster.export.nodes.emitter import Emitter
from forecaster.export.nodes.value import Value, from_input, ops
from forecaster.weights.weights import DecoderWeights


def unroll_free(decoder: DecoderWeights, start: Start) -> Value:
    """Feed every step its own previous median. Returns the hidden states (batch, steps, hidden)."""
    if decoder.config.folds:
        return unroll_folded(decoder, start)
    return unroll_steps(decoder, start)


def unroll_steps(decoder: DecoderWeights, start: Start) -> Value:
    """Run step by step in a Scan: state and previous patch are carried, features and highway scanned."""
    width, size = decoder.config.patch_width, decoder.config.hidden_size
    state_size = len(decoder.layers) * size
    body = Emitter("step", parent=start.features.graph)
    h = from_input(body, "h_in", "float32", ["batch", state_size])
    c = from_input(body, "c_in", "float32", ["batch", state_size])
    previous = from_input(body, "previous_in", "float32", ["batch", width])
    scanned = [start.features.permute(1, 0, 2)]
    features = from_input(body, "features_in", "float32", ["batch", "feature"])
    highway = None
    if start.highway is not None:
        scanned.append(start.highway.permute(1, 0, 2))
        highway = from_input(body, "highway_in", "float32", ["batch", width])
    hidden, (h, c) = decoder_step(decoder, decoder_inputs(previous, features), (h, c))
    h.to_output("h_out", ["batch", state_size])
    c.to_output("c_out", ["batch", state_size])
    median(decoder, hidden, highway).to_output("previous_out", ["batch", width])
    hidden.to_output("hidden_out", ["batch", size])
    carried = (*start.state, start.previous)
    *_, hiddens = ops("Scan", 4, *carried, *scanned, body=body.graph(), num_scan_inputs=len(scanned))
    return hiddens.permute(1, 0, 2)
