from __future__ import annotations

import torch

from core.text.tokenizer import Tokenizer
from training.batches.dataset import IGNORED, NO_REGION, PairDataset, PhotoPairs, TokenPair, encode_pairs, pad_group
from training.data.qa_pair import QaPair

PAD, START, END = 0, 3, 4


def photos(count: int) -> list[PhotoPairs]:
    return [
        PhotoPairs(
            captions=tuple(TokenPair([10 + p, 11], [20 + p, 21, 22, END][-2 - c :]) for c in range(3)),
            derived=tuple(TokenPair([12, 13, 14 + p], [30 + p, END]) for _ in range(p % 3)),
        )
        for p in range(count)
    ]


def dataset(count: int = 11) -> PairDataset:
    return PairDataset(photos(count), pad_id=PAD, start_id=START, captions_per_photo=2, derived_per_photo=2, seed=5)


def test_targets_are_the_inputs_one_token_later() -> None:
    pairs = [TokenPair([10, 11], [20, 21, END]), TokenPair([10], [22, END])]
    group = pad_group([pairs], pairs=2, pad_id=PAD, start_id=START)
    assert group.inputs.tolist() == [[[START, 20, 21], [START, 22, PAD]]]
    assert group.targets.tolist() == [[[20, 21, END], [22, END, IGNORED]]]
    assert group.question.tolist() == [[[10, 11], [10, PAD]]]
    assert group.question_padding.tolist() == [[[False, False], [False, True]]]
    assert group.tokens == 5


def test_an_epoch_shows_each_photo_once_and_another_epoch_another_order() -> None:
    first = [batch.photos.tolist() for batch in dataset().batches(epoch=0, batch_photos=3)]
    second = [batch.photos.tolist() for batch in dataset().batches(epoch=1, batch_photos=3)]
    seen = [photo for batch in first for photo in batch]
    assert len(seen) == len(set(seen)) == 9
    assert first != second


def test_a_resumed_epoch_goes_on_with_the_same_batches() -> None:
    whole = list(dataset().batches(epoch=2, batch_photos=2))
    rest = list(dataset().batches(epoch=2, batch_photos=2, first=3))
    assert len(rest) == len(whole) - 3
    for a, b in zip(whole[3:], rest, strict=True):
        assert torch.equal(a.photos, b.photos)
        assert all(torch.equal(x.targets, y.targets) for x, y in zip(a.groups, b.groups, strict=True))


def test_two_processes_share_the_batch_of_one() -> None:
    one = list(dataset().batches(epoch=0, batch_photos=4))
    shares = [list(dataset().batches(epoch=0, batch_photos=4, rank=rank, world=2)) for rank in (0, 1)]
    for whole, left, right in zip(one, *shares, strict=True):
        assert sorted(whole.photos.tolist()) == sorted(left.photos.tolist() + right.photos.tolist())
        assert len(left.photos) == len(right.photos)
        assert whole.tokens == left.tokens + right.tokens


def test_no_process_is_without_work_where_there_are_fewer_photos_than_processes() -> None:
    shares = [list(dataset(2).batches(epoch=0, batch_photos=4, rank=rank, world=3)) for rank in range(3)]
    assert all(len(share) == 1 and len(share[0].photos) == 1 for share in shares)


def test_fewer_photos_than_a_batch_still_make_one() -> None:
    (batch,) = dataset(2).batches(epoch=0, batch_photos=32)
    assert sorted(batch.photos.tolist()) == [0, 1]


def test_missing_pairs_do_not_count() -> None:
    batch = dataset().batch([0, 1], epoch=0)  # photo 0 has no derived pairs, photo 1 has one
    derived = batch.groups[1]
    assert (derived.targets[0] == IGNORED).all()
    assert (derived.targets[1, 1] == IGNORED).all()
    assert (derived.targets[1, 0] != IGNORED).all()


def test_regions_stand_beside_the_targets_that_name_them() -> None:
    group = pad_group([[TokenPair([10], [20, 21, END], (NO_REGION, 2)), TokenPair([10], [22, END])]], pairs=2, pad_id=PAD,
                      start_id=START)
    assert group.regions is not None
    assert group.regions.tolist() == [[[NO_REGION, 2, NO_REGION], [NO_REGION] * 3]]
    assert group.rows(0, 1).regions is not None


def test_drawn_questions_come_as_a_group_of_their_own_and_differ_from_epoch_to_epoch() -> None:
    def draw(epoch: int) -> list[list[TokenPair]]:
        return [[TokenPair([40 + epoch], [50 + photo, END])] * (photo % 2) for photo in range(11)]

    data = PairDataset(
        photos(11), pad_id=PAD, start_id=START, captions_per_photo=2, derived_per_photo=2, seed=5, derived_weight=3.0,
        presence=draw, presence_per_photo=4,
    )
    plain = list(dataset().batches(epoch=1, batch_photos=4))
    for batch, without in zip(data.batches(epoch=1, batch_photos=4), plain, strict=True):
        assert torch.equal(batch.photos, without.photos)
        *others, drawn = batch.groups
        assert all(torch.equal(a.targets, b.targets) for a, b in zip(others, without.groups, strict=True))
        assert drawn.weight == 3.0
        assert drawn.targets.shape == (4, 4, 2)
        for row, photo in zip(drawn.targets, batch.photos.tolist(), strict=True):
            assert row[0].tolist() == ([50 + photo, END] if photo % 2 else [IGNORED] * 2)
        assert drawn.question[drawn.question != PAD].unique().tolist() == [41]


def test_answers_of_several_people_are_drawn_as_often_as_they_were_given() -> None:
    people = TokenPair([10], [20, END], answers=(([20, END], 6), ([21, END], 2)))
    several = PairDataset(
        [PhotoPairs((), (people,)), PhotoPairs((), (TokenPair([11], [22, END]),))], pad_id=PAD, start_id=START,
        captions_per_photo=1, derived_per_photo=1, seed=5,
    )
    drawn = [several.batch([0, 1], epoch=epoch).groups[0].targets[:, 0, 0].tolist() for epoch in range(400)]
    assert {other for _, other in drawn} == {22}
    assert 0.65 < sum(first == 20 for first, _ in drawn) / 400 < 0.85
    assert {first for first, _ in drawn} == {20, 21}


def test_what_a_single_person_said_is_not_learnt() -> None:
    tokenizer = Tokenizer.train_bpe(["red blue green"], vocabulary_size=300)
    pair = QaPair("a", "Which colour?", "red", "colour", (("red", 5), ("blue", 4), ("green", 1)))
    (photo,) = encode_pairs([pair], ["a"], tokenizer, max_question=64, max_answer=8)
    assert [people for _, people in photo.derived[0].answers] == [5, 4]
