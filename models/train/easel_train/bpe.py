"""The caption tokenizer: byte-level BPE over lower-cased captions, in Hugging Face's `tokenizer.json` format."""

from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

PAD, NULL = "<pad>", "<null>"
PAD_ID, NULL_ID = 0, 1


def train_bpe(captions: Iterable[str], size: int) -> Tokenizer:
    """`size` is the most tokens it may have; ids 0 and 1 are padding and the empty caption of guidance."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[PAD, NULL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(captions, trainer)
    return tokenizer
