from __future__ import annotations

import torch

from core.config import ModelConfig
from core.model.vlm import VisionLanguageModel

SIZES = ModelConfig(vocabulary_size=40, image_size=32, width=64, layers=2, heads=4, feed_forward_width=64)


def test_an_untrained_model_hears_the_question_as_loudly_as_it_sees_the_photo() -> None:
    """Else the decoder learns to caption, whatever it was asked, long before it listens."""
    model = VisionLanguageModel(SIZES).eval()
    question = torch.randint(5, 40, (2, 3, 6))
    memory = model.memory(model.encode_image(torch.randn(2, 3, 32, 32)), question, torch.zeros_like(question, dtype=torch.bool))
    loudness = memory.text.std() / memory.image.std()
    assert 0.3 < loudness < 10
    other = model.memory(torch.zeros(2, 5, 192), question.flip(-1), torch.zeros_like(question, dtype=torch.bool))
    assert (other.text - memory.text).std() > 0.5 * memory.text.std()


def test_a_hidden_question_leaves_only_positions() -> None:
    model = VisionLanguageModel(SIZES).eval()
    features, padding = torch.randn(1, 5, 192), torch.zeros(1, 2, 4, dtype=torch.bool)
    question = torch.tensor([[[5, 6, 7, 8], [9, 10, 11, 12]]])
    hidden = model.memory(features, question, padding, hidden_questions=torch.tensor([[True, True]])).text
    torch.testing.assert_close(hidden[:, 0], hidden[:, 1])
    one = model.memory(features, question, padding, hidden_questions=torch.tensor([[False, True]])).text
    assert not torch.allclose(one[:, 0], hidden[:, 0])
