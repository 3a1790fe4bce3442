"""Does attention point at what a word means: the attention of a word fall into the box of its phrase?

People's captions are given to the model word by word (teacher forcing), since it is their phrases that have boxes; a caption
of the model's own would first have to be matched with boxes, and which words it says would depend on the setting. For each
noun the query that predicts its first token is looked at, head by head, with SPIN off: is the patch with the most attention
in the box (pointing game; Zhang et al. 2016, arXiv 1608.00507), and which share of the attention on the patches is? Heads that
SPIN would keep for that very query are set apart from those it would suppress. Chance is the box's share of the photo; a control
has the same captions and boxes with another photo's features, and so keeps what is guessed from the middle of photos or from
the words alone.

Shapes: N photos, W words, L layers, H heads, I image tokens (the class token first), P = I - 1 patches.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from core.decoding.generation import prepare_memory
from core.files.checkpoint import ModelFile
from core.model.attention import HeadRecord
from core.model.head_settings import LayerHeads
from core.model.head_suppression import head_gate
from core.text.prompt import encode_prompt
from training.batches.image_store import Progress
from training.evaluation.pointing.pointing_figures import PointingSums, falls_inside, pointing_of
from training.evaluation.pointing.pointing_words import PhotoWords, read_photo_words
from training.evaluation.report_schema import Pointing
from training.evaluation.sweep.dev_set import DevSet
from training.questions.vqa_pairs import CAPTION_QUESTION

BATCH = 16


def measure_pointing(file: ModelFile, dev: DevSet, entities: Path, *, progress: Progress) -> Pointing | None:
    """Pointing of all nouns of the photos' marked captions; None where none has a box. entities: the folder in Flickr30k
    Entities layout."""
    config = file.config
    keep = max(1, config.heads // 2)
    read = [
        read_photo_words(image, entities, file.tokenizer, side=config.grid_side, max_tokens=config.max_answer_tokens)
        for image in dev.images
    ]
    places = [index for index, photo in enumerate(read) if photo.words]
    if not places:
        return None
    photos, features = [read[place] for place in places], dev.features[places]
    own = PointingSums.empty(len(photos), config.layers, config.heads)
    other = PointingSums.empty(len(photos), config.layers, config.heads)
    for start in range(0, len(photos), BATCH):
        rows = slice(start, start + BATCH)
        _add_photos(own, start, file, features[rows], photos[rows], keep=keep)
        _add_photos(other, start, file, torch.roll(features, -1, dims=0)[rows], photos[rows], keep=keep)
        progress(min(start + BATCH, len(photos)), len(photos))
    area = [float(word.inside.mean()) for photo in photos for word in photo.words]
    return pointing_of(own, other, area, keep=keep)


@torch.inference_mode()
def _add_photos(
    sums: PointingSums, start: int, file: ModelFile, features: torch.Tensor, photos: Sequence[PhotoWords], *, keep: int
) -> None:
    model, tokenizer = file.model, file.tokenizer
    device = model.device
    prompt = encode_prompt(tokenizer, CAPTION_QUESTION, max_tokens=file.config.max_question_tokens)
    memory = prepare_memory(model, features.to(device).float(), [[prompt]] * len(photos), pad_id=tokenizer.pad_id)
    inputs = _inputs(photos, start_id=tokenizer.start_id, pad_id=tokenizer.pad_id).to(device)
    records = model.decode(inputs, memory, heads=LayerHeads(record=True)).heads
    words = [(index, word) for index, photo in enumerate(photos) for word in photo.words]
    attention, mass = _of_words(records, [(index, word.caption, word.token) for index, word in words])
    patches = attention[..., 1:]  # [W, L, H, P]
    inside = torch.from_numpy(np.stack([word.inside for _, word in words])).to(device)  # [W, P]
    gate = head_gate(mass, keep=keep, alpha=0.0)  # [W, L, H]
    heads = falls_inside(patches, inside[:, None, None])  # [W, L, H, 3]
    overlay = falls_inside(attention.mean((1, 2))[..., 1:], inside)  # [W, 3]
    rows = start + np.array([index for index, _ in words])
    sums.add(rows, heads, overlay, gate)


def _inputs(photos: Sequence[PhotoWords], *, start_id: int, pad_id: int) -> torch.Tensor:
    """[B, G, T]: the start token and all but the last of the ids; what follows at the end isn't looked at."""
    groups = max(len(photo.answers) for photo in photos)
    longest = max(len(ids) for photo in photos for ids in photo.answers)
    inputs = torch.full((len(photos), groups, longest), pad_id)
    for row, photo in enumerate(photos):
        for group, ids in enumerate(photo.answers):
            inputs[row, group, : len(ids)] = torch.tensor([start_id, *ids[:-1]])
    return inputs


def _of_words(records: Sequence[HeadRecord], places: Sequence[tuple[int, int, int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Attention [W, L, H, I] and image mass [W, L, H] of the queries at these photos, captions and tokens."""
    photo, caption, token = (torch.tensor(part) for part in zip(*places, strict=True))
    attention = [record.image_attention[photo, :, caption, token] for record in records]  # each [W, H, I]
    mass = [record.image_mass[photo, caption, token] for record in records]  # each [W, H]
    return torch.stack(attention, dim=1), torch.stack(mass, dim=1)
