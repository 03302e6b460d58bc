"""Write the nodes of an ONNX graph as arithmetic: no module here knows the network.

In: numbers and arrays, which become constants. Out: the bytes of a model. Neither torch nor onnx is needed.
May import: numpy; nothing of the project.

    emitter      a graph under construction: nodes in order, shared constants, names, the finished model
    protobuf     ONNX's messages as bytes
    value        a tensor of that graph, with the operators and methods of torch's tensors
    functions    functions of several tensors: where, concat, linear
    registers    sums and functions of rows with the same bits in any batch
"""
