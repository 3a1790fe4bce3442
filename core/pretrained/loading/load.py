"""A folder -> a checked model, ready to be asked: safetensors only, no program code of the model's, no network."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.compute_device import choose_device, set_threads
from core.config import require
from core.errors import SpinVlmError
from core.pretrained.decoding.attention import install
from core.pretrained.decoding.prompt_cache import cache_argument
from core.pretrained.decoding.token_by_token import LoadedModel, ReadPrompt
from core.pretrained.errors import PretrainedModelError
from core.pretrained.library import hub_client, library_class, quiet_library, transformers
from core.pretrained.loading.memory_need import check_memory
from core.pretrained.loading.model_check import ModelParts, check_model
from core.pretrained.loading.model_folder import ModelFolder, inspect_folder, read_json
from core.pretrained.loading.speed_trial import ComputeChoice, best_threads, seconds_a_token
from core.pretrained.photo.families import Family
from core.pretrained.photo.family_of import family_of
from core.pretrained.prompt.chat_prompt import PromptBuilder, read_template

log = logging.getLogger(__name__)
PRECISIONS = ("auto", "float32", "bfloat16")
LONGEST_CONTEXT = 4096
"""Tokens of photo, conversation and answer; memory for more isn't allowed for."""
LONGEST_ANSWER = 512
Tell = Callable[[str], None]


@dataclass(frozen=True)
class CheckedModel:
    """A model that answers, and how."""

    folder: ModelFolder
    parts: ModelParts
    choice: ComputeChoice
    longest_answer: int
    notes: tuple[str, ...] = ()
    """What the user should know: why it isn't on the GPU, for instance."""


def load_pretrained(
    path: Path, *, device: str = "auto", precision: str = "auto", threads: int | None = None,
    remembered: ComputeChoice | None = None, revision: str | None = None, tell: Tell | None = None,
) -> CheckedModel:
    """Loads and checks the model in this folder, and finds out how it computes fastest.

    device: auto, cpu, cuda or mps; precision: auto, float32 or bfloat16; remembered: an earlier choice for this model on
    this computer, which saves the trial of what is `auto` or None; revision: the hub's commit that it must be, None takes
    any; tell: takes a sentence at each step. Raises ConfigError for a setting that can't be had, PretrainedModelError for
    a model that can't be used.
    """
    require(precision in PRECISIONS, f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    folder = inspect_folder(path)
    transformers()
    folder = replace(folder, config=_whole_config(folder))
    if revision is not None and folder.revision != revision:
        raise PretrainedModelError(f"{folder.path} holds another revision of the model than the one that is asked for.")
    chosen = choose_device(device)
    say = tell or log.info
    if remembered is not None and not _fits(folder, remembered.precision):  # there was more memory when it was measured
        remembered = None
    if chosen.type == "cpu" and remembered is not None and remembered.device == "cpu":
        precision = remembered.precision if precision == "auto" else precision
        threads = remembered.threads if threads is None else threads
    candidates = [precision] if precision != "auto" else _candidates(folder, chosen)
    check_memory(folder, precision=candidates[0])
    set_threads(threads)
    say(f"Loading {folder.name}.")
    parts = _parts(folder, candidates[0])
    read = check_model(parts)
    choice = ComputeChoice("cpu", candidates[0], torch.get_num_threads())
    notes: tuple[str, ...] = ()
    if chosen.type != "cpu":
        parts, notes = _on_device(folder, parts, read, chosen, candidates[0])
        choice = replace(choice, device=parts.loaded.device.type)
    elif remembered is not None and remembered.device == "cpu":
        choice = replace(choice, seconds_a_token=remembered.seconds_a_token)
    elif len(candidates) > 1 or threads is None:
        say(f"Trying how {folder.name} answers fastest on this computer.")
        parts, choice = _tried(folder, parts, read, candidates, threads)
    set_threads(choice.threads)
    return CheckedModel(folder, parts, choice, longest_answer(parts.loaded.model.config), notes)


def longest_answer(config: Any) -> int:
    """Tokens that an answer may have, so that a question has room too."""
    return min(LONGEST_ANSWER, context_tokens(config) // 4)


def context_tokens(config: Any) -> int:
    known = getattr(config.get_text_config(), "max_position_embeddings", None) or LONGEST_CONTEXT
    return min(int(known), LONGEST_CONTEXT)


def _candidates(folder: ModelFolder, device: torch.device) -> list[str]:
    """Precisions worth trying, the one that the weights are stored in first."""
    if device.type == "cuda":
        return ["bfloat16" if torch.cuda.is_bf16_supported() else "float32"]
    stored = "float32" if folder.stored_dtype in ("F32", "F64") else "bfloat16"
    if device.type == "mps":
        return [stored]
    candidates = [stored, "float32" if stored == "bfloat16" else "bfloat16"]
    fitting = [precision for precision in candidates if _fits(folder, precision)]
    return fitting or ["bfloat16"]


def _fits(folder: ModelFolder, precision: str) -> bool:
    try:
        check_memory(folder, precision=precision)
    except PretrainedModelError:
        return False
    return True


def _tried(
    folder: ModelFolder, parts: ModelParts, read: ReadPrompt, candidates: list[str], threads: int | None
) -> tuple[ModelParts, ComputeChoice]:
    """The model in the fastest precision, and the choice that led to it."""
    found: list[tuple[float, int, str]] = []
    for index, precision in enumerate(candidates):
        if index:
            del parts, read
            gc.collect()
            parts = _parts(folder, precision)
            read = check_model(parts)
        if threads is None:
            best, seconds = best_threads(parts.loaded, read)
        else:
            best, seconds = threads, seconds_a_token(parts.loaded, read)
        found.append((seconds, best, precision))
    seconds, best, precision = min(found)
    if precision != candidates[-1]:
        del parts, read
        gc.collect()
        parts = _parts(folder, precision)
    return parts, ComputeChoice("cpu", precision, best, seconds)


def _on_device(
    folder: ModelFolder, parts: ModelParts, read: ReadPrompt, device: torch.device, precision: str
) -> tuple[ModelParts, tuple[str, ...]]:
    """The model on a GPU where that gives the CPU's answers, else on the CPU with the reason."""
    try:
        moved = replace(parts, loaded=replace(parts.loaded, model=parts.loaded.model.to(device), device=device))
        trial = check_model(moved)
        if agree(read.logits, trial.logits.cpu()):
            return moved, ()
        reason = "it gives other answers there than on the CPU"
    except (RuntimeError, NotImplementedError, SpinVlmError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
    note = f"{folder.name} answers on the CPU, because it can't be used on the GPU ({device.type}): {reason}."
    log.info(note)
    return _parts(folder, precision), (note,)  # what was moved half-way can't be trusted to come back


def agree(reference: Tensor, other: Tensor) -> bool:
    """Whether two computations of the same logits [V] differ by rounding only."""
    spread = float(reference.std()) or 1.0
    close = float((reference - other).abs().max()) <= 0.5 * spread
    return close and int(other.argmax()) in reference.topk(min(5, len(reference))).indices.tolist()


def _parts(folder: ModelFolder, precision: str) -> ModelParts:
    """Model, tokenizer and image processor of the folder, on the CPU."""
    family = family_of(folder.model_type)
    with hub_client(offline=True), quiet_library():
        try:
            model = _model(folder, getattr(torch, precision))
            tokenizer = library_class("AutoTokenizer").from_pretrained(
                folder.path, local_files_only=True, trust_remote_code=False
            )
            processor = _processor(folder, family)
        except SpinVlmError:
            raise
        except MemoryError as error:
            raise PretrainedModelError(f"There isn't enough memory for {folder.name}.") from error
        except Exception as error:  # the library raises many kinds for folders that don't fit together
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise PretrainedModelError(f"The model in {folder.path} can't be loaded: {lines[0].rstrip('.')[:300]}.") from error
    install(model)
    text = model.config.get_text_config()
    loaded = LoadedModel(
        model, family, int(text.num_hidden_layers), int(text.num_attention_heads), end_ids(model, tokenizer),
        cache_argument(model), torch.device("cpu"),
    )
    longest = context_tokens(model.config) - longest_answer(model.config)
    template = read_template(folder.path, model_type=folder.model_type)
    prompts = PromptBuilder(tokenizer, model.config, family, template=template, longest=longest)
    return ModelParts(loaded, tokenizer, processor, prompts)


def _whole_config(folder: ModelFolder) -> dict[str, Any]:
    """The model's configuration with what its config.json leaves to the library."""
    with hub_client(offline=True), quiet_library():
        try:
            config = library_class("AutoConfig").from_pretrained(folder.path, local_files_only=True, trust_remote_code=False)
        except Exception as error:  # whatever its many checks raise
            raise PretrainedModelError(f"The config.json in {folder.path} can't be used: {type(error).__name__}.") from error
    return {**folder.config, **config.to_dict()}


def _model(folder: ModelFolder, dtype: torch.dtype) -> Any:
    names = transformers().models.auto.modeling_auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
    model, info = library_class(names[folder.model_type]).from_pretrained(
        folder.path, dtype=dtype, local_files_only=True, use_safetensors=True, trust_remote_code=False, output_loading_info=True
    )
    missing = sorted(info["missing_keys"])
    if missing:
        raise PretrainedModelError(
            f"The model in {folder.path} is incomplete: {len(missing)} of its weights are missing ({missing[0]}, ...)."
        )
    return model.requires_grad_(False).eval()


def _processor(folder: ModelFolder, family: Family) -> Any:
    """The image processor that works with pillow alone, whichever the folder names."""
    name = family.processors[0]
    for file in ("preprocessor_config.json", "processor_config.json"):
        if (folder.path / file).is_file():
            settings = read_json(folder.path / file, what=f"the model's {file}")
            settings = settings.get("image_processor", settings)
            name = settings.get("image_processor_type", name).removesuffix("Fast").removesuffix("Pil")
            break
    else:
        raise PretrainedModelError(f"The model in {folder.path} is incomplete: preprocessor_config.json is missing.")
    if name not in family.processors:
        raise PretrainedModelError(f"This model can't be used: how its photos are prepared ({name}) isn't known.")
    return library_class(f"{name}Pil").from_pretrained(folder.path, local_files_only=True)


def end_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    """The tokens that end an answer."""
    own = model.generation_config.eos_token_id
    listed = own if isinstance(own, list) else [own]
    return frozenset(token for token in (*listed, tokenizer.eos_token_id) if isinstance(token, int))
