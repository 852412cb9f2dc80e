"""What a host writes first: one token a run, the whole cache in and out. The benchmark's baseline; the engine never loads it.

Letters: S sequences, P places of the past, H heads, E head width, V codebook.
"""

from onnx import TensorProto

from .onnx_gpt import EPSILON, GptGraphs
from .onnx_graph import MICROSOFT, Graph, value


def step(graphs: GptGraphs):
    """`id` (S), `place` (S), `past_mask` (S, 1, 1, P + 1), past_{key,value}.{l} (S, H, P, E) -> `logits` (S, V) and present_{key,value}.{l}
    (S, H, P + 1, E); returns (graph, bodies, inputs, outputs)."""
    c, g = graphs.config, Graph()
    h, e = c.heads, c.head_width
    position = g.op("Unsqueeze", "place", g.constant([1]))
    x = g.op(
        "Add", graphs.embed(g, "image_embedding", "id"), g.op("Gather", g.weight("image_position"), "place", axis=0)
    )
    n = graphs.norm(g, x, "norm1.0")
    for layer in range(c.layers):
        heads = g.op("Reshape", graphs.matmul(g, n, f"qkv.{layer}"), g.constant([0, 3 * h, 1, e]))
        q, k, v = g.op_many("Split", 3, heads, axis=1, num_outputs=3)  # (S, H, 1, E)
        q, k = (
            g.op(
                "RotaryEmbedding",
                g.op("SimplifiedLayerNormalization", y, g.weight(f"{kind}_norm.{layer}"), axis=-1, epsilon=EPSILON),
                position,
                g.weight("cos"),
                g.weight("sin"),
                domain=MICROSOFT,
            )
            for y, kind in ((q, "q"), (k, "k"))
        )
        keys = g.op("Concat", f"past_key.{layer}", k, axis=2)
        values = g.op("Concat", f"past_value.{layer}", v, axis=2)
        g.rename(keys, f"present_key.{layer}")
        g.rename(values, f"present_value.{layer}")
        scores = g.op("Add", g.op("MatMul", q, g.op("Transpose", keys, perm=[0, 1, 3, 2])), "past_mask")
        attended = g.op("MatMul", g.op("Softmax", scores, axis=-1), values)
        flat = g.op("Reshape", attended, g.constant([0, c.width]))
        n, x = graphs.add_and_norm(g, x, graphs.matmul(g, flat, f"out.{layer}"), f"norm2.{layer}")
        n, x = graphs.add_and_norm(g, x, graphs.feed_forward(g, n, layer), graphs.norm_after(layer))
    g.rename(graphs.matmul(g, n, "head"), "logits")
    f, i = TensorProto.FLOAT, TensorProto.INT64
    layers = [f"{kind}.{n}" for n in range(c.layers) for kind in ("key", "value")]
    inputs = [value("id", i, ["S"]), value("place", i, ["S"]), value("past_mask", f, ["S", 1, 1, "Q"])]
    inputs += [value(f"past_{name}", f, ["S", h, "P", e]) for name in layers]
    outputs = [value("logits", f, ["S", c.codebook])]
    outputs += [value(f"present_{name}", f, ["S", h, "Q", e]) for name in layers]
    return g, [], inputs, outputs
