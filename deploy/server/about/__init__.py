"""Tell what the service is and does: for callers, for Prometheus and for a log.

May import: deploy.server.{models, forecast} and what these may; metrics and logs lie below them and import
neither.

    description   GET /models and /openapi.json: the models, with an example of a request each
    metrics       GET /metrics
    logs          a line of JSON for each event
"""
