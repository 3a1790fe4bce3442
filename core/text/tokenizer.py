"""Text <-> token ids: a byte-level BPE of our own, or the words of a given vocabulary.

Text is made lower case and compatibility-normalised (NFKC) first. Special tokens are never found in text: they are
plain vocabulary entries that neither a merge nor a word can produce, so "<image>" typed by a user stays ordinary text.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from tokenizers import pre_tokenizers, trainers

from core.errors import ConfigError, ModelFileError
from core.text.tokenizer_backend import (
    END,
    IMAGE,
    SPECIAL_TOKENS,
    START,
    bpe_backend,
    bytes_of_tokens,
    without_surrogates,
    word_backend,
)
from core.text.vocabulary_file import read_vocabulary

TokenizerKind = Literal["bpe", "word"]

FORMAT_VERSION = 1
SMALLEST_BPE = len(SPECIAL_TOKENS) + 256

ATTACHED_TO_THE_LEFT = frozenset([*".,!?;:)]}%…'-/", "n't", "'s", "'m", "'d", "'re", "'ve", "'ll"])
ATTACHED_TO_THE_RIGHT = frozenset("([{$#'-/")


class Tokenizer:
    """Encodes text as token ids and decodes them. Immutable, so that threads may share one."""

    def __init__(
        self, *, kind: TokenizerKind, vocabulary: Sequence[str], merges: Sequence[tuple[str, str]] = ()
    ) -> None:
        """vocabulary: the token of each id; merges: of a BPE, the most important first.

        Raises ModelFileError where they don't fit together.
        """
        self.kind: TokenizerKind = kind
        self._vocabulary = tuple(vocabulary)
        self._merges = tuple(merges)
        ids = {token: index for index, token in enumerate(self._vocabulary)}
        _check_vocabulary(kind, ids, self._vocabulary, self._merges)
        self._special_ids = frozenset(ids[token] for token in SPECIAL_TOKENS)
        self.pad_id, self.unk_id, self.image_id, self.start_id, self.end_id = (ids[token] for token in SPECIAL_TOKENS)
        self._backend = bpe_backend(ids, self._merges) if kind == "bpe" else word_backend(ids)
        self._bytes = bytes_of_tokens(self._vocabulary) if kind == "bpe" else ()

    @classmethod
    def train_bpe(cls, texts: Iterable[str], *, vocabulary_size: int = 4096) -> Tokenizer:
        """A byte-level BPE trained on texts; the order of the texts has no influence.

        Pairs seen only once aren't merged, so that little text gives a smaller vocabulary than asked for. For a
        vocabulary that fits prompts and answers, train on `core.text.prompt.tokenizer_texts(...)`.
        Raises ConfigError where vocabulary_size has no room for the special tokens and the 256 bytes.
        """
        if vocabulary_size < SMALLEST_BPE:
            raise ConfigError(f"vocabulary_size must be at least {SMALLEST_BPE}, got {vocabulary_size}")
        backend = bpe_backend({}, ())
        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary_size,
            min_frequency=2,
            special_tokens=list(SPECIAL_TOKENS),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        backend.train_from_iterator(map(without_surrogates, texts), trainer)
        model: dict[str, Any] = json.loads(backend.to_str())["model"]
        vocabulary = sorted(model["vocab"], key=model["vocab"].__getitem__)
        return cls(kind="bpe", vocabulary=vocabulary, merges=[(left, right) for left, right in model["merges"]])

    @classmethod
    def from_vocabulary(cls, path: Path) -> Tokenizer:
        """A word-level tokenizer from a JSON file {word: id}, lower case, with <pad> and <unk>.

        Ids are kept; <image>, <start> and <end> are added after them where they are missing.
        Raises ModelFileError, naming what is wrong with the file.
        """
        vocabulary = read_vocabulary(path)
        vocabulary += [token for token in (IMAGE, START, END) if token not in vocabulary]
        return cls(kind="word", vocabulary=vocabulary)

    @classmethod
    def from_json(cls, text: str) -> Tokenizer:
        """The tokenizer that to_json() gave. Raises ModelFileError for anything else."""
        try:
            values = json.loads(text)
            if values["version"] > FORMAT_VERSION:
                raise ModelFileError("The tokenizer was made by a newer version of this program; please update it.")
            vocabulary = [_string(token) for token in values["vocabulary"]]
            merges = [(_string(left), _string(right)) for left, right in values["merges"]]
            kind = values["kind"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ModelFileError("The tokenizer in the model file is damaged.") from error
        if kind not in ("bpe", "word"):
            raise ModelFileError(f"The tokenizer in the model file is of an unknown kind: {kind!r}.")
        return cls(kind=kind, vocabulary=vocabulary, merges=merges)

    def to_json(self) -> str:
        """Everything from_json() needs, as JSON in ASCII."""
        values = {"version": FORMAT_VERSION, "kind": self.kind, "vocabulary": self._vocabulary, "merges": self._merges}
        return json.dumps(values, separators=(",", ":"))

    @property
    def vocabulary_size(self) -> int:
        """Number of ids, special tokens included."""
        return len(self._vocabulary)

    def normalise(self, text: str) -> str:
        """Text as the tokenizer sees it: NFKC, lower case, plain quotes, lone surrogates replaced."""
        normalizer = self._backend.normalizer
        assert normalizer is not None
        return normalizer.normalize_str(without_surrogates(text))

    def encode(self, text: str) -> list[int]:
        """Ids of the text; of the special tokens only <unk> can occur, and that at word level only."""
        return self._backend.encode(without_surrogates(text), add_special_tokens=False).ids

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Where each token of encode(text) starts and ends, in characters of the text."""
        return self._backend.encode(without_surrogates(text), add_special_tokens=False).offsets

    def decode(self, ids: Iterable[int]) -> str:
        """Text of the ids without special tokens; one space before the first word is dropped."""
        stream = StreamDecoder(self)
        return "".join([*map(stream.push, ids), stream.finish()])

    def token(self, token_id: int) -> str:
        """The vocabulary's entry for an id, special tokens included."""
        return self._vocabulary[token_id]

    def is_special(self, token_id: int) -> bool:
        """Whether the id is one of the special tokens, <unk> included."""
        return token_id in self._special_ids

    def token_bytes(self, token_id: int) -> bytes:
        """The UTF-8 bytes that a BPE token stands for; may be part of a character."""
        return self._bytes[token_id]


class TextAssembler(Protocol):
    """Turns one ordinary token after another into text."""

    def push(self, token_id: int) -> str: ...

    def finish(self) -> str: ...


class StreamDecoder:
    """Decodes an answer while it is being made. The pieces joined, finish() included, are Tokenizer.decode(ids)."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._assembler: TextAssembler
        self._assembler = ByteAssembler(tokenizer) if tokenizer.kind == "bpe" else WordAssembler(tokenizer)

    def push(self, token_id: int) -> str:
        """The text that this token completes: empty for a special token or a part of a character."""
        return "" if self._tokenizer.is_special(token_id) else self._assembler.push(token_id)

    def finish(self) -> str:
        """What is left at the end: a replacement character where the last character is incomplete, else nothing."""
        return self._assembler.finish()


class ByteAssembler:
    """Joins BPE tokens byte by byte into whole characters."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._at_start = True

    def push(self, token_id: int) -> str:
        return self._without_first_space(self._decoder.decode(self._tokenizer.token_bytes(token_id)))

    def finish(self) -> str:
        return self._without_first_space(self._decoder.decode(b"", final=True))

    def _without_first_space(self, text: str) -> str:
        if text and self._at_start:
            self._at_start = False
            return text.removeprefix(" ")
        return text


class WordAssembler:
    """Joins words with spaces, and punctuation to the word that it belongs to."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._attach_next = True

    def push(self, token_id: int) -> str:
        word = self._tokenizer.token(token_id)
        attached = self._attach_next or word in ATTACHED_TO_THE_LEFT
        self._attach_next = word in ATTACHED_TO_THE_RIGHT
        return word if attached else " " + word

    def finish(self) -> str:
        return ""


def _check_vocabulary(
    kind: TokenizerKind, ids: dict[str, int], vocabulary: Sequence[str], merges: Sequence[tuple[str, str]]
) -> None:
    missing = [token for token in SPECIAL_TOKENS if token not in ids]
    if kind == "bpe":
        missing += [byte for byte in pre_tokenizers.ByteLevel.alphabet() if byte not in ids]
    if missing:
        raise ModelFileError(f"The tokenizer's vocabulary lacks {missing[0]}.")
    if len(ids) != len(vocabulary):
        raise ModelFileError("The tokenizer's vocabulary has a token twice.")
    for left, right in merges:
        # A merge that gave a special token would let text smuggle it in.
        if left not in ids or right not in ids or left + right not in ids or left + right in SPECIAL_TOKENS:
            raise ModelFileError("The tokenizer's merges don't fit its vocabulary.")


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value
