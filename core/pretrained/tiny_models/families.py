"""Tiny random models of each kind in folders: the library's real classes, real image processors, tokenizers trained here.

The self-test and the tests of this project try what they can do with these; what they answer means nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from core.pretrained import library
from core.pretrained.tiny_models.tokenizers import byte_level, sentence_piece, wrapped

transformers: Any = library.transformers()
TEXT = {
    "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 8, "num_key_value_heads": 2,
    "max_position_embeddings": 1024, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": False,
}
VISION = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 32,
          "patch_size": 8}
CHAT = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% for part in message['content'] %}{{ IMAGE if part['type'] == 'image' else part['text'] }}{% endfor %}"
    "{{ '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


class Tiny:
    """What a family's folder is made of."""

    def __init__(self, config: Any, model: Any, processor: Any, tokenizer: Any) -> None:
        self.config, self.model, self.processor, self.tokenizer = config, model, processor, tokenizer

    def save(self, folder: Path) -> Path:
        # Larger weights make heads, photos and tokens differ; a fresh model looks everywhere alike.
        generator = torch.Generator().manual_seed(3)
        for name, parameter in self.model.named_parameters():
            if parameter.dim() > 1:
                scale = 1.0 if "embed_tokens" in name else 1.2 / parameter.shape[-1] ** 0.5
                parameter.data = torch.randn(parameter.shape, generator=generator) * scale
        self.model.generation_config.eos_token_id = [self.config.get_text_config().eos_token_id]
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        self.processor.save_pretrained(folder)
        return folder


def text(tokenizer: Any, **changes: Any) -> dict[str, Any]:
    ids = {"vocab_size": len(tokenizer) + 8, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    return {**TEXT, **ids, **changes}


def idefics3(kind: str = "Idefics3") -> Tiny:
    special = ["<pad>", "<|im_start|>", "<|im_end|>", "<image>", "<fake_token_around_image>", "<global-img>",
               "<end_of_utterance>", *(f"<row_{r}_col_{c}>" for r in range(1, 4) for c in range(1, 4))]
    template = CHAT.replace("IMAGE", "'<image>'")
    tokenizer = wrapped(byte_level(special), start=None, end="<|im_end|>", template=template, image_token="<image>",
                        fake_image_token="<fake_token_around_image>", global_image_token="<global-img>",
                        end_of_utterance_token="<end_of_utterance>")
    config = getattr(transformers, f"{kind}Config")(
        text_config=transformers.LlamaConfig(**text(tokenizer)), vision_config=dict(VISION), scale_factor=2,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
    )
    processor = getattr(transformers, f"{kind}ImageProcessorPil")(
        size={"longest_edge": 128}, max_image_size={"longest_edge": 32}
    )
    return Tiny(config, getattr(transformers, f"{kind}ForConditionalGeneration")(config), processor, tokenizer)


def smolvlm() -> Tiny:
    return idefics3("SmolVLM")


def qwen(kind: str) -> Tiny:
    special = ["<pad>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    template = CHAT.replace("IMAGE", "'<|vision_start|><|image_pad|><|vision_end|>'")
    tokenizer = wrapped(byte_level(special), start=None, end="<|im_end|>", template=template)
    ids = {name: tokenizer.convert_tokens_to_ids(token) for name, token in (
        ("image_token_id", "<|image_pad|>"), ("video_token_id", "<|video_pad|>"),
        ("vision_start_token_id", "<|vision_start|>"), ("vision_end_token_id", "<|vision_end|>"))}
    rope = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e4}
    changes: dict[str, Any] = {"rope_parameters": rope}
    vision: dict[str, Any] = {"depth": 2, "num_heads": 4, "patch_size": 8, "spatial_merge_size": 2, "temporal_patch_size": 2}
    if kind == "Qwen2VL":
        vision |= {"embed_dim": 32, "hidden_size": 64, "mlp_ratio": 2}
    elif kind == "Qwen2_5_VL":
        vision |= {"hidden_size": 32, "out_hidden_size": 64, "intermediate_size": 48, "window_size": 32,
                   "fullatt_block_indexes": [1]}
    else:
        vision |= {"hidden_size": 32, "out_hidden_size": 64, "intermediate_size": 48, "num_position_embeddings": 16,
                   "deepstack_visual_indexes": [0, 1]}
        changes["head_dim"] = 8
    config = getattr(transformers, f"{kind}Config")(text_config=text(tokenizer, **changes), vision_config=vision, **ids)
    processor = transformers.Qwen2VLImageProcessorPil(
        size={"shortest_edge": 16 * 16, "longest_edge": 16 * 16 * 64}, patch_size=8, merge_size=2
    )
    return Tiny(config, getattr(transformers, f"{kind}ForConditionalGeneration")(config), processor, tokenizer)


def llava() -> Tiny:
    special = ["<unk>", "<s>", "</s>", "<pad>", "<image>"]
    tokenizer = wrapped(sentence_piece(special), start="<s>", end="</s>", template=None, image_token="<image>")
    config = transformers.LlavaConfig(
        text_config=transformers.LlamaConfig(**text(tokenizer)),
        vision_config=transformers.CLIPVisionConfig(projection_dim=32, **VISION),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"), vision_feature_layer=-2,
    )
    processor = transformers.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return Tiny(config, transformers.LlavaForConditionalGeneration(config), processor, tokenizer)


def onevision() -> Tiny:
    special = ["<pad>", "<|im_start|>", "<|im_end|>", "<image>", "<video>"]
    template = CHAT.replace("IMAGE", "'<image>\n'")
    tokenizer = wrapped(byte_level(special), start=None, end="<|im_end|>", template=template, image_token="<image>",
                        video_token="<video>")
    points = [[32 * rows, 32 * columns] for rows in range(1, 4) for columns in range(1, 4)]
    config = transformers.LlavaOnevisionConfig(
        text_config=transformers.Qwen2Config(**text(tokenizer)), vision_config=transformers.SiglipVisionConfig(**VISION),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"), vision_feature_layer=-1, image_grid_pinpoints=points,
        video_token_index=tokenizer.convert_tokens_to_ids("<video>"),
    )
    processor = transformers.LlavaOnevisionImageProcessorPil(
        size={"height": 32, "width": 32}, image_grid_pinpoints=points
    )
    return Tiny(config, transformers.LlavaOnevisionForConditionalGeneration(config), processor, tokenizer)


def internvl() -> Tiny:
    special = ["<pad>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<IMG_CONTEXT>", "<video>"]
    template = CHAT.replace("IMAGE", "'<IMG_CONTEXT>\n'")
    tokenizer = wrapped(byte_level(special), start=None, end="<|im_end|>", template=template, start_image_token="<img>",
                        end_image_token="</img>", context_image_token="<IMG_CONTEXT>", video_token="<video>")
    vision = {**VISION, "image_size": [32, 32], "patch_size": [8, 8]}
    config = transformers.InternVLConfig(
        text_config=transformers.Qwen2Config(**text(tokenizer)), vision_config=transformers.InternVLVisionConfig(**vision),
        image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"), image_seq_length=4,
    )
    processor = transformers.GotOcr2ImageProcessorPil(size={"height": 32, "width": 32})
    return Tiny(config, transformers.InternVLForConditionalGeneration(config), processor, tokenizer)


def paligemma(kind: str = "Gemma") -> Tiny:
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<image>"]
    tokenizer = wrapped(sentence_piece(special), start="<bos>", end="<eos>", template=None, image_token="<image>")
    changes = {"sliding_window": 64} if kind == "Gemma2" else {}
    config = transformers.PaliGemmaConfig(
        text_config=getattr(transformers, f"{kind}Config")(head_dim=8, **text(tokenizer, **changes)),
        vision_config=transformers.SiglipVisionConfig(projection_dim=64, vision_use_head=False, **VISION),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"), projection_dim=64, tie_word_embeddings=False,
    )
    processor = transformers.SiglipImageProcessorPil(size={"height": 32, "width": 32})
    processor.image_seq_length = 16
    return Tiny(config, transformers.PaliGemmaForConditionalGeneration(config), processor, tokenizer)


def gemma3() -> Tiny:
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_image>", "<end_of_image>", "<image_soft_token>",
               "<start_of_turn>", "<end_of_turn>"]
    template = "{{ bos_token }}" + CHAT.replace("IMAGE", "'<start_of_image>'").replace("<|im_start|>", "<start_of_turn>") \
        .replace("<|im_end|>", "<end_of_turn>")
    tokenizer = wrapped(sentence_piece(special), start="<bos>", end="<end_of_turn>", template=template,
                        image_token="<image_soft_token>", boi_token="<start_of_image>", eoi_token="<end_of_image>")
    config = transformers.Gemma3Config(
        text_config=transformers.Gemma3TextConfig(
            head_dim=8, sliding_window=24, layer_types=["sliding_attention", "sliding_attention", "full_attention"],
            **text(tokenizer)),
        vision_config=transformers.SiglipVisionConfig(vision_use_head=False, **VISION), mm_tokens_per_image=4,
        image_token_index=tokenizer.convert_tokens_to_ids("<image_soft_token>"),
        boi_token_index=tokenizer.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=tokenizer.convert_tokens_to_ids("<end_of_image>"), tie_word_embeddings=False,
    )
    processor = transformers.Gemma3ImageProcessorPil(size={"height": 32, "width": 32})
    return Tiny(config, transformers.Gemma3ForConditionalGeneration(config), processor, tokenizer)


TINY: dict[str, Callable[[], Tiny]] = {
    "idefics3": idefics3,
    "smolvlm": smolvlm,
    "qwen2_vl": lambda: qwen("Qwen2VL"),
    "qwen2_5_vl": lambda: qwen("Qwen2_5_VL"),
    "qwen3_vl": lambda: qwen("Qwen3VL"),
    "llava": llava,
    "llava_onevision": onevision,
    "internvl": internvl,
    "paligemma": paligemma,
    "paligemma2": lambda: paligemma("Gemma2"),
    "gemma3": gemma3,
}


def photo(width: int = 60, height: int = 44, seed: int = 0) -> Image.Image:
    """A photo of coloured noise."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8), "RGB")
