"""Bundles over HTTP: the Open Inference Protocol, and forecasts as JSON. `python -m deploy.server BUNDLE`.

Beside numpy and onnxruntime it needs the extra `serve`: starlette, uvicorn, orjson and prometheus-client.
"""

__all__: list[str] = []
