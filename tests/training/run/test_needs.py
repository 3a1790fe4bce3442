"""What a run needs is estimated before torch is loaded, and agrees with the real thing."""

import pytest

from core.config import ModelConfig
from core.model.vision_encoder import VisionEncoder
from core.model.vlm import VisionLanguageModel
from training.run.needs import ENCODERS, decoder_parameters, model_sizes, run_needs
from training.run.training_config import preset


@pytest.mark.parametrize(("layers", "width", "heads"), [(3, 192, 6), (2, 64, 2)])
def test_parameters_are_those_of_the_real_model(layers: int, width: int, heads: int) -> None:
    sizes = ModelConfig(vocabulary_size=300, layers=layers, width=width, heads=heads, feed_forward_width=4 * width)
    model = VisionLanguageModel(sizes)
    assert decoder_parameters(sizes) == sum(p.numel() for p in model.decoder_parameters())
    assert ENCODERS[sizes.encoder_name].parameters == sum(p.numel() for p in model.encoder.parameters())


@pytest.mark.parametrize("name", ENCODERS)
def test_what_is_known_of_an_encoder_agrees_with_the_real_one(name: str) -> None:
    encoder = VisionEncoder(name)
    assert (encoder.width, encoder.patch_size) == (ENCODERS[name].width, ENCODERS[name].patch_size)
    assert ENCODERS[name].parameters == sum(p.numel() for p in encoder.parameters())


def test_more_photos_need_more_disk_and_larger_batches_more_memory() -> None:
    config = preset("standard", data=".")
    few, many = run_needs(config, photos=100), run_needs(config, photos=1000)
    assert many.disk_bytes > few.disk_bytes
    assert many.memory_bytes == few.memory_bytes
    larger = preset("standard", data=".", captions_per_photo=8)
    assert run_needs(larger, photos=100).memory_bytes > few.memory_bytes
    assert model_sizes(config).layers == config.layers
