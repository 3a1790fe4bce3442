"""A conversation about one photo as token ids: by the model's own chat template, with room for the photo's image tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.answers import PreviousTurn
from core.errors import QuestionError
from core.pretrained.errors import PretrainedModelError
from core.pretrained.photo.families import Family
from core.pretrained.photo.photo_input import PhotoInput

LLAVA_TEMPLATE = (
    "{% for message in messages %}{{ message['role'].upper() + ': ' }}"
    "{% for part in message['content'] %}{{ '<image>\n' if part['type'] == 'image' else part['text'] + ' ' }}{% endfor %}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)
"""What LLaVA-1.5 was trained with, for folders from before chat templates were saved."""
SHORT_ANSWER = "Answer the question using a single word or phrase."
"""What LLaVA-1.5 was taught to answer briefly by (Liu et al. 2023, arXiv 2310.03744), and others since."""
PALIGEMMA_TASKS = ("answer", "caption", "cap", "describe", "detect", "segment", "ocr", "question", "vqa")
"""What PaliGemma's prompts begin with. Any other question is asked as `answer en ...`."""


@dataclass(frozen=True)
class Prompt:
    """What the model is given."""

    ids: tuple[int, ...]
    forgotten_turns: int
    """How many of the oldest turns were left out."""


class PromptBuilder:
    """Turns conversations into token ids for one model."""

    def __init__(self, tokenizer: Any, config: Any, family: Family, *, template: str | None, longest: int) -> None:
        """longest: tokens that a prompt may have. Raises PretrainedModelError where there is no usable template."""
        self._tokenizer, self._config, self._family = tokenizer, config, family
        self._template = template
        self._longest = longest
        self._placeholder = family.placeholder(tokenizer, config)
        special = (str(token.content) for token in tokenizer.added_tokens_decoder.values() if token.special)
        self._commands = sorted(each for each in {*special, self._placeholder} if each[:1] in ("<", "["))
        self._as_text = False
        if family.has_template:
            if template is None:
                raise PretrainedModelError("This model comes without a chat template, so its questions can't be put to it.")
            self._as_text = self._needs_text()

    @property
    def longest(self) -> int:
        """Tokens that a prompt may have, the photo's included."""
        return self._longest

    def build(self, question: str, earlier: Sequence[PreviousTurn], photo: PhotoInput) -> Prompt:
        """The token ids of the whole conversation; the oldest turns are left out until it fits.

        Raises QuestionError for a question that is empty, too long, or contains one of the model's commands.
        """
        question = question.strip()
        if not question:
            raise QuestionError("The question is empty.")
        self.check_text(question)
        turns = [turn for turn in earlier if self._harmless(turn)] if self._family.has_template else []
        while True:
            ids = self._encode(self.text(question, turns, photo))
            if len(ids) <= self._longest:
                return Prompt(tuple(ids), len(earlier) - len(turns))
            if not turns:
                over = len(ids) - self._longest
                raise QuestionError(f"The question is {over} tokens too long for this model.")
            turns = turns[1:]

    def text(self, question: str, turns: Sequence[PreviousTurn], photo: PhotoInput) -> str:
        """The conversation as the tokenizer gets it."""
        expansion = self._family.expansion(self._tokenizer, self._config, photo)
        if not self._family.has_template:
            return f"{expansion}{self._tokenizer.bos_token}{paligemma_prompt(question)}\n"
        return self._render(question, turns, as_text=self._as_text).replace(self._placeholder, expansion, 1)

    def for_short_answer(self, question: str) -> str:
        """The question as it is asked where a word or a phrase is wanted. Models without a chat template answer so anyway."""
        return f"{question}\n{SHORT_ANSWER}" if self._family.has_template else question

    def check_text(self, text: str) -> None:
        """Raises QuestionError where a text contains what the model would read as a command, not as words."""
        found = next((command for command in self._commands if command in text), None)
        if found is not None:
            raise QuestionError(f'The question contains "{found}", which this model reads as a command.')

    def _harmless(self, turn: PreviousTurn) -> bool:
        return not any(command in turn.question or command in turn.answer for command in self._commands)

    def _encode(self, text: str) -> list[int]:
        start = self._tokenizer.bos_token
        begun = not self._family.has_template or bool(start and text.startswith(start))
        return self._tokenizer(text, add_special_tokens=not begun)["input_ids"]

    def _needs_text(self) -> bool:
        """Whether the template takes messages as plain text and not as lists of parts."""
        for as_text in (False, True):
            try:
                rendered = self._render("Is it red?", (), as_text=as_text)
            except Exception:  # templates are small programs and raise kinds of their own
                continue
            if rendered.count(self._placeholder) == 1 and "Is it red?" in rendered:
                return as_text
        raise PretrainedModelError("This model's chat template has no place for a photo.")

    def _render(self, question: str, turns: Sequence[PreviousTurn], *, as_text: bool) -> str:
        messages: list[dict[str, Any]] = []
        for turn in (*turns, PreviousTurn(question, "")):
            messages.append({"role": "user", "content": [{"type": "text", "text": turn.question}]})
            messages.append({"role": "assistant", "content": [{"type": "text", "text": turn.answer}]})
        messages.pop()
        messages[0]["content"].insert(0, {"type": "image"})
        if as_text:
            for message in messages:
                parts = (part.get("text", self._placeholder + "\n") for part in message["content"])
                message["content"] = "".join(parts)
        return self._tokenizer.apply_chat_template(
            messages, chat_template=self._template, tokenize=False, add_generation_prompt=True
        )


def paligemma_prompt(question: str) -> str:
    """A question as PaliGemma was taught to be asked: `answer en Is it red?`; its own task words stay as they are."""
    first = question.split(maxsplit=1)[0].lower()
    return question if first in PALIGEMMA_TASKS else f"answer en {question}"


def read_template(folder: Path, *, model_type: str) -> str | None:
    """The chat template of a model's folder, from whichever file has it; None where there is none."""
    plain = folder / "chat_template.jinja"
    if plain.is_file():
        return plain.read_text("utf-8")
    for name in ("chat_template.json", "processor_config.json", "tokenizer_config.json"):
        path = folder / name
        if not path.is_file():
            continue
        found = json.loads(path.read_text("utf-8")).get("chat_template")
        if isinstance(found, list):  # several, by name
            found = next((each["template"] for each in found if each["name"] == "default"), None)
        if isinstance(found, str) and found.strip():
            return found
    return LLAVA_TEMPLATE if model_type == "llava" else None
