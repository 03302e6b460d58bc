"""Emit the network as ONNX nodes: each module is the one of the same name in forecaster/model, in a graph.

In: Weights and the inputs of a graph as values. Out: values: an encoding, hidden states, quantiles.
May import: export.nodes, weights, config. tests/forecaster/export/graph holds each pair equal.

    network          histories to quantiles: encode, start the decoder, emit rows in data units
    patching         patches of the context, left-aligned
    normalization    statistics of each window; into units of its own and back
    calendar         sines and cosines of timestamps
    covariates       standardised values and their masks
    channels         the values of a joint series, apart and together
    encoder          patches into the decoder's first state
    recurrence       an LSTM of torch as an LSTM node
    decoder          inputs, one step, the median, the `horizon` rows
    unrolling        free running: folded, or a Scan of steps
    folding          free running as one LSTM node
    highway          linear forecasts as one matrix
    gate             shares of these forecasts
    ensemble         the mean of the members
"""
