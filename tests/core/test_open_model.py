"""The one door: which engine a path or a name leads to, and what is no model."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.answer_model import AnswerModel
from core.errors import ModelFileError
from core.open_model import find_folder, open_model
from core.session import ModelSession


def test_nothing_and_a_file_lead_to_the_small_model(tmp_path: Path) -> None:
    model = open_model(None, models=tmp_path)
    assert isinstance(model, ModelSession)
    assert isinstance(model, AnswerModel)
    described = model.describe()
    assert (described.layers, described.heads) == (described.shape.layers, described.shape.heads)
    assert not described.remembers_conversation
    with pytest.raises(ModelFileError, match=r"There is no file nowhere\.safetensors"):
        open_model("nowhere.safetensors", models=tmp_path)


def test_a_folder_is_a_pretrained_model_even_where_its_name_looks_like_a_hubs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("org/tiny").mkdir(parents=True)
    assert find_folder("org/tiny", models=tmp_path / "models") == Path("org/tiny")
    assert find_folder(tmp_path / "org", models=tmp_path / "models") == tmp_path / "org"
    (tmp_path / "model").write_bytes(b"")
    assert find_folder("model", models=tmp_path / "models") is None


@pytest.mark.parametrize("name", ["nothing", "a/b/c", "/nowhere/at all", "", "x" * 5000, "a\0b"])
def test_what_is_nothing_at_all_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFileError) as raised:
        open_model(name, models=tmp_path)
    assert len(str(raised.value).splitlines()) == 1
