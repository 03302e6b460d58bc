"""Cut a panel into windows: contexts and what follows them, for training, validation and calibration.

In: a Panel and the lengths of the network. Out: batches of Window on a device. May import: forecaster.data,
forecaster.config, torch.

    window      a batch of histories and what is known of their futures
    windows     forecast origins in a panel, gathered into batches
    runs        origins that follow each other, as a number or two a series
    panel_rows  a panel as tensors, its times by arithmetic or from a table
    split       each series cut in time, no target of one purpose in another
"""
