"""Messages are written as onnx and protobuf write them, byte by byte."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from forecaster.export.nodes.protobuf import (
    IR_VERSION,
    OPSET,
    PRODUCER,
    Node,
    write_graph,
    write_model,
    write_node,
    write_tensor,
    write_value,
)

LONG = "x" * 200  # its length takes two bytes
ARRAYS = {
    "float32": np.array([[1.5, np.nan, -np.inf], [0.0, -0.0, 3e38]], np.float32),
    "int64": np.array([-(2**63), -1, 0, 2**63 - 1]),
    "bool": np.array([True, False]),
    "no axes": np.array(2.5, np.float32),
    "no elements": np.zeros((0, 3), np.int64),
    "not in order": np.arange(6, dtype=np.float32).reshape(2, 3).T,
    "more than a varint of two bytes": np.arange(5000, dtype=np.float32),
}
NODES = {
    "no attributes": Node("Add", ["a", "b"], ["c"], {}),
    "an input left out": Node("LSTM", ["x", "w", "r", "b", "", "h"], ["y", "h", LONG], {"hidden_size": 128}),
    "numbers below 0": Node("TopK", ["x"], ["y"], {"axis": -1, "sorted": 1, "largest": 0}),
    "several numbers": Node("Transpose", ["x"], ["y"], {"perm": (1, 0, 300, -2)}),
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_a_tensor(array) -> None:
    expected = numpy_helper.from_array(np.array(array, order="C"), "name").SerializeToString()
    assert write_tensor("name", array) == expected


@pytest.mark.parametrize("node", NODES.values(), ids=NODES)
def test_a_node(node) -> None:
    expected = helper.make_node(node.kind, node.inputs, node.outputs, **node.attributes)
    assert write_node(node) == expected.SerializeToString()


@pytest.mark.parametrize("sizes", [["batch", 3, "größe", 70_000], [], [0], None], ids=str)
@pytest.mark.parametrize(("dtype", "kind"), [("float32", TensorProto.FLOAT), ("int64", TensorProto.INT64)])
def test_an_input(dtype, kind, sizes) -> None:
    expected = helper.make_tensor_value_info("name", kind, sizes)
    assert write_value("name", dtype, sizes) == expected.SerializeToString()


def test_a_model_with_a_graph_in_an_attribute() -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
    body = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "body", [value], [value])
    scan = helper.make_node("Scan", ["x"], ["z"], body=body, num_scan_inputs=1)
    constant = numpy_helper.from_array(ARRAYS["float32"], "constant")
    expected = helper.make_model(
        helper.make_graph([scan], "whole", [value], [value, value], [constant]),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name=PRODUCER,
    )
    helper.set_model_props(expected, {"manifest": "{}", "other": LONG})

    ends = [write_value("x", "float32", ["n"])]
    inner = write_graph("body", [Node("Neg", ["x"], ["y"], {})], [], ends, ends)
    node = Node("Scan", ["x"], ["z"], {"num_scan_inputs": 1, "body": inner})
    tensors = [write_tensor("constant", ARRAYS["float32"])]
    found = write_model(
        write_graph("whole", [node], tensors, ends, ends * 2), {"manifest": "{}", "other": LONG}
    )
    assert found == expected.SerializeToString()
    assert onnx.load_from_string(found) == expected
