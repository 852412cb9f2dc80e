"""Checkpoints -> a model folder: `python -m easel_train.export --tokenizer CKPT --gpt CKPT --bpe tokenizer.json --vocabulary
vocabulary.json --about about.json --precision int8 --out DIR`."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer

from . import package
from .autoencoder import Autoencoder, AutoencoderConfig
from .gpt import Gpt, GptConfig
from .onnx_decoder import DecoderGraph
from .onnx_gpt import MATRIX_BITS, gpt_graphs
from .onnx_graph import save_model
from .onnx_unrolled import row_unrolled


class ExportError(ValueError):
    """The checkpoints, tokenizer and options don't fit together; the message says which and what to do."""


def load_autoencoder(checkpoint: dict) -> Autoencoder:
    config = {key: tuple(v) if isinstance(v, list) else v for key, v in checkpoint["config"].items()}
    return _load(lambda: Autoencoder(AutoencoderConfig(**config)), checkpoint, "tokenizer")


def load_gpt(checkpoint: dict) -> Gpt:
    return _load(lambda: Gpt(GptConfig(**checkpoint["config"])), checkpoint, "GPT")


def _load(build: Callable[[], torch.nn.Module], checkpoint: dict, what: str) -> torch.nn.Module:
    try:
        model = build()
    except TypeError as error:
        raise ExportError(f"the {what} checkpoint's config is not one of this version: train again. {error}") from error
    try:
        model.load_state_dict({key: tensor.float() for key, tensor in checkpoint["model"].items()})
    except RuntimeError as error:
        raise ExportError(
            f"the {what} checkpoint's weights don't fit its own config: was it written by another version? {error}"
        ) from error
    return model.eval()


def check_fit(gpt: GptConfig, autoencoder: AutoencoderConfig, bpe: Tokenizer, top_k: int, top_k_max: int) -> None:
    """Raises ExportError with every mismatch at once."""
    problems = []
    if gpt.codebook != autoencoder.codebook:
        problems.append(
            f"the GPT speaks {gpt.codebook} codes but the tokenizer has {autoencoder.codebook} (levels {autoencoder.levels})"
        )
    if (gpt.rows, gpt.columns) != (autoencoder.grid, autoencoder.grid):
        problems.append(
            f"the GPT draws {gpt.rows} x {gpt.columns} tokens but the tokenizer's grid is {autoencoder.grid} x {autoencoder.grid}"
        )
    if bpe.get_vocab_size() > gpt.caption_vocabulary:
        problems.append(
            f"the BPE has {bpe.get_vocab_size()} tokens but the GPT's caption table only {gpt.caption_vocabulary}"
        )
    if not 1 <= top_k <= top_k_max:
        problems.append(f"topK {top_k} must lie between 1 and topKMax {top_k_max}")
    if problems:
        raise ExportError(
            "can't export: " + "; ".join(problems) + ". Use checkpoints, BPE and defaults of one training run."
        )


def write_graphs(folder: Path, autoencoder: Autoencoder | None, gpt: Gpt, precision: str, top_k_max: int) -> None:
    """The graphs and the weight file; without an autoencoder only the GPT's. Those in float16 share the weights of the others
    and add the few that are no bits: scales, norms, positions."""
    folder.mkdir(parents=True, exist_ok=True)
    graphs = gpt_graphs(gpt, precision, top_k_max)
    made = {}
    for twin, ending in ((graphs, ""), (replace(graphs, half=True), "Half")):
        if not ending or precision != "fp32":  # float16 twins of fp32 weights would be half a model more
            made |= {f"prefill{ending}": twin.prefill(), f"row{ending}": twin.row()}
            made[f"rowUnrolled{ending}"] = row_unrolled(twin)
    tensors = graphs.weights.write(folder / package.FILES["weights"])
    for role in ("prefillHalf", "rowHalf", "rowUnrolledHalf"):  # of an export before this one, to other weights
        (folder / package.FILES[role]).unlink(missing_ok=True)
    for role, (graph, bodies, inputs, outputs) in made.items():
        save_model(folder / package.FILES[role], graph, bodies, inputs, outputs, tensors)
    if autoencoder is not None:
        half = precision != "fp32"
        for role in ("decoder", "preview"):
            graph, inputs, outputs = getattr(DecoderGraph(autoencoder, half), role)()
            save_model(folder / package.FILES[role], graph, [], inputs, outputs, {})


def export(
    tokenizer: dict,
    gpt: dict,
    bpe: Path,
    vocabulary: Path | None,
    about: package.About,
    precision: str,
    out: Path,
    training_files: bool = True,
) -> None:
    """`tokenizer` and `gpt` are checkpoints: {'config', 'model', 'step', 'history'}."""
    if precision not in MATRIX_BITS:
        raise ExportError(f"unknown precision {precision!r}: use one of {', '.join(MATRIX_BITS)}")
    autoencoder_model, gpt_model = load_autoencoder(tokenizer), load_gpt(gpt)
    sampling = package.SAMPLING_DEFAULTS | about.sampling
    check_fit(
        gpt_model.config, autoencoder_model.config, Tokenizer.from_file(str(bpe)), sampling["topK"], sampling["topKMax"]
    )
    model = package.manifest(about, gpt_model, autoencoder_model.config, precision)
    write_graphs(out, autoencoder_model, gpt_model, precision, model["sampling"]["topKMax"])
    package.copy_file(bpe, out, "tokenizer")
    if vocabulary is not None:
        package.copy_file(vocabulary, out, "vocabulary")
    package.finish(out, model)  # the engine that draws the reference reads it
    package.write_reference(out, gpt_model)
    package.finish(out, model)
    if training_files:
        package.write_training_files(out, tokenizer, gpt)


def read_about(path: Path) -> package.About:
    try:
        return package.About(**json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, json.JSONDecodeError) as error:
        raise ExportError(
            f"{path} doesn't describe a model ({error}): see About in package.py for its fields"
        ) from error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokenizer", type=Path, required=True, help="checkpoint of train_tokenizer")
    parser.add_argument("--gpt", type=Path, required=True, help="checkpoint of train_gpt")
    parser.add_argument("--bpe", type=Path, required=True, help="tokenizer.json of train_gpt")
    parser.add_argument("--vocabulary", type=Path, required=True, help="vocabulary.json of train_gpt")
    parser.add_argument(
        "--about",
        type=Path,
        required=True,
        help="JSON with fields of package.About: name, title, sampling, sources ...",
    )
    parser.add_argument("--precision", choices=list(MATRIX_BITS), default="int8")
    parser.add_argument("--no-training-files", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer, gpt = (torch.load(path, map_location="cpu", weights_only=True) for path in (args.tokenizer, args.gpt))
    try:
        about = read_about(args.about)
        export(tokenizer, gpt, args.bpe, args.vocabulary, about, args.precision, args.out, not args.no_training_files)
    except ExportError as error:
        sys.exit(str(error))
    reference = json.loads((args.out / package.FILES["reference"]).read_text(encoding="utf-8"))
    for case in reference["cases"]:
        print(f"{case['agreement']:>10.1%}  of the ids of {case['caption']!r} are those of full precision")
    for path in sorted(p for p in args.out.rglob("*") if p.is_file()):
        print(f"{path.stat().st_size:>10}  {path.relative_to(args.out)}")


if __name__ == "__main__":
    main()
