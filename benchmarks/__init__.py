"""Speed, measured: each module is one benchmark, `python -m benchmarks.NAME --json`."""
