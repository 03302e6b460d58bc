"""Forecast windows: the network, in torch.

In: a Window, raw, in data units. Out: quantiles in data units; for training, rows and targets.
May import: config, weights, windows. Of the same names in export/graph: the network as ONNX nodes.

    network          histories to quantiles: encode, start the decoder, emit rows in data units
    patching         patches of the context, anchored at its end
    normalization    statistics of each window; into units of its own and back
    calendar         sines and cosines of timestamps
    covariates       standardised values and their masks
    channels         the values of a joint series, apart and together
    encoder          patches into the decoder's first state
    recurrence       LSTMs in one fused call, in a chosen precision
    decoder          LSTM step, the median that is fed back, quantile rows
    unrolling        teacher forcing, free running, scheduled sampling
    folding          free running of one layer as an ordinary LSTM
    highway          linear forecasts from the context, added to every row
    gate             shares of these forecasts in each window
    ensemble         several networks as one forecast
"""
