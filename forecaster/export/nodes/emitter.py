"""A small builder of ONNX graphs: nodes in the order in which they are asked for, constants shared."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.export.nodes.protobuf import (
    Attribute,
    Node,
    Sizes,
    write_graph,
    write_model,
    write_tensor,
    write_value,
)

Signature = dict[str, dict[str, dict[str, Any]]]  # side -> name -> {"dtype", "shape"}


@dataclass(frozen=True)
class Tensor:
    """An input or an output of a graph. sizes: None where any shape will do."""

    name: str
    dtype: str
    sizes: Sizes | None


@dataclass(frozen=True)
class Constant:
    """A tensor of known elements, and how it is written."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Model:
    """A finished graph: the bytes of its file, and its inputs and outputs as a manifest has them."""

    data: bytes
    signature: Signature


class Emitter:
    """One graph under construction. It knows tensors by their names: value.py makes arithmetic of these.

    parent: the graph that a body of a Scan lies in, and that keeps its constants.
    """

    def __init__(self, name: str, parent: "Emitter | None" = None) -> None:
        self.name = name
        self.parent = parent
        self._nodes: list[Node] = []
        self._inputs: list[Tensor] = []
        self._outputs: list[Tensor] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], Constant] = {}
        self._aliases: dict[str, str] = {}  # tensor -> its name in the file
        self._count = 0
        self.scope = ""  # of the names that parts get

    def input(self, name: str, dtype: str, sizes: Sizes) -> None:
        """Declare an input of the graph. dtype: float32 or int64."""
        self._inputs.append(Tensor(name, dtype, sizes))

    def output(self, name: str, tensor: str, sizes: Sizes | None) -> None:
        """Declare a float32 output of the graph, and the tensor that it is."""
        if tensor in self._aliases or any(tensor == declared.name for declared in self._inputs):
            self._nodes.append(Node("Identity", [tensor], [name], {}))
        else:
            self._aliases[tensor] = name
        self._outputs.append(Tensor(name, "float32", sizes))

    def call(self, tensor: str, part: str) -> None:
        """Give what a node computes a name in the file, scope_part, by which a runtime can ask for it.

        Nothing is computed for that, and nothing otherwise. Without a scope no part is named.
        """
        if self.scope:
            self._aliases[tensor] = f"{self.scope}_{part}"

    def node(self, kind: str, inputs: list[str], outputs: int, **attributes: Attribute) -> list[str]:
        """Append a node and return the names of its outputs. An input "" is an optional one left out."""
        names = []
        for _ in range(outputs):  # names that nothing else has, in this graph or its parent
            self._count += 1
            names.append(f"{self.name}_{kind.lower()}_{self._count}")
        self._nodes.append(Node(kind, inputs, names, attributes))
        return names

    def constant(self, array: NDArray[Any]) -> str:
        """Return the name of a float32, int64 or bool constant, shared by all who need the same."""
        if self.parent is not None:
            return self.parent.constant(array)
        if array.dtype != np.bool_:
            array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        key = (array.dtype.char, array.shape, array.tobytes())
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            self._constants[key] = Constant(name, write_tensor(name, array))
        return self._constants[key].name

    def graph(self) -> bytes:
        """Return all that was emitted, as a GraphProto: the body of a Scan, or a whole graph."""
        return write_graph(
            self.name,
            [self._renamed(node) for node in self._nodes],
            [constant.data for constant in self._constants.values()],
            [write_value(tensor.name, tensor.dtype, tensor.sizes) for tensor in self._inputs],
            [write_value(tensor.name, tensor.dtype, tensor.sizes) for tensor in self._outputs],
        )

    def _renamed(self, node: Node) -> Node:
        """Return a node that calls outputs of the graph by their names."""
        inputs, outputs = (
            [self._aliases.get(name, name) for name in names] for names in (node.inputs, node.outputs)
        )
        return Node(node.kind, inputs, outputs, node.attributes)

    def model(self, metadata: dict[str, str]) -> Model:
        """Return a model of the standard domain, all weights inside."""
        sides = {"inputs": self._inputs, "outputs": self._outputs}
        signature = {
            side: {
                tensor.name: {"dtype": tensor.dtype, "shape": list(tensor.sizes or [])} for tensor in tensors
            }
            for side, tensors in sides.items()
        }
        return Model(write_model(self.graph(), metadata), signature)
