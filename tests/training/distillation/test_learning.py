from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.errors import ConfigError, DataError, TrainingError
from tests.training.distillation.conftest import CLASSES, CPU, lesson_settings
from training.distillation.learning import Learning
from training.distillation.lessons import LessonBook
from training.distillation.photo_pack import PhotoSet
from training.distillation.principal_components import STEPS
from training.distillation.run import CHECKPOINT, ENCODER, PROBES, Watch, learn
from training.distillation.settings import LearningSettings, Stage, stage_from
from training.distillation.student import LossWeights, Predictions, Truth, losses
from training.distillation.teachers import Teacher, judge

SETTINGS = LearningSettings(
    (Stage((32, 48), 8, 64), Stage((64,), 4, 32)), encoder_name="test_vit", warm_up=3, word_photos=2, first_lessons=10, reuse=2,
)


def make(settings: LearningSettings, photos: PhotoSet, teachers: dict[str, Teacher], book: LessonBook) -> Learning:
    return Learning(settings, photos, teachers, book, device=CPU, report=lambda _: None)


def weights_of(learning: Learning) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in (*learning.student.parameters(), *learning.average.parameters())])


def test_the_first_lessons_are_whole_photos(photos: PhotoSet, teachers: dict[str, Teacher], book: LessonBook) -> None:
    teacher = teachers["mobilenet_v2"]
    numbers = torch.tensor([0, 5, 23])
    seen = judge(teacher, torch.nn.functional.interpolate(photos.pixels[book.photo_of[numbers]].float(), size=96), side=96)
    expected = book.components["mobilenet_v2"].shorten(seen)
    kept = book.maps(numbers)
    assert kept.shape == (3, 8, 3, 3)
    assert torch.nn.functional.cosine_similarity(kept.flatten(), expected.flatten(), dim=0) > 0.9
    assert sorted(book.photo_of[:24].tolist()) == list(range(24))
    assert sorted(book.photo_of[24:48].tolist()) == list(range(24))
    assert (book.boxes[24:, 2:] < 1).any()


def test_lessons_are_the_same_however_often_judging_was_ended(
    photos: PhotoSet, teachers: dict[str, Teacher], book: LessonBook, tmp_path: Path
) -> None:
    for count in (10, 40, 60):
        again = LessonBook(tmp_path, lesson_settings(), photos, teachers, device=CPU)
        again.judge_until(count)
    assert len(again) == 60
    every = torch.arange(60)
    assert (again.maps(every) - book.maps(every)).abs().max() <= 2 / STEPS
    with pytest.raises(DataError, match="other settings"):
        LessonBook(tmp_path, lesson_settings(components=4), photos, teachers, device=CPU)


def test_mistakes_cost_nothing_where_there_are_none() -> None:
    maps, classes, words = torch.randn(2, 8, 3, 3), torch.rand(2, CLASSES).softmax(1), torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    weights = LossWeights(torch.ones(8), classes=1.0, words=1.0)
    truth = Truth(maps, (classes,), words)
    right = losses(Predictions(maps, classes.log(), (words - 0.5) * 40), truth, weights)
    wrong = losses(Predictions(-maps, -classes.log(), (0.5 - words) * 40), truth, weights)
    assert right["maps"] == pytest.approx(0, abs=1e-5)
    assert right["words"] == pytest.approx(0, abs=1e-5)
    assert all(wrong[name] > right[name] for name in ("maps", "classes", "words"))
    assert set(losses(Predictions(maps, classes, words), truth, replace(weights, classes=0.0, words=0.0))) == {"maps"}


def test_a_student_learns(photos: PhotoSet, teachers: dict[str, Teacher], book: LessonBook) -> None:
    settings = replace(SETTINGS, stages=(Stage((48,), 16, 10_000),), rate=3e-3)
    learning = make(settings, photos, teachers, book)
    found = [sum(learning.step().values()) for _ in range(30)]
    assert sum(found[-5:]) < 0.85 * sum(found[:5])


def test_photos_without_captions_teach_too(photos: PhotoSet, teachers: dict[str, Teacher], book: LessonBook) -> None:
    bare = replace(photos, captions=((),) * len(photos))
    assert set(make(SETTINGS, bare, teachers, book).step()) == {"maps", "classes"}


def test_a_killed_run_ends_as_one_that_was_not(
    photos: PhotoSet, teachers: dict[str, Teacher], book: LessonBook, tmp_path: Path
) -> None:
    through = make(SETTINGS, photos, teachers, book)
    learn(through, tmp_path, Watch(probe_photos=photos, probe_size=48), report=lambda _: None)
    assert through.position.seen == SETTINGS.views
    assert load_file(tmp_path / ENCODER)["pos_embed"].dtype == torch.float16
    assert json.loads((tmp_path / PROBES).read_text())["mean_average_precision"] > 0

    first = make(SETTINGS, photos, teachers, book)
    for _ in range(6):
        first.step()
    first.save(tmp_path / "killed.pt")
    first.step()  # lost
    second = make(SETTINGS, photos, teachers, book)
    second.resume(tmp_path / "killed.pt")
    assert second.position.step == 6
    while second.position.seen < SETTINGS.views:
        second.step()
    assert torch.equal(weights_of(through), weights_of(second))
    with pytest.raises(TrainingError, match="other settings"):
        make(replace(SETTINGS, rate=0.5), photos, teachers, book).resume(tmp_path / CHECKPOINT)


def test_a_run_stops_when_asked(photos: PhotoSet, teachers: dict[str, Teacher], book: LessonBook, tmp_path: Path) -> None:
    learning, asked = make(SETTINGS, photos, teachers, book), iter([False, False, True])
    learn(learning, tmp_path, Watch(), report=lambda _: None, should_stop=lambda: next(asked))
    assert learning.position.step == 2
    assert (tmp_path / CHECKPOINT).exists()


def test_stages_and_rates() -> None:
    assert stage_from("112,160:128:5e5") == Stage((112, 160), 128, 500_000)
    for wrong in ("112:128", "100:8:8", "a:b:c", "112:0:5"):
        with pytest.raises(ConfigError):
            stage_from(wrong)
    assert [SETTINGS.stage_at(seen).batch for seen in (0, 63, 64, 5000)] == [8, 8, 4, 4]
    assert SETTINGS.rate_factor(100, 0) == 1
    assert SETTINGS.rate_factor(4 * SETTINGS.hold, 0) == pytest.approx(0.5)
    falling = replace(SETTINGS, cool_down=True, start_step=4 * SETTINGS.hold)
    assert falling.rate_factor(0, 48) == pytest.approx(0.25)
    assert falling.rate_factor(0, 96) == 0
