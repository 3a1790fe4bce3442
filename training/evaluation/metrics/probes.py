"""Yes/no probes of objects, made of captions: what is there, and three ways to choose what isn't.

Source: Li et al. 2023, "Evaluating object hallucination in large vision-language models" (POPE), arXiv 2305.10355, with
captions in place of segmentations: an object is there where a caption names it, and its absence is sure where none names
it, anything related to it, or a hint of it ("person" beside "man"). Where it is known what is in a photo, that
decides. Each photo is asked as many "no" questions of each strategy as "yes" questions, and the latter are the same for
all three.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import DataError
from training.data.known_objects import KnownObjects
from training.language.object_lexicon import ObjectLexicon, load_object_lexicon
from training.questions.rules.presence import named_heads, presence_questions, surely_absent
from training.questions.rules.read_image import ReadImage

Strategy = Literal["random", "popular", "adversarial"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
"""Random absent objects; the ones most often seen in the photos; those that most often go with what is there."""
PER_PHOTO = 3
"""Objects that are there, and as many that aren't, of each strategy."""


@dataclass(frozen=True)
class Probe:
    """One question about one photo."""

    photo: str
    question: str
    object: str
    strategy: Strategy
    answer: Literal["yes", "no"]


def make_probes(images: Sequence[ReadImage], *, seed: int, known: KnownObjects | None = None) -> list[Probe]:
    """The probes of all photos, photo by photo; the same for the same captions and seed. Photos of which no object or no
    sure absence is known have none. known: what is written down of the photos; None: nothing."""
    known = known or KnownObjects(load_object_lexicon())
    lexicon = known.lexicon
    present = [_present(image, known) for image in images]
    vocabulary = frozenset[str]().union(*(image.words for image in images))
    hints = {name: lexicon.hint_words(name, vocabulary) for name, entry in lexicon.objects.items() if entry.ask}
    often = Counter(name for names in present for name in names)
    together = _together(present)
    found: list[Probe] = []
    for image, there in zip(images, present, strict=True):
        rng = random.Random(f"{seed}/probes/{image.name}")
        absent = [name for name in sorted(hints) if there and _absent(image, name, hints[name], known)]
        number = min(PER_PHOTO, len(there), len(absent))
        asked = _varied(rng.sample(there, len(there)), number, lexicon)
        beside = {name: sum(together[other][name] / often[other] for other in there) for name in absent}
        chosen = {
            "random": _varied(rng.sample(absent, len(absent)), number, lexicon),
            "popular": _varied(sorted(absent, key=lambda name: -often[name]), number, lexicon),
            "adversarial": _varied(sorted(absent, key=lambda name: -beside[name]), number, lexicon),
        }
        for strategy in STRATEGIES:
            found += [Probe(image.name, question_about(name, lexicon), name, strategy, "yes") for name in asked]
            found += [Probe(image.name, question_about(name, lexicon), name, strategy, "no") for name in chosen[strategy]]
    return found


def _present(image: ReadImage, known: KnownObjects) -> list[str]:
    """Objects that are there and can be asked about."""
    truth = known.present.get(image.name)
    if truth is None:  # captions speak in the words of the program's lexicon
        truth = named_heads(image) if known.lexicon is load_object_lexicon() else frozenset[str]()
    return sorted(name for name in truth if known.lexicon.objects[name].ask)


def _absent(image: ReadImage, name: str, hints: frozenset[str], known: KnownObjects) -> bool:
    """Whether it is certain that the object isn't there."""
    truth = known.present.get(image.name)
    return surely_absent(image, name, hints) if truth is None else name not in truth


def question_about(name: str, lexicon: ObjectLexicon) -> str:
    """The same wording for all, so that objects and not wordings are compared."""
    return presence_questions(lexicon.objects[name])[0]


def _together(present: Sequence[Sequence[str]]) -> dict[str, Counter[str]]:
    """In how many photos two objects are both."""
    together: dict[str, Counter[str]] = {}
    for names in present:
        for name in names:
            together.setdefault(name, Counter()).update(names)
    return together


def _varied(names: Sequence[str], number: int, lexicon: ObjectLexicon) -> list[str]:
    """The first ones of which none is more general than another; where they are too few, others too."""
    chosen: list[str] = []
    for name in names:
        if lexicon.related(name).isdisjoint(chosen):
            chosen.append(name)
    return [*chosen, *(name for name in names if name not in chosen)][:number]


def probes_to_json(probes: Sequence[Probe], *, seed: int) -> str:
    """The content of probes.json."""
    return json.dumps({"seed": seed, "questions": [asdict(probe) for probe in probes]}, ensure_ascii=False, indent=1)


def read_probes(path: Path, photos: Sequence[str]) -> list[Probe]:
    """Probes that were kept, to be asked again. Raises DataError where the file can't be used, or asks of other photos."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        probes = [_probe(values) for values in content["questions"]]
    except OSError as error:
        raise DataError(f"The probes in {path} can't be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} holds no probes of this program ({error}).") from error
    known = set(photos)
    others = sorted({probe.photo for probe in probes} - known)
    if others:
        raise DataError(
            f"{path} asks about {len(others):,} photos that aren't measured here, {others[0]} for one: use the same --data, "
            "--split, --photos and --seed as when it was made."
        )
    if not probes:
        raise DataError(f"{path} holds no question.")
    return probes


def _probe(values: dict[str, Any]) -> Probe:
    probe = Probe(**values)
    if not all(isinstance(value, str) for value in values.values()):
        raise ValueError("a question is not text")
    if probe.strategy not in STRATEGIES or probe.answer not in ("yes", "no"):
        raise ValueError(f"strategy {probe.strategy!r}, answer {probe.answer!r}")
    return probe
