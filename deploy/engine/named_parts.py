"""Ask forecast.onnx for the parts of its forecast, which an exporter named, besides the quantiles.

Of member 0, and so of the others, all float32, D the channels:
    member_0_location, or member_0_log_location where it takes logarithms, and member_0_scale: (batch, D)
    member_0_linear    (batch, steps, patch × D) the highway, in units of the scale
    member_0_rows      (batch, steps × patch × D × quantile) raw quantiles, the highway among them
    member_0_context   (batch × D, context) the normalised history, its last value last, 0 where missing
    member_0_maps      (batch × D, maps × max_horizon) each map of the highway, without its constant
    member_0_shares    (batch × D, maps) of the maps in the highway
    member_0_known, member_0_past, member_0_static: covariates as the network sees them
What a graph computes and how does not change with the outputs that are asked for.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..bundle.graph_check import SCHEMA
from ..bundle.wire import Message, Reader
from ..errors import BundleError

FLOAT = 1  # of TensorProto.DataType
NAME = re.compile(r"member_(\d{1,4})_(log_location|location|scale|linear|rows|context|maps|shares)")
KINDS = ("known", "past", "static")  # of covariates
MISSING = "this bundle was exported before forecasts could be explained; export its run again"

Array = NDArray[np.float64]
Tensors = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Parts:
    """Names of the parts that a graph has, and the constants that explain them."""

    names: tuple[str, ...]
    members: int
    maps: tuple[Array | None, ...]  # of each member (context, maps × max_horizon); None without a highway
    spreads: dict[str, Array]  # kind of covariates -> their deviations in the training rows, (covariate,)


def find_parts(model: bytes) -> Parts:
    """Look the parts up in a checked graph. Raises BundleError where the exporter named none."""
    graph = Reader(SCHEMA, model).read("ModelProto")["graph"]
    givers = {name: node for node in graph.get("node", ()) for name in node.get("output", ())}
    constants = {constant.get("name"): constant for constant in graph.get("initializer", ())}
    names = tuple(sorted(filter(NAME.fullmatch, givers)))
    count = len({name.split("_")[1] for name in names})
    needed = {f"member_{number}_{part}" for number in range(count) for part in ("scale", "rows")}
    if not count or not needed <= set(names):
        raise BundleError(MISSING)
    maps = [_operand(givers, constants, f"member_{number}_maps") for number in range(count)]
    found = {kind: _operand(givers, constants, f"member_0_{kind}") for kind in KINDS}
    spreads = {kind: spread for kind, spread in found.items() if spread is not None}
    return Parts(names, count, tuple(maps), spreads)


def of_member(tensors: Tensors, number: int) -> Tensors:
    """Return the parts of one member by the rest of their names."""
    prefix = f"member_{number}_"
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _operand(givers: dict[str, Message], constants: dict[str, Message], name: str) -> Array | None:
    """Return the constant on the right of the node that gives this; None where there is no such node."""
    if name not in givers:
        return None
    constant = constants.get(givers[name].get("input", ["", ""])[1])
    if constant is None or constant.get("data_type") != FLOAT:
        raise BundleError(f"{name} of forecast.onnx has no constant on its right; export the run again")
    values = np.frombuffer(constant.get("raw_data", b""), "<f4").reshape(constant.get("dims", []))
    return values.astype(np.float64)
