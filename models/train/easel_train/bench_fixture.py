"""The benchmark's model: `python -m easel_train.bench_fixture --out DIR`. Random weights, 256 tokens, about 5 M parameters.

Writes `fp32` and `int8`, whole models in format 1, each with two graphs besides that the engine never uses and the benchmark compares
it with: `step.onnx` (onnx_step.py) and `floor.onnx` (onnx_floor.py).
"""

import argparse
import tempfile
from pathlib import Path

import torch

from . import fixture, package
from .autoencoder import Autoencoder, AutoencoderConfig
from .bpe import train_bpe
from .export import export, load_gpt
from .gpt import Gpt, GptConfig
from .onnx_floor import floor
from .onnx_gpt import gpt_graphs
from .onnx_graph import save_model
from .onnx_step import step

SEED = 21
PRECISIONS = ("fp32", "int8")
TOP_K_MAX = 128
AUTOENCODER = AutoencoderConfig(
    32, (4, 4, 8, 8), 16, 1, (8,), (1,), 16
)  # decoding is not what is compared: nearly nothing
GPT = GptConfig(6, 256, 8, 672, 400, 48, AUTOENCODER.codebook, 16, 16)


def make(out: Path) -> None:
    torch.manual_seed(SEED)
    models = ((Autoencoder(AUTOENCODER), AUTOENCODER), (Gpt(GPT), GPT))
    # As float16 holds them: `train/gpt.pt`, which PyTorch draws with, and the graphs then have the same weights.
    tokenizer, gpt = (
        {
            "config": config.to_dict(),
            "model": {name: tensor.half().float() for name, tensor in model.state_dict().items()},
            "step": 0,
            "history": [],
        }
        for model, config in models
    )
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        bpe, words = Path(folder) / "tokenizer.json", Path(folder) / "vocabulary.json"
        train_bpe(fixture.captions(), GPT.caption_vocabulary).save(str(bpe))
        package.write_json(words, fixture.vocabulary())
        for precision in PRECISIONS:
            sampling = {"topK": 100, "topKMax": TOP_K_MAX}
            about = package.About(name=f"bench-{precision}", title="Random model for benchmarks", sampling=sampling)
            export(tokenizer, gpt, bpe, words, about, precision, out / precision)
            graphs = gpt_graphs(load_gpt(gpt), precision, TOP_K_MAX)
            # The same weights as the model's own graphs, at the same places of its file: written once more elsewhere to learn those.
            tensors = graphs.weights.write(Path(folder) / package.FILES["weights"])
            for name, (graph, bodies, inputs, outputs) in (("step", step(graphs)), ("floor", floor(graphs))):
                save_model(out / precision / f"{name}.onnx", graph, bodies, inputs, outputs, tensors)
    listed = [{"name": f"bench-{precision}", "path": precision} for precision in PRECISIONS]
    package.write_json(out / "catalog.json", {"formatVersion": 1, "default": listed[0]["name"], "models": listed})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    torch.set_num_threads(1)
    make(parser.parse_args().out)


if __name__ == "__main__":
    main()
