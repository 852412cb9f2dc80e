"""Baseline (b): PyTorch eager with a KV cache, on the same weights. Prints {"ms": ..., "ids": ...} a line for each number of threads.

    python bench/baselines/pytorch_eager.py MODEL_FOLDER ROUNDS THREADS...

Letters: S sequences (conditional and unconditional), H heads, E head width, N image tokens, V codebook.
"""

import json
import sys
import time
from pathlib import Path

import torch
from easel_train.export import load_gpt
from easel_train.gpt import Gpt, rotate
from easel_train.noise import uniforms
from easel_train.onnx_engine import OnnxEngine
from easel_train.reference import DrawRequest, choose


@torch.inference_mode()
def draw(gpt: Gpt, request: DrawRequest) -> list[int]:
    c, blocks = gpt.config, gpt.blocks
    longest = max(len(request.caption_ids), len(request.unwanted_ids))
    room = longest + c.image_tokens
    keys = [torch.zeros(2, c.heads, room, c.head_width) for _ in blocks]
    values = [torch.zeros(2, c.heads, room, c.head_width) for _ in blocks]
    hidden = torch.zeros(2, 1, 1, room)

    captions = [request.caption_ids, request.unwanted_ids]
    ids = torch.zeros(2, longest, dtype=torch.long)
    for sequence, caption in enumerate(captions):
        ids[sequence, : len(caption)] = torch.tensor(caption)
        hidden[sequence, :, :, len(caption) : longest] = float("-inf")

    def attend(q, layer, length):
        return torch.nn.functional.scaled_dot_product_attention(
            q, keys[layer][:, :, :length], values[layer][:, :, :length], attn_mask=hidden[..., :length]
        )

    x = gpt.caption_embedding(ids) + gpt.caption_position[:longest]
    for layer, block in enumerate(blocks):
        q, k, v = block.project(x)
        keys[layer][:, :, :longest], values[layer][:, :, :longest] = k, v
        x = block.finish(x, attend(q, layer, longest))

    noise = uniforms(request.seed, request.picture, range(c.image_tokens))
    drawn: list[int] = []
    for token in range(c.image_tokens):
        before = drawn[-1] if drawn else c.codebook
        x = (gpt.image_embedding.weight[before] + gpt.image_position[token]).expand(2, 1, -1)
        cos, sin = gpt.cos[token], gpt.sin[token]
        place = longest + token
        for layer, block in enumerate(blocks):
            q, k, v = block.project(x)
            keys[layer][:, :, place], values[layer][:, :, place] = rotate(k, cos, sin)[:, :, 0], v[:, :, 0]
            x = block.finish(x, attend(rotate(q, cos, sin), layer, place + 1))
        conditional, unconditional = gpt.head(gpt.norm(x))[:, 0]
        logits = unconditional + request.guidance_at(token // c.columns) * (conditional - unconditional)
        drawn.append(choose(logits, request.top_k, request.temperature, float(noise[token])))
    return drawn


def main() -> None:
    folder, rounds, threads = Path(sys.argv[1]), int(sys.argv[2]), [int(t) for t in sys.argv[3:]]
    gpt = load_gpt(torch.load(folder / "train" / "gpt.pt", map_location="cpu", weights_only=True))
    request = OnnxEngine(folder).request("a red apple", seed=1)
    for count in threads:
        torch.set_num_threads(count)
        draw(gpt, request)
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            ids = draw(gpt, request)
            times.append((time.perf_counter() - start) * 1000)
        print(json.dumps({"threads": count, "ms": sorted(times)[len(times) // 2], "ids": ids}))


if __name__ == "__main__":
    main()
