"""Tunes the first layers of all-MiniLM-L6-v2 to kinds of questions, for core/text/question_kinds/sentence_encoder.py."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import Tensor, nn
from torch.nn import functional

from core.files.tensor_file import read_safetensors
from core.text.question_kinds.kinds import KINDS, QuestionKind
from core.text.question_kinds.sentence_encoder import EPSILON, HEAD_SIZE
from core.text.question_kinds.words.word_data import known_words
from core.text.question_kinds.words.word_pieces import END, INSIDE, MOST_PIECES, START, UNKNOWN, piece_ids, pieces_of
from training.question_kinds.examples import importance, terse, words_of
from training.question_kinds.wordings import Wording

LEARNT: tuple[QuestionKind, ...] = tuple(kind for kind in KINDS if kind != "empty")
VOCABULARY, WEIGHTS = PUBLISHED = ("vocab.txt", "model.safetensors")
"""The published files that are read."""
LAYERS = 3
STEPS = 1500
BATCH = 64
LEARNING_RATE = 1e-4
HEAD_LEARNING_RATE = 2e-3
"""Of the layer that is new."""
LABEL_SMOOTHING = 0.02
DROPOUT = 0.1
WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""
CLIP = 1.0
"""Largest norm of a step's gradients."""
LARGEST_STEP = 127
logger = logging.getLogger(__name__)


class TunedEncoder(nn.Module):
    """The layers of a BERT (Devlin et al. 2019, arXiv:1810.04805) and a linear layer to the kinds."""

    def __init__(self, pretrained: Mapping[str, Tensor], rows: Sequence[int]) -> None:
        """pretrained: weights by BERT's names; rows: the pieces of its vocabulary that are kept."""
        super().__init__()
        kept = pretrained["embeddings.word_embeddings.weight"][list(rows)]  # [V, D]
        places = pretrained["embeddings.position_embeddings.weight"][:MOST_PIECES]
        self.pieces = nn.Parameter(kept, requires_grad=False)
        self.places = nn.Parameter(places + pretrained["embeddings.token_type_embeddings.weight"][0], requires_grad=False)
        size = kept.shape[1]
        self.norm = nn.LayerNorm(size, eps=EPSILON)
        self.norm.load_state_dict(_part(pretrained, "embeddings.LayerNorm."))
        self.norm.requires_grad_(False)
        self.layers = nn.ModuleList(_layer(_part(pretrained, f"encoder.layer.{layer}."), size) for layer in range(LAYERS))
        self.kinds = nn.Linear(size, len(LEARNT))

    def forward(self, rows: Tensor, missing: Tensor) -> Tensor:
        """[B, K] scores of the kinds. rows: [B, N] pieces; missing: [B, N] whether there is none."""
        states = self.norm(self.pieces[rows] + self.places[: rows.shape[1]])  # [B, N, D]
        for layer in self.layers:
            states = layer(states, src_key_padding_mask=missing)
        present = (~missing).float()[..., None]
        mean = (states * present).sum(1) / present.sum(1)
        return cast(Tensor, self.kinds(functional.dropout(mean, 2 * DROPOUT, self.training)))


def tune(wordings: Sequence[Wording], folder: Path, *, seed: int) -> bytes:
    """A file for read_encoder; the same for the same wordings, folder and seed on the same machine.

    folder: all-MiniLM-L6-v2 with the files of PUBLISHED. Raises what reading them raises.
    """
    torch.manual_seed(seed)
    wordings = [*wordings, *terse(wordings, seed=seed)]
    asked = [words_of(wording.text) for wording in wordings]
    everything = (folder / VOCABULARY).read_text(encoding="utf-8").splitlines()
    rows_of = {piece: row for row, piece in enumerate(everything)}
    pieces = needed_pieces(asked, rows_of)
    vocabulary = {piece: row for row, piece in enumerate(pieces)}
    encoder = TunedEncoder(read_safetensors(folder / WEIGHTS), [rows_of[piece] for piece in pieces])
    _learn(encoder.train(), [piece_ids(words, vocabulary) for words in asked], wordings)
    return to_file(encoder.eval(), pieces)


def needed_pieces(asked: Sequence[Sequence[str]], everything: Mapping[str, int]) -> list[str]:
    """The pieces of all words that are learnt from or known to the program, and letters, in the vocabulary's order."""
    common, known = known_words()
    words = {*common, *known, *(word for words in asked for word in words)}
    letters = {piece for piece in everything if len(piece.removeprefix(INSIDE)) == 1 and piece.isascii()}
    used = {piece for word in words for piece in pieces_of(word, everything)}
    return sorted({START, END, UNKNOWN, *letters, *used}, key=everything.__getitem__)


def _learn(encoder: TunedEncoder, asked: Sequence[Sequence[int]], wordings: Sequence[Wording]) -> None:
    kinds = torch.tensor([LEARNT.index(wording.kind) for wording in wordings])  # [N]
    often = importance(wordings).double()
    tuned = list(encoder.layers.parameters())
    rates = [LEARNING_RATE, HEAD_LEARNING_RATE]
    groups = [{"params": tuned, "lr": rates[0]}, {"params": encoder.kinds.parameters(), "lr": rates[1]}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=STEPS, pct_start=WARM_UP)
    for step in range(STEPS):
        chosen = torch.multinomial(often, BATCH, replacement=True)
        scores = encoder(*padded([asked[i] for i in chosen.tolist()]))
        loss = functional.cross_entropy(scores, kinds[chosen], label_smoothing=LABEL_SMOOTHING)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*tuned, *encoder.kinds.parameters()], CLIP)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            logger.info("step %d of %d, loss %.3f", step, STEPS, loss.item())


def padded(asked: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """([B, N] pieces, [B, N] whether there is none)"""
    longest = max(len(rows) for rows in asked)
    rows = torch.tensor([[*each, *[0] * (longest - len(each))] for each in asked])
    lengths = torch.tensor([len(each) for each in asked])
    return rows, torch.arange(longest)[None] >= lengths[:, None]


def _layer(pretrained: Mapping[str, Tensor], size: int) -> nn.TransformerEncoderLayer:
    """One layer, with BERT's weights under torch's names."""
    layer = nn.TransformerEncoderLayer(
        size, size // HEAD_SIZE, pretrained["intermediate.dense.weight"].shape[0], DROPOUT,
        activation=lambda states: functional.gelu(states, approximate="tanh"), layer_norm_eps=EPSILON, batch_first=True,
    )
    names = {
        "self_attn.out_proj": "attention.output.dense", "norm1": "attention.output.LayerNorm",
        "linear1": "intermediate.dense", "linear2": "output.dense", "norm2": "output.LayerNorm",
    }
    weights = {f"{ours}.{end}": pretrained[f"{theirs}.{end}"] for ours, theirs in names.items() for end in ("weight", "bias")}
    for end in ("weight", "bias"):
        parts = [pretrained[f"attention.self.{part}.{end}"] for part in ("query", "key", "value")]
        weights[f"self_attn.in_proj_{end}"] = torch.cat(parts)
    layer.load_state_dict(weights)
    return layer


def _part(weights: Mapping[str, Tensor], start: str) -> dict[str, Tensor]:
    return {name.removeprefix(start): values for name, values in weights.items() if name.startswith(start)}


def to_file(encoder: TunedEncoder, pieces: Sequence[str]) -> bytes:
    """Its weights for core.text.question_kinds.sentence_encoder.read_encoder. pieces: those of its rows."""
    tensors: dict[str, NDArray[np.generic]] = {}
    for name, values in _named(encoder).items():
        full = values.detach().numpy()
        if full.ndim == 1 or name == "places":
            tensors[name] = full.astype(np.float16)
            continue
        steps = np.abs(full).max(axis=1) / LARGEST_STEP
        tensors[name] = np.rint(full / steps[:, None]).astype(np.int8)
        tensors[name + ".steps"] = steps.astype(np.float32)
    described = {"kinds": LEARNT, "layers": LAYERS, "pieces": pieces}
    return save(tensors, {"encoder": json.dumps(described)})


def _named(encoder: TunedEncoder) -> dict[str, Tensor]:
    """Weights by the names that the encoder of the program reads."""
    found = {"pieces": encoder.pieces, "places": encoder.places}
    found |= _ends("embedding_norm", encoder.norm) | _ends("kinds", encoder.kinds)
    for place, layer in enumerate(encoder.layers):
        assert isinstance(layer, nn.TransformerEncoderLayer)
        attention = layer.self_attn
        found[f"{place}.queries_keys_values.weight"] = attention.in_proj_weight
        found[f"{place}.queries_keys_values.bias"] = attention.in_proj_bias
        found |= _ends(f"{place}.attention_out", attention.out_proj) | _ends(f"{place}.attended_norm", layer.norm1)
        found |= _ends(f"{place}.inner", layer.linear1) | _ends(f"{place}.outer", layer.linear2)
        found |= _ends(f"{place}.outer_norm", layer.norm2)
    return found


def _ends(name: str, layer: nn.Linear | nn.LayerNorm) -> dict[str, Tensor]:
    return {f"{name}.weight": layer.weight, f"{name}.bias": layer.bias}
