"""Export a trained network as a verified bundle of ONNX graphs.

In: a Run. Out: a bundle in a folder, or a BundleError and nothing written.
May import: run, model, config, windows, files; deploy, whose runtime verifies the bundle.

    bundle           write all files of a bundle in one step, verified
    graphs           the three graphs: their inputs, their outputs, what lies between
    decoder_step     the graph of one decoder step, fused
    manifest         the manifest of a run
    samples          made-up series to try graphs out on
    verify           the graphs compared with torch in float64
    triton           a bundle as a model of a Triton repository
    graph/           the network as nodes, module by module as in model/
    nodes/           graphs under construction: tensors with operators
"""
