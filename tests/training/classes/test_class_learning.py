"""Learning classes: what the head says of photos it hasn't learnt from, what is left out, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ConfigError, DataError, ImageError, SpinVlmError
from training.classes import ridge_head
from training.classes.class_folder import check_counts, counsel, read_class_folder, write_class_folder
from training.classes.held_out import HeldOut, class_curve, deal_folds, judge_held_out, least_fit
from training.classes.learning import learn_classes
from training.classes.near_copies import group_near_copies, small_picture
from training.classes.ridge_head import fit_head

Draw = Callable[..., Path]


def clouds(photos: int, *, apart: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features of three classes [3 * photos, 20], and their classes."""
    chance = np.random.default_rng(seed)
    classes = np.repeat(np.arange(3), photos)
    return chance.normal(size=(3 * photos, 20)) + apart * np.eye(20)[classes], classes.astype(np.int64)


class Colours:
    """Looks at a photo's mean colour alone, in the place of an encoder."""

    fingerprint = "colours"

    def mean_features(self, photos: Sequence[Path | bytes]) -> list[np.ndarray | SpinVlmError]:
        found: list[np.ndarray | SpinVlmError] = []
        for photo in photos:
            try:
                assert isinstance(photo, Path)
                found.append(np.asarray(Image.open(photo).convert("RGB"), np.float32).mean((0, 1)) / 255)
            except OSError:
                found.append(ImageError(f"{photo} can't be read."))
        return found


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Draws a photo of noise in a colour; the same seed draws the same."""
    def make(name: str, colour: tuple[int, int, int], seed: int) -> Path:
        noise = np.random.default_rng(seed).integers(-50, 50, (6, 6, 3))
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8)).resize((60, 60)).save(path)
        return path

    return make


@pytest.fixture
def colours(draw: Draw) -> dict[str, list[Path]]:
    """Ten reds and ten blues."""
    return {
        name: [draw(f"{name}/{n}.png", colour, seed=n + start) for n in range(10)]
        for name, colour, start in (("red", (200, 60, 60), 0), ("blue", (60, 60, 200), 50))
    }


def test_leaving_a_group_out_by_the_closed_form_is_fitting_without_it() -> None:
    features, classes = clouds(8, apart=1.0)
    group = np.array([0, 8, 16])  # one of each class, so that the classes' weights stay
    parts = ridge_head.decompose(features, classes, 3)
    said = ridge_head.left_out_scores(parts, 5.0, [group, *(np.array([n]) for n in range(24) if n not in group)], classes, 3)
    rest = np.setdiff1d(np.arange(24), group)
    centred, targets = features[rest] - features[rest].mean(0), np.eye(3)[classes[rest]] - 1 / 3
    weights = np.linalg.solve(centred.T @ centred + 5.0 * np.eye(20), centred.T @ targets)
    np.testing.assert_allclose(said[group], (features[group] - features[rest].mean(0)) @ weights + 1 / 3, atol=1e-8)


def test_more_features_than_photos_and_fewer_give_the_same_head() -> None:
    features, classes = clouds(6, apart=2.0)
    wide = np.concatenate([features, np.zeros((18, 40))], axis=1)
    narrow, padded = (fit_head(each, classes, count=3, groups=np.arange(18)) for each in (features, wide))
    np.testing.assert_allclose(padded.weights[:20], narrow.weights, atol=1e-4)


def test_classes_count_alike_however_many_photos_they_have() -> None:
    features, classes = clouds(30, apart=2.0)
    kept = np.concatenate([np.arange(30), np.arange(30, 34), np.arange(60, 64)])
    head = fit_head(features[kept], classes[kept], count=3, groups=np.arange(len(kept)))
    said = np.array([head.log_shares(row.astype(np.float32)).argmax() for row in features])
    assert (said == classes)[30:].mean() > 0.6


def test_what_is_held_out_is_judged_honestly() -> None:
    features, classes = clouds(15, apart=4.0)
    judged = judge_held_out(features, classes, count=3, groups=np.arange(45), seed=0)
    assert (judged.said == classes).mean() > 0.9
    noise = np.random.default_rng(1).permutation(classes)
    blind = judge_held_out(features, noise, count=3, groups=np.arange(45), seed=0)
    assert (blind.said == noise).mean() < 0.6, "labels without meaning can't be learnt"
    curve = class_curve(blind, noise)
    assert curve is not None
    assert max(curve.shares) < 0.9


def test_near_copies_are_never_on_both_sides() -> None:
    classes, groups = np.repeat(np.arange(3), 10).astype(np.int64), np.arange(30)
    groups[3] = groups[2] = groups[17] = 1
    folds = deal_folds(classes, groups, seed=0)
    assert len(set(folds[groups == 1])) == 1
    for index in range(3):
        assert len(set(folds[classes == index])) > 5


def test_certainty_promises_no_more_than_the_photos_bear_out() -> None:
    chance, signals = np.random.default_rng(0), -np.linspace(1, 0.01, 60)
    classes = np.zeros(60, dtype=np.int64)
    for photos, right in ((19, 19), (60, 60), (60, 36)):
        said = np.where(np.arange(60) < right, 0, 1)[:photos]
        judged = HeldOut(chance.permutation(said), signals[:photos], np.ones(photos))
        curve = class_curve(judged, classes[:photos])
        if photos < 20:
            assert curve is None
            assert least_fit(judged) == -np.inf
            continue
        assert curve is not None
        assert max(curve.shares) <= (right + 1) / (right + 2) + 1e-3
        assert (max(curve.shares) >= 0.9) == (right == 60)


def test_a_question_is_learnt_and_answers_of_photos_that_it_has_not_seen(colours: dict[str, list[Path]], draw: Draw) -> None:
    steps: list[tuple[int, int]] = []
    learnt = learn_classes(
        "Which  colour is it?", colours, Colours(), model="m", progress=lambda *step: steps.append(step)
    )
    assert (learnt.summary.question, learnt.summary.classes) == ("Which colour is it?", ("red", "blue"))
    assert all(photo.is_right for photo in learnt.summary.photos)
    assert steps[-1] == (20, 20)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    (features,) = Colours().mean_features([draw("new.png", (60, 60, 200), seed=99)])
    assert isinstance(features, np.ndarray)
    assert learnt.head.log_shares(features).argmax() == 1


def test_copies_and_photos_that_cannot_be_read_are_left_out_and_said(colours: dict[str, list[Path]], tmp_path: Path) -> None:
    twice, both = tmp_path / "twice.png", tmp_path / "both.png"
    twice.write_bytes(colours["red"][0].read_bytes())
    both.write_bytes(colours["red"][1].read_bytes())
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no photo")
    classes = {"red": [*colours["red"], twice, broken, tmp_path / "gone.png"], "blue": [*colours["blue"], both]}
    summary = learn_classes("Which?", classes, Colours(), model="m").summary
    assert len(summary.photos) == 19
    assert summary.given == 24
    notes = " ".join(summary.notes)
    assert "in “red” and “blue”, so it was left out" in notes
    assert "2 times in “red”" in notes
    assert "broken.png" in notes
    assert "gone.png" in notes


def test_a_class_of_near_copies_says_that_nothing_can_be_told(colours: dict[str, list[Path]], tmp_path: Path) -> None:
    burst: list[Path] = []
    for shift in range(4):
        burst.append(tmp_path / f"burst{shift}.png")
        image = np.asarray(Image.open(colours["red"][0])).astype(int)
        Image.fromarray((image + shift).clip(0, 255).astype(np.uint8)).save(burst[-1])
    assert len(set(group_near_copies([small_picture(path) for path in (*burst, *colours["blue"])]))) == 11
    summary = learn_classes("Which?", {"burst": burst, "blue": colours["blue"]}, Colours(), model="m").summary
    assert any("“burst” are nearly the same" in note for note in summary.notes)


def test_too_little_is_one_sentence(colours: dict[str, list[Path]], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least two classes"):
        learn_classes("Which?", {"red": colours["red"]}, Colours(), model="m")
    with pytest.raises(DataError, match="“blue” has 1"):
        learn_classes("Which?", {**colours, "blue": colours["blue"][:1]}, Colours(), model="m")
    with pytest.raises(DataError, match="“gone” has 0"):
        learn_classes("Which?", {**colours, "gone": [tmp_path / f"{n}.png" for n in range(5)]}, Colours(), model="m")
    for question, classes in (("", colours), ("Which?", {"a": [], "A ": []}), ("Which?", {"": [], "b": []})):
        with pytest.raises(ConfigError):
            learn_classes(question, classes, Colours(), model="m")
    with pytest.raises(DataError, match="too many"):
        check_counts({"a": 4000, "b": 4000})
    assert "“b” has fewer" in counsel({"a": 20, "b": 14})


def test_folders_become_classes_and_classes_folders(colours: dict[str, list[Path]], tmp_path: Path) -> None:
    before = {path: path.read_bytes() for photos in colours.values() for path in photos}
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    assert read_class_folder(tmp_path) == {"blue": sorted(colours["blue"]), "red": sorted(colours["red"])}
    out = tmp_path.parent / f"{tmp_path.name}-out"
    missing = write_class_folder({"re/d": [*colours["red"], colours["blue"][0]], "re:d": [tmp_path / "gone.png"]}, out)
    assert missing == 1
    assert sorted(path.name for path in out.iterdir()) == ["re-d", "re-d 2"]
    assert len(list((out / "re-d").iterdir())) == 11, "two photos of one name are two files"
    assert {path: path.read_bytes() for path in before} == before
    with pytest.raises(DataError, match="isn't empty"):
        write_class_folder(colours, out)
    with pytest.raises(DataError, match="no folder"):
        read_class_folder(tmp_path / "gone")
    with pytest.raises(DataError, match="no two folders"):
        read_class_folder(tmp_path / "red")
