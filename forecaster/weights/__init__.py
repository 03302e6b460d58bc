"""The numbers of a network as numpy arrays, and the arithmetic on them that needs no torch.

In: a ModelConfig and arrays by the names of a state dict. Out: Weights, which graphs are emitted from.
May import: config. model/ and export/ share what stands here, so a bundle is made without torch.

    weights      the weights of one network, by its parts; names and shapes of a state dict
    calibrated   networks whose forecasts are averaged, and the offsets that calibrate them
    composed     the LSTM that a free run folds into, and rolled linear forecasts as one matrix
    constants    numbers that no training changes: waves of a calendar, lags of a gate, floors of a scale
"""
