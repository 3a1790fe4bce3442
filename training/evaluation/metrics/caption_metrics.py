"""BLEU, ROUGE-L and CIDEr-D of captions against several references each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.config import SettingsRecord
from core.errors import DataError
from training.evaluation.metrics.cider import cider_d
from training.evaluation.metrics.rouge import rouge_l
from training.evaluation.metrics.text_tokens import caption_words


@dataclass(frozen=True)
class CaptionScores(SettingsRecord):
    """Scores in percent, as the field reports them; CIDEr-D of humans is around 80 on Flickr8k."""

    bleu_1: float
    bleu_2: float
    bleu_3: float
    bleu_4: float
    rouge_l: float
    cider_d: float
    mean_words: float
    """Words per caption."""


def caption_scores(candidates: Mapping[str, str], references: Mapping[str, Sequence[str]]) -> CaptionScores:
    """Scores of one caption per image against that image's references.

    references: those of the whole split, also where fewer captions are scored: CIDEr-D weighs n-grams by how rare they
    are among them, so a part of the split scored by itself gets other numbers. Raises DataError where an image has no
    reference, or nothing is to be scored.
    """
    if not candidates or any(not references.get(name) for name in candidates):
        raise DataError("every caption to be scored needs at least one reference")
    names = sorted(candidates)
    said = [caption_words(candidates[name]) for name in names]
    wanted = [[caption_words(reference) for reference in references[name]] for name in names]
    split = [[caption_words(reference) for reference in group] for group in references.values() if group]
    bleu = [bleu_score(said, wanted, longest=longest) for longest in (1, 2, 3, 4)]
    return CaptionScores(
        *bleu,
        rouge_l=100 * _mean([rouge_l(words, group) for words, group in zip(said, wanted, strict=True)]),
        cider_d=100 * _mean(cider_d(said, wanted, split=split)),
        mean_words=_mean([float(len(words)) for words in said]),
    )


def bleu_score(said: Sequence[Sequence[str]], wanted: Sequence[Sequence[Sequence[str]]], *, longest: int) -> float:
    """Corpus BLEU up to n-grams of length `longest`, in percent, not smoothed (Papineni et al. 2002).

    The reference length is that of the closest reference, the shorter of two, as in the COCO caption code.
    """
    from sacrebleu.metrics.bleu import BLEU  # slow to import, and only needed here

    most = max(map(len, wanted))
    # sacrebleu takes one list per reference number. Where an image has fewer references, its last one stands again, which
    # changes nothing; an empty text would count as a reference of length 0 and spare short captions the brevity penalty.
    columns = [[" ".join(group[min(k, len(group) - 1)]) for group in wanted] for k in range(most)]
    scorer = BLEU(max_ngram_order=longest, smooth_method="none", tokenize="none", force=True)
    return scorer.corpus_score([" ".join(words) for words in said], columns).score


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
