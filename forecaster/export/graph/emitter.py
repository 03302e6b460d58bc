"""A small builder of ONNX graphs: nodes in the order in which they are asked for, constants shared."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
IR_VERSION = 10

Operand = str | int | float | list[int] | NDArray[Any]
ELEMENT_TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}


class Emitter:
    """One graph under construction. Values are named by strings; numbers and arrays become constants."""

    def __init__(self, name: str, parent: Emitter | None = None) -> None:
        self.name = name
        self.parent = parent
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._names: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._aliases: dict[str, str] = {}  # value -> the output that it is
        self._count = 0

    def input(self, name: str, dtype: str, shape: list[str | int]) -> str:
        """Declare an input of the graph."""
        self.inputs.append(helper.make_tensor_value_info(name, ELEMENT_TYPES[dtype], shape))
        return name

    def output(self, name: str, value: str, dtype: str, shape: list[str | int]) -> None:
        """Declare an output of the graph and what it is."""
        if value in self._aliases or any(value == declared.name for declared in self.inputs):
            self.nodes.append(helper.make_node("Identity", [value], [name]))
        else:
            self._aliases[value] = name
        self.outputs.append(helper.make_tensor_value_info(name, ELEMENT_TYPES[dtype], shape))

    def op(self, kind: str, *operands: Operand | None, **attributes: Any) -> str:
        """Append a node with one output and return its name."""
        return self.ops(kind, 1, *operands, **attributes)[0]

    def ops(self, kind: str, outputs: int, *operands: Operand | None, **attributes: Any) -> list[str]:
        """Append a node with several outputs. An operand of None is an optional input left out."""
        names = [self.fresh(kind) for _ in range(outputs)]
        self.nodes.append(helper.make_node(kind, [self.value(o) for o in operands], names, **attributes))
        return names

    def value(self, operand: Operand | None) -> str:
        """The name of an operand; a number or an array becomes a constant."""
        if operand is None:
            return ""
        if isinstance(operand, str):
            return operand
        return self.constant(np.asarray(operand))

    def constant(self, array: NDArray[Any]) -> str:
        """A float32 or int64 constant, shared by all who need the same."""
        if self.parent is not None:
            return self.parent.constant(array)
        if array.dtype != np.bool_:
            array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        key = (str(array.dtype), array.shape, array.tobytes())
        if key not in self._names:
            name = self._names[key] = f"constant_{len(self._names)}"
            self.constants[name] = numpy_helper.from_array(array.copy(order="C"), name)
        return self._names[key]

    def fresh(self, kind: str) -> str:
        """A name that no other value of the graph or of its parent has."""
        self._count += 1
        return f"{self.name}_{kind.lower()}_{self._count}"

    def graph(self) -> onnx.GraphProto:
        """All that was emitted; the body of a Scan, or a whole graph."""
        for node in self.nodes:
            for names in (node.input, node.output):
                names[:] = [self._aliases.get(name, name) for name in names]
        constants = list(self.constants.values())
        return helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, constants)

    def model(self, metadata: dict[str, str]) -> onnx.ModelProto:
        """A checked model of the standard domain, all weights inside. Raises onnx.checker.ValidationError."""
        model = helper.make_model(
            self.graph(),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="lstm-forecaster",
        )
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model, full_check=True)
        return model
