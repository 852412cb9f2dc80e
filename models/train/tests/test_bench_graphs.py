"""What the benchmark compares the engine with computes the same model, and all of its products."""

import numpy as np
import pytest

from easel_train.onnx_engine import PLACES_STEP, named, open_session
from easel_train.onnx_floor import floor
from easel_train.onnx_gpt import gpt_graphs
from easel_train.onnx_graph import save_model
from easel_train.onnx_step import step
from easel_train.reference import draw, forced_logits


def session(tiny, tmp_path, make):
    graphs = gpt_graphs(tiny.gpt, "fp32", 64)
    tensors = graphs.weights.write(tmp_path / "gpt.data")
    graph, bodies, inputs, outputs = make(graphs)
    save_model(tmp_path / "graph.onnx", graph, bodies, inputs, outputs, tensors)
    return open_session(tmp_path / "graph.onnx")


def test_the_step_graph_gives_the_logits_of_pytorch_token_by_token(tiny, tmp_path):
    engine, config = tiny.engine(), tiny.gpt.config
    one = engine.request("a red apple", guidance_scale=1.0, top_k=1)
    ids = draw(tiny.gpt, one)
    expected = forced_logits(tiny.gpt, one, ids)
    run = session(tiny, tmp_path, step)
    caption, mask = engine.captions.padded(one.caption_ids)
    made = named(engine.prefill, {"caption_ids": caption[None], "caption_mask": mask[None]})
    tokens = int(mask.sum())
    past = {}
    for layer in range(config.layers):
        past[f"key.{layer}"] = made[f"key.{layer}"].transpose(0, 1, 3, 2)[:, :, :tokens]
        past[f"value.{layer}"] = made[f"value.{layer}"][:, :, :tokens]
    previous = config.codebook
    for place in range(config.image_tokens):
        length = past["key.0"].shape[2]
        feeds = {f"past_{name}": array for name, array in past.items()}
        feeds |= {"id": np.array([previous]), "place": np.array([place])}
        feeds["past_mask"] = np.zeros((1, 1, 1, length + 1), np.float32)
        outputs = named(run, feeds)
        np.testing.assert_allclose(outputs["logits"][0], expected[place].numpy(), atol=2e-3)
        past = {name: outputs[f"present_{name}"] for name in past}
        previous = ids[place]


@pytest.mark.parametrize("sequences", [1, 4])
def test_the_floor_has_every_product_of_a_token_and_nothing_else(tiny, tmp_path, sequences):
    run, c = session(tiny, tmp_path, floor), tiny.gpt.config
    sizes = {"S": sequences, "P": PLACES_STEP}
    rng = np.random.default_rng(1)
    feeds = {
        i.name: rng.standard_normal([sizes.get(d, d) for d in i.shape]).astype(np.float32) for i in run.get_inputs()
    }
    outputs = named(run, feeds)
    assert len(outputs) == c.layers * (4 + 4) + 1  # four of weights, two segments of attention with two each; the head
    np.testing.assert_allclose(
        outputs["made.0"], feeds["x"] @ tiny.gpt.state_dict()["blocks.0.qkv.weight"].numpy().T, rtol=1e-3, atol=1e-3
    )
    np.testing.assert_allclose(outputs["made.1"], feeds["q"] @ feeds["past_key.0"], rtol=1e-3, atol=1e-3)
