"""What a model file says of itself, as sections to read. What isn't understood is left out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any, cast

from core.answer_model import ModelDescription, PretrainedDescription
from core.answers import SessionDescription
from core.calibrated_spin import calibrated_spin, has_spin
from core.certainty import certainty_in
from spinvlm_desktop.answers.spin_words import in_words

Row = tuple[str, ...]
CAPTION_COLUMNS = (
    ("bleu_1", "BLEU-1"), ("bleu_2", "BLEU-2"), ("bleu_3", "BLEU-3"), ("bleu_4", "BLEU-4"), ("rouge_l", "ROUGE-L"),
    ("cider_d", "CIDEr-D"), ("mean_words", "words"),
)
STAGES = (("warm_up", "warm-up"), ("fine_tune", "fine-tuning"))
NOT_MEASURED = "not measured yet"


@dataclass(frozen=True)
class Section:
    """A heading with facts, and a table below them."""

    title: str
    facts: tuple[Row, ...] = ()
    """(name, value)"""
    columns: Row = ()
    rows: tuple[Row, ...] = ()
    note: str = ""


def summarise(description: ModelDescription) -> list[Section]:
    """Sections in the order in which they are read."""
    if isinstance(description, PretrainedDescription):
        return _pretrained(description)
    assert isinstance(description, SessionDescription)
    return [_model(description), *_metrics(description.metrics), _calibration(description.calibration),
            _certainty(description.calibration), *_training(description.recipe)]


def as_html(sections: list[Section], *, muted: str, border: str) -> str:
    """The sections as HTML with everything escaped. muted, border: colours."""
    parts: list[str] = []
    for section in sections:
        parts.append(f"<h3>{escape(section.title)}</h3>")
        if section.facts:
            cells = "".join(
                f'<tr><td style="color:{muted}; padding-right:16px">{escape(name)}</td><td>{escape(value)}</td></tr>'
                for name, value in section.facts
            )
            parts.append(f'<table cellspacing="0" cellpadding="2">{cells}</table>')
        if section.rows:
            head = "".join(f'<th align="{_side(i)}">{escape(name)}</th>' for i, name in enumerate(section.columns))
            body = "".join(
                "<tr>" + "".join(f'<td align="{_side(i)}">{escape(cell)}</td>' for i, cell in enumerate(row)) + "</tr>"
                for row in section.rows
            )
            parts.append(
                f'<table border="1" cellspacing="0" cellpadding="4" style="border-collapse:collapse; border-color:{border}; '
                f'margin-top:6px"><tr>{head}</tr>{body}</table>'
            )
        if section.note:
            parts.append(f'<p style="color:{muted}">{escape(section.note)}</p>')
    return "".join(parts)


def as_text(sections: list[Section]) -> str:
    """The sections as plain text; tables with tabs, as spreadsheets take them."""
    blocks: list[str] = []
    for section in sections:
        lines = [section.title, *(f"{name}: {value}" for name, value in section.facts)]
        if section.rows:
            lines += ["\t".join(row) for row in (section.columns, *section.rows)]
        blocks.append("\n".join([*lines, *([section.note] if section.note else [])]))
    return "\n\n".join(blocks) + "\n"


def count_in_words(number: int) -> str:
    """5,512,345 -> "5.5 million"."""
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.1f} {word}"
    return f"{number:,}"


def _side(column: int) -> str:
    return "right" if column else "left"


def _model(description: SessionDescription) -> Section:
    config, shape = description.config, description.shape
    return Section(f"Model: {description.name}", (
        ("File", str(description.path).encode("utf-8", "replace").decode()),
        ("Parameters", f"{count_in_words(description.parameters)} ({description.parameters:,})"),
        ("Vision encoder", f"{config.encoder_name}, photos of {config.image_size} x {config.image_size} pixels, "
                           f"{shape.grid_side} x {shape.grid_side} patches of width {config.encoder_width}"),
        ("Text decoder", f"{shape.layers} layers, {shape.heads} heads, width {config.width}, "
                         f"feed-forward width {config.feed_forward_width}"),
        ("Vocabulary", f"{config.vocabulary_size:,} tokens"),
        ("Longest", f"question {shape.max_question_tokens} tokens, answer {shape.max_answer_tokens} tokens"),
        ("Computes on", f"{description.device}, {description.precision}, threads: {description.threads}"),
    ))


def status_lines(description: ModelDescription) -> list[str]:
    """The model in use in a few lines: which it is, how it computes, what it makes of a conversation, what is to be known."""
    if not isinstance(description, PretrainedDescription):
        return ["Each question stands alone, but for one that leans on the last, such as “and the dog?”."]
    return [
        description.name, f"Revision: {description.revision or 'unknown'}",
        f"Computes on {description.device} in {description.precision}, {_threads(description)}",
        _conversation(description), *description.notes,
    ]


def _conversation(description: ModelDescription) -> str:
    if description.remembers_conversation:
        return "Earlier questions and answers about the photo are given to it along with the next one."
    return "Each question stands alone."


def _threads(description: ModelDescription) -> str:
    return "1 thread" if description.threads == 1 else f"{description.threads} threads"


def _pretrained(model: PretrainedDescription) -> list[Section]:
    seconds = "not measured" if model.seconds_a_token is None else f"{model.seconds_a_token:.3f} seconds"
    facts = (
        ("Folder", str(model.path).encode("utf-8", "replace").decode()), ("Family", model.family),
        ("Revision", model.revision or "unknown"), *([("Good for", model.good_for)] if model.good_for else []),
        ("Parameters", f"{count_in_words(model.parameters)} ({model.parameters:,})"),
        ("Heads", f"{model.layers} layers, {model.heads} heads in each"),
        ("Photo", f"{model.image_tokens} tokens for one of 320 x 240 pixels"),
        ("Longest", f"conversation {model.longest_question} tokens, answer {model.longest_answer} tokens"),
        ("Conversation", _conversation(model)),
        ("Computes", f"on {model.device} in {model.precision}, {_threads(model)}"), ("A token takes", seconds),
    )
    note = "Made by others; it isn't part of this program, and its own terms hold. " + " ".join(model.notes)
    return [
        Section(f"Model: {model.name}", facts, note=note.strip()),
        Section("Head suppression (SPIN)", (("Best setting", NOT_MEASURED),)),
    ]


def _metrics(metrics: dict[str, Any]) -> list[Section]:
    captions, answers = _settings_of(metrics.get("captions")), _settings_of(metrics.get("answers"))
    found: list[Section] = []
    if captions:
        rows = tuple((name, *(_number(values.get(key)) for key, _ in CAPTION_COLUMNS)) for name, values in captions.items())
        found.append(Section(
            f"Captions{_of_photos(metrics)}", columns=("", *(title for _, title in CAPTION_COLUMNS)), rows=rows,
            note="Scores of 0 to 100 against captions by people, CIDEr-D above that where they agree very well; more is better.",
        ))
    if answers:
        kinds = list(dict.fromkeys(kind for values in answers.values() for kind in values))
        rows = tuple(
            (name, *(_number(_group(values.get(kind)).get("exact")) for kind in kinds)) for name, values in answers.items()
        )
        counts = {kind: next((c for v in answers.values() if (c := _group(v.get(kind)).get("count"))), None) for kind in kinds}
        titles = tuple(f"{kind} ({counts[kind]:,})" if isinstance(counts[kind], int) else kind for kind in kinds)
        found.append(Section(
            "Correct answers, in percent", columns=("", *titles), rows=rows,
            note="By kind of question, with their number; an answer counts where it is exactly the expected one.",
        ))
    return found or [Section("Measured", note="This model has not been measured yet.")]


def _of_photos(metrics: dict[str, Any]) -> str:
    photos = metrics.get("photos")
    return f" of {photos:,} photos" if isinstance(photos, int) else ""


def _calibration(calibration: dict[str, Any] | None) -> Section:
    title = "Head suppression (SPIN)"
    if calibration is None:
        return Section(title, (("Best setting", NOT_MEASURED),))
    found = calibrated_spin(calibration)
    if found is not None:
        best = "off" if found.spin is None else in_words(found.spin)
    else:
        best = "not understood by this version" if has_spin(calibration) else NOT_MEASURED
    others = tuple((name.replace("_", " "), _number(value)) for name, value in calibration.items()
                   if isinstance(value, str | int | float))
    return Section(title, (("Best setting", best), *others))


def _certainty(calibration: dict[str, Any] | None) -> Section:
    title, measured = "How sure answers are", certainty_in(calibration)
    if measured is None:
        return Section(title, (("Certainty", "not known for this model"),))
    figures = measured.figures
    facts = [("Measured on", f"{measured.questions:,} questions about {measured.photos:,} photos ({', '.join(measured.data)})")]
    for name, what in (("", "All questions"), ("people_", "Questions that people asked")):
        if f"{name}right" in figures:
            sure = figures.get(f"{name}sure_right")
            facts.append((what, f"{figures[f'{name}right']:.0f} % right; " + (
                "none is ever sure" if sure is None
                else f"{figures[f'{name}sure']:.0f} % are sure, and {sure:.0f} % of those are right"
            )))
    return Section(title, tuple(facts))


def _training(recipe: dict[str, Any]) -> list[Section]:
    settings = _group(recipe.get("training"))
    names = (("Data", "data"), ("Preset", "preset"), ("Seed", "seed"), ("Encoder started from", "encoder"),
             ("Captions per photo and epoch", "captions_per_photo"), ("Derived pairs per photo and epoch", "derived_per_photo"),
             ("Dropout", "dropout"), ("Label smoothing", "label_smoothing"), ("Weight decay", "weight_decay"))
    facts = [(title, _number(settings[key])) for title, key in names if settings.get(key) is not None]
    for key, title in STAGES:
        stage = _group(settings.get(key))
        if {"epochs", "batch_photos", "decoder_rate"} <= stage.keys():
            facts.append((f"Stage {title}", f"at most {stage['epochs']} epochs, {stage['batch_photos']} photos a batch, "
                                            f"rate {stage['decoder_rate']} (encoder {stage.get('encoder_rate', 0)})"))
    seconds = recipe.get("seconds")
    if isinstance(seconds, int | float) and math.isfinite(seconds):
        facts.append(("Time", f"{seconds / 60:,.0f} minutes"))
    history = recipe.get("history")
    rows = tuple(
        (str(line.get("stage", "")), str(line["epoch"] + 1) if isinstance(line.get("epoch"), int) else "",
         _number(line.get("train_loss"), digits=3), _number(line.get("dev_loss"), digits=3))
        for line in map(_group, cast("list[Any]", history) if isinstance(history, list) else [])
    )
    if not facts and not rows:
        return [Section("Training", note="The file doesn't say how the model was trained.")]
    return [Section("Training", tuple(facts), ("stage", "epoch", "train loss", "dev loss"), rows)]


def _group(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _settings_of(value: Any) -> dict[str, dict[str, Any]]:
    return {name: _group(values) for name, values in _group(value).items() if isinstance(values, dict)}


def _number(value: Any, *, digits: int = 1) -> str:
    if isinstance(value, float) and (digits == 3 or abs(value) >= 1):
        return f"{value:.{digits}f}"
    return "–" if value is None else str(value)
