"""The row for devices that have no Loop kernel (WebGPU) and keep the cache: `row-unrolled` of docs/model-format.md.

Everything that belongs to a picture stays on the device between two calls: the caption is read, and a slot is reset, inside the
graph, at a fixed batch. Only ids come back.

Letters: B slots, S = 2B sequences, T caption tokens, R rows, C columns, P = T + (R - 1) C places, H heads, E head width.
"""

from dataclasses import replace

import numpy as np
from onnx import TensorProto, helper

from .gpt import HIDDEN
from .onnx_gpt import GptGraphs
from .onnx_graph import Graph, value


def row_unrolled(graphs: GptGraphs):
    """Returns (graph, bodies, inputs, outputs)."""
    graphs = replace(graphs, on_device=True)
    c, g = graphs.config, Graph()
    kinds, layers = ("key", "value"), range(c.layers)
    begun, bodies = _begin(graphs, g)
    past = {kind: [begun[f"{kind}.{i}"] for i in layers] for kind in kinds}
    row = graphs.before_row(g, _past_mask(graphs, g), past["key"], past["value"])
    ids, keys, values = g.op("Cast", "previous_id", to=TensorProto.INT32), [""] * c.layers, [""] * c.layers
    drawn = []
    for column in range(c.columns):
        token, ids, keys, values = graphs.step(g, row, g.constant(column), ids, keys, values)
        drawn.append(g.op("Unsqueeze", token, g.constant([0])))
    g.rename(g.op("Cast", g.op("Concat", *drawn, axis=0), to=TensorProto.INT64), "ids")
    for kind, rows, axis in (("key", keys, 3), ("value", values, 2)):
        for i in layers:
            g.rename(_append(graphs, g, past[kind][i], rows[i], axis), f"next_{kind}.{i}")
    begins = [value("any_begins", TensorProto.BOOL, []), value("begins", TensorProto.BOOL, ["S", 1, 1, 1])]
    places = c.caption_tokens + (c.rows - 1) * c.columns
    inputs = [
        *graphs.slot_inputs(),
        *begins,
        *graphs.caption_inputs(),
        *graphs.cache_values("cache_", places, graphs.floating),
    ]
    return g, bodies, inputs, [graphs.ids_output(), *graphs.cache_values("next_", places, graphs.floating)]


def _begin(graphs: GptGraphs, g: Graph) -> tuple[dict[str, str], list[Graph]]:
    """The cache in which the slots that begin have their captions and nothing else. Skipped by most rows, where none begins."""
    c = graphs.config
    reading, keeping = Graph("reading_"), Graph("keeping_")
    room = (c.rows - 1) * c.columns
    keys, values = graphs.read_caption(reading)
    names, read, kept = [], [], []
    for kind, captions, pads in (("key", keys, [0] * 7 + [room]), ("value", values, [0] * 6 + [room, 0])):
        for i, caption in enumerate(captions):
            names.append(f"{kind}.{i}")
            padded = reading.op("Pad", caption, reading.constant(pads), graphs.zero(reading))
            read.append(reading.op("Where", "begins", padded, f"cache_{kind}.{i}"))
            kept.append(keeping.op("Identity", f"cache_{kind}.{i}"))
    outputs = [g.name("begun") for _ in names]
    branches = [
        helper.make_graph(part.nodes, name, [], [value(one, graphs.floating, None) for one in results])
        for part, name, results in ((reading, "begin", read), (keeping, "keep", kept))
    ]
    g.nodes.append(
        helper.make_node("If", ["any_begins"], outputs, name="begin", then_branch=branches[0], else_branch=branches[1])
    )
    return dict(zip(names, outputs, strict=True)), [reading, keeping]


def _past_mask(graphs: GptGraphs, g: Graph) -> str:
    """(S, 1, 1, P): 0 where a sequence may look, its caption and its finished rows, HIDDEN elsewhere."""
    c = graphs.config
    rows = np.repeat(np.arange(c.rows - 1), c.columns)  # of every image place of the past
    index = g.op("Unsqueeze", g.op("Cast", "row_index", to=TensorProto.FLOAT), g.constant([1]))  # (S, 1)
    done = g.op("Cast", g.op("Greater", index, g.constant(rows, np.float32)), to=TensorProto.FLOAT)
    hidden = g.op("Sub", g.constant(1, np.float32), g.op("Concat", "caption_mask", done, axis=1))
    return g.op("Unsqueeze", g.op("Mul", hidden, g.constant(HIDDEN, np.float32)), g.constant([1, 2]))


def _append(graphs: GptGraphs, g: Graph, past: str, row: str, axis: int) -> str:
    """`past` with the finished `row` at each sequence's own place; the last row has none, since nothing comes after it."""
    c = graphs.config
    places = np.arange(c.caption_tokens + (c.rows - 1) * c.columns) - c.caption_tokens
    shape = (-1, 1) if axis == 2 else (-1,)
    row_of_place = np.where(places < 0, -1, places // c.columns).reshape(shape)
    index = g.op("Unsqueeze", g.op("Cast", "row_index", to=TensorProto.FLOAT), g.constant([1, 2, 3]))  # (S, 1, 1, 1)
    here = g.op("Equal", index, g.constant(row_of_place, np.float32))
    spread = g.op("Gather", row, g.constant(places % c.columns), axis=axis)
    return g.op("Where", here, spread, past)
