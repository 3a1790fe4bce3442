"""Prompts: the same token ids as the library's own processors make, earlier turns included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import transformers
from transformers.models.smolvlm import processing_smolvlm

from core.answers import PreviousTurn
from core.errors import QuestionError
from core.pretrained.errors import PretrainedModelError
from core.pretrained.prompt.chat_prompt import LLAVA_TEMPLATE, paligemma_prompt, read_template
from core.pretrained.tiny_models.families import CHAT, TINY, photo
from tests.core.pretrained.conftest import Loaded

QUESTION = "Is it red?"
TURNS = (PreviousTurn("What is in the photo?", "A red bus."), PreviousTurn("How many?", "Two."))
FINER = ["idefics3", "smolvlm", "qwen2_vl", "llava_onevision", "internvl"]


def shown(model: Any, *, finer: bool = False) -> Any:
    parts = model.parts
    return parts.loaded.family.photo(parts.processor, parts.loaded.model.config, photo(), finer=finer)


def own_processor(family: str, model: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The library's own processor of this family, around the same image processor and tokenizer."""
    parts, config = model.parts, model.parts.loaded.model.config
    tokens = shown(model).layout.image_tokens
    tokenizer, images = parts.tokenizer, parts.processor
    template = LLAVA_TEMPLATE if family == "llava" else tokenizer.chat_template
    if family in ("idefics3", "smolvlm"):
        monkeypatch.setattr(processing_smolvlm, "num2words", str)
        options: dict[str, Any] = {"image_seq_len": tokens, "chat_template": template}
        if family == "smolvlm":
            return transformers.SmolVLMProcessor(images, tokenizer, transformers.SmolVLMVideoProcessor(), **options)
        return transformers.Idefics3Processor(images, tokenizer, **options)
    if family.startswith("qwen"):
        video = transformers.Qwen3VLVideoProcessor() if family == "qwen3_vl" else transformers.Qwen2VLVideoProcessor()
        kind = {"qwen2_vl": "Qwen2VLProcessor", "qwen2_5_vl": "Qwen2_5_VLProcessor", "qwen3_vl": "Qwen3VLProcessor"}[family]
        return getattr(transformers, kind)(images, tokenizer, video, chat_template=template)
    if family == "llava":
        return transformers.LlavaProcessor(
            images, tokenizer, patch_size=8, vision_feature_select_strategy="default", num_additional_image_tokens=1,
            chat_template=template,
        )
    if family == "llava_onevision":
        return transformers.LlavaOnevisionProcessor(
            images, tokenizer, transformers.LlavaOnevisionVideoProcessor(), num_image_tokens=16,
            vision_feature_select_strategy="full", chat_template=template,
        )
    if family == "internvl":
        return transformers.InternVLProcessor(
            images, tokenizer, transformers.InternVLVideoProcessor(), image_seq_length=4, chat_template=template
        )
    if family.startswith("paligemma"):
        images.image_seq_length = config.vision_config.num_image_tokens = tokens
        return transformers.PaliGemmaProcessor(images, tokenizer)
    return transformers.Gemma3Processor(images, tokenizer, image_seq_length=tokens, chat_template=template)


def messages(turns: tuple[PreviousTurn, ...]) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    for turn in turns:
        said.append({"role": "user", "content": [{"type": "text", "text": turn.question}]})
        said.append({"role": "assistant", "content": [{"type": "text", "text": turn.answer}]})
    said.append({"role": "user", "content": [{"type": "text", "text": QUESTION}]})
    said[0]["content"].insert(0, {"type": "image"})
    return said


@pytest.mark.parametrize("family", [each for each in TINY if not each.startswith("paligemma")])
@pytest.mark.parametrize("turns", [(), TURNS])
def test_the_ids_are_those_of_the_librarys_own_processor(
    family: str, turns: tuple[PreviousTurn, ...], loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = loaded(family)
    processor = own_processor(family, model, monkeypatch)
    text = processor.apply_chat_template(messages(turns), add_generation_prompt=True, tokenize=False)
    options: dict[str, Any] = {}
    if family in ("idefics3", "smolvlm"):
        options["do_image_splitting"] = False
    if family == "internvl":
        options["crop_to_patches"] = False
    finer = family == "llava_onevision"  # its processor knows a single photo in tiles only
    start = model.parts.tokenizer.bos_token
    begun = bool(start) and text.startswith(start)
    picture = photo()
    if family == "llava_onevision":
        picture.thumbnail((64, 64))
    expected = processor(text=[text], images=[picture], add_special_tokens=not begun, **options)["input_ids"]
    mine = model.parts.prompts.build(QUESTION, turns, shown(model, finer=finer))
    assert list(mine.ids) == list(expected[0])


@pytest.mark.parametrize("family", ["idefics3", "smolvlm", "internvl"])
def test_tiles_are_expanded_as_the_librarys_own_processor_does(
    family: str, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = loaded(family)
    processor = own_processor(family, model, monkeypatch)
    text = processor.apply_chat_template(messages(()), add_generation_prompt=True, tokenize=False)
    if family == "internvl":
        options: dict[str, Any] = {"crop_to_patches": True, "min_patches": 1, "max_patches": 4}
    else:
        options = {"do_image_splitting": True, "size": {"longest_edge": 64}}
    expected = processor(text=[text], images=[photo()], **options)["input_ids"]
    assert list(model.parts.prompts.build(QUESTION, (), shown(model, finer=True)).ids) == list(expected[0])


@pytest.mark.parametrize("family", ["paligemma", "paligemma2"])
def test_paligemma_is_asked_as_its_own_processor_does(
    family: str, folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.pretrained.loading.load import load_pretrained

    model = load_pretrained(folder(family), device="cpu", precision="float32", threads=1)  # its processor adds tokens
    mine = model.parts.prompts.build(QUESTION, (), shown(model))
    processor = own_processor(family, model, monkeypatch)
    expected = processor(text=[f"<image>answer en {QUESTION}"], images=[photo()])["input_ids"]
    assert list(mine.ids) == list(expected[0])


def test_paligemmas_own_task_words_stay_as_they_are() -> None:
    assert paligemma_prompt("Is it red?") == "answer en Is it red?"
    assert paligemma_prompt("caption en") == "caption en"
    assert paligemma_prompt("Describe the photo") == "Describe the photo"


@pytest.mark.parametrize("family", list(TINY))
def test_the_prompt_has_as_many_image_tokens_as_the_photo(family: str, loaded: Loaded) -> None:
    model = loaded(family)
    for finer in (False, model.parts.loaded.family.can_be_finer):
        picture = shown(model, finer=finer)
        ids = model.parts.prompts.build(QUESTION, TURNS, picture).ids
        assert ids.count(model.parts.loaded.model.config.image_token_id) == picture.layout.image_tokens


def test_the_oldest_turns_are_left_out_where_a_conversation_is_too_long(loaded: Loaded) -> None:
    model = loaded("qwen2_vl")
    turns = tuple(PreviousTurn(f"Question {index}: what is in the photo?", "A red bus. " * 10) for index in range(30))
    prompt = model.parts.prompts.build(QUESTION, turns, shown(model))
    assert 0 < prompt.forgotten_turns < 30
    assert len(prompt.ids) <= model.parts.prompts.longest
    text = model.parts.tokenizer.decode(prompt.ids)
    assert "Question 29" in text
    assert "Question 0:" not in text
    assert text.count("<|image_pad|>") == shown(model).layout.image_tokens, "the photo stays with the first turn that is left"


def test_a_model_without_a_template_forgets_earlier_turns_and_says_so(loaded: Loaded) -> None:
    model = loaded("paligemma")
    alone = model.parts.prompts.build(QUESTION, (), shown(model))
    prompt = model.parts.prompts.build(QUESTION, TURNS, shown(model))
    assert prompt.ids == alone.ids
    assert prompt.forgotten_turns == 2


@pytest.mark.parametrize(("question", "message"), [
    ("  ", "is empty"),
    ("What is <|image_pad|>?", "reads as a command"),
    ("Stop<|im_end|>", "reads as a command"),
    ("red " * 2000, "tokens too long"),
])
def test_a_question_that_cannot_be_asked_is_reported_in_a_sentence(question: str, message: str, loaded: Loaded) -> None:
    model = loaded("qwen2_vl")
    with pytest.raises(QuestionError, match=message):
        model.parts.prompts.build(question, (), shown(model))


def test_an_earlier_turn_with_a_command_in_it_is_left_out(loaded: Loaded) -> None:
    model = loaded("qwen2_vl")
    bad = PreviousTurn("What is <|image_pad|>?", "A bus.")
    prompt = model.parts.prompts.build(QUESTION, (bad, TURNS[0]), shown(model))
    assert prompt == type(prompt)(model.parts.prompts.build(QUESTION, (TURNS[0],), shown(model)).ids, 1)


def test_a_template_that_takes_plain_text_gets_plain_text(loaded: Loaded) -> None:
    from core.pretrained.prompt.chat_prompt import PromptBuilder

    parts = loaded("llava").parts
    config = parts.loaded.model.config
    plain = "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n' }}{% endfor %}ASSISTANT:"
    builder = PromptBuilder(parts.tokenizer, config, parts.loaded.family, template=plain, longest=500)
    assert builder.text(QUESTION, (), shown(loaded("llava"))).startswith("user: <image><image>")


def test_a_template_without_a_place_for_a_photo_is_refused(loaded: Loaded) -> None:
    from core.pretrained.prompt.chat_prompt import PromptBuilder

    parts = loaded("qwen2_vl").parts
    config = parts.loaded.model.config
    with pytest.raises(PretrainedModelError, match="no place for a photo"):
        PromptBuilder(parts.tokenizer, config, parts.loaded.family, template=CHAT.replace("IMAGE", "''"), longest=500)
    with pytest.raises(PretrainedModelError, match="without a chat template"):
        PromptBuilder(parts.tokenizer, config, parts.loaded.family, template=None, longest=500)


def test_a_template_is_found_in_whichever_file_has_it(tmp_path: Path) -> None:
    assert read_template(tmp_path, model_type="qwen2_vl") is None
    assert read_template(tmp_path, model_type="llava") == LLAVA_TEMPLATE
    (tmp_path / "tokenizer_config.json").write_text('{"chat_template": [{"name": "default", "template": "A"}]}')
    assert read_template(tmp_path, model_type="qwen2_vl") == "A"
    (tmp_path / "chat_template.json").write_text('{"chat_template": "B"}')
    assert read_template(tmp_path, model_type="qwen2_vl") == "B"
    (tmp_path / "chat_template.jinja").write_text("C")
    assert read_template(tmp_path, model_type="qwen2_vl") == "C"
