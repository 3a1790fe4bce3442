"""Whether SPIN and its maps work in a loaded model, found out by asking it something about a generated photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from core.errors import SpinVlmError
from core.pretrained.decoding.decoding_run import DecodingRun, LoadedModel, ReadPrompt, Settings, read_prompt
from core.pretrained.errors import PretrainedModelError
from core.pretrained.photo.photo_input import PhotoInput
from core.pretrained.prompt.chat_prompt import PromptBuilder

QUESTION = "What is in the photo?"
WIDTH, HEIGHT = 320, 240


@dataclass(frozen=True)
class ModelParts:
    """A loaded model with everything that turns photos and questions into what it reads."""

    loaded: LoadedModel
    tokenizer: Any
    processor: Any
    prompts: PromptBuilder


def generated_photo() -> Image.Image:
    """A photo of nothing: smooth colours with some noise."""
    y, x = np.mgrid[0:1:HEIGHT * 1j, 0:1:WIDTH * 1j]
    noise = np.random.default_rng(0).random((HEIGHT, WIDTH, 3)) * 0.2
    colours = np.stack([x, y, (x + y) / 2], axis=-1) * 0.8 + noise
    return Image.fromarray((colours * 255).astype(np.uint8), "RGB")


def photo_features(loaded: LoadedModel, photo: PhotoInput) -> Any:
    """What the vision tower makes of a photo, as the decoder takes it."""
    tensors = {name: value.to(loaded.device) for name, value in photo.tensors.items()}
    with torch.inference_mode():
        features = loaded.model.model.get_image_features(**tensors, return_dict=True)
    for name in ("last_hidden_state", "hidden_states", "attentions"):  # the tower's own layers: large, and not needed
        if name in features:
            features[name] = None
    return features


def check_model(parts: ModelParts) -> ReadPrompt:
    """Reads the generated photo. Raises PretrainedModelError, with the reason, where SPIN would not work."""
    loaded = parts.loaded
    try:
        loaded.family.check(loaded.model.config, parts.processor)
        shown = loaded.family.photo(parts.processor, loaded.model.config, generated_photo(), finer=False)
        prompt = parts.prompts.build(QUESTION, (), shown)
        found = prompt.ids.count(loaded.model.config.image_token_id)
        if found != shown.layout.image_tokens:
            raise PretrainedModelError(
                f"This model can't be used: its prompt has {found} image tokens where its photo has "
                f"{shown.layout.image_tokens}, so a map of the photo would be wrong."
            )
        grid = None if shown.grid is None else shown.grid.to(loaded.device)
        read = read_prompt(
            loaded, prompt.ids, photo_features(loaded, shown), cell_tokens=shown.layout.cell_tokens.tolist(), grid=grid
        )
        run = DecodingRun(loaded, read, Settings(), again=True)
        run.next_logits()
    except SpinVlmError:
        raise
    except Exception as error:  # a model that doesn't fit its processor raises whatever its first wrong shape raises
        raise PretrainedModelError(f"This model can't be used: a trial question failed ({_first_line(error)}).") from error
    for step in (read.step, run.latest):
        if step is None or sorted(step.records) != list(range(loaded.layers)):
            count = 0 if step is None else len(step.records)
            raise PretrainedModelError(
                f"This model can't be used: only {count} of its {loaded.layers} layers go through the library's common "
                "attention interface, so that heads can't be suppressed in all of them."
            )
    if not bool(read.logits.isfinite().all()):
        raise PretrainedModelError("This model can't be used: its answers to a trial question aren't numbers.")
    return read


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
