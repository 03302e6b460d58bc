"""Numeric serving of a forecast bundle: numpy and onnxruntime, nothing else."""
