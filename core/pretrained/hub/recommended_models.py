"""Models worth getting, as a table. Nothing is asked of the network to show it.

Numbers are of the hub's main revision as far as they are known; whoever downloads is told the exact ones before it begins.
"""

from __future__ import annotations

from dataclasses import dataclass

BFLOAT16_BYTES = 2
"""Of a weight in the precision that suits most computers; what isn't known of a computer is said for this one."""


@dataclass(frozen=True)
class RecommendedModel:
    """One model on the hub."""

    repository: str
    family: str
    licence: str
    parameters: int
    download_bytes: int
    good_for: str
    image_tokens: int
    """Of an ordinary photo, by default."""
    vision_parameters: int
    patches: int
    """What the vision tower divides such a photo into; it costs its parameters for each."""
    is_gated: bool = False
    """Whether its terms have to be accepted on the hub first."""
    licence_is_verified: bool = False
    """Whether the licence was read in the model's own card; otherwise look there before relying on it."""
    size_is_verified: bool = False

    def memory_bytes(self, weight_bytes: int = BFLOAT16_BYTES) -> int:
        """About what it takes; the exact need is estimated from the files before they are loaded. weight_bytes: of a weight
        in the precision that it runs in."""
        return weight_bytes * self.parameters + 600_000_000


def _millions(count: float) -> int:
    return round(count * 1_000_000)


RECOMMENDED: tuple[RecommendedModel, ...] = (
    RecommendedModel(
        "HuggingFaceTB/SmolVLM-256M-Instruct", "Idefics3", "Apache-2.0", _millions(256), _millions(518),
        "Any computer: short answers within seconds", 64, _millions(93), 1024, licence_is_verified=True,
    ),
    RecommendedModel(
        "HuggingFaceTB/SmolVLM-500M-Instruct", "Idefics3", "Apache-2.0", _millions(508), _millions(1020),
        "Older laptops: clearly better than the smallest, still quick", 64, _millions(93), 1024, licence_is_verified=True,
    ),
    RecommendedModel(
        "llava-hf/llava-onevision-qwen2-0.5b-ov-hf", "LLaVA-OneVision", "Apache-2.0", _millions(894), _millions(1790),
        "Research on the LLaVA family on a small computer", 730, _millions(400), 729,
    ),
    RecommendedModel(
        "OpenGVLab/InternVL3-1B-hf", "InternVL", "Apache-2.0", _millions(938), _millions(1880),
        "Text in photos, charts and documents", 256, _millions(304), 1024,
    ),
    RecommendedModel(
        "Qwen/Qwen3-VL-2B-Instruct", "Qwen-VL", "Apache-2.0", _millions(2127), _millions(4260),
        "Clearly better answers, in many languages", 300, _millions(407), 1200,
    ),
    RecommendedModel(
        "Qwen/Qwen2-VL-2B-Instruct", "Qwen-VL", "Apache-2.0", _millions(2209), _millions(4420),
        "Many languages; the model of many papers", 320, _millions(665), 1280,
    ),
    RecommendedModel(
        "HuggingFaceTB/SmolVLM-Instruct", "Idefics3", "Apache-2.0", _millions(2246), _millions(4500),
        "Good descriptions from few image tokens", 81, _millions(400), 729, licence_is_verified=True,
    ),
    RecommendedModel(
        "google/paligemma2-3b-mix-448", "PaliGemma", "Gemma terms of use", _millions(3032), _millions(6070),
        "Short answers, captions and reading text; one question at a time", 1024, _millions(413), 1024, is_gated=True,
    ),
    RecommendedModel(
        "Qwen/Qwen2.5-VL-3B-Instruct", "Qwen-VL", "Qwen research licence, not for commercial use", _millions(3755),
        _millions(7510), "Documents, text and details", 320, _millions(669), 1280,
        licence_is_verified=True,
    ),
    RecommendedModel(
        "google/gemma-3-4b-it", "Gemma 3", "Gemma terms of use", _millions(4300), _millions(8600),
        "Long conversations in many languages", 256, _millions(417), 4096, is_gated=True,
    ),
    RecommendedModel(
        "llava-hf/llava-1.5-7b-hf", "LLaVA-1.5", "Llama 2 community licence", _millions(7063), _millions(14130),
        "The model that SPIN's paper is about; large: best on a GPU", 576, _millions(304), 576,
    ),
)


def smallest_sensible(available_memory: int, *, weight_bytes: int = BFLOAT16_BYTES) -> RecommendedModel | None:
    """The one to propose first: the smallest that fits; None where none does. weight_bytes: see `memory_bytes`."""
    fitting = [
        model for model in RECOMMENDED if model.memory_bytes(weight_bytes) < available_memory and not model.is_gated
    ]
    return min(fitting, key=lambda model: model.parameters, default=None)
