"""Tensors of a graph under construction, with the operators and methods of torch's tensors.

Each operation appends one node. ONNX converts no element types, so a number is written as what it is added
to: 1 becomes an int64 constant, 1.0 a float32 one. Arrays become constants, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray

from forecaster.export.nodes.emitter import Emitter
from forecaster.export.nodes.protobuf import FLOAT, INT32, Attribute, Sizes

Constant = NDArray[Any] | Sequence[int] | float
Operand = Union["Value", Constant]
Place = Union["Value", int]  # a position along an axis: a number, or an int64 value of shape (1,)
END = np.iinfo(np.int64).max  # behind the last position of any axis


def _unary(kind: str) -> "Callable[[Value], Value]":
    return lambda value: op(kind, value)


def _binary(kind: str) -> "Callable[[Value, Operand], Value]":
    return lambda value, other: op(kind, value, other)


def _reduction(kind: str) -> "Callable[[Value, int], Value]":
    return lambda value, axis: op(kind, value, [axis])


@dataclass(frozen=True)
class Value:
    """A tensor of a graph under construction: its graph, and its name there."""

    graph: Emitter
    name: str

    # Element by element; numbers and smaller shapes are repeated as in numpy.
    __add__ = _binary("Add")
    __sub__ = _binary("Sub")
    __mul__ = __rmul__ = _binary("Mul")
    __truediv__ = _binary("Div")
    __floordiv__ = _binary("Div")  # of whole numbers from 0, for which it rounds down
    __mod__ = _binary("Mod")
    __matmul__ = _binary("MatMul")
    __lt__ = _binary("Less")
    __le__ = _binary("LessOrEqual")
    __gt__ = _binary("Greater")
    __ge__ = _binary("GreaterOrEqual")
    __and__ = _binary("And")
    __invert__ = _unary("Not")
    equal = _binary("Equal")
    maximum = _binary("Max")
    minimum = _binary("Min")
    abs = _unary("Abs")
    sqrt = _unary("Sqrt")
    isnan = _unary("IsNaN")
    # The bits of these depend on the batch; registers.py makes them independent of it.
    exp = _unary("Exp")
    log = _unary("Log")
    sin = _unary("Sin")
    cos = _unary("Cos")
    sum = _reduction("ReduceSum")
    # Along one axis, which stays with size 1.
    amax = _reduction("ReduceMax")
    amin = _reduction("ReduceMin")

    def __getitem__(self, cuts: tuple[slice, ...]) -> "Value":
        """Cut one axis, such as the second by [:, begin:end]."""
        ((axis, cut),) = ((axis, cut) for axis, cut in enumerate(cuts) if cut != slice(None))
        begin, end = 0 if cut.start is None else cut.start, END if cut.stop is None else cut.stop
        return self.cut(axis, begin, end, cut.step)

    def cut(self, axis: int, begin: Place, end: Place, step: int | None = None) -> "Value":
        """Return the positions from begin to before end along an axis, or every step-th of them."""
        places = [place if isinstance(place, Value) else [place] for place in (begin, end)]
        return op("Slice", self, *places, [axis], *([] if step is None else [[step]]))

    def isfinite(self) -> "Value":
        """Return where neither NaN nor infinity stands: bool."""
        return self.abs() < np.inf

    def to_float(self) -> "Value":
        """Return the same as float32; True is 1."""
        return op("Cast", self, to=FLOAT)

    def to_int32(self) -> "Value":
        """Return the same as int32."""
        return op("Cast", self, to=INT32)

    def sort(self, size: int) -> "Value":
        """Sort the last axis, which has this size, ascending."""
        return ops("TopK", 2, self, [size], axis=-1, largest=0, sorted=1)[0]

    def sizes(self, begin: int, end: int) -> "Value":
        """Return the sizes of some axes: int64 (end - begin,)."""
        return op("Shape", self, start=begin, end=end)

    def reshape(self, *sizes: int) -> "Value":
        """Return the same elements in another shape. 0 is the size that an axis has, -1 what is left."""
        return op("Reshape", self, sizes)

    def flatten(self, axis: int) -> "Value":
        """Join the axes before this one, and those from it on, to two axes."""
        return op("Flatten", self, axis=axis)

    def permute(self, *axes: int) -> "Value":
        """Return the axes in another order."""
        return op("Transpose", self, perm=axes)

    def unsqueeze(self, *axes: int) -> "Value":
        """Insert axes of size 1."""
        return op("Unsqueeze", self, axes)

    def squeeze(self, axis: int) -> "Value":
        """Remove an axis of size 1."""
        return op("Squeeze", self, [axis])

    def expand(self, sizes: Operand) -> "Value":
        """Repeat axes of size 1 up to these sizes; where 1 is asked for an axis stays as it is."""
        return op("Expand", self, sizes)

    def split(self, sizes: Sequence[int]) -> "list[Value]":
        """Cut the second axis into parts of these sizes."""
        return [self] if len(sizes) == 1 else ops("Split", len(sizes), self, sizes, axis=1)

    def gather(self, axis: int, index: "Value") -> "Value":
        """Return the elements at an index along an axis, in the shape of the index."""
        return op("GatherElements", self, index, axis=axis)

    def column(self, number: Operand) -> "Value":
        """Return columns of the second axis by their numbers, with the axes that the numbers have."""
        return op("Gather", self, number, axis=1)

    def pad(self, sizes: Operand, number: float) -> "Value":
        """Add so many of a number before each axis, then behind each. sizes: int64 (2 × rank,)."""
        return op("Pad", self, sizes, number)

    def call(self, part: str) -> "Value":
        """Give it a name by which a runtime can ask for it, and return it; see Emitter.call."""
        self.graph.call(self.name, part)
        return self

    def to_output(self, name: str, sizes: Sizes) -> None:
        """Declare that this is a float32 output of its graph."""
        self.graph.output(name, self.name, sizes)


def from_input(graph: Emitter, name: str, dtype: str, sizes: Sizes) -> Value:
    """Declare an input of a graph, float32 or int64, and return it."""
    graph.input(name, dtype, sizes)
    return Value(graph, name)


def constant(graph: Emitter, number: Constant) -> Value:
    """Return a constant of a graph as a tensor that arithmetic can begin with."""
    return Value(graph, graph.constant(np.asarray(number)))


def op(kind: str, *operands: Operand | None, **attributes: Attribute) -> Value:
    """Append a node with one output, to the graph of the first operand that is in one."""
    return ops(kind, 1, *operands, **attributes)[0]


def ops(kind: str, outputs: int, *operands: Operand | None, **attributes: Attribute) -> list[Value]:
    """Append a node with several outputs. An operand of None is an optional input left out."""
    graph = next(operand.graph for operand in operands if isinstance(operand, Value))
    inputs = []
    for operand in operands:
        value = operand if operand is None or isinstance(operand, Value) else constant(graph, operand)
        inputs.append("" if value is None else value.name)
    return [Value(graph, name) for name in graph.node(kind, inputs, outputs, **attributes)]
