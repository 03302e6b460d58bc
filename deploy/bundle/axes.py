"""Say how large the axes of a tensor are, operator by operator, as far as a graph alone tells.

The sizes that matter are those of at least 1. Where several have to be the same, all have to be known. A rule
raises IndexError, TypeError or ValueError where it knows too little, and for operands that onnxruntime
refuses itself.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Literal

import numpy as np

from .wire import Message

END = np.iinfo(np.int64).max  # of a Slice: to the end
SOME: Final = "some"  # a size of at least 1
MAX_AXES = 8  # an exporter writes 4; of tens of thousands onnxruntime overflows its stack

Item = int | Literal["some"] | None  # None: any integer, and of a size 0, too
Dims = tuple[Item, ...]


@dataclass(frozen=True)
class Value:
    """The axes of a tensor, and its elements if it is a short list; None: nothing is known of them."""

    dims: Dims
    items: tuple[Item, ...] | None = None

    def integers(self) -> tuple[Item, ...]:
        """Return the elements. Raises TypeError if it is no short list."""
        if self.items is None:
            raise TypeError("no short list of integers")
        return self.items

    def exact(self) -> list[int]:
        """Return the elements. Raises TypeError if one of them is not known."""
        found = [item for item in self.integers() if isinstance(item, int)]
        if len(found) < len(self.integers()):
            raise TypeError("unknown integers")
        return found


_ONE = Value((1,), (1,))
Attributes = dict[str, Message]
Values = Sequence[Value]


def outputs_of(kind: str, inputs: Values, attributes: Attributes) -> Values:
    """Return the outputs of an operator. Raises ValueError where their axes do not follow from the graph."""
    try:
        found = _RULES.get(kind, _elementwise)(inputs, attributes)
    except (IndexError, TypeError, ValueError, KeyError):
        raise ValueError(f"the axes of what {kind} gives do not follow from the graph") from None
    for value in found:
        if len(value.dims) > MAX_AXES:
            raise ValueError(f"{kind} gives {len(value.dims)} axes, expected at most {MAX_AXES}")
    return found


def positive(item: Item) -> bool:
    """Return whether an integer is surely at least 1."""
    return item == SOME or (isinstance(item, int) and item > 0)


def integer(attributes: Attributes, name: str, default: int) -> int:
    """Return the integer of an attribute."""
    found: int = attributes[name].get("i", 0) if name in attributes else default
    return found


def _size(item: Item) -> Item:
    """Return an integer as a size: what is not surely at least 1 is not known."""
    return item if positive(item) else None


def _product(sizes: Iterable[Item]) -> Item:
    known = tuple(sizes)
    if not all(map(positive, known)):
        return None
    exact = [size for size in known if isinstance(size, int)]
    return math.prod(exact) if len(exact) == len(known) else SOME


def _common(sizes: Iterable[Item]) -> Item:
    """Return the size of an axis that is repeated as in numpy where it is 1."""
    known = tuple(sizes)
    if not all(map(positive, known)):
        return None
    exact = [size for size in known if isinstance(size, int)]
    largest = max(exact, default=1)
    return SOME if largest == 1 and len(exact) < len(known) else largest


def _joined(*shapes: Dims) -> Dims:
    aligned = zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1)
    return tuple(map(_common, aligned))[::-1]


def _put(dims: Dims, places: Iterable[int], size: Item) -> Dims:
    changed = list(dims)
    for place in places:
        changed[place] = size
    return tuple(changed)


def _elementwise(inputs: Values, _: Attributes) -> Values:
    """Return what all operators give that have no rule of their own; of a list its length is known."""
    dims, lists = _joined(*(value.dims for value in inputs)), [value for value in inputs if value.dims]
    items = None
    if len(dims) == 1 and all(value.items is not None for value in lists):
        (length,) = {len(value.integers()) for value in lists} - {1} or {1}
        items = (None,) * length
    return [Value(dims, items)]


def _expand(inputs: Values, _: Attributes) -> Values:
    return [Value(_joined(inputs[0].dims, inputs[1].integers()))]


def _flatten(inputs: Values, attributes: Attributes) -> Values:
    dims, axis = inputs[0].dims, integer(attributes, "axis", 1)
    return [Value((_product(dims[:axis]), _product(dims[axis:])))]


def _reshape(inputs: Values, _: Attributes) -> Values:
    """Keep an axis where the size is 0; −1 is what is left, which is something if there is anything."""
    dims = inputs[0].dims
    left: Item = SOME if _product(dims) else None
    sizes = enumerate(inputs[1].integers())
    return [Value(tuple(dims[n] if size == 0 else left if size == -1 else _size(size) for n, size in sizes))]


def _shape(inputs: Values, attributes: Attributes) -> Values:
    dims = inputs[0].dims
    part = dims[integer(attributes, "start", 0) : integer(attributes, "end", len(dims))]
    return [Value((len(part) or None,), part)]


def _squeeze(inputs: Values, _: Attributes) -> Values:
    dims = inputs[0].dims
    gone = {range(len(dims))[place] for place in inputs[1].exact()}
    return [Value(tuple(size for place, size in enumerate(dims) if place not in gone))]


def _unsqueeze(inputs: Values, _: Attributes) -> Values:
    dims, axes = inputs[0].dims, inputs[1].exact()
    places, rest = range(len(dims) + len(axes)), iter(dims)
    fresh = {places[place] for place in axes}
    return [Value(tuple(1 if place in fresh else next(rest, None) for place in places))]


def _transpose(inputs: Values, attributes: Attributes) -> Values:
    dims = inputs[0].dims
    return [Value(tuple(dims[place] for place in attributes["perm"].get("ints", ())))]


def _concat(inputs: Values, attributes: Attributes) -> Values:
    axis, shapes = integer(attributes, "axis", 0), [value.dims for value in inputs]
    dims = [_common(sizes) for sizes in zip(*shapes, strict=True)]
    along = [shape[axis] for shape in shapes]
    exact = [size for size in along if isinstance(size, int)]
    dims[axis] = sum(exact) if len(exact) == len(along) else SOME if any(map(positive, along)) else None
    items = None
    if len(dims) == 1 and all(value.items is not None for value in inputs):
        items = tuple(item for value in inputs for item in value.integers())
    return [Value(tuple(dims), items)]


def _gather(inputs: Values, attributes: Attributes) -> Values:
    dims = inputs[0].dims
    axis = range(len(dims))[integer(attributes, "axis", 0)]
    return [Value((*dims[:axis], *inputs[1].dims, *dims[axis + 1 :]))]


def _pad(inputs: Values, _: Attributes) -> Values:
    """Add to axes. What is added may be below 0 where it is computed: it then takes away."""
    dims, pads = inputs[0].dims, inputs[1].integers()
    sides = zip(dims, pads[: len(dims)], pads[len(dims) :], strict=True)
    return [Value(tuple(_padded(*side) for side in sides))]


def _padded(size: Item, before: Item, behind: Item) -> Item:
    if not all(pad == SOME or (isinstance(pad, int) and pad >= 0) for pad in (before, behind)):
        return None
    if isinstance(size, int) and isinstance(before, int) and isinstance(behind, int):
        return size + before + behind
    return SOME if positive(size) else None


def _slice(inputs: Values, _: Attributes) -> Values:
    """Cut one axis, by default the first. Of an unknown size nothing may be left, but by [::step]."""
    dims, (axis,) = inputs[0].dims, inputs[3].exact() if inputs[3:] else [0]
    (begin,), (end,), (step,) = (value.integers() for value in (*inputs[1:3], *(inputs[4:] or [_ONE])))
    size, left = dims[axis], None
    if isinstance(step, int) and step > 0:
        if isinstance(size, int) and isinstance(begin, int) and isinstance(end, int):
            left = len(range(size)[begin:end:step])
        elif positive(size) and (begin, end) == (0, END):
            return [Value(_put(dims, [axis], SOME))]
    return [Value(_put(dims, [axis], _size(left)))]


def _split(inputs: Values, attributes: Attributes) -> Values:
    dims, axis = inputs[0].dims, integer(attributes, "axis", 0)
    return [Value(_put(dims, [axis], _size(size))) for size in inputs[1].integers()]


def _topk(inputs: Values, attributes: Attributes) -> Values:
    (count,) = inputs[1].integers()
    return [Value(_put(inputs[0].dims, [integer(attributes, "axis", -1)], _size(count)))] * 2


def _reduce(inputs: Values, _: Attributes) -> Values:
    return [Value(_put(inputs[0].dims, inputs[1].exact(), 1))]


def _gemm(inputs: Values, attributes: Attributes) -> Values:
    (rows, _), weights = inputs[0].dims, inputs[1].dims
    return [Value((rows, weights[0 if integer(attributes, "transB", 0) else 1]))]


def _matmul(inputs: Values, _: Attributes) -> Values:
    (*left, rows, _inner), (*right, _inner, width) = inputs[0].dims, inputs[1].dims
    return [Value((*_joined(tuple(left), tuple(right)), rows, width))]


def _lstm(inputs: Values, _: Attributes) -> Values:
    (time, batch, _inputs), (_directions, _gates, hidden) = inputs[0].dims, inputs[2].dims
    state = Value((1, batch, hidden))
    return [Value((time, 1, batch, hidden)), state, state]


_RULES: dict[str, Callable[[Values, Attributes], Values]] = {
    "Concat": _concat,
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "GatherElements": lambda inputs, _: [Value(inputs[1].dims)],
    "Gemm": _gemm,
    "LSTM": _lstm,
    "MatMul": _matmul,
    "Pad": _pad,
    "Range": lambda _inputs, _: [Value((None,))],
    **dict.fromkeys(("ReduceMax", "ReduceMin", "ReduceSum"), _reduce),
    "Reshape": _reshape,
    "Shape": _shape,
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "TopK": _topk,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
