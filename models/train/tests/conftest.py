"""One tiny model with random weights, exported once for all tests (see easel_train/fixture.py)."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from easel_train import fixture, package
from easel_train.autoencoder import Autoencoder
from easel_train.export import load_autoencoder, load_gpt
from easel_train.gpt import Gpt
from easel_train.onnx_engine import OnnxEngine

torch.set_num_threads(1)


@dataclass(frozen=True)
class Tiny:
    gpt: Gpt
    autoencoder: Autoencoder
    folders: dict[str, Path]  # by precision

    def engine(self, precision: str = "fp32", row_graph: str = "row", half: bool = False) -> OnnxEngine:
        return OnnxEngine(self.folders[precision], row_graph, half=half)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    root = tmp_path_factory.mktemp("tiny")
    fixture.make(root / "fp32")
    for precision in ("int8", "int4"):
        shutil.copytree(root / "fp32", root / precision)
        for file in (root / precision / precision).iterdir():
            shutil.copy(file, root / precision)
        package.finish(root / precision, json.loads((root / precision / "model.json").read_text()))
    tokenizer, gpt = fixture.checkpoints()
    return Tiny(load_gpt(gpt), load_autoencoder(tokenizer), {p: root / p for p in ("fp32", "int8", "int4")})


@pytest.fixture
def copy_of(tiny: Tiny, tmp_path: Path):
    """A folder of its own with the fp32 model, free to be spoilt."""
    shutil.copytree(tiny.folders["fp32"], tmp_path / "model")
    return tmp_path / "model"
