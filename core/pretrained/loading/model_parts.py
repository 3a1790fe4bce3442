"""The parts of a model in a folder, loaded on the CPU: safetensors only, no program code of the model's, no network."""

from __future__ import annotations

from typing import Any

import torch

from core.errors import SpinVlmError
from core.pretrained.decoding.attention import install
from core.pretrained.decoding.decoding_run import LoadedModel
from core.pretrained.decoding.prompt_cache import cache_argument
from core.pretrained.errors import PretrainedModelError
from core.pretrained.library import hub_client, library_class, quiet_library, transformers
from core.pretrained.loading.model_check import ModelParts
from core.pretrained.loading.model_folder import ModelFolder, read_json
from core.pretrained.photo.families import Family
from core.pretrained.photo.family_of import family_of
from core.pretrained.prompt.chat_prompt import PromptBuilder, read_template

LONGEST_CONTEXT = 4096
"""Tokens of photo, conversation and answer; memory for more isn't allowed for."""
LONGEST_ANSWER = 512


def longest_answer(config: Any) -> int:
    """Tokens that an answer may have, so that a question has room too."""
    return min(LONGEST_ANSWER, context_tokens(config) // 4)


def context_tokens(config: Any) -> int:
    known = getattr(config.get_text_config(), "max_position_embeddings", None) or LONGEST_CONTEXT
    return min(int(known), LONGEST_CONTEXT)


def load_parts(folder: ModelFolder, precision: str) -> ModelParts:
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


def whole_config(folder: ModelFolder) -> dict[str, Any]:
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
