"""A rehearsal file: what it keeps of features, and what happens to one that is damaged or of another model."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

from core.errors import ModelFileError
from core.files.bundled_models import REHEARSAL_ENDING, starter_model_path
from core.files.checkpoint import load_model, save_model
from training.data.qa_pair import QaPair
from training.rehearsal.compression import compress
from training.rehearsal.making import make_rehearsal
from training.rehearsal.rehearsal_file import Rehearsal, find_rehearsal, read_rehearsal, rehearsal_path, write_rehearsal

PAIRS = [
    [QaPair("a.jpg", "What is it?", "an ice cream", "other")],
    [
        QaPair("b.jpg", "Is it red?", "yes", "presence", (("yes", 7), ("no", 3))),
        QaPair("b.jpg", "Describe it.", "a – b", "caption"),
    ],
    [],
]


def projection(width: int = 24, seen: int = 8) -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.LayerNorm(width), nn.Linear(width, seen))


def features(photos: int = 3, tokens: int = 50, width: int = 24) -> torch.Tensor:
    torch.manual_seed(4)
    return (torch.randn(photos, tokens, width) * torch.linspace(0.1, 4, width) + 1).half()


def made(directions: int = 8) -> Rehearsal:
    return Rehearsal("of that encoder", "3 photos", compress(features(), projection(), directions=directions), PAIRS, 2)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / f"m{REHEARSAL_ENDING}"
    write_rehearsal(path, made())
    found = read_rehearsal(path)
    assert (found.encoder, found.source, list(map(list, found.pairs)), found.learnt) == ("of that encoder", "3 photos", PAIRS, 2)
    torch.testing.assert_close(found.features.expanded(), made().features.expanded())
    path.unlink()  # nothing of it lies in the file any more
    assert found.features.expanded().shape == (3, 50, 24)


@pytest.mark.parametrize(("directions", "most"), [(8, 0.05), (2, 1.0)])
def test_what_the_projection_sees_stays_and_with_fewer_directions_less_of_it(directions: int, most: float) -> None:
    seen, full = projection().requires_grad_(False), features().float()
    wanted = seen(full)
    got = seen(compress(full, seen, directions=directions).expanded().float())
    error = float(((wanted - got).square().mean() / (wanted - wanted.mean((0, 1))).square().mean()).sqrt())
    assert error < most
    assert error > 0.2 or directions == 8


def test_features_are_kept_in_the_scale_that_the_norm_makes() -> None:
    full = features().float()
    normal = functional.layer_norm(full, (24,))
    back = compress(full, projection(seen=24), directions=24).expanded().float()
    assert float((normal - back).abs().mean()) < 0.1


@pytest.mark.parametrize("damage", ["cut off", "a model", "unfit", "no numbers", "too many learnt"])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, untrained_model: Path, damage: str) -> None:
    path, good = tmp_path / f"m{REHEARSAL_ENDING}", made()
    compressed = good.features
    match damage:
        case "cut off":
            write_rehearsal(path, good)
            path.write_bytes(path.read_bytes()[:-7])
        case "a model":
            shutil.copyfile(untrained_model, path)
        case "unfit":
            write_rehearsal(path, replace(good, features=replace(compressed, scale=compressed.scale[:-1])))
        case "no numbers":
            write_rehearsal(path, replace(good, features=replace(compressed, mean=compressed.mean * float("nan"))))
        case _:
            write_rehearsal(path, replace(good, learnt=4))
    with pytest.raises(ModelFileError) as caught:
        read_rehearsal(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_only_a_file_of_the_same_encoder_counts(tmp_path: Path, untrained_model: Path, scenes: Path) -> None:
    path = tmp_path / "mine.safetensors"
    shutil.copyfile(untrained_model, path)
    model = load_model(path)
    assert find_rehearsal(model) is None
    made = make_rehearsal(
        model, [scenes], seed=0, device=torch.device("cpu"), progress=lambda _what: lambda _done, _total: None, learnt=3,
        others=2, directions=4,
    )
    write_rehearsal(rehearsal_path(path), made)
    found = find_rehearsal(model)
    assert found is not None
    assert (found.learnt, len(found.pairs), found.features.codes.shape[2]) == (3, 5, 4)
    assert all(found.pairs), "something is asked about each photo"
    assert len({pairs[0].image for pairs in found.pairs}) == 5
    with torch.no_grad():
        next(model.model.encoder.parameters()).add_(0.5)
    save_model(path, model.model, model.tokenizer, metrics={}, recipe={}, precision="float32")
    assert find_rehearsal(load_model(path)) is None


def test_the_starter_model_comes_with_what_it_rehearses() -> None:
    model = load_model(starter_model_path())
    found = find_rehearsal(model)
    assert found is not None
    features = found.features.expanded()[:1]
    assert features.shape[1:] == (model.config.image_tokens, model.config.encoder_width)
    assert 0 < found.learnt < len(found.pairs), "some photos are for measuring"
