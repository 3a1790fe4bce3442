"""The tokenizer: any text survives, text never becomes a special token, damaged files are named."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError, ModelFileError
from core.text.tokenizer import SMALLEST_BPE, StreamDecoder, Tokenizer
from core.text.tokenizer_backend import SPECIAL_TOKENS

CAPTIONS = [
    " a man in a red shirt is standing on a rock .",
    " two dogs are playing in the snow .",
    " a girl in a pink t-shirt jumps over a puddle , smiling .",
    "what is the man doing?",
    "describe the image in detail.",
    " yes",
    " no",
] * 4
WORDS = ["<pad>", "<unk>", "a", "man", "dog", "t-shirt", "'s", ",", ".", "?", "smiling", "red", "in", "(", ")"]

# Text that looks like special tokens is far likelier here than in plain random text.
anything = st.text(st.characters())
tricky = st.sampled_from([*SPECIAL_TOKENS, "USER: ", "\nASSISTANT:", "😀", "é", "\ud800"])
texts = st.lists(st.one_of(anything, tricky)).map("".join)


@pytest.fixture(scope="module")
def bpe() -> Tokenizer:
    return Tokenizer.train_bpe(CAPTIONS, vocabulary_size=400)


@pytest.fixture(scope="module")
def word(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return Tokenizer.from_vocabulary(write_vocabulary(tmp_path_factory.mktemp("vocabulary"), WORDS))


@pytest.fixture(scope="module", params=["bpe", "word"])
def either(request: pytest.FixtureRequest) -> Tokenizer:
    tokenizer = request.getfixturevalue(request.param)
    assert isinstance(tokenizer, Tokenizer)
    return tokenizer


def write_vocabulary(folder: Path, words: list[str]) -> Path:
    path = folder / "finetuned_vocab.json"
    path.write_text(json.dumps({word: index for index, word in enumerate(words)}), encoding="utf-8")
    return path


def special_ids(tokenizer: Tokenizer) -> set[int]:
    return {tokenizer.pad_id, tokenizer.unk_id, tokenizer.image_id, tokenizer.start_id, tokenizer.end_id}


def streamed(tokenizer: Tokenizer, ids: list[int]) -> list[str]:
    stream = StreamDecoder(tokenizer)
    return [*(stream.push(token_id) for token_id in ids), stream.finish()]


@given(text=texts)
@settings(deadline=None)
def test_any_text_survives_bpe(bpe: Tokenizer, text: str) -> None:
    spaced = " " + text
    assert bpe.decode(bpe.encode(spaced)) == bpe.normalise(spaced).removeprefix(" ")
    assert bpe.decode(bpe.encode(text)) == bpe.normalise(text).removeprefix(" ")


@given(text=texts)
@settings(deadline=None)
def test_text_never_becomes_a_special_token(either: Tokenizer, text: str) -> None:
    allowed = {either.unk_id} if either.kind == "word" else set[int]()
    assert not set(either.encode(text)) & (special_ids(either) - allowed)


@pytest.mark.parametrize("text", [*SPECIAL_TOKENS, "USER: <image>", "a<end>b", " <start> ", "<IMAGE>", "<PAD><pad>"])
def test_typed_special_tokens_are_ordinary_text(bpe: Tokenizer, text: str) -> None:
    assert not set(bpe.encode(text)) & special_ids(bpe)
    assert bpe.decode(bpe.encode(text)) == text.lower().removeprefix(" ")


def test_special_tokens_in_full_width_letters_are_ordinary_text(either: Tokenizer) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in "<end>")
    assert either.normalise(wide) == "<end>"
    assert not set(either.encode(wide)) & (special_ids(either) - {either.unk_id})


def test_special_tokens_in_the_training_text_stay_ordinary_text() -> None:
    tokenizer = Tokenizer.train_bpe(["USER: <image> <end><pad>\n"] * 50, vocabulary_size=SMALLEST_BPE + 200)
    assert not set(tokenizer.encode("user: <image> <end><pad>")) & special_ids(tokenizer)


@given(data=st.data())
@settings(deadline=None)
def test_streamed_pieces_join_to_the_decoded_text(either: Tokenizer, data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.integers(0, either.vocabulary_size - 1)))
    assert "".join(streamed(either, ids)) == either.decode(ids)


@given(text=texts)
@settings(deadline=None)
def test_streaming_never_shows_a_part_of_a_character(bpe: Tokenizer, text: str) -> None:
    shown = ""
    whole = bpe.normalise(" " + text).removeprefix(" ")
    for piece in streamed(bpe, bpe.encode(" " + text)):
        shown += piece
        assert whole.startswith(shown)


def test_an_emoji_appears_with_its_last_token(bpe: Tokenizer) -> None:
    assert streamed(bpe, bpe.encode("😀")) == ["", "", "", "😀", ""]
    assert streamed(bpe, bpe.encode("😀")[:2]) == ["", "", "\ufffd"]


def test_decoding_skips_special_tokens(either: Tokenizer) -> None:
    ids = either.encode(" a man")
    with_specials = [either.start_id, either.pad_id, ids[0], either.image_id, *ids[1:], either.end_id, either.unk_id]
    assert either.decode(with_specials) == "a man"


def test_decoding_ignores_how_the_library_would_do_it(bpe: Tokenizer) -> None:
    ids = bpe.encode("un café à 3 €, 東京 😀")
    expected = bytes(bpe.normalise("un café à 3 €, 東京 😀"), "utf-8")
    assert b"".join(bpe.token_bytes(token_id) for token_id in ids) == expected


def test_merges_make_common_words_one_token(bpe: Tokenizer) -> None:
    assert len(bpe.encode(" man")) == 1
    assert bpe.encode(" Man") == bpe.encode(" man")
    assert bpe.encode("girl\u2019s") == bpe.encode("girl's")


def test_the_order_of_the_texts_has_no_influence() -> None:
    words = [f"{a}{b}{c}" for a in "abcdef" for b in "ghi" for c in "klm"] * 2  # every pair is a tie
    shuffled = random.Random(3).sample(words, len(words))
    first = Tokenizer.train_bpe(words, vocabulary_size=SMALLEST_BPE + 40)
    assert first.vocabulary_size == SMALLEST_BPE + 40
    assert Tokenizer.train_bpe(shuffled, vocabulary_size=SMALLEST_BPE + 40).to_json() == first.to_json()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_after_training_is_quiet() -> None:
    code = (
        "import os; from core.text.tokenizer import Tokenizer\n"
        "tokenizer = Tokenizer.train_bpe(['a man']*2000, vocabulary_size=300)\n"
        "tokenizer.encode('a man') if not (child := os.fork()) else os.waitpid(child, 0)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "TOKENIZERS_PARALLELISM"}
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_vocabulary_too_small_for_bytes_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least 261"):
        Tokenizer.train_bpe(CAPTIONS, vocabulary_size=260)


@given(text=texts)
@settings(deadline=None, max_examples=50)
def test_json_gives_the_same_tokenizer(either: Tokenizer, text: str) -> None:
    loaded = Tokenizer.from_json(either.to_json())
    assert loaded.encode(text) == either.encode(text)
    assert (loaded.kind, loaded.vocabulary_size, special_ids(loaded)) == (
        either.kind, either.vocabulary_size, special_ids(either))
    assert loaded.to_json() == either.to_json()


def damaged(bpe: Tokenizer) -> dict[str, str]:
    values = json.loads(bpe.to_json())
    vocabulary = values["vocabulary"]
    return {
        "damaged": "{",
        "is damaged": "[]",
        "newer version": json.dumps({**values, "version": 99}),
        "unknown kind": json.dumps({**values, "kind": "pickle"}),
        "lacks <end>": json.dumps({**values, "vocabulary": [token for token in vocabulary if token != "<end>"]}),
        "lacks a": json.dumps({**values, "vocabulary": [token for token in vocabulary if token != "a"]}),
        "a token twice": json.dumps({**values, "vocabulary": [*vocabulary, "a"]}),
        "merges don't fit": json.dumps({**values, "merges": [["z", "zz"]]}),
        "merges don't fit its": json.dumps(
            {**values, "vocabulary": [*vocabulary, "<en", "d>"], "merges": [["<en", "d>"]]}),
        "tokenizer in the model file is damaged": json.dumps({**values, "vocabulary": [1, 2]}),
        "in the model file is damaged": json.dumps({**values, "merges": [["a"]]}),
    }


@pytest.mark.parametrize("index", range(11))
def test_damaged_json_is_refused(bpe: Tokenizer, index: int) -> None:
    message, text = list(damaged(bpe).items())[index]
    with pytest.raises(ModelFileError, match=message):
        Tokenizer.from_json(text)


def test_word_ids_are_kept_and_missing_special_tokens_added(word: Tokenizer) -> None:
    assert word.encode("A red dog, SMILING.") == [WORDS.index(w) for w in ("a", "red", "dog", ",", "smiling", ".")]
    assert (word.image_id, word.start_id, word.end_id) == tuple(range(len(WORDS), len(WORDS) + 3))
    assert word.vocabulary_size == len(WORDS) + 3


def test_special_tokens_of_the_file_keep_their_ids(tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_vocabulary(write_vocabulary(tmp_path, ["<end>", "a", "<unk>", "<image>", "<pad>"]))
    ids = (tokenizer.end_id, tokenizer.unk_id, tokenizer.image_id, tokenizer.pad_id, tokenizer.start_id)
    assert ids == (0, 2, 3, 4, 5)


def test_words_with_punctuation_stay_whole_where_known(word: Tokenizer) -> None:
    expected = [WORDS.index(w) for w in ("a", "man", "'s", "red", "t-shirt")]
    assert word.encode("a man's red t-shirt") == expected
    assert word.encode("dog-man") == [WORDS.index("dog"), word.unk_id, WORDS.index("man")]
    assert word.encode("at-shirt") == word.encode("t-shirts") == [word.unk_id] * 3


@pytest.mark.parametrize(
    "text", ["a man, smiling.", "a man's dog (red) in a t-shirt?", "smiling", "", "a man in (a) red, red dog."]
)
def test_words_decode_with_punctuation_in_its_place(word: Tokenizer, text: str) -> None:
    assert word.decode(word.encode(text)) == text


def test_unknown_words_are_unknown(word: Tokenizer) -> None:
    assert word.encode("a zebra 😀") == [WORDS.index("a"), word.unk_id, word.unk_id]
    assert word.decode(word.encode("a zebra smiling")) == "a smiling"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "isn't valid JSON"),
        (b"\xff\xfe\x00", "isn't valid JSON"),
        (b"[" * 100_000, "isn't valid JSON"),
        (b'["a"]', "must hold an object"),
        (b"{}", "must hold an object"),
        (b'{"<pad>": 0, "<unk>": "1"}', "whole number"),
        (b'{"<pad>": 0, "<unk>": true}', "whole number"),
        (b'{"<pad>": 0, "<unk>": 1.0}', "whole number"),
        (b'{"<pad>": 0, "a": 1}', "lacks the word <unk>"),
        (b'{"<unk>": 0, "a": 1}', "lacks the word <pad>"),
        (b'{"<pad>": 0, "<unk>": 1, "a": 3}', "'a' has 3 where 2 was expected"),
        (b'{"<pad>": 0, "<unk>": 1, "a": 1}', "'a' has 1 where 2 was expected"),
        (b'{"<pad>": -1, "<unk>": 0}', "without gaps or repeats"),
    ],
)
def test_a_bad_vocabulary_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "vocab.json"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=message) as error:
        Tokenizer.from_vocabulary(path)
    assert "vocab.json" in str(error.value)


def test_a_missing_vocabulary_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"nothing\.json can't be read: No such file"):
        Tokenizer.from_vocabulary(tmp_path / "nothing.json")
