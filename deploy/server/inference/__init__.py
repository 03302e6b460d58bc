"""Answer the Open Inference Protocol, version 2, under /v2.

In: tensors of forecast.onnx, as JSON or in binary. Out: its quantiles, in the same form.
May import: deploy.server.{models, http} and all below them, deploy.{engine, request, bundle}.

    protocol   the endpoints
    infer      a request to infer, decoded, and its answer
    tensors    the tensors of a request, checked and cut to the context
"""
