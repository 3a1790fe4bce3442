"""CHAIR: how many of the objects that a caption names aren't in the photo, judged by what people said of it.

Source: Rohrbach et al. 2018, "Object hallucination in image captioning", arXiv 1809.02156, with the program's own object
lexicon in place of COCO's 80 classes, and no segmentations: an object is taken to be there where one of the references
names it, or something more special, and its absence is unsure where one names a hint of it ("person" beside "man").
Where it is known what is in a photo (training/known_objects.py), that alone decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.config import SettingsRecord
from training.evaluation.metrics.named_things import named_things
from training.evaluation.metrics.text_tokens import caption_words
from training.language.object_lexicon import ObjectLexicon

NAMED_BY = 2
"""Of a photo's references must name an object for it to be one that a caption should name."""


@dataclass(frozen=True)
class CaptionObjects:
    """The objects of one caption, by place among its words."""

    words: tuple[str, ...]
    named: tuple[tuple[int, int, str], ...]
    """Start, end and object of every mention that can be judged."""
    invented: tuple[tuple[int, int, str], ...]
    """Those of them that no reference knows of."""
    wanted: frozenset[str]
    """Objects that several references name."""
    found: frozenset[str]
    """Those of them that the caption names."""


@dataclass(frozen=True)
class ChairScores(SettingsRecord):
    """In percent, but for the means."""

    chair_i: float
    """Of the objects that are named, those that are invented; lower is better."""
    chair_s: float
    """Of the captions, those that invent an object; lower is better."""
    recall: float
    """Of the objects that several people name, those that the caption names."""
    precision: float
    """Of the objects that are named, those that aren't invented: 100 - chair_i."""
    f1: float
    """Harmonic mean of recall and precision."""
    mean_objects: float
    """Named in a caption."""


class ObjectJudge:
    """Judges captions of photos by their references."""

    def __init__(
        self, lexicon: ObjectLexicon, references: Iterable[Sequence[str]], *,
        present: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        """references: all texts that will be judged by, by photo; hints are looked for among their words.

        present: photos of which it is known what is in them, with everything that is.
        """
        self._lexicon = lexicon
        self._present = present or {}
        vocabulary = {word for group in references for text in group for word in caption_words(text)}
        self._hints = {
            name: lexicon.hint_words(name, vocabulary) for name, entry in lexicon.objects.items() if entry.judged
        }

    def judge(self, caption: str, references: Sequence[str], *, photo: str = "") -> CaptionObjects:
        """What a caption names and invents. references: what others said of the same photo; photo: its name."""
        truth = self._present.get(photo)
        texts = [caption_words(text) for text in references] if truth is None else []
        said = set[str]().union(*map(set, texts)) if texts else set[str]()
        naming = [self._lexicon.named_in(text) for text in texts] if truth is None else [truth]
        known = frozenset[str]().union(*naming) if naming else frozenset[str]()
        words = caption_words(caption)
        named: list[tuple[int, int, str]] = []
        invented: list[tuple[int, int, str]] = []
        for mention in named_things(self._lexicon, words):
            if not all(name in self._hints for name in mention.names):
                continue  # "glasses" may be worn
            place = (mention.start, mention.end, mention.names[0])
            named.append(place)
            if not any(name in known or self._hints[name] & said for name in mention.names):
                invented.append(place)
        counts = {name: sum(name in group for group in naming) for name in known if name in self._hints}
        wanted = frozenset(name for name, count in counts.items() if count >= min(NAMED_BY, len(naming)))
        own = self._lexicon.named_in(words)
        return CaptionObjects(tuple(words), tuple(named), tuple(invented), wanted, wanted & own)


def chair_scores(judged: Sequence[CaptionObjects]) -> ChairScores:
    """Over all captions."""
    named = sum(len(caption.named) for caption in judged)
    invented = sum(len(caption.invented) for caption in judged)
    wanted, found = sum(len(caption.wanted) for caption in judged), sum(len(caption.found) for caption in judged)
    chair_i = 100 * invented / max(1, named)
    recall = 100 * found / max(1, wanted)
    precision = 100 - chair_i
    return ChairScores(
        chair_i=chair_i, chair_s=100 * sum(bool(caption.invented) for caption in judged) / max(1, len(judged)),
        recall=recall, precision=precision, f1=2 * precision * recall / max(1e-9, precision + recall),
        mean_objects=named / max(1, len(judged)),
    )


def human_floor(judge: ObjectJudge, references: Mapping[str, Sequence[str]]) -> ChairScores:
    """What people score: each caption against the others of its photo. Photos with a single caption are left out."""
    return chair_scores([
        judge.judge(text, [*group[:number], *group[number + 1 :]], photo=photo)
        for photo, group in references.items() if len(group) > 1
        for number, text in enumerate(group)
    ])
