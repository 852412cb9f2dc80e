"""Draws with an exported model through onnxruntime, several pictures at a time, each at its own row. What the engine does, in Python.

Letters: B slots, S = 2B sequences, T caption tokens, C columns, H heads, E head width.
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

PLACES_STEP = 64


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@dataclass(eq=False)
class Slot:
    """One picture being drawn, conditional sequence first. The loop keeps the keys (2, H, E, places) and values (2, H, places, E)
    of each layer here: a sequence's caption without padding, then its finished rows."""

    request: DrawRequest
    caption_ids: np.ndarray  # (2, T)
    caption_mask: np.ndarray  # (2, T): 1 a token, 0 padding
    past: dict[str, np.ndarray] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)

    def lengths(self) -> np.ndarray:
        """Places of the past that each of the two sequences has filled."""
        return self.caption_mask.sum(1).astype(int) + len(self.ids)


class OnnxEngine:
    """`folder` is an exported model; `row_graph` picks the looped ("row") or the unrolled ("rowUnrolled") one, `half` their
    twins in float16."""

    def __init__(self, folder: Path, row_graph: str = "row", threads: int = 1, half: bool = False):
        self.folder = folder
        self.manifest = json.loads((folder / "model.json").read_text())
        self.caption_tokens = self.manifest["caption"]["tokens"]
        self.rows, self.columns = self.manifest["grid"]["rows"], self.manifest["grid"]["columns"]
        self.layers, self.codebook = self.manifest["transformer"]["layers"], self.manifest["codebookSize"]
        self._threads = threads
        self._unrolled = row_graph == "rowUnrolled"
        ending = "Half" if half else ""
        self.prefill = None if self._unrolled else self._open(f"prefill{ending}")
        self.row = self._open(f"{row_graph}{ending}")
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

    def draw(self, requests: list[DrawRequest], stagger: int = 0) -> list[list[int]]:
        """The ids of every request, in one batch; with `stagger`, each joins so many rows after the one before."""
        if not requests:
            return []
        advance = Unrolled(self, len(requests)).advance if self._unrolled else self._advance_loop
        slots: dict[int, Slot] = {}
        tick = 0
        while any(i not in slots or len(slots[i].ids) < self.rows * self.columns for i in range(len(requests))):
            for i, request in enumerate(requests):
                if i not in slots and tick >= i * stagger:
                    slots[i] = self._admit(request)
            if running := [slot for slot in slots.values() if len(slot.ids) < self.rows * self.columns]:
                advance(running)
            tick += 1
        return [slots[i].ids for i in range(len(requests))]

    def _admit(self, request: DrawRequest) -> Slot:
        pairs = [self.captions.padded(ids) for ids in (request.caption_ids, request.unwanted_ids)]
        return Slot(request, *(np.stack(part) for part in zip(*pairs, strict=True)))

    # --- the loop: this side keeps the cache ---

    def _advance_loop(self, slots: list[Slot]) -> None:
        """Draws the next row of every slot in one call; slots may stand at different rows."""
        for slot in slots:
            if not slot.past:
                self._begin(slot)
        # A multiple of PLACES_STEP: kernels then add up what a sequence sees in one order, however much room its neighbours need.
        longest = max(slot.lengths().max() for slot in slots)
        places = -(-longest // PLACES_STEP) * PLACES_STEP
        inputs = self.slot_inputs(slots) | {"past_mask": self._mask(slots, places)}
        for name in slots[0].past:
            stacked = np.stack([slot.past[name] for slot in slots], axis=1)  # (2, B, H, ...)
            stacked = stacked.reshape(2 * len(slots), *stacked.shape[2:])
            inputs[f"past_{name}"] = stacked[..., :places] if name.startswith("key") else stacked[:, :, :places]
        outputs = named(self.row, inputs)
        size = len(slots)
        for b, slot in enumerate(slots):
            for half, start in enumerate(slot.lengths()):
                for name, past in slot.past.items():
                    row = outputs[f"row_{name}"][b + half * size]
                    if name.startswith("key"):
                        past[half, :, :, start : start + self.columns] = row
                    else:
                        past[half, :, start : start + self.columns] = row
            slot.ids += outputs["ids"][:, b].tolist()

    def _begin(self, slot: Slot) -> None:
        outputs = named(self.prefill, {"caption_ids": slot.caption_ids, "caption_mask": slot.caption_mask})
        room = self.rows * self.columns + PLACES_STEP
        for name, array in outputs.items():
            pads = [(0, 0)] * 4
            pads[3 if name.startswith("key") else 2] = (0, room)
            # What padding left behind the caption is hidden until rows are written over it.
            slot.past[name] = np.pad(array, pads)

    @staticmethod
    def _mask(slots: list[Slot], places: int) -> np.ndarray:
        lengths = np.stack([slot.lengths() for slot in slots], axis=1).reshape(-1, 1)  # (S, 1)
        return np.where(np.arange(places) < lengths, 0, HIDDEN).astype(np.float32)[:, None, None]

    # --- both ---

    def slot_inputs(self, slots: list[Slot]) -> dict[str, np.ndarray]:
        rows = [len(slot.ids) // self.columns for slot in slots]
        requests = [slot.request for slot in slots]
        return {
            "row_index": np.array(rows * 2, np.int64),
            "previous_id": np.array([slot.ids[-1] if slot.ids else self.codebook for slot in slots] * 2, np.int64),
            "guidance": np.array([r.guidance_at(row) for r, row in zip(requests, rows, strict=True)], np.float32),
            "temperature": np.array([r.temperature for r in requests], np.float32),
            "top_k": np.array([r.top_k for r in requests], np.int64),
            "noise": np.stack([uniforms(s.request.seed, s.request.picture, self._next(s)) for s in slots], axis=1),
            "bias_ids": np.stack([self._bias(s) for s in slots], axis=1),
            "bias_strength": np.array([r.bias_strength for r in requests], np.float32),
        }

    def _next(self, slot: Slot) -> range:
        return range(len(slot.ids), len(slot.ids) + self.columns)

    def _bias(self, slot: Slot) -> np.ndarray:
        parent, places = slot.request.parent_ids, self._next(slot)
        return np.array([-1 if parent is None else parent[i] for i in places], np.int64)

    def decode(self, ids: list[list[int]], role: str = "decoder") -> np.ndarray:
        """(B, 4, height, width) in 0..1, colour premultiplied by alpha."""
        if role not in self._decoders:
            self._decoders[role] = self._open(role)
        return self._decoders[role].run(None, {"ids": np.array(ids, np.int64)})[0]


class Unrolled:
    """The rows of a fixed batch whose cache only the graph touches: a place without a slot draws something that nobody reads."""

    def __init__(self, engine: OnnxEngine, places: int):
        self.engine = engine
        self.slots: list[Slot | None] = [None] * places
        caches = [i for i in engine.row.get_inputs() if i.name.startswith("cache_")]
        self.cache = {
            i.name: np.zeros(
                [2 * places if d == "S" else d for d in i.shape],
                np.float16 if i.type == "tensor(float16)" else np.float32,
            )
            for i in caches
        }
        self.empty = engine._admit(engine.request(""))

    def advance(self, slots: list[Slot]) -> None:
        left = [place for place, slot in enumerate(self.slots) if slot not in slots]
        begins = np.zeros((2, len(self.slots)), bool)
        for place in left:
            self.slots[place] = None
        for slot in slots:
            if slot not in self.slots:
                place = self.slots.index(None)
                self.slots[place], begins[:, place] = slot, True
        here = [slot or self.empty for slot in self.slots]
        captions = {
            name: np.concatenate([np.stack([getattr(slot, name)[half] for slot in here]) for half in (0, 1)])
            for name in ("caption_ids", "caption_mask")
        }
        inputs = self.engine.slot_inputs(here) | captions | self.cache
        inputs |= {"any_begins": np.array(begins.any()), "begins": begins.reshape(-1, 1, 1, 1)}
        outputs = named(self.engine.row, inputs)
        self.cache = {name: outputs[name.replace("cache", "next")] for name in self.cache}
        for place, slot in enumerate(self.slots):
            if slot is not None:
                slot.ids += outputs["ids"][:, place].tolist()


def named(session: onnxruntime.InferenceSession, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs), strict=True))
