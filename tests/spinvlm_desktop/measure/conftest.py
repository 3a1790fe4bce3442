"""A model that invents objects, photos to measure it on, and the window at its tab."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.config import ModelConfig
from core.files.checkpoint import save_model
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from spinvlm_desktop.pictures.drawn_photos import draw_collection
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.measure.measuring import WORDS


@pytest.fixture(scope="module")
def wordy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learnt nothing and names objects at random, so that it surely invents some."""
    folder = tmp_path_factory.mktemp("wordy")
    vocabulary = {word: number for number, word in enumerate(["<pad>", "<unk>", "<image>", "<start>", "<end>", *WORDS])}
    (folder / "words.json").write_text(json.dumps(vocabulary))
    tokenizer = Tokenizer.from_vocabulary(folder / "words.json")
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(0)
        sizes = ModelConfig(
            vocabulary_size=tokenizer.vocabulary_size, image_size=32, width=32, layers=2, heads=4, feed_forward_width=64,
            max_answer_tokens=12,
        )
        model = VisionLanguageModel(sizes).eval()
        torch.nn.init.normal_(model.token_embedding.weight, std=0.5)
        for layer in range(2):
            for part in ("query", "key_value", "output"):
                getattr(model.decoder.layers[layer].cross_attention, part).weight.data *= 15
    path = folder / "wordy.safetensors"
    save_model(path, model, tokenizer, metrics={}, recipe={}, precision="float32")
    return path


@pytest.fixture(scope="module")
def beach(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty drawn photos with two captions each."""
    folder = tmp_path_factory.mktemp("drawn") / "beach"
    draw_collection(folder)
    return folder


@pytest.fixture
def open_window(open_window: Callable[[], MainWindow]) -> Callable[[], MainWindow]:
    """Opens the window, at the tab."""

    def make() -> MainWindow:
        window = open_window()
        window.tabs.setCurrentWidget(window.measure.tab)
        return window

    return make


@pytest.fixture
def window(open_window: Callable[[], MainWindow]) -> MainWindow:
    return open_window()
