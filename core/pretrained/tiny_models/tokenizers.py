"""Tokenizers that are trained on a few sentences: of the kinds that real models have."""

from __future__ import annotations

import json
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from core.pretrained.library import library_class

SENTENCES = [
    "What is in the photo? A red bus stands in front of a house.",
    "Is there a dog? No, there is a cat on the table.",
    "How many people are there? Two children play with a ball.",
    "Describe the photo. It shows a street with trees, cars and a café.",
    "USER: What colour is it? ASSISTANT: It is green and blue.",
]


def byte_level(special: list[str]) -> Tokenizer:
    """Byte-level BPE, as Qwen and SmolVLM have it: a token may be part of a character."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def sentence_piece(special: list[str]) -> Tokenizer:
    """BPE with spaces as U+2581 and single bytes for rare characters, as LLaVA and Gemma have it."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=[*special, *(f"<0x{byte:02X}>" for byte in range(256))], show_progress=False
    )
    tokenizer.train_from_iterator(["▁" + sentence.replace(" ", "▁") for sentence in SENTENCES], trainer)
    # Trained as special tokens to get ids, but decoded as the bytes that they are.
    content = json.loads(tokenizer.to_str())
    content["added_tokens"] = [token for token in content["added_tokens"] if not token["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(content))


def wrapped(tokenizer: Tokenizer, *, start: str | None, end: str, template: str | None, **extra: str) -> Any:
    if start is not None:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{start} $A", special_tokens=[(start, tokenizer.token_to_id(start))]
        )
    fast = library_class("PreTrainedTokenizerFast")(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token=end, bos_token=start, extra_special_tokens=extra
    )
    fast.chat_template = template
    return fast
