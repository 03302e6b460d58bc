"""Made-up series: seeded generators in numpy, whole batches at a time.

In: a numpy Generator, a count, a length, a season. Out: arrays (count, length) of float64.
May import: numpy alone.

    mixture          series of all generators, as values that one could have measured
    structural       level, damped trend, evolving seasons, cycle, breaks, noise with memory
    arima            seasonal ARIMA by sampled poles
    kernels          Gaussian processes of sums and products of kernels
    corners          steps, ramps, spikes, sawtooths
    seasons          shapes of a season, and of seven in a longer one
    augmentation     mixing, reversal, sign, counting, censoring, averaging, gaps
    draws            what every generator draws
"""
