"""Run checked requests through the graphs, on the provider that works.

In: a Bundle, and Requests. Out: quantiles (batch, horizon, [D,] quantile). session.run is called here alone.
May import: deploy.request and all below it.

    engine       Engine: a request in chunks, under a deadline, by the graph or by steps
    sessions     a session of each graph; which provider works
    folding      a graph some of whose inputs are constants, or with more outputs
    named_parts  the parts of a forecast, and the constants that explain them
    forks        locks and sessions of a child process
    providers    the providers asked for; onnxruntime itself
    loop         the step loop over decoder_step.onnx
    buffers      tensors bound to a session, on the host or on a device
    golden       forecasts stored at export, replayed
    explain/     what forecasts are made of, and what they rest on
    deadline     the time that a call may take
    info         what forecasts are computed with
"""
