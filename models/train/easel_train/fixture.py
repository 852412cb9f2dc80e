"""The tests' tiny model: `python -m easel_train.fixture [--out DIR]`. Random weights from a fixed seed, the whole of format 1."""

import argparse
import tempfile
from itertools import product
from pathlib import Path

import torch

from . import package
from .autoencoder import Autoencoder, AutoencoderConfig
from .bpe import train_bpe
from .export import export, load_gpt, write_graphs
from .gpt import Gpt, GptConfig

SEED = 20
FOLDER = Path(__file__).parents[3] / "test" / "fixtures" / "tiny-model"
AUTOENCODER = AutoencoderConfig(32, (5, 5, 5), 16, 1, (8, 16, 16), (1, 1, 1), 16)
GPT = GptConfig(2, 64, 2, 160, 400, 16, AUTOENCODER.codebook, 4, 4)
OBJECTS = [
    ("apple", "🍎", "food", []), ("cat", "🐱", "animals", ["kitty"]), ("dog", "🐶", "animals", ["puppy"]), ("fox", "🦊", "animals", []),
    ("rainbow", "🌈", "weather", []), ("star", "⭐", "symbols", []), ("sun", "☀️", "weather", []), ("tree", "🌳", "plants", []),
    ("house", "🏠", "places", ["home"]), ("car", "🚗", "travel", ["automobile"]), ("heart", "❤️", "symbols", []),
    ("pizza", "🍕", "food", []), ("smiley", "😀", "faces", ["smiling face"]),
]  # fmt: skip
COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"]
STYLES = [("flat", "flat style"), ("noto", "noto style")]
BACKGROUNDS = ["sky", "grass", "night"]
COUNTS = ["one", "two", "three", "four", "five"]
RELATIONS = ["left of", "right of", "above", "below", "on"]
CHINESE = ["一只猫", "红苹果", "一只狐狸", "彩虹", "一只狗", "星星"]


def captions() -> list[str]:
    names = [name for name, *_ in OBJECTS]
    result = [f"a {colour} {name}" for colour, name in product(COLOURS, names)]
    result += [f"{count} {name}s" for count, name in product(COUNTS, names)]
    result += [f"a {a} {relation} a {b}" for a, relation, b in product(names, RELATIONS, names) if a != b]
    result += [
        f"a {name}, {words}, on {background}" for name, (_, words), background in product(names, STYLES, BACKGROUNDS)
    ]
    return result + CHINESE * 5


def vocabulary() -> dict:
    words = sorted({word.strip(",") for caption in captions() if caption.isascii() for word in caption.split()})
    return {
        "objects": [dict(zip(("name", "emoji", "category", "aliases"), o, strict=True)) for o in OBJECTS],
        "colours": [{"name": name, "aliases": []} for name in COLOURS],
        "styles": [{"name": name, "words": words, "aliases": []} for name, words in STYLES],
        "backgrounds": [{"name": name, "aliases": []} for name in BACKGROUNDS],
        "words": words,
    }


def checkpoints() -> tuple[dict, dict]:
    """Tokenizer and GPT with random weights, large enough that caption, seed and every token so far change what is drawn."""
    torch.manual_seed(SEED)
    autoencoder, gpt = Autoencoder(AUTOENCODER), Gpt(GPT)
    with torch.no_grad():
        for name, parameter in gpt.named_parameters():
            if parameter.ndim == 2:
                fan_in = parameter.shape[1] if "embedding" not in name and "position" not in name else 1
                parameter.normal_(std=1.5 / fan_in**0.5)
            else:
                parameter.uniform_(0.7, 1.3)
        gpt.head.weight.mul_(2)
        for parameter in autoencoder.parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=1.6 / parameter[0].numel() ** 0.5)
    made = ((autoencoder, AUTOENCODER), (gpt, GPT))
    return tuple(
        {"config": config.to_dict(), "model": model.state_dict(), "step": 0, "history": []} for model, config in made
    )


def make(out: Path) -> None:
    tokenizer, gpt = checkpoints()
    out.mkdir(parents=True, exist_ok=True)
    about = package.About(
        name="tiny",
        title="Tiny random model for tests",
        sampling={"guidanceScale": 2.0, "guidanceRampRows": 2, "topK": 20, "topKMax": 64, "temperature": 1.0},
        styles=[{"name": name, "words": words} for name, words in STYLES],
        sources=[{"name": "random numbers", "version": str(SEED), "license": "CC0-1.0"}],
    )
    with tempfile.TemporaryDirectory() as folder:
        bpe, words = Path(folder) / "tokenizer.json", Path(folder) / "vocabulary.json"
        train_bpe(captions(), GPT.caption_vocabulary).save(str(bpe))
        package.write_json(words, vocabulary())
        export(tokenizer, gpt, bpe, words, about, "fp32", out, training_files=False)
    for precision in ("int8", "int4"):
        write_graphs(out / precision, None, load_gpt(gpt), precision, about.sampling["topKMax"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    torch.set_num_threads(1)
    make(parser.parse_args().out)


if __name__ == "__main__":
    main()
