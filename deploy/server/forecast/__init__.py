"""Answer POST /forecast.

In: a JSON body. Out: quantiles and paths as JSON. May import: deploy.server.{models, http} and all below
them, deploy.{adaptive, forecast, request, bundle}.

    endpoint   the endpoint: read, check, forecast, answer
    anomalies  the last values of series, judged by a forecast from before them
    body       the form of a request, declared once: decoding, checks and JSON schema
    answer     the answer
"""
