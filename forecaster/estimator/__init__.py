"""Fit, forecast, judge and export in Python, on data frames, with the face of scikit-learn.

In: frames, paths and parameters. Out: frames of the same library, plots, scores. May import: all but cli.
Every step is that of a command: a fit prepares, trains and records as `forecaster fit` does, a forecast runs
through deploy.Predictor on an exported bundle. So what is predicted here is what a service gives.

    parameters    the parameters of a fit, each documented, as settings
    asking        arguments of methods: data, horizon or h, level in percent
    kept          a fitted model: its runtime, its run folder, its bundle
    seen          a fitted model drawn, and shown in a notebook
    rolled        evaluate, cross_validation, score
    forecaster    Forecaster: fit, predict, sample_paths, and all of the others
    judged        Scores, as an evaluation returns them
"""

from forecaster.estimator.forecaster import Forecaster

__all__ = ["Forecaster"]
