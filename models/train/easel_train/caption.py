"""Captions as the model reads them: lower-cased, byte-level BPE, cut and padded to `tokens`; none is the null caption."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from .bpe import NULL_ID, PAD_ID


@dataclass(frozen=True)
class CaptionEncoder:
    tokenizer: Tokenizer
    tokens: int

    @staticmethod
    def load(path: Path, tokens: int) -> "CaptionEncoder":
        return CaptionEncoder(Tokenizer.from_file(str(path)), tokens)

    def ids(self, caption: str | None) -> list[int]:
        """Without padding; None or nothing to read is the null caption of guidance."""
        ids = self.tokenizer.encode(caption.lower()).ids[: self.tokens] if caption else []
        return ids or [NULL_ID]

    def padded(self, ids: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """(ids int64 (T), mask float32 (T): 1 a token, 0 padding)"""
        missing = self.tokens - len(ids)
        return np.array(ids + [PAD_ID] * missing, np.int64), np.array([1.0] * len(ids) + [0.0] * missing, np.float32)
