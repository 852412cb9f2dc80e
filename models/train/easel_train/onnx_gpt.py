"""The GPT as ONNX graphs (docs/model-format.md): `prefill`, `row` (a Loop over the columns) and, in onnx_unrolled.py, `row-unrolled`.

One builder writes the step of one token; `row` puts it into a Loop, `row-unrolled` repeats it for every column.

Letters: B slots, S = 2B sequences, T caption tokens, R rows, C columns, P past positions, H heads, E head width, D width,
V codebook, K the most codes one draw chooses from.
"""

import math
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto, helper

from .gpt import HIDDEN, Gpt, GptConfig
from .onnx_graph import MICROSOFT, Graph, WeightFile, value
from .quantise import BLOCK, quantise_matrix, quantise_table

EPSILON = 1e-6
MATRIX_BITS = {"fp32": None, "int8": 8, "int4": 4}
HEAD_BITS = {"fp32": None, "int8": 8, "int4": 8}  # the head decides the picture and is little of the work
INT8_ACTIVATIONS = 4  # MatMulNBits accuracy_level: products of int8 by int8 where the processor has them
HIDDEN_HALF = -6e4  # HIDDEN is beyond what float16 holds


@dataclass(frozen=True)
class GptGraphs:
    """Builds the graphs of one GPT in one precision; `weights` collects what they share."""

    config: GptConfig
    precision: str
    top_k_max: int
    weights: WeightFile
    matrices: dict[str, tuple[int, int, int | None, bool]]  # name -> (N, K, bits, has zero points)
    on_device: bool = False  # for a device that should not wait for the CPU within a row
    half: bool = (
        False  # between the weights and the logits, everything in float16 (the choice of a code stays in float32)
    )

    # --- pieces ---

    @property
    def floating(self) -> int:
        """The number type of the transformer's own work."""
        return TensorProto.FLOAT16 if self.half else TensorProto.FLOAT

    def weight(self, g: Graph, name: str) -> str:
        """A weight in `floating`: its float16 twin joins the weight file when a graph first asks for it."""
        if not self.half:
            return g.weight(name)
        twin = f"{name}.half"
        if twin not in self.weights.arrays:
            self.weights.add(twin, self.weights.arrays[name].astype(np.float16))
        return g.weight(twin)

    def zero(self, g: Graph) -> str:
        return g.constant(0, np.float16 if self.half else np.float32)

    def to_floating(self, g: Graph, x: str) -> str:
        return g.op("Cast", x, to=TensorProto.FLOAT16) if self.half else x

    def to_float(self, g: Graph, x: str) -> str:
        return g.op("Cast", x, to=TensorProto.FLOAT) if self.half else x

    def hiding(self, g: Graph, mask: str) -> str:
        """A mask of 0 and HIDDEN, float32, as `floating`."""
        return self.to_floating(g, g.op("Max", mask, g.constant(HIDDEN_HALF, np.float32))) if self.half else mask

    def matmul(self, g: Graph, x: str, name: str) -> str:
        n, k, bits, has_zeros = self.matrices[name]
        if bits is None:
            return g.op("MatMul", x, self.weight(g, name))
        parts = [g.weight(f"{name}.packed"), self.weight(g, f"{name}.scales")]
        if has_zeros:
            parts.append(g.weight(f"{name}.zeros"))
        attributes = {"N": n, "K": k, "bits": bits, "block_size": BLOCK, "accuracy_level": INT8_ACTIVATIONS}
        return g.op("MatMulNBits", x, *parts, domain=MICROSOFT, **attributes)

    def embed(self, g: Graph, table: str, ids: str) -> str:
        if self.precision == "fp32":
            return g.op("Gather", self.weight(g, table), ids, axis=0)
        scales = self.weight(g, f"{table}.scales")
        if self.on_device:  # worked out once, on loading: WebGPU looks up no int8
            whole = g.op("Cast", g.weight(f"{table}.levels"), to=self.floating)
            return g.op("Gather", g.op("Mul", whole, scales), ids, axis=0)
        levels = g.op("Cast", g.op("Gather", g.weight(f"{table}.levels"), ids, axis=0), to=self.floating)
        return g.op("Mul", levels, g.op("Gather", scales, ids, axis=0))

    def norm(self, g: Graph, x: str, weight: str) -> str:
        return g.op("SimplifiedLayerNormalization", x, self.weight(g, weight), axis=-1, epsilon=EPSILON)

    def add_and_norm(self, g: Graph, x: str, more: str, weight: str) -> tuple[str, str]:
        """(norm(x + more), x + more)"""
        both = g.op_many(
            "SkipSimplifiedLayerNormalization", 4, more, x, self.weight(g, weight), domain=MICROSOFT, epsilon=EPSILON
        )
        g.nodes[-1].output[1] = g.nodes[-1].output[2] = ""  # mean and deviation are not wanted
        return both[0], both[3]

    def feed_forward(self, g: Graph, x: str, layer: int) -> str:
        gate, up = g.op_many("Split", 2, self.matmul(g, x, f"gate_up.{layer}"), axis=-1, num_outputs=2)
        silu = g.op("QuickGelu", gate, domain=MICROSOFT, alpha=1.0)
        return self.matmul(g, g.op("Mul", silu, up), f"down.{layer}")

    def norm_after(self, layer: int) -> str:
        return f"norm1.{layer + 1}" if layer + 1 < self.config.layers else "norm"

    # --- prefill ---

    def read_caption(self, g: Graph) -> tuple[list[str], list[str]]:
        """caption_ids, caption_mask -> per layer keys (S, H, E, T) and values (S, H, T, E): laid out as the row reads them."""
        c = self.config
        t, h, e = c.caption_tokens, c.heads, c.head_width
        hidden = g.op("Mul", g.op("Sub", g.constant(1, np.float32), "caption_mask"), g.constant(HIDDEN, np.float32))
        mask = g.op("Unsqueeze", self.hiding(g, hidden), g.constant([1, 2]))  # (S, 1, 1, T)
        x = g.op(
            "Add", self.embed(g, "caption_embedding", "caption_ids"), self.weight(g, "caption_position")
        )  # (S, T, D)
        n = self.norm(g, x, "norm1.0")
        keys, values = [], []
        for layer in range(c.layers):
            split = g.op("Reshape", self.matmul(g, n, f"qkv.{layer}"), g.constant([0, t, 3 * h, e]))
            q, k, v = g.op_many("Split", 3, split, axis=2, num_outputs=3)  # (S, T, H, E)
            keys.append(g.op("Transpose", self.norm(g, k, f"k_norm.{layer}"), perm=[0, 2, 3, 1]))
            values.append(g.op("Transpose", v, perm=[0, 2, 1, 3]))
            if layer == c.layers - 1:
                break  # what the last layer makes of a caption is never read
            q = g.op("Transpose", self.norm(g, q, f"q_norm.{layer}"), perm=[0, 2, 1, 3])  # q_norm carries 1/sqrt(E)
            scores = g.op("Add", g.op("MatMul", q, keys[-1]), mask)
            attended = g.op("MatMul", g.op("Softmax", scores, axis=-1), values[-1])
            flat = g.op("Reshape", g.op("Transpose", attended, perm=[0, 2, 1, 3]), g.constant([0, t, c.width]))
            n, x = self.add_and_norm(g, x, self.matmul(g, flat, f"out.{layer}"), f"norm2.{layer}")
            n, x = self.add_and_norm(g, x, self.feed_forward(g, n, layer), self.norm_after(layer))
        return keys, values

    def prefill(self):
        """The caption alone; returns (graph, bodies, inputs, outputs)."""
        c, g = self.config, Graph()
        keys, values = self.read_caption(g)
        for layer, (k, v) in enumerate(zip(keys, values, strict=True)):
            g.rename(self.to_float(g, k), f"key.{layer}")
            g.rename(self.to_float(g, v), f"value.{layer}")
        return g, [], self.caption_inputs(), self.cache_values("", c.caption_tokens)

    def caption_inputs(self):
        t = self.config.caption_tokens
        return [value("caption_ids", TensorProto.INT64, ["S", t]), value("caption_mask", TensorProto.FLOAT, ["S", t])]

    def cache_values(self, prefix: str, places: int | str, f: int = TensorProto.FLOAT):
        """Descriptions of key (S, H, E, places) and value (S, H, places, E) of every layer."""
        h, e = self.config.heads, self.config.head_width
        pairs = [
            (value(f"{prefix}key.{i}", f, ["S", h, e, places]), value(f"{prefix}value.{i}", f, ["S", h, places, e]))
            for i in range(self.config.layers)
        ]
        return [one for pair in pairs for one in pair]

    # --- one row ---

    def before_row(self, g: Graph, past_mask: str, past_keys: list[str], past_values: list[str]) -> dict:
        """What every token of the row shares, worked out once a row."""
        c, k = self.config, self.top_k_max
        column = [1]
        choices = g.constant(np.arange(k), np.int64)
        allowed = g.op("Unsqueeze", "top_k", g.constant(column))  # (B, 1)
        dropped = g.op(
            "Where", g.op("Less", choices, allowed), g.constant(0, np.float32), g.constant(HIDDEN, np.float32)
        )
        return {
            "first_place": g.op("Mul", "row_index", g.constant(c.columns)),  # (S)
            "past_mask": self.hiding(g, past_mask),  # (S, 1, 1, P)
            "past_length": g.op("Shape", past_mask, start=3, end=4),
            "past_keys": past_keys,  # (S, H, E, P)
            "past_values": past_values,  # (S, H, P, E)
            "guidance": g.op("Unsqueeze", "guidance", g.constant(column)),  # (B, 1)
            "temperature": g.op("Unsqueeze", "temperature", g.constant(column)),
            "bias_strength": g.op("Unsqueeze", "bias_strength", g.constant(column)),
            "dropped": dropped,  # (B, K)
            "last_choice": g.op("Sub", allowed, g.constant(1)),
            "noise": g.op("Unsqueeze", "noise", g.constant([2])),  # (C, B, 1)
            "bias": g.op("Unsqueeze", g.op("Cast", "bias_ids", to=TensorProto.FLOAT), g.constant([2])),
            "codes": g.constant(np.arange(c.codebook), np.float32),
        }

    def _attend(self, g: Graph, row: dict, layer: int, q: str, row_key: str, row_value: str, lengths: str) -> str:
        """Attention over two segments that share one softmax: the past and this row. -> (S, D)"""
        past_key, past_value = row["past_keys"][layer], row["past_values"][layer]
        past = g.op("Add", g.op("MatMul", q, past_key), row["past_mask"])  # (S, H, 1, P)
        scores = g.op("Concat", past, g.op("MatMul", q, row_key), axis=3)
        on_past, on_row = g.op_many("Split", 2, g.op("Softmax", scores, axis=-1), lengths, axis=3)
        attended = g.op("Add", g.op("MatMul", on_past, past_value), g.op("MatMul", on_row, row_value))
        return g.op("Reshape", attended, g.constant([0, self.config.width]))

    def step(self, g: Graph, row: dict, column: str, ids: str, keys: list[str], values: list[str]):
        """One token: `ids` (S) before it -> drawn (B), ids (S), and this row's keys (S, H, E, c+1) and values (S, H, c+1, E)."""
        c = self.config
        h, e = c.heads, c.head_width
        place = g.op("Add", row["first_place"], column)  # (S)
        position = g.op("Unsqueeze", place, g.constant([1]))
        so_far = g.op("Unsqueeze", g.op("Add", column, g.constant(1)), g.constant([0]))
        lengths = g.op("Concat", row["past_length"], so_far, axis=0)
        x = g.op(
            "Add",
            self.embed(g, "image_embedding", ids),
            g.op("Gather", self.weight(g, "image_position"), place, axis=0),
        )
        n = self.norm(g, x, "norm1.0")
        keys, values = list(keys), list(values)
        for layer in range(c.layers):
            heads = g.op("Reshape", self.matmul(g, n, f"qkv.{layer}"), g.constant([0, 3 * h, 1, e]))
            q, k, v = g.op_many("Split", 3, heads, axis=1, num_outputs=3)  # (S, H, 1, E)
            q, k = (
                g.op(
                    "RotaryEmbedding",
                    self.norm(g, y, f"{kind}_norm.{layer}"),
                    position,
                    self.weight(g, "cos"),
                    self.weight(g, "sin"),
                    domain=MICROSOFT,
                )
                for y, kind in ((q, "q"), (k, "k"))
            )
            k = g.op("Reshape", k, g.constant([0, h, e, 1]))
            keys[layer] = g.op("Concat", keys[layer], k, axis=3) if keys[layer] else k
            values[layer] = g.op("Concat", values[layer], v, axis=2) if values[layer] else v
            attended = self._attend(g, row, layer, q, keys[layer], values[layer], lengths)
            n, x = self.add_and_norm(g, x, self.matmul(g, attended, f"out.{layer}"), f"norm2.{layer}")
            n, x = self.add_and_norm(g, x, self.feed_forward(g, n, layer), self.norm_after(layer))
        drawn = self._draw(g, row, column, self.to_float(g, self.matmul(g, n, "head")))
        return drawn, g.op("Concat", drawn, drawn, axis=0), keys, values

    def _draw(self, g: Graph, row: dict, column: str, logits: str) -> str:
        """Guidance, bias, temperature, top-k, inverse CDF: logits (S, V) -> ids (B)."""
        conditional, unconditional = g.op_many("Split", 2, logits, axis=0, num_outputs=2)
        pull = g.op("Mul", g.op("Sub", conditional, unconditional), row["guidance"])
        guided = g.op("Add", unconditional, pull)
        at_bias = g.op("Equal", row["codes"], g.op("Gather", row["bias"], column, axis=0))  # (B, V); -1 meets no code
        bias = g.op("Where", at_bias, row["bias_strength"], g.constant(0, np.float32))
        scaled = g.op("Div", g.op("Add", guided, bias), row["temperature"])
        best, codes = g.op_many("TopK", 2, scaled, g.constant([self.top_k_max]), axis=-1, largest=1, sorted=1)  # (B, K)
        chances = g.op("Softmax", g.op("Add", best, row["dropped"]), axis=-1)
        running = g.op("CumSum", chances, g.constant(1))
        passed = g.op("LessOrEqual", running, g.op("Gather", row["noise"], column, axis=0))
        if self.on_device:
            return self._choose_on_device(g, row, scaled, best, passed)
        count = g.op("ReduceSum", g.op("Cast", passed, to=TensorProto.INT64), g.constant([1]), keepdims=1)
        choice = g.op("Min", count, row["last_choice"])  # (B, 1)
        return g.op("Squeeze", g.op("GatherElements", codes, choice, axis=1), g.constant([1]))

    def _choose_on_device(self, g: Graph, row: dict, scaled: str, best: str, passed: str) -> str:
        """The same choice without int64, which WebGPU has no kernels for: a choice made on the CPU would stop the device once a
        token. The code is found again by its value; of two equal ones it is always the smaller."""
        zero, none = g.constant(0, np.float32), g.constant(self.config.codebook, np.float32)
        count = g.op("ReduceSum", g.op("Cast", passed, to=TensorProto.FLOAT), g.constant([1]), keepdims=1)
        choices = g.constant(np.arange(self.top_k_max), np.float32)
        chosen = g.op("Equal", choices, g.op("Min", count, g.op("Cast", row["last_choice"], to=TensorProto.FLOAT)))
        score = g.op("ReduceSum", g.op("Where", chosen, best, zero), g.constant([1]), keepdims=1)  # (B, 1)
        code = g.op("Where", g.op("Equal", scaled, score), row["codes"], none)  # (B, V)
        return g.op("Cast", g.op("ReduceMin", code, g.constant([1]), keepdims=0), to=TensorProto.INT32)  # (B)

    def slot_inputs(self):
        """How each slot draws this row."""
        c, f, i = self.config, TensorProto.FLOAT, TensorProto.INT64
        return [
            value("row_index", i, ["S"]),
            value("previous_id", i, ["S"]),
            value("guidance", f, ["B"]),
            value("temperature", f, ["B"]),
            value("top_k", i, ["B"]),
            value("noise", f, [c.columns, "B"]),
            value("bias_ids", i, [c.columns, "B"]),
            value("bias_strength", f, ["B"]),
        ]

    def ids_output(self):
        return value("ids", TensorProto.INT64, [self.config.columns, "B"])

    def row(self):
        """The row as a Loop; returns (graph, bodies, inputs, outputs). The past is read from outside the Loop and never copied.
        With `half` it comes and goes in float32 all the same."""
        c, g, body = self.config, Graph(), Graph("body_")
        layers = range(c.layers)
        pasts = [[self.to_floating(g, f"past_{kind}.{i}") for i in layers] for kind in ("key", "value")]
        row = self.before_row(g, "past_mask", *pasts)
        key_states, value_states = [f"body_keys.{i}" for i in layers], [f"body_values.{i}" for i in layers]
        drawn, ids, keys, values = self.step(body, row, "body_column", "body_ids", key_states, value_states)
        body.rename("body_go_on", "body_going_on")
        i = TensorProto.INT64
        carried = self._row_states(key_states, value_states)
        body_inputs = [
            value("body_column", i, []),
            value("body_go_on", TensorProto.BOOL, []),
            value("body_ids", i, ["S"]),
            *carried,
        ]
        body_outputs = [
            value("body_going_on", TensorProto.BOOL, []),
            value(ids, i, ["S"]),
            *self._row_states(keys, values),
            value(drawn, i, ["B"]),
        ]
        sequences = g.op("Shape", "previous_id")
        empty = [
            self.to_floating(g, g.op("ConstantOfShape", g.op("Concat", sequences, g.constant(rest), axis=0)))
            for rest in ([c.heads, c.head_width, 0], [c.heads, 0, c.head_width])
        ]
        names = [g.name("looped") for _ in range(2 * c.layers + 2)]
        states = [empty[0]] * c.layers + [empty[1]] * c.layers
        loop_inputs = [g.constant(c.columns), g.constant(True, np.bool_), "previous_id", *states]
        g.nodes.append(
            helper.make_node(
                "Loop",
                loop_inputs,
                names,
                name="columns",
                body=helper.make_graph(body.nodes, "column", body_inputs, body_outputs),
            )
        )
        g.rename(names[-1], "ids")
        for layer in layers:
            g.rename(self.to_float(g, names[1 + layer]), f"row_key.{layer}")
            g.rename(self.to_float(g, names[1 + c.layers + layer]), f"row_value.{layer}")
        mask = value("past_mask", TensorProto.FLOAT, ["S", 1, 1, "P"])
        inputs = [*self.slot_inputs(), mask, *self.cache_values("past_", "P")]
        return g, [body], inputs, [self.ids_output(), *self.cache_values("row_", c.columns)]

    def _row_states(self, keys: list[str], values: list[str]):
        h, e, f = self.config.heads, self.config.head_width, self.floating
        return [value(n, f, ["S", h, e, None]) for n in keys] + [value(n, f, ["S", h, None, e]) for n in values]


def gpt_graphs(gpt: Gpt, precision: str, top_k_max: int) -> GptGraphs:
    """Takes the weights out of a trained GPT, in the precision asked for."""
    if precision not in MATRIX_BITS:
        raise ValueError(f"unknown precision {precision!r}: use one of {', '.join(MATRIX_BITS)}")
    if not 1 <= top_k_max <= gpt.config.codebook:
        raise ValueError(f"topKMax {top_k_max} must lie between 1 and the codebook size {gpt.config.codebook}")
    weights, matrices = WeightFile(), {}
    state = {name: tensor.detach().float().cpu().numpy() for name, tensor in gpt.state_dict().items()}
    for table in ("caption_embedding", "image_embedding"):
        _add_table(weights, table, state[f"{table}.weight"], precision)
    for name in ("caption_position", "image_position"):
        weights.add(name, state[name])
    weights.add("cos", gpt.cos.float().cpu().numpy())
    weights.add("sin", gpt.sin.float().cpu().numpy())
    for i in range(gpt.config.layers):
        block = f"blocks.{i}"
        for name in ("norm1", "norm2", "k_norm"):
            weights.add(f"{name}.{i}", state[f"{block}.{name}.weight"])
        weights.add(f"q_norm.{i}", state[f"{block}.q_norm.weight"] / math.sqrt(gpt.config.head_width))
        for name in ("qkv", "out", "gate_up", "down"):
            matrices[f"{name}.{i}"] = _add_matrix(
                weights, f"{name}.{i}", state[f"{block}.{name}.weight"], MATRIX_BITS[precision]
            )
    weights.add("norm", state["norm.weight"])
    matrices["head"] = _add_matrix(weights, "head", state["head.weight"], HEAD_BITS[precision])
    return GptGraphs(gpt.config, precision, top_k_max, weights, matrices)


def _add_matrix(
    weights: WeightFile, name: str, weight: np.ndarray, bits: int | None
) -> tuple[int, int, int | None, bool]:
    n, k = weight.shape
    if bits is None:
        weights.add(name, weight.T)
        return n, k, None, False
    quantised = quantise_matrix(weight, bits)
    weights.add(f"{name}.packed", quantised.packed)
    weights.add(f"{name}.scales", quantised.scales.reshape(-1))
    if quantised.zeros is not None:
        weights.add(f"{name}.zeros", quantised.zeros.reshape(-1))
    return n, k, bits, quantised.zeros is not None


def _add_table(weights: WeightFile, name: str, table: np.ndarray, precision: str) -> None:
    if precision == "fp32":
        weights.add(name, table)
        return
    levels, scales = quantise_table(table)
    weights.add(f"{name}.levels", levels)
    weights.add(f"{name}.scales", scales)
