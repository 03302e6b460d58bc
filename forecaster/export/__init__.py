"""Export a trained network as a verified bundle of ONNX graphs.

In: a Run, or weights as arrays. Out: a bundle in a folder, or a BundleError and nothing written.
May import: run, model, weights, pretrained, config, windows, files; deploy, whose runtime verifies it.
Only bundle and verify need torch and onnx: weights that are arrays become a bundle by packing.

    bundle           a run into a bundle, whose graphs were compared with torch
    packing          weights into a bundle, in memory or in a folder
    for_season       the pretrained network of a season as a bundle, without data
    graphs           the three graphs: their inputs, their outputs, what lies between
    decoder_step     the graph of one decoder step, fused
    manifest         the manifest of a model
    golden           golden cases: made-up series and what is forecast from them
    samples          made-up series to try graphs out on
    verify           the graphs compared with torch in float64
    triton           a bundle as a model of a Triton repository
    graph/           the network as nodes, module by module as in model/
    nodes/           graphs under construction: tensors with operators
"""
