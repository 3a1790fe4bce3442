"""Every setting: what it can hold, and what people read about it. Dialog, file, checks and `docs/settings.md` follow it.

Defaults are those of `AppSettings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.config import require
from spinvlm_desktop.settings.setting_kinds import Choice, FilePath, FilePaths, HeadsKept, Kind, Names, Number, Switch, Whole

MAX_SEED = 2**63 - 1


@dataclass(frozen=True)
class Setting:
    """One field of `AppSettings`, or of a group within it."""

    name: str
    """As in the file; of a group's with a dot."""
    kind: Kind
    help: str
    group: str = ""
    """The part of the dialog it is shown in; empty: it is set elsewhere in the window."""
    label: str = ""
    """Of its field in the dialog, with the letter that leads to it."""
    needs: tuple[str, Any] | None = None
    """Another setting, and the value of it with which this one counts."""

    @property
    def title(self) -> str:
        """What it is called where people read it."""
        return self.label.replace("&", "") or self.name

    def check(self, value: Any) -> None:
        """Raises ConfigError for a value that it can't hold."""
        require(self.kind.accepts(value), f"{self.title} must be {self.kind.words()}, got {value!r}")


def _spin(name: str, whose: str) -> tuple[Setting, ...]:
    """A choice of head suppression. whose: begins each line of help."""
    return (
        Setting(
            f"{name}_mode", Choice((("off", "Off"), ("on", "On"), ("compare", "Compare"))),
            f"{whose}Head suppression, as in the SPIN bar",
        ),
        Setting(f"{name}.keep", HeadsKept(), f"{whose}Heads that are kept in each layer"),
        Setting(f"{name}.alpha", Number(0, 1), f"{whose}Weight of other heads (alpha)"),
        Setting(
            f"{name}.first_layer", Whole(0, 1000), f"{whose}First decoder layer in which heads are suppressed, counted from 0"
        ),
        Setting(
            f"{name}.last_layer", Whole(0, 1000, none="the last"),
            f"{whose}One past the last such layer; nothing: all that follow",
        ),
        Setting(
            f"{name}.score", Choice((("mass", "attention on the photo"), ("logits", "sum of logits"))),
            f"{whose}How heads are ranked",
        ),
        Setting(
            f"{name}_by_user", Switch(), f"{whose}Whether SPIN is as the user chose it; else it follows the model's calibration"
        ),
    )


_SAMPLING = ("generation.method", "sampling")
_BEAM = ("generation.method", "beam")
SETTINGS: tuple[Setting, ...] = (
    Setting(
        "device", Choice((("auto", "Automatic"), ("cpu", "Processor (CPU)"), ("cuda", "NVIDIA or AMD graphics (CUDA)"),
                          ("mps", "Apple graphics (MPS)"))),
        "Where the model computes; a change loads the model again", "Computing", "&Device",
    ),
    Setting(
        "threads", Whole(1, 1024, none="Automatic"),
        "How many processor cores the model may use; few leave more to other programs", "Computing", "T&hreads",
    ),
    Setting(
        "theme", Choice((("system", "As the system"), ("light", "Light"), ("dark", "Dark"))),
        "Light or dark", "Appearance", "&Colours",
    ),
    Setting("font_size", Whole(8, 24, unit=" points"), "Size of all text in the window", "Appearance", "&Font size"),
    Setting(
        "keep_history", Switch(), "Photos, questions and answers stay on this computer; nothing is sent anywhere",
        "History", "&Keep conversations on this computer",
    ),
    Setting(
        "retention_days", Whole(1, 36_500, none="Never", unit=" days"),
        "Conversations that weren't changed for so many days are deleted, except the one on show", "History", "F&orget after",
        needs=("keep_history", True),
    ),
    Setting(
        "collect_corrections", Switch(),
        "Thumbs up and down beside an answer keep it here with the photo and what you say of it; a model can be trained on that",
        "History", "Keep co&rrections of answers on this computer",
    ),
    Setting(
        "describe_photos", Switch(), "A photo is described as soon as it is opened; a question of yours comes first",
        "Answers", "Describe &new photos automatically",
    ),
    Setting(
        "generation.method",
        Choice((("default", "Best for each kind"), ("greedy", "The most probable word each time (greedy)"),
                ("sampling", "Drawn at random (sampling)"), ("beam", "The best of several whole answers (beam search)"))),
        "How the words of an answer are chosen; at best, descriptions are the best of several, short answers word by word",
        "Answers", "&Method",
    ),
    Setting(
        "generation.max_tokens", Whole(1, 100_000),
        "An answer ends here at the latest; a token is a word or part of one. While it is 48, pretrained models may say more",
        "Answers", "Longest answer, in &tokens",
    ),
    Setting(
        "generation.temperature", Number(0.01, 100),
        "Lower is more predictable, higher more varied; 1 is as the model learnt it", "Answers", "T&emperature", _SAMPLING,
    ),
    Setting(
        "generation.top_p", Number(0.01, 1),
        "Only the likeliest words that together reach this probability are drawn from; 1 is all", "Answers", "Top-&p",
        _SAMPLING,
    ),
    Setting(
        "generation.seed", Whole(0, MAX_SEED, none="another one each time"),
        "The same whole number gives the same answer again; empty draws another one each time", "Answers", "&Seed", _SAMPLING,
    ),
    Setting(
        "generation.beam_width", Whole(1, 64), "How many answers are followed at once; more is slower", "Answers",
        "&Beam width", _BEAM,
    ),
    Setting("generation.top_k", Whole(0, 10**9), "Sampling: only the k likeliest words are drawn from; 0 is all"),
    Setting("generation.length_penalty", Number(-100, 100), "Beam search: higher favours longer answers"),
    Setting("generation.repetition_penalty", Number(0.01, 100), "Above 1 discourages words that the answer has already"),
    Setting("generation.no_repeat_ngram", Whole(0, 1000), "No sequence of so many tokens comes twice; 0 leaves it to the method"),
    *_spin("spin", ""),
    *_spin("pretrained_spin", "Of pretrained models: "),
    Setting("finer_models", Names(), "Pretrained models that look at photos finer: in tiles or at a higher resolution"),
    Setting("look_inside", Switch(), "Whether maps, heads and SPIN are shown; without them SPIN follows the model's calibration"),
    Setting("words_known", Switch(), "Whether a word was clicked once, which is suggested until then"),
    Setting("first_look_taken", Switch(), "Whether the hints of the first look inside were shown"),
    Setting("show_conversations", Switch(), "Whether the list of conversations is shown"),
    Setting("overlay_opacity", Number(0, 1), "Opacity of the heat map over the photo"),
    Setting("overlay_smooth", Switch(), "Whether the heat map is smooth"),
    Setting("recent_images", FilePaths(), "Photos opened before, the latest first; not kept where conversations aren't"),
    Setting("model", FilePath(), "The model file in use, or a pretrained model's folder; nothing is the starter model"),
)
IN_DIALOG = frozenset(setting.name.partition(".")[0] for setting in SETTINGS if setting.group)
"""Fields of `AppSettings` that the dialog sets, all of them or in part."""
