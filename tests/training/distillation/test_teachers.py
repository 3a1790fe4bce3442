from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from core.errors import ConfigError, ModelFileError
from core.model.timm_import import import_timm
from tests.training.distillation.conftest import CHANNELS, CLASSES, CPU
from training.distillation.teachers import judge, load_teacher


def test_a_mobilenet_gives_a_map_of_a_32nd_and_classes(mobilenet: Path) -> None:
    teacher = load_teacher("mobilenet_v2", mobilenet, device=CPU)
    seen = judge(teacher, torch.rand(2, 3, 64, 64) * 255, side=96)
    assert seen.shape == (2, CHANNELS, 3, 3)
    assert 0 <= seen.min() < seen.max() <= 6
    weight, bias = teacher.classifier()
    assert (weight.shape, bias.shape) == ((CLASSES, CHANNELS), (CLASSES,))


def package_names(net: torch.nn.Module) -> dict[str, str]:
    """timm's name of each tensor -> the name that the PyTorch package of EfficientNet-Lite gives it."""
    names = {"conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1", "classifier": "_fc"}
    number = 0
    for i, stage in enumerate(net.blocks):  # pyright: ignore
        for j, block in enumerate(stage):  # pyright: ignore
            layers = (
                ("conv_pw", "bn1", "conv_dw", "bn2", "conv_pwl", "bn3"), ("_expand_conv", "_bn0", "_depthwise_conv", "_bn1",
                                                                          "_project_conv", "_bn2")
            ) if hasattr(block, "conv_pwl") else (("conv_dw", "bn1", "conv_pw", "bn2"), ("_depthwise_conv", "_bn1",
                                                                                       "_project_conv", "_bn2"))
            for ours, theirs in zip(*layers, strict=True):
                names[f"blocks.{i}.{j}.{ours}"] = f"_blocks.{number}.{theirs}"
            number += 1
    return names


def test_an_efficientnet_is_read_under_both_kinds_of_names(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = import_timm().create_model("tf_efficientnet_lite2", pretrained=False)
    weights = dict(net.state_dict())
    save_file(weights, tmp_path / "timm.safetensors")
    names = package_names(net)
    renamed = {f"{names[name.rpartition('.')[0]]}.{name.rpartition('.')[2]}": tensor for name, tensor in weights.items()}
    save_file(renamed, tmp_path / "package.safetensors")
    pixels = torch.rand(1, 3, 64, 64) * 255
    one, other = (
        judge(load_teacher("efficientnet_lite2", tmp_path / f"{kind}.safetensors", device=CPU), pixels, side=64)
        for kind in ("timm", "package")
    )
    assert one.shape == (1, 1280, 2, 2)
    assert torch.equal(one, other)
    assert one.std() > 0


def test_other_files_and_kinds_are_refused(mobilenet: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no teacher 'resnet'"):
        load_teacher("resnet", mobilenet, device=CPU)
    with pytest.raises(ModelFileError, match="no EfficientNet"):
        load_teacher("efficientnet_lite2", mobilenet, device=CPU)
    save_file({"w": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelFileError, match="no MobileNetV2"):
        load_teacher("mobilenet_v2", tmp_path / "other.safetensors", device=CPU)
