"""The matrix products of a row and nothing between them: how fast this runtime could be. The engine never loads it.

Letters: S sequences, P places of the past, C columns, H heads, E head width, D width.
"""

import numpy as np
from onnx import TensorProto, helper

from .onnx_gpt import GptGraphs
from .onnx_graph import Graph, value


def floor(graphs: GptGraphs):
    """The weights' and the attention's products of C tokens, each fed what has its shape; returns (graph, bodies, inputs, outputs).
    A row's own keys grow from one column to C: half of them are taken for all."""
    c, g, body = graphs.config, Graph(), Graph("body_")
    h, e, f = c.heads, c.head_width, TensorProto.FLOAT
    made = []
    for layer in range(c.layers):
        made.append((graphs.matmul(body, "x", f"qkv.{layer}"), ["S", 3 * c.width]))
        for keys, values, places in (("past", "past", "P"), ("row", "row", c.columns // 2)):
            made.append((body.op("MatMul", "q", f"{keys}_key.{layer}"), ["S", h, 1, places]))
            made.append((body.op("MatMul", f"{values}_chances", f"{values}_value.{layer}"), ["S", h, 1, e]))
        made.append((graphs.matmul(body, "x", f"out.{layer}"), ["S", c.width]))
        made.append((graphs.matmul(body, "x", f"gate_up.{layer}"), ["S", 2 * c.hidden]))
        made.append((graphs.matmul(body, "hidden", f"down.{layer}"), ["S", c.width]))
    made.append((graphs.matmul(body, "x", "head"), ["S", c.codebook]))
    body.rename("body_go_on", "body_going_on")
    # Carried from one turn to the next, so that none is left out as unused.
    states = [f"body_state.{i}" for i in range(len(made))]
    body_inputs = [value("body_column", TensorProto.INT64, []), value("body_go_on", TensorProto.BOOL, [])]
    body_inputs += [value(name, f, shape) for name, (_, shape) in zip(states, made, strict=True)]
    body_outputs = [value("body_going_on", TensorProto.BOOL, [])] + [value(name, f, shape) for name, shape in made]
    first = g.op("Identity", "x")
    names = [g.name("looped") for _ in made]
    loop = helper.make_graph(body.nodes, "column", body_inputs, body_outputs)
    inputs = [g.constant(c.columns), g.constant(True, np.bool_), *[first] * len(made)]
    g.nodes.append(helper.make_node("Loop", inputs, names, name="columns", body=loop))
    for i, name in enumerate(names):
        g.rename(name, f"made.{i}")
    taken = [value("x", f, ["S", c.width]), value("hidden", f, ["S", c.hidden]), value("q", f, ["S", h, 1, e])]
    taken += [value("past_chances", f, ["S", h, 1, "P"]), value("row_chances", f, ["S", h, 1, c.columns // 2])]
    taken += graphs.cache_values("past_", "P") + graphs.cache_values("row_", c.columns // 2)
    return g, [body], taken, [value(f"made.{i}", f, shape) for i, (_, shape) in enumerate(made)]
