"""What the setup page offers: where to start from, how large a model, how much training."""

from __future__ import annotations

from dataclasses import dataclass, replace

from training.run.needs import run_needs
from training.run.training_config import TrainingConfig, preset


@dataclass(frozen=True)
class Choice:
    """A line of a list."""

    key: str
    text: str
    tip: str


STARTS = (
    Choice("starter", "Continue from the starter model (best for few photos)",
           "It can speak already, and learns what is on your photos; works offline"),
    Choice("bundled", "From scratch, with the encoder that came with the program (for thousands of photos)",
           "New words and a new decoder; works offline"),
    Choice("pretrained", "From scratch, with timm's pre-trained encoder (a download of 23 MB)",
           "The best start for thousands of photos, but needs a connection once"),
    Choice("file", "From scratch, with an encoder's weights in a file…", "A file that timm made or that fits its ViT-Tiny"),
    Choice("model", "Another SpinVLM model…", "Keeps its words and weights"),
)
SIZES = (
    Choice("tiny", "Tiny", "3 layers of width 192: fast, for first tries"),
    Choice("standard", "Standard", "6 layers of width 256"),
    Choice("large", "Large", "8 layers of width 384: slow on a processor, for many photos"),
)
AMOUNTS = (
    Choice("quick", "Quick look", "At most 1,500 photos, few passes: to see that everything works"),
    Choice("standard", "Standard", "All photos; each stage ends early where the model gets no better"),
    Choice("best", "Best", "All photos, twice as many passes: often a night"),
)
WORDS = (
    Choice("bpe", "Made of your captions (byte-level BPE)", "Any word can be read and written"),
    Choice("file", "A word list in a file…", "A finetuned_vocab.json: {word: number}; other words are unknown to the model"),
)


def with_size(config: TrainingConfig, key: str) -> TrainingConfig:
    """The settings with the sizes of a model."""
    layers, width, heads = {"tiny": (3, 192, 6), "standard": (6, 256, 8), "large": (8, 384, 12)}[key]
    return replace(config, layers=layers, width=width, heads=heads)


def with_amount(config: TrainingConfig, key: str) -> TrainingConfig:
    """The settings with as much training as was chosen."""
    passes = {"quick": (3, 1), "standard": (8, 8), "best": (16, 16)}[key]
    photos = (1500, 200, 200) if key == "quick" else (0, 400, 0)
    return replace(
        config, max_photos=photos[0], dev_photos=photos[1], report_photos=photos[2],
        warm_up=replace(config.warm_up, epochs=passes[0]), fine_tune=replace(config.fine_tune, epochs=passes[1]),
    )


def size_in_words(choice: Choice) -> str:
    """With the number of weights that such a model has."""
    parameters = run_needs(with_size(preset("standard", data="."), choice.key), photos=0).parameters
    return f"{choice.text} — {parameters / 1e6:.0f} million weights; {choice.tip}"
