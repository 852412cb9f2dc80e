import hashlib
import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch

from easel_train import fixture, package
from easel_train.export import ExportError, check_fit, export, load_autoencoder, load_gpt, main, read_about
from easel_train.gpt import Gpt
from easel_train.onnx_engine import OnnxEngine, open_session
from easel_train.onnx_gpt import gpt_graphs
from easel_train.reference import agreement

BPE = fixture.FOLDER / "tokenizer.json"


def test_every_file_is_listed_with_its_size_and_hash(tiny):
    folder = tiny.folders["fp32"]
    files = json.loads((folder / "model.json").read_text())["files"]
    assert set(files) == {
        role for role in package.FILES if not role.endswith("Half")
    }  # a model in fp32 has no float16 twin
    for entry in files.values():
        content = (folder / entry["path"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_the_committed_fixture_is_what_the_exporter_writes(tiny):
    """The graphs to the byte; weights are random numbers, which another processor may round otherwise."""
    for name in (
        "prefill.onnx",
        "row.onnx",
        "row-unrolled.onnx",
        "int8/row.onnx",
        "int8/row-half.onnx",
        "int8/row-unrolled-half.onnx",
        "vocabulary.json",
        "tokenizer.json",
    ):
        fresh = (tiny.folders["fp32"] / name).read_bytes()
        assert (fixture.FOLDER / name).read_bytes() == fresh, f"{name} is old: run python -m easel_train.fixture"


def test_the_committed_fixture_still_draws_its_reference():
    engine = OnnxEngine(fixture.FOLDER)
    for case in json.loads((fixture.FOLDER / "reference.json").read_text())["cases"]:
        (ids,) = engine.draw([engine.request(case["caption"], seed=case["seed"])])
        assert ids == case["ids"]


def test_the_export_is_the_same_every_time(tiny, tmp_path):
    fixture.make(tmp_path)
    fresh = json.loads((tmp_path / "model.json").read_text())
    assert fresh == json.loads((tiny.folders["fp32"] / "model.json").read_text())


def names_and_shapes(values) -> dict:
    return {value.name: (value.type, list(value.shape)) for value in values}


SLOTS = {
    "row_index": ("tensor(int64)", ["S"]),
    "previous_id": ("tensor(int64)", ["S"]),
    "guidance": ("tensor(float)", ["B"]),
    "temperature": ("tensor(float)", ["B"]),
    "top_k": ("tensor(int64)", ["B"]),
    "noise": ("tensor(float)", [4, "B"]),
    "bias_ids": ("tensor(int64)", [4, "B"]),
    "bias_strength": ("tensor(float)", ["B"]),
}
IDS = {"ids": ("tensor(int64)", [4, "B"])}
CAPTION = {"caption_ids": ("tensor(int64)", ["S", 16]), "caption_mask": ("tensor(float)", ["S", 16])}


def cache(prefix: str, places: int | str, kind: str = "float") -> dict:
    keys = {f"{prefix}key.{i}": (f"tensor({kind})", ["S", 2, 32, places]) for i in range(2)}
    return keys | {f"{prefix}value.{i}": (f"tensor({kind})", ["S", 2, places, 32]) for i in range(2)}


@pytest.mark.parametrize("name", ["fp32/row", "int8/row", "int4/row", "int8/row-half", "int4/row-half"])
def test_the_row_graph_has_the_inputs_and_outputs_of_the_format_page(tiny, name):
    precision, file = name.split("/")
    session = open_session(tiny.folders[precision] / f"{file}.onnx")
    mask = {"past_mask": ("tensor(float)", ["S", 1, 1, "P"])}
    assert names_and_shapes(session.get_inputs()) == SLOTS | mask | cache("past_", "P")
    assert names_and_shapes(session.get_outputs()) == IDS | cache("row_", 4)


@pytest.mark.parametrize("name", ["fp32/", "int8/", "int4/", "int8/-half", "int4/-half"])
def test_the_unrolled_row_graph_has_the_inputs_and_outputs_of_the_format_page(tiny, name):
    precision, ending = name.split("/")
    session = open_session(tiny.folders[precision] / f"row-unrolled{ending}.onnx")
    kind = "float16" if ending else "float"  # the cache never leaves the device
    begins = {"any_begins": ("tensor(bool)", []), "begins": ("tensor(bool)", ["S", 1, 1, 1])}
    assert names_and_shapes(session.get_inputs()) == SLOTS | CAPTION | begins | cache("cache_", 16 + 3 * 4, kind)
    assert names_and_shapes(session.get_outputs()) == IDS | cache("next_", 16 + 3 * 4, kind)


def test_prefill_and_decoders_have_the_inputs_and_outputs_of_the_format_page(tiny):
    folder = tiny.folders["fp32"]
    prefill = open_session(folder / "prefill.onnx")
    assert (names_and_shapes(prefill.get_inputs()), names_and_shapes(prefill.get_outputs())) == (CAPTION, cache("", 16))
    for name, side in (("decoder", 32), ("preview", 16)):
        session = open_session(folder / f"{name}.onnx")
        assert names_and_shapes(session.get_inputs()) == {"ids": ("tensor(int64)", ["B", 16])}
        assert names_and_shapes(session.get_outputs()) == {"pixels": ("tensor(float)", ["B", 4, side, side])}


def kinds(path) -> set[str]:
    """Operators of a graph file, loop bodies included."""
    found = set()

    def walk(graph) -> None:
        for node in graph.node:
            found.add(node.op_type)
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.GRAPH:
                    walk(attribute.g)

    walk(onnx.load(path, load_external_data=False).graph)
    return found


def test_only_the_looped_row_has_a_loop(tiny):
    folder = tiny.folders["fp32"]
    assert "Loop" in kinds(folder / "row.onnx")
    # If is the one kind of branching that WebGPU has a kernel for: it skips reading captions where none begins.
    assert kinds(folder / "row-unrolled.onnx") & {"Loop", "If", "Scan"} == {"If"}


@pytest.mark.parametrize("precision", ["int8", "int4"])
def test_quantised_graphs_multiply_quantised_weights_and_are_smaller(tiny, precision):
    folder = tiny.folders[precision]
    assert "MatMulNBits" in kinds(folder / "row.onnx")
    assert (folder / "gpt.data").stat().st_size < 0.35 * (tiny.folders["fp32"] / "gpt.data").stat().st_size


def test_int8_convolutions_paint_nearly_the_same(tiny, tmp_path):
    tokenizer, gpt = fixture.checkpoints()
    about = package.About(name="half", title="Half")
    export(tokenizer, gpt, BPE, fixture.FOLDER / "vocabulary.json", about, "int8", tmp_path / "half")
    half, full = OnnxEngine(tmp_path / "half"), tiny.engine()
    (ids,) = full.draw([full.request("a red apple", seed=1)])
    # Random weights amplify every rounding; of a trained decoder 8 bits cost a hundredth of a decibel.
    assert np.abs(half.decode([ids]) - full.decode([ids])).mean() < 0.02
    assert (tmp_path / "half/decoder.onnx").stat().st_size < 0.6 * (
        tiny.folders["fp32"] / "decoder.onnx"
    ).stat().st_size
    kept = torch.load(tmp_path / "half/train/gpt.pt", weights_only=True)
    assert load_gpt(kept).config == fixture.GPT  # fine-tuning starts from these


def test_the_teacher_is_greedy_and_clear(tiny):
    engine = tiny.engine()
    teacher = json.loads((tiny.folders["fp32"] / "reference.json").read_text())["teacher"]
    request = engine.request(teacher["caption"], top_k=1, temperature=1.0)
    assert engine.draw([request]) == [teacher["greedyIds"]]
    assert agreement(tiny.gpt, request, teacher["ids"]) == 1
    assert teacher["leastMargin"] > 0


def test_pieces_of_different_trainings_are_refused_with_every_mismatch(tiny):
    from tokenizers import Tokenizer

    config = replace(fixture.GPT, codebook=1000, rows=8, caption_vocabulary=300)
    with pytest.raises(ExportError) as refused:
        check_fit(config, fixture.AUTOENCODER, Tokenizer.from_file(str(BPE)), top_k=100, top_k_max=64)
    message = str(refused.value)
    for part in ("1000 codes", "125", "8 x 4", "caption table only 300", "topK 100", "one training run"):
        assert part in message


def test_a_checkpoint_whose_weights_do_not_fit_its_config_is_refused(tmp_path):
    tokenizer, gpt = fixture.checkpoints()
    gpt["config"] = gpt["config"] | {"width": 128, "heads": 4}
    with pytest.raises(ExportError, match="GPT checkpoint's weights don't fit"):
        export(tokenizer, gpt, BPE, None, package.About(name="x", title="x"), "fp32", tmp_path)


def test_an_unknown_precision_and_too_many_choices_are_refused(tiny):
    with pytest.raises(ValueError, match="fp32, int8, int4"):
        gpt_graphs(tiny.gpt, "int2", 64)
    with pytest.raises(ValueError, match="between 1 and the codebook size 125"):
        gpt_graphs(tiny.gpt, "fp32", 126)


def run_cli(monkeypatch, folder, gpt: dict) -> None:
    """`python -m easel_train.export` over checkpoints in `folder`."""
    tokenizer, _ = fixture.checkpoints()
    torch.save(tokenizer, folder / "tokenizer.pt")
    torch.save(gpt, folder / "gpt.pt")
    (folder / "about.json").write_text('{"name": "cli", "title": "From the command line", "sampling": {"topK": 5}}')
    options = {
        "--tokenizer": folder / "tokenizer.pt",
        "--gpt": folder / "gpt.pt",
        "--bpe": BPE,
        "--vocabulary": fixture.FOLDER / "vocabulary.json",
        "--about": folder / "about.json",
        "--precision": "int8",
        "--out": folder / "out",
    }
    monkeypatch.setattr("sys.argv", ["export", *(str(part) for pair in options.items() for part in pair)])
    main()


def test_the_command_line_makes_a_whole_model(tmp_path, monkeypatch, capsys):
    run_cli(monkeypatch, tmp_path, fixture.checkpoints()[1])
    model = json.loads((tmp_path / "out/model.json").read_text())
    assert set(model["files"]) == set(package.FILES)
    assert (model["name"], model["precision"], model["sampling"]["topK"]) == ("cli", "int8", 5)
    assert model["sampling"]["topKMax"] == 125  # not more than there are codes
    printed = capsys.readouterr().out
    assert "full precision" in printed
    for name in ("row.onnx", "train/gpt.pt", "train/tokenizer.pt"):
        assert name in printed
    engine = OnnxEngine(tmp_path / "out")
    assert len(engine.draw([engine.request("a cat", seed=1)])[0]) == 16


def test_the_command_line_refuses_a_mismatch_in_one_sentence_and_writes_nothing(tmp_path, monkeypatch):
    config = replace(fixture.GPT, codebook=100)
    other = {"config": config.to_dict(), "model": Gpt(config).state_dict(), "step": 0, "history": []}
    with pytest.raises(SystemExit, match="100 codes but the tokenizer has 125"):
        run_cli(monkeypatch, tmp_path, other)
    assert not (tmp_path / "out").exists()


def test_a_config_of_another_version_is_refused():
    tokenizer, _ = fixture.checkpoints()
    tokenizer["config"] = tokenizer["config"] | {"widths": (1, 2)}
    with pytest.raises(ExportError, match="tokenizer checkpoint's config is not one of this version"):
        load_autoencoder(tokenizer)


@pytest.mark.parametrize("content", ['{"name": "x"}', '{"name": "x", "title": "x", "licence": "MIT"}', "{"])
def test_an_about_file_that_does_not_describe_a_model_is_refused(tmp_path, content):
    (tmp_path / "about.json").write_text(content)
    with pytest.raises(ExportError, match=r"about\.json doesn't describe a model"):
        read_about(tmp_path / "about.json")
