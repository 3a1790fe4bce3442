"""The parts of a teaching: which photos a pass shows, what is learnt and kept, and what follows from the figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.files.checkpoint import load_model
from tests.training.teaching.conftest import write_answers
from training.batches.dataset import PairDataset, PhotoPairs, TokenPair
from training.evaluation.metrics.bootstrap import Interval
from training.loop.answer_loss import AnswerLoss
from training.teaching.keeping_loss import KeepingLoss
from training.teaching.mixed_photos import MixedDataset
from training.teaching.own_photos import read_own_photos
from training.teaching.report import FEWEST_TO_TELL, Change, Measured, Outcome, ShownAnswer, TeachReport
from training.teaching.result_words import OUTCOME_TITLES, explained, rows
from training.teaching.settings import TeachSettings
from training.teaching.taught_card import taught_card
from training.teaching.what_learns import merged, prepare

DRAWING = {"pad_id": 0, "start_id": 1, "captions_per_photo": 2, "derived_per_photo": 2}


def photo(answer: int) -> PhotoPairs:
    return PhotoPairs((TokenPair([5, 6], [answer, 7, 2]),), (TokenPair([5], [answer, 2]),))


@pytest.mark.parametrize(("new", "old", "ratio"), [(5, 9, 1.0), (5, 9, 2.0), (40, 3, 0.5), (3, 0, 1.0)])
def test_a_pass_shows_all_new_photos_as_often_as_each_other_and_old_ones_beside(new: int, old: int, ratio: float) -> None:
    settings = TeachSettings("m", ("d",), photos_per_pass=20, old_per_new=ratio, seed=3)
    mixed = MixedDataset([photo(8)] * new, [photo(9)] * old, settings=settings, **DRAWING)
    shown = [*mixed.batches(epoch=2, batch_photos=4)]
    photos = [number for batch in shown for number in batch.photos.tolist()]
    times = Counter(mixed.order(2))
    rounds = -(-20 // new)
    assert [times[number] for number in range(new)] == [rounds] * new
    assert sum(times[number] for number in range(new, new + old)) == (round(rounds * new * ratio) if old else 0)
    assert len(mixed.order(2)) == len(mixed)
    assert mixed.order(2) != mixed.order(3)
    assert set(photos) <= set(range(new + old))
    for batch in shown:
        assert batch.photos.tolist() == sorted(batch.photos.tolist()), "new ones first"
        firsts = batch.groups[0].targets[:, 0, 0]
        assert torch.equal(firsts, torch.where(batch.photos < new, 8, 9)), "each with its own pairs"


def test_new_answers_are_learnt_and_old_ones_kept(untrained_model: Path) -> None:
    file = load_model(untrained_model)
    torch.manual_seed(0)
    sizes = file.config
    features = torch.randn(4, sizes.image_tokens, sizes.encoder_width)
    batch = PairDataset([photo(8)] * 4, seed=0, **DRAWING).batch(range(4), epoch=0)
    model = load_model(untrained_model).model.requires_grad_(True)
    alone = AnswerLoss(model, label_smoothing=0.0, fused=False)
    keeping = KeepingLoss(model, file.model, new=2, keep=5.0)
    first = batch.part(0, 2)
    torch.testing.assert_close(keeping(features, batch), alone(features[:2], first))
    nothing_new = KeepingLoss(model, file.model, new=0, keep=1.0)
    loss = nothing_new(features, batch)
    assert abs(loss.item()) < 1e-3, "it still says what it said"
    loss.backward()
    moved = max(float(weight.grad.abs().max()) for weight in model.parameters() if weight.grad is not None)
    assert moved < 1e-3
    with torch.no_grad():
        model.decoder.norm.weight.mul_(1.5)
    assert nothing_new(features, batch).item() > 0.01
    torch.testing.assert_close(KeepingLoss(model, file.model, new=2, keep=0.0)(features, batch), alone(features[:2], first))
    assert {id(weight) for weight in keeping.parameters()} == {id(weight) for weight in model.parameters()}


def test_small_additions_begin_at_nothing_and_end_in_the_weights(untrained_model: Path) -> None:
    file, model = load_model(untrained_model), load_model(untrained_model).model.requires_grad_(True)
    prepare(model, "low_rank")
    learning = [name for name, weight in model.named_parameters() if weight.requires_grad]
    assert learning
    assert all(".parametrizations.weight.0." in name for name in learning)
    whole = merged(model)
    assert whole.state_dict().keys() == file.model.state_dict().keys()
    for name, weight in file.model.state_dict().items():
        torch.testing.assert_close(whole.state_dict()[name], weight)


@pytest.mark.parametrize(("photos", "kept_back"), [(4, 1), (9, 2), (10, 5), (13, 5), (20, 5), (24, 6)])
def test_whole_photos_are_kept_back_and_questions_are_put_as_the_model_is_asked(
    tmp_path: Path, photos: int, kept_back: int
) -> None:
    own = read_own_photos(TeachSettings("m", (str(write_answers(tmp_path / "mine", photos)),)))
    taught, held_out = ({image.name for image in text.images} for text in (own.taught, own.held_out))
    assert len(held_out) == kept_back
    assert not taught & held_out
    assert len(taught | held_out) == photos
    assert {pair.question for text in (own.taught, own.held_out) for pair in text.pairs} == {"What color is the box?"}
    fewer = read_own_photos(TeachSettings("m", (str(tmp_path / "mine"),), max_photos=4))
    assert len(fewer.taught.images) + len(fewer.held_out.images) == 4
    assert fewer.left_out == photos - 4


def change(value: float, low: float, high: float) -> Change:
    return Change(50.0, 50.0 + value, Interval(value, low, high, 0.95))


def measured(
    answers: Change | None, words: Change | None = None, photos: int = 12, *, fit: Change | None = None
) -> Measured:
    return Measured(photos, 30, 10, answers, words, fit)


UP, DOWN, UNSURE, SAME = change(9, 2, 15), change(-9, -15, -2), change(4, -3, 11), change(0, -1, 1)
LOWER = change(-4, -11, 3)


@pytest.mark.parametrize(("held_out", "old", "best_pass", "outcome"), [
    (measured(UP), measured(SAME), 3, "better"),
    (measured(None, UP), measured(SAME, SAME), 3, "better"),
    (measured(UP, DOWN), measured(SAME), 3, "not_better"),
    (measured(UP), measured(DOWN), 3, "forgot"),
    (measured(UP), measured(change(-1, -4, 2)), 3, "forgot"),
    (measured(UP), measured(SAME, DOWN), 3, "forgot"),
    (measured(UNSURE), measured(SAME), 3, "too_few"),
    (measured(UNSURE, SAME, fit=UP), measured(SAME), 3, "better"),
    (measured(UNSURE, LOWER, fit=UP), measured(SAME), 3, "too_few"),
    (measured(UNSURE, DOWN, fit=UP), measured(SAME), 3, "not_better"),
    (measured(UNSURE, fit=UNSURE), measured(SAME), 3, "too_few"),
    (measured(UNSURE, fit=UP), measured(DOWN), 3, "forgot"),
    (measured(UNSURE, fit=UP, photos=FEWEST_TO_TELL - 1), measured(SAME), 3, "too_few"),
    (measured(SAME), measured(SAME), 3, "not_better"),
    (measured(UP, photos=FEWEST_TO_TELL - 1), measured(SAME), 3, "too_few"),
    (measured(UP), measured(SAME), 0, "nothing"),
])
def test_a_model_takes_over_only_where_it_is_better_and_forgot_nothing(
    held_out: Measured, old: Measured, best_pass: int, outcome: Outcome
) -> None:
    report = TeachReport("m", "of photos", held_out, measured(UP), old, best_pass, 5, 60.0, ())
    assert report.outcome == outcome
    assert OUTCOME_TITLES[outcome]
    assert ("stays in use" in explained(report)) == (outcome != "better")
    assert ("only 25%" in explained(replace(report, part=0.25))) == (outcome == "forgot")
    assert ("more likely" in explained(report)) == (outcome == "better" and held_out.fit is not None)
    few = held_out.photos < FEWEST_TO_TELL
    assert any("too few to tell" in row[-1] for row in rows(report)) == few


def shown(place: int, before: str, after: str, *, was: bool, now: bool, taught: bool = False) -> ShownAnswer:
    return ShownAnswer(f"/photos/{place}.jpg", "What is it?", f"right{place}", before, after, was, now, taught)


def test_the_card_shows_what_changed_about_photos_that_were_kept_back() -> None:
    answers = (
        shown(1, "bus", "bus", was=False, now=False), shown(2, "cup", "mug", was=True, now=False),
        shown(3, "", "ant | bee", was=False, now=True), shown(4, "dog", "cow", was=False, now=True, taught=True),
        shown(5, "oak", "elm", was=False, now=False),
    )
    report = TeachReport("m", "of photos", measured(UP), measured(UP), measured(SAME), 3, 5, 60.0, answers, part=0.75)
    card = taught_card(report, "mine")
    _, _, table = card.partition("## What it says now")
    assert table.splitlines()[4:] == [
        "| 3.jpg | What is it? | right3 | declined - wrong | ant / bee - right |",
        "| 2.jpg | What is it? | right2 | cup - right | mug - wrong |",
        "| 5.jpg | What is it? | right5 | oak - wrong | elm - wrong |",
    ]
    assert "75%" in card
    assert "What it says now" not in taught_card(replace(report, shown=answers[:1]), "mine")
    assert "takes over" not in taught_card(replace(report, part=1.0), "mine")
