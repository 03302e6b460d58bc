"""Serve other libraries' interfaces: each module needs its library, by an extra of its name.

In: a Forecaster or a bundle. Out: what the library expects. May import: all but cli; what serves a model of
MLflow imports the runtime alone.

    sktime    LSTMForecaster, a forecaster of sktime
    mlflow    models of MLflow: save_model, log_model, load_model
    served    a bundle as a python_function of MLflow, without torch
"""
