"""Run requests on the models of the service, several of them at once.

In: checked Requests. Out: quantiles and paths. May import: deploy.predictor and all below it,
deploy.server.{overload, settings, answers, about.metrics, about.logs}.

    models     a model that is served, and all of them by name
    reloading  bundles that change while they are served
    batcher    the queue of a model and its thread
    lanes      the order of what waits: joined requests, and long ones in slices
    joining    runs: one for several requests, or slices of one
    isolation  a model in a process of its own, started again if it crashes
    child      that process
    processes  how any process of the service is started, asked and ended
    frames     what the two say to each other
"""
