"""The page for other languages has the tensors of the bundles and the code that the tests run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
BUNDLES = sorted((ROOT / "tests" / "deploy" / "bundles").iterdir())
# A block of code under a comment that names the file that it is from.
BLOCK = re.compile(r"<!-- (?P<source>\S+) -->\n```\w+\n(?P<code>.*?)```\n", re.DOTALL)
CODE = {match["source"]: match["code"] for match in BLOCK.finditer(PAGE)}
ROW = re.compile(r"\| `(?P<name>\w+)` \| (?P<dtype>float32|int64) \| ")
TYPES = {"FP32": "float32", "INT64": "int64"}


@pytest.mark.parametrize("name", ["canonical.mjs", "example.mjs", "loop.mjs"])
def test_the_javascript_is_the_one_that_is_tested(name) -> None:
    assert CODE[f"tests/node/{name}"] == (ROOT / "tests" / "node" / name).read_text(encoding="utf-8")


def test_the_table_has_every_input_of_the_bundles_and_no_other() -> None:
    declared = {}
    for bundle in BUNDLES:
        graphs = json.loads((bundle / "manifest.json").read_bytes())["graphs"]
        inputs = graphs["forecast.onnx"]["inputs"].items()
        declared |= {name: tensor["dtype"] for name, tensor in inputs}
    assert {match["name"]: match["dtype"] for match in ROW.finditer(PAGE)} == declared


def test_the_request_is_one_that_the_graph_answers() -> None:
    request = json.loads(CODE["request.json"])
    session = onnxruntime.InferenceSession(ROOT / "tests" / "deploy" / "bundles" / "plain" / "forecast.onnx")
    inputs = {
        tensor["name"]: np.array(tensor["data"], dtype=TYPES[tensor["datatype"]]).reshape(tensor["shape"])
        for tensor in request["inputs"]
    }
    (quantiles,) = session.run([output["name"] for output in request["outputs"]], inputs)
    assert quantiles.shape[:2] == (2, 3)
    assert np.isfinite(quantiles).all()
