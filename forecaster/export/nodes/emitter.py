"""A small builder of ONNX graphs: nodes in the order in which they are asked for, constants shared."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
IR_VERSION = 10
ELEMENT_TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}
Sizes = Sequence[str | int]  # of the axes of a tensor, by name where they are dynamic


class Emitter:
    """One graph under construction. It knows tensors by their names: value.py makes arithmetic of these.

    parent: the graph that a body of a Scan lies in, and that keeps its constants.
    """

    def __init__(self, name: str, parent: "Emitter | None" = None) -> None:
        self.name = name
        self.parent = parent
        self._nodes: list[onnx.NodeProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], onnx.TensorProto] = {}
        self._aliases: dict[str, str] = {}  # tensor -> the output that it is
        self._count = 0

    def input(self, name: str, dtype: str, sizes: Sizes) -> None:
        """Declare an input of the graph. dtype: float32 or int64."""
        self._inputs.append(helper.make_tensor_value_info(name, ELEMENT_TYPES[dtype], sizes))

    def output(self, name: str, tensor: str, sizes: Sizes) -> None:
        """Declare a float32 output of the graph, and the tensor that it is."""
        if tensor in self._aliases or any(tensor == declared.name for declared in self._inputs):
            self._nodes.append(helper.make_node("Identity", [tensor], [name]))
        else:
            self._aliases[tensor] = name
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes))

    def node(self, kind: str, inputs: list[str], outputs: int, **attributes: Any) -> list[str]:
        """Append a node and return the names of its outputs. An input "" is an optional one left out."""
        names = []
        for _ in range(outputs):  # names that nothing else has, in this graph or its parent
            self._count += 1
            names.append(f"{self.name}_{kind.lower()}_{self._count}")
        self._nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names

    def constant(self, array: NDArray[Any]) -> str:
        """Return the name of a float32, int64 or bool constant, shared by all who need the same."""
        if self.parent is not None:
            return self.parent.constant(array)
        if array.dtype != np.bool_:
            array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        key = (str(array.dtype), array.shape, array.tobytes())
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            self._constants[key] = numpy_helper.from_array(array.copy(order="C"), name)
        return str(self._constants[key].name)

    def graph(self) -> onnx.GraphProto:
        """Return all that was emitted: the body of a Scan, or a whole graph."""
        for node in self._nodes:
            for names in (node.input, node.output):
                names[:] = [self._aliases.get(name, name) for name in names]
        constants = list(self._constants.values())
        return helper.make_graph(self._nodes, self.name, self._inputs, self._outputs, constants)

    def model(self, metadata: dict[str, str]) -> onnx.ModelProto:
        """Return a checked model of the standard domain, all weights inside.

        Raises onnx.checker.ValidationError.
        """
        model = helper.make_model(
            self.graph(),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="lstm-forecaster",
        )
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model, full_check=True)
        return model
