"""Read a bundle from disk, and check all of it before anything else sees a byte.

In: a folder. Out: a Bundle, its Manifest and the bytes of its files. May import: deploy.columns, deploy.time.

    bundle           Bundle and Manifest; the digest of a manifest
    segments         folders of runs by the values of some columns
    folder           bytes of the files, each read once and as listed
    strict_json      JSON that no two readers understand differently
    manifest_check   every field of a manifest: its kind and its limits
    contract         the tensors that the graphs of a manifest must declare
    wire             protocol buffers, read strictly
    graph_check      an .onnx file: operators, types and shapes that the exporter writes
    name_check       names that hide none in a body, and are given before they are taken
    integer_check    integers on which onnxruntime would end the process
    shape_check      axes, and the batch of an LSTM, on which it would end the process, too
    axes             how large the axes of a tensor are, operator by operator
"""
