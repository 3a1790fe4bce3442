"""What a loaded pretrained model says of itself, and which requests it can take."""

from __future__ import annotations

import torch

from core.answer_model import NO_BEAM_SEARCH, PretrainedDescription
from core.answers import AnswerRequest
from core.config import require
from core.errors import ConfigError
from core.pretrained.decoding.decoding_run import LoadedModel
from core.pretrained.hub.recommended_models import RECOMMENDED
from core.pretrained.loading.load import CheckedModel
from core.pretrained.reading import PromptReader

USUAL_ANSWER = 256
"""Tokens."""


def describe_model(model: CheckedModel, reader: PromptReader) -> PretrainedDescription:
    """The model, what can be asked of it, and how it computes."""
    folder, loaded, choice = model.folder, model.parts.loaded, model.choice
    shown = reader.generated()
    return PretrainedDescription(
        name=folder.name,
        path=folder.path,
        family=loaded.family.title,
        parameters=folder.parameters,
        layers=loaded.layers,
        heads=loaded.heads,
        layout=shown.layout,
        longest_question=model.parts.prompts.longest - shown.layout.image_tokens,
        longest_answer=model.longest_answer,
        usual_answer=min(USUAL_ANSWER, model.longest_answer),
        remembers_conversation=loaded.family.has_template,
        can_be_finer=loaded.family.can_be_finer,
        methods=("default", "greedy", "sampling"),
        default_score="logits",
        device=choice.device,
        precision=choice.precision,
        threads=torch.get_num_threads(),
        seconds_a_token=choice.seconds_a_token,
        seconds_to_read=choice.seconds_to_read,
        finer_seconds=_finer_seconds(model, reader),
        revision=folder.revision,
        good_for=next((known.good_for for known in RECOMMENDED if known.repository == folder.name), None),
        notes=model.notes,
    )


def _finer_seconds(model: CheckedModel, reader: PromptReader) -> float | None:
    """How much longer a photo of a camera takes to be read finer: estimated from the image tokens that come to it."""
    seconds = model.choice.seconds_to_read
    if seconds is None or not model.parts.loaded.family.can_be_finer:
        return None
    plain, finer = reader.camera_tokens()
    return seconds * (finer - plain) / reader.generated().layout.image_tokens


def check_request(request: AnswerRequest, loaded: LoadedModel) -> None:
    """Raises ConfigError where the model can't do what is asked for. Looks at no photo."""
    require(request.generation.method != "beam", NO_BEAM_SEARCH)
    require(
        not request.finer or loaded.family.can_be_finer,
        f"{loaded.family.title} models look at a photo in one way only; there is no finer one",
    )
    if request.spin is not None:
        request.spin.heads_kept(loaded.heads)
        require(
            request.spin.first_layer < loaded.layers,
            f"head suppression starts at layer {request.spin.first_layer}, but the model's layers are 0 to {loaded.layers - 1}",
        )
    for layer, head in sorted(request.ablated_heads):
        if not (0 <= layer < loaded.layers and 0 <= head < loaded.heads):
            raise ConfigError(
                f"there is no head {head} in layer {layer}: the model has layers 0 to {loaded.layers - 1} with heads "
                f"0 to {loaded.heads - 1}"
            )
