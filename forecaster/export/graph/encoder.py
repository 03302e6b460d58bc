"""The encoder in a graph, as in model/encoder.py: patches of the history into the decoder's first state."""

from forecaster.export.graph.recurrence import State, flatten_layers, layer_weights, run_layer
from forecaster.export.nodes.functions import linear
from forecaster.export.nodes.value import Value
from forecaster.model.encoder import Encoder, StateBridge


def encode_patches(encoder: Encoder, inputs: Value, steps: Value) -> State:
    """Run the LSTM over the patches that hold anything.

    inputs: (batch, encoder steps, feature); steps: int64 (batch,), how many of them, from the first.
    """
    sequence, lengths = inputs.permute(1, 0, 2), steps.to_int32()
    states = []
    for layer in range(encoder.lstm.num_layers):
        hidden, state = run_layer(sequence, layer_weights(encoder.lstm, layer), lengths=lengths)
        sequence = hidden.squeeze(1)
        states.append(state)
    return flatten_layers(states)


def bridge_state(bridge: StateBridge, state: State) -> State:
    """Map h and c: (batch, encoder layers × hidden) -> (batch, decoder layers × hidden)."""
    if bridge.maps is None:
        return state
    h, c = (linear(part, *each.parameters()) for each, part in zip(bridge.maps, state, strict=True))
    return h, c
