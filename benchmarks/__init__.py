"""Speed and accuracy, measured: each module is one benchmark, `python -m benchmarks.NAME --json`."""
