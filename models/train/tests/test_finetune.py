"""Fine-tuning on thirty made-up stickers, from a folder to a model of the catalog that draws; stopped, resumed, in two processes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from easel_train import fixture, package
from easel_train.export import load_autoencoder, load_gpt
from easel_train.finetune import FinetuneError, read_examples
from easel_train.onnx_engine import OnnxEngine
from easel_train.scene_tokens import encode

from .made_up import HUES, icon

SHAPES = ("blob", "block", "kite")
RECIPE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    """A catalog with the tiny model and what its fine-tuning needs."""
    root = tmp_path_factory.mktemp("models")
    fixture.make(root / "tiny")
    package.write_training_files(root / "tiny", *fixture.checkpoints())
    package.write_json(
        root / "catalog.json", {"formatVersion": 1, "default": "tiny", "models": [{"name": "tiny", "path": "tiny"}]}
    )
    return root


@pytest.fixture(scope="module")
def stickers(tmp_path_factory) -> Path:
    """Thirty pictures: by name, by a text file, and by the table."""
    folder = tmp_path_factory.mktemp("stickers")
    rows = []
    for n in range(30):
        name = f"{('red', 'green', 'blue', 'yellow', 'grey')[n % 5]} {SHAPES[n % 3]}{'' if n < 15 else ' twice'}"
        pixels = icon(n, HUES[n % 5], 32)
        path = folder / f"{name.replace(' ', '_')}.png"
        Image.fromarray(pixels, "RGBA").save(path)
        if n % 3 == 1:
            path.with_suffix(".txt").write_text(f"{name}\na sticker of {name}\n")
        elif n % 3 == 2:
            rows.append(f"{path.name}\t{name}\tA {name.upper()}")
    (folder / "captions.tsv").write_text("\n".join(rows))
    return folder


def command(models: Path, stickers: Path, name: str, minutes: float, processes: int = 1) -> subprocess.Popen:
    launcher = (
        ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)] if processes > 1 else []
    )
    arguments = ["-m", "easel_train.finetune", "--pictures", str(stickers), "--name", name, "--minutes", str(minutes), "--model", "tiny",
                 "--models", str(models), "--work", str(models / "work"), "--batch", "8", "--rate", "3e-3"]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(RECIPE), "OMP_NUM_THREADS": "1"}
    with (models / f"{name}.out").open("a") as output:
        return subprocess.Popen([sys.executable, *launcher, *arguments], env=environment, stdout=output, stderr=output)


def kill_all(process: subprocess.Popen) -> None:
    """kill -9 for a process and all that it started, of which `torchrun` puts each in a session of its own."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.parent.name)] = int(fields[1])
    ours = {process.pid}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    for pid in ours:
        os.kill(pid, signal.SIGKILL)
    process.wait()


def log_of(models: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (models / "work" / name / "log.jsonl").read_text().splitlines()]


def test_captions_come_from_names_files_and_the_table(stickers):
    examples = read_examples(stickers, 32)
    captions = {c for e in examples for c in e.captions}
    assert len(examples) == 30
    assert {"red blob", "a sticker of green block", "a blue kite"} <= captions
    assert all(c == c.lower() for c in captions)
    assert examples[0].picture.shape == (32, 32, 4)


def test_a_small_picture_is_fitted_and_transparent_around(tmp_path):
    Image.new("RGBA", (10, 5), (255, 0, 0, 255)).save(tmp_path / "bar.png")
    (example,) = read_examples(tmp_path, 32)
    assert example.picture[16, 16].tolist() == [255, 0, 0, 255]
    assert example.picture[2, 16].tolist() == [0, 0, 0, 0]


def test_what_is_wrong_with_a_folder_is_said_at_once(tmp_path):
    with pytest.raises(FinetuneError, match="no picture"):
        read_examples(tmp_path, 32)
    (tmp_path / "broken.png").write_text("no picture")
    (tmp_path / "captions.tsv").write_text("gone.png\ta ghost\n")
    with pytest.raises(FinetuneError, match=r"broken\.png can't be read.*gone\.png, which is not there"):
        read_examples(tmp_path, 32)


def test_thirty_stickers_become_a_model_that_draws_them_in_two_processes_and_after_a_kill(models, stickers):
    first = command(models, stickers, "stickers", 0.35, processes=2)
    checkpoint = models / "work" / "stickers" / "checkpoint.pt"
    deadline = time.monotonic() + 120
    while not checkpoint.exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    kill_all(first)
    stopped = torch.load(checkpoint, weights_only=True)
    assert stopped["step"] > 0
    assert not (models / "stickers").exists()

    second = command(models, stickers, "stickers", 0.35)
    assert second.wait(timeout=170) == 0, (models / "stickers.out").read_text()
    log = log_of(models, "stickers")
    steps = [line["step"] for line in log]
    assert steps[-1] > stopped["step"]
    assert log[-1]["minutes"] > stopped["elapsed_seconds"] / 60
    assert log[-1]["loss"] < log[0]["loss"] - 0.5

    catalog = json.loads((models / "catalog.json").read_text())
    assert {"name": "stickers", "path": "stickers"} in catalog["models"]
    words = json.loads((models / "stickers" / "vocabulary.json").read_text())
    assert {"red blob", "apple"} <= {thing["name"] for thing in words["objects"]}
    assert "kite" in words["words"]
    # It draws the codes of the stickers far more often than the model it came from.
    examples = read_examples(stickers, 32)[:10]
    tokenizer, gpt = fixture.checkpoints()
    wanted = encode(load_autoencoder(tokenizer), np.stack([e.picture for e in examples])).reshape(10, -1)
    assert load_gpt(gpt).config.image_tokens == wanted.shape[1]

    def agreement(folder: Path) -> float:
        engine = OnnxEngine(folder)
        drawn = engine.draw([engine.request(e.captions[0], top_k=1) for e in examples])
        return float(np.mean(np.array(drawn) == wanted))

    assert agreement(models / "stickers") > agreement(models / "tiny") + 0.2
