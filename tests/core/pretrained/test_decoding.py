"""Decoding with pretrained models: off is the library's own answer, and SPIN does exactly what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core.answers import Answer, AnswerRequest
from core.config import GenerationConfig, SpinConfig
from core.errors import ConfigError
from core.pretrained.decoding.attention import StoppedError, changes_heads, head_gate
from core.pretrained.decoding.decoding_run import (
    DecodingRun,
    LoadedModel,
    ReadPrompt,
    Settings,
    read_prompt,
    replayed,
    stream_tokens,
)
from core.pretrained.library import transformers
from core.pretrained.loading.load import load_pretrained
from core.pretrained.loading.model_check import photo_features
from core.pretrained.photo.photo_input import PhotoInput
from core.pretrained.tiny_models.families import TINY, photo
from tests.core.pretrained.conftest import Loaded, Sessions

FAMILIES = list(TINY)
FINER = ["idefics3", "smolvlm", "qwen2_vl", "qwen2_5_vl", "qwen3_vl", "llava_onevision", "internvl"]
SPIN = SpinConfig(keep=3, alpha=0.1, score="logits")
TOKENS = 8
Own = Callable[[str, str], Any]


def shown(model: Any, *, finer: bool = False) -> PhotoInput:
    parts = model.parts
    return parts.loaded.family.photo(parts.processor, parts.loaded.model.config, photo(), finer=finer)


def prompt_ids(model: Any, picture: PhotoInput) -> list[int]:
    return list(model.parts.prompts.build("Is it red?", (), picture).ids)


def read(model: Any, **options: Any) -> ReadPrompt:
    picture = shown(model)
    return read_prompt(
        model.parts.loaded, prompt_ids(model, picture), photo_features(model.parts.loaded, picture),
        cell_tokens=picture.layout.cell_tokens.tolist(), grid=picture.grid, **options,
    )


def generated(library: Any, model: Any, picture: PhotoInput, **options: Any) -> Any:
    """What the library's own `generate` makes of the same inputs."""
    ids = torch.tensor([prompt_ids(model, picture)])
    image = ids == library.config.image_token_id
    extra: dict[str, Any] = {}
    if library.config.model_type.startswith("qwen"):
        extra["mm_token_type_ids"] = image.int()
    if library.config.model_type == "gemma3":
        extra["token_type_ids"] = image.int()
    if library.config.model_type == "paligemma":
        extra["token_type_ids"] = torch.zeros_like(ids)
    return library.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), **picture.tensors, **extra, do_sample=False,
        max_new_tokens=TOKENS, min_new_tokens=TOKENS, return_dict_in_generate=True, output_logits=True, **options,
    )


def streamed(loaded: LoadedModel, prompt: ReadPrompt, *, limit: int) -> list[int]:
    """The greedy answer's token ids."""
    run = DecodingRun(loaded, prompt, Settings())
    stream = stream_tokens(
        run, generation=GenerationConfig(), end_ids=loaded.end_ids, limit=limit, should_stop=lambda: False
    )
    return [token.token_id for token in stream]


def logits_of(model: Any, prompt: ReadPrompt, settings: Settings, ids: list[int]) -> torch.Tensor:
    """[N, V] the logits for each of these tokens, given those before."""
    run = DecodingRun(model.parts.loaded, prompt, settings)
    found: list[torch.Tensor] = []
    for token in ids:
        found.append(run.next_logits())
        run.append(token)
    return torch.stack(found)


@pytest.mark.parametrize(("family", "finer"), [*((each, False) for each in FAMILIES), *((each, True) for each in FINER)])
def test_off_is_bit_for_bit_what_the_library_generates(family: str, finer: bool, loaded: Loaded, own: Own) -> None:
    model = loaded(family)
    picture = shown(model, finer=finer)
    expected = generated(own(family, "default"), model, picture)
    prompt = read_prompt(
        model.parts.loaded, prompt_ids(model, picture), photo_features(model.parts.loaded, picture),
        cell_tokens=picture.layout.cell_tokens.tolist(), grid=picture.grid,
    )
    ids = expected.sequences[0, len(prompt.ids) :].tolist()
    logits = logits_of(model, prompt, Settings(), ids)
    torch.testing.assert_close(logits, torch.cat(expected.logits), rtol=0, atol=0)
    assert finer or len(set(ids)) > 1, "an answer of one word would prove little"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_streamed_tokens_are_those_that_the_library_generates(family: str, loaded: Loaded, own: Own) -> None:
    model = loaded(family)
    expected = generated(own(family, "default"), model, shown(model))
    prompt = read(model)
    ids = streamed(model.parts.loaded, prompt, limit=TOKENS)
    own_ids = expected.sequences[0, len(prompt.ids) :].tolist()
    ended = next((index for index, token in enumerate(own_ids) if token in model.parts.loaded.end_ids), TOKENS)
    assert ids[:ended] == own_ids[:ended]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("spin", [SpinConfig(keep=3, alpha=1.0), SpinConfig(keep=8, alpha=0.0), SpinConfig(keep=1.0)])
def test_alpha_one_and_all_heads_kept_are_bit_for_bit_off(family: str, spin: SpinConfig, loaded: Loaded) -> None:
    model = loaded(family)
    prompt = read(model)
    ids = [7, 9, 11]
    off = logits_of(model, prompt, Settings(), ids)
    torch.testing.assert_close(logits_of(model, prompt, Settings(spin), ids), off, rtol=0, atol=0)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("score", ["logits", "mass"])
def test_suppression_changes_the_answer_in_every_family(family: str, score: Any, loaded: Loaded) -> None:
    model = loaded(family)
    prompt = read(model)
    off = logits_of(model, prompt, Settings(), [7])
    on = logits_of(model, prompt, Settings(replace(SPIN, score=score)), [7])
    assert (on - off).abs().max() > 1e-3


@pytest.mark.parametrize("family", FAMILIES)
def test_the_recorded_mass_and_maps_are_those_of_eager_attention(family: str, loaded: Loaded, own: Own) -> None:
    model = loaded(family)
    picture = shown(model)
    expected = generated(own(family, "eager"), model, picture, output_attentions=True)
    prompt = read(model)
    run = DecodingRun(model.parts.loaded, prompt, Settings())
    for place, token in enumerate(expected.sequences[0, len(prompt.ids) :].tolist()):
        run.next_logits()
        heads = run.heads()
        total = len(prompt.ids) + place
        for layer in range(model.parts.loaded.layers):
            attention = expected.attentions[place][layer][0, :, -1]  # [H, S]
            positions = prompt.image - (total - attention.shape[-1])
            visible = attention[:, positions.clip(min=0)] * (positions >= 0)  # [H, I]
            np.testing.assert_allclose(heads.mass[layer], visible.sum(-1), atol=1e-5)
            cells = visible[:, prompt.cell_tokens].mean(0)
            np.testing.assert_allclose(heads.cells[layer], cells, atol=1e-3)  # kept in half precision
        run.append(token)


@pytest.mark.parametrize("family", FAMILIES)
def test_suppressed_heads_contribute_exactly_alpha_times_their_output(family: str, loaded: Loaded) -> None:
    model = loaded(family)
    prompt = read(model)
    layer = next(
        module for name, module in model.parts.loaded.model.named_modules()
        if name.endswith("layers.0.self_attn") and "vision" not in name and "visual" not in name
    )
    seen: list[torch.Tensor] = []
    hook = layer.o_proj.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].clone()))
    try:
        DecodingRun(model.parts.loaded, prompt, Settings(), again=True).next_logits()
        run = DecodingRun(model.parts.loaded, prompt, Settings(SPIN, frozenset({(0, 5)})))
        run.next_logits()
    finally:
        hook.remove()
    before, after = (each[0, -1].view(8, -1) for each in seen)
    gate = torch.from_numpy(run.heads().gate[0])
    assert gate[5] == 0
    assert set(gate.tolist()) == {0.0, float(np.float32(0.1)), 1.0}
    torch.testing.assert_close(after, before * gate[:, None], rtol=0, atol=0)


def test_only_the_layers_of_the_range_are_suppressed(loaded: Loaded) -> None:
    model = loaded("qwen2_vl")
    run = DecodingRun(model.parts.loaded, read(model), Settings(replace(SPIN, first_layer=1, last_layer=2)))
    run.next_logits()
    gate = run.heads().gate
    assert (gate[[0, 2]] == 1).all()
    assert (gate[1] == 1).sum() == 3


def test_of_equal_scores_the_lower_head_wins() -> None:
    gate = head_gate(torch.tensor([1.0, 2.0, 1.0, 1.0]), layer=0, spin=SpinConfig(keep=2, alpha=0.5), ablated=())
    assert gate.tolist() == [1.0, 1.0, 0.5, 0.5]


def test_a_ratio_of_heads_is_kept_as_everywhere_else() -> None:
    gate = head_gate(torch.arange(9.0), layer=0, spin=SpinConfig(keep=0.95, alpha=0.0), ablated=())
    assert gate.tolist() == [0.0] + [1.0] * 8
    assert changes_heads(SpinConfig(keep=0.95), (), heads=9)
    assert not changes_heads(SpinConfig(keep=1.0), (), heads=9)


def test_a_layer_whose_window_no_longer_reaches_the_photo_suppresses_nothing(loaded: Loaded) -> None:
    model = loaded("gemma3")  # its window is 24 tokens
    run = DecodingRun(model.parts.loaded, read(model), Settings(SPIN))
    for token in range(10, 45):
        run.next_logits()
        run.append(token)
    run.next_logits()
    heads = run.heads()
    assert (heads.mass[:2] == 0).all()
    assert (heads.gate[:2] == 1).all()
    assert (heads.gate[2] == 1).sum() == 3


@pytest.mark.parametrize("family", ["idefics3", "qwen2_5_vl", "gemma3", "paligemma2"])
def test_forks_of_a_prompt_do_not_disturb_each_other(family: str, loaded: Loaded) -> None:
    model = loaded(family)
    prompt = read(model)
    ids = [7, 9, 11, 13, 7, 9]
    settings = [Settings(), Settings(SPIN), Settings(ablated=frozenset({(1, 0)}))]
    alone = [logits_of(model, prompt, each, ids) for each in settings]
    runs = [DecodingRun(model.parts.loaded, prompt, each) for each in settings]
    together: list[list[torch.Tensor]] = [[], [], []]
    for token in ids:
        for run, found in zip(runs, together, strict=True):
            found.append(run.next_logits())
            run.append(token)
    for expected, found in zip(alone, together, strict=True):
        torch.testing.assert_close(torch.stack(found), expected, rtol=0, atol=0)


@pytest.mark.parametrize("family", ["smolvlm", "qwen3_vl", "gemma3", "llava"])
def test_running_the_last_prompt_token_again_gives_what_the_whole_prompt_gives(family: str, loaded: Loaded) -> None:
    model = loaded(family)
    prompt = read(model)
    again = DecodingRun(model.parts.loaded, prompt, Settings(), again=True).next_logits()
    torch.testing.assert_close(again, prompt.logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("settings", [Settings(), Settings(SPIN)])
@pytest.mark.parametrize("family", ["smolvlm", "qwen2_5_vl", "paligemma2", "llava"])
def test_going_back_in_an_answer_gives_what_was_there(family: str, settings: Settings, loaded: Loaded) -> None:
    model = loaded(family)
    prompt = read(model)
    ids = [7, 9, 11, 13]
    run = DecodingRun(model.parts.loaded, prompt, settings)
    found: list[torch.Tensor] = []
    for token in ids:
        found.append(run.next_logits())
        run.append(token)
    for index in range(1 if settings == Settings() else 0, 4):
        back = run.back_at(ids[:index])
        assert back is not None
        torch.testing.assert_close(back.next_logits(keep_heads=True), found[index], rtol=0, atol=0)
        again = replayed(model.parts.loaded, prompt, ids[:index], settings=settings)
        again.next_logits(keep_heads=True)
        np.testing.assert_array_equal(back.head_maps(), again.head_maps())
    assert run.back_at([7, 8]) is None, "it never said that"
    run.next_logits()


def test_a_run_whose_window_has_moved_on_cannot_go_back(loaded: Loaded) -> None:
    model = loaded("gemma3")  # its window is 24 tokens
    run = DecodingRun(model.parts.loaded, read(model), Settings(SPIN))
    for token in range(10, 45):
        run.next_logits()
        run.append(token)
    assert run.back_at([10, 11]) is None


@pytest.mark.parametrize("family", ["smolvlm", "qwen2_5_vl", "gemma3", "paligemma2"])
def test_off_is_bit_for_bit_the_librarys_in_bfloat16_too(family: str, folder: Any) -> None:
    model = load_pretrained(folder(family), device="cpu", precision="bfloat16", threads=1)
    library = transformers().AutoModelForImageTextToText.from_pretrained(
        folder(family), dtype=torch.bfloat16, local_files_only=True
    ).eval()
    expected = generated(library, model, shown(model))
    prompt = read(model)
    ids = expected.sequences[0, len(prompt.ids) :].tolist()
    torch.testing.assert_close(logits_of(model, prompt, Settings(), ids), torch.cat(expected.logits), rtol=0, atol=0)


def test_an_answer_leaves_no_state_behind_in_the_model(loaded: Loaded) -> None:
    model = loaded("qwen2_vl")
    prompt = read(model)
    before = logits_of(model, prompt, Settings(), [7, 9])
    logits_of(model, prompt, Settings(SPIN), [3, 4, 5])
    read(model)
    torch.testing.assert_close(logits_of(model, prompt, Settings(), [7, 9]), before, rtol=0, atol=0)


def test_reading_can_be_stopped_between_two_layers(loaded: Loaded) -> None:
    model = loaded("internvl")
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) == 2

    with pytest.raises(StoppedError):
        read(model, should_stop=stop)
    assert len(asked) == 2


def test_reading_reports_how_far_it_is(loaded: Loaded) -> None:
    told: list[tuple[int, int]] = []
    read(loaded("internvl"), progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def answers(session: Any, png: bytes, **generation: Any) -> Answer:
    return session.answer(AnswerRequest(png, "Is it red?", generation=GenerationConfig(max_tokens=10, **generation)))


def ids_of(answer: Answer) -> list[int]:
    return [token.token_id for token in answer.tokens]


def test_the_same_seed_gives_the_same_answer_and_another_a_different_one(session: Sessions, png: bytes) -> None:
    first, again, other = (
        answers(session("smolvlm"), png, method="sampling", seed=seed, temperature=2.0) for seed in (1, 1, 2)
    )
    assert ids_of(first) == ids_of(again) != ids_of(other)


def test_sampling_from_the_likeliest_token_alone_is_greedy(session: Sessions, png: bytes) -> None:
    greedy = answers(session("smolvlm"), png)
    assert ids_of(answers(session("smolvlm"), png, method="sampling", seed=5, top_k=1)) == ids_of(greedy)
    assert ids_of(answers(session("smolvlm"), png, method="sampling", seed=5, top_p=1e-6)) == ids_of(greedy)


def test_a_repetition_penalty_and_forbidden_ngrams_make_an_answer_less_monotonous(session: Sessions, png: bytes) -> None:
    def asked(**generation: Any) -> list[int]:
        settings = GenerationConfig(max_tokens=10, **generation)
        return ids_of(session("internvl").answer(AnswerRequest(png, "Is it red?", generation=settings, finer=True)))

    greedy = asked()
    assert len(set(greedy)) < len(greedy), "this model must repeat itself for the test to mean anything"
    varied = asked(no_repeat_ngram=1)
    assert len(set(varied)) == len(varied)
    assert len(set(asked(repetition_penalty=50.0))) > len(set(greedy))


def test_beam_search_is_refused_in_a_sentence(session: Sessions, png: bytes) -> None:
    with pytest.raises(ConfigError, match="not by beam search"):
        answers(session("smolvlm"), png, method="beam")


def test_every_end_token_ends_an_answer(loaded: Loaded) -> None:
    model = loaded("llava")
    prompt = read(model)
    first = int(prompt.logits.argmax())
    ending = replace(model.parts.loaded, end_ids=frozenset({2, first}))
    assert streamed(ending, prompt, limit=5) == [first]


def test_the_limit_does_not_count_the_end_token(loaded: Loaded) -> None:
    model = loaded("llava")
    prompt = read(model)
    ids = streamed(model.parts.loaded, prompt, limit=2)
    assert len(ids) == 2
    third = int(logits_of(model, prompt, Settings(), [*ids, 0])[-1].argmax())
    ending = replace(model.parts.loaded, end_ids=frozenset({third}))
    assert streamed(ending, prompt, limit=2) == [*ids, third]
