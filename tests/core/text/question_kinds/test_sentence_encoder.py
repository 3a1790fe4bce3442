"""The encoder that tells kinds of questions: its pieces of words, its arithmetic, and what context does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.text.question_kinds.kinds import KINDS
from core.text.question_kinds.sentence_encoder import load_encoder, read_encoder
from core.text.question_kinds.understanding import understand_question
from core.text.question_kinds.words.word_pieces import MOST_PIECES, piece_ids, pieces_of
from training.question_kinds.tuning import LEARNT, TunedEncoder, padded, to_file

PIECES = ["[UNK]", "[CLS]", "[SEP]", "?", "'", "dog", "dogs", "do", "##g", "##s", "##house", "house", "s", "é"]
VOCABULARY = {piece: row for row, piece in enumerate(PIECES)}


@pytest.mark.parametrize(("word", "pieces"), [
    ("dogs", ["dogs"]), ("doghouse", ["dog", "##house"]), ("dos", ["do", "##s"]), ("é", ["é"]), ("dogx", ["[UNK]"]),
    ("x" * 500, ["[UNK]"]),
])
def test_the_longest_piece_is_taken_first(word: str, pieces: list[str]) -> None:
    assert pieces_of(word, VOCABULARY) == pieces


def test_a_question_has_a_start_and_an_end_and_signs_of_its_own() -> None:
    rows = piece_ids(["dog's", "house", "?"], VOCABULARY)
    assert [PIECES[row] for row in rows] == ["[CLS]", "dog", "'", "s", "house", "?", "[SEP]"]
    long = piece_ids(["dogs"] * 100, VOCABULARY)
    assert (len(long), PIECES[long[-1]]) == (MOST_PIECES, "[SEP]")
    assert [PIECES[row] for row in piece_ids([], VOCABULARY)] == ["[CLS]", "[SEP]"]


def test_what_numpy_computes_is_what_torch_learnt(tmp_path: Path) -> None:
    tuned = _random_encoder()
    path = tmp_path / "encoder.safetensors"
    path.write_bytes(to_file(tuned, PIECES))
    encoder = read_encoder(path)
    questions = [["dogs", "do"], ["doghouse"], ["é", "'", "s", "house", "dogs", "unheard"]]
    rows, missing = padded([piece_ids(words, VOCABULARY) for words in questions])
    with torch.no_grad():
        wanted = tuned(rows, missing).softmax(-1)
    for words, likely in zip(questions, wanted, strict=True):
        found = encoder.probabilities(words)
        assert sum(found.values()) == pytest.approx(1)
        # Rows are stored in 8 bits, so that little differs.
        assert [found[kind] for kind in LEARNT] == pytest.approx(likely.tolist(), abs=0.02)
    marked, _ = padded([piece_ids(["dogs", "do", "?"], VOCABULARY)])
    with torch.no_grad():
        with_mark = tuned(marked, torch.zeros_like(marked, dtype=torch.bool)).softmax(-1)[0]
    found = encoder.probabilities(["dogs", "do", "?"])
    assert [found[kind] for kind in LEARNT] == pytest.approx(((with_mark + wanted[0]) / 2).tolist(), abs=0.02)
    assert {*LEARNT, "empty"} == set(KINDS)


@pytest.mark.parametrize("wording", [
    "what is in this picture", "what's in the image", "what is there to see", "outline the scene", "say what you see",
])
@pytest.mark.parametrize("end", ["", "?", " ?"])
def test_a_question_mark_changes_no_description(wording: str, end: str) -> None:
    assert understand_question(wording + end).kind == "describe"


@pytest.mark.parametrize(("question", "kind"), [
    ("what does the sign say ?", "text"), ("what is the man in front of the sign holding ?", "object"),
    ("do giraffes sleep at night ?", "unseen"), ("are the giraffes asleep ?", "yes_no"),
])
def test_the_same_words_count_by_what_stands_around_them(question: str, kind: str) -> None:
    likely = load_encoder().probabilities(question.split())
    assert max(likely, key=likely.__getitem__) == kind


def test_questions_are_understood_without_torch() -> None:
    code = (
        "import sys; from core.text.question_kinds.understanding import understand_question as u;"
        "print(u('Which of these was painted first?').kind, 'torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split()[1] == "False"


def _random_encoder() -> TunedEncoder:
    """Of BERT's form with weights large enough for differences to show."""
    torch.manual_seed(3)
    size, inner = 64, 96
    weights = {
        "embeddings.word_embeddings.weight": torch.randn(len(PIECES), size),
        "embeddings.token_type_embeddings.weight": torch.randn(2, size),
        "embeddings.position_embeddings.weight": torch.randn(64, size),
        "embeddings.LayerNorm.weight": 1 + 0.2 * torch.randn(size), "embeddings.LayerNorm.bias": 0.2 * torch.randn(size),
    }
    for layer in range(3):
        for name, (out, given) in {
            "attention.self.query": (size, size), "attention.self.key": (size, size), "attention.self.value": (size, size),
            "attention.output.dense": (size, size), "intermediate.dense": (inner, size), "output.dense": (size, inner),
        }.items():
            weights[f"encoder.layer.{layer}.{name}.weight"] = torch.randn(out, given) / given**0.5
            weights[f"encoder.layer.{layer}.{name}.bias"] = 0.1 * torch.randn(out)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            weights[f"encoder.layer.{layer}.{name}.weight"] = 1 + 0.2 * torch.randn(size)
            weights[f"encoder.layer.{layer}.{name}.bias"] = 0.2 * torch.randn(size)
    return TunedEncoder(weights, range(len(PIECES))).eval()
