"""Which parts of the transformers library go into the bundle: its core, and the models of the kinds that can be used.

The library finds its models by looking at the folders that lie there, so that what is left out is simply unknown to it.
"""

from __future__ import annotations

import re
from pathlib import Path

from core.pretrained.photo.known_families import KINDS

FURTHER_MODELS = (
    # Vision towers, decoders, image processors and tokenizers that models of these kinds name in their files.
    "auto", "clip", "siglip", "got_ocr2", "llama", "mistral", "gpt2", "qwen2", "qwen3", "gemma", "gemma2",
)
FILES = ("configuration_", "modeling_", "processing_", "image_processing_pil_", "tokenization_")
"""What the files of a model that are wanted begin with; of `auto` all are."""
UNUSED_PARTS = (
    # Training, pipelines, other front ends and exporters.
    "pipelines", "cli", "exporters", "data", "decision", "trainer", "trainer_callback", "trainer_jit_checkpoint",
    "trainer_optimizer", "trainer_pt_utils", "trainer_seq2seq", "trainer_utils", "training_args", "training_args_seq2seq",
    "testing_utils", "hf_argparser", "optimization", "hyperparameter_search", "debug_utils", "time_series_utils",
    "convert_slow_tokenizers_checkpoints_to_fast", "modeling_gguf_pytorch_utils",
)
_OTHER_MODEL = re.compile(r"^\s*from \.\.(\w+)", re.MULTILINE)


def used_modules(library: Path) -> list[str]:
    """The modules that are imported by names made at run time. library: the folder of the installed library."""
    found = ["transformers"]
    for model in _with_needed(library):
        package = f"transformers.models.{model}"
        found += [package, *(f"{package}.{file.stem}" for file in _files(library, model))]
    return found


def unused_modules(library: Path) -> list[str]:
    """The models and parts that stay out."""
    used = _with_needed(library)
    models = sorted(path.name for path in (library / "models").iterdir() if (path / "__init__.py").is_file())
    return [*(f"transformers.{part}" for part in UNUSED_PARTS), *(f"transformers.models.{m}" for m in models if m not in used)]


def _with_needed(library: Path) -> list[str]:
    """The wanted models, and those that their files import."""
    waiting, found = [*KINDS, *FURTHER_MODELS], list[str]()
    while waiting:
        model = waiting.pop()
        if model in found or not (library / "models" / model / "__init__.py").is_file():
            continue
        found.append(model)
        for file in _files(library, model):
            waiting += _OTHER_MODEL.findall(file.read_text(encoding="utf-8"))
    return sorted(found)


def _files(library: Path, model: str) -> list[Path]:
    files = sorted((library / "models" / model).glob("*.py"))
    return [file for file in files if file.name != "__init__.py" and (model == "auto" or file.name.startswith(FILES))]
