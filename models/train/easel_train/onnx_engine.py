"""Draws with an exported model through onnxruntime, several pictures at a time, each at its own row. What the engine does, in Python.

Letters: B slots, S = 2B sequences, T caption tokens, C columns, P past positions, H heads, E head width.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime

from .caption import CaptionEncoder
from .gpt import HIDDEN
from .noise import uniforms
from .reference import DrawRequest


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@dataclass
class Slot:
    """One picture being drawn. `past` holds the keys and values of each layer, (T + N, 2, H, E), conditional first."""

    request: DrawRequest
    mask: np.ndarray  # (2, T): 0 visible, HIDDEN padding
    past: dict[str, np.ndarray]
    ids: list[int] = field(default_factory=list)


class OnnxEngine:
    """`folder` is an exported model; `row_graph` picks the looped ("row") or the unrolled ("rowUnrolled") one."""

    def __init__(self, folder: Path, row_graph: str = "row", threads: int = 1):
        self.folder = folder
        self.manifest = json.loads((folder / "model.json").read_text())
        self.caption_tokens = self.manifest["caption"]["tokens"]
        self.rows, self.columns = self.manifest["grid"]["rows"], self.manifest["grid"]["columns"]
        self.layers, self.codebook = self.manifest["transformer"]["layers"], self.manifest["codebookSize"]
        # P is always that of the last row, what is not drawn yet hidden. Otherwise the longest past of a batch decides in which
        # order a kernel adds up the shorter ones, int8 activations round otherwise, and a picture depends on its neighbours.
        self.past = self.caption_tokens + (self.rows - 1) * self.columns
        self._threads = threads
        self.prefill = self._open("prefill")
        self.row = self._open(row_graph)
        self.captions = CaptionEncoder.load(folder / self.manifest["files"]["tokenizer"]["path"], self.caption_tokens)
        self._decoders: dict[str, onnxruntime.InferenceSession] = {}

    def _open(self, role: str) -> onnxruntime.InferenceSession:
        return open_session(self.folder / self.manifest["files"][role]["path"], self._threads)

    def request(self, caption: str, unwanted: str | None = None, **options) -> DrawRequest:
        """A request with the model's own defaults for what `options` leaves open."""
        sampling = self.manifest["sampling"]
        defaults = {
            "guidance_scale": sampling["guidanceScale"],
            "guidance_ramp_rows": sampling["guidanceRampRows"],
            "top_k": sampling["topK"],
            "temperature": sampling["temperature"],
        }
        return DrawRequest(self.captions.ids(caption), self.captions.ids(unwanted), **(defaults | options))

    def admit(self, request: DrawRequest) -> Slot:
        pairs = [self.captions.padded(ids) for ids in (request.caption_ids, request.unwanted_ids)]
        ids, mask = (np.stack(part) for part in zip(*pairs, strict=True))
        outputs = self.prefill.run(None, {"caption_ids": ids, "caption_mask": mask})
        past = {}
        for output, array in zip(self.prefill.get_outputs(), outputs, strict=True):
            room = np.zeros((self.past - self.caption_tokens + self.columns, *array.shape[1:]), np.float32)
            past[output.name] = np.concatenate([array, room])
        return Slot(request, (1 - mask) * np.float32(HIDDEN), past)

    def advance(self, slots: list[Slot]) -> None:
        """Draws the next row of every slot in one call; slots may stand at different rows."""
        outputs = dict(
            zip([o.name for o in self.row.get_outputs()], self.row.run(None, self._inputs(slots)), strict=True)
        )
        size = len(slots)
        for b, slot in enumerate(slots):
            start = self.caption_tokens + len(slot.ids)
            for layer in range(self.layers):
                for kind in ("key", "value"):
                    slot.past[f"{kind}.{layer}"][start : start + self.columns] = outputs[f"row_{kind}.{layer}"][
                        :, [b, b + size]
                    ]
            slot.ids += outputs["ids"][:, b].tolist()

    def _inputs(self, slots: list[Slot]) -> dict[str, np.ndarray]:
        rows = [len(slot.ids) // self.columns for slot in slots]
        past = self.past
        mask = np.full((len(slots), 2, past), HIDDEN, np.float32)
        for b, slot in enumerate(slots):
            mask[b, :, : self.caption_tokens] = slot.mask
            mask[b, :, self.caption_tokens : self.caption_tokens + len(slot.ids)] = 0
        requests = [slot.request for slot in slots]
        row_index = np.array(rows * 2, np.int64)
        previous = np.array([slot.ids[-1] if slot.ids else self.codebook for slot in slots] * 2, np.int64)
        inputs = {
            "row_index": row_index,
            "previous_id": previous,
            "past_mask": mask.transpose(1, 0, 2).reshape(2 * len(slots), 1, 1, past),
            "guidance": np.array([r.guidance_at(row) for r, row in zip(requests, rows, strict=True)], np.float32),
            "temperature": np.array([r.temperature for r in requests], np.float32),
            "top_k": np.array([r.top_k for r in requests], np.int64),
            "noise": np.stack([uniforms(s.request.seed, s.request.picture, self._next(s)) for s in slots], axis=1),
            "bias_ids": np.stack([self._bias(s) for s in slots], axis=1),
            "bias_strength": np.array([r.bias_strength for r in requests], np.float32),
        }
        for name in slots[0].past:
            stacked = np.stack([slot.past[name][:past] for slot in slots], axis=2)  # (P, 2, B, H, E)
            inputs[f"past_{name}"] = stacked.reshape(past, 2 * len(slots), *stacked.shape[3:])
        return inputs

    def _next(self, slot: Slot) -> range:
        return range(len(slot.ids), len(slot.ids) + self.columns)

    def _bias(self, slot: Slot) -> np.ndarray:
        parent, places = slot.request.parent_ids, self._next(slot)
        return np.array([-1 if parent is None else parent[i] for i in places], np.int64)

    def draw(self, requests: list[DrawRequest], stagger: int = 0) -> list[list[int]]:
        """The ids of every request, in one batch; with `stagger`, each joins so many rows after the one before."""
        slots: dict[int, Slot] = {}
        tick = 0
        while any(i not in slots or len(slots[i].ids) < self.rows * self.columns for i in range(len(requests))):
            for i, request in enumerate(requests):
                if i not in slots and tick >= i * stagger:
                    slots[i] = self.admit(request)
            if running := [slot for slot in slots.values() if len(slot.ids) < self.rows * self.columns]:
                self.advance(running)
            tick += 1
        return [slots[i].ids for i in range(len(requests))]

    def decode(self, ids: list[list[int]], role: str = "decoder") -> np.ndarray:
        """(B, 4, height, width) in 0..1, colour premultiplied by alpha."""
        if role not in self._decoders:
            self._decoders[role] = self._open(role)
        return self._decoders[role].run(None, {"ids": np.array(ids, np.int64)})[0]
