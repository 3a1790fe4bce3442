"""The vision-language model: encoder, projection and question embedding -> memory -> decoder -> logits.

Shapes: B photos, G sequences (questions or beams) per photo, I image tokens, Q question tokens, T answer tokens,
D width, V vocabulary. One photo serves all its G sequences: its keys and values are computed once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.config import ModelConfig
from core.errors import ConfigError
from core.model.attention import CrossAttention, MemoryKeysValues, SelfAttention
from core.model.decoder import DecoderLayer, DecoderOutput, TextDecoder
from core.model.dropouts import SharedDropout
from core.model.head_settings import PLAIN, LayerHeads
from core.model.kv_cache import KVCache
from core.model.vision_encoder import VisionEncoder

IMAGE_SEGMENT, QUESTION_SEGMENT = 0, 1
INITIAL_STD = 0.02


@dataclass(frozen=True)
class Memory:
    """What the decoder looks at: [image tokens ; question tokens]."""

    image: Tensor
    """[B, I, D]"""
    text: Tensor
    """[B, G, Q, D]"""
    text_padding: Tensor
    """[B, G, Q], True at padding."""


class VisionLanguageModel(nn.Module):
    """Answers a question about a photo, token by token. Holds weights only; every run's state is an argument."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = VisionEncoder(config.encoder_name, image_size=config.image_size, map_stride=config.patch_size)
        if (self.encoder.width, self.encoder.patch_size) != (config.encoder_width, config.patch_size):
            raise ConfigError(
                f"{config.encoder_name} has width {self.encoder.width} and patches of {self.encoder.patch_size} pixels, "
                f"not {config.encoder_width} and {config.patch_size}"
            )
        self.image_projection = nn.Sequential(
            nn.LayerNorm(config.encoder_width), nn.Linear(config.encoder_width, config.width)
        )
        self.token_embedding = nn.Embedding(config.vocabulary_size, config.width)
        self.image_position = nn.Parameter(torch.zeros(config.image_tokens, config.width))
        self.question_position = nn.Parameter(torch.zeros(config.max_question_tokens, config.width))
        self.segment = nn.Parameter(torch.zeros(2, config.width))
        self.question_norm = nn.LayerNorm(config.width)
        self.memory_dropout = SharedDropout(config.dropout)
        self.decoder = TextDecoder(config)
        self._initialise()

    def _initialise(self) -> None:
        for module in (self.image_projection, self.token_embedding, self.decoder):
            for part in module.modules():
                if isinstance(part, nn.Linear | nn.Embedding):
                    nn.init.trunc_normal_(part.weight, std=INITIAL_STD)
                if isinstance(part, nn.Linear):
                    nn.init.zeros_(part.bias)
        for parameter in (self.image_position, self.question_position, self.segment, self.decoder.position):
            nn.init.trunc_normal_(parameter, std=INITIAL_STD)
        # GPT-2's rule: what is added to the residual stream shrinks with the number of additions.
        for part in self.decoder.modules():
            if isinstance(part, SelfAttention | CrossAttention):
                nn.init.trunc_normal_(part.output.weight, std=INITIAL_STD / math.sqrt(3 * self.config.layers))
            if isinstance(part, DecoderLayer):
                last = part.feed_forward[2]
                assert isinstance(last, nn.Linear)
                nn.init.trunc_normal_(last.weight, std=INITIAL_STD / math.sqrt(3 * self.config.layers))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.token_embedding.weight.device

    def decoder_parameters(self) -> list[nn.Parameter]:
        """All parameters but the vision encoder's."""
        return [parameter for name, parameter in self.named_parameters() if not name.startswith("encoder.")]

    def encode_image(self, pixels: Tensor) -> Tensor:
        """pixels: [B, 3, S, S], normalised. Returns image features [B, I, encoder width]."""
        return self.encoder(pixels)

    def memory(
        self,
        features: Tensor,
        question: Tensor,
        question_padding: Tensor,
        *,
        hidden_images: Tensor | None = None,
        hidden_questions: Tensor | None = None,
    ) -> Memory:
        """The memory of photos and the questions about them.

        features: [B, I, encoder width]; question: ids [B, G, Q]; question_padding: [B, G, Q], True at padding.
        hidden_images [B] and hidden_questions [B, G], True where the photo or the question is blanked out; training
        hides some, so that answers without either are in distribution.
        """
        image = self.image_projection(features)  # [B, I, D]
        text = self.token_embedding(question)  # [B, G, Q, D]
        if hidden_images is not None:
            image = image.masked_fill(hidden_images[:, None, None], 0.0)
        if hidden_questions is not None:
            text = text.masked_fill(hidden_questions[:, :, None, None], 0.0)
        image = image + self.image_position + self.segment[IMAGE_SEGMENT]
        text = text + self.question_position[: question.shape[-1]] + self.segment[QUESTION_SEGMENT]
        # Token embeddings are tiny beside projected image features; without the norm the decoder never hears the question.
        text = self.question_norm(text)
        return Memory(self.memory_dropout(image), self.memory_dropout(text), question_padding)

    def keys_values(
        self, memory: Memory, *, same_image: Sequence[MemoryKeysValues] | None = None
    ) -> tuple[MemoryKeysValues, ...]:
        """Each decoder layer's cross-attention keys and values of the memory, computed once for a whole answer.

        same_image: the result for the same photos with other questions; its image part is taken over.
        """
        return self.decoder.keys_values(memory.image, memory.text, memory.text_padding, same_image=same_image)

    def decode(
        self,
        tokens: Tensor,
        memory: Sequence[MemoryKeysValues],
        *,
        cache: KVCache | None = None,
        heads: LayerHeads | Sequence[LayerHeads] = PLAIN,
    ) -> DecoderOutput:
        """tokens: ids [B, G, T]; see TextDecoder.forward."""
        return self.decoder(self.token_embedding(tokens), memory, cache=cache, heads=heads)

    def logits(self, hidden: Tensor) -> Tensor:
        """Hidden states [..., D] -> next-token logits [..., V], through the tied token embedding."""
        return functional.linear(hidden, self.token_embedding.weight)

    def new_cache(self, *, rows: int, capacity: int | None = None) -> KVCache:
        """An empty self-attention cache for `rows` = B*G sequences."""
        return KVCache(
            self.config, rows=rows, capacity=capacity or self.config.max_answer_tokens, like=self.token_embedding.weight
        )
