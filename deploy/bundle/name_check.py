"""Check the names of a graph: each is given once, before it is taken, and no body hides one from outside.

The other checks know a tensor by its name. A body that declared a name of the graph around it would let them
look at another tensor than onnxruntime does: at a divisor of 5 in the place of one of −1.
"""

from .wire import Message

_NOTHING: frozenset[str] = frozenset()


def check_names(graph: Message) -> None:
    """Check a GraphProto and the bodies in it; bodies that are not within each other may use the same names.

    Raises ValueError with the first name that is empty, given twice, or taken before anything gives it; and
    for outputs that no node of the same graph gives.
    """
    _check(graph, _NOTHING, _NOTHING, "the graph")


def body_of(node: Message) -> tuple[Message, int]:
    """Return the body of a Scan, and how many of its inputs are carried; the others are scanned, row by row.

    Raises ValueError unless it has a body that takes and gives as many tensors as the Scan.
    """
    attributes = {attribute.get("name"): attribute for attribute in node.get("attribute", ())}
    body: Message = attributes.get("body", {}).get("g", {})
    scanned = attributes.get("num_scan_inputs", {}).get("i", 0)
    found, expected = ([len(part.get(side, ())) for side in ("input", "output")] for part in (body, node))
    carried = expected[0] - scanned
    if found != expected or scanned < 1 or not 0 <= carried <= expected[1]:
        raise ValueError(
            f"a Scan of {expected} inputs and outputs, {scanned} of them scanned, has a body of {found}"
        )
    return body, carried


def _check(graph: Message, around: frozenset[str], known: frozenset[str], where: str) -> None:
    """Check one graph. around: all names of the graph that it lies in; known: those given before it."""
    nodes = graph.get("node", ())
    given = [value.get("name", "") for value in (*graph.get("initializer", ()), *graph.get("input", ()))]
    computed = [name for node in nodes for name in node.get("output", ())]
    own: set[str] = set()
    for name in (*given, *computed):
        if not name:
            raise ValueError(f"{where} has a tensor without a name")
        if name in own:
            raise ValueError(f"two tensors of {where} have the same name, {name!r}")
        if name in around:
            raise ValueError(f"{where} declares {name!r}, which is a tensor of the graph around it")
        own.add(name)
    seen = known | set(given)
    for node in nodes:
        for name in node.get("input", ()):
            if name and name not in seen:
                raise ValueError(f"{where} takes {name!r} for {node['op_type']}, which nothing gives before")
        if node["op_type"] == "Scan":
            _check(body_of(node)[0], frozenset(own), seen, "the body of Scan")
        seen |= set(node.get("output", ()))  # a new set: what a body was given stays
    _check_outputs([value.get("name", "") for value in graph.get("output", ())], set(computed), where)


def _check_outputs(outputs: list[str], computed: set[str], where: str) -> None:
    for name in outputs:
        if name not in computed:
            raise ValueError(f"{where} has the output {name!r}, which no node of it gives")
    if len(set(outputs)) < len(outputs):
        raise ValueError(f"{where} has the same output twice")
