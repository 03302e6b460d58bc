"""Check the arguments of a caller, and make the tensors of the graphs from them.

In: histories, timestamps and covariates as a caller has them, and a Manifest. Out: a Request, or InputError
that says what was found where and what was expected. May import: deploy.bundle and all below it.

    inputs       Request: histories, horizon, and all other tensors put together
    histories    histories, looked at together where they lie together, or one by one
    stacked      series whose numbers lie together in one array
    covariates   covariates along the history, ahead of it, and static
    levels       what each history loses before float32, and its forecast gets back
    moments      last timestamps, and the timestamps that follow
    misfits      histories of another step, and values below what the model forecasts
    arrays       arrays of numbers, the error that names the first bad one, looks at the time between series
"""
