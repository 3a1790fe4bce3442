"""Which kinds of models can be used, by the name that their config.json gives. Imports no torch."""

from __future__ import annotations

KINDS = {
    "idefics3": "Idefics3",
    "smolvlm": "Idefics3",
    "qwen2_vl": "QwenVL",
    "qwen2_5_vl": "QwenVL",
    "qwen3_vl": "QwenVL",
    "llava": "Llava",
    "llava_onevision": "LlavaOneVision",
    "internvl": "InternVL",
    "paligemma": "PaliGemma",
    "gemma3": "Gemma3",
}
"""Each with the class of its family (see family_of)."""
REFUSED = {
    "git": "GIT computes its attention outside the library's common interface, so that no head can be suppressed",
    "blip": "BLIP computes its attention outside the library's common interface, so that no head can be suppressed",
    "blip-2": "BLIP-2 boils the photo down to a few tokens that lie nowhere on it",
    "instructblip": "InstructBLIP boils the photo down to a few tokens that lie nowhere on it",
    "florence2": "Florence-2's image tokens can't be found on the photo",
    "moondream1": "Moondream needs program code of its own, and this program runs none that comes with a model",
    "internvl_chat": "it needs program code of its own, and this program runs none that comes with a model; "
                     "there is the same model under a name that ends in -hf",
}
"""Kinds that people are likely to try, and why they can't be used."""
