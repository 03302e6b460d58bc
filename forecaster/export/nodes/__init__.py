"""Write the nodes of an ONNX graph as arithmetic: no module here knows the network.

In: numbers, arrays and torch tensors, which become constants. Out: a checked onnx.ModelProto.
May import: numpy, torch, onnx; nothing of the project.

    emitter      a graph under construction: nodes in order, shared constants, names, the finished model
    value        a tensor of that graph, with the operators and methods of torch's tensors
    functions    functions of several tensors: where, concat, linear
    registers    sums and functions of rows with the same bits in any batch
"""
