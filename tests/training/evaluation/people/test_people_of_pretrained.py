"""People's questions to a pretrained model: which photo each is asked about, in which words, and that it goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.answers import Answer, AnswerRequest
from core.config import GenerationConfig, SpinConfig
from core.errors import QuestionError
from core.pretrained.loading.load import load_pretrained
from core.pretrained.session import PretrainedSession
from tests.spinvlm_desktop.pretrained_folders import saved
from tests.training.asked_photos import make_asked_photos
from training.data.captions import CaptionedImage, load_captions
from training.data.qa_pair import QaPair
from training.evaluation.certainty.asked_photos import AskedPhotos
from training.evaluation.measurement import Plan, measure_model
from training.evaluation.people.asking import ASKING
from training.evaluation.people.of_pretrained import PretrainedPeople
from training.evaluation.people_record import ALL, PeopleRecord
from training.evaluation.photo_costs import AnsweringPace, photo_costs
from training.evaluation.sweep import kept_answers
from training.evaluation.sweep.subject import PretrainedSubject, open_subject
from training.evaluation.sweep.work import WorkProgress

SEEN = ("dog", "cat", "horse", "sheep", "cow", "goat", "pig", "hen", "duck", "fox", "bear", "wolf")
"""What is in each photo."""
BLANK = b"nothing"


class SeesAnimals:
    """Stands for a session: names what is in the photo, in words of its own where it has some."""

    def __init__(self, words: dict[str, str] | None = None, *, calls: int = 10_000) -> None:
        """words: by question; calls: so many are answered before the process is killed."""
        self._words, self._calls = words or {}, calls
        self.asked: list[AnswerRequest] = []

    def short_question(self, question: str) -> str:
        return f"{question} Briefly."

    def blank_photo(self) -> bytes:
        return BLANK

    def sweep(self, request: AnswerRequest, settings: Sequence[SpinConfig | None]) -> Iterator[Answer]:
        if len(self.asked) == self._calls:
            raise KeyboardInterrupt
        assert list(settings) == [None]
        self.asked.append(request)
        if "<image>" in request.question:
            raise QuestionError("It contains a command.")
        said = self._words.get(request.question.removesuffix(" Briefly."))
        if said is None:
            said = "bird" if isinstance(request.image, bytes) else SEEN[int(request.image.stem)]
        return iter([Answer(request.question, f" {said}\n", (), "end", 0.0, 0.0)])


def photo(number: int, *pairs: tuple[str, dict[str, int]]) -> CaptionedImage:
    name = f"{number}.jpg"
    asked = tuple(QaPair(name, text, next(iter(answers)), "", tuple(answers.items())) for text, answers in pairs)
    return CaptionedImage(name, Path(name), (), "dev", questions=asked)


def animals(count: int) -> list[CaptionedImage]:
    """The first is asked about once, the second twice, the third once ..."""
    return [
        photo(number, *[(f"What is it, {number}.{which}?", {SEEN[number]: 9}) for which in range(1 + number % 2)])
        for number in range(count)
    ]


def people(model: SeesAnimals, images: Sequence[CaptionedImage], folder: Path) -> PretrainedPeople:
    folder.mkdir(exist_ok=True)
    subject: Any = PretrainedSubject(model, None, 0.1)  # type: ignore[arg-type]
    return PretrainedPeople(subject, AskedPhotos(("walks",), 0, tuple(images), ()), folder, depends_on={"model": "0"})


def silent(*_: object) -> None:
    pass


def measured(model: SeesAnimals, images: Sequence[CaptionedImage], folder: Path) -> PeopleRecord:
    record = people(model, images, folder).measure(seed=0, progress=silent)
    assert record is not None
    return record


def test_each_question_is_asked_about_its_photo_about_four_others_and_about_a_blank_one(tmp_path: Path) -> None:
    model, images = SeesAnimals(), animals(12)
    record = measured(model, images, tmp_path)
    (whole,) = [row for row in record.rows if row.name == ALL]
    assert (record.photos, record.questions, record.other_photos) == (12, 18, 4)
    assert (whole.right.value, whole.another_photo.value, whole.question_alone.value) == (100, 0, 0)
    for image in images:
        for pair in image.questions:
            about = [asked.image for asked in model.asked if asked.question == model.short_question(pair.question)]
            assert len(about) == len(set(about)) == 6
            assert {image.path, BLANK} < set(about)
    assert all(asked.free_form for asked in model.asked)
    answers = json.loads((tmp_path / "people_answers.json").read_text("utf-8"))["settings"]
    assert answers["its photo"][:4] == ["dog", "cat", "cat", "horse"]
    assert answers["another photo 1"][:4] == ["horse", "sheep", "sheep", "cow"], "two photos further"


def test_another_photos_answers_count_where_they_are_right_for_the_question(tmp_path: Path) -> None:
    images = [photo(number, (f"What is it, {number}?", {SEEN[number]: 9})) for number in range(4)]
    images.append(photo(4, ("What is that?", {"horse": 3})))
    whole = measured(SeesAnimals(), images, tmp_path).row(ALL)
    assert whole is not None
    assert whole.right.value == pytest.approx(80)
    assert whole.another_photo.value == pytest.approx(100 / 4 / 5), "one of the last photo's four others shows a horse"


def test_a_photo_that_nobody_asked_about_is_never_shown(tmp_path: Path) -> None:
    model, images = SeesAnimals(), animals(5)
    measured(model, [images[0], photo(1), *images[2:]], tmp_path)
    assert {str(asked.image) for asked in model.asked} == {"0.jpg", "2.jpg", "3.jpg", "4.jpg", str(BLANK)}


def test_a_word_a_phrase_and_a_sentence(tmp_path: Path) -> None:
    said = {"colour": ("Black.", "black", 1, 1), "number": ("Two", "2", 1, 1), "article": ("A dog", "dog", 1, 1),
            "sentence": ("The cat is black.", "black", 0, 0), "small words": ("It is black.", "black", 0, 1),
            "politely": ("Yes, it is.", "yes", 0, 1), "place": ("On the table", "table", 0, 1), "wrong": ("White", "black", 0, 0)}
    images = [photo(number, (name, {right: 10})) for number, (name, (_, right, _, _)) in enumerate(said.items())]
    whole = measured(SeesAnimals({name: text for name, (text, *_) in said.items()}), images, tmp_path).row(ALL)
    assert whole is not None
    assert whole.right.value == pytest.approx(100 * sum(right for *_, right, _ in said.values()) / len(said))
    assert whole.alike.value == pytest.approx(100 * sum(alike for *_, alike in said.values()) / len(said))


def test_a_question_that_cannot_be_asked_counts_as_wrong(tmp_path: Path) -> None:
    images = [photo(0, ("What is <image>?", {"dog": 10})), photo(1, ("What is it?", {"cat": 10}))]
    whole = measured(SeesAnimals(), images, tmp_path).row(ALL)
    assert whole is not None
    assert whole.right.value == 50


def test_one_photo_has_no_other(tmp_path: Path) -> None:
    assert people(SeesAnimals(), animals(1), tmp_path).measure(seed=0, progress=silent) is None


def test_what_was_killed_goes_on_where_it_was_with_the_same_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "KEEP_EVERY_S", 0.0)
    images, undisturbed = animals(12), SeesAnimals()
    whole = measured(undisturbed, images, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        measured(SeesAnimals(calls=47), images, tmp_path / "killed")
    second, costs = SeesAnimals(), photo_costs(AnsweringPace(1.0, 0.1), settings=1)
    assert 0 < people(second, images, tmp_path / "killed").step(costs).kept < 0.5
    assert measured(second, images, tmp_path / "killed") == whole
    again = 47 + len(second.asked) - len(undisturbed.asked)
    assert again in (0, 1), "at most what was asked of the photo that was being looked at under one condition"
    third = SeesAnimals()
    assert measured(third, images, tmp_path / "killed") == whole
    assert third.asked == []
    assert people(third, images, tmp_path / "killed").step(costs).kept == 1
    names = ("whole", "killed")
    assert len({(tmp_path / name / "people_answers.json").read_text("utf-8") for name in names}) == 1


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> PretrainedSubject:
    return open_subject(saved("smolvlm", tmp_path_factory), device="cpu")


def test_a_real_model_is_asked_for_a_phrase_and_looks_at_each_photo_once(
    subject: PretrainedSubject, tmp_path: Path
) -> None:
    walks = load_captions(make_asked_photos(tmp_path / "walks", photos=10), dev_fraction=0.9)
    loaded = load_pretrained(subject.path, device="cpu")
    own, looked, steps = PretrainedSession(loaded), list[int](), list[WorkProgress]()
    watch = loaded.parts.loaded.model.model.vision_model.register_forward_hook(lambda *_: looked.append(0))
    plan = Plan(walks, {"SPIN off": None}, ("people",))
    report = measure_model(replace(subject, model=own), plan, tmp_path / "report", on_progress=steps.append)
    watch.remove()
    assert report.people is not None
    asked = walks.split("dev")
    assert len(asked) > 8, "more than the session remembers"
    assert (report.people.photos, report.people.questions) == (len(asked), 2 * len(asked))
    assert len(looked) == len(asked) + 1
    assert (steps[-1].what, steps[-1].part, steps[-1].done) == (ASKING, 1.0, len(asked))
    answers = json.loads((tmp_path / "report" / "people_answers.json").read_text("utf-8"))["settings"]
    further = len(asked) // 5
    looked_at: dict[str, Path | bytes] = {
        "its photo": asked[0].path, "another photo 1": asked[further].path, "a blank photo": own.blank_photo(),
    }
    for name, image in looked_at.items():
        request = AnswerRequest(
            image, "Is there a ball?\nAnswer the question using a single word or phrase.",
            generation=GenerationConfig("greedy", max_tokens=16),
        )
        assert answers[name][0] == subject.model.answer(request).text.strip(), name
    assert len({tuple(texts) for texts in answers.values()}) == len(answers), "the photo changes what it says"
    assert report.recipe["people"]["asked_as"] == "{question}\nAnswer the question using a single word or phrase."


def test_answers_of_another_folder_are_not_taken_for_this_ones(subject: PretrainedSubject, tmp_path: Path) -> None:
    walks = load_captions(make_asked_photos(tmp_path / "walks"))
    plan = Plan(walks, {"SPIN off": None}, ("people",))
    measure_model(subject, plan, tmp_path / "report", on_progress=silent)
    model: Any = SeesAnimals({"Is there a ball?": "yes", "What does the sign say?": "stop"})
    other = replace(subject, model=model, described=replace(subject.described, path=tmp_path / "other"))
    report = measure_model(other, plan, tmp_path / "report", on_progress=silent)
    whole = None if report.people is None else report.people.row(ALL)
    assert whole is not None
    assert whole.right.value == 100
