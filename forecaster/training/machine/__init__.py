"""Choose how to compute on this machine.

In: the settings of a fit and what the machine has. Out: a device, a number of threads, a precision.
May import: config, data and model; nothing else of training.

    device          processor or CUDA, where the data lie, bfloat16
    processor       threads, denormal numbers and freed memory while training
    pace            threads and precision, as asked for or as a probe finds
"""
